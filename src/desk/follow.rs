//! Following the events of a location (P5).
//!
//! The change feed contains the latest head of each changed thread. A message that was posted before
//! another change of its thread is not in the feed, so a follower reads the messages of each changed
//! thread that are newer than its cursor. A thread that changes while a follower catches up moves to
//! the end of the feed, past heads that the follower has processed. For this reason the cursor has
//! two revisions: the position in the feed, and the revision up to which the follower has every
//! message. The second one moves only when the follower reaches the end of the feed.

use super::context::DeskContext;
use super::error::DeskError;
use super::feed_event::FeedEvent;
use super::follow_answer::{EventPage, FollowAnswer};
use super::read::check_limit;
use crate::cursor::{CursorError, FollowCursor, UnfinishedThread};
use crate::revision::Revision;
use crate::store::{Answer, MessageQuery, StoreError, StoredMessage, ThreadState, VersionedThread};
use crate::{LocationId, MessageNumber, Thread, ThreadId, Tombstone};

/// The number of messages in the first read of a changed thread. Most changes bring one message or
/// none, and the message before them shows that nothing older is new.
const FIRST_READ: usize = 4;

/// One step of a follower: at most `limit` events after a cursor.
pub(super) struct FollowLocation<'a> {
    context: &'a DeskContext,
    limit: usize,
    /// The messages of commits up to this revision were delivered before this step.
    known: Revision,
    cursor: FollowCursor,
    events: Vec<FeedEvent>,
}

impl<'a> FollowLocation<'a> {
    pub(super) async fn run(
        context: &'a DeskContext,
        location: &LocationId,
        cursor: Option<&FollowCursor>,
        limit: usize,
    ) -> Result<FollowAnswer, DeskError> {
        check_limit(limit)?;
        if cursor.is_some_and(|cursor| cursor.location != *location) {
            return Err(CursorError::WrongLocation.into());
        }
        let unfinished = cursor.and_then(|cursor| cursor.unfinished.clone());
        let since = cursor.map_or(Revision::MAX, |cursor| cursor.position);
        let heads = if unfinished.is_some() { 0 } else { limit };
        let Answer { value: changes, epoch, .. } =
            context.store.changes(location, since, heads).await?;
        let epoch = context.cursor_epoch(epoch);
        let newest = changes.counts.revision;
        let can_continue = |cursor: &&FollowCursor| cursor.epoch == epoch && since <= newest;
        let Some(cursor) = cursor.filter(can_continue) else {
            let at = |revision| FollowCursor::at(location.clone(), epoch, revision);
            return Ok(FollowAnswer::StartOver { oldest: at(Revision::ZERO), newest: at(newest) });
        };
        let (known, cursor) = (cursor.complete, cursor.clone());
        let mut step = Self { context, limit, known, cursor, events: Vec::new() };
        let mut more = changes.more;
        if let Some(unfinished) = unfinished {
            step.resume(unfinished).await?;
        } else {
            for changed in changes.changed {
                if step.room() == 0 {
                    more = true;
                    break;
                }
                step.add(changed).await?;
            }
            if !more {
                step.reach_end(newest);
            }
        }
        let Self { cursor, events, .. } = step;
        let more = more || cursor.unfinished.is_some();
        Ok(FollowAnswer::Events(EventPage::new(events, cursor, more)))
    }

    fn room(&self) -> usize {
        self.limit - self.events.len()
    }

    /// Moves the cursor to the end of the feed. The changes were read in one snapshot, so every
    /// message up to its newest revision belongs to a thread that was processed.
    fn reach_end(&mut self, newest: Revision) {
        self.cursor.complete = newest;
        if self.cursor.unfinished.is_none() {
            self.cursor.position = newest;
        }
    }

    /// Adds the events of a changed head, and moves the cursor to it.
    async fn add(&mut self, changed: VersionedThread) -> Result<(), StoreError> {
        let VersionedThread { revision, state } = changed;
        self.cursor.position = revision;
        match state {
            ThreadState::Live(thread) => self.add_thread(&thread, revision).await,
            // The thread to which a booking is linked changes as well.
            ThreadState::Linked(_) => Ok(()),
            ThreadState::Erased(tombstone) => {
                self.events.push(FeedEvent::erasure(tombstone, revision));
                Ok(())
            }
        }
    }

    async fn add_thread(&mut self, thread: &Thread, revision: Revision) -> Result<(), StoreError> {
        // A missing message means that the thread was erased after the feed was read. The feed
        // brings the tombstone later.
        let Some(after) = self.last_known(thread).await? else { return Ok(()) };
        let before_first = thread.first_number().previous();
        if after == before_first && before_first > MessageNumber::START {
            // The thread was erased and started again. The feed contains no tombstone anymore.
            let tombstone = Tombstone::new(thread.id().clone(), before_first);
            self.events.push(FeedEvent::erasure(tombstone, revision));
        }
        let (booking, last) = (thread.id().booking.clone(), thread.last_number());
        self.add_messages(thread, revision, UnfinishedThread { booking, after, last }).await
    }

    /// Continues with the thread whose messages did not fit the last answer.
    async fn resume(&mut self, unfinished: UnfinishedThread) -> Result<(), StoreError> {
        self.cursor.unfinished = None;
        let id = ThreadId::new(self.cursor.location.clone(), unfinished.booking.clone());
        match self.context.store.thread(&id).await?.value {
            Some(VersionedThread { revision, state: ThreadState::Live(thread), .. }) => {
                self.add_messages(&thread, revision, unfinished).await
            }
            // The thread was erased. The feed brings the tombstone later.
            _ => Ok(()),
        }
    }

    /// Adds the messages that are left, and then the change of the thread, unless its last message is
    /// the change. `revision` is the revision of `thread`.
    async fn add_messages(
        &mut self,
        thread: &Thread,
        revision: Revision,
        left: UnfinishedThread,
    ) -> Result<(), StoreError> {
        let UnfinishedThread { booking, mut after, last } = left;
        let mut is_message = false;
        if after < last {
            let messages = self.read(thread, after, last, self.room()).await?;
            let Some(messages) = messages else { return Ok(()) };
            for stored in messages {
                after = stored.message.number();
                is_message = stored.revision == self.cursor.position;
                self.events.push(FeedEvent::message(thread.clone(), stored));
            }
        }
        // If the thread has changed since the feed was read, the feed brings the change later.
        let is_change = !is_message && revision == self.cursor.position;
        if after < last || is_change && self.room() == 0 {
            self.cursor.unfinished = Some(UnfinishedThread { booking, after, last });
        } else if is_change {
            self.events.push(FeedEvent::change(thread.clone(), revision));
        }
        Ok(())
    }

    /// Returns the number of the last message that the follower knows, or the number before the
    /// first message. Returns `None` if the stored messages do not match `thread`, because the thread
    /// was erased after `thread` was read.
    async fn last_known(&self, thread: &Thread) -> Result<Option<MessageNumber>, StoreError> {
        let (before_first, last) = (thread.first_number().previous(), thread.last_number());
        if self.known == Revision::ZERO || last == before_first {
            return Ok(Some(before_first));
        }
        let range = thread.first_number()..=last;
        let query = MessageQuery::newest_first(thread.id(), range, FIRST_READ);
        let newest = self.context.store.messages(&query).await?.value;
        if newest.first().is_none_or(|stored| stored.message.number() != last) {
            return Ok(None);
        }
        if let Some(known) = newest.iter().find(|stored| self.is_known(stored)) {
            return Ok(Some(known.message.number()));
        }
        // The first unknown message is between these two numbers.
        let mut known = before_first;
        let mut unknown = newest.last().map_or(last, |stored| stored.message.number());
        while known.next().is_some_and(|next| next < unknown) {
            let middle = known.get() + (unknown.get() - known.get()) / 2;
            let middle = MessageNumber::new(middle).unwrap_or(unknown);
            let query = MessageQuery::one(thread.id(), middle);
            match self.context.store.messages(&query).await?.value.pop() {
                Some(stored) if self.is_known(&stored) => known = middle,
                Some(_) => unknown = middle,
                None => return Ok(None),
            }
        }
        Ok(Some(known))
    }

    fn is_known(&self, stored: &StoredMessage) -> bool {
        stored.revision <= self.known
    }

    /// Reads the first messages after the number `after` up to `last`. Returns `None` if not all of
    /// them are stored, because the thread was erased.
    async fn read(
        &self,
        thread: &Thread,
        after: MessageNumber,
        last: MessageNumber,
        limit: usize,
    ) -> Result<Option<Vec<StoredMessage>>, StoreError> {
        let count = (last.get() - after.get()) as usize;
        let first = after.next().unwrap_or(last);
        let query = MessageQuery::oldest_first(thread.id(), first..=last, limit);
        let messages = self.context.store.messages(&query).await?.value;
        Ok((messages.len() == count.min(limit)).then_some(messages))
    }
}
