#!/usr/bin/env bash
# npm @electric-sql/pglite 0.5.16 (PostgreSQL 18.6), postgres 3.4.9, pg-types 2.2.0 (that of pg 8) and
# 4.1.0. Node's own zone was New York.
#
# Four readers of PostgreSQL's dates in JavaScript, for values that PGlite wrote as text:
#
# - pglite and postgres read a `timestamptz` of the years 1 to 99 in another century, without an error:
#   0001-01-01 becomes 2001, 0050-06-01 becomes 1950. Both pg-types keep the year.
# - A `date` of 2026-11-28 has no zone. pglite and postgres return its midnight in UTC, so that a page
#   in New York shows November 27. pg-types 2.2.0 returns midnight in the program's zone, and 4.1.0 the
#   text.
# - A `timestamp` without a zone is in the program's zone for pglite, postgres and pg-types 2.2.0, and
#   in UTC for pg-types 4.1.0. An upgrade shifts these times by hours, without an error.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: W1. frontdesk-postgres stores microseconds as integers, and the views contain
# finished labels, so that no driver reads a date. An importer in JavaScript selects dates as text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install @electric-sql/pglite@0.5.16 postgres@3.4.9 old-types@npm:pg-types@2.2.0 \
  new-types@npm:pg-types@4.1.0 >/dev/null
export TZ=America/New_York

cat > read.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
import oldTypes from 'old-types';
import newTypes from 'new-types';
import postgres from 'postgres';

const database = await PGlite.create();
const { parsers } = postgres({ host: 'localhost' }).options;
const show = (value) => (value instanceof Date ? value.toISOString() : value);
for (const [type, oid, value] of [
  ['timestamptz', 1184, '0001-01-01 00:00:00+00'],
  ['timestamptz', 1184, '0050-06-01 12:00:00+00'],
  ['timestamptz', 1184, '2026-11-28 10:00:00+00'],
  ['timestamp', 1114, '2026-11-28 10:00:00'],
  ['date', 1082, '2026-11-28'],
]) {
  await database.exec("SET TimeZone = 'UTC'");
  const { rows: [{ text, parsed }] } = await database.query(`SELECT '${value}'::${type} AS parsed, '${value}'::${type}::text AS text`);
  console.log(type, text);
  console.log('  pglite', show(parsed));
  console.log('  postgres', show(parsers[oid](text)));
  console.log('  pg-types 2.2.0', show(oldTypes.getTypeParser(oid)(text)));
  console.log('  pg-types 4.1.0', show(newTypes.getTypeParser(oid)(text)));
}
process.exit(0);
JS

node read.mjs > seen
cat > expected <<'END'
timestamptz 0001-01-01 00:00:00+00
  pglite 2001-01-01T00:00:00.000Z
  postgres 2001-01-01T00:00:00.000Z
  pg-types 2.2.0 0001-01-01T00:00:00.000Z
  pg-types 4.1.0 0001-01-01T00:00:00.000Z
timestamptz 0050-06-01 12:00:00+00
  pglite 1950-06-01T12:00:00.000Z
  postgres 1950-06-01T12:00:00.000Z
  pg-types 2.2.0 0050-06-01T12:00:00.000Z
  pg-types 4.1.0 0050-06-01T12:00:00.000Z
timestamptz 2026-11-28 10:00:00+00
  pglite 2026-11-28T10:00:00.000Z
  postgres 2026-11-28T10:00:00.000Z
  pg-types 2.2.0 2026-11-28T10:00:00.000Z
  pg-types 4.1.0 2026-11-28T10:00:00.000Z
timestamp 2026-11-28 10:00:00
  pglite 2026-11-28T15:00:00.000Z
  postgres 2026-11-28T15:00:00.000Z
  pg-types 2.2.0 2026-11-28T15:00:00.000Z
  pg-types 4.1.0 2026-11-28T10:00:00.000Z
date 2026-11-28
  pglite 2026-11-28T00:00:00.000Z
  postgres 2026-11-28T00:00:00.000Z
  pg-types 2.2.0 2026-11-28T05:00:00.000Z
  pg-types 4.1.0 2026-11-28
END
diff -u expected seen || { echo "CHANGED: a PostgreSQL driver reads dates differently now" >&2; exit 1; }
echo "OK: two drivers read the years 1 to 99 in another century, and four disagree on dates without a zone"
