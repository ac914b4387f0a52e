// What both pages do: asking the server, polling it, showing a conversation,
// writing into it.
//
// Every text comes raw and goes into the page through `textContent`, `title` or
// `value`, never as markup: the browser shows what somebody typed and nothing
// of it runs. Dates and times come in words, of the location's zone and in the
// page's language; none is made here.

export const $ = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

const api = meta('api');
const lang = document.documentElement.lang;
const labels = JSON.parse(meta('labels'));
export const label = (name) => labels[name] ?? '';

/** The location's date of today, and its word. */
export const today = { date: meta('today'), label: meta('today-label') };

/** Why something was not done; `kind` is the end of the problem's type. */
export class Problem extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }

  /** In the page's language. */
  get words() {
    return label(`problem.${this.kind}`) || label('problem.other');
  }
}

/** Asks the server. What cannot be reached, or breaks off, is `offline`. */
export async function call(method, path, body = {}) {
  const mark = path.includes('?') ? '&' : '?';
  const request = { method, cache: 'no-store', signal: AbortSignal.timeout(20_000) };
  if (method !== 'GET') {
    request.headers = { 'Content-Type': 'application/json' };
    request.body = JSON.stringify(body);
  }
  let response, answer;
  try {
    response = await fetch(`${api}${path}${mark}lang=${lang}`, request);
    answer = await response.json();
  } catch {
    // Not JSON with a status is somebody's on the way, a proxy for one.
    throw new Problem('offline');
  }
  if (!response.ok) throw new Problem(String(answer.type ?? '').split(':').pop());
  return answer;
}

/** Polls: never two at once, at once when the page is looked at again, and less
 *  often while the server is away. */
export class Poller {
  static interval = Number(meta('poll-ms'));
  #once; #timer; #running = false; #again = false; #failures = 0; #why = '';

  constructor(once) {
    this.#once = once;
    addEventListener('online', () => this.soon());
    document.addEventListener('visibilitychange', () => this.soon());
  }

  /** Polls now, or once more after the poll that is on its way. */
  async soon() {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      while (this.#again) {
        this.#again = false;
        await this.#once();
      }
      this.#failures = 0;
    } catch (problem) {
      if (!(problem instanceof Problem)) console.error(problem);
      this.#failures += 1;
      this.#why = problem.kind === 'not-found' ? problem.words : label('away');
    }
    say($('status'), this.#failures ? this.#why : '');
    const wait = Poller.interval * 2 ** Math.min(this.#failures, 3);
    this.#timer = setTimeout(() => this.soon(), Math.min(wait, 60_000));
    this.#running = false;
  }
}

/** Sets a text only where it changes, so that nothing is read aloud twice. */
export function say(element, text) {
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
}

export function copy(template) {
  return document.importNode($(template).content.firstElementChild, true);
}

/** What grows old on an open page, said anew once a minute: how long ago
 *  something was, and above which messages "Today" stands. */
let saidAt = Date.now();
export async function refreshDates() {
  if (Date.now() - saidAt < 60_000) return;
  saidAt = Date.now();
  const times = [...document.querySelectorAll('time.relative')];
  const days = [...document.querySelectorAll('.day')];
  const dated = await call('POST', '/dates', {
    times: [...new Set(times.map((time) => time.dateTime))],
    dates: [...new Set([...days.map((day) => day.dataset.date), today.date])],
  });
  for (const time of times) say(time, dated.times[time.dateTime] ?? time.textContent);
  for (const day of days) say(day.querySelector('.divider span'), dated.dates[day.dataset.date]);
  today.date = dated.today;
}

/** A conversation on the screen. */
export class Chat {
  /** Which one; what an answer has to be about to be shown. */
  of = null;
  /** Up to where everything is shown: what polls and drafts tell the server. */
  shown = 0;
  #own; #loadEarlier; #hasEarlier = false; #loading = false;
  #messages = new Map(); #pending = null; #stuck = true; #silent;
  #log = $('log'); #days = $('days');

  constructor(own, loadEarlier) {
    [this.#own, this.#loadEarlier] = [own, loadEarlier];
    // What the server has put there.
    for (const item of this.#days.querySelectorAll('.message')) {
      this.#messages.set(Number(item.dataset.number), item);
    }
    this.#group();
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // The box grows and windows turn: who was at the end stays there.
    new ResizeObserver(() => this.#stuck && this.#toEnd()).observe(this.#log);
    $('new-messages').addEventListener('click', () => { this.#toEnd(); this.#log.focus(); });
    $('earlier').addEventListener('click', () => this.#earlier());
    this.#toEnd();
  }

  /** Another conversation, or none: nothing of the last one stays. */
  clear(of = null) {
    [this.of, this.shown, this.#hasEarlier] = [of, 0, false];
    this.#messages.clear();
    this.#pending = null;
    this.#days.replaceChildren();
    $('no-messages').hidden = $('earlier').hidden = $('new-messages').hidden = true;
    this.#stuck = true;
  }

  /** The newest messages of a conversation, which is shown from now on. */
  open(conversation) {
    const kept = new Set(conversation.sections.flatMap((day) => day.entries).map((e) => e.number));
    this.#silence();
    for (const number of [...this.#messages.keys()]) if (!kept.has(number)) this.#drop(number);
    this.add(conversation);
    this.#hasEarlier = conversation.hasEarlier;
    $('earlier').hidden = !this.#hasEarlier;
    this.#toEnd();
  }

  /** What a poll has brought (the docs of the crate's `Part` say how). */
  add(conversation) {
    const stuck = this.#stuck;
    let news = false;
    for (const number of [...this.#messages.keys()]) {
      if (number < conversation.firstNumber) this.#drop(number);
    }
    for (const day of conversation.sections) {
      for (const entry of day.entries) {
        news ||= !this.#messages.has(entry.number) && entry.side !== this.#own;
        this.#place(entry, day.date, day.heading);
      }
    }
    this.#receipts(conversation.readTo);
    this.shown = conversation.shown;
    this.#group();
    if (stuck) this.#toEnd();
    else if (news) $('new-messages').hidden = false;
  }

  /** Shows a message before the server has it. */
  send(text) {
    this.#pending?.remove();
    this.#pending = copy('message');
    const item = this.#pending;
    item.classList.add('pending');
    item.dataset.side = this.#own;
    item.removeAttribute('data-number');
    item.querySelector('.text').textContent = text;
    say(item.querySelector('.time'), label('sending'));
    this.#day(today.date, today.label, null).querySelector('.messages').append(item);
    this.#group();
    this.#toEnd();
  }

  /** The message as it is stored takes the place of the one that was sent, or
   *  nothing does. A poll may have brought it before: it is there once. */
  sent(entry) {
    const item = this.#pending;
    this.#pending = null;
    if (entry && item && !this.#messages.has(entry.number) && entry.sentAt.startsWith(today.date)) {
      item.classList.remove('pending');
      this.#messages.set(entry.number, this.#fill(item, entry));
    } else if (item) {
      this.#remove(item);
    }
    // Of another day it is there already, or comes with the next poll and its heading.
    if (entry?.sentAt.startsWith(today.date)) this.#place(entry, today.date, today.label);
    this.#group();
  }

  /** The number of the other side's newest message. */
  get newestOfThem() {
    const theirs = [...this.#messages].filter(([, item]) => item.dataset.side !== this.#own);
    return Math.max(...theirs.map(([number]) => number), 0);
  }

  #fill(item, entry) {
    item.dataset.number = entry.number;
    item.dataset.side = entry.side;
    const sender = item.querySelector('.sender');
    say(sender, entry.sender);
    sender.title = entry.sender;
    say(item.querySelector('.text'), entry.text);
    item.querySelector('.time').dateTime = entry.sentAt;
    say(item.querySelector('.time'), entry.time);
    if (entry.side === this.#own && entry.read) say(item.querySelector('.receipt'), label('read'));
    return item;
  }

  /** Puts a message where its number belongs, once. */
  #place(entry, date, heading) {
    const known = this.#messages.get(entry.number);
    if (known?.closest('.day').dataset.date === date) {
      this.#day(date, heading, known);
      this.#fill(known, entry);
      return;
    }
    if (known) this.#drop(entry.number);
    const items = [...this.#days.querySelectorAll('.message[data-number]')];
    const at = items.findLastIndex((item) => Number(item.dataset.number) < entry.number);
    const [before, after] = [items[at], items[at + 1]];
    const item = this.#fill(copy('message'), entry);
    const day = (other) => other?.closest('.day');
    if (before && day(before).dataset.date === date) before.after(item);
    else if (after && day(after).dataset.date === date) after.before(item);
    else this.#day(date, heading, null, day(after)).querySelector('.messages').prepend(item);
    this.#messages.set(entry.number, item);
  }

  /** The day that a message is under, or the last one if it is of this date, or a
   *  new one; with its heading as the server says it now. */
  #day(date, heading, item, next = null) {
    let day = item?.closest('.day') ?? (next ? null : this.#days.lastElementChild);
    if (day?.dataset.date !== date) {
      day = copy('day');
      day.dataset.date = date;
      this.#days.insertBefore(day, next);
    }
    say(day.querySelector('.divider span'), heading);
    return day;
  }

  #drop(number) {
    const item = this.#messages.get(number);
    this.#messages.delete(number);
    this.#remove(item);
  }

  #remove(item) {
    const day = item.closest('.day');
    item.remove();
    if (day && !day.querySelector('.message')) day.remove();
  }

  #receipts(readTo) {
    for (const [number, item] of this.#messages) {
      if (item.dataset.side === this.#own && number <= readTo) {
        say(item.querySelector('.receipt'), label('read'));
      }
    }
  }

  /** A name stands once above the messages that somebody wrote in a row. */
  #group() {
    let last = null;
    for (const item of this.#days.querySelectorAll('.message')) {
      const key = `${item.dataset.side} ${item.querySelector('.sender').textContent}`;
      const first = !item.previousElementSibling;
      item.classList.toggle('follows', !first && (key === last || item === this.#pending));
      last = key;
    }
    $('no-messages').hidden = this.of === null || last !== null;
  }

  /** History is not news to be read aloud. */
  #silence() {
    this.#log.ariaLive = 'off';
    clearTimeout(this.#silent);
    this.#silent = setTimeout(() => { this.#log.ariaLive = 'polite'; }, 500);
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#stuck = true;
    $('new-messages').hidden = true;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    this.#stuck = scrollHeight - scrollTop - clientHeight < 32;
    if (this.#stuck) $('new-messages').hidden = true;
    if (scrollTop < 240) this.#earlier();
  }

  /** Older messages above, while what is read stays where it is. */
  async #earlier() {
    if (!this.#hasEarlier || this.#loading) return;
    this.#loading = true;
    const of = this.of;
    try {
      const older = await this.#loadEarlier(Math.min(...this.#messages.keys()));
      if (this.of !== of) return;
      const toEnd = this.#log.scrollHeight - this.#log.scrollTop;
      this.#silence();
      for (const day of older.sections) {
        for (const entry of day.entries) this.#place(entry, day.date, day.heading);
      }
      this.#group();
      this.#hasEarlier = older.hasEarlier;
      $('earlier').hidden = !this.#hasEarlier;
      this.#log.scrollTop = this.#log.scrollHeight - toEnd;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
    } finally {
      this.#loading = false;
    }
  }
}

/** What somebody writes into one conversation, kept until the server has it. A
 *  reload keeps it too, with its key, so that a retry after it doubles nothing. */
class Draft {
  text = ''; key = null; keyOf = null; error = '';
  /** What was typed while a message was on its way that came back. */
  later = '';
  /** Settles when the message on its way has arrived or come back. */
  sending = null;
  /** Whether what is in the box is to be sent after that. */
  again = false;

  constructor(of) {
    this.of = of;
    this.place = `draft ${api} ${of}`;
    try {
      Object.assign(this, JSON.parse(sessionStorage.getItem(this.place) ?? '{}'));
    } catch { /* Without a storage it lives as long as the page. */ }
  }

  save() {
    // What was typed while a message was on its way comes after it.
    const [text, later] = this.sending ? [this.keyOf, this.text] : [this.text, this.later];
    try {
      if (text) sessionStorage.setItem(this.place, JSON.stringify({ text, later, key: this.key, keyOf: this.keyOf }));
      else sessionStorage.removeItem(this.place);
    } catch { /* As above. */ }
  }
}

/** Enough randomness that no two messages share a key, also without https. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join('-');
}

/** The box under a conversation. */
export class Composer {
  #chat; #post; #sent; #drafts = new Map(); #draft = null;
  #box = $('draft');

  /** `post(of, draft)` sends, `sent()` is told when something was stored. */
  constructor(chat, post, sent) {
    [this.#chat, this.#post, this.#sent] = [chat, post, sent];
    $('composer').addEventListener('submit', (event) => { event.preventDefault(); this.#submit(); });
    this.#box.addEventListener('input', () => this.#typed());
    this.#box.addEventListener('keydown', (event) => {
      // Enter also ends a word in an input method, which is not the message's end.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
  }

  /** The box of this conversation. */
  show(of) {
    if (!this.#drafts.has(of)) this.#drafts.set(of, new Draft(of));
    this.#draft = this.#drafts.get(of);
    this.#draw();
  }

  /** Whether a message of this conversation is on its way. Answers may hold it, and
   *  it is not to be shown twice: they are dropped and asked for again. */
  sending(of) {
    return Boolean(this.#drafts.get(of)?.sending);
  }

  /** When it has arrived or come back. */
  async settled(of) {
    while (this.sending(of)) await this.#drafts.get(of).sending;
  }

  #typed() {
    const draft = this.#draft;
    draft.text = this.#box.value;
    if (!draft.text && draft.later) [draft.text, draft.later] = [draft.later, ''];
    // Given up: the same words later are another message.
    if (!draft.text && !draft.sending) draft.key = draft.keyOf = null;
    draft.save();
    this.#draw();
  }

  #submit() {
    const draft = this.#draft;
    if (!draft) return;
    // Whatever is on the screen when it is sent in the end, this is what was read.
    draft.seen = this.#chat.shown;
    if (draft.sending) draft.again = true;
    else if (draft.text.trim()) this.#send(draft);
  }

  #send(draft) {
    // One key a text: the same text is sent again with its key, however often
    // and for whatever reason; another text is another message.
    if (draft.keyOf !== draft.text) [draft.key, draft.keyOf] = [newKey(), draft.text];
    [draft.text, draft.later, draft.error] = [draft.later, '', ''];
    draft.sending = this.#deliver(draft).finally(() => {
      draft.sending = null;
      draft.save();
      if (draft === this.#draft) this.#draw();
      if (draft.again && draft.text.trim()) this.#send(draft);
      draft.again = false;
    });
    draft.save();
    if (this.#chat.of === draft.of) this.#chat.send(draft.keyOf);
    if (draft === this.#draft) this.#draw();
  }

  async #deliver(draft) {
    let entry = null;
    try {
      entry = await this.#post(draft.of, { body: draft.keyOf, key: draft.key, seen: draft.seen });
      draft.key = draft.keyOf = null;
    } catch (problem) {
      if (!(problem instanceof Problem)) console.error(problem);
      draft.later = draft.text;
      draft.text = draft.keyOf;
      draft.error = problem.words ?? label('problem.other');
      draft.again = false;
      if (problem.kind === 'key-reused') draft.key = draft.keyOf = null;
    }
    if (this.#chat.of === draft.of) this.#chat.sent(entry);
    if (entry) this.#sent();
  }

  #draw() {
    const { text, error } = this.#draft;
    if (this.#box.value !== text) this.#box.value = text;
    this.#box.setAttribute('aria-invalid', String(Boolean(error)));
    say($('send-error'), error && `${label('notSent')} ${error}`);
    say($('send'), label(error ? 'sendAgain' : 'send'));
    this.#box.style.height = 'auto';
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }
}
