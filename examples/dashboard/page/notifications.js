// Notifications of the desktop about new messages, if the operator allows them.

import { $, label, meta, storage } from './dom.js';

const CHOICE = 'notifications';

export class Notifications {
  #checkbox = $('notify'); #isAttended; #onOpen;

  /** `isAttended()` returns true if the operator looks at the page, who then needs no notification.
   *  `onOpen(booking)` is called after a click on a notification. */
  constructor(isAttended, onOpen) {
    [this.#isAttended, this.#onOpen] = [isAttended, onOpen];
    if (!('Notification' in window)) return;
    this.#checkbox.closest('label').hidden = false;
    const isChosen = storage('localStorage')?.getItem(CHOICE) === 'on';
    this.#checkbox.checked = isChosen && Notification.permission === 'granted';
    this.#checkbox.addEventListener('change', async () => {
      let isOn = this.#checkbox.checked;
      if (isOn) isOn = await Notification.requestPermission() === 'granted';
      this.#checkbox.checked = isOn;
      storage('localStorage')?.setItem(CHOICE, isOn ? 'on' : 'off');
    });
  }

  /** Shows who wrote. The text of a message does not leave the page. */
  show(booking, customer) {
    if (!this.#checkbox.checked || this.#isAttended()) return;
    // A notification with the tag of an older one replaces it.
    const options = { body: meta('location'), tag: booking, icon: '/assets/icon.svg', lang: document.documentElement.lang };
    const notification = new Notification(`${label('newMessagesFrom')}: ${customer}`, options);
    notification.addEventListener('click', () => {
      window.focus();
      this.#onOpen(booking);
      notification.close();
    });
  }
}
