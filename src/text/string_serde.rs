//! The `serde` form of types that are a single string.

/// Implements `Serialize` with the text that the method `$as_str` returns, and `Deserialize`
/// with the function `$parse`, which checks the text.
macro_rules! impl_string_serde {
    ($name:ty, $as_str:ident, $parse:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$as_str())
            }
        }

        /// Reads a stored text and keeps it unchanged. Checks only what the type guarantees (T8).
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::$parse(text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use impl_string_serde;
