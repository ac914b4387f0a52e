//! A file that was written with the first schema, by the store of commit f2abd43.
//!
//! `tests/data/f2abd43.sqlite` is the file, and `tests/data/f2abd43.json` lists everything that
//! the store of that commit read back from the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{
    Changes, KeyQuery, MessageQuery, Revision, StoredMessage, ThreadList, ThreadPage, ThreadQuery,
    ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{FrontDesk, LocationId, Role, Thread, ThreadId, Timestamp, Tombstone};
use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;
use serde::Deserialize;

use crate::fixtures::{ALL_NUMBERS, StoreFile};
use crate::support::{booking, booking_id, key, location_id, number, participant_id, thread_id};

/// The expected content of the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ExpectedContent {
    commit: String,
    locations: Vec<ExpectedLocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectedLocation {
    location: String,
    revision: i64,
    unread: u64,
    /// The bookings of all threads that are not erased, in the order of the inbox.
    inbox: Vec<String>,
    unread_threads: Vec<String>,
    /// All threads and tombstones, in the order of their revisions.
    heads: Vec<ExpectedHead>,
    keys: Vec<ExpectedKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpectedHead {
    booking: String,
    revision: i64,
    thread: Option<ThreadRecord>,
    /// The last number of an erased thread.
    tombstone: Option<u32>,
    #[serde(default)]
    messages: Vec<MessageRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedKey {
    booking: String,
    role: Role,
    author: String,
    key: String,
    /// The number of the message that was sent with the key, if the key is still stored.
    number: Option<u32>,
}

fn data(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// Copies the file of the first schema into a temporary folder.
pub(crate) fn first_schema_file() -> StoreFile {
    let file = StoreFile::new();
    file.write(&data("f2abd43.sqlite"));
    file
}

pub(crate) fn first_schema_content() -> ExpectedContent {
    serde_json::from_slice(&data("f2abd43.json")).unwrap()
}

fn revision(number: i64) -> Revision {
    number.try_into().unwrap()
}

impl ExpectedLocation {
    /// U5: returns the waiting threads, the longest waiting first.
    fn waiting_threads(&self) -> Vec<String> {
        let waiting = |head: &ExpectedHead| Some((head.waiting_since()?, head.booking.clone()));
        let mut threads: Vec<_> = self.heads.iter().filter_map(waiting).collect();
        threads.sort();
        threads.into_iter().map(|(_, booking)| booking).collect()
    }
}

impl ExpectedHead {
    /// U5: returns the time of the first customer message after the last operator's message.
    fn waiting_since(&self) -> Option<Timestamp> {
        let is_reply = |message: &&MessageRecord| message.role == Role::Operator;
        let answered = self.messages.iter().rfind(is_reply).map_or(0, |reply| reply.number);
        let mut unanswered = self.messages.iter().filter(|message| message.number > answered);
        Some(unanswered.next()?.sent_at)
    }

    fn state(&self, location: &str) -> VersionedThread {
        let state = match (&self.thread, self.tombstone) {
            (Some(record), None) => {
                let mut record = record.clone();
                record.waiting_since = self.waiting_since();
                ThreadState::Live(Thread::try_from(record).unwrap())
            }
            (None, Some(last)) => {
                let id = thread_id(location, &self.booking);
                ThreadState::Erased(Tombstone::new(id, number(last)))
            }
            _ => panic!("{} is neither a thread nor a tombstone", self.booking),
        };
        VersionedThread::new(revision(self.revision), state)
    }

    /// Returns the messages as the current store has to read them. The first schema stored no
    /// revisions of messages, so each message has revision 0.
    fn messages(&self) -> Vec<StoredMessage> {
        let messages = self.messages.iter().cloned();
        messages
            .map(|record| StoredMessage::new(record.try_into().unwrap(), Revision::ZERO))
            .collect()
    }
}

/// Asserts that the store reads the same content as the store of commit f2abd43.
pub(crate) async fn assert_content(store: &SqliteStore, content: &ExpectedContent) {
    let locations = store.locations(None, usize::MAX).await.unwrap().value;
    let locations: BTreeMap<String, Revision> = locations
        .into_iter()
        .map(|entry| (entry.location.as_str().to_owned(), entry.revision))
        .collect();
    let expected = content.locations.iter();
    let expected: BTreeMap<String, Revision> =
        expected.map(|entry| (entry.location.clone(), revision(entry.revision))).collect();
    assert_eq!(locations, expected);
    for location in &content.locations {
        assert_lists(store, location).await;
        assert_heads(store, location).await;
        assert_keys(store, location).await;
    }
}

async fn assert_lists(store: &SqliteStore, content: &ExpectedLocation) {
    let location = location_id(&content.location);
    let waiting = content.waiting_threads();
    let assert_counts = |counts: frontdesk::store::LocationCounts| {
        assert_eq!(counts.revision, revision(content.revision), "{location}");
        let expected = (content.unread, waiting.len() as u64);
        assert_eq!((counts.unread, counts.waiting), expected, "{location}");
    };
    for (list, expected) in [
        (ThreadList::All(None), &content.inbox),
        (ThreadList::Unread(None), &content.unread_threads),
        (ThreadList::Waiting(None), &waiting),
    ] {
        let query = ThreadQuery::new(&location, list, usize::MAX);
        let ThreadPage { threads, counts, .. } = store.threads(&query).await.unwrap().value;
        let bookings: Vec<&str> =
            threads.iter().map(|thread| thread.id().booking.as_str()).collect();
        assert_eq!(bookings, *expected, "{location}: {list:?}");
        assert_counts(counts);
    }
    let expected: Vec<VersionedThread> =
        content.heads.iter().map(|head| head.state(&content.location)).collect();
    let Changes { changed, more, counts, .. } =
        store.changes(&location, Revision::ZERO, usize::MAX).await.unwrap().value;
    assert_eq!(changed, expected);
    assert!(!more);
    assert_counts(counts);
}

async fn assert_heads(store: &SqliteStore, content: &ExpectedLocation) {
    for head in &content.heads {
        let id = thread_id(&content.location, &head.booking);
        let stored = store.thread(&id).await.unwrap().value;
        assert_eq!(stored, Some(head.state(&content.location)));
        let expected = head.messages();
        let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, usize::MAX);
        assert_eq!(store.messages(&query).await.unwrap().value, expected, "{id}");
        let redacted = MessageQuery::redacted_after(&id, 0, usize::MAX);
        assert_eq!(store.messages(&redacted).await.unwrap().value, [], "{id}");
        for stored in &expected {
            let message = &stored.message;
            assert!(!message.is_automatic() && !message.is_imported());
            assert_eq!(message.redaction(), None);
        }
    }
    let bookings: Vec<_> = content.heads.iter().map(|head| booking_id(&head.booking)).collect();
    let location = location_id(&content.location);
    let heads = store.heads(&location, &bookings).await.unwrap().value;
    let expected: Vec<_> = content.heads.iter().map(|head| head.state(&content.location)).collect();
    assert_eq!(heads, expected);
}

async fn assert_keys(store: &SqliteStore, content: &ExpectedLocation) {
    assert!(!content.keys.is_empty());
    for entry in &content.keys {
        let id = thread_id(&content.location, &entry.booking);
        let (author, key) = (&participant_id(&entry.author), &key(&entry.key));
        let query = KeyQuery { thread: &id, role: entry.role, author, key };
        let found = store.message_by_key(&query).await.unwrap().value;
        let number = found.map(|stored| stored.message.number().get());
        assert_eq!(number, entry.number, "{id}: the key {}", entry.key);
    }
}

/// Every head, message, key, list, count and revision of a file of the first schema is unchanged
/// after the migration and after opening the file again.
#[test]
fn a_file_of_the_first_schema_reads_the_same() {
    let (file, content) = (first_schema_file(), first_schema_content());
    assert_eq!(content.commit, "f2abd43");
    assert_eq!(content.locations.len(), 3);
    for _ in 0..2 {
        block_on(assert_content(&file.open(), &content));
    }
}

/// Threads of the first schema accept messages, read marks, erasure and restarts.
#[test]
fn a_file_of_the_first_schema_accepts_commits() {
    let (file, content) = (first_schema_file(), first_schema_content());
    let store = file.open();
    block_on(async {
        for location in &content.locations {
            write_to_all_threads(&store, location).await;
        }
    });
    drop(store);
    let integrity: String =
        file.connect().query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
}

/// Sends a message to each thread, opens the thread, erases it, and starts it again.
async fn write_to_all_threads(store: &SqliteStore, content: &ExpectedLocation) {
    let desk = FrontDesk::new(store.clone());
    let location = location_id(&content.location);
    let kim = desk.operator(location.clone(), participant_id("kim"), None);
    let mut last_revision = revision(content.revision);
    for head in &content.heads {
        let id = booking_id(&head.booking);
        let ann = desk
            .customer(location.clone(), id.clone(), participant_id("ann"))
            .starting_with(booking(&head.booking));
        let last_number = match head.state(&content.location).state {
            ThreadState::Live(thread) => thread.last_number(),
            ThreadState::Erased(tombstone) => tombstone.last,
            ThreadState::Linked(link) => panic!("the first schema has no links: {link:?}"),
        };
        let sent = ann.send("Written after the migration").await.unwrap();
        assert_eq!(Some(sent.number()), last_number.next());
        assert!(kim.open(&id).await.is_ok());
        let revision = newest_revision(store, &location).await;
        assert!(revision > last_revision);
        last_revision = revision;

        let thread = ThreadId::new(location.clone(), id.clone());
        let stored = store.messages(&MessageQuery::one(&thread, sent.number())).await.unwrap();
        assert!(stored.value[0].revision > self::revision(content.revision));
        assert!(desk.admin(location.clone()).erase(&id).await.unwrap());
        let restarted = ann.send("Second generation").await.unwrap();
        assert_eq!(Some(restarted.number()), sent.number().next());
    }
    let unread = kim.unread_threads().await.unwrap();
    assert_eq!(unread, content.heads.len() as u64);
}

async fn newest_revision(store: &SqliteStore, location: &LocationId) -> Revision {
    store.changes(location, Revision::MAX, 0).await.unwrap().value.counts.revision
}
