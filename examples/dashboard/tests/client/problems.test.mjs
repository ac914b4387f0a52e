// Failed requests, against the server.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Problem, TeamClient } from '../../page/client.js';
import { customerOf, entriesOf, freshRows, team, unreachable } from './server.mjs';

const failure = (promise) => promise.then(() => assert.fail('no failure'), (problem) => {
  assert.ok(problem instanceof Problem);
  return problem;
});

test('a problem has the kind, the status and the body of the answer', async () => {
  const problem = await failure(team.open('none'));
  assert.deepEqual([problem.kind, problem.status, problem.isTemporary], ['not-found', 404, false]);
  assert.equal(problem.body.type, 'urn:frontdesk:problem:not-found');
  const blank = await failure(team.reply('k7q2-xh41-09', { body: ' ' }));
  assert.equal(blank.kind, 'blank');
});

test('a server that cannot be reached is a problem too', async () => {
  const problem = await failure(unreachable.inbox());
  assert.deepEqual([problem.kind, problem.isTemporary, problem.body], ['offline', true, null]);
});

test('L6: the problem of a refused reply has the newer messages', async () => {
  const customer = await customerOf('k7q2-xh41-09');
  const { shown } = await team.messages('k7q2-xh41-09');
  await customer.send({ body: 'Wait' });
  const draft = { body: 'Gladly', seen: shown, onlyIfLatest: true };
  const problem = await failure(team.reply('k7q2-xh41-09', draft));
  assert.equal(problem.kind, 'not-latest');
  assert.deepEqual(entriesOf(problem.newerMessages).map(({ text }) => text), ['Wait']);
});

test('P7: after a cursor that the server does not know, everything is loaded again', async () => {
  const opened = [];
  const client = new TeamClient(team, { onOpen: (view) => opened.push(view.booking) });
  await client.open('m4zp-77qa-31');
  await client.poll();
  for (const [cursor, isProblem] of [['x', true], [ahead(client.inbox.cursor), false]]) {
    client.inbox.cursor = cursor;
    if (isProblem) assert.ok((await failure(client.poll())).isAboutCursor);
    await client.poll();
    await client.poll();
    const { rows } = await freshRows('all');
    const shown = client.inbox.visible().map(({ booking }) => booking);
    assert.deepEqual(shown, rows.slice(0, shown.length).map(({ booking }) => booking));
  }
  assert.deepEqual(opened, ['m4zp-77qa-31', 'm4zp-77qa-31', 'm4zp-77qa-31']);
});

/** Returns the cursor with a revision that the location does not have yet. */
export function ahead(cursor) {
  const fields = cursor.split('.');
  fields[2] = '4000000000';
  return fields.join('.');
}

test('a conversation that could not be opened is opened by a later poll', async () => {
  let isReachable = false;
  const api = Object.create(team, {
    open: { value: (booking) => (isReachable ? team : unreachable).open(booking) },
  });
  for (const name of ['inbox', 'poll']) api[name] = (...args) => team[name](...args);
  const failures = [];
  const client = new TeamClient(api, { onOpenFailed: (problem) => failures.push(problem.kind) });
  await client.open('m4zp-77qa-31');
  assert.deepEqual([failures, client.state], [['offline'], 'loading']);
  assert.equal((await failure(client.poll())).kind, 'offline');
  isReachable = true;
  await client.poll();
  assert.equal(client.state, 'open');
});
