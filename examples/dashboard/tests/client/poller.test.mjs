// The intervals of the poller, with a clock that the test sets.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Poller } from '../../page/client.js';

test('P4: polls are less frequent while they fail, and never overlap', async () => {
  const [real, delays] = [globalThis.setTimeout, []];
  globalThis.setTimeout = (callback, delay) => { delays.push(delay); return callback && 0; };
  try {
    let isFailing = true, running = 0, count = 0;
    const statuses = [];
    const poller = new Poller(async () => {
      [running, count] = [running + 1, count + 1];
      assert.equal(running, 1);
      await null;
      running -= 1;
      if (isFailing) throw new Error('failed');
    }, { interval: 7_500, onStatus: (error) => statuses.push(error === null) });
    for (let attempt = 0; attempt < 4; attempt += 1) await poller.pollNow();
    isFailing = false;
    await Promise.all([poller.pollNow(), poller.pollNow(), poller.pollNow()]);
    assert.deepEqual(delays, [15_000, 30_000, 60_000, 60_000, 7_500]);
    assert.deepEqual(statuses, [false, false, false, false, true]);
    assert.equal(count, 6, 'requests during a poll are one more poll');
    poller.stop();
    await poller.pollNow();
    assert.equal(count, 6);
  } finally {
    globalThis.setTimeout = real;
  }
});
