use std::sync::Arc;

use super::core::{Core, last_number};
use super::error::DeskError;
use super::event::Event;
use super::use_case::UseCase;
use crate::booking::Booking;
use crate::id::ThreadId;
use crate::message::{Draft, Message, MessageNumber};
use crate::participant::{Participant, Role};
use crate::store::{Commit, CommitOutcome, Direction, StoreError, Stored, ThreadState};
use crate::text::MessageBody;
use crate::thread::{Seen, Thread};
use crate::view::{OperatorEntry, Screen};

/// What came of sending a draft.
///
/// A screen can show the message at once; but what came between it and the last
/// one shown is brought by the next poll only, so its number is not yet what the
/// screen has [`shown`](super::OpenThread::shown). [`Conversation::insert`] keeps
/// that apart.
///
/// [`Conversation::insert`]: super::Conversation::insert
///
/// ```
/// use frontdesk::desk::Sent;
/// use frontdesk::view::{English, OperatorEntry};
/// use frontdesk::{Draft, IdempotencyKey};
/// use time::UtcOffset;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", desk.now());
/// # let ann = desk.customer(harbour.clone(), booking.clone(), ParticipantId::new("c-9")?, None);
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// # kim.start(booking.clone()).await?;
/// let draft = Draft::new("Gladly!").with_key(IdempotencyKey::new("3f0c")?);
/// let sent: Sent = kim.reply(&booking.id, draft.clone()).await?;
/// let entry: OperatorEntry = sent.view(&desk.screen(&UtcOffset::UTC, &English));
/// assert_eq!(entry.entry.html.to_string(), "Gladly!");
///
/// // The answer was lost on its way, and the client tries again.
/// let again = kim.reply(&booking.id, draft).await?;
/// assert!(again.is_replayed());
/// assert_eq!(again.number(), sent.number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// The message, as it is stored.
    pub message: Message,
    /// The thread, the message counted.
    pub thread: Thread,
    pub(super) replayed: bool,
}

impl Sent {
    /// The message's place in the thread.
    pub fn number(&self) -> MessageNumber {
        self.message.number()
    }

    /// Whether it was there already, sent with the same key, and nothing was done
    /// now (I4).
    pub fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// The message for a screen.
    pub fn view(&self, screen: &Screen<'_>) -> OperatorEntry {
        OperatorEntry::new(&self.message, &self.thread, screen)
    }
}

/// Somebody sending something somewhere.
pub(super) struct Sending<'a> {
    pub(super) core: &'a Core,
    pub(super) use_case: &'a UseCase,
    pub(super) id: &'a ThreadId,
    pub(super) author: &'a Arc<Participant>,
    pub(super) draft: &'a Draft,
    /// What a thread is started with where there is none.
    pub(super) booking: Option<&'a Booking>,
}

impl Sending<'_> {
    /// Sends it, or gives back what was sent with its key before.
    pub(super) async fn send(&self) -> Result<Sent, DeskError> {
        let limit = self.core.max_body_chars;
        let body = match MessageBody::with_limit(&self.draft.body, limit) {
            Ok(body) => body,
            // It may have been accepted once, under another limit.
            Err(error) => return self.replay_or(error.into()).await,
        };
        let mut found = self.core.store.thread(self.id).await?;
        for () in self.use_case.attempts() {
            let thread = match self.thread_or_start(found.as_ref()) {
                Err(full @ DeskError::ThreadFull(_)) => return self.replay_or(full).await,
                thread => thread?,
            };
            let on_screen = self.on_screen(&thread).await?;
            let seen = match (self.draft.seen, &on_screen) {
                (Some(seen), _) if seen >= thread.last_number() => Seen::Everything,
                (None, _) => Seen::Everything,
                (Some(_), Some(message)) => Seen::UpTo(message),
                (Some(_), None) => Seen::Nothing,
            };
            let author = Arc::clone(self.author);
            let posted = match thread.post(author, body.clone(), self.core.now(), seen) {
                Ok(posted) => posted,
                // Its own message may have been the last that went in.
                Err(full) => return self.replay_or(full.into()).await,
            };
            let next = ThreadState::Live(posted.thread.clone());
            let commit = Commit::new(next, found.as_ref())
                .with_message(posted.message.clone(), self.draft.key.clone());
            match self.core.store.commit(commit).await? {
                CommitOutcome::Committed(_) => {
                    let started = found.is_none_or(|found| found.state.live().is_none());
                    self.tell(started, &posted.thread, &posted.message);
                    let (message, thread) = (posted.message, posted.thread);
                    return Ok(Sent { message, thread, replayed: false });
                }
                CommitOutcome::Conflict(current) => found = current,
                CommitOutcome::KeyTaken(message) => {
                    found = self.core.store.thread(self.id).await?;
                    // Erased since, it is a new message (L3): try again.
                    if let Some(sent) = self.replay(message, found.as_ref())? {
                        return Ok(sent);
                    }
                }
            }
        }
        Err(DeskError::Busy)
    }

    /// What was sent with the draft's key before, or else this error (I4).
    pub(super) async fn replay_or(&self, error: DeskError) -> Result<Sent, DeskError> {
        let Some(key) = &self.draft.key else { return Err(error) };
        let store = &self.core.store;
        let (role, author) = (self.author.role, &self.author.id);
        let Some(message) = store.message_by_key(self.id, role, author, key).await? else {
            return Err(error);
        };
        let found = store.thread(self.id).await?;
        self.replay(message, found.as_ref())?.ok_or(error)
    }

    /// The answer to a draft whose key has brought this message; none when it
    /// was erased since.
    fn replay(&self, message: Message, found: Option<&Stored>) -> Result<Option<Sent>, DeskError> {
        if !message.body().is_what_was_typed(&self.draft.body) {
            return Err(DeskError::KeyReused);
        }
        let thread = found.and_then(|found| found.state.live());
        let thread = thread.filter(|thread| thread.has_message(message.number()));
        Ok(thread.map(|thread| Sent { message, thread: thread.clone(), replayed: true }))
    }

    fn thread_or_start(&self, found: Option<&Stored>) -> Result<Thread, DeskError> {
        let state = found.map(|found| &found.state);
        if let Some(thread) = state.and_then(ThreadState::live) {
            return Ok(thread.clone());
        }
        let booking = self.booking.ok_or(DeskError::NotFound)?.clone();
        let (location, after) = (self.id.location.clone(), last_number(state));
        Ok(Thread::start(location, booking, self.core.now(), after)?)
    }

    /// The last message that the writer's screen showed, where that is not the
    /// thread's last (U3).
    async fn on_screen(&self, thread: &Thread) -> Result<Option<Message>, StoreError> {
        match self.draft.seen {
            Some(seen) if seen < thread.last_number() && thread.has_message(seen) => {
                let direction = Direction::OldestFirst;
                Ok(self.core.store.messages(self.id, seen..=seen, 1, direction).await?.pop())
            }
            _ => Ok(None),
        }
    }

    fn tell(&self, started: bool, thread: &Thread, message: &Message) {
        if started {
            self.core.tell(&Event::Opened { thread: thread.clone() });
        }
        let (thread, message) = (thread.clone(), message.clone());
        self.core.tell(&match self.author.role {
            Role::Customer => Event::Received { thread, message },
            Role::Operator => Event::Replied { thread, message },
        });
    }
}
