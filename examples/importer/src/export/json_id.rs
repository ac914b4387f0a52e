use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// An id that an export writes as a number or as a string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct JsonId(pub(crate) String);

impl<'de> Deserialize<'de> for JsonId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = JsonId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number or a string")
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<JsonId, E> {
                Ok(JsonId(id.to_string()))
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<JsonId, E> {
                Ok(JsonId(id.to_string()))
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<JsonId, E> {
                Ok(JsonId(id.to_owned()))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}
