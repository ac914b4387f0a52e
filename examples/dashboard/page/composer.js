// The input box under a conversation.

import { $, label, meta, setText } from './dom.js';
import { Problem } from './api.js';

/** The unsent text of one conversation. It survives a reload together with its idempotency
 *  key, so a retry after the reload stores no second message. */
class Draft {
  text = ''; key = null; error = '';
  /** The text that the key was made for. */
  keyText = null;
  /** The text that was typed while another message was being sent, if that message then failed. */
  nextText = '';
  /** Is true if the reply was refused because of newer messages (L6). The button then sends the same
   *  text in spite of them. */
  isRefused = false;
  /** While a message is being sent, a promise that settles when it was stored or failed. */
  sending = null;
  /** Is true if the text in the box is to be sent after the message that is being sent. */
  sendNext = false;

  constructor(booking) {
    this.booking = booking;
    this.storageKey = `draft ${meta('api')} ${booking}`;
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(this.storageKey) ?? '{}'));
    } catch { /* Without a session storage the draft is lost with the page. */ }
  }

  save() {
    // After a reload, the message that is being sent comes first, then the text in the box.
    const [text, nextText] = this.sending ? [this.keyText, this.text] : [this.text, this.nextText];
    const { key, keyText } = this;
    try {
      if (!text) sessionStorage.removeItem(this.storageKey);
      else {
        const json = JSON.stringify({ text, nextText, key, keyText });
        sessionStorage.setItem(this.storageKey, json);
      }
    } catch { /* As above. */ }
  }

  resetKey() {
    this.key = this.keyText = null;
  }
}

/** Returns a random idempotency key. `randomUUID` exists only with HTTPS or on localhost. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');
}

export class Composer {
  #pane; #post; #onSent; #isConditional; #drafts = new Map(); #draft = null;
  #box = $('draft');

  /** `post(booking, draft)` sends a message. `onSent()` is called after the message was stored. If
   *  `isConditional` is true, the server refuses a message if the author did not see the newest
   *  messages. */
  constructor(pane, post, onSent, isConditional = false) {
    [this.#pane, this.#post, this.#onSent] = [pane, post, onSent];
    this.#isConditional = isConditional;
    $('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      // After a refusal the button says "Send anyway". Enter asks the server again.
      this.#submit(this.#draft?.isRefused);
    });
    this.#box.addEventListener('input', () => this.#onInput());
    this.#box.addEventListener('keydown', (event) => {
      // In an input method, Enter confirms a word and does not end the message.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  /** Shows the draft of a conversation. */
  show(booking) {
    if (!this.#drafts.has(booking)) this.#drafts.set(booking, new Draft(booking));
    this.#draft = this.#drafts.get(booking);
    this.#render();
  }

  /** Returns true while a message of this conversation is being sent. An answer that arrives
   *  in the meantime may contain the message, and the page would show it twice. So the pages
   *  drop the answer and ask again later. */
  isSending(booking) {
    return Boolean(this.#drafts.get(booking)?.sending);
  }

  /** Waits until no message of this conversation is being sent. */
  async whenSent(booking) {
    while (this.isSending(booking)) await this.#drafts.get(booking).sending;
  }

  #onInput() {
    const draft = this.#draft;
    draft.text = this.#box.value;
    if (!draft.text && draft.nextText) [draft.text, draft.nextText] = [draft.nextText, ''];
    // The box is empty, so the author gave up the message. If the same text is typed later, it
    // is another message with another key.
    if (!draft.text && !draft.sending) draft.resetKey();
    // Somebody who changes the text after a refusal has read the newer messages.
    if (draft.isRefused) [draft.isRefused, draft.error] = [false, ''];
    draft.save();
    this.#render();
  }

  #submit(isUnconditional = false) {
    const draft = this.#draft;
    if (!draft) return;
    // The server gets the number that the author saw, even if the message is sent later.
    draft.seen = this.#pane.shown;
    if (draft.sending) draft.sendNext = true;
    else if (draft.text.trim()) this.#send(draft, isUnconditional);
  }

  #send(draft, isUnconditional = false) {
    // A text that is sent again keeps its key. A changed text is another message with a new key.
    if (draft.keyText !== draft.text) [draft.key, draft.keyText] = [newKey(), draft.text];
    [draft.text, draft.nextText, draft.error] = [draft.nextText, '', ''];
    draft.isRefused = false;
    draft.sending = this.#deliver(draft, isUnconditional).finally(() => {
      draft.sending = null;
      draft.save();
      if (draft === this.#draft) this.#render();
      if (draft.sendNext && draft.text.trim()) this.#send(draft);
      draft.sendNext = false;
    });
    draft.save();
    if (this.#pane.booking === draft.booking) this.#pane.showPending(draft.keyText);
    if (draft === this.#draft) this.#render();
  }

  async #deliver(draft, isUnconditional) {
    let entry = null, newer = null;
    try {
      const message = { body: draft.keyText, key: draft.key, seen: draft.seen };
      if (this.#isConditional && !isUnconditional) message.onlyIfLatest = true;
      entry = await this.#post(draft.booking, message);
      draft.resetKey();
      // The author of the next message has seen this one.
      if (entry.number === draft.seen + 1) draft.seen = entry.number;
    } catch (problem) {
      if (!(problem instanceof Problem)) console.error(problem);
      draft.nextText = draft.text;
      draft.text = draft.keyText;
      draft.error = problem.text ?? label('problem.other');
      draft.sendNext = false;
      if (problem.kind === 'key-reused') draft.resetKey();
      draft.isRefused = problem.kind === 'not-latest';
      if (draft.isRefused) newer = problem.newerMessages;
    }
    if (this.#pane.booking === draft.booking) {
      this.#pane.resolvePending(entry);
      if (newer) this.#pane.merge(newer);
    }
    if (entry) this.#onSent();
  }

  #render() {
    const { text, error, isRefused } = this.#draft;
    if (this.#box.value !== text) this.#box.value = text;
    this.#box.setAttribute('aria-invalid', String(Boolean(error)));
    setText($('send-error'), error && `${label('notSent')} ${error}`);
    const button = isRefused ? 'sendAnyway' : error ? 'sendAgain' : 'send';
    setText($('send'), label(button));
    this.#box.style.height = 'auto';
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }
}
