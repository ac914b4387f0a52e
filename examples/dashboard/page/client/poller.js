// Polling at an interval.

/** Calls a function again and again: never twice at the same time, and less often while it fails. */
export class Poller {
  #poll; #onStatus; #interval; #maxDelay;
  #timer; #isRunning = false; #isRequested = false; #isStopped = false; #failures = 0;

  /** `poll()` asks the server once. `interval` and `maxDelay` are in milliseconds. `onStatus(error)`
   *  is called after each attempt, with null after a success. */
  constructor(poll, { interval = 7_500, maxDelay = 60_000, onStatus = () => {} } = {}) {
    [this.#poll, this.#onStatus] = [poll, onStatus];
    [this.#interval, this.#maxDelay] = [interval, maxDelay];
  }

  /** Polls now or, if a poll is running, once more after it. */
  async pollNow() {
    this.#isRequested = true;
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    let failure = null;
    try {
      while (this.#isRequested && !this.#isStopped) {
        this.#isRequested = false;
        await this.#poll();
      }
      this.#failures = 0;
    } catch (error) {
      failure = error;
      this.#failures += 1;
    }
    this.#isRunning = false;
    this.#onStatus(failure);
    if (this.#isStopped) return;
    const delay = Math.min(this.#interval * 2 ** Math.min(this.#failures, 3), this.#maxDelay);
    this.#timer = setTimeout(() => this.pollNow(), delay);
  }

  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
