#!/usr/bin/env bash
# npm pg 8.23.1, postgres 3.4.9 and pg-promise 12.7.1 with PostgreSQL 15, and PGlite 0.5.17.
#
# Values that four drivers of JavaScript send to PostgreSQL and read back as text. A guess says that a text
# for a `timestamptz` or a `jsonb` is sent as it is, and that the four store the same values.
#
# - postgres parses a text for a `timestamptz` and sends milliseconds: '...10:00:00.123456Z' becomes .123.
#   A program that selects its times as text, in order not to lose digits, loses them when it sends the
#   text back: the page after that message begins with that message.
# - postgres reads a NULL in a `text[]` as the text 'NULL'. The others read null.
# - An empty array for a `jsonb` is the object {} with pg and pg-promise, without an error; a filled one is
#   refused. postgres and PGlite store arrays.
# - A text that contains JSON is an object with pg, pg-promise and PGlite, and a JSON text that contains
#   the object's text with postgres.
# - pg-promise writes 1.5 into the statement, so that an integer becomes 2. The others refuse it.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: L2. frontdesk-postgres stores microseconds as integers, and a cursor contains no time
# that a driver can shorten. A host's own tables take times as integers and JSON as `$1::text::jsonb`.
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$programs" ] || { echo "MISSING: PostgreSQL (Debian: postgresql)" >&2; exit 1; }
work=$(mktemp -d)
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work" "$@"; }
  chown 65534:65534 "$work"
fi
cleanup() {
  as_user "$programs/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
as_user "$programs/initdb" -D "$work/data" -U postgres -A trust >/dev/null
as_user "$programs/pg_ctl" -D "$work/data" -l "$work/log" -w -o "-c listen_addresses= -c timezone=UTC -c unix_socket_directories=$work" start >/dev/null
npm --silent init -y >/dev/null
npm --silent install pg@8.23.1 postgres@3.4.9 pg-promise@12.7.1 @electric-sql/pglite@0.5.17 >/dev/null
export TZ=UTC

cat > table.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import pgPromise from 'pg-promise';
import postgres from 'postgres';

const host = process.cwd();
const options = { host, user: 'postgres', database: 'postgres' };
const pool = new pg.Pool(options);
const sql = postgres({ ...options, path: `${host}/.s.PGSQL.5432` });
const promise = pgPromise()(options);
const pglite = await PGlite.create();
await pglite.exec("SET TimeZone = 'UTC'");
const drivers = {
  pg: async (text, values) => (await pool.query(text, values)).rows[0],
  postgres: async (text, values) => (await sql.unsafe(text, values))[0],
  'pg-promise': (text, values) => promise.one(text, values),
  PGlite: async (text, values) => (await pglite.query(text, values)).rows[0],
};
for (const [label, text, ...values] of [
  ['time as text', 'SELECT $1::timestamptz::text AS value', '2026-11-28T10:00:00.123456Z'],
  ['time as text, twice cast', 'SELECT $1::text::timestamptz::text AS value', '2026-11-28T10:00:00.123456Z'],
  ['next page after that time', "SELECT count(*)::int AS value FROM (VALUES ('2026-11-28T10:00:00.123456Z'::timestamptz)) AS message (sent) WHERE sent > $1", '2026-11-28T10:00:00.123456Z'],
  ['text[] with NULL', "SELECT ARRAY['a', NULL]::text[] AS value"],
  ['jsonb of []', 'SELECT $1::jsonb::text AS value', []],
  ['jsonb of [1]', 'SELECT $1::jsonb::text AS value', [1]],
  ['jsonb of a text with JSON', 'SELECT jsonb_typeof($1::jsonb) AS value', '{"booking": "b-1"}'],
  ['the same, twice cast', 'SELECT jsonb_typeof($1::text::jsonb) AS value', '{"booking": "b-1"}'],
  ['jsonb of an object', 'SELECT $1::jsonb::text AS value', { booking: 'b-1' }],
  ['int of 1.5', 'SELECT $1::int AS value', 1.5],
]) {
  const answers = {};
  for (const [name, run] of Object.entries(drivers)) {
    let answer;
    try { answer = JSON.stringify((await run(text, values)).value); } catch { answer = 'refused'; }
    (answers[answer] ??= []).push(name);
  }
  console.log(label);
  for (const [answer, names] of Object.entries(answers)) console.log(`  ${names.join(', ')}: ${answer}`);
}
process.exit(0);
JS

node table.mjs > seen
cat > expected <<'END'
time as text
  pg, pg-promise, PGlite: "2026-11-28 10:00:00.123456+00"
  postgres: "2026-11-28 10:00:00.123+00"
time as text, twice cast
  pg, postgres, pg-promise, PGlite: "2026-11-28 10:00:00.123456+00"
next page after that time
  pg, pg-promise, PGlite: 0
  postgres: 1
text[] with NULL
  pg, pg-promise, PGlite: ["a",null]
  postgres: ["a","NULL"]
jsonb of []
  pg, pg-promise: "{}"
  postgres, PGlite: "[]"
jsonb of [1]
  pg, pg-promise: refused
  postgres, PGlite: "[1]"
jsonb of a text with JSON
  pg, pg-promise, PGlite: "object"
  postgres: "string"
the same, twice cast
  pg, postgres, pg-promise, PGlite: "object"
jsonb of an object
  pg, postgres, pg-promise, PGlite: "{\"booking\": \"b-1\"}"
int of 1.5
  pg-promise: 2
  pg, postgres, PGlite: refused
END
diff -u expected seen || { echo "CHANGED: a PostgreSQL driver sends or reads other values now" >&2; exit 1; }
echo "OK: postgres shortens times that it gets as text and reads NULL as 'NULL', and an empty array becomes {} with pg and pg-promise"
