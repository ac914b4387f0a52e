#!/usr/bin/env bash
# crates.io sqlx 0.8.6 (features postgres, runtime-tokio) with PostgreSQL 15.
#
# A caller drops the future of `Pool::begin` after BEGIN was sent and before its answer: a request is
# cancelled, or a timeout passes. The pool gets the connection back with the open transaction, because
# sqlx counts the transaction only after the answer. The next statements of other callers on this
# connection report success, their own reads see the rows, and no other connection does. The rows are
# lost when the pool closes the connection. Known as launchbadge/sqlx issues 4385 and 4393, also in
# 0.9.0; the repair (pull request 4394) is in no release yet.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: examples/sqlx-store begins and commits in a task that no caller can cancel, and a
# test drops its calls after each poll.
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
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// Drops a future right after a poll that leaves it pending. Returns `false` if it ended before.
async fn is_dropped<T>(mut polls: u32, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| {
        polls -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(false),
            Poll::Pending if polls == 0 => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn connect(folder: &str) -> PgPool {
    let options = PgConnectOptions::new().socket(folder).username("postgres").database("postgres");
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

async fn count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM t").fetch_one(pool).await.unwrap()
}

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let other = connect(&folder).await;
    sqlx::raw_sql("CREATE TABLE t (n int)").execute(&other).await.unwrap();
    for polls in 1.. {
        // Each round has a pool of its own, with one connection.
        let pool = connect(&folder).await;
        sqlx::raw_sql("TRUNCATE t").execute(&pool).await.unwrap();
        if !is_dropped(polls, pool.begin()).await {
            break;
        }
        let insert = sqlx::query("INSERT INTO t VALUES (1)").execute(&pool).await.unwrap();
        let (own, seen) = (count(&pool).await, count(&other).await);
        pool.close().await;
        let left = count(&other).await;
        if left == 0 {
            println!("inserted {}, own reads {own}, others see {seen}, left {left}", insert.rows_affected());
            return;
        }
    }
    println!("no insert was lost");
}
RS
cargo build --quiet --target-dir "${CARGO_TARGET_DIR:-target}"
found=$("${CARGO_TARGET_DIR:-target}/debug/probe" "$work")
[ "$found" = "inserted 1, own reads 1, others see 0, left 0" ] || { echo "CHANGED: $found" >&2; exit 1; }
echo "OK: after a cancelled begin, sqlx acknowledges an insert that no other connection sees and that is lost"
