//! One entry of a conversation, and what asks for one.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{IdempotencyKey, ParticipantId};
use crate::participant::{Participant, Role};
use crate::record::Corrupt;
use crate::text::{DisplayName, MessageBody};
use crate::timestamp::Timestamp;

/// A place in a thread's history: message 1, 2, 3 ... and, as
/// [`START`](Self::START), the place before the first (I3).
///
/// Never above [`MAX`](Self::MAX), so that JavaScript and SQL integers hold it.
///
/// ```
/// use frontdesk::MessageNumber;
///
/// let third = MessageNumber::new(3)?;
/// assert!(MessageNumber::START < third);
/// assert_eq!(third.get(), 3);
/// assert_eq!(third.previous().next(), Some(third));
/// assert!(MessageNumber::new(u32::MAX).is_err());
/// # Ok::<(), frontdesk::Corrupt>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MessageNumber(u32);

impl MessageNumber {
    /// The place before the first message.
    pub const START: Self = Self(0);
    /// The last number there is: 2^31 - 1.
    pub const MAX: Self = Self(i32::MAX as u32);

    /// The place with this number.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] above [`MAX`](Self::MAX).
    pub fn new(number: u32) -> Result<Self, Corrupt> {
        Self::try_from(i64::from(number))
    }

    /// The number; 0 for [`START`](Self::START).
    pub fn get(self) -> u32 {
        self.0
    }

    /// The place after this one, unless this is the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        (self < Self::MAX).then(|| Self(self.0 + 1))
    }

    /// The place before this one; [`START`](Self::START) stays.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<i64> for MessageNumber {
    type Error = Corrupt;

    fn try_from(number: i64) -> Result<Self, Corrupt> {
        match u32::try_from(number) {
            Ok(number) if number <= Self::MAX.0 => Ok(Self(number)),
            _ => Err(Corrupt::rule("message number", "it is outside of 0 to 2^31 - 1")),
        }
    }
}

impl FromStr for MessageNumber {
    type Err = Corrupt;

    fn from_str(text: &str) -> Result<Self, Corrupt> {
        let number = text.parse::<i64>();
        number.map_err(|_| Corrupt::rule("message number", "it is not a whole number"))?.try_into()
    }
}

impl From<MessageNumber> for i64 {
    fn from(number: MessageNumber) -> Self {
        number.0.into()
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for MessageNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

/// One immutable entry of a thread.
///
/// Cloning shares the text and the author. It is made by
/// [`Thread::post`](crate::Thread::post) or read back from a [`MessageRecord`].
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// use frontdesk::{ParticipantId, Role, Seen, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour", now);
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now, MessageNumber::START)?;
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let posted = thread.post(ann.into(), MessageBody::new("Hello!")?, now, Seen::Everything)?;
/// let message = posted.message;
/// assert_eq!((message.number().get(), message.ordinal()), (1, 1));
/// assert_eq!((message.role(), message.sent_at()), (Role::Customer, now));
/// assert_eq!(message.author().id.as_str(), "c-9");
/// assert_eq!(message.clone().sharing_author_with(&message), message);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "MessageRecord", try_from = "MessageRecord")]
pub struct Message {
    pub(crate) number: MessageNumber,
    pub(crate) ordinal: u32,
    pub(crate) author: Arc<Participant>,
    pub(crate) body: MessageBody,
    pub(crate) sent_at: Timestamp,
}

impl Message {
    /// Its place in the thread; what orders messages and marks what was read (I3).
    pub fn number(&self) -> MessageNumber {
        self.number
    }

    /// Which one of its side's messages it is in this life of the thread,
    /// counted from 1 (U2).
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Who wrote it, as they were when they wrote.
    pub fn author(&self) -> &Participant {
        &self.author
    }

    /// Which side wrote it.
    pub fn role(&self) -> Role {
        self.author.role
    }

    /// The raw text.
    pub fn body(&self) -> &MessageBody {
        &self.body
    }

    /// When it was sent; never earlier than the message before it (W3).
    pub fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// The same message with the author shared with `other`, if they are equal:
    /// a store that keeps many messages in memory need not keep an author each.
    #[must_use]
    pub fn sharing_author_with(mut self, other: &Self) -> Self {
        if self.author == other.author {
            self.author = Arc::clone(&other.author);
        }
        self
    }
}

/// A [`Message`] as plain values: columns of a row, or JSON.
///
/// ```
/// use frontdesk::{Message, MessageRecord, Role};
///
/// let message: Message = MessageRecord {
///     number: 1,
///     ordinal: 1,
///     role: Role::Customer,
///     author: "c-9".into(),
///     name: None,
///     body: "Hello!".into(),
///     sent_at: "2027-03-15T09:00:00Z".parse()?,
/// }
/// .try_into()?;
/// assert_eq!(message.body().as_str(), "Hello!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRecord {
    /// [`Message::number`], from 1.
    pub number: i64,
    /// [`Message::ordinal`], from 1 to the number.
    pub ordinal: i64,
    /// [`Message::role`].
    pub role: Role,
    /// The author's id.
    pub author: String,
    /// The author's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// [`Message::body`].
    pub body: String,
    /// [`Message::sent_at`].
    pub sent_at: Timestamp,
}

impl fmt::Debug for MessageRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageRecord").field("number", &self.number).finish_non_exhaustive()
    }
}

impl From<Message> for MessageRecord {
    fn from(message: Message) -> Self {
        Self {
            number: message.number.into(),
            ordinal: message.ordinal.into(),
            role: message.role(),
            author: message.author.id.as_str().to_owned(),
            name: message.author.name.as_ref().map(|name| name.as_str().to_owned()),
            body: message.body.as_str().to_owned(),
            sent_at: message.sent_at,
        }
    }
}

impl TryFrom<MessageRecord> for Message {
    type Error = Corrupt;

    fn try_from(record: MessageRecord) -> Result<Self, Corrupt> {
        let number = MessageNumber::try_from(record.number)?;
        let ordinal = u32::try_from(record.ordinal)
            .ok()
            .filter(|ordinal| (1..=number.get()).contains(ordinal))
            .ok_or(Corrupt::rule("message", "its ordinal is outside of 1 to its number"))?;
        Ok(Self {
            number,
            ordinal,
            author: Arc::new(Participant {
                role: record.role,
                id: ParticipantId::new(record.author)?,
                name: record.name.map(DisplayName::from_stored).transpose()?,
            }),
            body: MessageBody::from_stored(record.body)?,
            sent_at: record.sent_at,
        })
    }
}

/// What somebody wants to send: text as typed, not checked yet.
///
/// In JSON `{"body": ..., "key": ..., "seen": ...}`, the latter two optional; an
/// unknown field is an error, since a misspelt key would double messages. `Debug`
/// shows the text's length only.
///
/// ```
/// use frontdesk::{Draft, IdempotencyKey, MessageNumber};
///
/// let draft = Draft::new("On our way!")
///     .with_key(IdempotencyKey::new("3f0c")?)
///     .having_seen(MessageNumber::new(4)?);
/// let from_json: Draft = serde_json::from_str(r#"{"body":"On our way!","key":"3f0c","seen":4}"#)?;
/// assert_eq!(draft, from_json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The text as typed.
    pub body: String,
    /// What makes sending it again safe (I4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IdempotencyKey>,
    /// Up to where the writer's screen showed everything: only up to there does
    /// sending read, when the other side wrote after it (U3). The thread's last
    /// number or a higher one reads everything, as no number does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<MessageNumber>,
}

impl Draft {
    /// A text as typed.
    pub fn new(body: impl Into<String>) -> Self {
        Self { body: body.into(), key: None, seen: None }
    }

    /// The same, safe to send again.
    #[must_use]
    pub fn with_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, written under a screen whose last message was `seen`.
    #[must_use]
    pub fn having_seen(mut self, seen: MessageNumber) -> Self {
        self.seen = Some(seen);
        self
    }
}

impl From<&str> for Draft {
    fn from(body: &str) -> Self {
        Self::new(body)
    }
}

impl From<String> for Draft {
    fn from(body: String) -> Self {
        Self::new(body)
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("key", &self.key)
            .field("seen", &self.seen)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> MessageRecord {
        MessageRecord {
            number: 3,
            ordinal: 2,
            role: Role::Operator,
            author: "u".into(),
            name: Some("Ann".into()),
            body: "hi".into(),
            sent_at: Timestamp::MAX,
        }
    }

    /// I3, section 5: numbers stay below 2^31.
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

    /// I3: a number reads back from its text, and `Debug` shows nothing else.
    #[test]
    fn i3_a_number_reads_back_from_its_text() {
        for number in [MessageNumber::START, MessageNumber::MAX] {
            assert_eq!(number.to_string().parse::<MessageNumber>().unwrap(), number);
            assert_eq!(format!("{number:?}"), number.to_string());
        }
        for text in ["", "one", "1.0", "-1", "2147483648"] {
            assert!(text.parse::<MessageNumber>().is_err(), "{text}");
        }
    }

    /// T8: a record becomes the message it was made from; an impossible one is refused.
    #[test]
    fn t8_a_record_is_read_back_or_refused() {
        let message = Message::try_from(record()).unwrap();
        assert_eq!(MessageRecord::from(message), record());
        let impossible = [
            MessageRecord { number: 0, ..record() },
            MessageRecord { number: -1, ..record() },
            MessageRecord { number: 1 << 31, ..record() },
            MessageRecord { ordinal: 0, ..record() },
            MessageRecord { ordinal: 4, ..record() },
            MessageRecord { author: String::new(), ..record() },
            MessageRecord { name: Some(String::new()), ..record() },
            MessageRecord { body: String::new(), ..record() },
        ];
        for record in impossible {
            assert!(Message::try_from(record.clone()).is_err(), "{record:?}");
        }
    }
}
