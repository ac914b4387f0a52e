use std::collections::HashMap;

use frontdesk::{BookingId, LocationId, OperatorDesk};

/// A location into which conversations are imported.
pub(crate) struct ImportLocation {
    pub(crate) id: LocationId,
    pub(crate) team: OperatorDesk,
    /// The threads that the store had before this import, with their numbers of messages.
    pub(crate) messages_before: HashMap<BookingId, u32>,
}
