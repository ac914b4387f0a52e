//! Importing a thread of another system (I5).

use std::mem;

use super::context::DeskContext;
use super::error::DeskError;
use super::retry::{Attempt, Latest, Operation, Step};
use super::use_case::UseCase;
use crate::import::{ImportLimits, ImportPlan, Imported, PlannedBatch, ThreadImport};
use crate::revision::Revision;
use crate::store::{
    Commit, KeyQuery, MAX_COMMIT_MESSAGES, MAX_COMMIT_TEXT_BYTES, NewMessage, NewMessages,
    StoreError, ThreadState, VersionedThread,
};
use crate::{Message, Thread, ThreadId, Timestamp};

/// Imports messages into one thread, one commit for each batch. Each batch is one [`Operation`].
pub(super) struct ImportThread<'a> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    import: &'a ThreadImport,
    plan: ImportPlan<'a>,
    known: Known,
    /// `true` after the first lookup of keys.
    has_looked_up: bool,
    /// `true` if the next lookup is of all keys.
    look_up_all: bool,
    /// The batch of the last attempt, the thread after it, and the batch's messages.
    pending: Option<(PlannedBatch, Thread, Vec<Message>)>,
    /// The thread after the last batch.
    thread: Option<Thread>,
}

/// The state of the thread, as far as the next attempt can know it without a read.
enum Known {
    /// The booking has no thread yet, as in most imports. If it has one, the commit reports a
    /// conflict.
    Nothing,
    /// The last batch wrote this state.
    Committed(VersionedThread),
    /// The state must be read.
    Unknown,
}

impl<'a> ImportThread<'a> {
    pub(super) fn new(
        context: &'a DeskContext,
        id: &'a ThreadId,
        import: &'a ThreadImport,
    ) -> Self {
        let limits = ImportLimits {
            body_chars: context.max_body_chars,
            batch_messages: MAX_COMMIT_MESSAGES,
            batch_bytes: MAX_COMMIT_TEXT_BYTES,
            now: context.now(),
        };
        Self {
            context,
            id,
            import,
            plan: ImportPlan::new(import, limits),
            known: Known::Nothing,
            has_looked_up: false,
            look_up_all: false,
            pending: None,
            thread: None,
        }
    }

    /// Stores batch after batch, until every message of the list is stored or refused.
    pub(super) async fn run(mut self, use_case: &UseCase) -> Result<Imported, DeskError> {
        loop {
            self.context.run_with_retry(use_case, &mut self).await?;
            if self.plan.is_done() {
                return Ok(self.plan.answer(self.thread.as_ref()));
            }
        }
    }

    /// Returns the stored thread, or `None` if the import starts or restarts the thread.
    fn live_thread(&self, found: Option<&VersionedThread>) -> Result<Option<Thread>, DeskError> {
        let thread = found.and_then(|found| found.state.live());
        let is_erased = found.is_some_and(|found| matches!(found.state, ThreadState::Erased(_)));
        if self.plan.was_erased(thread) || (is_erased && !self.import.restart_erased) {
            return Err(DeskError::ThreadErased);
        }
        Ok(thread.cloned())
    }

    /// Starts the thread at the time of its first message.
    fn start(&self, found: Option<&VersionedThread>, at: Timestamp) -> Result<Thread, DeskError> {
        let booking = self.import.booking.clone();
        match found.map(|found| &found.state) {
            Some(ThreadState::Erased(tombstone)) => Ok(tombstone.restart(booking, at)?),
            _ => Ok(Thread::start(self.id.location.clone(), booking, at)),
        }
    }

    /// Finds the messages of the list that are stored already. Returns `false` if the thread changed
    /// after it was read.
    async fn find_stored(&mut self, thread: &Thread) -> Result<bool, StoreError> {
        self.has_looked_up = true;
        for (position, key, new) in self.plan.possibly_stored(thread, self.look_up_all) {
            let query = KeyQuery::new(thread.id(), &new.author, key);
            let Some(stored) = self.context.store.message_by_key(&query).await?.value else {
                continue;
            };
            if !thread.has_message(stored.message.number()) {
                return Ok(false);
            }
            self.plan.add_stored(position, stored.message);
        }
        Ok(true)
    }
}

impl Operation for ImportThread<'_> {
    type Answer = ();

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<()> {
        let known = mem::replace(&mut self.known, Known::Unknown);
        let is_assumed = matches!(known, Known::Nothing);
        let found = match known {
            Known::Nothing => None,
            Known::Committed(found) => Some(found),
            Known::Unknown => {
                let found = latest.or_read(self.context, self.id).await?;
                if let Some(thread) = self.live_thread(found.as_ref())? {
                    let is_current = self.find_stored(&thread).await?;
                    if !is_current {
                        return Ok(Step::Restart);
                    }
                }
                found
            }
        };
        let thread = self.live_thread(found.as_ref())?;
        let mut batch = self.plan.next_batch(thread.as_ref()).map_err(DeskError::ImportOutOfOrder)?;
        let Some(first) = batch.starts_at() else {
            if is_assumed {
                return Ok(Step::Restart);
            }
            self.plan.apply(batch, &[]);
            self.thread = thread;
            return Ok(Step::Unchanged(()));
        };
        let thread = match thread {
            Some(thread) => thread,
            None => self.start(found.as_ref(), first)?,
        };
        let (new, keys) = batch.take_new();
        let (thread, messages) = thread.import(new)?;
        let new = messages.iter().cloned().zip(keys);
        let new = new.map(|(message, key)| NewMessage::new(message, Some(key))).collect();
        let new = NewMessages::new(new).map_err(StoreError::other)?;
        let commit = Commit::new(ThreadState::Live(thread.clone()), found.as_ref());
        self.pending = Some((batch, thread, messages));
        Ok(Step::Commit(commit.with_messages(new).map_err(StoreError::other)?))
    }

    fn committed(&mut self, revision: Revision) -> Option<()> {
        let (batch, thread, messages) = self.pending.take()?;
        self.plan.apply(batch, &messages);
        let state = ThreadState::Live(thread.clone());
        self.known = Known::Committed(VersionedThread::new(revision, state));
        self.thread = Some(thread);
        Some(())
    }

    /// Makes another attempt, which looks up the keys. If a lookup did not find the used key, the
    /// stored message has an earlier time than the message of the list, and the next lookup is of all
    /// keys.
    async fn key_taken(&mut self, _: Message) -> Result<Option<()>, DeskError> {
        self.look_up_all = self.has_looked_up;
        Ok(None)
    }
}
