//! An operator's poll.

use std::mem;

use super::context::DeskContext;
use super::conversation::Conversation;
use super::error::DeskError;
use super::event::Event;
use super::limits::MAX_POLL_CHANGES;
use super::operator_poll::{OperatorPoll, OperatorUpdate};
use super::read::Shown;
use super::retry::{Attempt, Latest, Operation, Step};
use crate::cursor::{OpenThread, PollCursor};
use crate::revision::Revision;
use crate::store::{Answer, Changes, Commit, LocationCounts, ThreadState, VersionedThread};
use crate::{Message, MessageNumber, Role, Thread, ThreadId, Tombstone};

/// Reads the changes of a location after a cursor and the new messages of the open
/// conversation. Marks the new messages as read by the operators.
pub(super) struct PollLocation<'a> {
    context: &'a DeskContext,
    cursor: &'a PollCursor,
    open: Option<&'a OpenThread>,
    /// The last attempt that tried to commit a read mark.
    pending: Option<Pending>,
    /// The answer of an earlier attempt, from the state before the read mark of that attempt.
    unmarked: Option<OperatorPoll>,
    /// The first unread message before an attempt of this poll committed a read mark.
    first_unread: Option<MessageNumber>,
}

/// The state of an attempt between its reads and its commit.
struct Pending {
    changes: Answer<Changes>,
    /// The open conversation before the mark.
    conversation: Box<Conversation>,
    /// The thread of the open conversation after the mark.
    marked: Thread,
}

impl<'a> PollLocation<'a> {
    pub(super) fn new(
        context: &'a DeskContext,
        cursor: &'a PollCursor,
        open: Option<&'a OpenThread>,
    ) -> Self {
        Self { context, cursor, open, pending: None, unmarked: None, first_unread: None }
    }

    /// Reads the new messages of the open conversation, and computes the new read mark.
    async fn read_open(
        &mut self,
        changes: Answer<Changes>,
        head: &VersionedThread,
        thread: &Thread,
    ) -> Attempt<OperatorPoll> {
        let Some(open) = self.open else { return Ok(Step::Unchanged(self.update(changes, None))) };
        let is_same_generation = thread.first_number() <= open.shown;
        if open.shown > thread.last_number()
            || is_same_generation && open.redactions > thread.redactions()
        {
            // The screen shows a message or a redaction that does not exist, because a backup was
            // restored (P7).
            return Ok(self.start_over(&changes));
        }
        let shown = Shown { number: open.shown, redactions: open.redactions };
        let excerpt = self.context.unseen(thread, Role::Operator, shown).await?;
        let Some(excerpt) = excerpt else { return Ok(Step::Restart) };
        let now = self.context.now();
        let marked = match read_to(open, &excerpt.messages) {
            ReadTo::Answer => thread.mark_polled(Role::Operator, &excerpt.messages, now),
            // If the mark was further once, somebody marked the messages as unread again.
            ReadTo::Number(read) if read > thread.mark(Role::Operator).furthest() => {
                let message = self.context.message(thread.id(), read).await?;
                let marked = message.and_then(|last| thread.mark_read(Role::Operator, &last, now));
                let unread = thread.unread(Role::Operator);
                marked.filter(|marked| marked.unread(Role::Operator) < unread)
            }
            ReadTo::Number(_) => None,
        };
        let mut conversation = Box::new(Conversation::new(thread.clone(), excerpt));
        conversation.first_unread = self.first_unread.or(conversation.first_unread);
        let Some(marked) = marked else {
            return Ok(Step::Unchanged(self.update(changes, Some(conversation))));
        };
        let commit = Commit::new(ThreadState::Live(marked.clone()), Some(head));
        let epoch = changes.epoch;
        self.pending = Some(Pending { changes, conversation, marked });
        Ok(Step::Commit(commit, Some(epoch)))
    }

    /// Keeps the answer of the last attempt, in case no later attempt succeeds.
    fn keep_unmarked(&mut self) {
        if let Some(Pending { changes, conversation, .. }) = self.pending.take() {
            let mut answer = self.update(changes, Some(conversation));
            if let OperatorPoll::Update(update) = &mut answer {
                // The mark may be missing, so the next poll decides again about what was in view.
                update.cursor.open = None;
            }
            self.unmarked = Some(answer);
        }
    }

    fn start_over(&mut self, changes: &Answer<Changes>) -> Step<OperatorPoll> {
        // An earlier attempt may have committed a read mark. The messages of that attempt must be
        // returned now, because no later poll would return them.
        let unmarked = self.unmarked.take();
        let start_over = || OperatorPoll::StartOver { cursor: self.next_cursor(changes) };
        Step::Unchanged(unmarked.unwrap_or_else(start_over))
    }

    /// Returns the cursor after `changes`, without an open conversation.
    fn next_cursor(&self, changes: &Answer<Changes>) -> PollCursor {
        let location = self.cursor.location.clone();
        let epoch = self.context.cursor_epoch(changes.epoch);
        PollCursor { location, epoch, revision: changes.value.counts.revision, open: None }
    }

    /// Makes the answer from the changes and the new part of the open conversation.
    fn update(
        &self,
        changes: Answer<Changes>,
        conversation: Option<Box<Conversation>>,
    ) -> OperatorPoll {
        let LocationCounts { unread, waiting, .. } = changes.value.counts;
        let mut cursor = self.next_cursor(&changes);
        let (mut threads, mut erased) = (Vec::new(), Vec::<Tombstone>::new());
        // Most polls find no change. For them, an iterator of an empty vector would cost 3% of the poll.
        if !changes.value.changed.is_empty() {
            for changed in changes.value.changed {
                match changed.state {
                    ThreadState::Live(thread) => threads.push(thread),
                    ThreadState::Linked(_) => {}
                    ThreadState::Erased(tombstone) => erased.push(tombstone),
                }
            }
        }
        cursor.open = match &conversation {
            // This answer does not bring everything, so the cursor omits the open conversation. The
            // next poll then reads the conversation again.
            Some(open) if !open.is_complete() => None,
            Some(open) => {
                let read = self.open.and_then(|open| open.read);
                Some(OpenThread { read, ..open.open_thread() })
            }
            // The screen shows all of the conversation, or it learns of the erasure now.
            None => {
                self.open.filter(|open| self.shows_all_of(open) || is_in(&erased, open)).cloned()
            }
        };
        let update = OperatorUpdate { threads, erased, conversation, unread, waiting, cursor };
        OperatorPoll::Update(update)
    }

    /// Returns `true` if the screen showed all of the open conversation at the cursor.
    fn shows_all_of(&self, open: &OpenThread) -> bool {
        self.cursor.open.as_ref() == Some(open)
    }
}

/// The part of the open conversation that a poll marks as read.
enum ReadTo {
    /// All messages of the answer, if the customer wrote any of them.
    Answer,
    /// The messages up to this number.
    Number(MessageNumber),
}

/// Returns the part of the open conversation that the poll marks as read (U3).
fn read_to(open: &OpenThread, messages: &[Message]) -> ReadTo {
    let Some(read) = open.read else { return ReadTo::Answer };
    let last = messages.last().map_or(open.shown, Message::number);
    ReadTo::Number(read.min(last))
}

fn is_in(erased: &[Tombstone], open: &OpenThread) -> bool {
    erased.iter().any(|tombstone| tombstone.id.booking == open.booking)
}

impl Operation for PollLocation<'_> {
    type Answer = OperatorPoll;

    async fn attempt(&mut self, latest: &mut Latest) -> Attempt<OperatorPoll> {
        if let Latest::Conflict(_) = mem::take(latest) {
            self.keep_unmarked();
        }
        let location = &self.cursor.location;
        // If the host application has changed its epoch, the poll starts over. Then the store has
        // to return only the newest revision and no changes.
        let same_host_epoch = self.cursor.epoch.host == self.context.epoch;
        let since = if same_host_epoch { self.cursor.revision } else { Revision::MAX };
        let mut changes = self.context.store.changes(location, since, MAX_POLL_CHANGES).await?;
        let newest = changes.value.counts.revision;
        let same_epoch = self.cursor.epoch == self.context.cursor_epoch(changes.epoch);
        if !same_epoch || changes.value.more || since > newest {
            return Ok(self.start_over(&changes));
        }

        let Some(open) = self.open else { return Ok(Step::Unchanged(self.update(changes, None))) };
        let is_open = |found: &&VersionedThread| found.state.id().booking == open.booking;
        let head = match changes.value.changed.iter().find(is_open) {
            Some(found) => self.context.follow(Some(found.clone())).await?,
            // The screen showed the whole conversation at the cursor, and the conversation has
            // not changed since.
            None if self.shows_all_of(open) => None,
            None => {
                let id = ThreadId::new(location.clone(), open.booking.clone());
                Box::pin(self.context.find(&id)).await?.value
            }
        };
        let Some(head) = head else { return Ok(Step::Unchanged(self.update(changes, None))) };
        if head.revision > newest {
            // The conversation changed after the first read, so both reads are made again.
            return Ok(Step::Restart);
        }
        match &head.state {
            // Boxed, because most polls do not come here and would move a larger future.
            ThreadState::Live(thread) => Box::pin(self.read_open(changes, &head, thread)).await,
            // Links never lead to links.
            ThreadState::Linked(_) => Ok(Step::Unchanged(self.update(changes, None))),
            ThreadState::Erased(_) => {
                if !changes.value.changed.contains(&head) {
                    changes.value.changed.push(head);
                }
                Ok(Step::Unchanged(self.update(changes, None)))
            }
        }
    }

    fn committed(&mut self, revision: Revision) -> Option<OperatorPoll> {
        let pending = self.pending.as_ref()?;
        self.context
            .emit(|| Event::MarkedRead { thread: pending.marked.clone(), reader: Role::Operator });
        if pending.changes.value.counts.revision.next() != Some(revision) {
            // Another commit came between the reads and the mark. Everything is read again, so that
            // the answer is one snapshot after the mark.
            self.first_unread = pending.conversation.first_unread;
            self.keep_unmarked();
            return None;
        }
        // No other commit came in between, so the snapshot after the mark is known.
        let Pending { mut changes, mut conversation, marked } = self.pending.take()?;
        let before = mem::replace(&mut conversation.thread, marked.clone());
        apply_mark(&mut changes.value, revision, &before, marked);
        Some(self.update(changes, Some(conversation)))
    }

    fn give_up(&mut self, error: DeskError) -> Result<OperatorPoll, DeskError> {
        if let DeskError::Busy = error {
            self.keep_unmarked();
        }
        self.unmarked.take().ok_or(error)
    }
}

/// Updates the changes to the state after the commit that marked a thread as read. `before` is the
/// thread before this commit, and `marked` is the thread after it.
fn apply_mark(changes: &mut Changes, revision: Revision, before: &Thread, marked: Thread) {
    if before.is_unread_by(Role::Operator) && !marked.is_unread_by(Role::Operator) {
        changes.counts.unread = changes.counts.unread.saturating_sub(1);
    }
    changes.counts.revision = revision;
    changes.changed.retain(|changed| changed.state.id() != marked.id());
    changes.changed.push(VersionedThread::new(revision, ThreadState::Live(marked)));
}
