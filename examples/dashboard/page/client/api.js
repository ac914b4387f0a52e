// Requests to the server.

const RETRYABLE = ['offline', 'busy', 'unavailable', 'outcome-unknown', 'store', 'unexpected'];

/** A failed request. `kind` is the last part of the problem's type, or `offline` if the server sent no
 *  answer. */
export class Problem extends Error {
  constructor(kind, status = 0, body = null) {
    super(kind);
    [this.kind, this.status, this.body] = [kind, status, body];
  }

  /** The newer messages if a conditional reply was refused because of them (L6), else null. */
  get newerMessages() {
    return this.body?.newerMessages ?? null;
  }

  /** Is true if the server did not understand the cursor of a poll. */
  get isAboutCursor() {
    return ['cursor', 'invalid-parameter', 'request'].includes(this.kind);
  }

  /** Is true if the same request can succeed later. */
  get isTemporary() {
    return this.status >= 500 || RETRYABLE.includes(this.kind);
  }
}

const encode = encodeURIComponent;

class Api {
  #base; #parameters; #timeout;

  /** `base` is the address of the API. `parameters` are added to each query. `timeout` is in
   *  milliseconds. */
  constructor(base, { parameters = {}, timeout = 20_000 } = {}) {
    [this.#base, this.#parameters, this.#timeout] = [base, parameters, timeout];
  }

  get(path, query = {}) {
    return this.#call('GET', path, query);
  }

  post(path, body = {}) {
    return this.#call('POST', path, {}, body);
  }

  /** Returns current texts for relative times, waits and dates. */
  dates(body) {
    return this.post('/dates', body);
  }

  async #call(method, path, query, body) {
    const request = { method, cache: 'no-store', signal: AbortSignal.timeout(this.#timeout) };
    if (body !== undefined) {
      request.headers = { 'Content-Type': 'application/json' };
      request.body = JSON.stringify(body);
    }
    const parameters = new URLSearchParams({ ...query, ...this.#parameters });
    let response, answer;
    try {
      response = await fetch(`${this.#base}${path}?${parameters}`, request);
      answer = await response.json();
    } catch {
      // A response without JSON comes from something in between, such as a proxy.
      throw new Problem('offline');
    }
    if (response.ok) return answer;
    throw new Problem(String(answer?.type ?? '').split(':').pop(), response.status, answer);
  }
}

/** The API of a location's team. */
export class TeamApi extends Api {
  /** Returns the first page of a list: `all`, `unread` or `waiting`. */
  inbox(list = 'all') {
    return this.get('/inbox', { list });
  }

  /** Returns the page after the page with this `next`. The cursor contains the list. */
  inboxAfter(next) {
    return this.get('/inbox', { after: next });
  }

  poll(cursor, open = null) {
    return this.post('/poll', { cursor, open });
  }

  bookings() {
    return this.get('/bookings');
  }

  start(booking) {
    return this.post('/threads', { booking });
  }

  /** Opens a conversation, which marks the messages of the answer as read. */
  open(booking) {
    return this.post(this.#thread(booking));
  }

  /** Returns the newest messages, or those before a number, and marks nothing. */
  messages(booking, before = null) {
    return this.get(this.#thread(booking, 'messages'), before === null ? {} : { before });
  }

  later(booking, after) {
    return this.post(this.#thread(booking, 'later'), { after });
  }

  reply(booking, draft) {
    return this.post(this.#thread(booking, 'messages'), draft);
  }

  markUnread(booking, from) {
    return this.post(this.#thread(booking, 'unread'), { from });
  }

  markAnswered(booking, upTo) {
    return this.post(this.#thread(booking, 'answered'), { upTo });
  }

  redact(booking, number) {
    return this.post(this.#thread(booking, 'redact'), { number });
  }

  setMessaging(messaging) {
    return this.post('/messaging', { messaging });
  }

  #thread(booking, action) {
    return `/threads/${encode(booking)}${action ? `/${action}` : ''}`;
  }
}

/** The API of one booking's customer. */
export class CustomerApi extends Api {
  /** Opens the conversation, which marks the messages of the answer as read. */
  open() {
    return this.post('/open');
  }

  /** Returns the newest messages, or those before a number, and marks nothing. */
  messages(before = null) {
    return this.get('/messages', before === null ? {} : { before });
  }

  later(after) {
    return this.post('/later', { after });
  }

  poll(cursor) {
    return this.post('/poll', { cursor });
  }

  unread() {
    return this.get('/unread');
  }

  send(draft) {
    return this.post('/messages', draft);
  }
}
