use std::time::Duration;

use serde::Serialize;

use super::conversation::Conversation;
use super::core::Core;
use super::cursor::{CursorError, OpenThread, PollCursor};
use super::error::DeskError;
use super::event::Event;
use super::use_case::UseCase;
use crate::id::{BookingId, LocationId, ThreadId};
use crate::inbox::InboxList;
use crate::participant::Role;
use crate::store::{Changes, Revision, Stored, ThreadState};
use crate::thread::{Thread, Tombstone};
use crate::view::{Badge, InboxRow, OperatorConversation, Screen};

/// How often a dashboard should poll: every 7.5 seconds (P4).
pub const POLL_INTERVAL: Duration = Duration::from_millis(7_500);

/// How many changed threads a poll brings at most; who is further behind starts
/// over (P7).
///
/// ```
/// use frontdesk::desk::{MAX_BEHIND, OperatorPoll, PageRequest};
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let kim = desk.operator(harbour, ParticipantId::new("u-7")?, None);
/// let cursor = kim.inbox(&PageRequest::first(1)).await?.cursor;
/// for n in 0..=MAX_BEHIND {
///     let booking = BookingId::new(format!("b-{n}"))?;
///     kim.start(Booking::new(booking, "K7Q2-XH41", "Harbour tour", desk.now())).await?;
/// }
/// assert!(matches!(kim.poll(&cursor, None).await?, OperatorPoll::StartOver { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub const MAX_BEHIND: usize = 1_000;

/// What an operator's poll answers (P2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorPoll {
    /// What is new.
    Update(OperatorUpdate),
    /// The cursor cannot go on: it is ahead of the location, of another epoch, or
    /// more than [`MAX_BEHIND`] threads behind; or the screen shows a message that
    /// the open conversation does not have (P7). Load the inbox and the open
    /// conversation again, and poll on with that page's cursor.
    StartOver {
        /// Where polling goes on for who keeps no list.
        cursor: PollCursor,
    },
}

impl OperatorPoll {
    /// The answer for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> OperatorPollView {
        match self {
            Self::Update(update) => OperatorPollView::Update(update.view(screen)),
            Self::StartOver { cursor } => OperatorPollView::StartOver { cursor: cursor.clone() },
        }
    }
}

/// What a dashboard does with the answer to its poll. In JSON its `kind` is
/// `"update"` or `"startOver"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::large_enum_variant, reason = "nearly all are updates")]
pub enum OperatorPollView {
    /// Apply this to what is shown.
    Update(OperatorUpdateView),
    /// Load the inbox and the open conversation again (P7).
    StartOver {
        /// Where polling goes on.
        cursor: PollCursor,
    },
}

/// What is new in a location, as of one moment, after the poll's own mark.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperatorUpdate {
    /// Each changed thread once, in its latest state, last changed last.
    pub threads: Vec<Thread>,
    /// The erased ones.
    pub erased: Vec<Tombstone>,
    /// The open conversation with its new messages; `None` when nothing of it
    /// changed or it was erased. [`Conversation::apply`] adds it to what is shown.
    pub conversation: Option<Conversation>,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// Where polling goes on.
    pub cursor: PollCursor,
}

impl OperatorUpdate {
    /// Brings a list up to date.
    pub fn apply_to(&self, list: &mut InboxList<Thread>) {
        list.extend(self.threads.iter().cloned());
        for tombstone in &self.erased {
            list.remove(tombstone.booking());
        }
    }

    /// Whether it brings nothing.
    pub fn is_empty(&self) -> bool {
        self.threads.is_empty() && self.erased.is_empty() && self.conversation.is_none()
    }

    /// The update for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> OperatorUpdateView {
        OperatorUpdateView {
            rows: self.threads.iter().map(|thread| InboxRow::new(thread, screen)).collect(),
            erased: self.erased.iter().map(|tombstone| tombstone.id.booking.clone()).collect(),
            conversation: self.conversation.as_ref().map(|open| open.view(screen)),
            unread: self.unread,
            badge: Badge::new(self.unread),
            cursor: self.cursor.clone(),
        }
    }
}

/// What a dashboard applies to what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperatorUpdateView {
    /// Each changed row once.
    pub rows: Vec<InboxRow>,
    /// The bookings whose threads were erased.
    pub erased: Vec<BookingId>,
    /// The open conversation with its new messages; see
    /// [`Part`](crate::view::Part) for how to add it to what is shown.
    pub conversation: Option<OperatorConversation>,
    /// How many threads of the location await an operator (U4).
    pub unread: u64,
    /// The same as a badge.
    pub badge: Badge,
    /// Where polling goes on.
    pub cursor: PollCursor,
}

/// A poll of `location` (P2).
pub(super) async fn poll(
    core: &Core,
    use_case: &UseCase,
    location: &LocationId,
    cursor: &PollCursor,
    open: Option<&OpenThread>,
) -> Result<OperatorPoll, DeskError> {
    if cursor.location != *location {
        return Err(CursorError::Elsewhere.into());
    }
    let poll = Poll { core, location, cursor, open };
    // What to answer should the mark lose its retries.
    let mut unmarked = None;
    for () in use_case.attempts() {
        match poll.look().await {
            // Its mark may be made, of messages that no other answer would bring.
            Ok(Look::Answer(OperatorPoll::StartOver { .. })) | Err(_) if unmarked.is_some() => {
                break;
            }
            Ok(Look::Answer(answer)) => return Ok(answer),
            Ok(Look::Again(without_mark)) => unmarked = without_mark.or(unmarked),
            Err(error) => return Err(error),
        }
    }
    unmarked.map(OperatorPoll::Update).ok_or(DeskError::Busy)
}

struct Poll<'a> {
    core: &'a Core,
    location: &'a LocationId,
    cursor: &'a PollCursor,
    open: Option<&'a OpenThread>,
}

/// What came of one look at the location.
enum Look {
    Answer(OperatorPoll),
    /// Something moved in between. If only the mark did not get through, what
    /// the poll would answer without it.
    Again(Option<OperatorUpdate>),
}

impl Poll<'_> {
    async fn look(&self) -> Result<Look, DeskError> {
        let same_epoch = self.cursor.epoch == self.core.epoch;
        let since = if same_epoch { self.cursor.revision } else { Revision::MAX };
        let changes = self.core.store.changes(self.location, since, MAX_BEHIND).await?;
        if !same_epoch || changes.more || since > changes.revision {
            return Ok(Look::Answer(self.start_over(changes.revision)));
        }

        let Some(open) = self.open else {
            return Ok(Look::Answer(self.update(changes, None)));
        };
        let about_open = |stored: &&Stored| stored.state.id().booking == open.booking;
        let head = match changes.changed.iter().find(about_open) {
            Some(stored) => stored.clone(),
            // Shown to its end at the cursor, and unchanged since.
            None if self.cursor.open.as_ref() == Some(open) => {
                return Ok(Look::Answer(self.update(changes, None)));
            }
            None => {
                let id = ThreadId::new(self.location.clone(), open.booking.clone());
                match self.core.store.thread(&id).await? {
                    Some(stored) if stored.revision > changes.revision => {
                        return Ok(Look::Again(None));
                    }
                    Some(stored) => stored,
                    None => return Ok(Look::Answer(self.update(changes, None))),
                }
            }
        };
        match &head.state {
            ThreadState::Live(thread) => self.converse(changes, &head, thread, open).await,
            ThreadState::Erased(tombstone) => {
                let mut update = self.updated(changes, None);
                if !update.erased.contains(tombstone) {
                    update.erased.push(tombstone.clone());
                }
                // Told once.
                update.cursor.open = Some(open.clone());
                Ok(Look::Answer(OperatorPoll::Update(update)))
            }
        }
    }

    /// Brings what is new in the open conversation, and marks it.
    async fn converse(
        &self,
        changes: Changes,
        head: &Stored,
        thread: &Thread,
        open: &OpenThread,
    ) -> Result<Look, DeskError> {
        if open.shown > thread.last_number() {
            // The screen shows what is not there: a backup was restored (P7).
            return Ok(Look::Answer(self.start_over(changes.revision)));
        }
        let Some(messages) = self.core.after(thread, open.shown).await? else {
            return Ok(Look::Again(None));
        };
        let Some(marked) = thread.mark_polled(Role::Operator, &messages, self.core.now()) else {
            let conversation = Conversation::new(thread.clone(), messages);
            return Ok(Look::Answer(self.update(changes, Some(conversation))));
        };

        let next = ThreadState::Live(marked.clone());
        let committed = self.core.commit(next.clone(), Some(head)).await?;
        if let Ok(revision) = committed {
            self.core.tell(&Event::Read { thread: marked.clone(), reader: Role::Operator });
            if changes.revision.next() == Some(revision) {
                // Nobody came in between: the picture after the mark is known.
                let changes = after_mark(changes, Stored { revision, state: next }, thread);
                let conversation = Conversation::new(marked, messages);
                return Ok(Look::Answer(self.update(changes, Some(conversation))));
            }
        }
        let conversation = Conversation::new(thread.clone(), messages);
        Ok(Look::Again(Some(self.updated(changes, Some(conversation)))))
    }

    fn start_over(&self, revision: Revision) -> OperatorPoll {
        OperatorPoll::StartOver { cursor: self.cursor_at(revision, None) }
    }

    fn update(&self, changes: Changes, conversation: Option<Conversation>) -> OperatorPoll {
        OperatorPoll::Update(self.updated(changes, conversation))
    }

    fn updated(&self, changes: Changes, conversation: Option<Conversation>) -> OperatorUpdate {
        let open = match &conversation {
            // Only what is shown to its end need not be looked at again.
            Some(open) if open.to_open().shown < open.thread.last_number() => None,
            Some(open) => Some(open.to_open()),
            None => self.open.filter(|open| self.cursor.open.as_ref() == Some(open)).cloned(),
        };
        let mut update = OperatorUpdate {
            threads: Vec::new(),
            erased: Vec::new(),
            conversation,
            unread: changes.unread,
            cursor: self.cursor_at(changes.revision, open),
        };
        for stored in changes.changed {
            match stored.state {
                ThreadState::Live(thread) => update.threads.push(thread),
                ThreadState::Erased(tombstone) => update.erased.push(tombstone),
            }
        }
        update
    }

    fn cursor_at(&self, revision: Revision, open: Option<OpenThread>) -> PollCursor {
        PollCursor { location: self.location.clone(), epoch: self.core.epoch, revision, open }
    }
}

/// What changed, with the thread that was `before` marked since.
fn after_mark(mut changes: Changes, marked: Stored, before: &Thread) -> Changes {
    let awaits = marked.state.live().is_some_and(Thread::awaits_operator);
    if before.awaits_operator() && !awaits {
        changes.unread = changes.unread.saturating_sub(1);
    }
    changes.revision = marked.revision;
    changes.changed.retain(|stored| stored.state.id() != marked.state.id());
    changes.changed.push(marked);
    changes
}
