//! A file that was written with the second schema, by the store of commit 9efcf28.
//!
//! `tests/data/9efcf28.sqlite` is the file. The function [`write`] made its content, so a
//! `MemoryStore` to which [`write`] writes has the same content.

use std::fs;
use std::path::Path;

use frontdesk::store::{KeyQuery, MemoryStore, StoredMessage, ThreadStore};
use frontdesk::{DisplayName, Draft, FrontDesk, IdempotencyKey, Role};
use futures::executor::block_on;

use crate::fixtures::{LOCATION, LocationContent, StoreFile, read_location};
use crate::support::{
    at, booking, booking_id, key, location_id, number, operator, participant_id, thread_id,
};

/// The number of messages of each thread that have a key, on each side.
const TURNS: u32 = 6;

/// The bookings of the threads with messages.
const BOOKINGS: [&str; 5] = ["plain", "redacted", "linked", "erased", "restarted"];

/// Copies the file of the second schema into a temporary folder.
pub(crate) fn second_schema_file() -> StoreFile {
    let file = StoreFile::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/9efcf28.sqlite");
    file.write(&fs::read(data).unwrap());
    file
}

/// Everything that the file contains.
#[derive(Debug, PartialEq)]
pub(crate) struct Content {
    location: LocationContent,
    keyed: Vec<Option<StoredMessage>>,
}

impl Content {
    /// Returns the content that the file must have.
    pub(crate) fn expected() -> Self {
        block_on(async {
            let store = MemoryStore::new();
            write(store.clone()).await;
            Self::read(&store).await
        })
    }

    pub(crate) async fn read(store: &dyn ThreadStore) -> Self {
        let mut keyed = Vec::new();
        for booking in BOOKINGS {
            for turn in 0..TURNS {
                for (role, author) in [(Role::Customer, "ann"), (Role::Operator, "kim")] {
                    let (thread, author) = (&thread_id(LOCATION, booking), &participant_id(author));
                    let query = KeyQuery { thread, role, author, key: &turn_key(turn) };
                    keyed.push(store.message_by_key(&query).await.unwrap().value);
                }
            }
        }
        Self { location: read_location(store).await, keyed }
    }
}

/// Writes threads with names, keys, redactions, a link, a tombstone and a second generation.
pub(crate) async fn write(store: impl ThreadStore + 'static) {
    let desk = FrontDesk::builder(store).clock(|| at(7)).build();
    let location = || location_id(LOCATION);
    let admin = desk.admin(location());
    let kim = desk.operator(location(), participant_id("kim"), DisplayName::new("Kim"));
    let lee = desk.operator(location(), participant_id("lee"), DisplayName::new("Lee"));
    let ann = |id: &str| {
        let ann = desk.customer(location(), booking_id(id), participant_id("ann"));
        ann.starting_with(booking(id)).with_name(DisplayName::new("Ann"))
    };
    for id in BOOKINGS {
        for turn in 0..TURNS {
            let draft = |who| Draft::new(format!("{who} {turn} in {id}")).with_key(turn_key(turn));
            ann(id).send(draft("Question")).await.unwrap();
            kim.reply(&booking_id(id), draft("Answer").automatic()).await.unwrap();
            lee.reply(&booking_id(id), Draft::new("Without a key")).await.unwrap();
        }
        ann(id).send("Waiting for an answer").await.unwrap();
    }
    kim.start(booking("empty")).await.unwrap();
    for redacted in [2, 19, 5] {
        assert!(admin.redact(&booking_id("redacted"), number(redacted)).await.unwrap());
    }
    admin.redact_author(&operator("lee"), None, 100).await.unwrap();
    admin.link(&booking_id("linked"), &booking("linked-2")).await.unwrap();
    for id in ["erased", "restarted"] {
        assert!(admin.erase(&booking_id(id)).await.unwrap());
    }
    ann("restarted").send(Draft::new("Again").with_key(turn_key(0))).await.unwrap();
}

fn turn_key(turn: u32) -> IdempotencyKey {
    key(&format!("a key of usual length, turn {turn}"))
}

/// I4, T9, L3, I2: a migrated file has the same heads, messages, redactions, links and tombstones,
/// and each key finds its message.
#[test]
fn a_file_of_the_second_schema_reads_the_same() {
    let file = second_schema_file();
    for _ in 0..2 {
        assert_eq!(block_on(Content::read(&file.open())), Content::expected());
    }
}

/// I4: a retry of a message that was sent before the migration returns this message.
#[test]
fn i4_a_key_of_the_second_schema_still_answers_a_retry() {
    let file = second_schema_file();
    let desk = FrontDesk::new(file.open());
    let ann = desk.customer(location_id(LOCATION), booking_id("plain"), participant_id("ann"));
    let retry = Draft::new("Question 3 in plain").with_key(turn_key(3));
    assert_eq!(block_on(ann.send(retry)).unwrap().number(), number(10));
}
