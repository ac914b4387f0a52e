//! Importing a thread of another system (I5).

use std::mem;

use super::context::DeskContext;
use super::error::DeskError;
use super::retry::{Attempt, Latest, Operation, Step};
use super::use_case::UseCase;
use crate::import::{ImportLimits, ImportPlan, Imported, PlannedBatch, ThreadImport};
use crate::revision::Revision;
use crate::store::{
    Answer, Commit, KeyQuery, MAX_COMMIT_MESSAGES, MAX_COMMIT_TEXT_BYTES, NewMessage, NewMessages,
    StoreError, ThreadState, VersionedThread,
};
use crate::{Message, Thread, ThreadId, Timestamp};

/// Imports messages into one thread, one commit for each batch. Each batch is one [`Operation`].
pub(super) struct ImportThread<'a> {
    context: &'a DeskContext,
    id: &'a ThreadId,
    import: &'a ThreadImport,
    plan: ImportPlan<'a>,
    /// `true` if the next attempt assumes that the booking has no thread yet, as in most imports, and
    /// saves a read. If the booking has one, the commit reports a conflict.
    assumes_new: bool,
    /// `true` if the next attempt looks up the keys of the list. One lookup is enough, unless another
    /// call imports the same list at the same time.
    look_up_keys: bool,
    /// The batch of the last attempt, the thread after it, and the batch's messages.
    pending: Option<(PlannedBatch, Thread, Vec<Message>)>,
    /// The thread after the last batch.
    thread: Option<Thread>,
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
            assumes_new: true,
            look_up_keys: true,
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
        if thread.last_message().is_none() {
            return Ok(true);
        }
        for (position, key, new) in self.plan.undecided() {
            let query = KeyQuery::new(thread.id(), &new.author, key);
            let Some(stored) = self.context.store.message_by_key(&query).await?.value else {
                continue;
            };
            if !thread.has_message(stored.message.number()) {
                return Ok(false);
            }
            self.plan.add_stored(position, stored.message);
        }
        self.look_up_keys = false;
        Ok(true)
    }
}

impl Operation for ImportThread<'_> {
    type Answer = ();

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<()> {
        let is_assumed = mem::take(&mut self.assumes_new);
        let mut has_looked_up = false;
        let (found, epoch) = if is_assumed {
            (None, None)
        } else {
            let Answer { value: found, epoch } = latest.or_read(self.context, self.id).await?;
            let thread = self.live_thread(found.as_ref())?;
            if let Some(thread) = thread.filter(|_| self.look_up_keys) {
                let is_current = self.find_stored(&thread).await?;
                if !is_current {
                    return Ok(Step::Restart);
                }
                has_looked_up = true;
            }
            (found, Some(epoch))
        };
        let thread = self.live_thread(found.as_ref())?;
        let mut batch = match self.plan.next_batch(thread.as_ref()) {
            Ok(batch) => batch,
            // The thread's last message can be one of the list, which another call has stored.
            Err(_) if !has_looked_up => {
                self.look_up_keys = true;
                return Ok(Step::Restart);
            }
            Err(refused) => return Err(DeskError::ImportOutOfOrder(refused)),
        };
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
        Ok(Step::Commit(commit.with_messages(new).map_err(StoreError::other)?, epoch))
    }

    fn committed(&mut self, _: Revision) -> Option<()> {
        let (batch, thread, messages) = self.pending.take()?;
        self.plan.apply(batch, &messages);
        // The thread was new, or its keys were looked up. If another call stores a message of the
        // list now, the next commit reports its key.
        self.look_up_keys = false;
        self.thread = Some(thread);
        Some(())
    }

    /// Makes another attempt, which looks up the keys.
    async fn key_taken(&mut self, _: Message) -> Result<Option<()>, DeskError> {
        self.look_up_keys = true;
        Ok(None)
    }
}
