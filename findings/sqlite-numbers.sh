#!/usr/bin/env bash
# npm libsql 0.5.29, @libsql/client 0.18.0, sql.js 1.17.0, wa-sqlite 1.0.0; node-sqlite3-wasm 0.8.60 and
# @tursodatabase/database 0.7.2 bind as expected.
#
# A host writes a booking number of JavaScript into SQLite: the value of an id column of type TEXT, of
# `json_object('booking', ?)`, and of `? / 2`. A guess says that a whole number is bound as an integer.
#
# - libsql and @libsql/client bind every number as a REAL: the id 7 is stored as '7.0', so that a program
#   that looks for '7' finds nothing, and 7 / 2 is 3.5.
# - sql.js and wa-sqlite do so from 2,147,483,648 on. The first 2,147,483,647 ids are right, and the next
#   ends in '.0'.
# - In the SQLite of libsql and wa-sqlite, a REAL becomes text with 15 digits. Two ids of 16 digits that
#   differ in the last one are the same text, and the second insert is refused.
# - An integer above 2^53 is read in three ways: rounded without an error (libsql, sql.js, Turso), as an
#   error (@libsql/client), and exactly, as a bigint (node-sqlite3-wasm, wa-sqlite).
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: ids are texts everywhere, and revisions stay below 2^53. The table that another
# program keeps beside frontdesk-sqlite's gets `String(id)` or a BigInt, never a number, from JavaScript.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install libsql@0.5.29 @libsql/client@0.18.0 sql.js@1.17.0 wa-sqlite@1.0.0 node-sqlite3-wasm@0.8.60 \
  @tursodatabase/database@0.7.2 >/dev/null

cat > numbers.mjs <<'JS'
import fs from 'node:fs';
import { createClient } from '@libsql/client';
import { connect } from '@tursodatabase/database';
import Libsql from 'libsql';
import wasm from 'node-sqlite3-wasm';
import initSqlJs from 'sql.js';
import * as waSqlite from 'wa-sqlite';
import createModule from 'wa-sqlite/dist/wa-sqlite.mjs';

// Each driver runs a statement with values and returns the first value of the first row, if any.
const libsql = new Libsql(':memory:');
const client = createClient({ url: ':memory:' });
const sqlJs = new (await initSqlJs()).Database();
const wa = waSqlite.Factory(await createModule({ wasmBinary: fs.readFileSync('node_modules/wa-sqlite/dist/wa-sqlite.wasm') }));
const waDatabase = await wa.open_v2(':memory:');
const wasmDatabase = new wasm.Database(':memory:');
const turso = await connect(':memory:');
const first = (row) => row && Object.values(row)[0];
const drivers = {
  libsql: (sql, ...values) => { const statement = libsql.prepare(sql); return statement.reader ? first(statement.get(...values)) : void statement.run(...values); },
  '@libsql/client': async (sql, ...args) => first((await client.execute({ sql, args })).rows[0]),
  'sql.js': (sql, ...values) => sqlJs.exec(sql, values)[0]?.values[0][0],
  'wa-sqlite': async (sql, ...values) => {
    let found;
    for await (const statement of wa.statements(waDatabase, sql)) {
      if (values.length > 0) wa.bind_collection(statement, values);
      while (await wa.step(statement) === waSqlite.SQLITE_ROW) [found] = wa.row(statement);
    }
    return found;
  },
  'node-sqlite3-wasm': (sql, ...values) => first(wasmDatabase.all(sql, values)[0]),
  turso: async (sql, ...values) => first(await (await turso.prepare(sql)).get(...values)),
};

for (const [name, run] of Object.entries(drivers)) {
  await run('CREATE TABLE booking (id TEXT PRIMARY KEY)');
  const stored = [];
  for (const id of [7, 2147483647, 2147483648, 1795860000000121, 1795860000000122]) {
    try {
      await run('INSERT INTO booking VALUES (?)', id);
      stored.push(await run('SELECT id FROM booking ORDER BY rowid DESC LIMIT 1'));
    } catch {
      stored.push('refused');
    }
  }
  let large;
  try {
    large = await run('SELECT 9007199254740993');
    large = `${typeof large} ${large}`;
  } catch (error) {
    large = error.constructor.name;
  }
  const json = await run("SELECT json_object('booking', ?)", 7);
  console.log(`${name} | ${stored.join(' ')} | ${json} | 7 / 2 = ${await run('SELECT ? / 2', 7)} | ${large}`);
}
process.exit(0);
JS

node numbers.mjs > seen
cat > expected <<'END'
libsql | 7.0 2147483647.0 2147483648.0 1.79586000000012e+15 refused | {"booking":7.0} | 7 / 2 = 3.5 | number 9007199254740992
@libsql/client | 7.0 2147483647.0 2147483648.0 1.79586000000012e+15 refused | {"booking":7.0} | 7 / 2 = 3.5 | RangeError
sql.js | 7 2147483647 2147483648.0 1795860000000121.0 1795860000000122.0 | {"booking":7} | 7 / 2 = 3 | number 9007199254740992
wa-sqlite | 7 2147483647 2147483648.0 1.79586000000012e+15 refused | {"booking":7} | 7 / 2 = 3 | bigint 9007199254740993
node-sqlite3-wasm | 7 2147483647 2147483648 1795860000000121 1795860000000122 | {"booking":7} | 7 / 2 = 3 | bigint 9007199254740993
turso | 7 2147483647 2147483648 1795860000000121 1795860000000122 | {"booking":7} | 7 / 2 = 3 | number 9007199254740992
END
diff -u expected seen || { echo "CHANGED: a driver of SQLite binds or reads numbers differently now" >&2; exit 1; }
echo "OK: four of six drivers of SQLite store whole numbers as texts that end in .0, two of them only from 2,147,483,648 on"
