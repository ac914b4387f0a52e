// The input box under a conversation.

import { $, coarse, isForInputMethod, label, problemText, setText } from './dom.js';

export class Composer {
  #pane; #drafts; #booking = null; #box = $('draft');

  /** `onSent()` is called after a message was stored, and `onDraft(booking)` after the text of a
   *  draft changed. */
  constructor(pane, drafts, { onSent, onDraft = () => {} }) {
    [this.#pane, this.#drafts] = [pane, drafts];
    drafts.listen({
      onChange: (draft) => {
        if (draft.booking === this.#booking) this.#render();
        onDraft(draft.booking);
      },
      onSending: (draft) => {
        if (pane.booking === draft.booking) pane.showPending(draft.keyText);
      },
      onSettled: (draft, entry, problem) => {
        if (pane.booking === draft.booking) {
          pane.resolvePending(entry);
          if (problem?.newerMessages) pane.mergeNewer(problem.newerMessages);
        }
        if (entry) onSent();
      },
    });
    $('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      // After a refusal the button says "Send anyway". Enter asks the server again.
      this.#submit(this.#booking !== null && this.#drafts.of(this.#booking).isRefused);
    });
    this.#box.addEventListener('input', () => this.#drafts.edit(this.#booking, this.#box.value));
    this.#box.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || isForInputMethod(event)) return;
      // The keyboard of a touch screen has no Shift+Enter.
      if (coarse.matches && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.#submit();
    });
    const setHint = () => {
      this.#box.enterKeyHint = coarse.matches ? 'enter' : 'send';
      $('hint').hidden = coarse.matches;
      this.#box.setAttribute('aria-describedby', coarse.matches ? 'send-error' : 'send-error hint');
    };
    setHint();
    coarse.addEventListener('change', setHint);
    // The lines break at other places if the width changes.
    let width = 0;
    new ResizeObserver(() => {
      if (width !== this.#box.clientWidth) this.#fit();
      width = this.#box.clientWidth;
    }).observe(this.#box);
    // Another tab changed a draft.
    addEventListener('storage', ({ key }) => {
      const booking = drafts.takeOver(key);
      if (booking !== null) onDraft(booking);
    });
  }

  /** Shows the draft of a conversation. */
  show(booking) {
    this.#booking = booking;
    this.#render();
  }

  #submit(isUnconditional = false) {
    if (this.#booking === null) return;
    // The server gets the number that the author saw, even if the message is sent later.
    this.#drafts.submit(this.#booking, this.#pane.shown, isUnconditional);
  }

  #render() {
    const { text, problem, isRefused } = this.#drafts.of(this.#booking);
    if (this.#box.value !== text) this.#box.value = text;
    this.#box.setAttribute('aria-invalid', String(Boolean(problem)));
    setText($('send-error'), problem && `${label('notSent')} ${problemText(problem)}`);
    setText($('send'), label(isRefused ? 'sendAnyway' : problem ? 'sendAgain' : 'send'));
    this.#fit();
  }

  /** Makes the box as high as its text. */
  #fit() {
    this.#box.style.height = 'auto';
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }
}
