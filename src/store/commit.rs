use std::collections::HashSet;
use std::ops::RangeInclusive;

use crate::epoch::Epoch;
use crate::revision::Revision;
use crate::store::{StoredMessage, ThreadState, VersionedThread};
use crate::{IdempotencyKey, Message, MessageNumber, ParticipantId, Role, Thread, ThreadId};

/// The highest number of messages that one commit adds.
///
/// ```
/// use frontdesk::store::{CommitError, MAX_COMMIT_MESSAGES, MAX_COMMIT_TEXT_BYTES};
///
/// let messages = MAX_COMMIT_MESSAGES + 1;
/// let error = CommitError::TooManyMessages { messages };
/// assert_eq!(error.to_string(), "commit has 1001 messages, more than 1000");
///
/// let error = CommitError::TooMuchText { bytes: MAX_COMMIT_TEXT_BYTES + 1 };
/// assert_eq!(error.to_string(), "commit has 4194305 bytes of text, more than 4194304");
/// ```
pub const MAX_COMMIT_MESSAGES: usize = 1_000;

/// The highest number of bytes of text that all messages of one commit contain together: 4 MiB.
pub const MAX_COMMIT_TEXT_BYTES: usize = 4 << 20;

/// One atomic write of a store: the next state of one thread and at most one change of the
/// thread's messages.
///
/// A store takes a commit apart with [`into_parts`](Self::into_parts) or reads it through its
/// accessors. [`CommitParts`] and [`Change`] are exhaustive on purpose: if a later version adds
/// something that a store must write, a store that does not write it fails to compile.
///
/// ```
/// use frontdesk::store::{AuthorRedaction, Change, Commit, CommitParts, Epoch, Redaction, Revision};
/// use frontdesk::store::{NewMessage, NewMessages, ThreadState, VersionedThread};
/// use frontdesk::{MessageNumber, Post, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Participant, ParticipantId};
/// # use frontdesk::Timestamp;
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// # let hello = MessageBody::new("Hello!")?;
/// let posted = thread.post(Post::new(ann.clone(), hello, now))?;
/// let live = ThreadState::Live(posted.thread);
/// let messages = NewMessages::one(NewMessage::new(posted.message, None));
/// let epoch = Epoch::ZERO; // of the store's answer that the next state was computed from
/// let commit = Commit::new(live.clone(), None).with_messages(messages)?.with_epoch(epoch);
/// assert_eq!((commit.id().booking.as_str(), commit.expected()), ("b-1", None));
/// assert_eq!(commit.expected_epoch(), Some(epoch));
/// assert_eq!(commit.next().last_number(), MessageNumber::FIRST);
/// assert!(matches!(commit.change(), Change::Messages(new) if new.len() == 1));
///
/// // A store takes the commit apart.
/// let CommitParts { next, expected: _, expected_epoch: _, change } = commit.into_parts();
/// match change {
///     Change::None => {}
///     Change::Messages(new) => assert_eq!(new.into_vec().len(), 1),
///     Change::Redact(Redaction { number: _, ordinal: _ }) => {}
///     Change::RedactAuthor(AuthorRedaction { role: _, author: _, messages: _ }) => {}
/// }
///
/// // Later commits remove the text of the message, and its author's name.
/// let found = VersionedThread::new(Revision::try_from(1)?, next);
/// let number = MessageNumber::FIRST;
/// let redaction = Redaction { number, ordinal: 1 };
/// let _commit = Commit::new(live.clone(), Some(&found)).with_redaction(redaction)?;
/// let (role, author) = (ann.role, ann.id);
/// let redaction = AuthorRedaction { role, author, messages: number..=number };
/// let _commit = Commit::new(live, Some(&found)).with_author_redaction(redaction)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    next: ThreadState,
    expected: Option<Revision>,
    expected_epoch: Option<Epoch>,
    change: Change,
}

/// The parts of a [`Commit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitParts {
    /// The state after the commit.
    pub next: ThreadState,
    /// The revision of the stored state from which `next` was computed, or `None` if nothing
    /// was stored under the id.
    pub expected: Option<Revision>,
    /// The epoch in which `next` was computed, or `None` if the commit fits every epoch.
    pub expected_epoch: Option<Epoch>,
    /// The change of the thread's messages.
    pub change: Change,
}

/// The change of messages that a commit writes together with the thread's next state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Changes no message.
    None,
    /// Adds messages, with their keys.
    Messages(NewMessages),
    /// Removes the text of one message (T9).
    Redact(Redaction),
    /// Removes an author's name from messages (A2).
    RedactAuthor(AuthorRedaction),
}

impl Commit {
    /// Makes a commit that writes only the state `next`. `found` is the stored state from which
    /// `next` was computed, or `None` if nothing was stored under the id. The commit fits every
    /// epoch until [`with_epoch`](Self::with_epoch) names one.
    pub fn new(next: ThreadState, found: Option<&VersionedThread>) -> Self {
        let expected = found.map(|found| found.revision);
        Self { next, expected, expected_epoch: None, change: Change::None }
    }

    /// Names the epoch of the store's answer from which the next state was computed (P7).
    ///
    /// After a failover that lost commits, the database gives out their revisions again. Another
    /// state can then have the expected revision. The epoch keeps the commit from replacing this
    /// state. A desk names the epoch in each commit.
    #[must_use]
    pub fn with_epoch(mut self, epoch: Epoch) -> Self {
        self.expected_epoch = Some(epoch);
        self
    }

    /// Adds new messages.
    ///
    /// # Errors
    ///
    /// [`CommitError::NotTheLastMessages`] if the next state is not a [`Live`](ThreadState::Live)
    /// thread that ends with the last of these messages.
    pub fn with_messages(mut self, messages: NewMessages) -> Result<Self, CommitError> {
        let last = self.next.live().map(Thread::last_number);
        if last != Some(messages.last().message.number()) {
            return Err(CommitError::NotTheLastMessages);
        }
        self.change = Change::Messages(messages);
        Ok(self)
    }

    /// Removes the text of one message.
    ///
    /// # Errors
    ///
    /// [`CommitError::NoSuchMessage`] if the next state is not a [`Live`](ThreadState::Live)
    /// thread that has the message.
    pub fn with_redaction(mut self, redaction: Redaction) -> Result<Self, CommitError> {
        self.check_has_messages(redaction.number..=redaction.number)?;
        self.change = Change::Redact(redaction);
        Ok(self)
    }

    /// Removes an author's name from messages.
    ///
    /// # Errors
    ///
    /// [`CommitError::NoSuchMessage`] if the next state is not a [`Live`](ThreadState::Live)
    /// thread that has the first and the last of the messages.
    pub fn with_author_redaction(
        mut self,
        redaction: AuthorRedaction,
    ) -> Result<Self, CommitError> {
        self.check_has_messages(redaction.messages.clone())?;
        self.change = Change::RedactAuthor(redaction);
        Ok(self)
    }

    fn check_has_messages(&self, range: RangeInclusive<MessageNumber>) -> Result<(), CommitError> {
        let has = |number| self.next.live().is_some_and(|thread| thread.has_message(number));
        let has_both = has(*range.start()) && has(*range.end());
        if has_both { Ok(()) } else { Err(CommitError::NoSuchMessage) }
    }

    /// Returns the id of the thread.
    pub fn id(&self) -> &ThreadId {
        self.next.id()
    }

    /// Returns the state after the commit.
    pub fn next(&self) -> &ThreadState {
        &self.next
    }

    /// Returns the revision of the stored state from which the next state was computed, or
    /// `None` if nothing was stored under the id.
    pub fn expected(&self) -> Option<Revision> {
        self.expected
    }

    /// Returns the epoch in which the next state was computed, or `None` if the commit fits every
    /// epoch.
    pub fn expected_epoch(&self) -> Option<Epoch> {
        self.expected_epoch
    }

    /// Returns `true` if a store must not write the commit, because the stored state is not the
    /// state from which the commit was computed. `stored` is the revision of the stored state, or
    /// `None` if nothing is stored under the id, and `epoch` is the store's epoch.
    ///
    /// ```
    /// use frontdesk::store::{Commit, Epoch, ThreadState};
    /// # use frontdesk::{Booking, BookingId, LocationId, Thread, Timestamp};
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let thread = Thread::start(LocationId::new("harbour")?, booking, Timestamp::UNIX_EPOCH);
    /// let commit = Commit::new(ThreadState::Live(thread), None).with_epoch(Epoch::new(7));
    /// assert!(!commit.conflicts_with(None, Epoch::new(7)));
    /// assert!(commit.conflicts_with(None, Epoch::new(8)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn conflicts_with(&self, stored: Option<Revision>, epoch: Epoch) -> bool {
        stored != self.expected || self.expected_epoch.is_some_and(|expected| expected != epoch)
    }

    /// Returns the change of the thread's messages.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Takes the commit apart.
    pub fn into_parts(self) -> CommitParts {
        let Self { next, expected, expected_epoch, change } = self;
        CommitParts { next, expected, expected_epoch, change }
    }
}

/// A message that a commit adds, and its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewMessage {
    /// The message.
    pub message: Message,
    /// The key, unique per thread, role and author (I4).
    pub key: Option<IdempotencyKey>,
}

impl NewMessage {
    /// Makes an entry from a message and its key.
    pub fn new(message: Message, key: Option<IdempotencyKey>) -> Self {
        Self { message, key }
    }
}

/// The messages that one commit adds: 1 to [`MAX_COMMIT_MESSAGES`], with consecutive
/// numbers and at most [`MAX_COMMIT_TEXT_BYTES`] of text. No author uses a key twice in the list.
///
/// ```
/// use frontdesk::store::{CommitError, NewMessage, NewMessages};
/// use frontdesk::{IdempotencyKey, Participant, ParticipantId, Post, Thread};
/// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Timestamp};
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// # let ann = std::sync::Arc::new(Participant::customer(ParticipantId::new("c-9")?, None));
/// # let hello = MessageBody::new("Hello!")?;
/// let first = thread.post(Post::new(ann.clone(), hello.clone(), now))?;
/// let second = first.thread.post(Post::new(ann, hello, now))?;
/// let first = NewMessage::new(first.message, Some(IdempotencyKey::new("k-1")?));
/// let second = NewMessage::new(second.message, None);
///
/// let messages = NewMessages::new(vec![first.clone(), second.clone()])?;
/// assert_eq!((messages.len(), &messages[1], messages.last()), (2, &second, &second));
///
/// assert_eq!(NewMessages::new(vec![]), Err(CommitError::NoMessages));
/// assert_eq!(NewMessages::new(vec![second, first]), Err(CommitError::NotConsecutive { index: 1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessages(Vec<NewMessage>);

impl NewMessages {
    /// Makes the list if the messages pass the checks.
    ///
    /// # Errors
    ///
    /// [`CommitError`] if the list is empty, too long or too large, if its numbers are not
    /// consecutive, or if an author uses a key twice.
    pub fn new(messages: Vec<NewMessage>) -> Result<Self, CommitError> {
        if messages.is_empty() {
            return Err(CommitError::NoMessages);
        }
        if messages.len() > MAX_COMMIT_MESSAGES {
            return Err(CommitError::TooManyMessages { messages: messages.len() });
        }
        let text_bytes =
            |new: &NewMessage| new.message.body().map_or(0, |body| body.as_str().len());
        let bytes: usize = messages.iter().map(text_bytes).sum();
        if bytes > MAX_COMMIT_TEXT_BYTES {
            return Err(CommitError::TooMuchText { bytes });
        }
        for (index, pair) in messages.windows(2).enumerate() {
            if pair[0].message.number().next() != Some(pair[1].message.number()) {
                return Err(CommitError::NotConsecutive { index: index + 1 });
            }
        }
        let mut keys = HashSet::new();
        for (index, new) in messages.iter().enumerate() {
            let Some(key) = &new.key else { continue };
            if !keys.insert((new.message.role(), &new.message.author().id, key)) {
                return Err(CommitError::DuplicateKey { index });
            }
        }
        Ok(Self(messages))
    }

    /// Makes a list of one message. The list needs no check, because a single body is always
    /// smaller than [`MAX_COMMIT_TEXT_BYTES`].
    pub fn one(message: NewMessage) -> Self {
        Self(vec![message])
    }

    /// Returns the messages as a list.
    pub fn into_vec(self) -> Vec<NewMessage> {
        self.0
    }

    /// Returns the last message.
    pub fn last(&self) -> &NewMessage {
        // The list is never empty.
        &self.0[self.0.len() - 1]
    }
}

impl std::ops::Deref for NewMessages {
    type Target = [NewMessage];

    fn deref(&self) -> &[NewMessage] {
        &self.0
    }
}

/// The removal of one message's text (T9). The message's number, ordinal, author, time and key
/// stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// The number of the message.
    pub number: MessageNumber,
    /// The message's position among the thread's redacted messages, from 1.
    pub ordinal: u32,
}

/// The removal of one author's name from some messages of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorRedaction {
    /// The author's role.
    pub role: Role,
    /// The author's id.
    pub author: ParticipantId,
    /// The numbers of the messages; messages of other authors in this range stay as they are.
    pub messages: RangeInclusive<MessageNumber>,
}

/// The error of a [`Commit`] or of [`NewMessages`] that would be invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The list of messages is empty.
    #[error("list of new messages is empty")]
    NoMessages,
    /// The list has more than [`MAX_COMMIT_MESSAGES`] messages.
    #[error("commit has {messages} messages, more than {MAX_COMMIT_MESSAGES}")]
    TooManyMessages {
        /// The number of messages.
        messages: usize,
    },
    /// The texts have more than [`MAX_COMMIT_TEXT_BYTES`] bytes together.
    #[error("commit has {bytes} bytes of text, more than {MAX_COMMIT_TEXT_BYTES}")]
    TooMuchText {
        /// The number of bytes.
        bytes: usize,
    },
    /// The number of a message is not 1 higher than the number of the message before it.
    #[error("number of the new message at index {index} does not follow the number before it")]
    NotConsecutive {
        /// The index of the message in the list.
        index: usize,
    },
    /// An author uses a key twice in the list.
    #[error("new message at index {index} has the same key as an earlier message")]
    DuplicateKey {
        /// The index of the second message with the key.
        index: usize,
    },
    /// The next state is not a [`Live`](ThreadState::Live) thread that ends with the new messages.
    #[error("new messages are not the last messages of the next state")]
    NotTheLastMessages,
    /// The next state is not a [`Live`](ThreadState::Live) thread that has the message.
    #[error("next state has no message with this number")]
    NoSuchMessage,
}

/// The outcome of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum CommitOutcome {
    /// The store wrote the commit at this revision.
    Committed(Revision),
    /// The store wrote nothing, because the stored state is not at the revision that the commit
    /// expected, or because the store's epoch is not the expected one. Contains the stored state,
    /// or `None` if nothing is stored under the id.
    Conflict(Option<VersionedThread>),
    /// The store wrote nothing, because a key of the commit was used before (I4).
    KeyTaken {
        /// The index in the commit of the first message whose key was used before.
        index: usize,
        /// The message that was stored with the key.
        message: StoredMessage,
    },
}
