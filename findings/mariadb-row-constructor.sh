#!/usr/bin/env bash
# MariaDB 10.11.19 (Debian 12's package mariadb-server).
#
# Keyset pagination in the form of a row constructor, `(sent, id) > (x, y)`, gives the right rows,
# but MariaDB does not use the comparison as a range of the index on (sent, id). A page of 20 rows
# from the middle of 20,000 reads all rows before it. The longer form `sent >= x and (sent > x or
# id > y)` reads only its page, from the same index.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: examples/mariadb-store writes cursors in the longer form.
set -euo pipefail

server=$(command -v mariadbd || echo /usr/sbin/mariadbd)
[ -x "$server" ] && command -v mariadb-admin >/dev/null ||
  { echo "MISSING: MariaDB (Debian: mariadb-server)" >&2; exit 1; }
work=$(mktemp -d)
pid=
cleanup() {
  if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
user=()
[ "$(id -u)" != 0 ] || user=(--user=root)
mariadb-install-db --no-defaults "${user[@]}" --datadir="$work/data" --auth-root-authentication-method=normal --skip-test-db >/dev/null 2>&1
"$server" --no-defaults "${user[@]}" --datadir="$work/data" --socket="$work/s" --skip-networking --pid-file="$work/pid" >log 2>&1 &
pid=$!
for _ in $(seq 200); do mariadb-admin --no-defaults -uroot -S "$work/s" ping >/dev/null 2>&1 && break; sleep 0.2; done
sql() { mariadb --no-defaults -uroot -S "$work/s" -N -B "$@"; }
sql >/dev/null <<'SQL'
create database d;
use d;
create table m (sent int not null, id int not null, primary key (sent, id));
insert into m select seq div 4, seq from seq_1_to_20000;
analyze table m;
SQL

reads() {
  sql d <<SQL | tail -n 1
flush status;
$1;
select sum(variable_value) from information_schema.session_status where variable_name like 'Handler_read_%' and variable_name not like '%rnd%';
SQL
}
row=$(reads "select id from m where (sent, id) > (2500, 10001) order by sent, id limit 20")
long=$(reads "select id from m where sent >= 2500 and (sent > 2500 or id > 10001) order by sent, id limit 20")
[ "$row" -gt 9000 ] && [ "$long" -lt 100 ] || { echo "CHANGED: MariaDB read $row and $long rows" >&2; exit 1; }
echo "OK: MariaDB scans up to a row constructor's position, and seeks in the longer form"
