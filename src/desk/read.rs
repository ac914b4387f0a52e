//! Reads that several use cases share.

use super::context::DeskContext;
use super::error::DeskError;
use super::limits::MAX_PAGE;
use super::page::{InboxPage, PageRequest};
use crate::epoch::Epoch;
use crate::store::{Answer, MessageQuery, StoreError, ThreadQuery, ThreadState};
use crate::{LocationId, Message, MessageNumber, Thread, ThreadId};

/// A conversation as the store returned it.
pub(super) enum Found {
    /// A thread and the messages that were asked for.
    Live(Thread, Vec<Message>),
    /// There is no thread. Contains the last message number that was used under the id.
    Gone(MessageNumber),
}

/// Returns the last message number that was used under an id. If the thread is started again, its
/// numbers continue after this number.
pub(super) fn last_number(state: Option<&ThreadState>) -> MessageNumber {
    state.map_or(MessageNumber::START, ThreadState::last_number)
}

fn check_limit(limit: usize) -> Result<(), DeskError> {
    if (1..=MAX_PAGE).contains(&limit) { Ok(()) } else { Err(DeskError::PageLimit { limit }) }
}

impl DeskContext {
    /// Reads at most `limit` messages: those before the number `before`, or the newest if `before`
    /// is `None`. Moves no read mark.
    pub(super) async fn history(
        &self,
        id: &ThreadId,
        before: Option<MessageNumber>,
        limit: usize,
    ) -> Result<(Found, Epoch), DeskError> {
        check_limit(limit)?;
        let Answer { value, epoch, .. } = self.store.thread(id).await?;
        let found = value.map(|found| found.state);
        let Some(ThreadState::Live(thread)) = found else {
            return Ok((Found::Gone(last_number(found.as_ref())), epoch));
        };
        let last = before.map_or(thread.last_number(), MessageNumber::previous);
        let messages = self.newest(&thread, last.min(thread.last_number()), limit).await?;
        Ok((Found::Live(thread, messages), epoch))
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

    /// Reads the newest page of messages, oldest first. Returns `None` if the stored messages do
    /// not match `thread`, because the thread was erased after `thread` was read.
    pub(super) async fn newest_page(
        &self,
        thread: &Thread,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        let messages = self.newest(thread, thread.last_number(), MAX_PAGE).await?;
        let last = messages.last().map_or(thread.first_number().previous(), Message::number);
        Ok((last == thread.last_number()).then_some(messages))
    }

    /// Reads the messages after the number `after`, at most a page, oldest first. Returns `None` if
    /// the stored messages do not match `thread`, because the thread was erased after `thread` was
    /// read.
    pub(super) async fn after(
        &self,
        thread: &Thread,
        after: MessageNumber,
    ) -> Result<Option<Vec<Message>>, StoreError> {
        let after = after.max(thread.first_number().previous());
        let expected = thread.last_number().get().saturating_sub(after.get());
        let Some(first) = after.next().filter(|_| expected > 0) else {
            return Ok(Some(Vec::new()));
        };
        let range = first..=thread.last_number();
        let query = MessageQuery::oldest_first(thread.id(), range, MAX_PAGE);
        let messages = self.messages(&query).await?;
        let fits = messages.len() == (expected as usize).min(MAX_PAGE);
        Ok(fits.then_some(messages))
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
