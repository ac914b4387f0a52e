use std::fmt;

use frontdesk::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A time that an export writes as whole seconds since the Unix epoch, as a string of such seconds,
/// or in RFC 3339 format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct JsonTime(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for JsonTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor;

        impl Visitor<'_> for TimeVisitor {
            type Value = JsonTime;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since the Unix epoch or an RFC 3339 time")
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<JsonTime, E> {
                Timestamp::from_unix_seconds(seconds).map(JsonTime).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<JsonTime, E> {
                self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<JsonTime, E> {
                match text.parse() {
                    Ok(seconds) => self.visit_i64(seconds),
                    Err(_) => text.parse().map(JsonTime).map_err(E::custom),
                }
            }
        }

        deserializer.deserialize_any(TimeVisitor)
    }
}
