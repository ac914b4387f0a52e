// The dialog that confirms the removal of a message (T9).

import { $, problemText, setText } from './dom.js';
import { Problem } from './client.js';

/** Asks for a confirmation when a "Remove" button in the conversation is used, and then removes the
 *  text of the message for good. */
export class MessageRemoval {
  #dialog = $('remove-dialog'); #number = 0; #booking = null;

  /** `getBooking()` returns the booking of the open conversation. `onRemoved()` is called after a
   *  message was removed. */
  constructor(api, getBooking, onRemoved) {
    $('log').addEventListener('click', (event) => {
      const item = event.target.closest('.remove')?.closest('.message');
      if (!item) return;
      this.#number = Number(item.dataset.number);
      this.#booking = getBooking();
      setText($('remove-text'), item.querySelector('.text').textContent);
      this.#dialog.returnValue = '';
      this.#dialog.showModal();
    });
    this.#dialog.addEventListener('close', async () => {
      if (this.#dialog.returnValue !== 'remove') return;
      try {
        await api.redact(this.#booking, this.#number);
        // The button that had the focus is gone.
        $('log').focus({ preventScroll: true });
        onRemoved();
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        setText($('status'), problemText(problem));
      }
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }
}
