//! A file that was written with the third schema, by the store of commit 8790507. It has digests of
//! 16 bytes.
//!
//! `tests/data/8790507.sqlite` is the file. The function [`write`] made its content, so a
//! `MemoryStore` to which [`write`] writes has the same content.

use std::fs;
use std::path::Path;

use frontdesk::store::{KeyQuery, MemoryStore, ThreadStore};
use frontdesk::{Draft, FrontDesk, IdempotencyKey};
use frontdesk_sql::KeyDigest;
use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;

use crate::fixtures::{LOCATION, StoreFile};
use crate::second_schema::{self, Content};
use crate::support::{
    at, booking, booking_id, customer, key, location_id, number, participant_id, thread_id,
};

/// The number of messages of the thread `long`. Keys of messages after number 64 are found by an
/// index.
const MESSAGES: u32 = 70;

/// Copies the file of the third schema into a temporary folder.
pub(crate) fn third_schema_file() -> StoreFile {
    let file = StoreFile::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/8790507.sqlite");
    file.write(&fs::read(data).unwrap());
    file
}

/// Writes the content of the file of the second schema, and a thread with many messages.
async fn write(store: impl ThreadStore + Clone + 'static) {
    second_schema::write(store.clone()).await;
    for number in 1..=MESSAGES {
        assert_eq!(send(&store, number).await, number);
    }
}

/// Sends a message of the thread `long`, or sends it again. Returns its number.
async fn send(store: &(impl ThreadStore + Clone + 'static), number: u32) -> u32 {
    let desk = FrontDesk::builder(store.clone()).clock(|| at(8)).build();
    let ann = desk.customer(location_id(LOCATION), booking_id("long"), participant_id("ann"));
    let draft = Draft::new(format!("Message {number}")).with_key(long_key(number));
    ann.starting_with(booking("long")).send(draft).await.unwrap().number().get()
}

fn long_key(number: u32) -> IdempotencyKey {
    key(&format!("a key of usual length, {number}"))
}

/// Reads the number of stored digests of each length.
fn digest_lengths(file: &StoreFile) -> Vec<(i64, i64)> {
    let connection = file.connect();
    let sql = "SELECT length(key_digest), count(*) FROM message \
               WHERE key_digest IS NOT NULL GROUP BY 1";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A migrated file has the same content. The migration changes no row.
#[test]
fn a_file_of_the_third_schema_reads_the_same() {
    let memory = MemoryStore::new();
    let file = third_schema_file();
    block_on(async {
        write(memory.clone()).await;
        let expected = Content::read(&memory).await;
        for _ in 0..2 {
            assert_eq!(Content::read(&file.open()).await, expected);
        }
    });
    let lengths = digest_lengths(&file);
    assert!(matches!(lengths[..], [(16, count)] if count > i64::from(MESSAGES)), "{lengths:?}");
}

/// I4: each key of the file answers a retry. Keys of new messages have shorter digests.
#[test]
fn i4_a_key_of_the_third_schema_still_answers_a_retry() {
    let file = third_schema_file();
    let store = file.open();
    let mut lengths = digest_lengths(&file);
    block_on(async {
        for number in (1..=MESSAGES).chain(1..=MESSAGES + 3).chain(1..=MESSAGES + 3) {
            assert_eq!(send(&store, number).await, number);
        }
    });
    lengths.insert(0, (12, 3));
    assert_eq!(digest_lengths(&file), lengths);
}

/// I4: the store compares the first 12 bytes of digests. Keys whose digests begin with the same bytes
/// are the same key. A digest that differs in these bytes is of another key.
#[test]
fn i4_the_first_12_bytes_of_a_digest_identify_a_key() {
    let (file, thread) = (third_schema_file(), thread_id(LOCATION, "long"));
    let store = file.open();
    for sent in [3, MESSAGES - 1] {
        let (author, key) = (customer("ann"), long_key(sent));
        let query = KeyQuery::new(&thread, &author, &key);
        let digest = KeyDigest::of(&query).to_bytes();
        let find = |store: &SqliteStore| {
            let found = block_on(store.message_by_key(&query)).unwrap().value;
            found.map(|stored| stored.message.number())
        };
        let mut other_end = digest;
        other_end[12..].fill(0);
        let mut highest = digest;
        highest[12..].fill(u8::MAX);
        for same in [&digest[..12], &digest, &other_end, &highest] {
            set_digest(&file, sent, same);
            assert_eq!(find(&store), Some(number(sent)), "{same:?}");
            assert_eq!(block_on(send(&store, sent)), sent);
        }
        for index in [0, 11] {
            for change in [1, u8::MAX] {
                let mut other = digest;
                other[index] = other[index].wrapping_add(change);
                set_digest(&file, sent, &other);
                assert_eq!(find(&store), None, "{other:?}");
            }
        }
    }
}

/// Replaces the digest of a message of the thread `long`.
fn set_digest(file: &StoreFile, number: u32, digest: &[u8]) {
    let sql = "UPDATE message SET key_digest = ?1 WHERE number = ?2 AND thread_no = \
               (SELECT thread_no FROM head WHERE booking = 'long')";
    assert_eq!(file.connect().execute(sql, (digest, number)).unwrap(), 1);
}
