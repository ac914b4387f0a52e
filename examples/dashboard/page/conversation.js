// The messages of a conversation, on both pages.

import { $, cloneTemplate, label, setText, today } from './dom.js';
import { Problem } from './api.js';

export class ConversationPane {
  /** The booking whose conversation is shown. Answers about other bookings are dropped. */
  booking = null;
  /** The last number up to which every message is shown. Polls and drafts send this number. */
  shown = 0;
  #ownSide; #loadOlder; #hasEarlier = false; #isLoading = false;
  /** The elements of the messages by number, and the element of the message being sent. */
  #messages = new Map(); #pending = null;
  #isAtEnd = true; #announceTimer;
  #log = $('log'); #sections = $('sections');

  /** `loadOlder(number)` loads the messages before a number. */
  constructor(ownSide, loadOlder) {
    [this.#ownSide, this.#loadOlder] = [ownSide, loadOlder];
    // The customer's page comes with messages.
    for (const item of this.#sections.querySelectorAll('.message')) {
      this.#messages.set(Number(item.dataset.number), item);
    }
    this.#groupBySender();
    this.#log.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    // If the end is visible, it stays visible when the input box grows or the window changes.
    new ResizeObserver(() => this.#isAtEnd && this.#scrollToEnd()).observe(this.#log);
    $('new-messages').addEventListener('click', () => { this.#scrollToEnd(); this.#log.focus(); });
    $('earlier').addEventListener('click', () => this.#showOlder());
    this.#scrollToEnd();
  }

  /** Removes all messages, before the conversation of another booking or of none is shown. */
  clear(booking = null) {
    [this.booking, this.shown, this.#hasEarlier] = [booking, 0, false];
    this.#messages.clear();
    this.#pending = null;
    this.#sections.replaceChildren();
    $('no-messages').hidden = $('earlier').hidden = $('new-messages').hidden = true;
    this.#isAtEnd = true;
  }

  /** Shows a conversation that was opened, and removes messages that are not in it. */
  show(conversation) {
    const entries = conversation.sections.flatMap((section) => section.entries);
    const numbers = new Set(entries.map((entry) => entry.number));
    this.#muteAnnouncements();
    for (const number of [...this.#messages.keys()]) {
      if (!numbers.has(number)) this.#removeNumber(number);
    }
    this.merge(conversation);
    this.#hasEarlier = conversation.hasEarlier;
    $('earlier').hidden = !this.#hasEarlier;
    this.#scrollToEnd();
  }

  /** Adds the messages of a poll, as the docs of `PageInfo` describe. */
  merge(conversation) {
    const wasAtEnd = this.#isAtEnd;
    let hasNew = false;
    for (const number of [...this.#messages.keys()]) {
      if (number < conversation.firstNumber) this.#removeNumber(number);
    }
    for (const section of conversation.sections) {
      for (const entry of section.entries) {
        hasNew ||= !this.#messages.has(entry.number) && entry.side !== this.#ownSide;
        this.#insert(entry, section.date, section.heading);
      }
    }
    this.#showReceipts(conversation.readTo);
    this.shown = conversation.shown;
    this.#groupBySender();
    if (wasAtEnd) this.#scrollToEnd();
    else if (hasNew) $('new-messages').hidden = false;
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
    this.#groupBySender();
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
    if (isToday) this.#insert(entry, today.date, today.label);
    this.#groupBySender();
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
    setText(item.querySelector('.text'), entry.text);
    item.querySelector('.time').dateTime = entry.sentAt;
    setText(item.querySelector('.time'), entry.time);
    if (entry.side === this.#ownSide && entry.read) {
      setText(item.querySelector('.receipt'), label('read'));
    }
    return item;
  }

  /** Inserts a message at the place of its number, or updates the message if it is shown. */
  #insert(entry, date, heading) {
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

  /** Shows a sender's name only above the first of consecutive messages of one date. */
  #groupBySender() {
    let previous = null;
    for (const item of this.#sections.querySelectorAll('.message')) {
      const key = `${item.dataset.side} ${item.querySelector('.sender').textContent}`;
      const isFirst = !item.previousElementSibling;
      const hasSameSender = key === previous || item === this.#pending;
      item.classList.toggle('follows', !isFirst && hasSameSender);
      previous = key;
    }
    $('no-messages').hidden = this.booking === null || previous !== null;
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
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < 32;
    if (this.#isAtEnd) $('new-messages').hidden = true;
    if (scrollTop < 240) this.#showOlder();
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
      this.#groupBySender();
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
