//! Reads that several use cases share.

use super::context::DeskContext;
use super::error::DeskError;
use super::limits::{CONTEXT_MESSAGES, MAX_PAGE};
use super::page::{InboxPage, PageRequest};
use crate::epoch::Epoch;
use crate::store::{
    Answer, MessageQuery, StoreError, StoreResult, ThreadQuery, ThreadState, VersionedThread,
};
use crate::{BookingId, LocationId, Message, MessageNumber, Role, Thread, ThreadId};

/// A conversation as the store returned it.
pub(super) enum Found {
    /// A thread and the messages that were asked for.
    Live(Thread, Excerpt),
    /// There is no thread.
    Gone {
        /// The id that was asked for or, if that id is linked, the id of the erased thread.
        id: ThreadId,
        /// The last message number that was used under the id.
        last: MessageNumber,
    },
}

/// Some messages of a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The messages, oldest first, without gaps.
    pub(super) messages: Vec<Message>,
    /// The messages that were redacted since a poll's cursor or open thread was made (T9).
    pub(super) redacted: Vec<Message>,
    /// The number of redacted messages that a screen knows after this answer.
    pub(super) redactions: u32,
    /// The first unread message of the other side, as of before this answer (U3).
    pub(super) first_unread: Option<MessageNumber>,
}

/// The part of a conversation that a screen shows already.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// The last number up to which the screen shows every message.
    pub(super) number: MessageNumber,
    /// The number of redacted messages that the screen knows.
    pub(super) redactions: u32,
}

/// Returns the last message number that was used under an id. If the thread is started again, its
/// numbers continue after this number.
pub(super) fn last_number(state: Option<&ThreadState>) -> MessageNumber {
    state.map_or(MessageNumber::START, ThreadState::last_number)
}

/// Returns [`Found::Gone`] for an id without a thread.
pub(super) fn gone(id: &ThreadId, state: Option<&ThreadState>) -> Found {
    let id = state.map_or(id, ThreadState::id).clone();
    Found::Gone { id, last: last_number(state) }
}

pub(super) fn check_limit(limit: usize) -> Result<(), DeskError> {
    if (1..=MAX_PAGE).contains(&limit) { Ok(()) } else { Err(DeskError::PageLimit { limit }) }
}

/// Returns the number of messages of `thread` after the number `after`.
fn count_after(thread: &Thread, after: MessageNumber) -> usize {
    let after = after.max(thread.first_number().previous());
    thread.last_number().get().saturating_sub(after.get()) as usize
}

impl DeskContext {
    /// Reads the state of an id. If the id is linked, reads the state of the thread to which the
    /// link leads (I2). Links never lead to links.
    pub(super) async fn find(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let Answer { value, epoch, .. } = self.store.thread(id).await?;
        Ok(Answer::new(self.follow(value).await?, epoch))
    }

    /// Returns `found`, or the state of the thread to which `found` is linked.
    pub(super) async fn follow(
        &self,
        found: Option<VersionedThread>,
    ) -> Result<Option<VersionedThread>, StoreError> {
        match found.as_ref().map(|found| &found.state) {
            Some(ThreadState::Linked(link)) => {
                let location = link.id.location.clone();
                let target = ThreadId::new(location, link.target.clone());
                Ok(Box::pin(async move { self.store.thread(&target).await }).await?.value)
            }
            _ => Ok(found),
        }
    }

    /// Reads the states of up to [`MAX_HEADS`](crate::store::MAX_HEADS) ids, in the order of the
    /// ids, and follows links.
    pub(super) async fn find_all(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> Result<Vec<ThreadState>, StoreError> {
        let heads = self.store.heads(location, bookings).await?.value;
        let target = |state: &ThreadState| match state {
            ThreadState::Linked(link) => Some(link.target.clone()),
            ThreadState::Live(_) | ThreadState::Erased(_) => None,
        };
        let targets: Vec<_> = heads.iter().filter_map(|found| target(&found.state)).collect();
        let linked = if targets.is_empty() {
            Vec::new()
        } else {
            self.store.heads(location, &targets).await?.value
        };
        let mut linked = linked.into_iter();
        let states = heads.into_iter().map(|found| match found.state {
            ThreadState::Linked(_) => linked.next().map(|found| found.state),
            state => Some(state),
        });
        Ok(states.flatten().collect())
    }

    /// Reads at most `limit` messages: those before the number `before`, or the newest if `before`
    /// is `None`. Moves no read mark.
    pub(super) async fn history(
        &self,
        id: &ThreadId,
        reader: Role,
        before: Option<MessageNumber>,
        limit: usize,
    ) -> Result<(Found, Epoch), DeskError> {
        check_limit(limit)?;
        let Answer { value, epoch, .. } = self.find(id).await?;
        let found = value.map(|found| found.state);
        let Some(ThreadState::Live(thread)) = found else {
            return Ok((gone(id, found.as_ref()), epoch));
        };
        let last = before.map_or(thread.last_number(), MessageNumber::previous);
        let messages = self.newest(&thread, last.min(thread.last_number()), limit).await?;
        let excerpt = self.excerpt(&thread, reader, messages).await?;
        Ok((Found::Live(thread, excerpt), epoch))
    }

    /// Reads the page that opening a conversation returns: the newest messages, or a page that
    /// begins before the first unread message if a page of newest messages would not contain every
    /// unread message (U3). Returns `None` if the stored messages do not match `thread`, because the
    /// thread was erased after `thread` was read.
    pub(super) async fn opening_page(
        &self,
        thread: &Thread,
        reader: Role,
    ) -> Result<Option<Excerpt>, StoreError> {
        let mark = thread.mark(reader).number();
        let fits_page = !thread.is_unread_by(reader) || count_after(thread, mark) <= MAX_PAGE;
        let messages = if fits_page {
            let messages = self.newest(thread, thread.last_number(), MAX_PAGE).await?;
            let last = messages.last().map_or(thread.first_number().previous(), Message::number);
            (last == thread.last_number()).then_some(messages)
        } else {
            let first_unread = self.first_by(thread, reader.opposite(), mark).await?;
            let first_unread = first_unread.map_or(thread.last_number(), |found| found.number());
            let before = first_unread.get().saturating_sub(CONTEXT_MESSAGES + 1);
            let before = MessageNumber::new(before).unwrap_or_default();
            self.after(thread, before, MAX_PAGE).await?
        };
        let Some(messages) = messages else { return Ok(None) };
        let redactions = thread.redactions();
        Ok(Some(Excerpt { redactions, ..self.excerpt(thread, reader, messages).await? }))
    }

    /// Reads the messages that a screen does not show yet, at most a page, and the messages that
    /// were redacted since then. Returns `None` if the stored messages do not match `thread`,
    /// because the thread was erased after `thread` was read.
    pub(super) async fn unseen(
        &self,
        thread: &Thread,
        reader: Role,
        shown: Shown,
    ) -> Result<Option<Excerpt>, StoreError> {
        let Some(messages) = self.after(thread, shown.number, MAX_PAGE).await? else {
            return Ok(None);
        };
        // A screen that shows only an erased generation knows no redaction of this one.
        let is_same_generation = shown.number >= thread.first_number();
        let known = if is_same_generation { shown.redactions } else { 0 };
        let count = thread.redactions().saturating_sub(known);
        let limit = MAX_PAGE.min(count as usize);
        let mut redacted = Vec::new();
        if limit > 0 {
            redacted =
                self.messages(&MessageQuery::redacted_after(thread.id(), known, limit)).await?;
            if redacted.len() < limit {
                return Ok(None);
            }
        }
        let redactions = redacted.last().and_then(Message::redaction).unwrap_or(known);
        // The answer contains these messages without their texts already.
        redacted.retain(|message| message.number() <= shown.number);
        let excerpt = self.excerpt(thread, reader, messages).await?;
        Ok(Some(Excerpt { redacted, redactions, ..excerpt }))
    }

    /// Finds the first unread message, and makes the excerpt.
    pub(super) async fn excerpt(
        &self,
        thread: &Thread,
        reader: Role,
        messages: Vec<Message>,
    ) -> Result<Excerpt, StoreError> {
        let first_unread = self.first_unread(thread, reader, &messages).await?;
        Ok(Excerpt { messages, first_unread, ..Excerpt::default() })
    }

    /// Finds the first message of the other side after the read mark of `reader`. Reads it from the
    /// store only if `messages` begins after the mark.
    async fn first_unread(
        &self,
        thread: &Thread,
        reader: Role,
        messages: &[Message],
    ) -> Result<Option<MessageNumber>, StoreError> {
        if !thread.is_unread_by(reader) {
            return Ok(None);
        }
        let mark = thread.mark(reader).number().max(thread.first_number().previous());
        let has_next = messages.first().is_some_and(|first| first.number().previous() <= mark);
        let is_unread = |message: &&Message| message.number() > mark && message.role() != reader;
        if has_next && let Some(found) = messages.iter().find(is_unread) {
            return Ok(Some(found.number()));
        }
        let found = self.first_by(thread, reader.opposite(), mark).await?;
        Ok(found.map(|message| message.number()))
    }

    /// Reads the first message of `thread` that a role wrote after the number `after`.
    pub(super) async fn first_by(
        &self,
        thread: &Thread,
        role: Role,
        mut after: MessageNumber,
    ) -> Result<Option<Message>, StoreError> {
        while let Some(messages) = self.after(thread, after, MAX_PAGE).await? {
            let Some(last) = messages.last().map(Message::number) else { break };
            if let Some(found) = messages.into_iter().find(|message| message.role() == role) {
                return Ok(Some(found));
            }
            after = last;
        }
        Ok(None)
    }

    /// Reads the newest messages of `thread` up to `last`, oldest first.
    async fn newest(
        &self,
        thread: &Thread,
        last: MessageNumber,
        limit: usize,
    ) -> Result<Vec<Message>, StoreError> {
        let range = thread.first_number()..=last;
        let query = MessageQuery::newest_first(thread.id(), range, limit);
        let mut messages = self.messages(&query).await?;
        messages.reverse();
        Ok(messages)
    }

    /// Reads the messages after the number `after`, at most `limit`, oldest first. Returns `None` if
    /// the stored messages do not match `thread`, because the thread was erased after `thread` was
    /// read.
    pub(super) async fn after(
        &self,
        thread: &Thread,
        after: MessageNumber,
        limit: usize,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        let expected = count_after(thread, after).min(limit);
        let after = after.max(thread.first_number().previous());
        let Some(first) = after.next().filter(|_| expected > 0) else {
            return Ok(Some(Vec::new()));
        };
        let range = first..=thread.last_number();
        let query = MessageQuery::oldest_first(thread.id(), range, limit);
        let messages = self.messages(&query).await?;
        Ok((messages.len() == expected).then_some(messages))
    }

    /// Reads the message with a number.
    pub(super) async fn message(
        &self,
        id: &ThreadId,
        number: MessageNumber,
    ) -> Result<Option<Message>, StoreError> {
        Ok(self.messages(&MessageQuery::one(id, number)).await?.pop())
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> Result<Vec<Message>, StoreError> {
        let stored = self.store.messages(query).await?.value;
        Ok(stored.into_iter().map(|stored| stored.message).collect())
    }

    /// Reads a page of a location's threads.
    pub(super) async fn page(
        &self,
        location: &LocationId,
        request: &PageRequest,
    ) -> Result<InboxPage, DeskError> {
        check_limit(request.limit)?;
        let list = request.list(location)?;
        // The query asks for one thread more than the limit, to find out if there is a next page.
        let query = ThreadQuery::new(location, list, request.limit + 1);
        let Answer { value, epoch, .. } = self.store.threads(&query).await?;
        Ok(request.answer(location, self.cursor_epoch(epoch), value))
    }
}
