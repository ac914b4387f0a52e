//! An operator's poll.

use super::context::DeskContext;
use super::conversation::Conversation;
use super::error::DeskError;
use super::event::Event;
use super::limits::MAX_POLL_CHANGES;
use super::operator_poll::{OperatorPoll, OperatorUpdate};
use super::retry::{Attempt, Latest, Operation, Step};
use crate::cursor::{OpenThread, PollCursor};
use crate::revision::Revision;
use crate::store::{Answer, Changes, Commit, ThreadState, VersionedThread};
use crate::{Role, Thread, ThreadId};

/// Reads the changes of a location after a cursor and the new messages of the open
/// conversation. Marks the new messages as read by the operators.
pub(super) struct PollLocation<'a> {
    context: &'a DeskContext,
    cursor: &'a PollCursor,
    open: Option<&'a OpenThread>,
    /// The last attempt that tried to commit a mark.
    pending: Option<Pending>,
    /// The answer of an earlier attempt, without the effect of its mark.
    unmarked: Option<OperatorUpdate>,
}

/// The state of an attempt between its reads and its commit.
struct Pending {
    changes: Answer<Changes>,
    /// The open conversation before the mark.
    conversation: Conversation,
    /// The thread of the open conversation after the mark.
    marked: Thread,
}

impl<'a> PollLocation<'a> {
    pub(super) fn new(
        context: &'a DeskContext,
        cursor: &'a PollCursor,
        open: Option<&'a OpenThread>,
    ) -> Self {
        Self { context, cursor, open, pending: None, unmarked: None }
    }

    async fn read(&mut self) -> Attempt<OperatorPoll> {
        let location = &self.cursor.location;
        // A cursor of another epoch of the host needs only the newest revision.
        let same_host_epoch = self.cursor.epoch.host == self.context.epoch;
        let since = if same_host_epoch { self.cursor.revision } else { Revision::MAX };
        let changes = self.context.store.changes(location, since, MAX_POLL_CHANGES).await?;
        let newest = changes.value.counts.revision;
        let same_epoch = self.cursor.epoch == self.context.cursor_epoch(changes.epoch);
        if !same_epoch || changes.value.more || since > newest {
            return Ok(self.start_over(&changes));
        }

        let Some(open) = self.open else { return Ok(unchanged(self.update(changes, None))) };
        let is_open = |found: &&VersionedThread| found.state.id().booking == open.booking;
        let head = match changes.value.changed.iter().find(is_open) {
            Some(found) => Some(found.clone()),
            // The screen showed the whole conversation at the cursor, and the conversation has
            // not changed since.
            None if self.cursor.open.as_ref() == Some(open) => None,
            None => {
                let id = ThreadId::new(location.clone(), open.booking.clone());
                self.context.store.thread(&id).await?.value
            }
        };
        let Some(head) = head else { return Ok(unchanged(self.update(changes, None))) };
        if head.revision > newest {
            // The conversation changed after the first read.
            return Ok(Step::Restart);
        }
        match &head.state {
            ThreadState::Live(thread) => self.read_open(changes, &head, thread).await,
            // A linked id is not the id of a conversation.
            ThreadState::Linked(_) => Ok(unchanged(self.update(changes, None))),
            ThreadState::Erased(tombstone) => {
                let mut update = self.update(changes, None);
                if !update.erased.contains(tombstone) {
                    update.erased.push(tombstone.clone());
                }
                // The next poll does not report the erasure again.
                update.cursor.open = Some(open.clone());
                Ok(unchanged(update))
            }
        }
    }

    /// Reads the new messages of the open conversation, and computes its mark.
    async fn read_open(
        &mut self,
        changes: Answer<Changes>,
        head: &VersionedThread,
        thread: &Thread,
    ) -> Attempt<OperatorPoll> {
        let shown = self.open.map(|open| open.shown).unwrap_or_default();
        if shown > thread.last_number() {
            // The screen shows a message that does not exist: a backup was restored (P7).
            return Ok(self.start_over(&changes));
        }
        let messages = self.context.after(thread, shown).await?;
        let Some(messages) = messages else { return Ok(Step::Restart) };
        let marked = thread.mark_polled(Role::Operator, &messages, self.context.now());
        let conversation = Conversation::new(thread.clone(), messages);
        let Some(marked) = marked else {
            return Ok(unchanged(self.update(changes, Some(conversation))));
        };
        let commit = Commit::new(ThreadState::Live(marked.clone()), Some(head));
        self.pending = Some(Pending { changes, conversation, marked });
        Ok(Step::Commit(commit))
    }

    /// Keeps the answer of the last attempt, in case no later attempt succeeds.
    fn keep_unmarked(&mut self) {
        if let Some(Pending { changes, conversation, .. }) = self.pending.take() {
            self.unmarked = Some(self.update(changes, Some(conversation)));
        }
    }

    fn start_over(&self, changes: &Answer<Changes>) -> Step<OperatorPoll> {
        Step::Unchanged(OperatorPoll::StartOver { cursor: self.next_cursor(changes, None) })
    }

    /// Returns the cursor from which polling continues after `changes`.
    fn next_cursor(&self, changes: &Answer<Changes>, open: Option<OpenThread>) -> PollCursor {
        let location = self.cursor.location.clone();
        let epoch = self.context.cursor_epoch(changes.epoch);
        PollCursor { location, epoch, revision: changes.value.counts.revision, open }
    }

    /// Makes the answer from the changes and the new part of the open conversation.
    fn update(
        &self,
        changes: Answer<Changes>,
        conversation: Option<Conversation>,
    ) -> OperatorUpdate {
        let open = match &conversation {
            // This answer does not reach the last message, so the next poll must read the
            // conversation again.
            Some(open) if open.open_thread().shown < open.thread.last_number() => None,
            Some(open) => Some(open.open_thread()),
            None => self.open.filter(|open| self.cursor.open.as_ref() == Some(open)).cloned(),
        };
        let mut update = OperatorUpdate {
            threads: Vec::new(),
            erased: Vec::new(),
            conversation,
            unread: changes.value.counts.unread,
            cursor: self.next_cursor(&changes, open),
        };
        for changed in changes.value.changed {
            match changed.state {
                ThreadState::Live(thread) => update.threads.push(thread),
                ThreadState::Linked(_) => {}
                ThreadState::Erased(tombstone) => update.erased.push(tombstone),
            }
        }
        update
    }
}

fn unchanged(update: OperatorUpdate) -> Step<OperatorPoll> {
    Step::Unchanged(OperatorPoll::Update(update))
}

impl Operation for PollLocation<'_> {
    type Answer = OperatorPoll;

    async fn attempt(&mut self, latest: Latest) -> Attempt<OperatorPoll> {
        if let Latest::Stored(_) = latest {
            self.keep_unmarked();
        }
        let step = self.read().await;
        // The mark of an earlier attempt may be committed, so its messages must be returned
        // now: no later poll would return them.
        if let Ok(Step::Unchanged(OperatorPoll::StartOver { .. })) = step
            && let Some(unmarked) = self.unmarked.take()
        {
            return Ok(unchanged(unmarked));
        }
        step
    }

    fn committed(&mut self, revision: Revision) -> Option<OperatorPoll> {
        let pending = self.pending.as_ref()?;
        let thread = pending.marked.clone();
        self.context.emit(&Event::MarkedRead { thread, reader: Role::Operator });
        if pending.changes.value.counts.revision.next() != Some(revision) {
            // Another commit came between the reads and the mark: read the snapshot after it.
            self.keep_unmarked();
            return None;
        }
        // No other commit came in between, so the snapshot after the mark is known.
        let Pending { mut changes, mut conversation, marked } = self.pending.take()?;
        let before = std::mem::replace(&mut conversation.thread, marked.clone());
        apply_mark(&mut changes.value, revision, &before, marked);
        Some(OperatorPoll::Update(self.update(changes, Some(conversation))))
    }

    fn give_up(&mut self, error: DeskError) -> Result<OperatorPoll, DeskError> {
        if let DeskError::Busy = error {
            self.keep_unmarked();
        }
        self.unmarked.take().map(OperatorPoll::Update).ok_or(error)
    }
}

/// Updates the changes to the state after the commit that marked the thread `before` as read.
fn apply_mark(changes: &mut Changes, revision: Revision, before: &Thread, marked: Thread) {
    if before.is_unread_by(Role::Operator) && !marked.is_unread_by(Role::Operator) {
        changes.counts.unread = changes.counts.unread.saturating_sub(1);
    }
    changes.counts.revision = revision;
    changes.changed.retain(|changed| changed.state.id() != marked.id());
    changes.changed.push(VersionedThread::new(revision, ThreadState::Live(marked)));
}
