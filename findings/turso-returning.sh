#!/usr/bin/env bash
# PyPI pyturso 0.8.3, beside Python 3.11's sqlite3.
#
# INSERT, UPDATE and DELETE with RETURNING, executed and committed, but the returned rows are not read.
# A guess says that the statement took effect when `execute` returned: SQLite makes all changes of a
# statement before it returns the first row.
#
# - pyturso starts the statement when the first row is read. If the program reads nothing, nothing is
#   written: `execute` and `commit` return without an error, and the change never happens.
# - Python's sqlite3 has made the change. It commits if no cursor is kept, and else refuses to commit.
# - After one `fetchone`, both have made all changes, and refuse to commit before the last row is read.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: frontdesk-sqlite uses SQLite itself, and its README warns against Turso on the same
# file. A store on Turso reads the rows of every RETURNING, and has to pass the conformance kit.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pyturso==0.8.3

cat > table.py <<'PY'
import sqlite3, turso

STATEMENTS = {
    "insert": "INSERT INTO message VALUES (4, 'Hello'), (5, 'Hello') RETURNING number",
    "update": "UPDATE message SET body = 'Hello' RETURNING number",
    "delete": "DELETE FROM message RETURNING number",
}
for name, library in (("sqlite3", sqlite3), ("pyturso", turso)):
    for kind, statement in STATEMENTS.items():
        for use in ("no cursor", "cursor", "one row read"):
            connection = library.connect(":memory:")
            connection.execute("CREATE TABLE message (number INTEGER PRIMARY KEY, body TEXT)")
            connection.execute("INSERT INTO message VALUES (1, 'Nine?'), (2, 'Ten?'), (3, 'Noon?')")
            connection.commit()
            cursor = connection.execute(statement)
            if use == "no cursor":
                del cursor
            elif use == "one row read":
                cursor.fetchone()
            try:
                connection.commit()
                committed = "committed"
            except (sqlite3.OperationalError, turso.OperationalError):
                committed = "commit refused"
            rows = connection.execute("SELECT number, body FROM message").fetchall()
            changed = rows != [(1, "Nine?"), (2, "Ten?"), (3, "Noon?")]
            print(name, kind, use, committed, "changed" if changed else "unchanged", sep=" | ")
PY

venv/bin/python table.py > seen
cat > expected <<'END'
sqlite3 | insert | no cursor | committed | changed
sqlite3 | insert | cursor | commit refused | changed
sqlite3 | insert | one row read | commit refused | changed
sqlite3 | update | no cursor | committed | changed
sqlite3 | update | cursor | commit refused | changed
sqlite3 | update | one row read | commit refused | changed
sqlite3 | delete | no cursor | committed | changed
sqlite3 | delete | cursor | commit refused | changed
sqlite3 | delete | one row read | commit refused | changed
pyturso | insert | no cursor | committed | unchanged
pyturso | insert | cursor | committed | unchanged
pyturso | insert | one row read | commit refused | changed
pyturso | update | no cursor | committed | unchanged
pyturso | update | cursor | committed | unchanged
pyturso | update | one row read | commit refused | changed
pyturso | delete | no cursor | committed | unchanged
pyturso | delete | cursor | committed | unchanged
pyturso | delete | one row read | commit refused | changed
END
diff -u expected seen || { echo "CHANGED: a statement with RETURNING takes effect at another moment now" >&2; exit 1; }
echo "OK: pyturso writes nothing if nobody reads the rows of RETURNING, and reports no error"
