#!/usr/bin/env bash
# npm libsql 0.5.29, @libsql/client 0.18.0, node-sqlite3-wasm 0.8.60, @tursodatabase/database 0.7.2; PyPI
# libsql 0.1.11, pyturso 0.8.3, and Python 3.11's sqlite3; sql.js 1.17.0 (npm) was as expected.
#
# A compare-and-swap in SQLite: UPDATE ... WHERE revision = ?, and the number of changed rows that the
# driver reports. A guess says that the number is 1 if the row was changed and 0 if it was not, in
# whichever form the statement is written.
#
# - With RETURNING, libsql and @libsql/client of npm report 0 for a row that they changed, and libsql of
#   Python and node-sqlite3-wasm report the number of the statement before, here also 0. A program takes
#   its success for a conflict, and sends the message again.
# - With WITH before the UPDATE, Python's sqlite3 reports -1; so does pyturso with RETURNING.
# - Of two statements in one text, libsql, @libsql/client, node-sqlite3-wasm and Turso of npm and libsql of
#   Python execute the first and ignore the second, without an error. sqlite3 and pyturso refuse the text.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: frontdesk-sqlite reads the state in the transaction that writes it. A store on one of
# these drivers counts the rows of RETURNING, or the number without RETURNING, and not the other.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install libsql==0.1.11 pyturso==0.8.3
npm --silent init -y >/dev/null
npm --silent install libsql@0.5.29 @libsql/client@0.18.0 node-sqlite3-wasm@0.8.60 @tursodatabase/database@0.7.2 \
  sql.js@1.17.0 >/dev/null

cat > statements <<'END'
hit|UPDATE head SET revision = 2 WHERE revision = 1
miss|UPDATE head SET revision = 2 WHERE revision = 7
hit, RETURNING|UPDATE head SET revision = 2 WHERE revision = 1 RETURNING revision
miss, RETURNING|UPDATE head SET revision = 2 WHERE revision = 7 RETURNING revision
hit, WITH|WITH next AS (SELECT 2 AS revision) UPDATE head SET revision = (SELECT revision FROM next) WHERE revision = 1
two statements|UPDATE head SET revision = 2 WHERE revision = 1; UPDATE head SET revision = 3 WHERE revision = 2
END
cat > table.mjs <<'JS'
import { createClient } from '@libsql/client';
import { connect } from '@tursodatabase/database';
import Libsql from 'libsql';
import wasm from 'node-sqlite3-wasm';
import initSqlJs from 'sql.js';
import fs from 'node:fs';

// Each driver runs one text and returns the number of rows that it reports as changed.
const sqlJs = new (await initSqlJs()).Database();
const wasmDatabase = new wasm.Database(':memory:');
const libsql = new Libsql(':memory:');
const client = createClient({ url: ':memory:' });
const turso = await connect(':memory:');
const drivers = {
  'libsql (npm)': [(sql) => libsql.prepare(sql).run().changes, () => libsql.prepare('SELECT revision FROM head').get().revision],
  '@libsql/client': [async (sql) => (await client.execute(sql)).rowsAffected, async () => (await client.execute('SELECT revision FROM head')).rows[0].revision],
  'node-sqlite3-wasm': [(sql) => wasmDatabase.run(sql).changes, () => wasmDatabase.get('SELECT revision FROM head').revision],
  'sql.js': [(sql) => { sqlJs.exec(sql); return sqlJs.getRowsModified(); }, () => sqlJs.exec('SELECT revision FROM head')[0].values[0][0]],
  'Turso (npm)': [async (sql) => (await (await turso.prepare(sql)).run()).changes, async () => (await (await turso.prepare('SELECT revision FROM head')).get()).revision],
};
for (const [name, [run, revision]] of Object.entries(drivers)) {
  await run('CREATE TABLE head (id INTEGER PRIMARY KEY, revision int)');
  await run('INSERT INTO head VALUES (1, 1)');
  for (const line of fs.readFileSync('statements', 'utf8').trim().split('\n')) {
    const [label, sql] = line.split('|');
    await run('UPDATE head SET revision = 1');
    await run('DELETE FROM head WHERE revision = 7');
    let count;
    try { count = await run(sql); } catch { count = 'refused'; }
    console.log(`${label} | ${name} | ${count}, revision ${await revision()}`);
  }
}
process.exit(0);
JS
cat > table.py <<'PY'
import sqlite3
import libsql, turso

for name, library in (("sqlite3 (Python)", sqlite3), ("libsql (Python)", libsql), ("Turso (Python)", turso)):
    connection = library.connect(":memory:")
    connection.execute("CREATE TABLE head (id INTEGER PRIMARY KEY, revision int)")
    connection.execute("INSERT INTO head VALUES (1, 1)")
    for line in open("statements").read().splitlines():
        label, statement = line.split("|")
        connection.execute("UPDATE head SET revision = 1")
        connection.execute("DELETE FROM head WHERE revision = 7")
        cursor = connection.cursor()
        try:
            cursor.execute(statement)
            if "RETURNING" in statement:
                cursor.fetchall()
            count = cursor.rowcount
        except Exception:
            count = "refused"
        revision = connection.execute("SELECT revision FROM head").fetchall()[0][0]
        print(label, name, f"{count}, revision {revision}", sep=" | ")
PY

{ node table.mjs; venv/bin/python table.py; } | LC_ALL=C sort > seen
cat > expected <<'END'
hit | @libsql/client | 1, revision 2
hit | Turso (Python) | 1, revision 2
hit | Turso (npm) | 1, revision 2
hit | libsql (Python) | 1, revision 2
hit | libsql (npm) | 1, revision 2
hit | node-sqlite3-wasm | 1, revision 2
hit | sql.js | 1, revision 2
hit | sqlite3 (Python) | 1, revision 2
hit, RETURNING | @libsql/client | 0, revision 2
hit, RETURNING | Turso (Python) | -1, revision 2
hit, RETURNING | Turso (npm) | 1, revision 2
hit, RETURNING | libsql (Python) | 0, revision 2
hit, RETURNING | libsql (npm) | 0, revision 2
hit, RETURNING | node-sqlite3-wasm | 0, revision 2
hit, RETURNING | sql.js | 1, revision 2
hit, RETURNING | sqlite3 (Python) | 1, revision 2
hit, WITH | @libsql/client | 1, revision 2
hit, WITH | Turso (Python) | 1, revision 2
hit, WITH | Turso (npm) | 1, revision 2
hit, WITH | libsql (Python) | 1, revision 2
hit, WITH | libsql (npm) | 1, revision 2
hit, WITH | node-sqlite3-wasm | 1, revision 2
hit, WITH | sql.js | 1, revision 2
hit, WITH | sqlite3 (Python) | -1, revision 2
miss | @libsql/client | 0, revision 1
miss | Turso (Python) | 0, revision 1
miss | Turso (npm) | 0, revision 1
miss | libsql (Python) | 0, revision 1
miss | libsql (npm) | 0, revision 1
miss | node-sqlite3-wasm | 0, revision 1
miss | sql.js | 0, revision 1
miss | sqlite3 (Python) | 0, revision 1
miss, RETURNING | @libsql/client | 0, revision 1
miss, RETURNING | Turso (Python) | -1, revision 1
miss, RETURNING | Turso (npm) | 0, revision 1
miss, RETURNING | libsql (Python) | 0, revision 1
miss, RETURNING | libsql (npm) | 0, revision 1
miss, RETURNING | node-sqlite3-wasm | 0, revision 1
miss, RETURNING | sql.js | 0, revision 1
miss, RETURNING | sqlite3 (Python) | 0, revision 1
two statements | @libsql/client | 1, revision 2
two statements | Turso (Python) | refused, revision 1
two statements | Turso (npm) | 1, revision 2
two statements | libsql (Python) | 1, revision 2
two statements | libsql (npm) | 1, revision 2
two statements | node-sqlite3-wasm | 1, revision 2
two statements | sql.js | 1, revision 3
two statements | sqlite3 (Python) | refused, revision 1
END
diff -u expected seen || { echo "CHANGED: a driver of SQLite reports other numbers of changed rows now" >&2; exit 1; }
echo "OK: six drivers of SQLite report wrong numbers of changed rows with RETURNING or WITH, and five ignore a second statement"
