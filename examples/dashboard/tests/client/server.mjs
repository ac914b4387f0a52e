// The server under test, and what the tests know about it. `tests/client.rs` starts the server.

import { CustomerApi, TeamApi } from '../../page/client.js';

const { FRONTDESK_TEAM_API: teamUrl, FRONTDESK_ADMIN: adminUrl } = process.env;

export const team = new TeamApi(teamUrl);
/** An API whose server does not exist. */
export const unreachable = new TeamApi('http://127.0.0.1:9/api');

/** Returns the API of a booking's customer. */
export async function customerOf(booking) {
  const { portal } = await team.messages(booking);
  return new CustomerApi(`${new URL(teamUrl).origin}/api${portal}`);
}

/** Erases a conversation, as the location's administration does. */
export async function erase(booking) {
  const response = await fetch(`${adminUrl}/${encodeURIComponent(booking)}`, { method: 'POST' });
  if (!response.ok) throw new Error(`erasing failed: ${response.status}`);
}

/** Returns all rows of a list, and its first page. */
export async function freshRows(list) {
  let page = await team.inbox(list);
  const [first, rows] = [page, [...page.rows]];
  while (page.next) {
    page = await team.inboxAfter(page.next);
    rows.push(...page.rows);
  }
  return { first, rows };
}

/** Returns the entries from a number to the newest, and the newest page. `load(before)` reads the
 *  messages before a number. */
export async function freshEntries(load, from) {
  let page = await load(null);
  const newest = page;
  const entries = entriesOf(page);
  while (page.hasEarlier && entries[0].number > from) {
    page = await load(entries[0].number);
    entries.unshift(...entriesOf(page));
  }
  return { newest, entries: entries.filter((entry) => entry.number >= from) };
}

export const entriesOf = (view) => view.sections.flatMap((section) => section.entries);

/** Returns a function that makes random numbers from a seed (mulberry32). */
export function randomNumbers(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
}

/** A storage in memory. */
export class MemoryStorage {
  #items = new Map();
  getItem(key) { return this.#items.get(key) ?? null; }
  setItem(key, value) { this.#items.set(key, value); }
  removeItem(key) { this.#items.delete(key); }
}
