//! Commits for the cases, made with the transitions of `Thread` or from records.

use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{
    Change, Commit, CommitOutcome, NewMessage, NewMessages, Redaction, Revision, ThreadState,
    VersionedThread,
};
use frontdesk::{
    BookingId, IdempotencyKey, Link, Message, MessageBody, MessageNumber, Participant, Post,
    Thread, ThreadId, Timestamp,
};

use crate::failure::{CaseResult, Failure};
use crate::fixtures::booking;
use crate::recording_store::RecordingStore;

/// The state that a commit is computed from: a thread's id and its stored head.
#[derive(Clone, Copy)]
pub(crate) struct Base<'a> {
    pub(crate) id: &'a ThreadId,
    pub(crate) stored: Option<&'a VersionedThread>,
}

impl<'a> Base<'a> {
    pub(crate) fn new(id: &'a ThreadId, stored: Option<&'a VersionedThread>) -> Self {
        Self { id, stored }
    }
}

/// A message to be posted.
#[derive(Clone)]
pub(crate) struct TestMessage {
    pub(crate) author: Participant,
    pub(crate) body: MessageBody,
    pub(crate) at: Timestamp,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) automatic: bool,
    pub(crate) imported: bool,
}

impl TestMessage {
    #[track_caller]
    pub(crate) fn new(author: &Participant, text: &str, at: Timestamp) -> Self {
        let body = MessageBody::with_limit(text, usize::MAX).expect("a valid body");
        Self::with_body(author, body, at)
    }

    pub(crate) fn with_body(author: &Participant, body: MessageBody, at: Timestamp) -> Self {
        let author = author.clone();
        Self { author, body, at, key: None, automatic: false, imported: false }
    }

    pub(crate) fn with_key(mut self, key: &IdempotencyKey) -> Self {
        self.key = Some(key.clone());
        self
    }

    pub(crate) fn imported(mut self) -> Self {
        self.imported = true;
        self
    }

    pub(crate) fn automatic(mut self) -> Self {
        self.automatic = true;
        self
    }
}

/// Returns the live thread at `base`, or the thread that would be started there.
pub(crate) fn thread_after(base: Base<'_>, now: Timestamp) -> Thread {
    let booking = booking(base.id.booking.as_str());
    match base.stored.map(|stored| &stored.state) {
        Some(ThreadState::Live(thread)) => thread.clone(),
        Some(ThreadState::Erased(tombstone)) => {
            tombstone.restart(booking, now).expect("a thread with free message numbers")
        }
        Some(ThreadState::Linked(_)) | None => {
            Thread::start(base.id.location.clone(), booking, now)
        }
    }
}

/// Starts a thread without messages, or writes the live thread again.
pub(crate) fn start_commit(base: Base<'_>, now: Timestamp) -> Commit {
    Commit::new(ThreadState::Live(thread_after(base, now)), base.stored)
}

/// Posts one message. Starts the thread if there is none.
#[track_caller]
pub(crate) fn post_commit(base: Base<'_>, message: &TestMessage) -> Commit {
    batch_commit(base, std::slice::from_ref(message))
}

/// Posts several messages in one commit. Starts the thread if there is none.
#[track_caller]
pub(crate) fn batch_commit(base: Base<'_>, messages: &[TestMessage]) -> Commit {
    let start = messages.first().map_or(Timestamp::UNIX_EPOCH, |first| first.at);
    let mut thread = thread_after(base, start);
    let mut new_messages = Vec::with_capacity(messages.len());
    for TestMessage { author, body, at, key, automatic, imported } in messages.iter().cloned() {
        let posted = thread.post(Post::new(author, body, at));
        let posted = posted.expect("a thread with free message numbers");
        let mut record = MessageRecord::from(posted.message);
        (record.automatic, record.imported) = (automatic, imported);
        let message = Message::try_from(record).expect("a valid message record");
        new_messages.push(NewMessage::new(message, key));
        thread = posted.thread;
    }
    let commit = Commit::new(ThreadState::Live(thread), base.stored);
    if new_messages.is_empty() {
        return commit;
    }
    let new_messages = NewMessages::new(new_messages).expect("a valid batch");
    commit.with_messages(new_messages).expect("a batch that fits its thread")
}

#[track_caller]
pub(crate) fn erase_commit(stored: Option<&VersionedThread>) -> Commit {
    Commit::new(ThreadState::Erased(live(stored).erase()), stored)
}

/// Makes the id at `base` a link to the thread of another booking.
pub(crate) fn link_commit(base: Base<'_>, target: &BookingId) -> Commit {
    let link = Link::new(base.id.clone(), target.clone());
    Commit::new(ThreadState::Linked(link), base.stored)
}

/// Removes the text of one message.
#[track_caller]
pub(crate) fn redact_commit(stored: Option<&VersionedThread>, number: MessageNumber) -> Commit {
    let mut record = ThreadRecord::from(live(stored).clone());
    record.redactions += 1;
    let is_last = live(stored).last_number() == number;
    if let Some(last) = record.last.as_mut().filter(|_| is_last) {
        last.preview = None;
    }
    let ordinal = u32::try_from(record.redactions).expect("a small number of redactions");
    let commit = record_commit(stored, record);
    commit.with_redaction(Redaction { number, ordinal }).expect("a message of the thread")
}

/// Sets the time since which the thread waits for a reply.
#[track_caller]
pub(crate) fn waiting_commit(
    stored: Option<&VersionedThread>,
    waiting_since: Option<Timestamp>,
) -> Commit {
    let mut record = ThreadRecord::from(live(stored).clone());
    record.waiting_since = waiting_since;
    record_commit(stored, record)
}

/// Replaces the thread's head by a record.
#[track_caller]
pub(crate) fn record_commit(stored: Option<&VersionedThread>, record: ThreadRecord) -> Commit {
    let thread = Thread::try_from(record).expect("a valid thread record");
    Commit::new(ThreadState::Live(thread), stored)
}

#[track_caller]
fn live(stored: Option<&VersionedThread>) -> &Thread {
    stored.and_then(|stored| stored.state.live()).expect("a live thread")
}

/// Returns the messages that a commit adds.
pub(crate) fn messages_of(commit: &Commit) -> Vec<Message> {
    match commit.change() {
        Change::Messages(new) => new.iter().map(|new| new.message.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Returns the revision of a commit that must succeed.
pub(crate) fn expect_committed(outcome: CommitOutcome) -> CaseResult<Revision> {
    match outcome {
        CommitOutcome::Committed(revision) => Ok(revision),
        other => {
            let actual = format!("{other:?}");
            Err(Failure::new("a commit from the current revision", "Committed", actual))
        }
    }
}

/// A commit that was written, and its revision.
pub(crate) struct WrittenCommit {
    pub(crate) revision: Revision,
    pub(crate) commit: Commit,
}

/// Computes a commit from what is stored and retries after each write conflict. Returns
/// `None` if `next` has nothing to commit.
pub(crate) async fn commit_with_retry(
    store: &RecordingStore,
    id: &ThreadId,
    next: impl Fn(Option<&VersionedThread>) -> Option<Commit> + Send,
) -> CaseResult<Option<WrittenCommit>> {
    // Every conflict means that another writer succeeded, and the cases have few writers.
    const ATTEMPTS: usize = 1_000;
    let mut stored = store.thread(id).await?;
    for _ in 0..ATTEMPTS {
        let Some(commit) = next(stored.as_ref()) else { return Ok(None) };
        match store.commit(commit.clone()).await? {
            CommitOutcome::Committed(revision) => {
                return Ok(Some(WrittenCommit { revision, commit }));
            }
            CommitOutcome::Conflict(current) => stored = current,
            taken @ CommitOutcome::KeyTaken { .. } => {
                let actual = format!("{taken:?}");
                return Err(Failure::new("a commit with a new key", "no taken key", actual));
            }
        }
    }
    let operation = "retrying a commit from the head that each conflict returned";
    Err(Failure::new(operation, "Committed", format_args!("{ATTEMPTS} conflicts")))
}
