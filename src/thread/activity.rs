use super::head::Thread;
use crate::Timestamp;

impl Thread {
    /// Moves the time of the last activity back to `now` if that time is in the future, for example
    /// because a clock was wrong for one message (W3). Stored messages keep their times.
    ///
    /// Returns the next thread, or `None` if the time is not in the future (P6).
    ///
    /// ```
    /// use frontdesk::{Thread, Timestamp};
    /// # use frontdesk::{Booking, BookingId, LocationId};
    /// let (wrong, now): (Timestamp, Timestamp) =
    ///     ("2036-01-01T00:00:00Z".parse()?, "2027-03-15T09:00:00Z".parse()?);
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// let thread = Thread::start(LocationId::new("harbour")?, booking, wrong);
    /// let moved = thread.limit_activity(now).expect("the time is in the future");
    /// assert_eq!(moved.active_at(), now);
    /// assert!(moved.limit_activity(now).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn limit_activity(&self, now: Timestamp) -> Option<Self> {
        if self.active_at() <= now {
            return None;
        }
        Some(self.with(|head| {
            head.created_at = head.created_at.min(now);
            head.waiting_since = head.waiting_since.map(|since| since.min(now));
            if let Some(last) = &mut head.last {
                last.sent_at = now;
            }
        }))
    }
}
