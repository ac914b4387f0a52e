use std::sync::Arc;

use super::head::Thread;
use crate::BookingPatch;

impl Thread {
    /// Changes the thread's snapshot of its booking. Returns `None` if the patch changes nothing,
    /// is for another booking, or has a lower version than the snapshot (L5, P6).
    ///
    /// ```
    /// use frontdesk::{BookingPatch, BookingStatus, Thread};
    /// # use frontdesk::{Booking, BookingId, LocationId, Timestamp};
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let thread = Thread::start(LocationId::new("harbour")?, booking, Timestamp::UNIX_EPOCH);
    ///
    /// let id = thread.booking().id.clone();
    /// let patch = BookingPatch::new(id).with_status(BookingStatus::Confirmed);
    /// let next = thread.update_booking(&patch).expect("the status changed");
    /// assert_eq!(next.booking().status, BookingStatus::Confirmed);
    /// assert!(next.update_booking(&patch).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update_booking(&self, patch: &BookingPatch) -> Option<Self> {
        let booking = patch.apply_to(self.booking())?;
        Some(self.with(|head| head.booking = Arc::new(booking)))
    }
}
