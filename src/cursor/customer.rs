use std::fmt;

use super::fields::{CursorEpoch, Fields, Hex, impl_text};
use crate::{MessageNumber, ThreadId};

/// The position from which a customer's next poll continues. Opening the conversation and
/// polling return this cursor.
///
/// The cursor contains the thread's id, the last number and the number of redacted messages that
/// the screen shows, and the epoch, which identifies the history of the database (P7). The cursor contains nothing about the location's
/// other threads (A2).
///
/// ```
/// use frontdesk::cursor::CustomerCursor;
///
/// # use frontdesk::store::MemoryStore;
/// # use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
/// # futures::executor::block_on(async {
/// # let desk = FrontDesk::new(MemoryStore::new());
/// # let harbour = LocationId::new("harbour")?;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let ann = desk
/// #     .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
/// #     .starting_with(booking.clone());
/// # let kim = desk.operator(harbour.clone(), ParticipantId::new("u-7")?, None);
/// let cursor: CustomerCursor = ann.open().await?.cursor().clone();
/// let text = cursor.to_string();
/// assert_eq!(text.parse::<CustomerCursor>()?, cursor);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomerCursor {
    pub(crate) id: ThreadId,
    pub(crate) epoch: CursorEpoch,
    pub(crate) shown: MessageNumber,
    /// The number of redacted messages that the screen knows (T9).
    pub(crate) redactions: u32,
}

impl CustomerCursor {
    fn parse(text: &str) -> Option<Self> {
        let mut fields = Fields::of("c", text)?;
        let epoch = fields.epoch()?;
        let shown = fields.message_number()?;
        let id = ThreadId::new(fields.id()?, fields.id()?);
        let redactions = fields.number().unwrap_or_default();
        Some(Self { id, epoch, shown, redactions })
    }
}

impl fmt::Display for CustomerCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c.{}.{}.", self.epoch, self.shown)?;
        write!(f, "{}.{}", Hex(self.id.location.as_str()), Hex(self.id.booking.as_str()))?;
        if self.redactions == 0 { Ok(()) } else { write!(f, ".{}", self.redactions) }
    }
}

impl_text!(CustomerCursor);
