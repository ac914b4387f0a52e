//! A reference implementation of the rules: messages in flat lists, read messages as a set of
//! numbers, and every count computed when it is needed. This implementation is slow and simple on
//! purpose. The tests compare the crate's results with its results.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use frontdesk::{Booking, PerRole, Role, Timestamp};

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelMessage {
    pub(crate) number: u32,
    pub(crate) role: Role,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) key: Option<u8>,
    pub(crate) sent_at: Timestamp,
    pub(crate) automatic: bool,
    pub(crate) imported: bool,
    /// T9: the position among the thread's redacted messages. The text is then empty.
    pub(crate) redaction: Option<u32>,
}

/// One generation of a thread: the span from a start to the next erasure.
#[derive(Debug, Clone)]
pub(crate) struct ModelThread {
    pub(crate) first: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) booking: Booking,
    pub(crate) messages: Vec<ModelMessage>,
    /// The numbers of the messages that each side (customers, operators) has read.
    pub(crate) read: PerRole<BTreeSet<u32>>,
    /// The highest number that each side has ever read.
    pub(crate) furthest: PerRole<u32>,
    /// The time of the last change of `read`.
    pub(crate) set_at: PerRole<Option<Timestamp>>,
    /// U5: the numbers of the customers' messages that operators have answered.
    pub(crate) answered: BTreeSet<u32>,
}

/// The state of a booking's thread over all generations.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelHead {
    /// The current generation, or `None` before the start and after an erasure.
    pub(crate) thread: Option<ModelThread>,
    /// The last message number that any generation used.
    pub(crate) last: u32,
    /// The number of the location's last commit that changed the thread.
    pub(crate) changed: u64,
}

/// The state of a location.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelLocation {
    pub(crate) heads: BTreeMap<String, ModelHead>,
    pub(crate) commits: u64,
    /// The events that the listener must have received since the last comparison.
    pub(crate) events: Vec<EventKind>,
}

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum EventKind {
    ThreadStarted,
    MessageReceived,
    ReplySent,
    MarkedRead(Role),
    MarkedUnread,
    MarkedAnswered,
    MessageRedacted,
    BookingUpdated,
    ThreadErased,
}

/// The reason why an operation is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ModelError {
    NotFound,
    Blank,
    MessagingOff,
    KeyReused,
    /// L6: the number of messages that the sender's screen did not show.
    NotLatest(usize),
    NoSuchMessage,
    PageLimit,
    /// I5: the position of the message that is older than the thread's last message.
    OutOfOrder(usize),
    ThreadErased,
}

/// A message to send.
pub(crate) struct ModelSend<'a> {
    pub(crate) role: Role,
    pub(crate) author: &'a str,
    pub(crate) typed: &'a str,
    pub(crate) key: Option<u8>,
    pub(crate) seen: Option<u32>,
    pub(crate) only_if_latest: bool,
    pub(crate) automatic: bool,
    /// The booking snapshot with which a customer's first message starts the thread. `None` for an
    /// operator.
    pub(crate) booking: Option<Booking>,
    pub(crate) messaging_off: bool,
}

/// T1: returns the normalized text. Handles only the line breaks and the whitespace that occur in
/// `TEXTS`.
pub(crate) fn normalized(typed: &str) -> String {
    typed.replace("\r\n", "\n").trim().to_owned()
}

impl ModelThread {
    pub(crate) fn start(booking: Booking, now: Timestamp, last: u32) -> Self {
        Self {
            first: last + 1,
            created_at: now,
            booking,
            messages: Vec::new(),
            read: PerRole::default(),
            furthest: PerRole { customer: last, operator: last },
            set_at: PerRole::default(),
            answered: BTreeSet::new(),
        }
    }

    /// U5: returns the time of the first customer message that no operator has answered.
    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        let mut asked = self.messages_by(Role::Customer);
        Some(asked.find(|message| !self.answered.contains(&message.number))?.sent_at)
    }

    /// U5: answers the customers' messages up to `number`. Returns `true` if the wait changed.
    pub(crate) fn answer(&mut self, number: u32) -> bool {
        let before = self.waiting_since();
        let asked = self.messages_by(Role::Customer).map(|message| message.number);
        let answered: Vec<u32> = asked.filter(|asked| *asked <= number).collect();
        self.answered.extend(answered);
        self.waiting_since() != before
    }

    /// T9: returns the number of redacted messages.
    pub(crate) fn redactions(&self) -> u32 {
        self.messages.iter().filter_map(|message| message.redaction).max().unwrap_or(0)
    }

    /// T9: removes the text of a message. Returns `true` if the message had a text.
    fn redact(&mut self, number: u32) -> bool {
        let ordinal = self.redactions() + 1;
        let message = self.messages.iter_mut().find(|message| message.number == number);
        let Some(message) = message.filter(|message| message.redaction.is_none()) else {
            return false;
        };
        message.text = String::new();
        message.redaction = Some(ordinal);
        true
    }

    /// I3, L3: returns the number of the last message. If there is no message, returns the number
    /// before the first number of this generation.
    pub(crate) fn last(&self) -> u32 {
        self.messages.last().map_or(self.first - 1, |message| message.number)
    }

    /// L1: returns the time of the last message, or the time of the creation if there is no
    /// message.
    pub(crate) fn active_at(&self) -> Timestamp {
        self.messages.last().map_or(self.created_at, |message| message.sent_at)
    }

    pub(crate) fn messages_by(&self, role: Role) -> impl Iterator<Item = &ModelMessage> {
        self.messages.iter().filter(move |message| message.role == role)
    }

    pub(crate) fn messages_after(&self, number: u32) -> Vec<ModelMessage> {
        self.messages.iter().filter(|message| message.number > number).cloned().collect()
    }

    /// U2: returns the number of the other side's messages that a side has not read.
    pub(crate) fn unread(&self, reader: Role) -> usize {
        let read = &self.read[reader];
        let theirs = self.messages_by(reader.opposite());
        theirs.filter(|message| !read.contains(&message.number)).count()
    }

    /// U3: returns the number of the first message of the other side that a side has not read.
    pub(crate) fn first_unread(&self, reader: Role) -> Option<u32> {
        let read = &self.read[reader];
        let mut theirs = self.messages_by(reader.opposite());
        Some(theirs.find(|message| !read.contains(&message.number))?.number)
    }

    /// U1: returns the number of a side's read mark. The side has read everything up to this
    /// number.
    pub(crate) fn mark(&self, reader: Role) -> u32 {
        self.read[reader].last().copied().unwrap_or(self.first - 1)
    }

    /// U3, P6: marks everything up to `number` as read. Returns `true` if that changed
    /// anything.
    pub(crate) fn mark_read(&mut self, reader: Role, number: u32, now: Timestamp) -> bool {
        let before = self.read[reader].len();
        let mut set_at = now;
        for message in self.messages.iter().filter(|message| message.number <= number) {
            self.read[reader].insert(message.number);
            self.furthest[reader] = self.furthest[reader].max(message.number);
            set_at = now.max(message.sent_at);
        }
        let changed = self.read[reader].len() > before;
        if changed {
            self.set_at[reader] = Some(set_at);
        }
        changed
    }

    /// U3: marks everything from `number` as unread. Returns `true` if that changed
    /// anything.
    fn mark_unread(&mut self, reader: Role, number: u32, now: Timestamp) -> bool {
        let changed = !self.read[reader].split_off(&number).is_empty();
        if changed {
            let marked = self.messages.iter().find(|message| message.number == number);
            self.set_at[reader] = marked.map(|message| now.max(message.sent_at));
        }
        changed
    }
}

impl ModelLocation {
    pub(crate) fn thread(&self, booking: &str) -> Option<&ModelThread> {
        self.heads.get(booking)?.thread.as_ref()
    }

    /// U3: returns the number of the first message that a side has not read.
    pub(crate) fn first_unread(&self, booking: &str, reader: Role) -> Option<u32> {
        self.thread(booking)?.first_unread(reader)
    }

    /// Returns the last message number that any generation of a thread used.
    pub(crate) fn last(&self, booking: &str) -> u32 {
        self.heads.get(booking).map_or(0, |head| head.last)
    }

    /// Returns all messages of the current generation.
    pub(crate) fn messages(&self, booking: &str) -> Vec<ModelMessage> {
        self.thread(booking).map_or(Vec::new(), |thread| thread.messages.clone())
    }

    /// L1: returns the threads that exist, newest first, then by the bytes of the booking id.
    pub(crate) fn inbox(&self) -> Vec<(&str, &ModelThread)> {
        let heads = self.heads.iter();
        let mut inbox: Vec<(&str, &ModelThread)> =
            heads.filter_map(|(booking, head)| Some((&**booking, head.thread.as_ref()?))).collect();
        inbox.sort_by_key(|(booking, thread)| (Reverse(thread.active_at()), booking.as_bytes()));
        inbox
    }

    /// U4: returns the threads with unread customer messages, in inbox order.
    pub(crate) fn unread_threads(&self) -> Vec<&str> {
        let inbox = self.inbox().into_iter();
        let unread = inbox.filter(|(_, thread)| thread.unread(Role::Operator) > 0);
        unread.map(|(booking, _)| booking).collect()
    }

    /// U5: returns the waiting threads, the longest waiting first, then by the bytes of the booking
    /// id.
    pub(crate) fn waiting_threads(&self) -> Vec<&str> {
        let heads = self.heads.iter();
        let waiting = heads.filter_map(|(booking, head)| {
            Some((head.thread.as_ref()?.waiting_since()?, &**booking))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, booking)| booking).collect()
    }

    /// P2: returns the heads that changed after the location's commit with the number `commits`, in
    /// the order of their last changes.
    pub(crate) fn changed_since(&self, commits: u64) -> Vec<(&str, &ModelHead)> {
        let heads = self.heads.iter().map(|(booking, head)| (&**booking, head));
        let mut changed: Vec<(&str, &ModelHead)> =
            heads.filter(|(_, head)| head.changed > commits).collect();
        changed.sort_by_key(|(_, head)| head.changed);
        changed
    }

    /// Counts a commit and returns the head that it writes.
    pub(crate) fn commit(&mut self, booking: &str) -> &mut ModelHead {
        self.commits += 1;
        let head = self.heads.entry(booking.to_owned()).or_default();
        head.changed = self.commits;
        head
    }

    /// Applies `update` to a copy of a thread. Commits the copy if `update` returns `true`
    /// (P6).
    fn update(
        &mut self,
        booking: &str,
        update: impl FnOnce(&mut ModelThread) -> bool,
    ) -> Result<bool, ModelError> {
        let mut thread = self.thread(booking).cloned().ok_or(ModelError::NotFound)?;
        let changed = update(&mut thread);
        if changed {
            self.commit(booking).thread = Some(thread);
        }
        Ok(changed)
    }

    /// L5: starts a thread. Changes nothing if the thread is already started.
    pub(crate) fn start(&mut self, booking: Booking, now: Timestamp) {
        let id = booking.id.as_str().to_owned();
        if self.thread(&id).is_none() {
            let head = self.commit(&id);
            head.thread = Some(ModelThread::start(booking, now, head.last));
            self.events.push(EventKind::ThreadStarted);
        }
    }

    /// I4, L4, L5, W3, U3: sends a message. Returns the number of the message, and `true` if the
    /// key was already used, so that nothing was sent.
    pub(crate) fn send(
        &mut self,
        booking: &str,
        send: ModelSend<'_>,
        now: Timestamp,
    ) -> Result<(u32, bool), ModelError> {
        let text = normalized(send.typed);
        let (role, author) = (send.role, send.author.to_owned());
        if let (Some(thread), Some(_)) = (self.thread(booking), send.key)
            && let Some(first) = thread
                .messages_by(role)
                .find(|message| message.author == author && message.key == send.key)
        {
            // T9: a redacted message has no text to compare.
            let is_same = first.text == text || first.redaction.is_some();
            return if is_same { Ok((first.number, true)) } else { Err(ModelError::KeyReused) };
        }
        if send.messaging_off {
            return Err(ModelError::MessagingOff);
        }
        if text.is_empty() {
            return Err(ModelError::Blank);
        }
        let is_start = self.thread(booking).is_none();
        let mut thread = match (self.thread(booking), send.booking) {
            (Some(thread), _) => thread.clone(),
            (None, Some(snapshot)) => ModelThread::start(snapshot, now, self.last(booking)),
            (None, None) => return Err(ModelError::NotFound),
        };

        let is_operator = role == Role::Operator;
        if send.only_if_latest && is_operator {
            let (before_first, last) = (thread.first - 1, thread.last());
            let seen = send.seen.unwrap_or(before_first);
            if !(before_first..=last).contains(&seen) {
                return Err(ModelError::NoSuchMessage);
            }
            if seen < last {
                return Err(ModelError::NotLatest(thread.messages_after(seen).len()));
            }
        }
        let automatic = send.automatic && is_operator;
        let number = thread.last() + 1;
        let sent_at = now.max(thread.active_at());
        let seen = if automatic { 0 } else { send.seen.unwrap_or(u32::MAX) };
        let has_unseen = thread.messages_by(role.opposite()).any(|message| message.number > seen);
        if is_operator && !automatic {
            thread.answer(seen);
        }
        thread.messages.push(ModelMessage {
            number,
            role,
            author,
            text,
            key: send.key,
            sent_at,
            automatic,
            imported: false,
            redaction: None,
        });
        if thread.mark_read(role, if has_unseen { seen } else { number }, now) {
            thread.set_at[role] = Some(sent_at);
        }

        let head = self.commit(booking);
        head.thread = Some(thread);
        head.last = number;
        if is_start {
            self.events.push(EventKind::ThreadStarted);
        }
        self.events.push(match role {
            Role::Customer => EventKind::MessageReceived,
            Role::Operator => EventKind::ReplySent,
        });
        Ok((number, false))
    }

    /// U3, P3: returns the messages after `shown`, the number of the last message that the reader's
    /// screen shows, and marks them as read. If `shown` is `None`, the conversation is opened,
    /// which always marks. A poll marks only if it returns a message of the other side.
    pub(crate) fn read_after(
        &mut self,
        booking: &str,
        reader: Role,
        shown: Option<u32>,
        now: Timestamp,
    ) -> Vec<ModelMessage> {
        let Some(thread) = self.thread(booking) else { return Vec::new() };
        let new = thread.messages_after(shown.unwrap_or(0));
        let has_theirs = new.iter().any(|message| message.role == reader.opposite());
        if let Some(last) = new.last().filter(|_| has_theirs || shown.is_none()) {
            let number = last.number;
            if self.update(booking, |thread| thread.mark_read(reader, number, now)) == Ok(true) {
                self.events.push(EventKind::MarkedRead(reader));
            }
        }
        new
    }

    /// U3: moves a side's read mark forward to `number`, or, if `unread` is `true`, back to
    /// before `number`.
    pub(crate) fn mark(
        &mut self,
        booking: &str,
        reader: Role,
        number: u32,
        unread: bool,
        now: Timestamp,
    ) -> Result<(), ModelError> {
        self.check_has(booking, number)?;
        if unread {
            if self.update(booking, |thread| thread.mark_unread(reader, number, now))? {
                self.events.push(EventKind::MarkedUnread);
            }
        } else if self.update(booking, |thread| thread.mark_read(reader, number, now))? {
            self.events.push(EventKind::MarkedRead(reader));
        }
        Ok(())
    }

    /// U5: ends the wait for the customers' messages up to `number`.
    pub(crate) fn mark_answered(&mut self, booking: &str, number: u32) -> Result<(), ModelError> {
        self.check_has(booking, number)?;
        if self.update(booking, |thread| thread.answer(number))? {
            self.events.push(EventKind::MarkedAnswered);
        }
        Ok(())
    }

    /// T9: removes the text of a message. Returns `true` if the message had a text.
    pub(crate) fn redact(&mut self, booking: &str, number: u32) -> Result<bool, ModelError> {
        self.check_has(booking, number)?;
        let changed = self.update(booking, |thread| thread.redact(number))?;
        if changed {
            self.events.push(EventKind::MessageRedacted);
        }
        Ok(changed)
    }

    fn check_has(&self, booking: &str, number: u32) -> Result<(), ModelError> {
        let thread = self.thread(booking).ok_or(ModelError::NotFound)?;
        let has = thread.messages.iter().any(|message| message.number == number);
        if has { Ok(()) } else { Err(ModelError::NoSuchMessage) }
    }

    /// L5: replaces the stored snapshot of a booking. Returns `true` if the stored snapshot
    /// differed.
    pub(crate) fn refresh(&mut self, booking: &Booking) -> bool {
        let changed = self.update(booking.id.as_str(), |thread| {
            let stored = thread.booking.version();
            if booking.version().is_some_and(|version| stored.is_some_and(|old| version < old)) {
                return false;
            }
            let mut next = booking.clone();
            if let (None, Some(version)) = (booking.version(), stored) {
                next = next.with_version(version);
            }
            let differs = thread.booking != next;
            thread.booking = next;
            differs
        });
        if changed == Ok(true) {
            self.events.push(EventKind::BookingUpdated);
        }
        changed == Ok(true)
    }

    /// L3: erases a thread. Returns `true` if the thread existed.
    pub(crate) fn erase(&mut self, booking: &str) -> bool {
        let exists = self.thread(booking).is_some();
        if exists {
            self.commit(booking).thread = None;
            self.events.push(EventKind::ThreadErased);
        }
        exists
    }
}
