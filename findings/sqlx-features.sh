#!/usr/bin/env bash
# crates.io sqlx 0.8.6 and rusqlite 0.39.0, 0.40.2 and 0.41.0, resolved by Cargo 1.95.
#
# A project that uses sqlx for PostgreSQL only, and rusqlite for a file. With the features `postgres`,
# `runtime-tokio` and `macros` of sqlx, Cargo finds versions. With one of `migrate`, `json`, `uuid`,
# `time`, `chrono` and `any` more, Cargo finds none. Such a feature has the entry `sqlx-sqlite?/...`,
# which must not turn SQLite on and does not. But Cargo resolves the optional crate all the same, and
# only one version of the native library can be in the graph. No setting of the project helps.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: examples/sqlx-store is in the same workspace as frontdesk-sqlite and uses sqlx
# without these features; its README names them for hosts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
touch src/lib.rs
for rusqlite in 0.39.0 0.40.2 0.41.0; do
  for feature in macros tls-rustls migrate json uuid time chrono any; do
    cat > Cargo.toml <<END
[package]
name = "probe"
version = "0.0.0"
edition = "2021"
[dependencies]
rusqlite = "=$rusqlite"
sqlx = { version = "=0.8.6", default-features = false, features = ["postgres", "runtime-tokio", "$feature"] }
END
    rm -f Cargo.lock
    if cargo generate-lockfile --quiet 2>log; then
      echo "$feature: resolved"
    elif grep -q 'links to the native library `sqlite3`' log; then
      echo "$feature: conflict"
    else
      cat log >&2
    fi
  done
done | sort -u > found
cat > expected <<'END'
any: conflict
chrono: conflict
json: conflict
macros: resolved
migrate: conflict
time: conflict
tls-rustls: resolved
uuid: conflict
END
diff expected found || { echo "CHANGED: the features of sqlx with rusqlite" >&2; exit 1; }
echo "OK: Cargo resolves the unused SQLite of sqlx with six features for PostgreSQL, and then finds no rusqlite"
