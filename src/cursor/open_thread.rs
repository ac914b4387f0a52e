use serde::{Deserialize, Serialize};

use crate::{BookingId, MessageNumber};

/// The conversation that a screen has open.
///
/// In a query string declare `booking` and `shown` as fields of your own: through
/// `serde(flatten)` numbers arrive as text, and the whole value would be rejected.
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
    /// The last number up to which the screen shows every message: what the last
    /// [`open`](crate::OperatorDesk::open) or poll brought. It is not the number of a message
    /// that was just sent, since others may be missing before that.
    pub shown: MessageNumber,
}

impl OpenThread {
    /// Names a conversation and the last number up to which the screen shows it.
    pub fn new(booking: BookingId, shown: MessageNumber) -> Self {
        Self { booking, shown }
    }
}
