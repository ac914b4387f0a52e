use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Role, Timestamp};

/// A [`Message`](crate::Message) as plain values.
///
/// Exactly one of [`body`](Self::body) and [`redacted`](Self::redacted) is set. `Debug` shows only
/// the number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MessageRecord {
    /// [`Message::number`](crate::Message::number), from 1.
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(min = 1, max = i32::MAX)))]
    pub number: i64,
    /// [`Message::ordinal`](crate::Message::ordinal), from 1 to the number.
    #[cfg_attr(feature = "schemars", schemars(with = "u32", range(min = 1, max = i32::MAX)))]
    pub ordinal: i64,
    /// [`Message::role`](crate::Message::role).
    pub role: Role,
    /// The author's id.
    #[cfg_attr(feature = "schemars", schemars(with = "crate::ParticipantId"))]
    pub author: String,
    /// The author's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::DisplayName>"))]
    pub name: Option<String>,
    /// [`Message::body`](crate::Message::body).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<crate::MessageBody>"))]
    pub body: Option<String>,
    /// [`Message::sent_at`](crate::Message::sent_at).
    pub sent_at: Timestamp,
    /// [`Message::is_automatic`](crate::Message::is_automatic).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub automatic: bool,
    /// [`Message::is_imported`](crate::Message::is_imported).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// [`Message::redaction`](crate::Message::redaction), from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemars", schemars(with = "Option<u32>", range(min = 1, max = i32::MAX)))]
    pub redacted: Option<i64>,
}

/// Returns a record with the number 0 and the time of the Unix epoch. The record is not valid
/// until its fields are set.
impl Default for MessageRecord {
    fn default() -> Self {
        Self {
            number: 0,
            ordinal: 0,
            role: Role::Customer,
            author: String::new(),
            name: None,
            body: None,
            sent_at: Timestamp::UNIX_EPOCH,
            automatic: false,
            imported: false,
            redacted: None,
        }
    }
}

impl fmt::Debug for MessageRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageRecord").field("number", &self.number).finish_non_exhaustive()
    }
}
