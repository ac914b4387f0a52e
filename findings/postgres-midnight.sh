#!/usr/bin/env bash
# PyPI pg8000 1.31.6 and psycopg2-binary 2.9.13 with PostgreSQL 15; psycopg 3.3.9 and asyncpg 0.32.0 were as
# expected.
#
# A shop is open until 24:00, which PostgreSQL stores in a column of the type `time`, and Python's `time`
# cannot represent. A guess says that the driver fails for this value, and that the connection is usable
# after it.
#
# - pg8000 fails, and does not read the end of the answer. The next statement fails as well (two after a
#   rollback), and from then on each statement on the connection returns the answer of the statement
#   before it, without an error.
# - psycopg2 returns 00:00 without an error: the shop closes before it opens.
# - psycopg and asyncpg fail, and the next answers are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: frontdesk-postgres has no columns of this type. An importer in Python selects such
# columns as text, and closes a connection of pg8000 after each error.
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
as_user "$programs/pg_ctl" -D "$work/data" -l "$work/log" -w -o "-c listen_addresses= -c unix_socket_directories=$work" start >/dev/null
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pg8000==1.31.6 psycopg2-binary==2.9.13 'psycopg[binary]==3.3.9' asyncpg==0.32.0

cat > table.py <<'PY'
import asyncio, os
import asyncpg, pg8000.dbapi, pg8000.native, psycopg, psycopg2

host = os.getcwd()


def dbapi(connect):
    connection = connect()

    def run(statement):
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall()[0][0]

    return run, connection.rollback


def pg8000_native():
    connection = pg8000.native.Connection("postgres", unix_sock=f"{host}/.s.PGSQL.5432")
    return (lambda statement: connection.run(statement)[0][0]), (lambda: None)


def asyncpg_sync():
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(host=host, user="postgres", database="postgres"))
    return (lambda statement: loop.run_until_complete(connection.fetchval(statement))), (lambda: None)


drivers = {
    "psycopg": lambda: dbapi(lambda: psycopg.connect(host=host, user="postgres")),
    "asyncpg": asyncpg_sync,
    "psycopg2": lambda: dbapi(lambda: psycopg2.connect(host=host, user="postgres")),
    "pg8000.dbapi": lambda: dbapi(lambda: pg8000.dbapi.Connection("postgres", unix_sock=f"{host}/.s.PGSQL.5432")),
    "pg8000.native": pg8000_native,
}
for name, connect in drivers.items():
    run, rollback = connect()
    run("SELECT 0")
    try:
        found = str(run("SELECT time '24:00'"))
    except Exception as error:
        found = f"fails ({type(error).__name__})"
        rollback()
    answers = []
    for number in (1, 2, 3, 4, 5):
        try:
            answers.append(f"{number} is {run(f'SELECT {number}')}")
        except Exception:
            answers.append(f"{number} fails")
    print(name, found, ", ".join(answers), sep=" | ")
PY

timeout 60 venv/bin/python table.py > seen
cat > expected <<'END'
psycopg | fails (DataError) | 1 is 1, 2 is 2, 3 is 3, 4 is 4, 5 is 5
asyncpg | fails (ValueError) | 1 is 1, 2 is 2, 3 is 3, 4 is 4, 5 is 5
psycopg2 | 00:00:00 | 1 is 1, 2 is 2, 3 is 3, 4 is 4, 5 is 5
pg8000.dbapi | fails (ValueError) | 1 fails, 2 fails, 3 is 2, 4 is 3, 5 is 4
pg8000.native | fails (ValueError) | 1 fails, 2 is 1, 3 is 2, 4 is 3, 5 is 4
END
diff -u expected seen || { echo "CHANGED: a driver reads a time of 24:00 differently now" >&2; exit 1; }
echo "OK: after a time of 24:00, pg8000 answers each statement with the answer of the one before, and psycopg2 reads 00:00"
