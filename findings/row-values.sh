#!/usr/bin/env bash
# npm pg-mem 3.0.14, @duckdb/node-api 1.5.6-r.1, @tursodatabase/database 0.7.2; PGlite 0.5.17 (PostgreSQL
# 18) and sql.js 1.17.0 (SQLite) agreed with each other.
#
# Pages and compare-and-swap in SQL: comparisons of (waiting, booking), where a thread that nobody waits
# in has no `waiting`. A guess says that a row with NULL is on no page, and that a stand-in for PostgreSQL
# in tests at least compares numbers as PostgreSQL does.
#
# - pg-mem compares the parts on their own in `>` and `<=`: after (2, 1) comes (1, 2) again, so that a walk
#   over the pages does not end, and after (1, 1) come the rows with NULL.
# - pg-mem returns a row from an upsert whose WHERE excluded the update. A compare-and-swap that counts the
#   rows of RETURNING always succeeds in such tests. It also ignores FILTER of an aggregate, and ORDER BY
#   and LIMIT after UNION ALL.
# - DuckDB compares (a, b) as one value, in which NULL is equal to NULL and above all numbers: each page
#   ends with the rows that have none.
# - In Turso, (NULL, 2) is in ((1, 2), (2, 1)).
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: L2 and U5. frontdesk's stores write IS NOT NULL beside such a comparison. A store is
# tested on the engine that it is for, with the conformance kit, and not on a stand-in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install pg-mem@3.0.14 @duckdb/node-api@1.5.6-r.1 @tursodatabase/database@0.7.2 @electric-sql/pglite@0.5.17 \
  sql.js@1.17.0 >/dev/null

cat > table.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
import { connect } from '@tursodatabase/database';
import { newDb } from 'pg-mem';
import initSqlJs from 'sql.js';

const pglite = await PGlite.create();
const pgMem = newDb().public;
const sqlJs = new (await initSqlJs()).Database();
const turso = await connect(':memory:');
const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
const values = (rows) => rows.map(Object.values);
const engines = {
  PGlite: async (sql) => values((await pglite.query(sql)).rows),
  'sql.js': (sql) => sqlJs.exec(sql)[0]?.values ?? [],
  'pg-mem': (sql) => values(pgMem.many(sql)),
  DuckDB: async (sql) => (await duckdb.runAndReadAll(sql)).getRowsJson(),
  Turso: async (sql) => values(await (await turso.prepare(sql)).all()),
};
for (const run of Object.values(engines)) {
  await run('CREATE TABLE thread (waiting int, booking int, name text)');
  await run('CREATE TABLE head (id int PRIMARY KEY, revision int)');
  await run('INSERT INTO head VALUES (1, 7)');
  for (const waiting of [1, 2, null]) {
    for (const booking of [1, 2]) await run(`INSERT INTO thread VALUES (${waiting}, ${booking}, '${waiting ?? '-'}/${booking}')`);
  }
}
for (const sql of [
  'SELECT name FROM thread WHERE (waiting, booking) > (1, 1) ORDER BY name',
  'SELECT name FROM thread WHERE (waiting, booking) > (2, 1) ORDER BY name',
  'SELECT name FROM thread WHERE (waiting, booking) <= (1, 2) ORDER BY name',
  'SELECT name FROM thread WHERE waiting > 2 OR (waiting = 2 AND booking > 1) ORDER BY name',
  'SELECT name FROM thread WHERE (waiting, booking) IN ((1, 2), (2, 1)) ORDER BY name',
  'SELECT name FROM thread WHERE (waiting, booking) <> (1, 2) ORDER BY name',
  'SELECT count(*) FILTER (WHERE waiting = 1) FROM thread',
  'SELECT name FROM thread WHERE waiting = 2 UNION ALL SELECT name FROM thread WHERE waiting = 1 ORDER BY name LIMIT 1',
  'INSERT INTO head VALUES (1, 7) ON CONFLICT (id) DO UPDATE SET revision = 9 WHERE head.revision = 8 RETURNING revision',
  'SELECT revision FROM head',
]) {
  console.log(sql);
  const answers = {};
  for (const [name, run] of Object.entries(engines)) (answers[(await run(sql)).join(' ') || 'no row'] ??= []).push(name);
  for (const [answer, names] of Object.entries(answers)) console.log(`  ${names.join(', ')}: ${answer}`);
}
process.exit(0);
JS

node table.mjs > seen
cat > expected <<'END'
SELECT name FROM thread WHERE (waiting, booking) > (1, 1) ORDER BY name
  PGlite, sql.js, Turso: 1/2 2/1 2/2
  pg-mem: -/2 1/2 2/1 2/2
  DuckDB: -/1 -/2 1/2 2/1 2/2
SELECT name FROM thread WHERE (waiting, booking) > (2, 1) ORDER BY name
  PGlite, sql.js, Turso: 2/2
  pg-mem: -/2 1/2 2/2
  DuckDB: -/1 -/2 2/2
SELECT name FROM thread WHERE (waiting, booking) <= (1, 2) ORDER BY name
  PGlite, sql.js, DuckDB, Turso: 1/1 1/2
  pg-mem: -/1 1/1 1/2 2/1
SELECT name FROM thread WHERE waiting > 2 OR (waiting = 2 AND booking > 1) ORDER BY name
  PGlite, sql.js, pg-mem, DuckDB, Turso: 2/2
SELECT name FROM thread WHERE (waiting, booking) IN ((1, 2), (2, 1)) ORDER BY name
  PGlite, sql.js, pg-mem, DuckDB: 1/2 2/1
  Turso: -/2 1/2 2/1
SELECT name FROM thread WHERE (waiting, booking) <> (1, 2) ORDER BY name
  PGlite, sql.js, Turso: -/1 1/1 2/1 2/2
  pg-mem, DuckDB: -/1 -/2 1/1 2/1 2/2
SELECT count(*) FILTER (WHERE waiting = 1) FROM thread
  PGlite, sql.js, DuckDB, Turso: 2
  pg-mem: 6
SELECT name FROM thread WHERE waiting = 2 UNION ALL SELECT name FROM thread WHERE waiting = 1 ORDER BY name LIMIT 1
  PGlite, sql.js, DuckDB, Turso: 1/1
  pg-mem: 2/1 2/2 1/1
INSERT INTO head VALUES (1, 7) ON CONFLICT (id) DO UPDATE SET revision = 9 WHERE head.revision = 8 RETURNING revision
  pg-mem: 7
  PGlite, sql.js, DuckDB, Turso: no row
SELECT revision FROM head
  PGlite, sql.js, pg-mem, DuckDB, Turso: 7
END
diff -u expected seen || { echo "CHANGED: an engine compares rows differently now" >&2; exit 1; }
echo "OK: pg-mem, DuckDB and Turso find other rows than PostgreSQL and SQLite, and pg-mem returns rows that it did not update"
