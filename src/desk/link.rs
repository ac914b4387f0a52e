//! Linking a booking to the thread of another booking (I2).

use super::context::DeskContext;
use super::error::DeskError;
use super::event::Event;
use super::limits::MAX_ATTEMPTS;
use super::use_case::UseCase;
use crate::store::{Answer, Commit, CommitOutcome, Epoch, ThreadState};
use crate::{Booking, BookingId, Link, LocationId, Thread, ThreadId};

/// A booking that is to reach the thread of another booking.
pub(super) struct LinkBooking<'a> {
    pub(super) context: &'a DeskContext,
    pub(super) location: &'a LocationId,
    /// The booking of the thread, or a booking that is linked to the thread.
    pub(super) existing: &'a BookingId,
    pub(super) booking: &'a Booking,
}

impl LinkBooking<'_> {
    /// Writes the link, and then the thread with the snapshot of the booking. Repeating the call
    /// finishes an interrupted one.
    pub(super) async fn run(self, use_case: &UseCase) -> Result<(Thread, bool), DeskError> {
        let existing = ThreadId::new(self.location.clone(), self.existing.clone());
        let mut attempts = 0;
        let (thread, linked) = loop {
            let Answer { value: found, epoch } = self.context.find(&existing).await?;
            let found = found.map(|found| found.state);
            let Some(ThreadState::Live(thread)) = found else { return Err(DeskError::NotFound) };
            attempts += 1;
            match self.write_link(&thread.id().booking, epoch).await? {
                Some(linked) => break (thread, linked),
                None if attempts < MAX_ATTEMPTS => {}
                None => return Err(DeskError::Busy),
            }
        };
        if !linked && self.is_superseded(&thread).await? {
            return Ok((thread, false));
        }
        let (thread, updated) = self.update_thread(use_case, thread.id()).await?;
        if linked || updated {
            self.context.emit(|| {
                let (thread, booking) = (thread.clone(), self.booking.id.clone());
                Event::ThreadLinked { thread, booking }
            });
        }
        Ok((thread, linked || updated))
    }

    /// Writes the link from the booking to the thread of `target`, which was read in `epoch`.
    /// Returns `false` if the booking reaches that thread already, and `None` if the store's epoch
    /// has changed, so that the thread must be read again.
    async fn write_link(
        &self,
        target: &BookingId,
        epoch: Epoch,
    ) -> Result<Option<bool>, DeskError> {
        if self.booking.id == *target {
            return Err(DeskError::AlreadyHasThread);
        }
        let id = ThreadId::new(self.location.clone(), self.booking.id.clone());
        let link = Link::new(id, target.clone());
        let commit = Commit::new(ThreadState::Linked(link.clone()), None).with_epoch(epoch);
        let found = match self.context.store.commit(commit).await?.value {
            CommitOutcome::Committed(_) => return Ok(Some(true)),
            CommitOutcome::Conflict(None) => return Ok(None),
            CommitOutcome::Conflict(found) => found.map(|found| found.state),
            CommitOutcome::KeyTaken { .. } => None,
        };
        let is_same = found.is_some_and(|state| state == ThreadState::Linked(link));
        if is_same { Ok(Some(false)) } else { Err(DeskError::AlreadyHasThread) }
    }

    /// Returns `true` if another booking was linked to the thread after this one. Links never change,
    /// so their revisions have the order in which the bookings were linked.
    async fn is_superseded(&self, thread: &Thread) -> Result<bool, DeskError> {
        let Some(last) = thread.linked_booking().filter(|last| **last != self.booking.id) else {
            return Ok(false);
        };
        let ids = [self.booking.id.clone(), last.clone()];
        let links = self.context.store.heads(self.location, &ids).await?.value;
        Ok(matches!(&links[..], [this, last] if this.revision < last.revision))
    }

    async fn update_thread(
        &self,
        use_case: &UseCase,
        id: &ThreadId,
    ) -> Result<(Thread, bool), DeskError> {
        let update = |state: Option<&ThreadState>| {
            // The thread may have been erased in the meantime. The booking stays linked to it.
            let thread = state.and_then(ThreadState::live).ok_or(DeskError::NotFound)?;
            Ok(match thread.with_linked_booking(self.booking) {
                Some(next) => (Some(ThreadState::Live(next.clone())), (next, true)),
                None => (None, (thread.clone(), false)),
            })
        };
        self.context.update_with_retry(use_case, id, update).await
    }
}
