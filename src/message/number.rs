use std::str::FromStr;

use serde::Serialize;

use crate::InvalidRecord;
use crate::number::impl_bounded_number;

/// The number of a message in its thread: 1, 2, 3 and so on (I3).
///
/// [`START`](Self::START) is 0, the position before the first message. No number is above
/// [`MAX`](Self::MAX), so JavaScript and SQL integers hold each number exactly.
///
/// ```
/// use frontdesk::MessageNumber;
///
/// let third = MessageNumber::new(3)?;
/// assert!(MessageNumber::START < third);
/// assert_eq!(third.get(), 3);
/// assert_eq!(third.previous().next(), Some(third));
/// assert!(MessageNumber::new(u32::MAX).is_err());
/// # Ok::<(), frontdesk::InvalidRecord>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MessageNumber(u32);

impl_bounded_number!(MessageNumber(u32), "message number", "0 to 2^31 - 1", "");

impl MessageNumber {
    /// The position before the first message: 0.
    pub const START: Self = Self(0);
    /// The number of the first message of a new thread: 1.
    pub const FIRST: Self = Self(1);
    /// The highest number: 2^31 - 1.
    pub const MAX: Self = Self(i32::MAX as u32);

    /// Makes a message number from an integer.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidRecord`] if `number` is above [`MAX`](Self::MAX).
    pub fn new(number: u32) -> Result<Self, InvalidRecord> {
        Self::try_from(i64::from(number))
    }
}

impl FromStr for MessageNumber {
    type Err = InvalidRecord;

    fn from_str(text: &str) -> Result<Self, InvalidRecord> {
        let invalid = InvalidRecord::rule("message number", "text is not a whole number");
        text.parse::<i64>().map_err(|_| invalid)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I3: numbers stay below 2^31.
    #[test]
    fn i3_numbers_stay_below_two_to_the_31() {
        assert_eq!(MessageNumber::MAX.next(), None);
        assert_eq!(MessageNumber::MAX.previous().next(), Some(MessageNumber::MAX));
        assert_eq!(MessageNumber::START.previous(), MessageNumber::START);
        for number in [-1, 1 << 31, i64::MAX] {
            assert!(MessageNumber::try_from(number).is_err());
            assert!(serde_json::from_str::<MessageNumber>(&number.to_string()).is_err());
        }
    }

    /// I3: parsing the text of a number returns the number, and `Debug` prints the same text.
    #[test]
    fn i3_parsing_the_text_of_a_number_returns_the_number() {
        for number in [MessageNumber::START, MessageNumber::MAX] {
            assert_eq!(number.to_string().parse::<MessageNumber>().unwrap(), number);
            assert_eq!(format!("{number:?}"), number.to_string());
        }
        for text in ["", "one", "1.0", "-1", "2147483648"] {
            assert!(text.parse::<MessageNumber>().is_err(), "{text}");
        }
    }
}
