//! Commits in the making, and writers that make them until one goes through.

use super::cast::booking;
use super::report::{Failure, Outcome};
use super::stage::Shared;
use crate::id::{IdempotencyKey, ThreadId};
use crate::message::{Message, MessageNumber};
use crate::participant::Participant;
use crate::store::{Commit, CommitOutcome, Revision, Stored, ThreadState, ThreadStore as _};
use crate::text::MessageBody;
use crate::thread::{Seen, Thread};
use crate::timestamp::Timestamp;

/// How often a writer tries. With so few beside it, more is not bad luck.
const ATTEMPTS: usize = 1_000;

/// A thread without messages, in place of what is there.
pub(super) fn starting(id: &ThreadId, found: Option<&Stored>, now: Timestamp) -> Commit {
    Commit::new(ThreadState::Live(thread_after(id, found, now)), found)
}

/// The live thread, or the one that would be started.
pub(super) fn thread_after(id: &ThreadId, found: Option<&Stored>, now: Timestamp) -> Thread {
    let after = match found.map(|stored| &stored.state) {
        Some(ThreadState::Live(thread)) => return thread.clone(),
        Some(ThreadState::Erased(tombstone)) => tombstone.last,
        None => MessageNumber::START,
    };
    let thread = Thread::start(id.location.clone(), booking(id.booking.as_str()), now, after);
    thread.expect("a thread with room for messages")
}

/// A message, in a new thread where there is none.
#[track_caller]
pub(super) fn saying(
    id: &ThreadId,
    found: Option<&Stored>,
    author: &Participant,
    text: &str,
    now: Timestamp,
) -> Commit {
    let body = MessageBody::with_limit(text, usize::MAX).expect("a body");
    putting(id, found, author, body, now)
}

/// The same with any body.
pub(super) fn putting(
    id: &ThreadId,
    found: Option<&Stored>,
    author: &Participant,
    body: MessageBody,
    now: Timestamp,
) -> Commit {
    let thread = thread_after(id, found, now);
    let posted = thread.post(author.clone().into(), body, now, Seen::Everything);
    let posted = posted.expect("a thread with room for messages");
    Commit::new(ThreadState::Live(posted.thread), found).with_message(posted.message, None)
}

#[track_caller]
pub(super) fn keyed(mut commit: Commit, key: &IdempotencyKey) -> Commit {
    commit.message.as_mut().expect("a commit with a message").key = Some(key.clone());
    commit
}

#[track_caller]
pub(super) fn erasing(found: Option<&Stored>) -> Commit {
    let live = found.and_then(|stored| stored.state.live()).expect("a live thread to erase");
    Commit::new(ThreadState::Erased(live.erase()), found)
}

#[track_caller]
pub(super) fn said(commit: &Commit) -> Message {
    commit.message.as_ref().expect("a commit with a message").message.clone()
}

/// The revision of a commit that nothing stands against.
pub(super) fn committed(outcome: CommitOutcome) -> Outcome<Revision> {
    match outcome {
        CommitOutcome::Committed(revision) => Ok(revision),
        other => {
            let came = format!("{other:?}");
            Err(Failure::new("a commit from the current revision", "Committed", came))
        }
    }
}

/// Reads, makes a commit and commits it, until nobody else was faster. `None`
/// when there is nothing to commit.
pub(super) async fn write(
    store: &Shared,
    id: &ThreadId,
    next: impl Fn(Option<&Stored>) -> Option<Commit> + Send,
) -> Outcome<Option<(Revision, Commit)>> {
    let mut found = store.thread(id).await?;
    for _ in 0..ATTEMPTS {
        let Some(commit) = next(found.as_ref()) else { return Ok(None) };
        match store.commit(commit.clone()).await? {
            CommitOutcome::Committed(revision) => return Ok(Some((revision, commit))),
            CommitOutcome::Conflict(current) => found = current,
            CommitOutcome::KeyTaken(message) => {
                let came = format!("KeyTaken({message:?})");
                return Err(Failure::new("a commit with a new key", "no taken key", came));
            }
        }
    }
    let what = "a commit made from what the conflict before it brought, again and again";
    Err(Failure::new(what, "Committed", format!("{ATTEMPTS} conflicts")))
}
