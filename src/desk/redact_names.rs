//! Removing an author's name from all threads of a location (A2).

use super::context::DeskContext;
use super::error::DeskError;
use super::read::check_limit;
use super::redact::RedactAuthor;
use super::redacted_names::RedactedNames;
use super::use_case::UseCase;
use crate::cursor::{CursorError, PollCursor};
use crate::revision::Revision;
use crate::store::{Changes, ThreadState};
use crate::{LocationId, Participant, ThreadId};

pub(super) struct RedactNames<'a> {
    pub(super) context: &'a DeskContext,
    pub(super) location: &'a LocationId,
    pub(super) author: &'a Participant,
}

impl RedactNames<'_> {
    /// Checks the next `limit` threads of the change feed. The feed contains each thread once, and a
    /// thread that changes moves to its end. So the steps miss no thread that changes meanwhile.
    pub(super) async fn run(
        &self,
        use_case: &UseCase,
        after: Option<&PollCursor>,
        limit: usize,
    ) -> Result<RedactedNames, DeskError> {
        check_limit(limit)?;
        if after.is_some_and(|cursor| cursor.location != *self.location) {
            return Err(CursorError::WrongLocation.into());
        }
        let since = after.map_or(Revision::ZERO, |cursor| cursor.revision);
        let mut answer = self.context.store.changes(self.location, since, limit).await?;
        let epoch = self.context.cursor_epoch(answer.epoch);
        let is_ahead = since > answer.value.counts.revision;
        if is_ahead || after.is_some_and(|cursor| cursor.epoch != epoch) {
            // The revisions of the cursor mean other commits (P7), so the job begins again.
            answer = self.context.store.changes(self.location, Revision::ZERO, limit).await?;
        }
        let Changes { changed, more, .. } = answer.value;
        let last = changed.last().map(|last| last.revision).filter(|_| more);
        let mut threads = 0;
        for state in changed.into_iter().map(|changed| changed.state) {
            if let ThreadState::Live(thread) = state {
                threads += usize::from(self.redact(use_case, thread.id()).await?);
            }
        }
        let location = self.location.clone();
        let next = last.map(|revision| PollCursor { location, epoch, revision, open: None });
        Ok(RedactedNames { threads, next })
    }

    /// Removes the name from a thread. Returns `true` if a message had the name.
    async fn redact(&self, use_case: &UseCase, id: &ThreadId) -> Result<bool, DeskError> {
        let Participant { role, id: author, .. } = self.author;
        let mut redact = RedactAuthor::new(self.context, id, *role, author);
        let mut changed = false;
        while self.context.run_with_retry(use_case, &mut redact).await? {
            changed = true;
        }
        Ok(changed)
    }
}
