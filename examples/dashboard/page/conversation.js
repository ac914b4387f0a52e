// The messages of a conversation, on both pages.

import { $, cloneTemplate, label, setText, today } from './dom.js';
import { ConversationState, Problem } from './client.js';
import { fullTime } from './dates.js';
import { showText } from './message_text.js';

export class ConversationPane {
  /** The last number up to which the messages were in view while the reader looked at the page, or
   *  were marked as read when the conversation was opened. */
  read = 0;
  /** Is true if polls did not ask for messages since the last answer, because nobody could see
   *  them. */
  isAway = false;
  #state; #loadEarlier; #loadLater; #isAttended; #onRead;
  #isLoading = false;
  /** Is true if the conversation was opened while nobody looked at the page. */
  #isUnattended = false;
  /** The elements of the messages by number, and the entries that they show. */
  #items = new Map(); #shownEntries = new WeakMap();
  /** The element and the date of the message that is being sent. */
  #pending = null; #pendingDate = '';
  /** The line "New messages" and the number of the message below the line. */
  #line = cloneTemplate('unread-line'); #firstUnread = null;
  /** Is true if the reader saw the end of the conversation after the line was placed. */
  #isCaughtUp = false;
  /** Is true if the conversation had later messages before the last answer. */
  #hadLater = false;
  #isAtEnd = true; #announceTimer;
  #log = $('log'); #sections = $('sections');

  /** `state` is the conversation at first. `loadEarlier()` loads older messages into the state.
   *  `loadLater()` is called if the reader is near the end of the messages on the page and there are
   *  later ones. `isAttended()` returns true if the reader looks at the page. `onRead()` is called
   *  after `read` grew. */
  constructor(state, { loadEarlier, loadLater, isAttended, onRead = () => {} }) {
    [this.#state, this.#loadEarlier, this.#loadLater] = [state, loadEarlier, loadLater];
    [this.#isAttended, this.#onRead] = [isAttended, onRead];
    // The customer's page comes with messages. Their text content is the raw text.
    for (const item of this.#sections.querySelectorAll('.message')) {
      this.#items.set(Number(item.dataset.number), item);
      const [text, time] = [item.querySelector('.text'), item.querySelector('.time')];
      showText(text, text.textContent);
      time.title = fullTime(time.dateTime);
    }
    this.#arrange();
    this.#log.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    // If the end is visible, it stays visible when the input box grows or the window changes.
    new ResizeObserver(() => this.#isAtEnd && this.#scrollToEnd()).observe(this.#log);
    addEventListener('focus', () => this.#noteRead());
    this.#log.addEventListener('keydown', (event) => this.#moveFocus(event));
    $('new-messages').addEventListener('click', () => { this.#scrollToEnd(); this.#log.focus(); });
    $('earlier').addEventListener('click', () => this.showEarlier());
    $('print').addEventListener('click', () => this.#print());
    this.#scrollToEnd();
  }

  get booking() {
    return this.#state.booking;
  }

  get shown() {
    return this.#state.shown;
  }

  /** Is false until the first answer. The customer's page then shows what the server rendered. */
  get #isLoaded() {
    return this.#state.firstNumber > 0;
  }

  /** Removes all messages, before the conversation of another booking or of none is shown. */
  clear(state = new ConversationState(this.#state.ownSide)) {
    this.#state = state;
    [this.read, this.isAway, this.#isUnattended, this.#isCaughtUp] = [0, false, false, false];
    [this.#firstUnread, this.#pending, this.#hadLater] = [null, null, false];
    this.#items.clear();
    this.#sections.replaceChildren();
    $('no-messages').hidden = $('earlier').hidden = $('new-messages').hidden = true;
    $('open-error').hidden = true;
    this.#isAtEnd = true;
  }

  /** Shows a conversation that was opened. Begins at the first unread message. `isRead` is true if the
   *  messages were marked as read. */
  show(state, isRead = true) {
    this.#muteAnnouncements();
    this.#state = state;
    [this.isAway, this.#isCaughtUp, this.#isUnattended] = [false, false, !isRead];
    this.read = isRead ? state.shown : 0;
    [this.#firstUnread, this.#hadLater] = [state.firstUnread, state.hasLater];
    $('open-error').hidden = true;
    this.#render();
    if (this.#line.isConnected) this.#scrollToLine();
    else this.#scrollToEnd();
  }

  /** Says that the conversation could not be loaded. */
  showOpenError() {
    $('open-error').hidden = false;
  }

  /** Shows what a poll changed. `added` has the new entries. */
  update(added) {
    // A reader who sees the message arrive needs no line.
    const { hasLater, firstUnread, ownSide } = this.#state;
    const wasAtEnd = this.#isAtEnd && !this.#hadLater;
    const isSeen = wasAtEnd && this.#isAttended() && !this.isAway;
    this.isAway = false;
    // While the mark of a message that was in view is being set, an answer still names the message.
    const isNews = firstUnread > this.read && !isSeen;
    if (isNews && (this.#firstUnread === null || this.#isCaughtUp)) {
      [this.#firstUnread, this.#isCaughtUp] = [firstUnread, false];
    }
    this.#render();
    this.#hadLater = hasLater;
    if (!wasAtEnd) this.#onScroll();
    else if (!isSeen && this.#line.isConnected) this.#scrollToLine();
    else this.#scrollToEnd();
    const hasNew = added.some((entry) => entry.side !== ownSide);
    if (hasNew && !this.#isAtEnd) $('new-messages').hidden = false;
  }

  /** Shows the newer messages because of which the server refused a reply (L6). */
  mergeNewer(view) {
    this.update(this.#state.merge(view));
  }

  /** Shows a message before the server has stored it. */
  showPending(text) {
    this.#pending = cloneTemplate('message');
    this.#pendingDate = today.date;
    const item = this.#pending;
    item.classList.add('pending');
    item.dataset.side = this.#state.ownSide;
    item.removeAttribute('data-number');
    showText(item.querySelector('.text'), text);
    setText(item.querySelector('.time'), label('sending'));
    this.#firstUnread = null;
    this.#render();
    this.#scrollToEnd();
  }

  /** Replaces the pending message by the stored message, which is `entry`. Only removes the
   *  pending message if sending failed (`entry` is null), or if a poll has already added the
   *  stored message, so that the page does not show it twice. */
  resolvePending(entry) {
    const item = this.#pending;
    this.#pending = null;
    const isNew = entry && !this.#state.has(entry.number);
    // If the message has another date, only a poll has the heading for it.
    if (entry && this.#state.addSent(entry, today) && isNew && item) {
      item.classList.remove('pending');
      this.#items.set(entry.number, item);
      this.#fill(item, entry);
    } else item?.remove();
    this.#render();
  }

  /** Loads older messages and shows them at the top, without moving the visible ones. */
  async showEarlier() {
    const state = this.#state;
    if (!state.hasEarlier || this.#isLoading) return;
    this.#isLoading = true;
    try {
      await this.#loadEarlier();
      if (state !== this.#state) return;
      const distanceToEnd = this.#log.scrollHeight - this.#log.scrollTop;
      this.#muteAnnouncements();
      this.#render();
      this.#log.scrollTop = this.#log.scrollHeight - distanceToEnd;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    } finally {
      this.#isLoading = false;
    }
  }

  /** Prints the whole conversation. */
  async #print() {
    const state = this.#state;
    for (let count = -1; state.hasEarlier && count !== state.entries.length;) {
      count = state.entries.length;
      await this.showEarlier();
    }
    if (state === this.#state) print();
  }

  /** Makes the elements of the page those of the state. Moves only elements whose place changed. */
  #render() {
    const state = this.#state;
    if (!this.#isLoaded) {
      this.#renderPending();
      return;
    }
    const known = new Map(state.entries.map((entry) => [entry.number, entry]));
    for (const [number, item] of this.#items) {
      if (known.has(number)) continue;
      item.remove();
      this.#items.delete(number);
    }
    const { sections } = state;
    if (this.#pending) {
      const isLast = sections.at(-1)?.date === this.#pendingDate;
      if (!isLast) sections.push({ date: this.#pendingDate, heading: today.heading, entries: [] });
    }
    const unused = [...this.#sections.children];
    let expected = this.#sections.firstElementChild;
    for (const [index, { date, heading, entries }] of sections.entries()) {
      const at = unused.findIndex((section) => section.dataset.date === date);
      const section = at < 0 ? cloneTemplate('date-section') : unused.splice(at, 1)[0];
      if (at < 0) section.dataset.date = date;
      setText(section.querySelector('.date-heading span'), heading);
      const items = entries.map((entry) => this.#item(entry));
      if (this.#pending && index === sections.length - 1) items.push(this.#pending);
      this.#place(section.querySelector('.messages'), items);
      if (section === expected) expected = expected.nextElementSibling;
      else this.#sections.insertBefore(section, expected);
    }
    for (const section of unused) section.remove();
    $('earlier').hidden = !state.hasEarlier;
    this.#arrange();
  }

  /** Shows the pending message below the messages that the server rendered. */
  #renderPending() {
    if (this.#pending) {
      let section = this.#sections.lastElementChild;
      if (section?.dataset.date !== this.#pendingDate) {
        section = cloneTemplate('date-section');
        section.dataset.date = this.#pendingDate;
        setText(section.querySelector('.date-heading span'), today.heading);
        this.#sections.append(section);
      }
      section.querySelector('.messages').append(this.#pending);
    }
    this.#arrange();
  }

  #place(list, items) {
    const wanted = new Set(items);
    for (const item of list.querySelectorAll('.message')) {
      if (!wanted.has(item)) item.remove();
    }
    let expected = list.firstElementChild;
    for (const item of items) {
      if (expected === this.#line) expected = expected.nextElementSibling;
      if (item === expected) expected = expected.nextElementSibling;
      else list.insertBefore(item, expected);
    }
  }

  /** Returns the element of an entry. */
  #item(entry) {
    const item = this.#items.get(entry.number) ?? cloneTemplate('message');
    this.#items.set(entry.number, item);
    if (this.#shownEntries.get(item) !== entry) this.#fill(item, entry);
    setText(item.querySelector('.receipt'), this.#state.isRead(entry) ? label('read') : '');
    return item;
  }

  #fill(item, entry) {
    this.#shownEntries.set(item, entry);
    item.dataset.number = entry.number;
    item.dataset.side = entry.side;
    const [sender, time] = [item.querySelector('.sender'), item.querySelector('.time')];
    setText(sender, entry.sender);
    sender.title = entry.sender;
    item.classList.toggle('removed', entry.removed !== null);
    showText(item.querySelector('.text'), entry.removed ?? entry.text);
    setText(item.querySelector('.automatic'), entry.automatic);
    [time.dateTime, time.title] = [entry.sentAt, fullTime(entry.sentAt)];
    setText(time, entry.time);
  }

  /** Places the line "New messages". Shows a sender's name only above the first of consecutive
   *  messages of one date. Lets the tab key reach only the newest message's button "Remove". */
  #arrange() {
    const unread = this.#items.get(this.#firstUnread);
    if (!unread) this.#line.remove();
    else if (unread.previousElementSibling !== this.#line) unread.before(this.#line);
    let previous = null, newest = null;
    for (const item of this.#sections.querySelectorAll('.message')) {
      const key = `${item.dataset.side} ${item.querySelector('.sender').textContent}`;
      const isFirst = !item.previousElementSibling?.matches('.message');
      const hasSameSender = key === previous || item === this.#pending;
      item.classList.toggle('follows', !isFirst && hasSameSender);
      previous = key;
      const button = item.querySelector('.remove');
      if (button) button.tabIndex = -1;
      if (!item.matches('.pending, .removed')) newest = button;
    }
    if (newest) newest.tabIndex = 0;
    $('no-messages').hidden = !this.#isLoaded || previous !== null;
  }

  /** Moves the focus from one "Remove" button to the next with the arrow keys. */
  #moveFocus(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.target.matches('.remove')) return;
    const buttons = [...this.#sections.querySelectorAll('.message:not(.pending, .removed) .remove')];
    event.preventDefault();
    buttons[buttons.indexOf(event.target) + step]?.focus();
  }

  /** Notes the messages that are in view, if the reader looks at the page. */
  #noteRead() {
    if (this.#isUnattended || !this.#isAttended()) return;
    const { shown, hasLater } = this.#state;
    this.#isCaughtUp ||= this.#isAtEnd && !hasLater;
    if (this.read >= shown) return;
    let number = shown;
    if (!this.#isAtEnd) {
      const { bottom } = this.#log.getBoundingClientRect();
      const isInView = (item) => item.querySelector('.text').getBoundingClientRect().bottom <= bottom;
      const items = [...this.#sections.querySelectorAll('.message[data-number]')];
      number = Math.min(number, Number(items.findLast(isInView)?.dataset.number ?? 0));
    }
    if (number <= this.read) return;
    this.read = number;
    this.#onRead();
  }

  /** Keeps a screen reader from announcing messages that are not new. */
  #muteAnnouncements() {
    this.#log.ariaLive = 'off';
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => { this.#log.ariaLive = 'polite'; }, 500);
  }

  #scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#isAtEnd = true;
    $('new-messages').hidden = true;
    this.#noteRead();
  }

  /** Scrolls so that the line "New messages" is near the top, below the date. */
  #scrollToLine() {
    const distance = this.#line.getBoundingClientRect().top - this.#log.getBoundingClientRect().top;
    this.#log.scrollTop += distance - 48;
    this.#onScroll();
    $('new-messages').hidden = this.#isAtEnd;
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const distanceToEnd = scrollHeight - scrollTop - clientHeight;
    this.#isAtEnd = distanceToEnd < 32;
    if (this.#isAtEnd) $('new-messages').hidden = true;
    if (scrollTop < 240) this.showEarlier();
    if (distanceToEnd < 240 && this.#state.hasLater) this.#loadLater();
    this.#noteRead();
  }
}
