#!/usr/bin/env bash
# PyPI pyturso 0.8.3 (Turso, a rewrite of SQLite); Python's sqlite3 module.
#
# SQLite made a table WITHOUT ROWID with two rows and a second index. Turso reads the whole table
# correctly. A search by the primary key finds no row, and a search by the second index finds the row
# with NULL in every column that this index lacks. Turso reports no error, and its own
# integrity_check answers "ok".
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the tables of heads and messages in frontdesk-sqlite are ordinary rowid tables
# since schema 3, and the README of frontdesk-sqlite says which programs may read the file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pyturso==0.8.3

cat > read.py <<'PY'
import sqlite3
import turso

file = sqlite3.connect("inbox.sqlite")
file.executescript("""
    CREATE TABLE thread (location TEXT NOT NULL, booking TEXT NOT NULL, revision INTEGER NOT NULL,
        preview TEXT, PRIMARY KEY (location, booking)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX feed ON thread (location, revision);
    INSERT INTO thread VALUES ('pier', 'b-1', 1, 'Hello'), ('pier', 'b-2', 2, 'Thanks');
""")
questions = {
    "all": "SELECT booking, preview FROM thread ORDER BY booking",
    "key": "SELECT preview FROM thread WHERE location = 'pier' AND booking = 'b-2'",
    "index": "SELECT revision, preview FROM thread WHERE location = 'pier' AND revision = 2",
    "check": "PRAGMA integrity_check",
}
answers = {name: file.execute(sql).fetchall() for name, sql in questions.items()}
file.close()
other = turso.connect("inbox.sqlite")
for name, sql in questions.items():
    cursor = other.cursor()
    cursor.execute(sql)
    print(name, answers[name], [tuple(row) for row in cursor.fetchall()])
PY
venv/bin/python read.py > found

cat > expected <<'END'
all [('b-1', 'Hello'), ('b-2', 'Thanks')] [('b-1', 'Hello'), ('b-2', 'Thanks')]
key [('Thanks',)] []
index [(2, 'Thanks')] [(2, None)]
check [('ok',)] [('ok',)]
END
diff expected found || { echo "CHANGED: Turso reads a table WITHOUT ROWID in another way" >&2; exit 1; }
echo "OK: Turso finds no row by the primary key of a table WITHOUT ROWID, and NULL by another index"
