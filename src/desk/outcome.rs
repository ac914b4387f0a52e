//! The outcome of a use case as a short text for the tracing span. The text contains nothing of
//! the input or of the answer.

use super::conversation::{Conversation, History};
use super::customer_conversation::{CustomerConversation, CustomerHistory, CustomerPoll};
use super::error::DeskError;
use super::follow_answer::FollowAnswer;
use super::operator_poll::OperatorPoll;
use super::page::InboxPage;
use super::redacted_names::RedactedNames;
use super::sent::{CustomerSent, Sent};
use crate::Thread;
use crate::import::Imported;
use crate::store::StoreErrorKind;

/// An answer of a use case.
pub(super) trait UseCaseOutcome {
    /// Returns the text for the answer.
    fn word(&self) -> &'static str {
        "found"
    }
}

/// Returns the text for an answer or an error.
pub(super) fn outcome_of<T: UseCaseOutcome>(answer: &Result<T, DeskError>) -> &'static str {
    match answer {
        Ok(answer) => answer.word(),
        Err(error) => word_of(error),
    }
}

fn word_of(error: &DeskError) -> &'static str {
    match error {
        DeskError::NotFound => "not found",
        DeskError::Body(_) => "not a message",
        DeskError::MessagingOff => "messaging off",
        DeskError::KeyReused => "key reused",
        DeskError::NoBooking => "no booking",
        DeskError::WrongBooking => "wrong booking",
        DeskError::NoSuchMessage { .. } => "no such message",
        DeskError::NotLatest(_) => "not the latest",
        DeskError::AlreadyHasThread => "already has a thread",
        DeskError::ImportOutOfOrder(_) => "import out of order",
        DeskError::ThreadErased => "thread erased",
        DeskError::ThreadFull(_) => "thread full",
        DeskError::PageLimit { .. } | DeskError::LocationLimit { .. } => "page limit",
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

impl UseCaseOutcome for InboxPage {}
impl UseCaseOutcome for Conversation {}
impl UseCaseOutcome for History {}
impl UseCaseOutcome for RedactedNames {}
impl UseCaseOutcome for Thread {}
impl UseCaseOutcome for Vec<Thread> {}
impl UseCaseOutcome for u32 {}
impl UseCaseOutcome for u64 {}

/// `true` if the use case changed something.
impl UseCaseOutcome for bool {
    fn word(&self) -> &'static str {
        if *self { "changed" } else { "unchanged" }
    }
}

/// An answer, and `true` if the use case changed something.
impl<T> UseCaseOutcome for (T, bool) {
    fn word(&self) -> &'static str {
        self.1.word()
    }
}

impl UseCaseOutcome for Imported {
    fn word(&self) -> &'static str {
        if self.stored > 0 { "changed" } else { "unchanged" }
    }
}

impl UseCaseOutcome for Sent {
    fn word(&self) -> &'static str {
        if self.is_replayed() { "repeated" } else { "sent" }
    }
}

impl UseCaseOutcome for CustomerSent {
    fn word(&self) -> &'static str {
        self.0.word()
    }
}

impl UseCaseOutcome for CustomerHistory {
    fn word(&self) -> &'static str {
        if self.is_started() { "found" } else { "not started" }
    }
}

impl UseCaseOutcome for CustomerConversation {
    fn word(&self) -> &'static str {
        self.history.word()
    }
}

impl UseCaseOutcome for OperatorPoll {
    fn word(&self) -> &'static str {
        match self {
            Self::Update(update) if update.is_empty() => "nothing new",
            Self::Update(_) => "update",
            Self::StartOver { .. } => "start over",
        }
    }
}

impl UseCaseOutcome for FollowAnswer {
    fn word(&self) -> &'static str {
        match self {
            Self::Events(page) if page.events.is_empty() => "nothing new",
            Self::Events(_) => "update",
            Self::StartOver { .. } => "start over",
        }
    }
}

/// A customer's poll reports only new messages, not other changes of the thread.
impl UseCaseOutcome for CustomerPoll {
    fn word(&self) -> &'static str {
        match self {
            Self::Update(answer) if answer.message_count() == 0 => "nothing new",
            Self::Update(_) => "update",
            Self::StartOver => "start over",
        }
    }
}
