//! What came of a use case, in a word for its span: never what was asked or answered.

use super::answer::{CustomerAnswer, CustomerHistory, CustomerPoll, CustomerSent};
use super::conversation::{Conversation, History};
use super::error::DeskError;
use super::page::InboxPage;
use super::poll::OperatorPoll;
use super::send::Sent;
use crate::store::StoreErrorKind;

/// An answer of a use case.
pub(super) trait Outcome {
    /// What it is, in a word.
    fn word(&self) -> &'static str;
}

/// The word for an answer or an error.
pub(super) fn of_answer<T: Outcome>(answer: &Result<T, DeskError>) -> &'static str {
    match answer {
        Ok(answer) => answer.word(),
        Err(error) => of_error(error),
    }
}

fn of_error(error: &DeskError) -> &'static str {
    match error {
        DeskError::NotFound => "not found",
        DeskError::Body(_) => "not a message",
        DeskError::MessagingOff => "messaging off",
        DeskError::KeyReused => "key reused",
        DeskError::NoSuchMessage { .. } => "no such message",
        DeskError::ThreadFull(_) => "thread full",
        DeskError::PageLimit { .. } => "page limit",
        DeskError::Cursor(_) => "not its cursor",
        DeskError::Busy => "busy",
        DeskError::Store(error) => match error.kind() {
            StoreErrorKind::Unavailable => "store unavailable",
            StoreErrorKind::OutcomeUnknown => "outcome unknown",
            StoreErrorKind::Corrupt => "store corrupt",
            StoreErrorKind::Other => "store failed",
        },
    }
}

macro_rules! found {
    ($($answer:ty),+) => {$(
        impl Outcome for $answer {
            fn word(&self) -> &'static str {
                "found"
            }
        }
    )+};
}

found!(InboxPage, Conversation, History, u32, u64);

/// Whether something was changed.
impl Outcome for bool {
    fn word(&self) -> &'static str {
        if *self { "changed" } else { "unchanged" }
    }
}

/// Something, and whether it was changed.
impl<T> Outcome for (T, bool) {
    fn word(&self) -> &'static str {
        self.1.word()
    }
}

impl Outcome for Sent {
    fn word(&self) -> &'static str {
        if self.is_replayed() { "repeated" } else { "sent" }
    }
}

impl Outcome for CustomerSent {
    fn word(&self) -> &'static str {
        if self.is_replayed() { "repeated" } else { "sent" }
    }
}

impl Outcome for CustomerHistory {
    fn word(&self) -> &'static str {
        if self.is_started() { "found" } else { "not started" }
    }
}

impl Outcome for CustomerAnswer {
    fn word(&self) -> &'static str {
        if self.is_started() { "found" } else { "not started" }
    }
}

impl Outcome for OperatorPoll {
    fn word(&self) -> &'static str {
        match self {
            Self::Update(update) if update.is_empty() => "nothing new",
            Self::Update(_) => "update",
            Self::StartOver { .. } => "start over",
        }
    }
}

/// A customer's poll does not know whether the thread changed otherwise.
impl Outcome for CustomerPoll {
    fn word(&self) -> &'static str {
        match self {
            Self::Update(answer) if answer.message_count() == 0 => "nothing new",
            Self::Update(_) => "update",
            Self::StartOver => "start over",
        }
    }
}
