use std::fmt;

use serde::{Serialize, Serializer};

/// A count on a list or a button: nothing at 0, the number up to 9, "9+" above (W7).
///
/// In JSON a badge is a string, or null at 0.
///
/// ```
/// use frontdesk::view::Badge;
///
/// assert_eq!(Badge::new(0).text(), None);
/// assert_eq!(Badge::new(9).to_string(), "9");
/// assert_eq!(Badge::new(10).to_string(), "9+");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Badge(u64);

impl Badge {
    const TEXTS: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "9+"];

    /// Makes the badge of a count.
    pub fn new(count: u64) -> Self {
        Self(count)
    }

    /// Returns the text to show, or `None` at 0.
    pub fn text(self) -> Option<&'static str> {
        let last = Self::TEXTS.len() as u64;
        let shown = self.0.min(last).checked_sub(1)?;
        usize::try_from(shown).ok().and_then(|shown| Self::TEXTS.get(shown).copied())
    }
}

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().unwrap_or_default())
    }
}

impl Serialize for Badge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W7: nothing at 0, the number up to 9, "9+" above.
    #[test]
    fn w7_a_badge_shows_nothing_a_digit_or_nine_plus() {
        assert_eq!(Badge::new(0).to_string(), "");
        for count in 1..=9 {
            assert_eq!(Badge::new(count).to_string(), count.to_string());
        }
        for many in [10, 11, u64::MAX] {
            assert_eq!(Badge::new(many).text(), Some("9+"));
        }
    }
}
