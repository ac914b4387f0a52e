// Drafts and their keys, without a server.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Drafts, Problem } from '../../page/client.js';
import { MemoryStorage } from './server.mjs';

/** Makes drafts whose server fails with each of `problems` and then stores. */
function setup(problems = [], options = {}) {
  const sent = [];
  const storage = options.storage ?? new MemoryStorage();
  const drafts = new Drafts(async (_, draft) => {
    sent.push(draft);
    const problem = problems.shift();
    if (problem) throw new Problem(problem);
    return { number: sent.length };
  }, { storage, ...options });
  return { drafts, sent, storage };
}

async function send(drafts, text) {
  if (text !== undefined) drafts.edit('b-1', text);
  drafts.submit('b-1', 7);
  await drafts.whenSent('b-1');
}

test('I4: a retry has the same key, and a changed text has another key', async () => {
  const { drafts, sent } = setup(['offline', 'offline']);
  await send(drafts, 'Hello');
  assert.equal(drafts.of('b-1').text, 'Hello');
  assert.equal(drafts.of('b-1').problem.kind, 'offline');
  await send(drafts);
  await send(drafts, 'Hello!');
  const [first, retry, changed] = sent;
  assert.equal(first.key, retry.key);
  assert.notEqual(first.key, changed.key);
  assert.equal(first.seen, 7);
  assert.equal(drafts.of('b-1').text, '');
});

test('I4: the key survives a reload with its text', async () => {
  const { drafts, sent, storage } = setup(['offline']);
  await send(drafts, 'Hello');
  const reloaded = setup([], { storage });
  assert.ok(reloaded.drafts.hasText('b-1') && !reloaded.drafts.hasText('b-2'));
  await send(reloaded.drafts);
  assert.equal(reloaded.sent[0].key, sent[0].key);
  assert.equal(setup([], { storage }).drafts.of('b-1').text, '');
});

test('a text that was given up and typed again is another message', async () => {
  const { drafts, sent } = setup(['offline']);
  await send(drafts, 'ok');
  drafts.edit('b-1', '');
  await send(drafts, 'ok');
  assert.notEqual(sent[0].key, sent[1].key);
});

test('a text waits while another one is being sent', async () => {
  const { drafts, sent } = setup();
  drafts.edit('b-1', 'one');
  drafts.submit('b-1', 0);
  drafts.edit('b-1', 'two');
  drafts.submit('b-1', 0);
  assert.equal(sent.length, 1);
  await drafts.whenSent('b-1');
  assert.deepEqual(sent.map(({ body }) => body), ['one', 'two']);
});

test('L6: a refused reply can be sent in spite of the newer messages', async () => {
  const { drafts, sent } = setup(['not-latest'], { isConditional: true });
  await send(drafts, 'Gladly');
  assert.ok(drafts.of('b-1').isRefused);
  drafts.submit('b-1', 8, true);
  await drafts.whenSent('b-1');
  assert.deepEqual(sent.map(({ onlyIfLatest }) => onlyIfLatest), [true, undefined]);
});

test('an answer that may lack a message is asked for again', async () => {
  const { drafts } = setup();
  drafts.edit('b-1', 'Hello');
  let loads = 0;
  await drafts.loadSettled('b-1', async () => {
    if (loads === 0) drafts.submit('b-1', 0);
    loads += 1;
  });
  assert.equal(loads, 2);
});

test('another tab shows the same draft and keeps what was typed there', async () => {
  const storage = new MemoryStorage();
  const [one, other] = [setup([], { storage }), setup([], { storage })];
  const take = (tab) => tab.drafts.takeOver('draft b-1');
  one.drafts.edit('b-1', 'Hello');
  assert.equal(other.drafts.of('b-1').text, 'Hello');
  one.drafts.submit('b-1', 0);
  take(other);
  other.drafts.edit('b-1', 'Hello and more');
  await one.drafts.whenSent('b-1');
  assert.equal(take(other), 'b-1');
  assert.equal(other.drafts.of('b-1').text, 'Hello and more');
  assert.equal(one.drafts.of('b-1').text, 'Hello and more');
  assert.equal(one.drafts.takeOver('something else'), null);
});
