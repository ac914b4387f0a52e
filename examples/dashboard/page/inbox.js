// The team's list of conversations: all, the unread ones, or those that wait for a reply.

import { $, cloneTemplate, label, meta, setText } from './dom.js';
import { Problem, call } from './api.js';

const encode = encodeURIComponent;
const locationName = meta('location');
const segmenter = new Intl.Segmenter();

/** An instant of the server. It has microseconds, which `Date` cannot hold. */
function instant(text) {
  const digits = /\.(\d+)/.exec(text)?.[1] ?? '';
  return { millis: Date.parse(text), micros: Number(digits.padEnd(6, '0').slice(3, 6)) };
}

function compareInstants(a, b) {
  return a.millis - b.millis || a.micros - b.micros;
}

function compareBytes(a, b) {
  const index = a.findIndex((byte, index) => byte !== b[index]);
  return index < 0 ? a.length - b.length : a[index] - (b[index] ?? -1);
}

/** Shows a time as text. `refreshDates` may have set a text that is newer than the row, and this
 *  text stays while the row is the same. */
function showTime(time, at, text) {
  if (time.dateTime === (at ?? '') && time.dataset.rowText === (text ?? '')) return;
  setText(time, text);
  [time.dateTime, time.dataset.rowText] = [at ?? '', text ?? ''];
}

export class Inbox {
  /** All rows that the server sent, by booking. */
  rows = new Map();
  /** The cursor of the polls. If it is undefined, the list must be loaded before the next poll. */
  cursor;
  #list = 'all'; #pageCount = 1; #nextPage; #lastRow = null;
  #openBooking; #lastTask = Promise.resolve(); #isLoadingMore = false;
  /** Is true while a pointer is down in the list, and if the list changed in the meantime. */
  #isPressed = false; #isRenderDue = false;
  /** The newest activity that the page knows. */
  #newestActivity = { millis: 0, micros: 0 };
  #announceTimer;

  /** `openBooking()` returns the booking of the open conversation, or null. `onListChange()` is
   *  called after another list was chosen. */
  constructor(openBooking, onListChange) {
    this.#openBooking = openBooking;
    $('list-scroll').addEventListener('scroll', () => this.loadMore(), { passive: true });
    $('conversations').addEventListener('keydown', (event) => this.#moveFocus(event));
    $('lists').addEventListener('change', (event) => {
      this.#list = $('inbox').dataset.list = event.target.value;
      this.cursor = this.#nextPage = undefined;
      $('list-scroll').scrollTop = 0;
      this.render();
      onListChange();
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

  /** Runs one task at a time, so that no older answer overwrites a newer one. */
  runExclusively(task) {
    const promise = this.#lastTask.then(task);
    this.#lastTask = promise.catch(() => {});
    return promise;
  }

  store(row) {
    row.id = new TextEncoder().encode(row.booking);
    row.active = instant(row.activeAt);
    // A row without a wait keeps its place while its conversation is open.
    const place = this.rows.get(row.booking)?.waitsFrom;
    row.waitsFrom = row.waitingSince ? instant(row.waitingSince) : place;
    if (compareInstants(row.active, this.#newestActivity) > 0) this.#newestActivity = row.active;
    this.rows.set(row.booking, row);
  }

  /** Loads the list again, with as many pages as the page shows. */
  async load(count = this.#pageCount) {
    const list = this.#list;
    let page = await call('GET', `/inbox?list=${list}`);
    const pages = [page];
    while (pages.length < count && page.next) {
      page = await call('GET', `/inbox?after=${encode(page.next)}`);
      pages.push(page);
    }
    this.rows.clear();
    pages.forEach((page) => page.rows.forEach((row) => this.store(row)));
    // If another list was chosen in the meantime, the next poll has no cursor and loads the list.
    this.cursor = list === this.#list ? pages[0].cursor : undefined;
    this.#pageCount = pages.length;
    this.#setLastPage(page);
    this.#showTotals(pages[0]);
  }

  /** Merges the answer of a poll. */
  merge(poll) {
    const open = this.#openBooking();
    const news = poll.rows.filter((row) => row.booking !== open && this.#hasNewMessage(row));
    poll.rows.forEach((row) => this.store(row));
    poll.erased.forEach((booking) => this.rows.delete(booking));
    this.#showTotals(poll);
    this.render();
    this.loadMore();
    if (news.length) this.#announce(news, poll.unread);
  }

  /** Loads the next page if the end of the list is near. */
  async loadMore() {
    const { scrollHeight, scrollTop, clientHeight } = $('list-scroll');
    const isNearEnd = clientHeight && scrollHeight - scrollTop - clientHeight <= 400;
    if (!isNearEnd || !this.#nextPage || this.#isLoadingMore) return;
    this.#isLoadingMore = true;
    try {
      await this.runExclusively(async () => {
        if (!this.#nextPage) return;
        const page = await call('GET', `/inbox?after=${encode(this.#nextPage)}`);
        page.rows.forEach((row) => this.store(row));
        this.#pageCount += 1;
        this.#setLastPage(page);
      });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      return;
    } finally {
      this.#isLoadingMore = false;
    }
    this.loadMore();
  }

  /** Renders the rows down to the last loaded position. Moves only elements whose place
   *  changed. */
  render() {
    this.#isRenderDue = this.#isPressed;
    if (this.#isPressed) return;
    const compare = (a, b) => this.#compare(a, b);
    const visible = [...this.rows.values()]
      .filter((row) => this.#isListed(row))
      .filter((row) => !this.#nextPage || compare(row, this.#lastRow) <= 0)
      .sort(compare);
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
    setText($('no-conversations'), label(empty[this.#list]));
    for (const option of [...$('start-booking').options]) {
      if (this.rows.has(option.value)) option.remove();
    }
  }

  /** The order of the list: the newest activity first (L1) or, in the waiting list, the longest
   *  wait first (U5); then the bytes of the booking ids. */
  #compare(a, b) {
    const order = this.#list === 'waiting'
      ? compareInstants(a.waitsFrom, b.waitsFrom)
      : compareInstants(b.active, a.active);
    return order || compareBytes(a.id, b.id);
  }

  /** Returns true if the list shows the row. A conversation that was just read or answered stays in
   *  the list while it is open. */
  #isListed(row) {
    const isOpen = row.booking === this.#openBooking();
    if (this.#list === 'waiting') return row.waitingSince || (isOpen && row.waitsFrom);
    return this.#list === 'all' || row.unread > 0 || isOpen;
  }

  #setLastPage(page) {
    this.#nextPage = page.next;
    this.#lastRow = page.rows.length ? this.rows.get(page.rows.at(-1).booking) : null;
    this.render();
  }

  #release() {
    this.#isPressed = false;
    if (this.#isRenderDue) this.render();
  }

  #showTotals({ unread, badge, waiting }) {
    setText($('unread-total'), badge ?? '');
    setText($('waiting-total'), waiting ? String(waiting) : '');
    document.title = `${unread ? `(${unread}) ` : ''}${label('conversations')} – ${locationName}`;
  }

  /** Returns true if a row of a poll has an unread message that the page does not know. */
  #hasNewMessage(row) {
    const known = this.rows.get(row.booking);
    const isActive = compareInstants(instant(row.activeAt), known?.active ?? this.#newestActivity) > 0;
    return isActive && row.unread > (known?.unread ?? 0);
  }

  /** Lets a screen reader say who wrote in other conversations, with the number of unread
   *  conversations. The text is removed first, so that the same text is said again. */
  #announce(news, unread) {
    const names = news.slice(0, 5).map((row) => row.customer).join(', ');
    const text = `${label('newMessagesFrom')}: ${names}. ${label('unreadConversations')}: ${unread}.`;
    $('announcement').textContent = '';
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => setText($('announcement'), text), 100);
  }

  /** Fills a row with raw texts. Any of them may contain markup. */
  #fill(item, row) {
    const set = (name, text) => setText(item.querySelector(`.${name}`), text);
    item.dataset.booking = row.booking;
    item.dataset.status = item.querySelector('.status').dataset.status = row.status;
    item.classList.toggle('unread', row.unread > 0);
    const link = item.querySelector('a');
    link.setAttribute('href', `#booking=${encode(row.booking)}`);
    if (row.booking === this.#openBooking()) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    set('avatar', segmenter.segment(row.customer)[Symbol.iterator]().next().value?.segment);
    set('customer', row.customer);
    item.querySelector('.customer').title = row.customer;
    set('activity', row.activity);
    set('code', row.shortCode);
    set('booking-date', row.bookingDate);
    set('status', row.statusLabel);
    set('you', row.lastFrom === 'operator' ? label('you') : '');
    set('preview', row.preview && row.preview.text + (row.preview.cut ? '…' : ''));
    item.querySelector('.preview').classList.toggle('removed', row.previewRemoved);
    set('badge', row.badge);
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
