// Random calls of a team and of customers, while two clients poll. Afterwards the state of each
// client equals what a client would show that loads everything now.

import assert from 'node:assert/strict';
import test from 'node:test';

import { CustomerClient, Drafts, TeamClient } from '../../page/client.js';
import { customerOf, entriesOf, erase, freshEntries, freshRows, randomNumbers, team } from './server.mjs';

const SEEDS = Number(process.env.FRONTDESK_CLIENT_SEEDS ?? 4);
const STEPS = 40;
const BOOKINGS = ['k7q2-xh41-09', 'm4zp-77qa-31', 'r9td-02lm-77', 'd3vv-48ke-05', 'g0011-017', 'g1830-544'];
const LISTS = ['all', 'unread', 'waiting'];

/** The texts of a row that become outdated by themselves. */
const withoutAges = ({ relative, waiting, ...row }) => row;
const withoutRead = ({ read, ...entry }) => entry;

/** The clients under test, with the operations that a sequence is made of. */
class World {
  isAttended = true;
  texts = [];
  constructor(seed, customers) {
    [this.random, this.seed, this.customers] = [randomNumbers(seed), seed, customers];
    this.drafts = new Drafts((booking, draft) => this.#reply(booking, draft));
    this.drafts.listen({
      onSettled: (draft, entry) => {
        const { conversation } = this.team;
        const today = entry && { date: entry.sentAt.slice(0, 10), heading: 'Today' };
        if (entry && draft.booking === conversation.booking) conversation.addSent(entry, today);
      },
    });
    const isAttended = () => this.isAttended;
    this.team = new TeamClient(team, { drafts: this.drafts, isAttended });
    this.customer = new CustomerClient(customers.get(BOOKINGS[0]));
  }

  /** Loses the answer of every third reply. */
  async #reply(booking, draft) {
    const entry = await team.reply(booking, draft);
    if (this.random(3) === 0) throw new TypeError('the answer is lost');
    return entry;
  }

  pick(values) {
    return values[this.random(values.length)];
  }

  text() {
    return `seed ${this.seed}, step ${this.step}, ${this.random(1e9)}`;
  }

  async run() {
    for (this.step = 0; this.step < STEPS; this.step += 1) {
      // Some operations happen while a poll is under way.
      const polls = this.random(3) === 0 ? [this.team.poll(), this.customer.poll()] : [];
      for (let count = 0; count <= this.random(3); count += 1) await this.operate();
      await Promise.all(polls);
    }
  }

  async operate() {
    const booking = this.pick(BOOKINGS);
    const newest = (await this.#ignoreMissing(team.messages(booking)))?.shown ?? 0;
    const number = 1 + this.random(Math.max(newest, 1));
    const operations = [
      () => this.customers.get(booking).send({ body: this.text() }),
      () => this.customers.get(booking).send({ body: this.text() }),
      () => this.customers.get(booking).open(),
      () => team.reply(booking, { body: this.text() }),
      () => team.open(booking),
      () => team.markUnread(booking, number),
      () => team.markAnswered(booking, number),
      () => team.redact(booking, number),
      () => (this.random(4) === 0 ? erase(booking) : null),
      () => this.team.open(booking),
      () => this.team.open(booking),
      () => (this.random(3) === 0 ? this.team.close() : null),
      () => this.#sendDraft(),
      () => this.#sendDraft(),
      () => this.team.inbox.choose(this.pick(LISTS)),
      () => this.team.loadMore(),
      () => this.team.loadEarlier(),
      () => this.customer.loadEarlier(),
      () => { this.isAttended = this.random(3) > 0; },
      () => this.team.poll(),
      () => this.team.poll(),
      () => this.customer.poll(),
      () => this.#startOver(),
    ];
    await this.#ignoreMissing(this.pick(operations)());
  }

  /** An operation on an erased conversation or on a number that it does not have fails. */
  async #ignoreMissing(operation) {
    try {
      return await operation;
    } catch (problem) {
      if (problem.status === 404) return null;
      throw problem;
    }
  }

  async #sendDraft() {
    const { booking, shown } = this.team.conversation;
    if (this.team.state !== 'open') return;
    const text = this.text();
    this.drafts.edit(booking, text);
    this.texts.push({ booking, text });
    const silent = console.error;
    console.error = () => {};
    for (let attempt = 0; attempt < 9 && this.drafts.of(booking).text; attempt += 1) {
      this.drafts.submit(booking, shown);
      await this.drafts.whenSent(booking);
    }
    console.error = silent;
    // A conversation that was erased in the meantime takes no reply.
    this.drafts.edit(booking, '');
  }

  #startOver() {
    const { inbox } = this.team;
    if (inbox.cursor === undefined || this.random(3) > 0) return;
    const fields = inbox.cursor.split('.');
    fields[2] = '4000000000';
    inbox.cursor = fields.join('.');
  }

  async settle() {
    this.isAttended = true;
    for (let count = 0; count < 4; count += 1) {
      await this.team.poll();
      await this.customer.poll();
    }
  }

  async check() {
    const { inbox, conversation, state } = this.team;
    const { first, rows } = await freshRows(inbox.list);
    const { unread, badge, waiting } = first;
    assert.deepEqual(inbox.totals, { unread, badge, waiting });
    const isListed = { all: () => true, unread: (it) => it.unread > 0, waiting: (it) => it.waitingSince };
    const visible = inbox.visible().filter(isListed[inbox.list]);
    const expected = inbox.hasMore ? rows.slice(0, visible.length) : rows;
    assert.deepEqual(visible.map(withoutAges), expected.map(withoutAges));

    assert.ok(state !== 'loading');
    const { booking } = conversation;
    if (state === 'open') {
      await this.#checkConversation(conversation, (before) => team.messages(booking, before));
    }
    const customer = this.customers.get(BOOKINGS[0]);
    await this.#checkConversation(this.customer.conversation, (before) => customer.messages(before));
  }

  async #checkConversation(conversation, load) {
    const from = conversation.entries[0]?.number ?? 0;
    const { newest, entries } = await freshEntries(load, from);
    assert.deepEqual(conversation.entries.map(withoutRead), entries.map(withoutRead));
    for (const [index, entry] of conversation.entries.entries()) {
      const isRead = entries[index].side === conversation.ownSide && entries[index].read;
      assert.equal(conversation.isRead(entry), isRead, `the receipt of ${entry.number}`);
    }
    const { shown, firstNumber, readTo } = newest;
    const known = { shown: conversation.shown, firstNumber: conversation.firstNumber, readTo: conversation.readTo };
    assert.deepEqual(known, { shown, firstNumber, readTo });
    assert.equal(conversation.hasEarlier, entries.length > 0 && from > firstNumber);
    assert.equal(conversation.hasLater, false);
  }

  /** Asserts that no retry stored a message twice. */
  async checkTexts() {
    for (const booking of new Set(this.texts.map((it) => it.booking))) {
      const fresh = await this.#ignoreMissing(freshEntries((before) => team.messages(booking, before), 0));
      const stored = fresh?.entries.map(({ text }) => text) ?? [];
      assert.equal(new Set(stored.filter(Boolean)).size, stored.filter(Boolean).length, booking);
    }
  }
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`a client that polls has the state of a fresh load, seed ${seed}`, async () => {
    const customers = new Map();
    for (const booking of BOOKINGS) {
      await team.start(booking);
      customers.set(booking, await customerOf(booking));
    }
    const world = new World(seed, customers);
    await world.run();
    await world.settle();
    await world.check();
    await world.checkTexts();
  });
}

test('the model covers pages: the list has more rows than a page', async () => {
  const { first, rows } = await freshRows('all');
  assert.ok(first.next !== null && rows.length > first.rows.length);
  assert.ok(entriesOf(await team.messages(BOOKINGS[0])).length > 0);
});
