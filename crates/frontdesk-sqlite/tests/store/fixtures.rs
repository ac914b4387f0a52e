//! A temporary store file, messages to post, and readers of everything that is stored.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use frontdesk::store::{
    Changes, Commit, CommitOutcome, MessageQuery, NewMessage, NewMessages, Revision, StoredMessage,
    ThreadList, ThreadPage, ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{IdempotencyKey, MessageBody, MessageNumber, Participant, Post, Thread, ThreadId};
use frontdesk_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::{at, booking, customer, key, location_id, thread_id};

/// The location of the tests.
pub(crate) const LOCATION: &str = "harbour";
pub(crate) const ALL_NUMBERS: RangeInclusive<MessageNumber> =
    MessageNumber::START..=MessageNumber::MAX;

/// A temporary folder for one store file.
pub(crate) struct StoreFile {
    folder: TempDir,
}

impl StoreFile {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("desk.sqlite")
    }

    #[track_caller]
    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open(self.path()).unwrap()
    }

    /// Opens a connection that bypasses the store.
    #[track_caller]
    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Runs SQL statements that bypass the store.
    #[track_caller]
    pub(crate) fn run_sql(&self, sql: &str) {
        self.connect().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Locks the file against other writers until the connection is dropped.
    #[track_caller]
    pub(crate) fn lock(&self) -> Connection {
        let connection = self.connect();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        connection
    }

    /// Reads every file of the folder, by name.
    pub(crate) fn read_folder(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap);
        let files = entries.map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        });
        files.collect()
    }

    /// Replaces the file.
    pub(crate) fn write(&self, bytes: &[u8]) {
        fs::write(self.path(), bytes).unwrap();
    }

    #[track_caller]
    pub(crate) fn remove_folder(self) {
        self.folder.close().unwrap();
    }
}

/// Reads the number of a thread in the file.
pub(crate) fn thread_no(file: &StoreFile, booking: &str) -> i64 {
    let sql = "SELECT thread_no FROM head WHERE booking = ?1";
    file.connect().query_row(sql, [booking], |row| row.get(0)).unwrap()
}

/// A message to post to a thread of [`LOCATION`], by default from a customer.
pub(crate) struct TestMessage {
    booking: String,
    text: String,
    author: Participant,
    key: Option<IdempotencyKey>,
}

impl TestMessage {
    pub(crate) fn new(booking: &str, text: &str) -> Self {
        let (booking, text) = (booking.to_owned(), text.to_owned());
        Self { booking, text, author: customer("c-1"), key: None }
    }

    pub(crate) fn by(mut self, author: Participant) -> Self {
        self.author = author;
        self
    }

    pub(crate) fn with_key(mut self, text: &str) -> Self {
        self.key = Some(key(text));
        self
    }

    /// Builds the commit that adds the message to the `found` thread. If the thread does not exist
    /// or is erased, the commit also starts the thread.
    #[track_caller]
    pub(crate) fn commit(self, found: Option<&VersionedThread>) -> Commit {
        let booking = booking(&self.booking);
        let thread = match found.map(|found| &found.state) {
            Some(ThreadState::Live(thread)) => thread.clone(),
            Some(ThreadState::Erased(tombstone)) => tombstone.restart(booking, at(0)).unwrap(),
            Some(ThreadState::Linked(link)) => panic!("{link:?} takes no messages"),
            None => Thread::start(location_id(LOCATION), booking, at(0)),
        };
        let body = MessageBody::new(&self.text).unwrap();
        let posted = thread.post(Post::new(self.author, body, at(1))).unwrap();
        let messages = NewMessages::one(NewMessage::new(posted.message, self.key));
        Commit::new(ThreadState::Live(posted.thread), found).with_messages(messages).unwrap()
    }
}

/// Reads the stored thread and posts a message to it. If the thread does not exist or is erased,
/// the message starts it.
pub(crate) async fn post(store: &dyn ThreadStore, message: TestMessage) -> Revision {
    let found = head(store, &message.booking).await;
    commit(store, message.commit(found.as_ref())).await
}

/// Writes a commit that must not conflict.
pub(crate) async fn commit(store: &dyn ThreadStore, commit: Commit) -> Revision {
    match store.commit(commit).await.unwrap().value {
        CommitOutcome::Committed(revision) => revision,
        other => panic!("no other writer is active, but the outcome is {other:?}"),
    }
}

pub(crate) async fn head(store: &dyn ThreadStore, booking: &str) -> Option<VersionedThread> {
    store.thread(&thread_id(LOCATION, booking)).await.unwrap().value
}

/// Reads all messages of a thread, oldest first.
pub(crate) async fn messages(store: &dyn ThreadStore, booking: &str) -> Vec<StoredMessage> {
    let id = thread_id(LOCATION, booking);
    let query = MessageQuery::oldest_first(&id, ALL_NUMBERS, usize::MAX);
    store.messages(&query).await.unwrap().value
}

/// Reads the texts of a thread's messages, oldest first. No message may be redacted.
pub(crate) async fn texts(store: &dyn ThreadStore, booking: &str) -> Vec<String> {
    messages(store, booking).await.iter().map(text).collect()
}

pub(crate) fn text(stored: &StoredMessage) -> String {
    stored.message.body().expect("the message is not redacted").as_str().to_owned()
}

/// The content of [`LOCATION`], read through every list.
#[derive(Debug, PartialEq)]
pub(crate) struct LocationContent {
    pub(crate) changes: Changes,
    pub(crate) inbox: ThreadPage,
    pub(crate) unread: ThreadPage,
    pub(crate) heads: Vec<Option<VersionedThread>>,
    pub(crate) messages: Vec<(ThreadId, Vec<StoredMessage>)>,
}

pub(crate) async fn read_location(store: &dyn ThreadStore) -> LocationContent {
    let location = location_id(LOCATION);
    let changes = store.changes(&location, Revision::ZERO, usize::MAX).await.unwrap().value;
    let (mut heads, mut messages) = (Vec::new(), Vec::new());
    for changed in &changes.changed {
        let id = changed.state.id().clone();
        heads.push(store.thread(&id).await.unwrap().value);
        let query = MessageQuery::newest_first(&id, ALL_NUMBERS, usize::MAX);
        let newest_first = store.messages(&query).await.unwrap().value;
        messages.push((id, newest_first));
    }
    let inbox = read_list(store, ThreadList::All(None)).await;
    let unread = read_list(store, ThreadList::Unread(None)).await;
    LocationContent { changes, inbox, unread, heads, messages }
}

/// Reads a whole list of the threads of [`LOCATION`].
pub(crate) async fn read_list(store: &dyn ThreadStore, list: ThreadList<'_>) -> ThreadPage {
    let location = location_id(LOCATION);
    store.threads(&ThreadQuery::new(&location, list, usize::MAX)).await.unwrap().value
}
