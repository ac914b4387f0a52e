//! The reference implementation of an import (I5).

use frontdesk::{Booking, PerRole, Role, Timestamp};

use crate::reference::{ModelError, ModelLocation, ModelMessage, ModelThread, normalized};

/// A message to import.
#[derive(Debug, Clone)]
pub(crate) struct ModelEntry {
    pub(crate) key: u8,
    pub(crate) role: Role,
    pub(crate) author: &'static str,
    pub(crate) typed: &'static str,
    pub(crate) sent_at: Timestamp,
    pub(crate) automatic: bool,
}

/// The part of the list that a side has read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ModelMark {
    Everything,
    First(usize),
    Until(Timestamp),
    Nothing,
}

#[derive(Debug, Clone)]
pub(crate) struct ModelImport {
    pub(crate) booking: Booking,
    pub(crate) entries: Vec<ModelEntry>,
    pub(crate) read: PerRole<ModelMark>,
    pub(crate) waiting: bool,
    pub(crate) restart_erased: bool,
    pub(crate) clamp_times: bool,
}

/// The result for one message of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ModelImported {
    Stored { number: u32, sent_at: Timestamp, clamped: bool },
    AlreadyStored { number: u32, sent_at: Timestamp },
    Refused(ModelRefusal),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ModelRefusal {
    Blank,
    Future,
    BeforePrevious,
    DuplicateKey,
    KeyReused,
    BeforeStored,
}

impl ModelThread {
    fn with_key(&self, entry: &ModelEntry) -> Option<&ModelMessage> {
        let mut written = self.messages_by(entry.role);
        written.find(|message| message.author == entry.author && message.key == Some(entry.key))
    }

    /// I5, U1, U5: adds an imported message.
    fn append(&mut self, import: &ModelImport, position: usize, sent_at: Timestamp) -> u32 {
        let ModelEntry { key, role, author, typed, automatic, .. } = import.entries[position];
        let number = self.last() + 1;
        let automatic = automatic && role == Role::Operator;
        let was_waiting = self.waiting_since().is_some();
        self.messages.push(ModelMessage {
            number,
            role,
            author: author.to_owned(),
            text: normalized(typed),
            key: Some(key),
            sent_at,
            automatic,
            imported: true,
            redaction: None,
        });
        if role == Role::Operator && !automatic {
            self.answer(number);
        }
        if role == Role::Customer && !import.waiting && !was_waiting {
            self.answered.insert(number);
        }
        number
    }
}

impl ModelLocation {
    /// I5: imports a list. Returns the result for each message.
    pub(crate) fn import(
        &mut self,
        import: &ModelImport,
        now: Timestamp,
    ) -> Result<Vec<ModelImported>, ModelError> {
        let booking = import.booking.id.as_str();
        let stored = self.thread(booking).cloned();
        let is_erased = self.heads.contains_key(booking) && stored.is_none();
        if is_erased && !import.restart_erased {
            return Err(ModelError::ThreadErased);
        }
        let last = self.last(booking);
        let mut next = stored.clone();
        let mut read_to = PerRole { customer: None, operator: None };
        let mut results = Vec::new();
        for position in 0..import.entries.len() {
            let result = Self::import_one(import, position, now, stored.as_ref(), &results);
            let result = match result {
                Ok(sent_at) => {
                    let thread = next.get_or_insert_with(|| {
                        ModelThread::start(import.booking.clone(), sent_at, last)
                    });
                    if thread.messages.is_empty() {
                        thread.created_at = thread.created_at.min(sent_at);
                    }
                    let last_kept = results.iter().filter_map(kept).max();
                    let follows_list = last_kept.is_some_and(|(last, _)| last == thread.last());
                    let is_older = !thread.messages.is_empty() && sent_at < thread.active_at();
                    if is_older && !follows_list {
                        return Err(ModelError::OutOfOrder(position));
                    }
                    let number = thread.append(import, position, sent_at);
                    for side in [Role::Customer, Role::Operator] {
                        let at = match import.read[side] {
                            ModelMark::Everything => Some(sent_at),
                            ModelMark::First(count) => (position < count).then_some(sent_at),
                            ModelMark::Until(time) => (sent_at <= time).then_some(time.min(now)),
                            ModelMark::Nothing => None,
                        };
                        read_to[side] = at.map(|at| (number, at)).or(read_to[side]);
                    }
                    let clamped = sent_at > import.entries[position].sent_at;
                    ModelImported::Stored { number, sent_at, clamped }
                }
                Err(result) => result,
            };
            results.push(result);
        }
        let is_stored = |result: &ModelImported| matches!(result, ModelImported::Stored { .. });
        if let Some(mut thread) = next.filter(|_| results.iter().any(is_stored)) {
            for side in [Role::Customer, Role::Operator] {
                let had_unread = stored.as_ref().is_some_and(|thread| thread.unread(side) > 0);
                if let Some((number, at)) = read_to[side].filter(|_| !had_unread) {
                    thread.mark_read(side, number, at);
                    thread.set_at[side] = Some(at);
                }
            }
            let head = self.commit(booking);
            head.last = thread.last();
            head.thread = Some(thread);
        }
        Ok(results)
    }

    /// Returns the time with which a message is stored, or the reason why it is not stored.
    fn import_one(
        import: &ModelImport,
        position: usize,
        now: Timestamp,
        stored: Option<&ModelThread>,
        results: &[ModelImported],
    ) -> Result<Timestamp, ModelImported> {
        let refused = |refusal| Err(ModelImported::Refused(refusal));
        let entry = &import.entries[position];
        if import.is_duplicate(position) {
            return refused(ModelRefusal::DuplicateKey);
        }
        let is_same = |entry: &ModelEntry, found: &ModelMessage| {
            found.redaction.is_some() || found.text == normalized(entry.typed)
        };
        let find = |entry: &ModelEntry| stored.and_then(|thread| thread.with_key(entry));
        if let Some(found) = find(entry).filter(|found| is_same(entry, found)) {
            let (number, sent_at) = (found.number, found.sent_at);
            return Err(ModelImported::AlreadyStored { number, sent_at });
        }
        if normalized(entry.typed).is_empty() {
            return refused(ModelRefusal::Blank);
        }
        if entry.sent_at > now {
            return refused(ModelRefusal::Future);
        }
        let kept = results.iter().filter_map(kept).max();
        let sent_at = kept.map_or(entry.sent_at, |(_, kept)| entry.sent_at.max(kept));
        if sent_at > entry.sent_at && !import.clamp_times {
            return refused(ModelRefusal::BeforePrevious);
        }
        if find(entry).is_some() {
            return refused(ModelRefusal::KeyReused);
        }
        let later = (position + 1)..import.entries.len();
        let is_stored = |later: usize| {
            let entry = &import.entries[later];
            !import.is_duplicate(later) && find(entry).is_some_and(|found| is_same(entry, found))
        };
        if later.into_iter().any(is_stored) {
            return refused(ModelRefusal::BeforeStored);
        }
        Ok(sent_at)
    }
}

impl ModelImport {
    /// Returns `true` if an earlier entry has the same author and key.
    fn is_duplicate(&self, position: usize) -> bool {
        let entry = &self.entries[position];
        self.entries[..position].iter().any(|other| {
            (other.key, other.role, other.author) == (entry.key, entry.role, entry.author)
        })
    }
}

/// Returns the number and the time of a message that the thread has.
fn kept(result: &ModelImported) -> Option<(u32, Timestamp)> {
    match *result {
        ModelImported::Stored { number, sent_at, .. }
        | ModelImported::AlreadyStored { number, sent_at } => Some((number, sent_at)),
        ModelImported::Refused(_) => None,
    }
}
