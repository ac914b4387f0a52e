//! A folder with a store's file in it, and what a test does to both.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, SqliteStore, Stored, ThreadPage,
    ThreadState, ThreadStore,
};
use frontdesk::{Message, MessageBody, MessageNumber, Participant, Seen, Thread, ThreadId};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::{at, booking, customer, key, place, thread_id};

pub(crate) const HERE: &str = "here";
pub(crate) const WHOLE: RangeInclusive<MessageNumber> = MessageNumber::START..=MessageNumber::MAX;

pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("desk.sqlite")
    }

    #[track_caller]
    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(self.path()).unwrap()
    }

    /// The file, past the store.
    #[track_caller]
    pub(crate) fn sql(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Changes the file by hand.
    #[track_caller]
    pub(crate) fn change(&self, sql: &str) {
        self.sql().execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// As long as this lives nobody else writes.
    #[track_caller]
    pub(crate) fn lock(&self) -> Connection {
        let sql = self.sql();
        sql.execute_batch("BEGIN IMMEDIATE").unwrap();
        sql
    }

    /// Every file of the folder, by name.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(self.folder.path()).unwrap().map(Result::unwrap);
        files
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (name, fs::read(file.path()).unwrap())
            })
            .collect()
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        fs::write(self.path(), bytes).unwrap();
    }

    #[track_caller]
    pub(crate) fn remove(self) {
        self.folder.close().unwrap();
    }
}

/// The commit that adds a customer's message to what was found.
#[track_caller]
pub(crate) fn proposal(
    found: Option<&Stored>,
    booked: &str,
    text: &str,
    sent_with: Option<&str>,
) -> Commit {
    proposal_of(customer("c-1"), found, booked, text, sent_with)
}

#[track_caller]
pub(crate) fn proposal_of(
    author: Participant,
    found: Option<&Stored>,
    booked: &str,
    text: &str,
    sent_with: Option<&str>,
) -> Commit {
    let start =
        |after| Thread::start(place(HERE), booking(booked), at(0), after).expect("numbers left");
    let thread = match found.map(|found| &found.state) {
        Some(ThreadState::Live(thread)) => thread.clone(),
        Some(ThreadState::Erased(tombstone)) => start(tombstone.last),
        None => start(MessageNumber::START),
    };
    let body = MessageBody::new(text).unwrap();
    let posted = thread.post(Arc::new(author), body, at(1), Seen::Everything).unwrap();
    Commit::new(ThreadState::Live(posted.thread), found)
        .with_message(posted.message, sent_with.map(key))
}

/// Adds a customer's message to a thread of [`HERE`], or starts it with one.
pub(crate) async fn post(
    store: &dyn ThreadStore,
    booked: &str,
    text: &str,
    sent_with: Option<&str>,
) -> Revision {
    let found = head(store, booked).await;
    match store.commit(proposal(found.as_ref(), booked, text, sent_with)).await.unwrap() {
        CommitOutcome::Committed(revision) => revision,
        other => panic!("nobody else writes, but: {other:?}"),
    }
}

pub(crate) async fn head(store: &dyn ThreadStore, booked: &str) -> Option<Stored> {
    store.thread(&thread_id(HERE, booked)).await.unwrap()
}

pub(crate) async fn messages(store: &dyn ThreadStore, booked: &str) -> Vec<Message> {
    let id = thread_id(HERE, booked);
    store.messages(&id, WHOLE, usize::MAX, Direction::OldestFirst).await.unwrap()
}

/// The texts of a thread.
pub(crate) async fn texts(store: &dyn ThreadStore, booked: &str) -> Vec<String> {
    let messages = messages(store, booked).await;
    messages.iter().map(|message| message.body().as_str().to_owned()).collect()
}

/// What a store says of [`HERE`], asked in every way.
#[derive(Debug, PartialEq)]
pub(crate) struct Everything {
    pub(crate) feed: Changes,
    pub(crate) inbox: ThreadPage,
    pub(crate) unread: ThreadPage,
    pub(crate) heads: Vec<Option<Stored>>,
    pub(crate) messages: Vec<(ThreadId, Vec<Message>)>,
}

pub(crate) async fn everything(store: &dyn ThreadStore) -> Everything {
    let here = place(HERE);
    let feed = store.changes(&here, Revision::ZERO, usize::MAX).await.unwrap();
    let (mut heads, mut messages) = (Vec::new(), Vec::new());
    for stored in &feed.changed {
        let id = stored.state.id().clone();
        heads.push(store.thread(&id).await.unwrap());
        let said = store.messages(&id, WHOLE, usize::MAX, Direction::NewestFirst).await.unwrap();
        messages.push((id, said));
    }
    Everything {
        inbox: store.threads(&here, None, usize::MAX, Filter::All).await.unwrap(),
        unread: store.threads(&here, None, usize::MAX, Filter::Unread).await.unwrap(),
        feed,
        heads,
        messages,
    }
}
