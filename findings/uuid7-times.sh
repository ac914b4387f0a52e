#!/usr/bin/env bash
# Writers: PyPI uuid7 0.1.0 and uuid-v7 1.0.0, beside uuid6 2025.0.1, edwh-uuid7 0.2.3 and uuid-utils
# 1.2.0. Readers: uuid7, uuid-utils, and PostgreSQL 18.6 in npm @electric-sql/pglite 0.5.16.
#
# Five packages of Python make "UUID version 7". A guess says that their ids are interchangeable, since
# each id says that it is of version 7.
#
# - uuid7 and uuid-v7 write the layout of an early draft: 36 bits of seconds where RFC 9562 has 48 bits
#   of milliseconds. The version field is 7 all the same.
# - PostgreSQL and uuid-utils read the time of such an id 176 years too late, in 2203. uuid7 reads the
#   time of an id by RFC 9562 43 years too early.
# - Sorted together, every id by the draft comes after every id by the RFC, whichever is newer.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: I3 and I4. Numbers order messages, ids and keys never do, and an idempotency key is
# only compared. An importer takes the time of a message from a field of its own, never from an id.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install uuid7==0.1.0 uuid-v7==1.0.0 uuid6==2025.0.1 edwh-uuid7==0.2.3 \
  uuid-utils==1.2.0
npm --silent init -y >/dev/null
npm --silent install @electric-sql/pglite@0.5.16 >/dev/null
export TZ=UTC

cat > write.py <<'PY'
import datetime, time, uuid
import edwh_uuid7, uuid6, uuid_extensions, uuid_utils
from uuid_v7.base import uuid7 as uuid_v7

made = {}
for name, make in (("uuid7", uuid_extensions.uuid7), ("uuid-v7", uuid_v7), ("uuid6", uuid6.uuid7), ("edwh-uuid7", edwh_uuid7.uuid7), ("uuid-utils", uuid_utils.uuid7)):
    made[name] = uuid.UUID(str(make()))
    time.sleep(0.01)

def years(time):
    return round((time - datetime.datetime.now(time.tzinfo)) / datetime.timedelta(days=365.2425))

for name, id in made.items():
    milliseconds = uuid_utils.UUID(str(id)).timestamp
    utils = years(datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc))
    draft = years(uuid_extensions.uuid_to_datetime(id))
    print(name, f"version {id.version}", f"read by uuid-utils: {utils:+} years", f"read by uuid7: {draft:+} years", sep=" | ")
later = min(str(made[name]) for name in ("uuid7", "uuid-v7")) > max(str(made[name]) for name in ("uuid6", "edwh-uuid7", "uuid-utils"))
print("made first and sorted last:", later)
open("ids", "w").write("\n".join(f"{name} {id}" for name, id in made.items()))
PY
cat > read.mjs <<'JS'
import fs from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

const database = await PGlite.create();
for (const line of fs.readFileSync('ids', 'utf8').split('\n')) {
  const [name, id] = line.split(' ');
  const { rows } = await database.query(
    "SELECT round(extract(epoch FROM uuid_extract_timestamp($1::uuid) - now()) / 31556952) AS years", [id]);
  console.log(`${name} | read by PostgreSQL: ${Number(rows[0].years) > 0 ? '+' : ''}${Number(rows[0].years)} years`);
}
process.exit(0);
JS

{ venv/bin/python write.py; node read.mjs; } > seen
cat > expected <<'END'
uuid7 | version 7 | read by uuid-utils: +176 years | read by uuid7: +0 years
uuid-v7 | version 7 | read by uuid-utils: +176 years | read by uuid7: +0 years
uuid6 | version 7 | read by uuid-utils: +0 years | read by uuid7: -43 years
edwh-uuid7 | version 7 | read by uuid-utils: +0 years | read by uuid7: -43 years
uuid-utils | version 7 | read by uuid-utils: +0 years | read by uuid7: -43 years
made first and sorted last: True
uuid7 | read by PostgreSQL: +176 years
uuid-v7 | read by PostgreSQL: +176 years
uuid6 | read by PostgreSQL: 0 years
edwh-uuid7 | read by PostgreSQL: 0 years
uuid-utils | read by PostgreSQL: 0 years
END
diff -u expected seen || { echo "CHANGED: a package makes or reads UUIDs of version 7 differently now" >&2; exit 1; }
echo "OK: two of five packages make UUIDs of version 7 whose time others read as 176 years later"
