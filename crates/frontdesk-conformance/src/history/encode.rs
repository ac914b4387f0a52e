//! The conversion of a store's arguments and answers to the parts of a history's lines.
//! Texts and names become digests.

use std::borrow::Cow;

use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::{
    AuthorRedaction, Change, Changes, Commit, CommitOutcome, Direction, Epoch, ForgottenKeys,
    KeyQuery, LocationCounts, LocationRevision, MessageQuery, MessageSelection, NewMessage,
    Redaction, Revision, StoreError, StoreErrorKind, StoredMessage, ThreadList, ThreadPage,
    ThreadQuery, ThreadState, VersionedThread,
};
use frontdesk::{
    IdempotencyKey, Message, Participant, ParticipantId, Role, Thread, ThreadId, Timestamp,
};

use super::digest::Digest;
use super::line::{self, Arguments, ErrorKind, Value};

fn limit(limit: usize) -> u64 {
    limit.try_into().unwrap_or(u64::MAX)
}

pub(crate) fn thread_argument(id: &ThreadId) -> line::ThreadArgument<'_> {
    let location = Cow::Borrowed(id.location.as_str());
    line::ThreadArgument { location, booking: Cow::Borrowed(id.booking.as_str()) }
}

fn author(role: Role, id: &ParticipantId) -> Digest {
    Digest::of_json(&(role, id))
}

fn key(key: &IdempotencyKey) -> Digest {
    Digest::of(key.as_str().as_bytes())
}

pub(crate) fn commit_argument(commit: &Commit) -> line::CommitArgument<'_> {
    let change = match commit.change() {
        Change::None => line::Change::None,
        Change::Messages(new) => line::Change::Messages(new.iter().map(new_message).collect()),
        &Change::Redact(Redaction { number, ordinal }) => {
            line::Change::Redact { number: number.get(), ordinal }
        }
        Change::RedactAuthor(AuthorRedaction { role, author: id, messages }) => {
            let (first, last) = (messages.start().get(), messages.end().get());
            line::Change::RedactAuthor { author: author(*role, id), first, last }
        }
    };
    line::CommitArgument {
        thread: thread_argument(commit.id()),
        expected: commit.expected().map(Revision::get),
        expected_epoch: commit.expected_epoch().map(Epoch::get),
        next: line::NextState {
            digest: Digest::of_json(commit.next()),
            live: commit.next().live().map(live),
        },
        change,
    }
}

fn live(thread: &Thread) -> line::Live {
    line::Live {
        active_at: thread.active_at().unix_micros(),
        unread: thread.is_unread_by(Role::Operator),
        waiting_since: thread.waiting_since().map(Timestamp::unix_micros),
    }
}

fn new_message(new: &NewMessage) -> line::NewMessage {
    let Participant { role, id, .. } = new.message.author();
    line::NewMessage {
        message: message_content(&new.message),
        author: author(*role, id),
        key: new.key.as_ref().map(key),
        sent_at: new.message.sent_at().unix_micros(),
        imported: new.message.is_imported(),
    }
}

fn message_content(message: &Message) -> line::MessageContent {
    let Participant { role, id, name, .. } = message.author();
    let flags = (message.is_automatic(), message.is_imported());
    let fixed = (message.number(), message.ordinal(), role, id, message.sent_at(), flags);
    line::MessageContent {
        number: message.number().get(),
        fixed: Digest::of_json(&fixed),
        name: name.as_ref().map(|name| Digest::of(name.as_str().as_bytes())),
        text: message.body().map(|body| Digest::of(body.as_str().as_bytes())),
        redaction: message.redaction(),
    }
}

fn versioned_message(stored: &StoredMessage) -> line::VersionedMessage {
    let message = message_content(&stored.message);
    line::VersionedMessage { revision: stored.revision.get(), message }
}

pub(crate) fn messages_arguments<'a>(query: &MessageQuery<'a>) -> Arguments<'a> {
    let selection = match &query.selection {
        MessageSelection::Numbers { range, direction } => {
            let (first, last) = (range.start().get(), range.end().get());
            match direction {
                Direction::OldestFirst => line::Selection::OldestFirst { first, last },
                Direction::NewestFirst => line::Selection::NewestFirst { first, last },
            }
        }
        MessageSelection::RedactedAfter(ordinal) => line::Selection::RedactedAfter(*ordinal),
    };
    let thread = thread_argument(query.thread);
    Arguments::Messages { thread, selection, limit: limit(query.limit) }
}

pub(crate) fn key_arguments<'a>(query: &KeyQuery<'a>) -> Arguments<'a> {
    Arguments::MessageByKey {
        thread: thread_argument(query.thread),
        author: author(query.role, query.author),
        key: key(query.key),
    }
}

pub(crate) fn threads_arguments<'a>(query: &ThreadQuery<'a>) -> Arguments<'a> {
    let (list, after) = match query.list {
        ThreadList::All(after) => (line::List::All, after.map(inbox_position)),
        ThreadList::Unread(after) => (line::List::Unread, after.map(inbox_position)),
        ThreadList::Waiting(after) => (line::List::Waiting, after.map(waiting_position)),
    };
    let location = Cow::Borrowed(query.location.as_str());
    Arguments::Threads { location, list, after, limit: limit(query.limit) }
}

fn inbox_position(position: &InboxPosition) -> line::Position<'_> {
    let booking = Cow::Borrowed(position.booking());
    line::Position { at: position.active_at().unix_micros(), booking }
}

fn waiting_position(position: &WaitingPosition) -> line::Position<'_> {
    let booking = Cow::Borrowed(position.booking());
    line::Position { at: position.waiting_since().unix_micros(), booking }
}

fn head(stored: &VersionedThread) -> line::Head<'_> {
    line::Head {
        booking: Cow::Borrowed(stored.state.id().booking.as_str()),
        revision: stored.revision.get(),
        digest: Digest::of_json(&stored.state),
    }
}

fn counts(counts: LocationCounts) -> line::Counts {
    let LocationCounts { revision, unread, waiting, .. } = counts;
    line::Counts { revision: revision.get(), unread, waiting }
}

#[expect(clippy::ref_option, reason = "it is the type of the answer")]
pub(crate) fn thread_value(stored: &Option<VersionedThread>) -> Value<'_> {
    Value::Thread(stored.as_ref().map(head))
}

#[expect(clippy::ptr_arg, reason = "it is the type of the answer")]
pub(crate) fn heads_value(stored: &Vec<VersionedThread>) -> Value<'_> {
    Value::Heads(stored.iter().map(head).collect())
}

pub(crate) fn commit_value(outcome: &CommitOutcome) -> Value<'_> {
    match outcome {
        CommitOutcome::Committed(revision) => Value::Committed(revision.get()),
        CommitOutcome::Conflict(stored) => Value::Conflict(stored.as_ref().map(head)),
        CommitOutcome::KeyTaken { index, message } => Value::KeyTaken {
            index: (*index).try_into().unwrap_or(u32::MAX),
            message: versioned_message(message),
        },
    }
}

#[expect(clippy::ptr_arg, reason = "it is the type of the answer")]
pub(crate) fn messages_value(stored: &Vec<StoredMessage>) -> Value<'_> {
    Value::Messages(stored.iter().map(versioned_message).collect())
}

#[expect(clippy::ref_option, reason = "it is the type of the answer")]
pub(crate) fn message_value(stored: &Option<StoredMessage>) -> Value<'_> {
    Value::MessageByKey(stored.as_ref().map(versioned_message))
}

pub(crate) fn threads_value(page: &ThreadPage) -> Value<'_> {
    let threads = page.threads.iter().map(|thread| line::ListedThread {
        booking: Cow::Borrowed(thread.id().booking.as_str()),
        digest: Digest::of_json(&ThreadState::Live(thread.clone())),
    });
    Value::Threads { threads: threads.collect(), counts: counts(page.counts) }
}

pub(crate) fn changes_value(changes: &Changes) -> Value<'_> {
    Value::Changes {
        changed: changes.changed.iter().map(head).collect(),
        more: changes.more,
        counts: counts(changes.counts),
    }
}

#[expect(clippy::ptr_arg, reason = "it is the type of the answer")]
pub(crate) fn locations_value(locations: &Vec<LocationRevision>) -> Value<'_> {
    let entries = locations.iter().map(|entry| line::LocationRevision {
        location: Cow::Borrowed(entry.location.as_str()),
        revision: entry.revision.get(),
    });
    Value::Locations(entries.collect())
}

pub(crate) fn forgotten_value(forgotten: &ForgottenKeys) -> Value<'_> {
    Value::ForgottenKeys { removed: limit(forgotten.removed), more: forgotten.more }
}

pub(crate) fn error_kind(error: &StoreError) -> ErrorKind {
    match error.kind() {
        StoreErrorKind::Unavailable => ErrorKind::Unavailable,
        StoreErrorKind::OutcomeUnknown => ErrorKind::OutcomeUnknown,
        StoreErrorKind::Corrupt => ErrorKind::Corrupt,
        _ => ErrorKind::Other,
    }
}
