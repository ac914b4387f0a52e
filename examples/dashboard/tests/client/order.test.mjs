// The order of rows, without a server.

import assert from 'node:assert/strict';
import test from 'node:test';

import { InboxState, compareBytes, compareTimes } from '../../page/client.js';

const row = (booking, activeAt, other = {}) =>
  ({ booking, activeAt, unread: 0, waitingSince: null, ...other });

test('times are compared by microseconds and with their offsets', () => {
  const sorted = [
    '2027-03-14T22:30:00Z',
    '2027-03-14T22:30:00.000001Z',
    '2027-03-14T23:30:00.00001+01:00',
    '2027-03-14T22:30:00.1Z',
    '2027-03-14T12:30:01-10:00',
  ];
  for (const [at, time] of sorted.entries()) {
    for (const [other, later] of sorted.entries()) {
      assert.equal(Math.sign(compareTimes(time, later)), Math.sign(at - other), `${time} ${later}`);
    }
  }
});

test('ids are compared by their bytes', () => {
  // In UTF-16, the second id begins with a smaller code unit than the first one.
  assert.ok(compareBytes('\uff5e', '\u{1f600}') < 0);
  assert.ok(compareBytes('a', 'ab') < 0);
  assert.equal(compareBytes('a', 'a'), 0);
});

test('L1: rows are ordered by time and then by id, down to the last loaded row', async () => {
  const [same, older] = ['2027-03-14T22:30:00.000002Z', '2027-03-14T22:30:00.000001Z'];
  const first = { rows: [row('b', same), row('c', older)], next: 'n', cursor: 'p' };
  const second = { rows: [row('d', '2027-03-01T00:00:00Z')], next: null, cursor: 'p' };
  const inbox = new InboxState({ inbox: async () => first, inboxAfter: async () => second });
  await inbox.load();
  const update = { rows: [row('a', same), row('z', '2026-01-01T00:00:00Z')], erased: [], cursor: 'q' };
  inbox.merge(update);
  const bookings = () => inbox.visible().map(({ booking }) => booking);
  assert.deepEqual(bookings(), ['a', 'b', 'c']);
  await inbox.loadMore();
  assert.deepEqual(bookings(), ['a', 'b', 'c', 'd', 'z']);
  assert.equal(inbox.cursor, 'q');
});

test('the open conversation keeps its row in the unread and in the waiting list', async () => {
  const since = '2027-03-14T22:00:00Z';
  const pages = { all: [row('a', since, { unread: 1, waitingSince: since })], unread: [], waiting: [] };
  let open = 'a';
  const page = (list) => ({ rows: pages[list], next: null, cursor: 'p' });
  const inbox = new InboxState({ inbox: async (list) => page(list) }, { isOpen: (it) => it === open });
  await inbox.load();
  inbox.merge({ rows: [row('a', since)], erased: [], cursor: 'q' });
  for (const list of ['unread', 'waiting']) {
    inbox.choose(list);
    await inbox.load();
    assert.deepEqual(inbox.visible().map(({ booking }) => booking), ['a'], list);
  }
  open = null;
  assert.deepEqual(inbox.visible(), []);
});
