// Requests to the server.

import { label, meta } from './dom.js';

const api = meta('api');
const lang = document.documentElement.lang;

/** A failed request. `kind` is the last part of the problem's type. If a reply was refused because
 *  of newer messages, `newerMessages` is a conversation with these messages. */
export class Problem extends Error {
  constructor(kind, newerMessages = null) {
    super(kind);
    [this.kind, this.newerMessages] = [kind, newerMessages];
  }

  /** The reason in the page's language. */
  get text() {
    return label(`problem.${this.kind}`) || label('problem.other');
  }

  /** Is true if the server did not understand the cursor of a poll. */
  get isAboutCursor() {
    return ['cursor', 'invalid-parameter', 'request'].includes(this.kind);
  }
}

/** Sends a request and returns the answer. If the server sends no answer, throws a problem of
 *  the kind `offline`. */
export async function call(method, path, body = {}) {
  const separator = path.includes('?') ? '&' : '?';
  const request = { method, cache: 'no-store', signal: AbortSignal.timeout(20_000) };
  if (method !== 'GET') {
    request.headers = { 'Content-Type': 'application/json' };
    request.body = JSON.stringify(body);
  }
  let response, answer;
  try {
    response = await fetch(`${api}${path}${separator}lang=${lang}`, request);
    answer = await response.json();
  } catch {
    // A response without JSON comes from something in between, such as a proxy.
    throw new Problem('offline');
  }
  if (!response.ok) {
    throw new Problem(String(answer.type ?? '').split(':').pop(), answer.newerMessages);
  }
  return answer;
}
