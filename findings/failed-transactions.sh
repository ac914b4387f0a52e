#!/usr/bin/env bash
# npm lmdb 3.5.6, libsql 0.5.29, drizzle-orm 0.45.4 with sql.js 1.17.0; @tursodatabase/database 0.7.2, PGlite
# 0.5.17 and dexie 4.4.7 were as expected.
#
# A function writes a row in a transaction of the library and fails, and the call fails with its error. A
# guess says that the row is not written: the transaction was passed as a function for that reason.
#
# - lmdb commits the writes of a failed `transaction` and `batch`, also if the function is asynchronous.
#   `childTransaction` and `transactionSync` undo them.
# - If a function for `transaction` of lmdb returns the constant ABORT, its writes are committed as well.
# - libsql and drizzle's sql.js take an asynchronous function, commit at its first `await`, and run the
#   rest without a transaction. After the failure all rows are there. better-sqlite3 12.4.1, whose
#   interface libsql has, refuses such functions (seen by hand).
# - Drizzle's own `rollback()` then fails as well, with the name of what it did not do.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a commit writes the head, the message and the key or nothing. A store on lmdb uses
# `childTransaction`; one on a synchronous driver writes BEGIN and COMMIT itself.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install lmdb@3.5.6 libsql@0.5.29 drizzle-orm@0.45.4 sql.js@1.17.0 @tursodatabase/database@0.7.2 \
  @electric-sql/pglite@0.5.17 dexie@4.4.7 fake-indexeddb@6.2.8 >/dev/null

cat > table.mjs <<'JS'
import 'fake-indexeddb/auto';
import { setTimeout } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { connect } from '@tursodatabase/database';
import { Dexie } from 'dexie';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sql-js';
import Libsql from 'libsql';
import { ABORT, open } from 'lmdb';
import initSqlJs from 'sql.js';

const fail = () => { throw new Error('failed'); };
async function report(name, act, count) {
  let answer = 'succeeds';
  try { await act(); } catch (error) { answer = `fails (${error.message})`; }
  await setTimeout(20);
  console.log(`${name} | ${answer} | ${await count()} rows`);
}

const lmdb = open({ path: 'lmdb' });
const countLmdb = async () => {
  const rows = lmdb.getCount();
  await lmdb.clearAsync();
  return rows;
};
for (const call of ['transaction', 'batch', 'childTransaction', 'transactionSync']) {
  await report(`lmdb ${call}`, () => lmdb[call](() => { lmdb.put('one', 1); fail(); }), countLmdb);
}
for (const call of ['transaction', 'childTransaction']) {
  await report(`lmdb ${call}, asynchronous`, () => lmdb[call](async () => { lmdb.put('one', 1); await setTimeout(5); fail(); }), countLmdb);
}
for (const call of ['transaction', 'childTransaction', 'transactionSync']) {
  await report(`lmdb ${call}, ABORT`, () => lmdb[call](() => { lmdb.put('one', 1); return ABORT; }), countLmdb);
}

const libsql = new Libsql(':memory:');
libsql.exec('CREATE TABLE message (number int)');
const countLibsql = () => {
  const { rows } = libsql.prepare('SELECT count(*) AS rows FROM message').get();
  libsql.exec('DELETE FROM message');
  return rows;
};
const insert = (number) => libsql.exec(`INSERT INTO message VALUES (${number})`);
await report('libsql', () => libsql.transaction(() => { insert(1); fail(); })(), countLibsql);
await report('libsql, asynchronous', () => libsql.transaction(async () => { insert(1); await setTimeout(5); insert(2); fail(); })(), countLibsql);

const sqlJs = new (await initSqlJs()).Database();
sqlJs.run('CREATE TABLE message (number int)');
const countSqlJs = () => {
  const rows = sqlJs.exec('SELECT count(*) FROM message')[0].values[0][0];
  sqlJs.run('DELETE FROM message');
  return rows;
};
const orm = drizzle(sqlJs);
const one = sql`INSERT INTO message VALUES (1)`;
await report('drizzle, sql.js', () => orm.transaction((tx) => { tx.run(one); fail(); }), countSqlJs);
await report('drizzle, sql.js, asynchronous', () => orm.transaction(async (tx) => { tx.run(one); await setTimeout(5); tx.run(one); fail(); }), countSqlJs);
await report('drizzle, sql.js, rollback', () => orm.transaction(async (tx) => { tx.run(one); await setTimeout(5); tx.rollback(); }), countSqlJs);

const turso = await connect(':memory:');
await turso.exec('CREATE TABLE message (number int)');
const countTurso = async () => (await (await turso.prepare('SELECT count(*) AS rows FROM message')).get()).rows;
await report('Turso, asynchronous', () => turso.transaction(async () => { await turso.exec('INSERT INTO message VALUES (1)'); await setTimeout(5); fail(); })(), countTurso);

const pglite = await PGlite.create();
await pglite.exec('CREATE TABLE message (number int)');
const countPglite = async () => (await pglite.query('SELECT count(*)::int AS rows FROM message')).rows[0].rows;
await report('PGlite, asynchronous', () => pglite.transaction(async (tx) => { await tx.exec('INSERT INTO message VALUES (1)'); await setTimeout(5); fail(); }), countPglite);

const dexie = new Dexie('desk');
dexie.version(1).stores({ message: 'number' });
await report('dexie, asynchronous', () => dexie.transaction('rw', dexie.message, async () => { await dexie.message.put({ number: 1 }); fail(); }), () => dexie.message.count());
process.exit(0);
JS

node table.mjs > seen
cat > expected <<'END'
lmdb transaction | fails (failed) | 1 rows
lmdb batch | fails (failed) | 1 rows
lmdb childTransaction | fails (failed) | 0 rows
lmdb transactionSync | fails (failed) | 0 rows
lmdb transaction, asynchronous | fails (failed) | 1 rows
lmdb childTransaction, asynchronous | fails (failed) | 0 rows
lmdb transaction, ABORT | succeeds | 1 rows
lmdb childTransaction, ABORT | succeeds | 0 rows
lmdb transactionSync, ABORT | succeeds | 0 rows
libsql | fails (failed) | 0 rows
libsql, asynchronous | fails (failed) | 2 rows
drizzle, sql.js | fails (failed) | 0 rows
drizzle, sql.js, asynchronous | fails (failed) | 2 rows
drizzle, sql.js, rollback | fails (Rollback) | 1 rows
Turso, asynchronous | fails (failed) | 0 rows
PGlite, asynchronous | fails (failed) | 0 rows
dexie, asynchronous | fails (failed) | 0 rows
END
diff -u expected seen || { echo "CHANGED: failed transactions leave other rows now" >&2; exit 1; }
echo "OK: lmdb, libsql and drizzle with sql.js keep the rows of functions that failed in a transaction"
