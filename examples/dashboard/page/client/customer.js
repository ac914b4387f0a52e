// The conversation of a customer's page.

import { ConversationState } from './conversation.js';

export class CustomerClient {
  conversation = new ConversationState('customer', 'booking');
  /** The cursor of the next poll. If it is undefined, the next poll opens the conversation. */
  cursor;
  #api; #drafts; #isVisible; #events;

  /** `drafts` are the drafts of the page. `isVisible()` returns true if the customer can see the
   *  messages; if not, polls ask only for the number of unread messages. The other functions are
   *  called after a change; `client.d.ts` describes them. */
  constructor(api, { drafts = null, isVisible = () => true, ...events } = {}) {
    [this.#api, this.#drafts, this.#isVisible] = [api, drafts, isVisible];
    const nothing = () => {};
    this.#events = { onUnread: nothing, onOpen: nothing, onMerge: nothing, ...events };
  }

  /** Asks the server for everything new, and starts over if polling cannot continue (P7). */
  async poll() {
    const { booking } = this.conversation;
    // While a message is being sent, an answer could contain the message.
    if (!this.#isVisible() || this.#drafts?.isSending(booking)) {
      this.#events.onUnread(await this.#api.unread());
      return;
    }
    if (this.cursor === undefined) {
      await this.#open();
      return;
    }
    const poll = await this.#loadNews().catch((problem) => {
      if (problem.isAboutCursor) this.cursor = undefined;
      throw problem;
    });
    if (this.#drafts?.isSending(booking)) return;
    if (poll.kind === 'startOver') {
      await this.#open();
      return;
    }
    this.cursor = poll.cursor;
    const added = this.conversation.merge(poll);
    this.#events.onMerge(poll, added);
  }

  /** Loads older messages. Returns false if there are none. */
  async loadEarlier() {
    const oldest = this.conversation.entries[0]?.number;
    if (!this.conversation.hasEarlier || oldest === undefined) return false;
    this.conversation.addEarlier(await this.#api.messages(oldest));
    return true;
  }

  async #open() {
    const load = () => this.#api.open();
    const { booking } = this.conversation;
    const view = await (this.#drafts?.loadIfSettled(booking, load) ?? load());
    // The next poll opens the conversation.
    if (view === null) return;
    this.cursor = view.cursor;
    this.conversation.open(view);
    this.#events.onOpen(view);
  }

  /** Loads what the page does not show yet. If there is more than a page of it, loads the next page,
   *  which also marks this page as read (U3). */
  #loadNews() {
    const { hasLater, shown } = this.conversation;
    return hasLater ? this.#api.later(shown) : this.#api.poll(this.cursor);
  }
}
