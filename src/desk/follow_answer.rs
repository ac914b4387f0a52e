use super::feed_event::FeedEvent;
use crate::cursor::FollowCursor;

/// The answer to [`AdminDesk::follow`](crate::AdminDesk::follow) (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowAnswer {
    /// The next events after the cursor.
    Events(EventPage),
    /// The follower has no cursor, or cannot continue from it (P7): the cursor is ahead of the
    /// location's newest revision, or it has another epoch, because a backup was restored or a
    /// database may have lost acknowledged commits.
    ///
    /// Continue with one of the two cursors:
    /// - A notifier that has no cursor yet continues from [`newest`](Self::StartOver::newest).
    /// - A copy of the messages, such as a search index, is deleted and made again from
    ///   [`oldest`](Self::StartOver::oldest).
    /// - A notifier whose cursor was refused continues from `oldest`, and ignores the messages that
    ///   were sent before the last one that it delivered, with some hours of tolerance for clocks.
    ///   From `newest` it would miss messages that were sent since its last call.
    StartOver {
        /// The cursor before all events of the location.
        oldest: FollowCursor,
        /// The cursor after all events of the location.
        newest: FollowCursor,
    },
}

/// Some events of a location, in an order in which a receiver can apply them: the messages of a
/// thread by number, and an erasure before the messages of the next generation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventPage {
    /// The events, at most the limit. The list can be empty although [`more`](Self::more) is `true`.
    pub events: Vec<FeedEvent>,
    /// The position after these events. Store it after the events are processed.
    pub cursor: FollowCursor,
    /// `true` if there are more events. Then call again at once.
    pub more: bool,
}

impl EventPage {
    pub(super) fn new(events: Vec<FeedEvent>, cursor: FollowCursor, more: bool) -> Self {
        Self { events, cursor, more }
    }
}
