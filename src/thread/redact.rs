use super::head::Thread;
use crate::Message;

impl Thread {
    /// Redacts `message`: removes its text for good (T9).
    ///
    /// Returns the next thread, whose [`redactions`](Self::redactions) is the message's position
    /// among the redacted messages. A store removes the text. The counts, the marks and the wait of
    /// the thread stay. Returns `None` if the message is redacted already, or if the thread does
    /// not contain the message (P6).
    ///
    /// ```
    /// use frontdesk::{Post, Thread};
    /// # use frontdesk::{Booking, BookingId, LocationId, MessageBody, Participant};
    /// # use frontdesk::{ParticipantId, Timestamp};
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
    /// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
    /// # let ann = Participant::customer(ParticipantId::new("c-9")?, None);
    /// # let hello = MessageBody::new("Hello!")?;
    /// let posted = thread.post(Post::new(ann, hello, now))?;
    /// let thread = posted.thread.redact(&posted.message).expect("the message has a text");
    /// assert_eq!((thread.redactions(), thread.message_count()), (1, 1));
    /// assert_eq!(thread.last_message().unwrap().preview, None);
    ///
    /// let redacted = posted.message.redacted(thread.redactions());
    /// assert!(thread.redact(&redacted).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn redact(&self, message: &Message) -> Option<Self> {
        let has_message = self.covered_by(message.role(), message).is_some();
        if !has_message || message.redaction().is_some() {
            return None;
        }
        Some(self.with(|head| {
            head.redactions += 1;
            let is_last = message.number() == head.last_number();
            if let Some(last) = head.last.as_mut().filter(|_| is_last) {
                last.preview = None;
            }
        }))
    }
}
