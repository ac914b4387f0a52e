//! Bounded numbers: the common part of message numbers and revisions.

/// Implements the methods and conversions of a newtype over an unsigned integer. The newtype has
/// a constant `MAX` for its highest number.
macro_rules! impl_bounded_number {
    ($name:ident($inner:ty), $what:literal, $range:literal, $debug_prefix:literal) => {
        impl $name {
            /// Returns the number as an integer.
            pub fn get(self) -> $inner {
                self.0
            }

            /// Returns the next number, or `None` if this number is [`MAX`](Self::MAX).
            #[must_use]
            pub fn next(self) -> Option<Self> {
                (self < Self::MAX).then(|| Self(self.0 + 1))
            }

            /// Returns the previous number. For 0, returns 0.
            #[must_use]
            pub fn previous(self) -> Self {
                Self(self.0.saturating_sub(1))
            }
        }

        /// Converts from the value of a database column.
        impl TryFrom<i64> for $name {
            type Error = $crate::record::InvalidRecord;

            fn try_from(number: i64) -> Result<Self, Self::Error> {
                let number = <$inner>::try_from(number).ok().map(Self);
                let why = concat!("number is outside ", $range);
                let invalid = $crate::record::InvalidRecord::rule($what, why);
                number.filter(|number| *number <= Self::MAX).ok_or(invalid)
            }
        }

        /// Converts to the value of a database column.
        impl From<$name> for i64 {
            fn from(number: $name) -> Self {
                // The conversion cannot fail: no number is above `MAX`, which fits into an `i64`.
                Self::try_from(number.0).unwrap_or(Self::MAX)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($debug_prefix, "{}"), self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <i64 as serde::Deserialize>::deserialize(deserializer)?;
                number.try_into().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use impl_bounded_number;
