#!/usr/bin/env bash
# crates.io sqlx 0.8.6 (features postgres, runtime-tokio) with PostgreSQL 15 behind PgBouncer 1.18.0
# (Debian 12) in transaction mode.
#
# sqlx prepares a statement in one round trip and executes it in the next, and all connections use
# the same names, sqlx_s_1, sqlx_s_2 ... Outside of a transaction the pooler can run the second round
# trip on another server connection. If another client has prepared a statement of that name and
# those types there, sqlx returns the answer of that statement, without an error. PgBouncer documents
# that it tracks prepared statements from 1.21 on; an error is what one expects before.
#
# - With the defaults, about a quarter of the answers are those of another statement.
# - With `statement_cache_capacity(0)`, which is the advice that one finds, wrong answers remain. The
#   statements still have names and are never closed: 100 executions of one text leave 100 statements
#   on the server (launchbadge/sqlx issue 4328; repaired after 0.9.0 by unnamed statements).
# - With `persistent(false)`, the statement has no name. There are no errors, and most answers are
#   wrong.
# - With `persistent(false)` inside of a transaction all answers are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the README of examples/sqlx-store refuses such a pooler. frontdesk-postgres has
# the setting `unnamed_statements`, which sends both in one round trip.
set -euo pipefail

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$programs" ] || { echo "MISSING: PostgreSQL (Debian: postgresql)" >&2; exit 1; }
work=$(mktemp -d)
as_user() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$work" "$@"; }
  chown 65534:65534 "$work"
fi
bouncer=$(command -v pgbouncer || echo /usr/sbin/pgbouncer)
[ -x "$bouncer" ] || { echo "MISSING: pgbouncer" >&2; exit 1; }
cleanup() {
  if [ -f "$work/pid" ]; then kill "$(cat "$work/pid")" 2>/dev/null || true; fi
  as_user "$programs/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
as_user "$programs/initdb" -D "$work/data" -U postgres -A trust >/dev/null
as_user "$programs/pg_ctl" -D "$work/data" -l "$work/log" -w -o "-c listen_addresses= -c unix_socket_directories=$work" start >/dev/null
port=$((20000 + RANDOM % 10000))
cat > pgbouncer.ini <<END
[databases]
* = host=$work user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
pidfile = $work/pid
logfile = $work/pgbouncer.log
ignore_startup_parameters = extra_float_digits
END
chmod 644 pgbouncer.ini
as_user "$bouncer" -q -d pgbouncer.ini
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "probe"
version = "0.0.0"
edition = "2021"
[dependencies]
sqlx = { version = "=0.8.6", default-features = false, features = ["postgres", "runtime-tokio"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
END
cat > src/main.rs <<'RS'
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

async fn query(pool: &PgPool, sql: &str, n: i32, mode: u8) -> Result<i32, sqlx::Error> {
    let query = sqlx::query_scalar(sql).bind(n).persistent(mode < 2);
    if mode < 3 {
        return query.fetch_one(pool).await;
    }
    let mut transaction = pool.begin().await?;
    let found = query.fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(found)
}

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let (folder, port) = (args.next().unwrap(), args.next().unwrap().parse().unwrap());
    let options = PgConnectOptions::new().username("postgres").database("postgres");
    let one = PgPoolOptions::new().max_connections(1);
    let direct = options.clone().socket(folder).statement_cache_capacity(0);
    let pool = one.connect_with(direct).await.unwrap();
    for n in 0..100 {
        sqlx::query("SELECT $1::int").bind(n).execute(&pool).await.unwrap();
    }
    let sql = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%int'";
    let left: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    println!("capacity 0: {left} statements");

    for mode in 0..4 {
        let mut options = options.clone().host("127.0.0.1").port(port);
        if mode > 0 {
            options = options.statement_cache_capacity(0);
        }
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let sql = format!("SELECT {task} + $1::int");
                    let (mut wrong, mut errors) = (0, 0);
                    for n in 0..200 {
                        match query(&pool, &sql, 1000 * n, mode).await {
                            Ok(found) if found == 1000 * n + task => {}
                            Ok(_) => wrong += 1,
                            Err(_) => errors += 1,
                        }
                    }
                    (wrong, errors)
                })
            })
            .collect();
        let (mut wrong, mut errors) = (0, 0);
        for task in tasks {
            let (more_wrong, more_errors) = task.await.unwrap();
            wrong += more_wrong;
            errors += more_errors;
        }
        eprintln!("mode {mode}: {wrong} wrong answers and {errors} errors of 1600");
        println!("mode {mode}: wrong {}, errors {}", wrong > 0, errors > 0);
    }
}
RS
cargo build --quiet --target-dir "${CARGO_TARGET_DIR:-target}"
"${CARGO_TARGET_DIR:-target}/debug/probe" "$work" "$port" > found 2> numbers
cat > expected <<'END'
capacity 0: 100 statements
mode 0: wrong true, errors true
mode 1: wrong true, errors true
mode 2: wrong true, errors false
mode 3: wrong false, errors false
END
diff expected found || { cat numbers >&2; echo "CHANGED: sqlx behind PgBouncer" >&2; exit 1; }
echo "OK: behind PgBouncer 1.18 in transaction mode, sqlx returns answers of other statements without an error"
