//! Moving a location to another server with the scripts of `docs/moving-a-location.md`.

use std::fs;
use std::process::Stdio;

use frontdesk::cursor::PollCursor;
use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::{
    Changes, KeyQuery, MessageQuery, Revision, StoreErrorKind, StoredMessage, ThreadList,
    ThreadPage, ThreadQuery, ThreadStore, VersionedThread,
};
use frontdesk::{DeskError, Draft, FrontDesk};
use frontdesk_postgres::PostgresStore;
use futures::future::join;
use tempfile::TempDir;

use crate::fixtures::{
    ALL_NUMBERS, LOCK_WAITS, build_store, builder_with_partitions, migrated_store, wait_for_number,
};
use crate::postgres::cluster::psql;
use crate::postgres::{Cluster, Database};
use crate::support::{
    booking, booking_id, customer, key, location_id, operator, participant_id, thread_id,
};

const PAGE: &str = include_str!("../../docs/moving-a-location.md");

/// The location that moves. If a script did not quote its id, the id would end a string.
const MOVING: &str = "o'hara's";

/// The scripts of the page, in its order.
#[derive(Clone, Copy)]
enum Script {
    Close,
    Export,
    Import,
    Reopen,
    Delete,
}

impl Script {
    fn text(self) -> &'static str {
        let block = PAGE.split("```sql\n").nth(self as usize + 1).unwrap();
        block.split("```").next().unwrap()
    }
}

/// A server's database, and the folder of the copy.
struct Psql<'a> {
    cluster: &'a Cluster,
    database: &'a Database,
    folder: &'a TempDir,
}

impl Psql<'_> {
    /// Runs a script as the owner of the database. Returns `true` if it succeeds.
    async fn run(&self, script: Script) -> bool {
        self.run_with(script, &[]).await
    }

    /// Runs a script with further variables, each as `name=value`.
    async fn run_with(&self, script: Script, variables: &[&str]) -> bool {
        let file = self.folder.path().join("script.sql");
        fs::write(&file, script.text()).unwrap();
        let (name, port) = (self.database.name(), self.cluster.port());
        let mut psql = psql();
        psql.args(["-v", &format!("location={MOVING}"), "-f"]).arg(file);
        psql.args(variables.iter().flat_map(|variable| ["-v", variable]));
        psql.arg(format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}"));
        psql.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        tokio::task::spawn_blocking(move || psql.status().unwrap().success()).await.unwrap()
    }

    /// Closes the location and copies it into the folder.
    async fn close_and_export(&self) -> bool {
        self.run(Script::Close).await && self.run(Script::Export).await
    }

    /// Reads a file of the copy.
    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }
}

/// The databases of the two servers, their stores and the folder of the copy.
struct Move<'a> {
    cluster: &'a Cluster,
    source_database: Database,
    target_database: Database,
    source: PostgresStore,
    target: PostgresStore,
    folder: TempDir,
}

impl<'a> Move<'a> {
    async fn prepare(cluster: &'a Cluster, target_partitions: Option<u16>) -> Self {
        let source_database = Database::on(cluster.admin()).await;
        let target_database = Database::on(cluster.admin()).await;
        let source = migrated_store(&source_database.config()).await;
        let builder = builder_with_partitions(target_partitions);
        let target = build_store(builder, &target_database.config()).await;
        let folder = tempfile::tempdir().unwrap();
        Self { cluster, source_database, target_database, source, target, folder }
    }

    fn at_source(&self) -> Psql<'_> {
        self.psql(&self.source_database)
    }

    fn at_target(&self) -> Psql<'_> {
        self.psql(&self.target_database)
    }

    fn psql<'s>(&'s self, database: &'s Database) -> Psql<'s> {
        Psql { cluster: self.cluster, database, folder: &self.folder }
    }
}

/// Everything that a store returns of a location.
#[derive(Debug, PartialEq)]
struct Content {
    inbox: ThreadPage,
    unread: ThreadPage,
    waiting: ThreadPage,
    changes: Vec<Changes>,
    threads: Vec<ThreadContent>,
}

#[derive(Debug, PartialEq)]
struct ThreadContent {
    head: Option<VersionedThread>,
    messages: Vec<StoredMessage>,
    by_key: Vec<Option<StoredMessage>>,
}

async fn content(store: &PostgresStore, location: &str) -> Content {
    let location_id = location_id(location);
    let list =
        async |list| store.threads(&ThreadQuery::new(&location_id, list, 100)).await.unwrap().value;
    let inbox = list(ThreadList::All(None)).await;
    let unread = list(ThreadList::Unread(None)).await;
    let waiting = list(ThreadList::Waiting(None)).await;
    let mut changes = Vec::new();
    // A closed location has the highest revision.
    for since in 0..=i64::from(inbox.counts.revision).min(40) {
        let since = Revision::try_from(since).unwrap();
        changes.push(store.changes(&location_id, since, 2).await.unwrap().value);
    }
    let mut threads = Vec::new();
    for number in 0..6 {
        threads.push(thread_content(store, location, &format!("b-{number}")).await);
    }
    Content { inbox, unread, waiting, changes, threads }
}

async fn thread_content(store: &PostgresStore, location: &str, booking: &str) -> ThreadContent {
    let id = thread_id(location, booking);
    let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, 100);
    let messages = store.messages(&query).await.unwrap().value;
    let mut by_key = Vec::new();
    for author in [customer("c-1"), operator("u-1")] {
        for sent in 0..8 {
            let key = key(&format!("k-{sent}"));
            let query = KeyQuery::new(&id, &author, &key);
            by_key.push(store.message_by_key(&query).await.unwrap().value);
        }
    }
    ThreadContent { head: store.thread(&id).await.unwrap().value, messages, by_key }
}

fn draft(text: &str, key_number: u32) -> Draft {
    Draft::new(text).with_key(key(&format!("k-{key_number}")))
}

/// The handle of the customer of one booking.
struct Customer<'a> {
    desk: &'a FrontDesk,
    location: &'a str,
}

impl Customer<'_> {
    /// Sends a message. Returns its number, and `true` if it was sent before.
    async fn send(&self, booked: &str, draft: Draft) -> Result<(u32, bool), DeskError> {
        let customer = self
            .desk
            .customer(location_id(self.location), booking_id(booked), participant_id("c-1"))
            .starting_with(booking(booked));
        let sent = customer.send(draft).await?;
        Ok((sent.number().get(), sent.is_replayed()))
    }
}

/// Fills a location with threads that are read, unread, marked as unread, erased, restarted
/// and empty, and with texts that COPY has to escape. Returns a cursor from the middle.
async fn fill(store: &PostgresStore, location: &str) -> PollCursor {
    let desk = FrontDesk::new(store.clone());
    let customer = Customer { desk: &desk, location };
    let team = desk.operator(location_id(location), participant_id("u-1"), None);
    for (booking, text) in
        [("b-0", "tab\there\nnew\\line\\n"), ("b-1", "\\N"), ("b-2", "\\."), ("b-3", "é 🚣 \"'\"")]
    {
        for key in 0..3 {
            customer.send(booking, draft(text, key)).await.unwrap();
        }
        let reply = draft(&format!("You wrote {text}"), 3);
        team.reply(&booking_id(booking), reply).await.unwrap();
    }
    let cursor = team.inbox(&PageRequest::first(10)).await.unwrap().cursor;
    team.start(booking("b-4")).await.unwrap();
    for booking in ["b-1", "b-2"] {
        assert!(desk.admin(location_id(location)).erase(&booking_id(booking)).await.unwrap());
    }
    customer.send("b-2", draft("again", 4)).await.unwrap();
    customer.send("b-3", draft("again", 4)).await.unwrap();
    let history = team.history(&booking_id("b-0"), None, 10).await.unwrap();
    team.mark_unread(&booking_id("b-0"), history.messages[0].number()).await.unwrap();
    cursor
}

pub(crate) async fn a_location_moves_completely_and_no_other_changes(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let moving = Move::prepare(cluster, partitions).await;
        let Move { source, target, .. } = &moving;
        let cursor = fill(source, MOVING).await;
        fill(source, "beach").await;
        fill(target, "pier").await;
        let before = content(source, MOVING).await;
        let others = (content(source, "beach").await, content(target, "pier").await);
        assert_eq!(before.inbox.threads.len(), 4, "b-1 is erased");

        assert!(moving.at_source().close_and_export().await);
        assert!(moving.at_target().run(Script::Import).await);
        assert_eq!(moving.at_source().read("source.txt"), moving.at_target().read("target.txt"));
        assert_eq!(content(target, MOVING).await, before);

        // During the move the source can be read.
        let desk = FrontDesk::new(source.clone());
        let customer = Customer { desk: &desk, location: MOVING };
        let late = customer.send("b-3", draft("late", 5)).await;
        let Err(DeskError::Store(error)) = late else { panic!("{late:?}") };
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error:?}");
        let closed = content(source, MOVING).await;
        assert_eq!(
            (&closed.inbox.threads, &closed.threads),
            (&before.inbox.threads, &before.threads)
        );

        assert!(moving.at_source().run(Script::Delete).await);
        for booking in ["b-3", "b-5"] {
            let late = customer.send(booking, draft("late", 5)).await;
            assert!(matches!(late, Err(DeskError::Store(_))), "{late:?}");
        }
        let deleted = content(source, MOVING).await;
        assert!(deleted.threads.iter().all(|thread| {
            thread.head.is_none()
                && thread.messages.is_empty()
                && thread.by_key.iter().all(Option::is_none)
        }));
        assert_eq!((content(source, "beach").await, content(target, "pier").await), others);

        assert_clients_continue(target, &cursor, before.inbox.counts.revision).await;
        assert_eq!(content(target, "pier").await, others.1);
    }
}

/// Asserts that a retry, a poll and new messages continue at the target.
async fn assert_clients_continue(target: &PostgresStore, cursor: &PollCursor, revision: Revision) {
    let desk = FrontDesk::new(target.clone());
    let customer = Customer { desk: &desk, location: MOVING };
    let replay = customer.send("b-3", draft("again", 4)).await.unwrap();
    assert_eq!(replay, (5, true));
    let team = desk.operator(location_id(MOVING), participant_id("u-1"), None);
    // The two servers have different epochs.
    let first = team.poll(cursor, None).await.unwrap();
    assert!(matches!(first, OperatorPoll::StartOver { .. }), "{first:?}");

    // The tombstone of b-1 is there, too.
    for (booking, number) in [("b-3", 6), ("b-1", 5), ("b-5", 1)] {
        let sent = customer.send(booking, draft("new", 6)).await.unwrap();
        assert_eq!(sent, (number, false), "{booking}");
    }
    let location = location_id(MOVING);
    let query = ThreadQuery::new(&location, ThreadList::All(None), 10);
    let now = target.threads(&query).await.unwrap().value.counts.revision;
    assert_eq!(i64::from(now), i64::from(revision) + 3);
}

pub(crate) async fn a_write_during_the_copy_is_rejected_and_writes_nothing(cluster: &Cluster) {
    let moving = Move::prepare(cluster, None).await;
    let Move { source, target, .. } = &moving;
    fill(source, MOVING).await;
    let before = content(source, MOVING).await;
    let blocker = moving.source_database.connect().await;
    let observer = moving.source_database.connect().await;
    // The script waits for a writer, and a message waits for the script.
    blocker.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
    let desk = FrontDesk::new(source.clone());
    let message = async {
        wait_for_number(&observer, LOCK_WAITS, 1).await;
        let customer = Customer { desk: &desk, location: MOVING };
        let send = customer.send("b-3", draft("late", 5));
        let release = async {
            wait_for_number(&observer, LOCK_WAITS, 2).await;
            blocker.batch_execute("COMMIT").await.unwrap();
        };
        join(send, release).await.0
    };
    let at_source = moving.at_source();
    let (exported, late) = join(at_source.close_and_export(), message).await;
    assert!(exported);
    assert!(matches!(late, Err(DeskError::Store(_))), "{late:?}");

    assert!(moving.at_target().run(Script::Import).await);
    assert_eq!(content(target, MOVING).await, before);
    assert_eq!(content(source, MOVING).await.threads, before.threads);
    let desk = FrontDesk::new(target.clone());
    let customer = Customer { desk: &desk, location: MOVING };
    assert_eq!(customer.send("b-3", draft("late", 5)).await.unwrap(), (6, false));
}

pub(crate) async fn a_location_closes_once_and_replaces_no_other(cluster: &Cluster) {
    let moving = Move::prepare(cluster, None).await;
    let Move { source, target, .. } = &moving;
    assert!(!moving.at_source().close_and_export().await, "the location does not exist");
    fill(source, MOVING).await;
    assert!(moving.at_source().close_and_export().await);
    let copy = moving.at_source().read("location.copy");
    assert!(!moving.at_source().close_and_export().await, "the location is closed");
    assert_eq!(moving.at_source().read("location.copy"), copy);

    let desk = FrontDesk::new(target.clone());
    let customer = Customer { desk: &desk, location: MOVING };
    customer.send("b-5", draft("here before", 1)).await.unwrap();
    let before = content(target, MOVING).await;
    assert!(!moving.at_target().run(Script::Import).await, "the target has rows");
    assert!(!moving.at_target().run(Script::Delete).await, "the target is not closed");
    assert_eq!(content(target, MOVING).await, before);
}

pub(crate) async fn a_move_can_be_undone_and_reversed(cluster: &Cluster) {
    let moving = Move::prepare(cluster, None).await;
    let Move { source, target, .. } = &moving;
    fill(source, MOVING).await;
    let before = content(source, MOVING).await;
    assert!(moving.at_source().close_and_export().await);
    let revision = format!("revision={}", i64::from(before.inbox.counts.revision));
    assert!(moving.at_source().run_with(Script::Reopen, &[&revision]).await);
    assert_eq!(content(source, MOVING).await, before);

    assert!(moving.at_source().close_and_export().await);
    assert!(moving.at_target().run(Script::Import).await);
    assert!(moving.at_source().run(Script::Delete).await);
    let desk = FrontDesk::new(target.clone());
    let customer = Customer { desk: &desk, location: MOVING };
    customer.send("b-5", draft("at the target", 1)).await.unwrap();
    let at_target = content(target, MOVING).await;
    assert!(moving.at_target().close_and_export().await);
    assert!(moving.at_source().run(Script::Import).await);
    assert_eq!(content(source, MOVING).await, at_target);
}
