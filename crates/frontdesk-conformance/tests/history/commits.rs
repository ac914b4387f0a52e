//! Commits, made from the state that a store returned.

use frontdesk::record::ThreadRecord;
use frontdesk::store::{
    AuthorRedaction, Commit, NewMessage, NewMessages, Redaction, ThreadState, VersionedThread,
};
use frontdesk::{MessageBody, Post, Role, Thread};

use crate::request::location;
use crate::support::{at, booking, customer, key, number};

fn live(booking_id: &str, found: Option<&VersionedThread>) -> Thread {
    match found.map(|found| &found.state) {
        Some(ThreadState::Live(thread)) => thread.clone(),
        Some(ThreadState::Erased(tombstone)) => {
            tombstone.restart(booking(booking_id), at(0)).unwrap()
        }
        _ => Thread::start(location(), booking(booking_id), at(0)),
    }
}

/// A message to be posted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) booking: &'static str,
    pub(crate) body: &'static str,
    pub(crate) key: Option<&'static str>,
    pub(crate) seconds: i64,
}

impl Text {
    pub(crate) const fn new(booking: &'static str, body: &'static str, seconds: i64) -> Self {
        Self { booking, body, key: None, seconds }
    }

    pub(crate) fn with_key(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Posts the message of the customer.
    pub(crate) fn post(self, found: Option<&VersionedThread>) -> Commit {
        let body = MessageBody::new(self.body).unwrap();
        let posted = live(self.booking, found)
            .post(Post::new(customer("ann"), body, at(self.seconds)))
            .unwrap();
        let message = NewMessage::new(posted.message, self.key.map(key));
        let commit = Commit::new(ThreadState::Live(posted.thread), found);
        commit.with_messages(NewMessages::one(message)).unwrap()
    }
}

/// Erases the thread.
pub(crate) fn erase(found: &VersionedThread) -> Commit {
    Commit::new(ThreadState::Erased(found.state.live().unwrap().erase()), Some(found))
}

/// Redacts a message.
pub(crate) fn redact(found: &VersionedThread, message: u32) -> Commit {
    let mut record = ThreadRecord::from(found.state.live().unwrap().clone());
    record.redactions += 1;
    let ordinal = u32::try_from(record.redactions).unwrap();
    let next = ThreadState::Live(Thread::try_from(record).unwrap());
    let redaction = Redaction { number: number(message), ordinal };
    Commit::new(next, Some(found)).with_redaction(redaction).unwrap()
}

/// Removes the name of the messages' author from all messages from `first` to `last`.
pub(crate) fn redact_author(found: &VersionedThread, first: u32, last: u32) -> Commit {
    let author = customer("ann");
    let messages = number(first)..=number(last);
    let redaction = AuthorRedaction { role: author.role, author: author.id, messages };
    let commit = Commit::new(found.state.clone(), Some(found));
    commit.with_author_redaction(redaction).unwrap()
}

/// Removes the mark of unread customer messages, as an operator's visit does.
pub(crate) fn mark_read(found: &VersionedThread) -> Commit {
    let thread = found.state.live().unwrap();
    let mut record = ThreadRecord::from(thread.clone());
    let last = thread.last_number().get().into();
    let mark = &mut record.marks.operator;
    (mark.number, mark.furthest, mark.set_at) = (last, last, Some(at(100)));
    mark.covered = thread.messages_by(Role::Customer).into();
    let next = ThreadState::Live(Thread::try_from(record).unwrap());
    Commit::new(next, Some(found))
}
