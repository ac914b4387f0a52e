use crate::text::impl_string_serde;
use crate::{SingleLine, SingleLineError};

/// The status of a booking: one of five known statuses, or another word of the host application.
///
/// In a database column and in JSON, a status is the text that [`word`](Self::word) returns.
///
/// ```
/// use frontdesk::BookingStatus;
///
/// assert_eq!(BookingStatus::from_word("Canceled"), BookingStatus::Cancelled);
/// assert_eq!(BookingStatus::from_word("no-show"), BookingStatus::NoShow);
/// assert_eq!(BookingStatus::from_word("on hold").word(), "on hold");
/// ```
///
#[doc = include_str!("../../docs/booking-statuses.md")]
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
    /// The customer did not come.
    NoShow,
    /// Another word of the host application. It is never a spelling of a known status, because only
    /// [`from_word`](Self::from_word) and deserialization create this variant, and both turn a
    /// spelling of a known status into that status.
    #[non_exhaustive]
    Other(SingleLine),
}

/// The spellings of the known statuses in lower case, without spaces, hyphens and underscores. The
/// words that [`word`](BookingStatus::word) returns come first, because most stored words are these.
const SPELLINGS: [(&str, BookingStatus); 19] = [
    ("pending", BookingStatus::Pending),
    ("confirmed", BookingStatus::Confirmed),
    ("cancelled", BookingStatus::Cancelled),
    ("complete", BookingStatus::Complete),
    ("noshow", BookingStatus::NoShow),
    ("notconfirmed", BookingStatus::Pending),
    ("pendingmerchantconfirmation", BookingStatus::Pending),
    ("requested", BookingStatus::Pending),
    ("reservationpending", BookingStatus::Pending),
    ("unconfirmed", BookingStatus::Pending),
    ("accepted", BookingStatus::Confirmed),
    ("booked", BookingStatus::Confirmed),
    ("reservationconfirmed", BookingStatus::Confirmed),
    ("reserved", BookingStatus::Confirmed),
    ("canceled", BookingStatus::Cancelled),
    ("reservationcancelled", BookingStatus::Cancelled),
    ("checkedout", BookingStatus::Complete),
    ("completed", BookingStatus::Complete),
    ("fulfilled", BookingStatus::Complete),
];

impl BookingStatus {
    /// Converts a word to a status.
    ///
    /// The spellings of the table above become known statuses. ASCII case, spaces, hyphens and
    /// underscores make no difference. Any other word becomes [`Other`](Self::Other).
    pub fn from_word(word: impl AsRef<str>) -> Self {
        let line = SingleLine::new(word);
        Self::from_known_word(line.as_str()).unwrap_or(Self::Other(line))
    }

    fn from_known_word(word: &str) -> Option<Self> {
        let letters = || word.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
        let found = SPELLINGS
            .iter()
            .find(|(spelling, _)| letters().map(|c| c.to_ascii_lowercase()).eq(spelling.chars()));
        found.map(|(_, status)| status.clone())
    }

    /// Reads a stored status word. Checks only for control characters and for more than
    /// [`SingleLine::MAX_BYTES`] bytes (T8).
    pub(super) fn from_stored(word: String) -> Result<Self, SingleLineError> {
        Ok(match Self::from_known_word(&word) {
            Some(known) => known,
            None => Self::Other(SingleLine::from_stored(word)?),
        })
    }

    /// Returns the word of a status that is not known.
    pub(super) fn as_other(&self) -> Option<&SingleLine> {
        match self {
            Self::Other(word) => Some(word),
            _ => None,
        }
    }

    /// Returns the status as an untranslated word, for a database column or a CSS class.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Complete => "complete",
            Self::NoShow => "no_show",
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
        for word in [
            "pending",
            "CONFIRMED",
            "cancelled",
            "Complete",
            "No show",
            "checked_out",
            "on hold",
            "",
        ] {
            let status = BookingStatus::from_word(word);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<BookingStatus>(&json).unwrap(), status);
        }
    }

    /// Returns the rows of a table under a heading of the docs: the words of the first column and
    /// the text of the second.
    fn documented(heading: &str) -> Vec<(Vec<&'static str>, &'static str)> {
        let page = include_str!("../../docs/booking-statuses.md");
        let (_, section) = page.split_once(heading).unwrap();
        let table = section.split("\n#").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        rows.map(|row| {
            let mut cells = row.split('|').skip(1).map(str::trim);
            let words = cells.next().unwrap().split('`').skip(1).step_by(2).collect();
            (words, cells.next().unwrap())
        })
        .collect()
    }

    /// T6: the documented spellings, and no others, become known statuses.
    #[test]
    fn t6_the_documented_spellings_become_known_statuses() {
        let mut spellings = Vec::new();
        for (words, status) in documented("# Spellings") {
            let expected: BookingStatus =
                serde_json::from_value(status.trim_matches('`').into()).unwrap();
            assert_ne!(expected, BookingStatus::from_word("other"), "{status}");
            for word in words {
                for written in [word.to_owned(), word.to_uppercase(), word.replace('_', "-")] {
                    assert_eq!(BookingStatus::from_word(&written), expected, "{written}");
                    let json = serde_json::Value::from(written);
                    assert_eq!(serde_json::from_value::<BookingStatus>(json).unwrap(), expected);
                }
                spellings.push(word.replace('_', "").to_lowercase());
            }
        }
        for (spelling, _) in SPELLINGS {
            assert!(spellings.iter().any(|word| word == spelling), "{spelling} is not documented");
        }
    }

    /// T8: a word that says more than a known status, or something else, stays as it is.
    #[test]
    fn t8_other_words_stay_as_they_are() {
        let others = documented("# Words that stay as they are");
        assert!(others.len() > 5);
        for word in others.into_iter().flat_map(|(words, _)| words).chain(["", "-", "confirmed?"]) {
            let status = BookingStatus::from_word(word);
            assert!(matches!(status, BookingStatus::Other(_)), "{word}");
            assert_eq!(status.word(), word);
        }
    }
}
