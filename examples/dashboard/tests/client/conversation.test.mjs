// The merge of a conversation, without a server.

import assert from 'node:assert/strict';
import test from 'node:test';

import { ConversationState } from '../../page/client.js';

const entry = (number, other = {}) => ({
  number, side: 'customer', text: `text ${number}`, removed: null, read: false,
  sentAt: '2027-03-14T22:30:00Z', ...other,
});

function view(numbers, other = {}) {
  const entries = numbers.map((number) => (typeof number === 'number' ? entry(number) : number));
  const sections = entries.length ? [{ date: '2027-03-14', heading: 'Today', entries }] : [];
  const shown = entries.at(-1)?.number ?? 0;
  return {
    sections, firstNumber: 1, shown, hasEarlier: false, hasLater: false, readTo: 0, firstUnread: null,
    redacted: [], ...other,
  };
}

function open(...numbers) {
  const conversation = new ConversationState('operator', 'b-1');
  conversation.open(view(numbers));
  return conversation;
}

const numbers = (conversation) => conversation.entries.map(({ number }) => number);
const removed = (number) => entry(number, { text: null, removed: 'Message removed' });

test('an answer adds the new messages and replaces known ones', () => {
  const conversation = open(1, 2);
  const added = conversation.merge(view([entry(2, { text: 'changed' }), 3]));
  assert.deepEqual(added.map(({ number }) => number), [3]);
  assert.deepEqual(numbers(conversation), [1, 2, 3]);
  assert.equal(conversation.entries[1].text, 'changed');
  assert.equal(conversation.shown, 3);
});

test('L3: a new generation removes the messages of the old one', () => {
  const conversation = open(1, 2);
  conversation.redactions = 4;
  conversation.merge(view([3], { firstNumber: 3, redactions: 1 }));
  assert.deepEqual(numbers(conversation), [3]);
  assert.equal(conversation.redactions, 1);
  assert.deepEqual(conversation.merge(view([1, 2])), [], 'a late answer of the old generation');
  conversation.addEarlier(view([1, 2]));
  assert.deepEqual(numbers(conversation), [3]);
});

test('T9: an older answer does not bring back the text of a removed message', () => {
  const conversation = open(3, 4);
  conversation.merge(view([], { shown: 4, redacted: [removed(2), removed(4)], redactions: 2 }));
  conversation.addEarlier(view([1, 2]));
  conversation.merge(view([4]));
  assert.deepEqual(conversation.entries.map(({ text }) => text), ['text 1', null, 'text 3', null]);
  assert.equal(conversation.redactions, 2);
});

test('U1: receipts are on own messages and never disappear within a generation', () => {
  const conversation = open(1, entry(2, { side: 'operator' }), entry(3, { side: 'operator' }));
  conversation.merge(view([], { shown: 3, readTo: 2 }));
  conversation.merge(view([], { shown: 3, readTo: 1 }));
  assert.deepEqual(conversation.entries.map((it) => conversation.isRead(it)), [false, true, false]);
});

test('a message that was sent counts as shown only if nothing is missing before it', () => {
  const conversation = open(1);
  const today = { date: '2027-03-14', heading: 'Today' };
  assert.ok(conversation.addSent(entry(3, { side: 'operator' }), today));
  assert.equal(conversation.shown, 1);
  conversation.merge(view([2, 3]));
  assert.deepEqual(numbers(conversation), [1, 2, 3]);
  assert.ok(conversation.addSent(entry(4, { side: 'operator' }), today));
  assert.equal(conversation.shown, 4);
  const yesterday = { date: '2027-03-13', heading: 'Today' };
  assert.ok(!conversation.addSent(entry(5, { side: 'operator' }), yesterday));
});

test('neighbouring messages of one date are one section', () => {
  const conversation = open(1);
  const next = { date: '2027-03-15', heading: 'Today', entries: [entry(3)] };
  conversation.merge({ ...view([2]), sections: [...view([2]).sections, next], shown: 3 });
  conversation.updateHeadings({ '2027-03-14': 'Yesterday' });
  const sections = conversation.sections.map(({ heading, entries }) => [heading, entries.length]);
  assert.deepEqual(sections, [['Yesterday', 2], ['Today', 1]]);
});
