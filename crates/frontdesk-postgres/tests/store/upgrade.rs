//! The migration of a database with the first version of the schema.
//!
//! `tests/data/f2abd43.sql` is a dump of a database that the store of commit f2abd43 wrote,
//! made with `pg_dump --inserts`. `tests/data/f2abd43.json` is what that store read from it.

use frontdesk::inbox::InboxPosition;
use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{
    KeyQuery, MessageQuery, Revision, StoredMessage, ThreadList, ThreadQuery, ThreadState,
    ThreadStore,
};
use frontdesk::{
    BookingId, Draft, FrontDesk, LocationId, MessageNumber, Participant, Role, Thread, ThreadId,
    Timestamp,
};
use frontdesk_postgres::PostgresStore;
use serde::Deserialize;
use serde_json::Value;

use crate::fixtures::{ALL_NUMBERS, builder_with_partitions, commit_alone, erase_commit, pool};
use crate::postgres::{Cluster, Database};
use crate::support::{booking_id, key, location_id, participant_id};

const DUMP: &str = include_str!("../data/f2abd43.sql");
const EXPECTED: &str = include_str!("../data/f2abd43.json");

#[derive(Deserialize)]
struct Expected {
    locations: Vec<ExpectedLocation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedLocation {
    location: LocationId,
    revision: Revision,
    unread: u64,
    /// The bookings of all threads in inbox order.
    inbox: Vec<BookingId>,
    unread_threads: Vec<BookingId>,
    /// All heads, in the order of their revisions.
    heads: Vec<ExpectedHead>,
    keys: Vec<ExpectedKey>,
}

#[derive(Deserialize)]
struct ExpectedHead {
    booking: BookingId,
    revision: Revision,
    /// The record of a live thread.
    thread: Option<Value>,
    /// The last number of an erased thread.
    tombstone: Option<MessageNumber>,
    #[serde(default)]
    messages: Vec<Value>,
}

#[derive(Deserialize)]
struct ExpectedKey {
    booking: BookingId,
    role: Role,
    author: String,
    key: String,
    /// The number of the message, or `None` if the thread was erased.
    number: Option<MessageNumber>,
}

impl ExpectedLocation {
    /// U5: returns the waiting threads, the longest waiting first.
    fn waiting_threads(&self) -> Vec<BookingId> {
        let waiting = |head: &ExpectedHead| Some((head.waiting_since()?, head.booking.clone()));
        let mut threads: Vec<_> = self.heads.iter().filter_map(waiting).collect();
        threads.sort();
        threads.into_iter().map(|(_, booking)| booking).collect()
    }
}

impl ExpectedHead {
    /// U5: returns the time of the first customer message after the last operator's message.
    fn waiting_since(&self) -> Option<Timestamp> {
        let answered = self.messages.iter().rposition(|message| message["role"] == "operator");
        let unanswered = self.messages.get(answered.map_or(0, |at| at + 1))?;
        Some(unanswered["sentAt"].as_str().unwrap().parse().unwrap())
    }
}

fn expected() -> Vec<ExpectedLocation> {
    serde_json::from_str::<Expected>(EXPECTED).unwrap().locations
}

pub(crate) async fn a_database_of_schema_1_reads_the_same_after_the_migration(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    database.connect().await.batch_execute(DUMP).await.unwrap();
    let store = PostgresStore::new(pool(&database.config(), 4));
    store.migrate().await.unwrap();
    assert_reads_the_same(&store).await;
    assert_accepts_commits(&store).await;
}

pub(crate) async fn partitioned_tables_of_schema_1_read_the_same_after_the_migration(
    cluster: &Cluster,
) {
    let database = Database::on(cluster.admin()).await;
    let direct = database.connect().await;
    direct.batch_execute(DUMP).await.unwrap();
    let builder = builder_with_partitions(Some(16)).schema("partitioned");
    direct.batch_execute(&builder.migrations().unwrap()[0]).await.unwrap();
    for table in ["location", "thread", "message", "idempotency_key"] {
        let copy = format!("INSERT INTO partitioned.{table} SELECT * FROM frontdesk.{table}");
        direct.batch_execute(&copy).await.unwrap();
    }
    let store = builder.pool(pool(&database.config(), 4)).unwrap();
    store.migrate().await.unwrap();
    assert_reads_the_same(&store).await;
    assert_accepts_commits(&store).await;
}

async fn assert_reads_the_same(store: &PostgresStore) {
    let expected = expected();
    let mut ids: Vec<_> = expected.iter().map(|expected| &expected.location).collect();
    ids.sort_unstable_by_key(|location| location.as_str());
    let listed = store.locations(None, 10).await.unwrap().value;
    assert_eq!(listed.iter().map(|listed| &listed.location).collect::<Vec<_>>(), ids);
    for location in &expected {
        let found = listed.iter().find(|listed| listed.location == location.location).unwrap();
        assert_eq!(found.revision, location.revision);
        assert_lists(store, location).await;
        assert_heads(store, location).await;
        for expected in &location.keys {
            assert_key(store, &location.location, expected).await;
        }
    }
}

async fn assert_lists(store: &PostgresStore, expected: &ExpectedLocation) {
    let location = &expected.location;
    let bookings = |threads: &[Thread]| -> Vec<BookingId> {
        threads.iter().map(|thread| thread.id().booking.clone()).collect()
    };
    let all = |list| ThreadQuery::new(location, list, usize::MAX);
    let inbox = store.threads(&all(ThreadList::All(None))).await.unwrap().value;
    assert_eq!(bookings(&inbox.threads), expected.inbox);
    let counts = (inbox.counts.revision, inbox.counts.unread, inbox.counts.waiting);
    let expected_waiting = expected.waiting_threads();
    assert_eq!(counts, (expected.revision, expected.unread, expected_waiting.len() as u64));
    let unread = store.threads(&all(ThreadList::Unread(None))).await.unwrap().value;
    assert_eq!(bookings(&unread.threads), expected.unread_threads);
    let waiting = store.threads(&all(ThreadList::Waiting(None))).await.unwrap().value;
    assert_eq!(bookings(&waiting.threads), expected_waiting);
    // Pages of two threads.
    let mut paged = Vec::new();
    let mut after: Option<InboxPosition> = None;
    loop {
        let query = ThreadQuery::new(location, ThreadList::All(after.as_ref()), 2);
        let page = store.threads(&query).await.unwrap().value;
        let Some(last) = page.threads.last() else { break };
        after = Some(InboxPosition::of(last));
        paged.extend(bookings(&page.threads));
    }
    assert_eq!(paged, expected.inbox);
}

async fn assert_heads(store: &PostgresStore, expected: &ExpectedLocation) {
    let changes = store.changes(&expected.location, Revision::ZERO, usize::MAX).await.unwrap();
    assert_eq!(changes.value.changed.len(), expected.heads.len());
    for (found, head) in changes.value.changed.iter().zip(&expected.heads) {
        let id = ThreadId::new(expected.location.clone(), head.booking.clone());
        assert_eq!((found.state.id(), found.revision), (&id, head.revision));
        assert_eq!(store.thread(&id).await.unwrap().value.as_ref(), Some(found));
        match &found.state {
            ThreadState::Live(thread) => {
                assert_eq!(thread.waiting_since(), head.waiting_since());
                let mut record = ThreadRecord::from(thread.clone());
                record.waiting_since = None;
                assert_eq!(serde_json::to_value(record).unwrap(), *head.thread.as_ref().unwrap());
            }
            ThreadState::Erased(tombstone) => assert_eq!(Some(tombstone.last), head.tombstone),
            ThreadState::Linked(link) => panic!("{link:?}"),
        }
        let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, usize::MAX);
        let messages = store.messages(&query).await.unwrap().value;
        let records = messages.into_iter().map(|StoredMessage { message, revision, .. }| {
            assert_eq!(revision, Revision::ZERO);
            serde_json::to_value(MessageRecord::from(message)).unwrap()
        });
        assert_eq!(records.collect::<Vec<_>>(), head.messages, "{id}");
        let query = MessageQuery::redacted_after(&id, 0, usize::MAX);
        assert_eq!(store.messages(&query).await.unwrap().value, []);
    }
}

async fn assert_key(store: &PostgresStore, location: &LocationId, expected: &ExpectedKey) {
    let id = ThreadId::new(location.clone(), expected.booking.clone());
    let author = match expected.role {
        Role::Customer => Participant::customer(participant_id(&expected.author), None),
        Role::Operator => Participant::operator(participant_id(&expected.author), None),
    };
    let key = key(&expected.key);
    let found = store.message_by_key(&KeyQuery::new(&id, &author, &key)).await.unwrap().value;
    assert_eq!(found.map(|found| found.message.number()), expected.number, "{id}");
}

/// A retry of an old message is recognized, and a new message, a new generation and an
/// erasure continue the old numbers and revisions.
async fn assert_accepts_commits(store: &PostgresStore) {
    let desk = FrontDesk::new(store.clone());
    let harbour = location_id("harbour");
    let head = async |booking: &str| {
        let id = ThreadId::new(harbour.clone(), booking_id(booking));
        store.thread(&id).await.unwrap().value.unwrap()
    };
    let customer = |booking: &str, author: &str| {
        let (booking, author) = (crate::support::booking(booking), participant_id(author));
        desk.customer(harbour.clone(), booking.id.clone(), author).starting_with(booking)
    };
    let draft = Draft::new("And can we bring a dog? 🐕‍🦺").with_key(key("k-2"));
    let replay = customer("b-101", "c-9").send(draft).await.unwrap();
    assert_eq!((replay.number().get(), replay.is_replayed()), (2, true));

    let first = i64::from(expected_revision(&harbour));
    let added = customer("b-101", "c-9").send("One more question").await.unwrap();
    assert_eq!(added.number().get(), 5);
    assert_eq!(i64::from(head("b-101").await.revision), first + 1);
    let restarted = customer("b-105", "c-13").send("Hello again").await.unwrap();
    assert_eq!(restarted.number().get(), 3);

    let id = ThreadId::new(harbour.clone(), booking_id("b-101"));
    let newest = MessageQuery::newest_first(&id, ALL_NUMBERS, 2);
    let newest = store.messages(&newest).await.unwrap().value;
    let revisions: Vec<i64> = newest.iter().map(|stored| i64::from(stored.revision)).collect();
    assert_eq!(revisions, [first + 1, 0]);

    let found = head("b-103").await;
    let erased = commit_alone(store, erase_commit(&found)).await;
    assert_eq!(i64::from(erased), first + 3);
    let counts = store.changes(&harbour, erased, 10).await.unwrap().value.counts;
    // b-103 was unread and is erased; b-105 is new and unread.
    let unread = expected().iter().find(|found| found.location == harbour).unwrap().unread;
    assert_eq!((counts.revision, counts.unread), (erased, unread));
}

fn expected_revision(location: &LocationId) -> Revision {
    expected().iter().find(|expected| expected.location == *location).unwrap().revision
}
