// Unsent messages, one for each conversation, with the keys that make retries safe (I4).

import { Problem } from './api.js';

/** Returns a random idempotency key. `randomUUID` exists only with HTTPS or on localhost. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');
}

/** The unsent text of one conversation. */
export class Draft {
  text = '';
  /** The reason why the last attempt failed, or null. */
  problem = null;
  /** The idempotency key and the text that it was made for. */
  key = null; keyText = null;
  /** The text that was typed while another message was being sent, if that message then failed. */
  nextText = '';
  /** The last number that the author saw. */
  seen = 0;
  /** While a message is being sent, a promise that settles when it was stored or failed. */
  sending = null;
  /** The number of attempts to send a message. */
  attempts = 0;
  /** Is true if the text is to be sent after the message that is being sent. */
  sendNext = false;

  constructor(booking) {
    this.booking = booking;
  }

  /** Is true if the reply was refused because of newer messages (L6). */
  get isRefused() {
    return this.problem?.kind === 'not-latest';
  }

  resetKey() {
    this.key = this.keyText = null;
  }
}

/** All drafts of a page. They survive a reload together with their keys, so a retry after the reload
 *  stores no second message. */
export class Drafts {
  #drafts = new Map();
  #send; #storage; #prefix; #isConditional; #events;

  /** `send(booking, draft)` sends a message to the server and returns its entry. `storage` has the
   *  functions of `localStorage`; `prefix` is part of its keys. If `isConditional` is true, the server
   *  refuses a reply if its author did not see the newest messages. */
  constructor(send, { storage = null, prefix = 'draft', isConditional = false } = {}) {
    [this.#send, this.#storage, this.#prefix] = [send, storage, prefix];
    this.#isConditional = isConditional;
    this.listen({});
  }

  /** Sets the functions that are called: `onSending(draft)` when an attempt begins,
   *  `onSettled(draft, entry, problem)` when it ends, and `onChange(draft)` after every change. */
  listen({ onSending = () => {}, onSettled = () => {}, onChange = () => {} }) {
    this.#events = { onSending, onSettled, onChange };
  }

  /** Returns the draft of a conversation. */
  of(booking) {
    let draft = this.#drafts.get(booking);
    if (!draft) {
      draft = new Draft(booking);
      Object.assign(draft, this.#load(booking));
      this.#drafts.set(booking, draft);
    }
    return draft;
  }

  /** Returns true if a conversation has an unsent text. */
  hasText(booking) {
    const { text, nextText } = this.of(booking);
    return Boolean(text.trim() || nextText.trim());
  }

  /** Returns true while a message of this conversation is being sent. An answer that arrives in the
   *  meantime may contain the message, and a page would show it twice. */
  isSending(booking) {
    return Boolean(this.#drafts.get(booking)?.sending);
  }

  /** Waits until no message of this conversation is being sent. */
  async whenSent(booking) {
    while (this.isSending(booking)) await this.#drafts.get(booking).sending;
  }

  /** Loads a conversation. Returns null if a message of it was sent or is being sent: the answer may lack
   *  the message. */
  async loadIfSettled(booking, load) {
    const { attempts } = this.of(booking);
    const answer = await load();
    const isSettled = !this.isSending(booking) && attempts === this.of(booking).attempts;
    return isSettled ? answer : null;
  }

  /** Loads a conversation, again if a message of it was sent in the meantime. */
  async loadSettled(booking, load) {
    for (;;) {
      await this.whenSent(booking);
      const answer = await this.loadIfSettled(booking, load);
      if (answer !== null) return answer;
    }
  }

  /** Sets the text that the author typed. */
  edit(booking, text) {
    const draft = this.of(booking);
    draft.text = text;
    if (!draft.text && draft.nextText) [draft.text, draft.nextText] = [draft.nextText, ''];
    // The author gave up the message. The same text typed later is another message with another key.
    if (!draft.text && !draft.sending) draft.resetKey();
    // Somebody who changes the text after a refusal has read the newer messages.
    if (draft.isRefused) draft.problem = null;
    this.#save(draft);
    this.#events.onChange(draft);
  }

  /** Sends the text. `seen` is the last number that the author saw. While another message of the
   *  conversation is being sent, the text waits. If `isUnconditional` is true, newer messages do not
   *  matter. */
  submit(booking, seen, isUnconditional = false) {
    const draft = this.of(booking);
    draft.seen = seen;
    if (draft.sending) draft.sendNext = true;
    else if (draft.text.trim()) this.#start(draft, isUnconditional);
  }

  /** Takes over a draft that another tab changed. `key` is the key in the storage. Returns the booking,
   *  or null if the key is of something else. */
  takeOver(key) {
    if (!key?.startsWith(`${this.#prefix} `)) return null;
    const booking = key.slice(this.#prefix.length + 1);
    const draft = this.#drafts.get(booking);
    if (draft && !draft.sending) {
      const { text = '', nextText = '', key = null, keyText = null } = this.#load(booking);
      Object.assign(draft, { text, nextText, key, keyText, problem: null });
      this.#events.onChange(draft);
    }
    return booking;
  }

  #start(draft, isUnconditional) {
    // A text that is sent again keeps its key. A changed text is another message with a new key.
    if (draft.keyText !== draft.text) [draft.key, draft.keyText] = [newKey(), draft.text];
    [draft.text, draft.nextText, draft.problem] = [draft.nextText, '', null];
    draft.attempts += 1;
    draft.sending = this.#deliver(draft, isUnconditional).finally(() => {
      draft.sending = null;
      this.#save(draft);
      this.#events.onChange(draft);
      if (draft.sendNext && draft.text.trim()) this.#start(draft, false);
      draft.sendNext = false;
    });
    this.#save(draft);
    this.#events.onSending(draft);
    this.#events.onChange(draft);
  }

  async #deliver(draft, isUnconditional) {
    let entry = null, problem = null;
    try {
      const message = { body: draft.keyText, key: draft.key, seen: draft.seen };
      if (this.#isConditional && !isUnconditional) message.onlyIfLatest = true;
      entry = await this.#send(draft.booking, message);
      this.#adoptOtherText(draft);
      draft.resetKey();
      // The author of the next message has seen this one.
      if (entry.number === draft.seen + 1) draft.seen = entry.number;
    } catch (error) {
      problem = error instanceof Problem ? error : new Problem('other');
      if (problem !== error) console.error(error);
      [draft.nextText, draft.text] = [draft.text, draft.keyText];
      draft.problem = problem;
      draft.sendNext = false;
      if (problem.kind === 'key-reused') draft.resetKey();
    }
    this.#events.onSettled(draft, entry, problem);
  }

  /** Keeps a text that another tab wrote while this tab was sending the previous text. */
  #adoptOtherText(draft) {
    const { text } = this.#load(draft.booking);
    if (text && text !== draft.keyText && !draft.text) draft.text = text;
  }

  #key(booking) {
    return `${this.#prefix} ${booking}`;
  }

  #load(booking) {
    try {
      return JSON.parse(this.#storage?.getItem(this.#key(booking)) ?? '{}');
    } catch {
      // Without a storage the draft is lost with the page.
      return {};
    }
  }

  #save(draft) {
    // After a reload, the message that is being sent comes first, then the text in the box.
    const { key, keyText } = draft;
    const [text, nextText] =
      draft.sending ? [draft.keyText, draft.text] : [draft.text, draft.nextText];
    try {
      if (!text) this.#storage?.removeItem(this.#key(draft.booking));
      else {
        const json = JSON.stringify({ text, nextText, key, keyText });
        this.#storage?.setItem(this.#key(draft.booking), json);
      }
    } catch { /* As above. */ }
  }
}
