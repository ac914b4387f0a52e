// The messages of a conversation.

export class ConversationState {
  /** The booking whose conversation this is, or null. */
  booking;
  /** The last number up to which every message is here. Polls and drafts send this number. */
  shown = 0;
  /** The number of removed messages that the client knows. An operator's polls send this number. */
  redactions = 0;
  /** The number of the first message of the thread's generation. */
  firstNumber = 0;
  /** The number up to which the other side has read. */
  readTo = 0;
  /** The first message of the last answer that was unread before the answer, or null (U3). */
  firstUnread = null;
  /** Are true if the thread has messages before or after the messages that are here. */
  hasEarlier = false;
  hasLater = false;
  /** The entries by number, each with the date and the heading of its section. */
  #messages = new Map();
  /** The entries of removed messages by number. An older answer may still have their texts. */
  #removed = new Map();
  #sorted = null;

  constructor(ownSide, booking = null) {
    [this.ownSide, this.booking] = [ownSide, booking];
  }

  /** Replaces everything by a conversation that was opened. */
  open(view) {
    this.#messages.clear();
    this.#removed.clear();
    this.shown = this.redactions = this.firstNumber = this.readTo = 0;
    this.#add(view);
    [this.hasEarlier, this.hasLater] = [view.hasEarlier, view.hasLater];
  }

  /** Merges the answer of a poll, of `later`, or the newer messages of a refusal. Returns the entries
   *  that are new. */
  merge(view) {
    // An answer of an earlier generation came late.
    if (view.firstNumber < this.firstNumber) return [];
    const isEmpty = this.#messages.size === 0 || view.firstNumber > this.firstNumber;
    const added = this.#add(view);
    if (isEmpty) this.hasEarlier = view.hasEarlier;
    if (view.shown >= this.shown) this.hasLater = view.hasLater;
    return added;
  }

  /** Adds a page of older messages. */
  addEarlier(view) {
    if (view.firstNumber !== this.firstNumber) return;
    this.#addSections(view.sections);
    this.hasEarlier = view.hasEarlier;
  }

  /** Adds a message that was just sent. Returns false if only a poll has the heading of its date. */
  addSent(entry, today) {
    if (entry.number < this.firstNumber || !entry.sentAt.startsWith(today.date)) return false;
    this.#insert(entry, today.date, today.heading);
    if (entry.number === this.shown + 1) this.shown = entry.number;
    return true;
  }

  /** The entries, oldest first. */
  get entries() {
    return this.#list().map(({ entry }) => entry);
  }

  /** The entries by date, as in a view. */
  get sections() {
    const sections = [];
    for (const { entry, date, heading } of this.#list()) {
      if (sections.at(-1)?.date !== date) sections.push({ date, heading, entries: [] });
      sections.at(-1).heading = heading;
      sections.at(-1).entries.push(entry);
    }
    return sections;
  }

  /** Replaces headings by date, because "Today" becomes "Yesterday". */
  updateHeadings(headings) {
    for (const message of this.#messages.values()) {
      message.heading = headings[message.date] ?? message.heading;
    }
  }

  has(number) {
    return this.#messages.has(number);
  }

  /** Returns true if an own message was read by the other side (U1). */
  isRead(entry) {
    return entry.side === this.ownSide && (entry.read || entry.number <= this.readTo);
  }

  /** The number of the other side's newest message, or 0. */
  get newestFromOtherSide() {
    return this.entries.findLast((entry) => entry.side !== this.ownSide)?.number ?? 0;
  }

  #list() {
    const byNumber = (one, other) => one.entry.number - other.entry.number;
    this.#sorted ??= [...this.#messages.values()].sort(byNumber);
    return this.#sorted;
  }

  #add(view) {
    if (view.firstNumber !== this.firstNumber) {
      [this.firstNumber, this.redactions, this.readTo] = [view.firstNumber, 0, 0];
      for (const number of this.#messages.keys()) {
        if (number < view.firstNumber) this.#messages.delete(number);
      }
      this.#sorted = null;
    }
    this.redactions = Math.max(this.redactions, view.redactions ?? 0);
    this.readTo = Math.max(this.readTo, view.readTo);
    this.firstUnread = view.firstUnread;
    for (const entry of view.redacted) {
      this.#removed.set(entry.number, entry);
      const known = this.#messages.get(entry.number);
      if (known) this.#insert(entry, known.date, known.heading);
    }
    const added = this.#addSections(view.sections);
    this.shown = Math.max(this.shown, view.shown);
    return added;
  }

  #addSections(sections) {
    const added = [];
    for (const { date, heading, entries } of sections) {
      for (const entry of entries) {
        if (!this.#messages.has(entry.number)) added.push(entry);
        this.#insert(entry, date, heading);
      }
    }
    return added;
  }

  #insert(received, date, heading) {
    const entry = this.#removed.get(received.number) ?? received;
    if (entry.removed !== null) this.#removed.set(entry.number, entry);
    this.#messages.set(entry.number, { entry, date, heading });
    this.#sorted = null;
  }
}
