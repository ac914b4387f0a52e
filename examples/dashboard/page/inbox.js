// The team's list of conversations: all, the unread ones, or those that wait for a reply.

import { $, cloneTemplate, label, meta, setText, showStatus } from './dom.js';
import { Problem } from './client.js';

const encode = encodeURIComponent;
const locationName = meta('location');
const segmenter = new Intl.Segmenter();
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const NUMBER = /(\p{Nd}[\p{Nd}.,:/%+-]*[\p{Nd}%])/u;
const shownPreviews = new WeakMap();

/** Shows a time as text. `refreshDates` may have set a text that is newer than the row, and this
 *  text stays while the row is the same. */
function showTime(time, at, text) {
  if (time.dateTime === (at ?? '') && time.dataset.rowText === (text ?? '')) return;
  setText(time, text);
  [time.dateTime, time.dataset.rowText] = [at ?? '', text ?? ''];
}

/** Shows a preview. The end of a text that is too long is cut off. In a right-to-left text, the first
 *  digits of a number would be cut off, and another number would be left. So a number is one box,
 *  which is cut off as a whole. */
function showPreview(element, text) {
  if (shownPreviews.get(element) === text) return;
  shownPreviews.set(element, text);
  const parts = RIGHT_TO_LEFT.test(text) ? text.split(NUMBER) : [text];
  element.replaceChildren(...parts.filter(Boolean).map((part, index) => {
    if (parts.length === 1 || !NUMBER.test(part)) return part;
    const number = document.createElement('span');
    number.className = 'number';
    number.textContent = part;
    return number;
  }));
}

export class Inbox {
  #client; #hasDraft;
  #isLoadingMore = false;
  /** Is true while a pointer is down in the list, and if the list changed in the meantime. */
  #isPressed = false; #isRenderDue = false;
  #announceTimer;

  /** `client` is the `TeamClient`. `hasDraft(booking)` returns true if a conversation has an unsent
   *  text. `onOpen(booking)` is called after a click on a row, and `onListChange()` after another
   *  list was chosen. */
  constructor(client, { hasDraft, onOpen, onListChange }) {
    [this.#client, this.#hasDraft] = [client, hasDraft];
    $('list-scroll').addEventListener('scroll', () => this.loadMore(), { passive: true });
    $('conversations').addEventListener('keydown', (event) => this.#moveFocus(event));
    $('lists').addEventListener('change', (event) => {
      $('inbox').dataset.list = event.target.value;
      client.inbox.choose(event.target.value);
      $('list-scroll').scrollTop = 0;
      this.render();
      onListChange();
    });
    $('conversations').addEventListener('click', (event) => {
      const item = event.target.closest('.row')?.closest('.conversation');
      const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      if (!item || !isPlain) return;
      event.preventDefault();
      onOpen(item.dataset.booking);
    });
    // A click acts on the row that was there when the pointer went down. So no row moves until
    // the click is over: browsers send it right after the pointer went up.
    $('conversations').addEventListener('pointerdown', (event) => {
      this.#isPressed = event.button === 0;
    });
    for (const type of ['pointerup', 'pointercancel', 'contextmenu', 'blur']) {
      addEventListener(type, () => setTimeout(() => this.#release()));
    }
  }

  /** Shows the rows and the totals that the client knows. */
  update() {
    const { unread, badge, waiting } = this.#client.inbox.totals;
    setText($('unread-total'), badge ?? '');
    setText($('waiting-total'), waiting ? String(waiting) : '');
    document.title = `${unread ? `(${unread}) ` : ''}${label('conversations')} – ${locationName}`;
    this.render();
    this.loadMore();
  }

  /** Loads the next page if the end of the list is near. */
  async loadMore() {
    const { scrollHeight, scrollTop, clientHeight } = $('list-scroll');
    const isNearEnd = clientHeight && scrollHeight - scrollTop - clientHeight <= 400;
    if (!isNearEnd || !this.#client.inbox.hasMore || this.#isLoadingMore) return;
    this.#isLoadingMore = true;
    try {
      await this.#client.loadMore();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return;
    } finally {
      this.#isLoadingMore = false;
    }
    this.loadMore();
  }

  /** Renders the rows. Moves only elements whose place changed. */
  render() {
    this.#isRenderDue = this.#isPressed;
    if (this.#isPressed) return;
    const visible = this.#client.inbox.visible();
    const list = $('conversations');
    const focused = document.activeElement;
    const items = new Map([...list.children].map((item) => [item.dataset.booking, item]));
    const bookings = new Set(visible.map((row) => row.booking));
    items.forEach((item, booking) => bookings.has(booking) || item.remove());
    let expected = list.firstElementChild;
    for (const row of visible) {
      const item = items.get(row.booking) ?? cloneTemplate('row');
      this.#fill(item, row);
      if (item === expected) expected = expected.nextElementSibling;
      else list.insertBefore(item, expected);
    }
    if (focused !== document.activeElement && list.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
    $('no-conversations').hidden = visible.length > 0;
    const empty = { all: 'noConversations', unread: 'noUnread', waiting: 'noWaiting' };
    setText($('no-conversations'), label(empty[this.#client.inbox.list]));
    for (const option of [...$('start-booking').options]) {
      if (this.#client.inbox.rows.has(option.value)) option.remove();
    }
  }

  /** Marks the row of a conversation that has an unsent text. */
  markDraft(booking) {
    const items = [...$('conversations').children];
    const item = items.find((item) => item.dataset.booking === booking);
    if (item) setText(item.querySelector('.draft-mark'), this.#hasDraft(booking) ? label('draft') : '');
  }

  /** Lets a screen reader say who wrote in other conversations, with the number of unread
   *  conversations. The text is removed first, so that the same text is said again. */
  announce(news) {
    const names = news.slice(0, 5).map((row) => row.customer).join(', ');
    const { unread } = this.#client.inbox.totals;
    const text = `${label('newMessagesFrom')}: ${names}. ${label('unreadConversations')}: ${unread}.`;
    $('announcement').textContent = '';
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => setText($('announcement'), text), 100);
  }

  #release() {
    this.#isPressed = false;
    if (this.#isRenderDue) this.render();
  }

  /** Fills a row with raw texts. Any of them may contain markup. */
  #fill(item, row) {
    const set = (name, text) => setText(item.querySelector(`.${name}`), text);
    item.dataset.booking = row.booking;
    item.dataset.status = row.status;
    item.classList.toggle('unread', row.unread > 0);
    const link = item.querySelector('a');
    link.setAttribute('href', `#booking=${encode(row.booking)}`);
    const isOpen = row.booking === this.#client.conversation.booking;
    if (isOpen) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    set('avatar', segmenter.segment(row.customer)[Symbol.iterator]().next().value?.segment);
    set('customer', row.customer);
    item.querySelector('.customer').title = row.customer;
    set('activity', row.activity);
    set('code', row.shortCode);
    set('booking-date', row.bookingDate);
    showStatus(item.querySelector('.status'), row.statusLabel, row.status);
    set('you', row.lastFrom === 'operator' ? label('you') : '');
    const preview = row.preview ? row.preview.text + (row.preview.cut ? '…' : '') : '';
    showPreview(item.querySelector('.preview'), preview);
    item.querySelector('.preview').classList.toggle('removed', row.previewRemoved);
    set('badge', row.badge);
    set('draft-mark', this.#hasDraft(row.booking) ? label('draft') : '');
    showTime(item.querySelector('.relative-time'), row.activeAt, row.relative);
    showTime(item.querySelector('.waiting-time'), row.waitingSince, row.waiting);
  }

  #moveFocus(event) {
    const item = event.target.closest('.conversation');
    const neighbours = { ArrowDown: item?.nextElementSibling, ArrowUp: item?.previousElementSibling };
    const neighbour = neighbours[event.key];
    if (!neighbour) return;
    event.preventDefault();
    neighbour.querySelector('a').focus();
  }
}
