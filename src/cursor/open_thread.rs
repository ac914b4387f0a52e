use serde::{Deserialize, Serialize};

use crate::{BookingId, MessageNumber};

/// The conversation that a screen has open.
///
/// For a query string, declare `booking` and `shown` as separate fields of your own type. Do not
/// use `serde(flatten)`: numbers would then arrive as text, and deserializing this type would fail.
///
/// ```
/// use frontdesk::cursor::OpenThread;
/// use frontdesk::{BookingId, MessageNumber};
///
/// let open = OpenThread::new(BookingId::new("b-1")?, MessageNumber::new(7)?);
/// let from_json: OpenThread = serde_json::from_str(r#"{"booking":"b-1","shown":7}"#)?;
/// assert_eq!(open, from_json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenThread {
    /// The booking.
    pub booking: BookingId,
    /// The last number up to which the screen shows every message, as of the last
    /// [`open`](crate::OperatorDesk::open) or poll. Do not use the number of a message that was
    /// just sent, because earlier messages may be missing on the screen.
    pub shown: MessageNumber,
}

impl OpenThread {
    /// Makes a value from a conversation's booking and the last number up to which the screen shows
    /// every message.
    pub fn new(booking: BookingId, shown: MessageNumber) -> Self {
        Self { booking, shown }
    }
}
