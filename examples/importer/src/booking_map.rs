//! The bookings to which conversations belong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use frontdesk::BookingId;

use crate::json_error;

/// The assignment of conversations to bookings: a JSON object with the id of a booking for each id
/// of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookingMap(BTreeMap<String, BookingId>);

impl BookingMap {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or it is not a JSON object whose values are valid booking ids.
    pub fn read(path: &Path) -> Result<Self, String> {
        let json =
            fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Self::parse(&json).map_err(|problem| format!("{}: {problem}", path.display()))
    }

    /// Parses the content of the file.
    ///
    /// # Errors
    ///
    /// The text is not a JSON object whose values are valid booking ids.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let map = serde_json::from_slice(json);
        map.map(Self).map_err(|error| json_error::describe_with_line(&error))
    }

    /// Returns the booking of a conversation.
    pub fn get(&self, conversation: &str) -> Option<&BookingId> {
        self.0.get(conversation)
    }
}
