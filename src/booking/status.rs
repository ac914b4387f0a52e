use crate::text::impl_string_serde;
use crate::{SingleLine, SingleLineError};

/// The status of a booking: one of four known statuses, or another word of the host application.
///
/// In a database column and in JSON, a status is the text that [`word`](Self::word) returns.
///
/// ```
/// use frontdesk::BookingStatus;
///
/// assert_eq!(BookingStatus::from_word("Cancelled"), BookingStatus::Cancelled);
/// assert_eq!(BookingStatus::from_word("on hold").word(), "on hold");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BookingStatus {
    /// The booking is not confirmed yet.
    Pending,
    /// The booking is confirmed.
    Confirmed,
    /// The booking was cancelled.
    Cancelled,
    /// The activity has taken place.
    Complete,
    /// Another word of the host application, never one of the four known words. Only
    /// [`from_word`](Self::from_word) and deserialization create this variant, and both recognize
    /// the known words.
    #[non_exhaustive]
    Other(SingleLine),
}

impl BookingStatus {
    /// Converts a word to a status.
    ///
    /// `pending`, `confirmed`, `cancelled` and `complete` are recognized in any ASCII
    /// case. Any other word becomes [`Other`](Self::Other).
    pub fn from_word(word: impl AsRef<str>) -> Self {
        let line = SingleLine::new(word);
        Self::from_known_word(line.as_str()).unwrap_or(Self::Other(line))
    }

    fn from_known_word(word: &str) -> Option<Self> {
        [Self::Pending, Self::Confirmed, Self::Cancelled, Self::Complete]
            .into_iter()
            .find(|known| known.word().eq_ignore_ascii_case(word))
    }

    /// Reads a stored status word. Checks only for control characters and for more than
    /// [`SingleLine::MAX_BYTES`] bytes (T8).
    pub(super) fn from_stored(word: String) -> Result<Self, SingleLineError> {
        Ok(match Self::from_known_word(&word) {
            Some(known) => known,
            None => Self::Other(SingleLine::from_stored(word)?),
        })
    }

    /// Returns the status as an untranslated word, for a database column or a CSS class.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Complete => "complete",
            Self::Other(word) => word.as_str(),
        }
    }
}

impl_string_serde!(BookingStatus, word, from_stored);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_survives_serialization() {
        for word in ["pending", "CONFIRMED", "cancelled", "Complete", "on hold", ""] {
            let status = BookingStatus::from_word(word);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<BookingStatus>(&json).unwrap(), status);
        }
    }
}
