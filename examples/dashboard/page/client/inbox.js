// The team's list of conversations: all, the unread ones, or those that wait for a reply.

import { compareBytes, compareTimes } from './order.js';

export class InboxState {
  /** All rows that the server sent, by booking. Polls keep all of them current. */
  rows = new Map();
  /** The cursor of the next poll. If it is undefined, the list must be loaded before. */
  cursor;
  /** The list that is shown: `all`, `unread` or `waiting`. */
  list = 'all';
  /** The numbers of unread and of waiting conversations in the location. */
  totals = { unread: 0, badge: null, waiting: 0 };
  #api; #isOpen;
  /** Is true if no page of the chosen list was loaded yet. */
  #isListDue = true;
  #next = null; #lastRow = null; #pageCount = 1;
  /** The waits that ended, by booking: a row keeps its place while its conversation is open. */
  #endedWaits = new Map();

  /** `isOpen(booking)` returns true for the open conversation, whose row stays in its list. */
  constructor(api, { isOpen = () => false } = {}) {
    [this.#api, this.#isOpen] = [api, isOpen];
  }

  /** Is true if `load` must be called before the next poll. */
  get isDue() {
    return this.cursor === undefined || this.#isListDue;
  }

  /** Is true if the list has a page after the rows that are shown. */
  get hasMore() {
    return Boolean(this.#next) && !this.#isListDue;
  }

  /** The newest activity of all rows, or null. */
  get newestActivity() {
    const times = [...this.rows.values()].map((row) => row.activeAt);
    return times.length ? times.reduce((a, b) => (compareTimes(a, b) < 0 ? b : a)) : null;
  }

  /** Chooses another list. `load` loads its first page. */
  choose(list) {
    this.list = list;
    [this.#isListDue, this.#next, this.#lastRow, this.#pageCount] = [true, null, null, 1];
  }

  /** Forgets the rows and the cursor, because polling cannot continue from it (P7). */
  startOver() {
    this.cursor = undefined;
  }

  /** Loads the chosen list, with as many pages as were shown. */
  async load() {
    const { list } = this;
    const pages = [await this.#api.inbox(list)];
    while (pages.length < this.#pageCount && pages.at(-1).next) {
      pages.push(await this.#api.inboxAfter(pages.at(-1).next));
    }
    if (this.cursor === undefined) {
      this.rows.clear();
      this.#endedWaits.clear();
      // Polls continue from the first page, because they must return what changed while the other
      // pages were loaded.
      this.cursor = pages[0].cursor;
    }
    // Otherwise polls continue from the older cursor, and their answers repeat what is known.
    for (const page of pages) page.rows.forEach((row) => this.store(row));
    this.#setTotals(pages[0]);
    // If another list was chosen in the meantime, the next poll loads that list.
    if (list !== this.list) return;
    this.#isListDue = false;
    this.#pageCount = pages.length;
    this.#setLastPage(pages.at(-1));
  }

  /** Loads the next page of the list. */
  async loadMore() {
    if (!this.hasMore) return;
    const next = this.#next;
    const page = await this.#api.inboxAfter(next);
    if (next !== this.#next) return;
    page.rows.forEach((row) => this.store(row));
    this.#pageCount += 1;
    this.#setLastPage(page);
  }

  /** Stores the newest state of a row. */
  store(row) {
    const known = this.rows.get(row.booking);
    if (!row.waitingSince && known?.waitingSince) {
      this.#endedWaits.set(row.booking, known.waitingSince);
    }
    if (row.waitingSince) this.#endedWaits.delete(row.booking);
    this.rows.set(row.booking, row);
  }

  /** Merges the answer of a poll that started from the cursor `from`. Returns the rows with a new
   *  message of a customer. */
  merge(update, from = this.cursor) {
    const { newestActivity } = this;
    const news = update.rows.filter((row) => {
      const known = this.rows.get(row.booking);
      const since = known?.activeAt ?? newestActivity;
      const isActive = since === null || compareTimes(row.activeAt, since) > 0;
      return isActive && row.unread > (known?.unread ?? 0);
    });
    update.rows.forEach((row) => this.store(row));
    for (const booking of update.erased) {
      this.rows.delete(booking);
      this.#endedWaits.delete(booking);
    }
    this.#setTotals(update);
    if (this.cursor === from) this.cursor = update.cursor;
    return news;
  }

  /** Returns the rows to show, in order, down to the last loaded position. */
  visible() {
    const compare = (one, other) => this.#compare(one, other);
    const last = this.#next ? this.#lastRow : null;
    return [...this.rows.values()]
      .filter((row) => this.#isListed(row))
      .filter((row) => !last || compare(row, last) <= 0 || this.#isKept(row))
      .sort(compare);
  }

  /** The order of the list: the newest activity first (L1) or, in the waiting list, the longest
   *  wait first (U5); then the bytes of the booking ids. */
  #compare(one, other) {
    const order = this.list === 'waiting'
      ? compareTimes(this.#waitsSince(one), this.#waitsSince(other))
      : compareTimes(other.activeAt, one.activeAt);
    return order || compareBytes(one.booking, other.booking);
  }

  #waitsSince(row) {
    return row.waitingSince ?? this.#endedWaits.get(row.booking) ?? row.activeAt;
  }

  /** Returns true if the list shows the row. A conversation that was just read or answered stays in
   *  the list while it is open. */
  #isListed(row) {
    if (this.list === 'waiting') return Boolean(row.waitingSince) || this.#isKept(row);
    return this.list === 'all' || row.unread > 0 || this.#isKept(row);
  }

  /** Returns true if the row stays although the list would not have it. */
  #isKept(row) {
    if (!this.#isOpen(row.booking) || this.list === 'all') return false;
    return this.list === 'unread' || this.#endedWaits.has(row.booking);
  }

  #setLastPage(page) {
    this.#next = page.next;
    this.#lastRow = page.rows.at(-1) ?? null;
  }

  #setTotals({ unread, badge, waiting }) {
    this.totals = { unread, badge, waiting };
  }
}
