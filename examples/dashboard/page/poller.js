// Polling at an interval.

import { $, label, meta, setText } from './dom.js';
import { Problem } from './api.js';

/** Calls a function again and again: never twice at the same time, at once when the page
 *  becomes visible or the network returns, and less often while requests fail. */
export class Poller {
  static interval = Number(meta('poll-ms'));
  #poll; #timer; #isRunning = false; #isRequested = false; #failures = 0; #status = '';

  constructor(poll) {
    this.#poll = poll;
    addEventListener('online', () => this.pollNow());
    document.addEventListener('visibilitychange', () => this.pollNow());
  }

  /** Polls now or, if a poll is running, once more after it. */
  async pollNow() {
    this.#isRequested = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    try {
      while (this.#isRequested) {
        this.#isRequested = false;
        await this.#poll();
      }
      this.#failures = 0;
    } catch (problem) {
      if (!(problem instanceof Problem)) console.error(problem);
      this.#failures += 1;
      this.#status = problem.kind === 'not-found' ? problem.text : label('away');
    }
    setText($('status'), this.#failures ? this.#status : '');
    const delay = Poller.interval * 2 ** Math.min(this.#failures, 3);
    this.#timer = setTimeout(() => this.pollNow(), Math.min(delay, 60_000));
    this.#isRunning = false;
  }
}
