#!/usr/bin/env bash
# crates.io native_db 0.8.2, bonsaidb-core 0.5.0, ordcode 0.2.2, bytekey-fix 0.5.1; redb 4.6.0, storekey
# 0.11.0 and bytekey2 0.4.5 were as expected.
#
# Keys of two parts, (location, booking) and (location, time), in embedded engines and in encodings for
# such engines. Each promises keys in the order of the values. A guess says that different pairs are
# different keys, and that pairs sort by the first part and then by the second.
#
# - native_db joins the parts of a tuple with nothing between them: ("room-1", "11") and ("room-11", "1")
#   are one primary key. An insert of the second is refused as a duplicate, an upsert replaces the row of
#   the other location, and a read of the first key then returns that row.
# - native_db and bonsaidb-core write an i64 in two's complement, so that times before 1970 sort after
#   all others. In native_db, the range from -1 to 1 is empty. bonsaidb-core sorts an isize correctly.
# - In ordcode (lengths at the end) and bytekey-fix (an end byte above all letters), "room-1" sorts after
#   "room-1!" and "room-11".
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: L1 (ids in the order of their bytes) and A1 (a desk reaches the threads of one
# location). A store on such an engine writes its keys itself, with the length of each id before it for
# equality, or with an escaped end mark where the order matters.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "keys"
version = "0.0.0"
edition = "2021"
[dependencies]
bonsaidb-core = { version = "=0.5.0", default-features = false }
bytekey-fix = "=0.5.1"
bytekey2 = "=0.4.5"
native_db = "=0.8.2"
native_model = "=0.4.20"
ordcode = "=0.2.2"
redb = "=4.6.0"
serde = { version = "1", features = ["derive"] }
storekey = "=0.11.0"
END
cat > src/main.rs <<'RS'
use bonsaidb_core::key::KeyEncoding;
use native_db::*;
use native_model::{native_model, Model};
use redb::Value;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

type Pair = (String, String);
type Moment = (String, i64);
type Compare = fn(&[u8], &[u8]) -> Ordering;

#[derive(Serialize, Deserialize)]
#[native_model(id = 1, version = 1)]
#[native_db(primary_key(key -> Pair), secondary_key(hour -> i64))]
struct Thread {
    location: String,
    booking: String,
    hour: i64,
}

impl Thread {
    fn key(&self) -> Pair {
        (self.location.clone(), self.booking.clone())
    }

    fn hour(&self) -> i64 {
        self.hour
    }
}

fn thread(location: &str, booking: &str, hour: i64) -> Thread {
    Thread { location: location.into(), booking: booking.into(), hour }
}

fn native_db() {
    let mut models = Models::new();
    models.define::<Thread>().unwrap();
    let database = Builder::new().create_in_memory(&models).unwrap();
    let write = database.rw_transaction().unwrap();
    write.insert(thread("room-1", "11", -2)).unwrap();
    let inserted = write.insert(thread("room-11", "1", -1));
    println!("native_db, insert of room-11/1: {}", if inserted.is_ok() { "accepted" } else { "refused" });
    let replaced = write.upsert(thread("room-11", "1", -1)).unwrap().unwrap();
    println!("native_db, upsert of room-11/1 replaced {}/{}", replaced.location, replaced.booking);
    for hour in [0, 1, 300] {
        write.insert(thread("room-2", &hour.to_string(), hour)).unwrap();
    }
    write.commit().unwrap();
    let read = database.r_transaction().unwrap();
    let found: Thread = read.get().primary(("room-1".to_owned(), "11".to_owned())).unwrap().unwrap();
    println!("native_db, get of room-1/11 found {}/{}", found.location, found.booking);
    let hours = read.scan().secondary::<Thread>(ThreadKey::hour).unwrap();
    let hours: Vec<_> = hours.range(-1i64..=1).unwrap().map(|row| row.unwrap().hour.to_string()).collect();
    println!("native_db, range from -1 to 1: {} of 3 rows", hours.len());
}

/// Prints the keys in the order of an engine.
fn print<T>(name: &str, keys: &[T], encode: impl Fn(&T) -> Vec<u8>, compare: Compare, show: impl Fn(&T) -> String) {
    let mut sorted: Vec<_> = keys.iter().map(|key| (encode(key), show(key))).collect();
    sorted.sort_by(|one, other| compare(&one.0, &other.0));
    let mut line = String::new();
    for (index, (key, text)) in sorted.iter().enumerate() {
        let equal = index > 0 && compare(&sorted[index - 1].0, key).is_eq();
        line += &format!(" {}{text}", if equal { "= " } else { "" });
    }
    println!("{name}:{line}");
}

fn main() {
    native_db();
    let pairs: [Pair; 5] = [("room-1", "11"), ("room-1", "2"), ("room-1!", "3"), ("room-11", "1"), ("room-2", "4")].map(|(a, b)| (a.into(), b.into()));
    let moments: [Moment; 5] = [("room-1", -1), ("room-1", 0), ("room-1", i64::MAX), ("room-1!", 0), ("room-11", 0)].map(|(a, b)| (a.into(), b));
    let show_pair = |key: &Pair| format!("{}/{}", key.0, key.1);
    let show_moment = |key: &Moment| format!("{}/{}", key.0, if key.1 == i64::MAX { "late".to_owned() } else { key.1.to_string() });
    macro_rules! encoding {
        ($name:literal, $encode:expr) => {
            print($name, &pairs, $encode, Ord::cmp, show_pair);
            print($name, &moments, $encode, Ord::cmp, show_moment);
        };
    }
    encoding!("bonsaidb-core", |key| KeyEncoding::as_ord_bytes(key).unwrap().to_vec());
    encoding!("ordcode", |key| ordcode::ser_to_vec_ordered(key, ordcode::Order::Ascending).unwrap());
    encoding!("bytekey-fix", |key| bytekey_fix::serialize(key).unwrap());
    encoding!("bytekey2", |key| bytekey2::serialize(key).unwrap());
    encoding!("storekey", |key| storekey::encode_vec(key).unwrap());
    let pair = |key: &Pair| <(&str, &str)>::as_bytes(&(key.0.as_str(), key.1.as_str())).to_vec();
    print("redb", &pairs, pair, <(&str, &str) as redb::Key>::compare, show_pair);
    let moment = |key: &Moment| <(&str, i64)>::as_bytes(&(key.0.as_str(), key.1)).to_vec();
    print("redb", &moments, moment, <(&str, i64) as redb::Key>::compare, show_moment);
    let sizes: [isize; 3] = [-1, 0, 1];
    print("bonsaidb-core, isize", &sizes, |size| size.as_ord_bytes().unwrap().to_vec(), Ord::cmp, isize::to_string);
}
RS
cargo build --quiet --target-dir "${CARGO_TARGET_DIR:-target}"
"${CARGO_TARGET_DIR:-target}/debug/keys" > seen
cat > expected <<'END'
native_db, insert of room-11/1: refused
native_db, upsert of room-11/1 replaced room-1/11
native_db, get of room-1/11 found room-11/1
native_db, range from -1 to 1: 0 of 3 rows
bonsaidb-core: room-1/11 room-1/2 room-1!/3 room-11/1 room-2/4
bonsaidb-core: room-1/0 room-1/late room-1/-1 room-1!/0 room-11/0
ordcode: room-1!/3 room-11/1 room-1/11 room-1/2 room-2/4
ordcode: room-1!/0 room-11/0 room-1/-1 room-1/0 room-1/late
bytekey-fix: room-1!/3 room-11/1 room-1/11 room-1/2 room-2/4
bytekey-fix: room-1!/0 room-11/0 room-1/-1 room-1/0 room-1/late
bytekey2: room-1/11 room-1/2 room-1!/3 room-11/1 room-2/4
bytekey2: room-1/-1 room-1/0 room-1/late room-1!/0 room-11/0
storekey: room-1/11 room-1/2 room-1!/3 room-11/1 room-2/4
storekey: room-1/-1 room-1/0 room-1/late room-1!/0 room-11/0
redb: room-1/11 room-1/2 room-1!/3 room-11/1 room-2/4
redb: room-1/-1 room-1/0 room-1/late room-1!/0 room-11/0
bonsaidb-core, isize: -1 0 1
END
diff -u expected seen || { echo "CHANGED: an engine or an encoding sorts keys of two parts differently now" >&2; exit 1; }
echo "OK: native_db takes two pairs of texts for one key, and three encodings do not sort pairs in the order of their parts"
