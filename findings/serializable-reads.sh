#!/usr/bin/env bash
# crates.io fjall 3.1.13, surrealmx 1.1.0, persy 1.8.1; skipdb 0.2.1 was as expected.
#
# Two transactions: each looks whether the other's row exists, and writes its own row only if not. The
# engines document serializable transactions (persy: the strategy VersionOnRead). A guess says that at
# most one of the two commits, whichever call looks.
#
# - fjall's optimistic transactions do not record the read of `size_of`: both commit. `get`, `contains_key`,
#   `is_empty`, `len`, `prefix` and `range` are recorded.
# - surrealmx does not record what `put`, `putc` and `delc` found if they refuse: a transaction that
#   relies on the refusal of one of them commits, although a concurrent one removed the row.
# - persy's strategies compare the versions of records only. On an index, two transactions read 1, write
#   2 and 3, and commit with each of the three strategies, and the first write is lost.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a commit (a compare-and-swap of the head, and a key that must not exist) on such an
# engine reads the head and the key with `get` in the transaction that writes them, and the store has to
# pass the kit's cases with several tasks.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "reads"
version = "0.0.0"
edition = "2021"
[dependencies]
fjall = "=3.1.13"
persy = "=1.8.1"
skipdb = "=0.2.1"
surrealmx = "=1.1.0"
END
cat > src/main.rs <<'RS'
use fjall::{KeyspaceCreateOptions, OptimisticTxDatabase, OptimisticTxKeyspace, OptimisticWriteTx, Readable};
use persy::{Config, Persy, TxStrategy, ValueMode};
use skipdb::serializable::{SerializableDb, SerializableTransaction};
use surrealmx::{Database, Transaction};

/// Prints whether the second of two transactions, of which the first has committed, commits as well.
fn print(engine: &str, call: &str, second: bool) {
    println!("{engine}, {call}: {}", if second { "both commit" } else { "one commits" });
}

fn fjall(folder: &str) {
    type Look = fn(&mut OptimisticWriteTx, &OptimisticTxKeyspace) -> bool;
    let looks: [(&str, Look); 7] = [
        ("get", |tx, rows| tx.get(rows, "a").unwrap().is_some()),
        ("contains_key", |tx, rows| tx.contains_key(rows, "a").unwrap()),
        ("size_of", |tx, rows| tx.size_of(rows, "a").unwrap().is_some()),
        ("is_empty", |tx, rows| !tx.is_empty(rows).unwrap()),
        ("len", |tx, rows| tx.len(rows).unwrap() > 0),
        ("prefix", |tx, rows| tx.prefix(rows, "a").next().is_some()),
        ("range", |tx, rows| tx.range(rows, "a"..).next().is_some()),
    ];
    for (call, look) in looks {
        let database = OptimisticTxDatabase::builder(format!("{folder}/fjall-{call}")).open().unwrap();
        let rows = database.keyspace("rows", KeyspaceCreateOptions::default).unwrap();
        let (mut first, mut second) = (database.write_tx().unwrap(), database.write_tx().unwrap());
        assert!(first.get(&rows, "b").unwrap().is_none());
        assert!(!look(&mut second, &rows));
        first.insert(&rows, "a", "first");
        second.insert(&rows, "b", "second");
        first.commit().unwrap().unwrap();
        print("fjall", call, second.commit().unwrap().is_ok());
    }
}

fn skipdb() {
    type Look = fn(&mut SerializableTransaction<&'static str, u8>) -> bool;
    let looks: [(&str, Look); 3] = [
        ("get", |tx| tx.get(&"a").unwrap().is_some()),
        ("contains_key", |tx| tx.contains_key(&"a").unwrap()),
        ("range", |tx| tx.range("a"..).unwrap().next().is_some()),
    ];
    for (call, look) in looks {
        let database = SerializableDb::new();
        let (mut first, mut second) = (database.serializable_write(), database.serializable_write());
        assert!(first.get(&"b").unwrap().is_none());
        assert!(!look(&mut second));
        first.insert("a", 1).unwrap();
        second.insert("b", 2).unwrap();
        first.commit().unwrap();
        print("skipdb", call, second.commit().is_ok());
    }
}

/// Here the row `a` exists. The first transaction removes it, and the second relies on its presence.
fn surrealmx() {
    type Look = fn(&mut Transaction) -> bool;
    let looks: [(&str, Look); 5] = [
        ("get", |tx| tx.get("a").unwrap().is_some()),
        ("exists", |tx| tx.exists("a").unwrap()),
        ("put", |tx| tx.put("a", "new").is_err()),
        ("putc", |tx| tx.putc("a", "new", None::<&str>).is_err()),
        ("delc", |tx| tx.delc("a", Some("other")).is_err()),
    ];
    for (call, look) in looks {
        let database = Database::new();
        let mut before = database.transaction(true);
        before.set("a", "old").unwrap();
        before.commit().unwrap();
        let (mut first, mut second) = (database.transaction(true), database.transaction(true));
        assert!(first.get("b").unwrap().is_none());
        assert!(look(&mut second));
        first.del("a").unwrap();
        second.set("b", "second").unwrap();
        first.commit().unwrap();
        print("surrealmx", call, second.commit().is_ok());
    }
}

fn persy(folder: &str) {
    for (name, strategy) in [("LastWin", TxStrategy::LastWin), ("VersionOnWrite", TxStrategy::VersionOnWrite), ("VersionOnRead", TxStrategy::VersionOnRead)] {
        let path = format!("{folder}/{name}.persy");
        Persy::create(&path).unwrap();
        let mut config = Config::new();
        config.change_tx_strategy(strategy);
        let database = Persy::open(&path, config).unwrap();
        let mut before = database.begin().unwrap();
        before.create_index::<String, u64>("heads", ValueMode::Replace).unwrap();
        before.put("heads", "thread".to_owned(), 1u64).unwrap();
        before.prepare().unwrap().commit().unwrap();
        let (mut first, mut second) = (database.begin().unwrap(), database.begin().unwrap());
        for transaction in [&mut first, &mut second] {
            assert_eq!(transaction.one::<String, u64>("heads", &"thread".to_owned()).unwrap(), Some(1));
        }
        first.put("heads", "thread".to_owned(), 2u64).unwrap();
        second.put("heads", "thread".to_owned(), 3u64).unwrap();
        first.prepare().unwrap().commit().unwrap();
        print("persy, an index", name, second.prepare().is_ok_and(|prepared| prepared.commit().is_ok()));
    }
    let path = format!("{folder}/record.persy");
    Persy::create(&path).unwrap();
    let mut config = Config::new();
    config.change_tx_strategy(TxStrategy::VersionOnRead);
    let database = Persy::open(&path, config).unwrap();
    let mut before = database.begin().unwrap();
    before.create_segment("heads").unwrap();
    let record = before.insert("heads", b"1").unwrap();
    before.prepare().unwrap().commit().unwrap();
    let (mut first, mut second) = (database.begin().unwrap(), database.begin().unwrap());
    for transaction in [&mut first, &mut second] {
        assert_eq!(transaction.read("heads", &record).unwrap(), Some(b"1".to_vec()));
    }
    first.update("heads", &record, b"2").unwrap();
    first.prepare().unwrap().commit().unwrap();
    second.update("heads", &record, b"3").unwrap();
    print("persy, a record", "VersionOnRead", second.prepare().is_ok_and(|prepared| prepared.commit().is_ok()));
}

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    fjall(&folder);
    skipdb();
    surrealmx();
    persy(&folder);
}
RS
cargo build --quiet --target-dir "${CARGO_TARGET_DIR:-target}"
"${CARGO_TARGET_DIR:-target}/debug/reads" "$work" > seen
cat > expected <<'END'
fjall, get: one commits
fjall, contains_key: one commits
fjall, size_of: both commit
fjall, is_empty: one commits
fjall, len: one commits
fjall, prefix: one commits
fjall, range: one commits
skipdb, get: one commits
skipdb, contains_key: one commits
skipdb, range: one commits
surrealmx, get: one commits
surrealmx, exists: one commits
surrealmx, put: both commit
surrealmx, putc: both commit
surrealmx, delc: both commit
persy, an index, LastWin: both commit
persy, an index, VersionOnWrite: both commit
persy, an index, VersionOnRead: both commit
persy, a record, VersionOnRead: one commits
END
diff -u expected seen || { echo "CHANGED: an engine detects other conflicts now" >&2; exit 1; }
echo "OK: fjall, surrealmx and persy commit two transactions of which each relies on what the other changes"
