// The messages of a conversation, on both pages.

import { $, cloneTemplate, label, setText, today } from './dom.js';
import { Problem } from './api.js';

export class ConversationPane {
  /** The booking whose conversation is shown. Answers about other bookings are dropped. */
  booking = null;
  /** The last number up to which every message is shown. Polls and drafts send this number. */
  shown = 0;
  /** The number of removed messages that the page knows. Polls send this number. */
  redactions = 0;
  /** The last number up to which the messages were in view while the reader looked at the page, or
   *  were marked as read when the conversation was opened. */
  read = 0;
  /** Is true if the conversation was opened while nobody looked at the page. Then nothing is read
   *  until it is opened again. */
  isUnattended = false;
  /** Is true if polls did not ask for messages since the last answer, because nobody could see
   *  them. */
  isAway = false;
  /** Is true if the conversation has messages after the messages on the page. */
  hasLater = false;
  #ownSide; #loadOlder; #loadLater; #isAttended; #onRead;
  #hasEarlier = false; #isLoading = false; #firstNumber = 0;
  /** The elements of the messages by number, and the element of the message being sent. */
  #messages = new Map(); #pending = null;
  /** The entries of removed messages by number. An older answer may still have their texts. */
  #removed = new Map();
  /** The line "New messages" and the number of the message below the line. */
  #line = cloneTemplate('unread-line'); #firstUnread = null;
  /** Is true if the reader saw the end of the conversation after the line was placed. */
  #isCaughtUp = false;
  #isAtEnd = true; #announceTimer;
  #log = $('log'); #sections = $('sections');

  /** `loadOlder(number)` loads the messages before a number. `loadLater()` is called if the reader
   *  is near the end of the messages on the page and there are later ones. `isAttended()` returns
   *  true if the reader looks at the page. `onRead()` is called after `read` grew. */
  constructor(ownSide, { loadOlder, loadLater, isAttended, onRead = () => {} }) {
    [this.#ownSide, this.#loadOlder, this.#loadLater] = [ownSide, loadOlder, loadLater];
    [this.#isAttended, this.#onRead] = [isAttended, onRead];
    // The customer's page comes with messages.
    for (const item of this.#sections.querySelectorAll('.message')) {
      this.#messages.set(Number(item.dataset.number), item);
    }
    this.#arrange();
    this.#log.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    // If the end is visible, it stays visible when the input box grows or the window changes.
    new ResizeObserver(() => this.#isAtEnd && this.#scrollToEnd()).observe(this.#log);
    addEventListener('focus', () => this.#noteRead());
    this.#log.addEventListener('keydown', (event) => this.#moveFocus(event));
    $('new-messages').addEventListener('click', () => { this.#scrollToEnd(); this.#log.focus(); });
    $('earlier').addEventListener('click', () => this.#showOlder());
    this.#scrollToEnd();
  }

  /** Removes all messages, before the conversation of another booking or of none is shown. */
  clear(booking = null) {
    [this.booking, this.#hasEarlier] = [booking, false];
    this.#reset();
    this.#messages.clear();
    this.#pending = null;
    this.#sections.replaceChildren();
    $('no-messages').hidden = $('earlier').hidden = $('new-messages').hidden = true;
    this.#isAtEnd = true;
  }

  /** Shows a conversation that was opened, and removes messages that are not in it. Begins at the
   *  first unread message. `isRead` is true if the messages were marked as read. */
  show(conversation, isRead = true) {
    const entries = conversation.sections.flatMap((section) => section.entries);
    const numbers = new Set(entries.map((entry) => entry.number));
    this.#muteAnnouncements();
    for (const number of [...this.#messages.keys()]) {
      if (!numbers.has(number)) this.#removeNumber(number);
    }
    this.#reset();
    this.isUnattended = !isRead;
    this.#add(conversation);
    if (isRead) this.read = conversation.shown;
    this.#firstUnread = conversation.firstUnread;
    this.#hasEarlier = conversation.hasEarlier;
    $('earlier').hidden = !this.#hasEarlier;
    this.#arrange();
    if (this.#line.isConnected) this.#scrollToLine();
    else this.#scrollToEnd();
  }

  #reset() {
    this.shown = this.redactions = this.read = this.#firstNumber = 0;
    this.hasLater = this.isUnattended = this.isAway = this.#isCaughtUp = false;
    this.#firstUnread = null;
    this.#removed.clear();
  }

  /** Adds the messages of a poll, as the docs of `PageInfo` describe. */
  merge(conversation) {
    // If the conversation has later messages, the reader continues at the same place.
    const wasAtEnd = this.#isAtEnd && !this.hasLater;
    const hasNew = this.#add(conversation);
    // A reader who sees the message arrive needs no line.
    const isSeen = wasAtEnd && this.#isAttended() && !this.isAway;
    this.isAway = false;
    // While the mark of a message that was in view is being set, an answer still names the message.
    const isNews = conversation.firstUnread > this.read && !isSeen;
    if (isNews && (this.#firstUnread === null || this.#isCaughtUp)) {
      [this.#firstUnread, this.#isCaughtUp] = [conversation.firstUnread, false];
    }
    this.#arrange();
    if (!wasAtEnd) this.#onScroll();
    else if (!isSeen && this.#line.isConnected) this.#scrollToLine();
    else this.#scrollToEnd();
    if (hasNew && !this.#isAtEnd) $('new-messages').hidden = false;
  }

  /** Adds messages and returns true if any of them is new and from the other side. */
  #add(conversation) {
    let hasNew = false;
    for (const number of [...this.#messages.keys()]) {
      if (number < conversation.firstNumber) this.#removeNumber(number);
    }
    if (conversation.firstNumber !== this.#firstNumber) {
      [this.#firstNumber, this.redactions] = [conversation.firstNumber, 0];
    }
    this.redactions = Math.max(this.redactions, conversation.redactions ?? 0);
    for (const entry of conversation.redacted) this.#showRemoved(entry);
    for (const section of conversation.sections) {
      for (const entry of section.entries) {
        hasNew ||= !this.#messages.has(entry.number) && entry.side !== this.#ownSide;
        this.#insert(entry, section.date, section.heading);
      }
    }
    this.#showReceipts(conversation.readTo);
    if (conversation.shown >= this.shown) this.hasLater = conversation.hasLater;
    this.shown = Math.max(this.shown, conversation.shown);
    return hasNew;
  }

  /** Shows a message before the server has stored it. */
  showPending(text) {
    this.#pending?.remove();
    this.#pending = cloneTemplate('message');
    const item = this.#pending;
    item.classList.add('pending');
    item.dataset.side = this.#ownSide;
    item.removeAttribute('data-number');
    item.querySelector('.text').textContent = text;
    setText(item.querySelector('.time'), label('sending'));
    this.#section(today.date, today.label, null).querySelector('.messages').append(item);
    this.#firstUnread = null;
    this.#arrange();
    this.#scrollToEnd();
  }

  /** Replaces the pending message by the stored message, which is `entry`. Only removes the
   *  pending message if sending failed (`entry` is null), or if a poll has already added the
   *  stored message, so that the page does not show it twice. */
  resolvePending(entry) {
    const item = this.#pending;
    this.#pending = null;
    const isToday = entry?.sentAt.startsWith(today.date);
    if (isToday && item && !this.#messages.has(entry.number)) {
      item.classList.remove('pending');
      this.#messages.set(entry.number, this.#fill(item, entry));
    } else if (item) {
      this.#remove(item);
    }
    // If the message has another date, only a poll has the heading for it.
    if (isToday) {
      this.#insert(entry, today.date, today.label);
      if (entry.number === this.shown + 1) this.shown = entry.number;
    }
    this.#arrange();
  }

  /** The number of the other side's newest message, or 0. */
  get newestFromOtherSide() {
    const others = [...this.#messages].filter(([, item]) => item.dataset.side !== this.#ownSide);
    return Math.max(...others.map(([number]) => number), 0);
  }

  #fill(item, entry) {
    item.dataset.number = entry.number;
    item.dataset.side = entry.side;
    const sender = item.querySelector('.sender');
    setText(sender, entry.sender);
    sender.title = entry.sender;
    item.classList.toggle('removed', entry.removed !== null);
    setText(item.querySelector('.text'), entry.removed ?? entry.text);
    setText(item.querySelector('.automatic'), entry.automatic);
    item.querySelector('.time').dateTime = entry.sentAt;
    setText(item.querySelector('.time'), entry.time);
    if (entry.side === this.#ownSide && entry.read) {
      setText(item.querySelector('.receipt'), label('read'));
    }
    return item;
  }

  /** Replaces the text of a removed message by the label that says so. */
  #showRemoved(entry) {
    this.#removed.set(entry.number, entry);
    const item = this.#messages.get(entry.number);
    if (item) this.#fill(item, entry);
  }

  /** Inserts a message at the place of its number, or updates the message if it is shown. */
  #insert(received, date, heading) {
    const entry = this.#removed.get(received.number) ?? received;
    const known = this.#messages.get(entry.number);
    if (known?.closest('.date-section').dataset.date === date) {
      this.#section(date, heading, known);
      this.#fill(known, entry);
      return;
    }
    if (known) this.#removeNumber(entry.number);
    const items = [...this.#sections.querySelectorAll('.message[data-number]')];
    const index = items.findLastIndex((item) => Number(item.dataset.number) < entry.number);
    const [before, after] = [items[index], items[index + 1]];
    const item = this.#fill(cloneTemplate('message'), entry);
    const sectionOf = (other) => other?.closest('.date-section');
    if (before && sectionOf(before).dataset.date === date) before.after(item);
    else if (after && sectionOf(after).dataset.date === date) after.before(item);
    else {
      const section = this.#section(date, heading, null, sectionOf(after));
      section.querySelector('.messages').prepend(item);
    }
    this.#messages.set(entry.number, item);
  }

  /** Returns the section for a message of this date, with the heading updated. This is the
   *  section of `item` or, if both `item` and `next` are null, the last section. If there is no
   *  section or it has another date, inserts a new section before `next`, or at the end. */
  #section(date, heading, item, next = null) {
    const last = next ? null : this.#sections.lastElementChild;
    let section = item?.closest('.date-section') ?? last;
    if (section?.dataset.date !== date) {
      section = cloneTemplate('date-section');
      section.dataset.date = date;
      this.#sections.insertBefore(section, next);
    }
    setText(section.querySelector('.date-heading span'), heading);
    return section;
  }

  #removeNumber(number) {
    const item = this.#messages.get(number);
    this.#messages.delete(number);
    this.#remove(item);
  }

  #remove(item) {
    const section = item.closest('.date-section');
    item.remove();
    if (section && !section.querySelector('.message')) section.remove();
  }

  #showReceipts(readTo) {
    for (const [number, item] of this.#messages) {
      if (item.dataset.side === this.#ownSide && number <= readTo) {
        setText(item.querySelector('.receipt'), label('read'));
      }
    }
  }

  /** Places the line "New messages". Shows a sender's name only above the first of consecutive
   *  messages of one date. Lets the tab key reach only the newest message's button "Remove". */
  #arrange() {
    const unread = this.#messages.get(this.#firstUnread);
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
    $('no-messages').hidden = this.booking === null || previous !== null;
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
    if (this.isUnattended || !this.#isAttended()) return;
    this.#isCaughtUp ||= this.#isAtEnd && !this.hasLater;
    if (this.read >= this.shown) return;
    let number = this.shown;
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
    if (scrollTop < 240) this.#showOlder();
    if (distanceToEnd < 240 && this.hasLater) this.#loadLater();
    this.#noteRead();
  }

  /** Adds older messages at the top without moving the visible ones. */
  async #showOlder() {
    if (!this.#hasEarlier || this.#isLoading) return;
    this.#isLoading = true;
    const { booking } = this;
    try {
      const older = await this.#loadOlder(Math.min(...this.#messages.keys()));
      if (this.booking !== booking) return;
      const distanceToEnd = this.#log.scrollHeight - this.#log.scrollTop;
      this.#muteAnnouncements();
      for (const section of older.sections) {
        for (const entry of section.entries) this.#insert(entry, section.date, section.heading);
      }
      this.#arrange();
      this.#hasEarlier = older.hasEarlier;
      $('earlier').hidden = !this.#hasEarlier;
      this.#log.scrollTop = this.#log.scrollHeight - distanceToEnd;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    } finally {
      this.#isLoading = false;
    }
  }
}
