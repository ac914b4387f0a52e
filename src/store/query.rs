use std::ops::RangeInclusive;

use crate::inbox::{InboxPosition, WaitingPosition};
use crate::{
    IdempotencyKey, LocationId, MessageNumber, Participant, ParticipantId, Role, ThreadId,
};

/// The order in which messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Ascending numbers, from the lowest of the range.
    OldestFirst,
    /// Descending numbers, from the highest of the range.
    NewestFirst,
}

/// A query for messages of one thread.
///
/// ```
/// use frontdesk::store::{Direction, MessageQuery, MessageSelection};
/// use frontdesk::{BookingId, LocationId, MessageNumber, ThreadId};
///
/// let thread = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// let all = MessageNumber::FIRST..=MessageNumber::MAX;
/// let query = MessageQuery::oldest_first(&thread, all.clone(), 50);
/// let direction = Direction::OldestFirst;
/// assert_eq!(query.selection, MessageSelection::Numbers { range: all, direction });
///
/// let first = MessageQuery::one(&thread, MessageNumber::FIRST);
/// assert_eq!(first.limit, 1);
///
/// let redacted = MessageQuery::redacted_after(&thread, 7, 50);
/// assert_eq!(redacted.selection, MessageSelection::RedactedAfter(7));
/// # Ok::<(), frontdesk::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageQuery<'a> {
    /// The thread.
    pub thread: &'a ThreadId,
    /// The messages to return.
    pub selection: MessageSelection,
    /// The highest number of messages to return.
    pub limit: usize,
}

/// The messages that a [`MessageQuery`] selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageSelection {
    /// Messages by number.
    Numbers {
        /// The numbers, both ends included.
        range: RangeInclusive<MessageNumber>,
        /// The order.
        direction: Direction,
    },
    /// Redacted messages whose [redaction ordinal](crate::Message::redaction) is above this
    /// number, in ascending order of redaction ordinals.
    RedactedAfter(u32),
}

impl<'a> MessageQuery<'a> {
    /// Selects at most `limit` messages of a range, ascending from the lowest number.
    pub fn oldest_first(
        thread: &'a ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
    ) -> Self {
        let selection = MessageSelection::Numbers { range, direction: Direction::OldestFirst };
        Self { thread, selection, limit }
    }

    /// Selects at most `limit` messages of a range, descending from the highest number.
    pub fn newest_first(
        thread: &'a ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
    ) -> Self {
        let selection = MessageSelection::Numbers { range, direction: Direction::NewestFirst };
        Self { thread, selection, limit }
    }

    /// Selects the message with a number.
    pub fn one(thread: &'a ThreadId, number: MessageNumber) -> Self {
        Self::oldest_first(thread, number..=number, 1)
    }

    /// Selects redacted messages after a redaction ordinal.
    pub fn redacted_after(thread: &'a ThreadId, ordinal: u32, limit: usize) -> Self {
        Self { thread, selection: MessageSelection::RedactedAfter(ordinal), limit }
    }
}

/// A query for the message that was sent with an idempotency key (I4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyQuery<'a> {
    /// The thread.
    pub thread: &'a ThreadId,
    /// The author's role.
    pub role: Role,
    /// The author's id.
    pub author: &'a ParticipantId,
    /// The key.
    pub key: &'a IdempotencyKey,
}

impl<'a> KeyQuery<'a> {
    /// Asks for the message that `author` sent with `key`.
    pub fn new(thread: &'a ThreadId, author: &'a Participant, key: &'a IdempotencyKey) -> Self {
        Self { thread, role: author.role, author: &author.id, key }
    }
}

/// A query for a page of a location's threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadQuery<'a> {
    /// The location.
    pub location: &'a LocationId,
    /// The list, and the position after which the page starts.
    pub list: ThreadList<'a>,
    /// The highest number of threads to return.
    pub limit: usize,
}

/// A list of a location's threads, and the position after which a page of the list starts. The
/// position `None` starts the page at the beginning of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadList<'a> {
    /// All threads in inbox order (L1).
    All(Option<&'a InboxPosition>),
    /// The threads with unread customer messages, in inbox order (U4).
    Unread(Option<&'a InboxPosition>),
    /// The threads with [`waiting_since`](crate::Thread::waiting_since), the longest
    /// waiting first.
    Waiting(Option<&'a WaitingPosition>),
}

impl<'a> ThreadQuery<'a> {
    /// Asks for the first `limit` threads of a list.
    pub fn new(location: &'a LocationId, list: ThreadList<'a>, limit: usize) -> Self {
        Self { location, list, limit }
    }
}
