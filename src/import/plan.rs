//! The decisions about each message of an import, which are made batch by batch.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::mem;

use super::answer::Imported;
use super::mark::ImportMark;
use super::message::ImportedMessage;
use super::out_of_order::OutOfOrderImport;
use super::refused::{RefusalReason, RefusedMessage};
use super::thread_import::ThreadImport;
use crate::text::clean_machine_text;
use crate::thread::{BatchMark, BatchMessage, ImportBatch};
use crate::{
    IdempotencyKey, Message, MessageBody, MessageNumber, Role, TextCleaning, Thread, Timestamp,
};

/// The limits of an import.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImportLimits {
    /// The maximum number of `char`s in a body (T4).
    pub(crate) body_chars: usize,
    /// The maximum number of messages in a batch.
    pub(crate) batch_messages: usize,
    /// The maximum number of bytes of text in a batch.
    pub(crate) batch_bytes: usize,
    /// The present time. A message that was sent later is refused.
    pub(crate) now: Timestamp,
}

/// An import of which the first messages are decided.
pub(crate) struct ImportPlan<'a> {
    import: &'a ThreadImport,
    limits: ImportLimits,
    /// The positions of messages whose author and key stand at an earlier position, too.
    duplicates: HashSet<usize>,
    /// The stored messages that have the author and the key of a position.
    stored: BTreeMap<usize, Message>,
    /// The position of the first message that is not decided.
    position: usize,
    /// Of the decided messages that the thread has, the one with the highest number.
    last_kept: Option<Kept>,
    answer: Imported,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    /// The number, or `None` if the message is not stored yet.
    number: Option<MessageNumber>,
    sent_at: Timestamp,
}

/// The decisions about the next messages of an import. Nothing is stored yet.
pub(crate) struct PlannedBatch {
    decisions: Vec<Decision>,
    last_kept: Option<Kept>,
    /// The messages to store.
    new: ImportBatch,
    /// The keys of the messages to store.
    keys: Vec<IdempotencyKey>,
}

#[derive(Debug)]
enum Decision {
    Store { clamped: bool, cleaning: TextCleaning },
    AlreadyStored(MessageNumber),
    Refuse(RefusalReason),
}

impl<'a> ImportPlan<'a> {
    pub(crate) fn new(import: &'a ThreadImport, limits: ImportLimits) -> Self {
        let mut keys = HashSet::new();
        let messages = import.messages.iter().enumerate();
        let duplicates = messages.filter_map(|(position, (key, new))| {
            let is_first = keys.insert((new.author.role, &new.author.id, key));
            (!is_first).then_some(position)
        });
        Self {
            import,
            limits,
            duplicates: duplicates.collect(),
            stored: BTreeMap::new(),
            position: 0,
            last_kept: None,
            answer: Imported::default(),
        }
    }

    /// Returns `true` if every message is decided.
    pub(crate) fn is_done(&self) -> bool {
        self.position == self.import.messages.len()
    }

    /// Returns `true` if the thread does not have a message any more that it had when the message
    /// was decided: the thread was erased in the meantime.
    pub(crate) fn was_erased(&self, thread: Option<&Thread>) -> bool {
        let number = self.last_kept.and_then(|kept| kept.number);
        number.is_some_and(|number| thread.is_none_or(|thread| !thread.has_message(number)))
    }

    /// Returns the undecided messages with their positions and keys.
    pub(crate) fn undecided(
        &self,
    ) -> impl Iterator<Item = (usize, &'a IdempotencyKey, &'a ImportedMessage)> + use<'a> {
        let messages = self.import.messages.iter().enumerate().skip(self.position);
        messages.map(|(position, (key, new))| (position, key, new))
    }

    /// Adds a stored message that has the author and the key of a position.
    pub(crate) fn add_stored(&mut self, position: usize, message: Message) {
        self.stored.insert(position, message);
    }

    /// Decides about the next messages, until a batch is full or the list ends. `thread` is the
    /// stored thread, or `None` if the import starts the thread.
    pub(crate) fn next_batch(
        &self,
        thread: Option<&Thread>,
    ) -> Result<PlannedBatch, Box<OutOfOrderImport>> {
        let has =
            |message: &&Message| thread.is_some_and(|thread| thread.has_message(message.number()));
        let mut stored_positions = self.stored.range(self.position..).rev();
        let last_stored = stored_positions
            .find(|(position, message)| {
                let is_duplicate = self.duplicates.contains(*position);
                !is_duplicate && has(message) && self.is_same(**position, message)
            })
            .map(|(position, _)| *position);

        let mut batch = PlannedBatch::new(self);
        let mut bytes = 0;
        for position in self.position..self.import.messages.len() {
            let stored = self.stored.get(&position).filter(has);
            let decision = match stored {
                _ if self.duplicates.contains(&position) => {
                    Decision::Refuse(RefusalReason::DuplicateKey)
                }
                Some(stored) if self.is_same(position, stored) => {
                    batch.keep(stored.number(), stored.sent_at());
                    Decision::AlreadyStored(stored.number())
                }
                stored => match self.candidate(position, batch.last_kept) {
                    Err(reason) => Decision::Refuse(reason),
                    Ok(_) if stored.is_some() => Decision::Refuse(RefusalReason::KeyReused),
                    Ok(_) if last_stored > Some(position) => {
                        Decision::Refuse(RefusalReason::BeforeStored)
                    }
                    Ok(candidate) => {
                        let full = batch.keys.len() == self.limits.batch_messages;
                        bytes += candidate.message.body.as_str().len();
                        if full || bytes > self.limits.batch_bytes {
                            break;
                        }
                        self.check_order(position, &batch, candidate.message.sent_at, thread)?;
                        batch.push(self, position, candidate)
                    }
                },
            };
            batch.decisions.push(decision);
        }
        Ok(batch)
    }

    /// Takes over the decisions of a batch after its messages were stored. `messages` are the stored
    /// messages.
    pub(crate) fn apply(&mut self, batch: PlannedBatch, messages: &[Message]) {
        let mut messages = messages.iter();
        let mut last_kept = batch.last_kept;
        for decision in batch.decisions {
            let number = match decision {
                Decision::Store { clamped, cleaning } => {
                    self.answer.stored += 1;
                    self.answer.clamped += usize::from(clamped);
                    self.answer.cleaning.replaced += cleaning.replaced;
                    self.answer.cleaning.removed += cleaning.removed;
                    messages.next().map(Message::number)
                }
                Decision::AlreadyStored(number) => {
                    self.answer.already_stored += 1;
                    Some(number)
                }
                Decision::Refuse(reason) => {
                    self.answer.refused.push(RefusedMessage::new(self.position, reason));
                    None
                }
            };
            if let Some(kept) = last_kept.as_mut() {
                kept.number = kept.number.max(number);
            }
            self.answer.numbers.push(number);
            self.position += 1;
        }
        self.last_kept = last_kept;
    }

    /// Returns the answer for the messages that are decided.
    pub(crate) fn answer(&self, thread: Option<&Thread>) -> Imported {
        Imported { thread: thread.cloned(), ..self.answer.clone() }
    }

    fn message(&self, position: usize) -> &'a ImportedMessage {
        &self.import.messages[position].1
    }

    /// Returns the text of a message to validate, and the changes that cleaning made.
    fn text(&self, position: usize) -> (Cow<'a, str>, TextCleaning) {
        let text = self.message(position).text.as_str();
        if self.import.cleaned {
            clean_machine_text(text)
        } else {
            (Cow::Borrowed(text), TextCleaning::default())
        }
    }

    /// Returns `true` if a stored message is the message at a position. A redacted message has no
    /// text to compare (T9).
    fn is_same(&self, position: usize, stored: &Message) -> bool {
        stored.body().is_none_or(|body| body.matches_input(&self.text(position).0))
    }

    /// Checks a message that is not stored, by itself and with the message that it follows.
    fn candidate(
        &self,
        position: usize,
        last_kept: Option<Kept>,
    ) -> Result<Candidate, RefusalReason> {
        let new = self.message(position);
        let (text, cleaning) = self.text(position);
        let body = MessageBody::with_limit(&text, self.limits.body_chars)?;
        if new.sent_at > self.limits.now {
            return Err(RefusalReason::Future);
        }
        let sent_at = last_kept.map_or(new.sent_at, |kept| new.sent_at.max(kept.sent_at));
        let clamped = sent_at > new.sent_at;
        if clamped && !self.import.clamp_times {
            return Err(RefusalReason::BeforePrevious);
        }
        let (author, automatic) = (new.author.clone(), new.automatic);
        let message = BatchMessage { author, body, sent_at, automatic };
        Ok(Candidate { message, clamped, cleaning })
    }

    /// Refuses the first new message of a batch if the thread's last message is newer and not of
    /// this list.
    fn check_order(
        &self,
        position: usize,
        batch: &PlannedBatch,
        sent_at: Timestamp,
        thread: Option<&Thread>,
    ) -> Result<(), Box<OutOfOrderImport>> {
        let Some(thread) = thread.filter(|thread| thread.last_message().is_some()) else {
            return Ok(());
        };
        let follows_list = batch
            .last_kept
            .is_some_and(|kept| kept.number.is_none_or(|number| number == thread.last_number()));
        if follows_list || sent_at >= thread.active_at() {
            return Ok(());
        }
        let (last, last_sent_at) = (thread.last_number(), thread.active_at());
        let imported = self.answer(Some(thread));
        Err(Box::new(OutOfOrderImport { position, last, last_sent_at, imported }))
    }

    /// Returns the time at which a side read the message at a position, or `None` if it did not.
    fn read_at(&self, side: Role, position: usize, sent_at: Timestamp) -> Option<Timestamp> {
        match self.import.read[side] {
            ImportMark::Everything => Some(sent_at),
            ImportMark::First(messages) => (position < messages).then_some(sent_at),
            ImportMark::Until(time) => (sent_at <= time).then(|| time.min(self.limits.now)),
            ImportMark::Nothing => None,
        }
    }
}

/// A message that can be stored.
struct Candidate {
    message: BatchMessage,
    clamped: bool,
    cleaning: TextCleaning,
}

impl PlannedBatch {
    fn new(plan: &ImportPlan<'_>) -> Self {
        Self {
            decisions: Vec::new(),
            last_kept: plan.last_kept,
            new: ImportBatch::new(plan.import.waiting),
            keys: Vec::new(),
        }
    }

    /// Notes that the thread has a message of the list.
    fn keep(&mut self, number: MessageNumber, sent_at: Timestamp) {
        if self.last_kept.is_none_or(|kept| kept.number < Some(number)) {
            self.last_kept = Some(Kept { number: Some(number), sent_at });
        }
    }

    /// Returns the time of the first message to store, or `None` if there is none.
    pub(crate) fn starts_at(&self) -> Option<Timestamp> {
        self.new.messages.first().map(|first| first.sent_at)
    }

    /// Takes the messages to store and their keys out of the batch.
    pub(crate) fn take_new(&mut self) -> (ImportBatch, Vec<IdempotencyKey>) {
        (mem::replace(&mut self.new, ImportBatch::new(false)), mem::take(&mut self.keys))
    }

    fn push(&mut self, plan: &ImportPlan<'_>, position: usize, candidate: Candidate) -> Decision {
        let Candidate { message, clamped, cleaning } = candidate;
        let sent_at = message.sent_at;
        self.last_kept = Some(Kept { number: None, sent_at });
        self.keys.push(plan.import.messages[position].0.clone());
        self.new.messages.push(message);
        for side in [Role::Customer, Role::Operator] {
            if let Some(at) = plan.read_at(side, position, sent_at) {
                self.new.read[side] = Some(BatchMark { messages: self.keys.len(), at });
            }
        }
        Decision::Store { clamped, cleaning }
    }
}
