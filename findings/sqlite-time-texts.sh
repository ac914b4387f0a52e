#!/usr/bin/env bash
# crates.io rusqlite 0.40.2, sqlx 0.9.0 with jiff-sqlx 0.2.1, diesel 2.3.14; chrono 0.4.45, time 0.3.55,
# jiff 0.2.46.
#
# Ten ways to store a moment in UTC in a TEXT column of SQLite. A guess says that ORDER BY on the column
# is the order of time: ISO 8601 in one zone sorts as text, and each library writes one form.
#
# - rusqlite with jiff, sqlx with time and sqlx with jiff write only the digits that a fraction has, and
#   then a Z. A Z sorts after a point and after every digit: 10:00:00 comes after 10:00:00.5, and
#   10:00:00.5 after 10:00:00.52. A page "after 10:00:00.5" contains the message of 10:00:00 again and
#   never that of 10:00:00.52.
# - rusqlite with time, each crate with chrono, and diesel write +00:00 (or .0 before it) instead of the
#   Z. These sort by time, because a plus sorts before a point.
# - The ten write six forms, so that in a file with two writers, equal moments are not equal texts.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: frontdesk-sqlite stores microseconds as integers and orders messages by number. A
# host's own table beside it does the same, or stores fractions of a fixed length.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p one/src two/src
cat > one/Cargo.toml <<'END'
[package]
name = "one"
version = "0.0.0"
edition = "2021"
[dependencies]
rusqlite = { version = "=0.40.2", features = ["bundled", "chrono", "time", "jiff"] }
diesel = { version = "=2.3.14", default-features = false, features = ["sqlite", "chrono", "time"] }
chrono = "=0.4.45"
jiff = "=0.2.46"
time = "=0.3.55"
END
cat > two/Cargo.toml <<'END'
[package]
name = "two"
version = "0.0.0"
edition = "2021"
[dependencies]
sqlx = { version = "=0.9.0", default-features = false, features = ["sqlite", "runtime-tokio", "chrono", "time"] }
jiff-sqlx = { version = "=0.2.1", default-features = false, features = ["sqlite"] }
tokio = { version = "1", features = ["macros", "rt"] }
chrono = "=0.4.45"
jiff = "=0.2.46"
time = "=0.3.55"
END
cat > common.rs <<'RS'
const TABLE: &str = "CREATE TABLE message (number INTEGER PRIMARY KEY, sent TEXT NOT NULL)";
const ORDER: &str = "SELECT sent || '' AS text, number FROM message ORDER BY sent";
/// Milliseconds since 1970, in the order of time, beginning at 2026-11-28T10:00:00Z.
const TIMES: [i64; 4] = [1_795_860_000_000, 1_795_860_000_500, 1_795_860_000_520, 1_795_860_001_000];

fn chrono(millis: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_millis(millis).unwrap()
}

fn time(millis: i64) -> time::OffsetDateTime {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).unwrap()
}

fn jiff(millis: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millis).unwrap()
}

fn print(name: &str, rows: Vec<(String, i32)>) {
    let order: Vec<String> = rows.iter().map(|(_, number)| number.to_string()).collect();
    let (first, _) = rows.iter().find(|(_, number)| *number == 1).unwrap();
    let (third, _) = rows.iter().find(|(_, number)| *number == 3).unwrap();
    println!("{name} | {} | {first} | {third}", order.join(" "));
}
RS
cp common.rs one/src; cp common.rs two/src
cat > one/src/main.rs <<'RS'
include!("common.rs");

fn rusqlite<T: rusqlite::ToSql>(name: &str, moment: impl Fn(i64) -> T) {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLE).unwrap();
    for (number, millis) in (1..).zip(TIMES) {
        connection.execute("INSERT INTO message VALUES (?, ?)", (number, moment(millis))).unwrap();
    }
    let mut select = connection.prepare(ORDER).unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    print(name, rows.map(Result::unwrap).collect());
}

macro_rules! diesel {
    ($name:expr, $type:ident, $moment:expr) => {{
        use diesel::prelude::*;
        use diesel::sql_types::{Integer, Text, $type};
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            text: String,
            #[diesel(sql_type = Integer)]
            number: i32,
        }
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        diesel::sql_query(TABLE).execute(&mut connection).unwrap();
        for (number, millis) in (1..).zip(TIMES) {
            let insert = diesel::sql_query("INSERT INTO message VALUES (?, ?)").bind::<Integer, _>(number);
            insert.bind::<$type, _>($moment(millis)).execute(&mut connection).unwrap();
        }
        let rows: Vec<Row> = diesel::sql_query(ORDER).load(&mut connection).unwrap();
        print($name, rows.into_iter().map(|row| (row.text, row.number)).collect());
    }};
}

fn main() {
    rusqlite("rusqlite, chrono", chrono);
    rusqlite("rusqlite, time", time);
    rusqlite("rusqlite, jiff", jiff);
    diesel!("diesel, chrono", TimestamptzSqlite, chrono);
    diesel!("diesel, time", TimestamptzSqlite, time);
    diesel!("diesel, chrono without a zone", Timestamp, |millis| chrono(millis).naive_utc());
}
RS
cat > two/src/main.rs <<'RS'
include!("common.rs");

use jiff_sqlx::ToSqlx;
use sqlx::{Connection, Encode, Sqlite, SqliteConnection, Type};

async fn sqlx<T>(name: &str, moment: impl Fn(i64) -> T)
where
    T: for<'q> Encode<'q, Sqlite> + Type<Sqlite> + Send + 'static,
{
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(TABLE).execute(&mut connection).await.unwrap();
    for (number, millis) in (1..).zip(TIMES) {
        let insert = sqlx::query("INSERT INTO message VALUES (?, ?)").bind(number).bind(moment(millis));
        insert.execute(&mut connection).await.unwrap();
    }
    print(name, sqlx::query_as(ORDER).fetch_all(&mut connection).await.unwrap());
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    sqlx("sqlx, chrono", chrono).await;
    sqlx("sqlx, time", time).await;
    sqlx("sqlx, jiff", |millis| jiff(millis).to_sqlx()).await;
    sqlx("sqlx, chrono without a zone", |millis| chrono(millis).naive_utc()).await;
}
RS
for crate in one two; do
  (cd "$crate" && cargo build --quiet --target-dir "${CARGO_TARGET_DIR:-target}" && "${CARGO_TARGET_DIR:-target}/debug/$crate")
done > seen
cat > expected <<'END'
rusqlite, chrono | 1 2 3 4 | 2026-11-28 10:00:00+00:00 | 2026-11-28 10:00:00.520+00:00
rusqlite, time | 1 2 3 4 | 2026-11-28 10:00:00.0+00:00 | 2026-11-28 10:00:00.52+00:00
rusqlite, jiff | 3 2 1 4 | 2026-11-28T10:00:00Z | 2026-11-28T10:00:00.52Z
diesel, chrono | 1 2 3 4 | 2026-11-28 10:00:00+00:00 | 2026-11-28 10:00:00.520+00:00
diesel, time | 1 2 3 4 | 2026-11-28 10:00:00+00:00 | 2026-11-28 10:00:00.52+00:00
diesel, chrono without a zone | 1 2 3 4 | 2026-11-28 10:00:00 | 2026-11-28 10:00:00.520
sqlx, chrono | 1 2 3 4 | 2026-11-28T10:00:00+00:00 | 2026-11-28T10:00:00.520+00:00
sqlx, time | 3 2 1 4 | 2026-11-28T10:00:00Z | 2026-11-28T10:00:00.52Z
sqlx, jiff | 3 2 1 4 | 2026-11-28T10:00:00Z | 2026-11-28T10:00:00.52Z
sqlx, chrono without a zone | 1 2 3 4 | 2026-11-28 10:00:00 | 2026-11-28 10:00:00.520
END
diff -u expected seen || { echo "CHANGED: a library writes times into SQLite differently now" >&2; exit 1; }
echo "OK: times that rusqlite with jiff, sqlx with time and sqlx with jiff write into SQLite sort in another order than time"
