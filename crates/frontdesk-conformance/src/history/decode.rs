//! The conversion of the parts of a history's lines to calls in memory.

use super::call::{
    ChangesCall, CommitCall, CommitOutcome, ForgetCall, HeadsCall, KeyCall, MessagesCall,
    Operation, SeenHead, ThreadsCall,
};
use super::line::{self, Arguments, ErrorKind, Value};
use super::names::{Name, Names};

/// Returns the location and the call, without an answer.
pub(crate) fn operation(names: &mut Names, arguments: Arguments<'_>) -> (Name, Operation) {
    match arguments {
        Arguments::Thread(thread) => {
            let booking = names.insert(&thread.booking);
            (names.insert(&thread.location), Operation::Thread { booking, found: None })
        }
        Arguments::Heads { location, bookings } => {
            let bookings = bookings.iter().map(|booking| names.insert(booking)).collect();
            let call = HeadsCall { bookings, found: Box::default() };
            (names.insert(&location), Operation::Heads(Box::new(call)))
        }
        Arguments::Commit(line::CommitArgument {
            thread,
            expected,
            expected_epoch,
            next,
            change,
        }) => {
            let booking = names.insert(&thread.booking);
            let outcome = CommitOutcome::Unknown;
            let call = CommitCall { booking, expected, expected_epoch, next, change, outcome };
            (names.insert(&thread.location), Operation::Commit(Box::new(call)))
        }
        Arguments::Messages { thread, selection, limit } => {
            let booking = names.insert(&thread.booking);
            let call = MessagesCall { booking, selection, limit, found: Box::default() };
            (names.insert(&thread.location), Operation::Messages(Box::new(call)))
        }
        Arguments::MessageByKey { thread, author, key } => {
            let booking = names.insert(&thread.booking);
            let call = KeyCall { booking, author, key, found: None };
            (names.insert(&thread.location), Operation::MessageByKey(Box::new(call)))
        }
        Arguments::Threads { location, list, after, limit } => {
            let after = after.map(|position| (position.at, names.insert(&position.booking)));
            let (threads, counts) = (Box::default(), NO_COUNTS);
            let call = ThreadsCall { list, after, limit, threads, counts };
            (names.insert(&location), Operation::Threads(Box::new(call)))
        }
        Arguments::Changes { location, since, limit } => {
            let (changed, counts) = (Box::default(), NO_COUNTS);
            let call = ChangesCall { since, limit, changed, more: false, counts };
            (names.insert(&location), Operation::Changes(Box::new(call)))
        }
        Arguments::ForgetKeys { location, before, limit } => {
            let call = ForgetCall { before, limit, answer: None };
            (names.insert(&location), Operation::ForgetKeys(Box::new(call)))
        }
        // The caller handles this method.
        Arguments::Locations { .. } => (names.insert(""), Operation::Newest(0)),
    }
}

const NO_COUNTS: line::Counts = line::Counts { revision: 0, unread: 0, waiting: 0 };

/// Adds the answer to a call.
pub(crate) fn apply_answer(
    operation: &mut Operation,
    names: &mut Names,
    value: Value<'_>,
) -> Result<(), String> {
    let seen = |head: &line::Head<'_>| SeenHead {
        booking: names.insert(&head.booking),
        revision: head.revision,
        digest: head.digest,
    };
    match (operation, value) {
        (Operation::Thread { found, .. }, Value::Thread(head)) => *found = head.as_ref().map(seen),
        (Operation::Heads(call), Value::Heads(heads)) => {
            call.found = heads.iter().map(seen).collect();
        }
        (Operation::Commit(call), Value::Committed(revision)) => {
            call.outcome = CommitOutcome::Committed(revision);
        }
        (Operation::Commit(call), Value::Conflict(head)) => {
            call.outcome = CommitOutcome::Conflict(head.as_ref().map(seen));
        }
        (Operation::Commit(call), Value::KeyTaken { index, message }) => {
            call.outcome = CommitOutcome::KeyTaken { index, message: message.into() };
        }
        (Operation::Messages(call), Value::Messages(messages)) => {
            call.found = messages.into_iter().map(Into::into).collect();
        }
        (Operation::MessageByKey(call), Value::MessageByKey(message)) => {
            call.found = message.map(Into::into);
        }
        (Operation::Threads(call), Value::Threads { threads, counts }) => {
            call.counts = counts;
            let entries = threads.iter().map(|entry| (names.insert(&entry.booking), entry.digest));
            call.threads = entries.collect();
        }
        (Operation::Changes(call), Value::Changes { changed, more, counts }) => {
            call.changed = changed.iter().map(seen).collect();
            (call.more, call.counts) = (more, counts);
        }
        (Operation::ForgetKeys(call), Value::ForgottenKeys { removed, more }) => {
            call.answer = Some((removed, more));
        }
        _ => return Err("the answer has another method than the call".to_owned()),
    }
    Ok(())
}

/// Adds the error to a call. A read without an answer shows nothing.
pub(crate) fn apply_error(operation: &mut Operation, kind: ErrorKind) {
    if let Operation::Commit(call) = operation
        && kind != ErrorKind::OutcomeUnknown
    {
        call.outcome = CommitOutcome::Failed;
    }
}
