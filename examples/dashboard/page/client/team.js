// The list and the open conversation of an operator's page.

import { ConversationState } from './conversation.js';
import { InboxState } from './inbox.js';
import { Problem } from './api.js';

export class TeamClient {
  inbox;
  /** The open conversation. Its `booking` is null if no conversation is open. */
  conversation = new ConversationState('operator');
  /** The state of the conversation: `none`, `loading`, or `open`. */
  state = 'none';
  /** Is true if the conversation was opened while nobody looked at the page. Then nothing is read
   *  until it is opened again. */
  isUnattended = false;
  #api; #drafts; #isAttended; #readTo; #events;
  /** Incremented whenever a conversation is opened or closed. An answer to an earlier request is
   *  dropped. */
  #openCount = 0;
  /** The value of `#openCount` of the request that is running, or 0. */
  #running = 0;
  /** Is true if the conversation must be opened again, because polling started over. */
  #isReopenDue = false;
  #lastTask = Promise.resolve();

  /** `drafts` are the drafts of the page. `isAttended()` returns true if the operator looks at the
   *  page. `readTo()` returns the last number that was in view, or null if the page does not know it.
   *  The other functions are called after a change; `client.d.ts` describes them. */
  constructor(api, { drafts = null, isAttended = () => true, readTo = () => null, ...events } = {}) {
    [this.#api, this.#drafts] = [api, drafts];
    [this.#isAttended, this.#readTo] = [isAttended, readTo];
    const nothing = () => {};
    this.#events = {
      onList: nothing, onNews: nothing, onErased: nothing, onOpen: nothing, onMerge: nothing,
      onOpenFailed: nothing, onGone: nothing, ...events,
    };
    const isOpen = (booking) => booking === this.conversation.booking;
    this.inbox = new InboxState(api, { isOpen });
  }

  /** Opens a conversation. If the server cannot be reached, polls try again. */
  async open(booking) {
    const count = ++this.#openCount;
    if (this.conversation.booking !== booking) {
      this.conversation = new ConversationState('operator', booking);
      this.state = 'loading';
    }
    try {
      await this.#load(booking, count);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (count !== this.#openCount) return;
      // A conversation that is already shown stays on the page.
      if (problem.isTemporary) this.#events.onOpenFailed(problem);
      else this.#end(problem);
    }
  }

  /** Closes the conversation. */
  close() {
    this.#openCount += 1;
    this.conversation = new ConversationState('operator');
    [this.state, this.isUnattended, this.#isReopenDue] = ['none', false, false];
  }

  /** Asks the server for everything new. Loads what is not loaded yet, and starts over if polling
   *  cannot continue (P7). */
  poll() {
    return this.#runExclusively(async () => {
      while (this.inbox.isDue) {
        await this.inbox.load();
        this.#events.onList();
      }
      if (this.#isOpenDue) await this.#openAgain();
      else await this.#pollOnce();
    });
  }

  /** Loads the next page of the list. */
  async loadMore() {
    await this.#runExclusively(() => this.inbox.loadMore());
    this.#events.onList();
  }

  /** Loads older messages of the open conversation. Returns false if there are none. */
  async loadEarlier() {
    const { conversation } = this;
    const oldest = conversation.entries[0]?.number;
    if (!conversation.hasEarlier || oldest === undefined) return false;
    const view = await this.#api.messages(conversation.booking, oldest);
    if (conversation !== this.conversation) return false;
    conversation.addEarlier(view);
    return true;
  }

  /** Is true if an earlier attempt to open the conversation failed, or marked nothing as read. */
  get #isOpenDue() {
    const { booking } = this.conversation;
    if (booking === null || this.#running === this.#openCount) return false;
    // Polls continue without the conversation while a message of it is being sent.
    if (this.#drafts?.isSending(booking)) return false;
    const isUnread = this.isUnattended && this.#isAttended();
    return this.state === 'loading' || isUnread || this.#isReopenDue;
  }

  async #openAgain() {
    const count = ++this.#openCount;
    try {
      await this.#load(this.conversation.booking, count, true);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.isTemporary) throw problem;
      if (count === this.#openCount) this.#end(problem);
    }
  }

  async #load(booking, count, isPoll = false) {
    this.#running = count;
    try {
      await this.#loadNow(booking, count, isPoll);
    } finally {
      if (this.#running === count) this.#running = 0;
    }
  }

  async #loadNow(booking, count, isPoll) {
    // Opening marks messages as read. While nobody looks at the page, it only reads the newest
    // messages. The first poll after somebody looks opens the conversation.
    const isRead = this.#isAttended();
    const load = () => (isRead ? this.#api.open(booking) : this.#api.messages(booking));
    // A poll does not wait for a message that is being sent.
    const method = isPoll ? 'loadIfSettled' : 'loadSettled';
    const view = await (this.#drafts?.[method](booking, load) ?? load());
    if (view === null) return;
    if (count !== this.#openCount) return;
    // The id may be of a booking that is linked to a thread (I2). Everything else names the
    // thread's own booking.
    if (view.booking !== booking) {
      this.conversation = new ConversationState('operator', view.booking);
    }
    this.conversation.open(view);
    [this.state, this.isUnattended, this.#isReopenDue] = ['open', !isRead, false];
    this.#events.onOpen(view, { isRead, asked: booking });
  }

  async #pollOnce() {
    const { conversation, inbox } = this;
    const { cursor } = inbox;
    const { booking, shown, redactions } = conversation;
    // While a message is being sent, the poll leaves out the conversation.
    const isShown = this.state === 'open' && !this.#drafts?.isSending(booking);
    const open = isShown ? { booking, shown, redactions } : null;
    const read = this.#readTo();
    // `read` lets the poll mark only messages that were in view (U3).
    if (open && read !== null) open.read = read;
    let poll;
    try {
      poll = await this.#api.poll(cursor, open);
    } catch (problem) {
      // Another version of the server made the cursor. The next poll loads everything again.
      if (problem.isAboutCursor) this.#startOver();
      throw problem;
    }
    if (poll.kind === 'startOver') {
      this.#startOver();
      await this.inbox.load();
      this.#events.onList();
      if (this.#isOpenDue) await this.#openAgain();
      return;
    }
    const news = inbox.merge(poll, cursor).filter((row) => row.booking !== booking);
    this.#events.onList();
    if (news.length) this.#events.onNews(news);
    if (poll.erased.length) this.#events.onErased(poll.erased);
    if (conversation !== this.conversation || booking === null) return;
    if (poll.erased.includes(booking)) this.#end(null);
    else if (open && poll.conversation && !this.#drafts?.isSending(booking)) {
      const added = conversation.merge(poll.conversation);
      this.#events.onMerge(poll.conversation, added);
    }
  }

  #startOver() {
    this.inbox.startOver();
    this.#isReopenDue = this.conversation.booking !== null;
  }

  /** Closes a conversation that is gone. The problem is null if it was erased. */
  #end(problem) {
    this.close();
    this.#events.onGone(problem);
  }

  /** Runs one task at a time, so that no older answer overwrites a newer one. */
  #runExclusively(task) {
    const promise = this.#lastTask.then(task);
    this.#lastTask = promise.catch(() => {});
    return promise;
  }
}
