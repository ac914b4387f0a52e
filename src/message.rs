//! One message of a thread, its number, and the draft of a message to be sent.

mod draft;
mod last;
mod number;

pub use draft::Draft;
pub use last::LastMessage;
pub use number::MessageNumber;

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::MessageRecord;
use crate::{DisplayName, InvalidRecord, MessageBody, Participant, ParticipantId, Role, Timestamp};

/// One immutable message of a thread.
///
/// Cloning shares the text and the author. [`Thread::post`](crate::Thread::post) makes new
/// messages. A store converts each stored [`MessageRecord`] back to a message.
///
/// ```
/// use frontdesk::{Booking, BookingId, LocationId, MessageBody, MessageNumber, Participant};
/// use frontdesk::{ParticipantId, Post, Role, Thread, Timestamp};
///
/// # let now = Timestamp::UNIX_EPOCH;
/// # let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour");
/// # let thread = Thread::start(LocationId::new("harbour")?, booking, now);
/// let ann = Participant::customer(ParticipantId::new("c-9")?, None);
/// let posted = thread.post(Post::new(ann, MessageBody::new("Hello!")?, now))?;
/// let message = posted.message;
/// assert_eq!((message.number().get(), message.ordinal()), (1, 1));
/// assert_eq!((message.role(), message.sent_at()), (Role::Customer, now));
/// assert_eq!(message.author().id.as_str(), "c-9");
/// assert_eq!(message.body().unwrap().as_str(), "Hello!");
/// assert!(!message.is_automatic() && !message.is_imported() && message.redaction().is_none());
/// assert_eq!(message.clone().sharing_author_with([&message]), message);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "MessageRecord", try_from = "MessageRecord")]
pub struct Message {
    number: MessageNumber,
    ordinal: u32,
    author: Arc<Participant>,
    content: Content,
    sent_at: Timestamp,
    automatic: bool,
    imported: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Content {
    Text(MessageBody),
    /// The text was removed. The number is the message's position among the thread's redacted
    /// messages.
    Redacted(NonZeroU32),
}

impl Message {
    pub(crate) fn new(
        number: MessageNumber,
        ordinal: u32,
        author: Arc<Participant>,
        body: MessageBody,
        sent_at: Timestamp,
    ) -> Self {
        let content = Content::Text(body);
        Self { number, ordinal, author, content, sent_at, automatic: false, imported: false }
    }

    /// Returns the number, which orders messages and read marks (I3).
    pub fn number(&self) -> MessageNumber {
        self.number
    }

    /// Returns the position of the message among the messages of its author's role, counted from
    /// 1 (U2). The count begins again if the thread is erased and started again.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Returns the author as of the time when the message was written.
    pub fn author(&self) -> &Participant {
        &self.author
    }

    /// Returns the author's role.
    pub fn role(&self) -> Role {
        self.author.role
    }

    /// Returns the raw text, or `None` if the message is redacted (T9).
    pub fn body(&self) -> Option<&MessageBody> {
        match &self.content {
            Content::Text(body) => Some(body),
            Content::Redacted(_) => None,
        }
    }

    /// Returns the time when the message was sent. This time is never earlier than the time of
    /// the previous message (W3).
    pub fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// Returns the position of the message among the thread's redacted messages, counted from 1.
    /// Returns `None` if the message still has its text.
    pub fn redaction(&self) -> Option<u32> {
        match self.content {
            Content::Text(_) => None,
            Content::Redacted(ordinal) => Some(ordinal.get()),
        }
    }

    /// Marks the message as written by a program.
    pub(crate) fn automatic(mut self) -> Self {
        self.automatic = true;
        self
    }

    /// Returns `true` if a program wrote the message, for example an automatic reply.
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }

    /// Marks the message as imported from another system.
    pub(crate) fn imported(mut self) -> Self {
        self.imported = true;
        self
    }

    /// Returns `true` if the message was imported from another system.
    pub fn is_imported(&self) -> bool {
        self.imported
    }

    /// Shares the author with the first of `others` that has an equal author. A store that keeps
    /// many messages in memory thus keeps one author for all of them.
    #[must_use]
    pub fn sharing_author_with<'a>(mut self, others: impl IntoIterator<Item = &'a Self>) -> Self {
        if let Some(known) = others.into_iter().find(|other| other.author == self.author) {
            self.author = Arc::clone(&known.author);
        }
        self
    }

    /// Returns the message without its text, as the `ordinal`th redacted message of its thread.
    /// Returns the message unchanged if it is already redacted or if `ordinal` is 0.
    ///
    /// This method is for stores that keep messages as values of this type.
    ///
    /// ```
    /// use frontdesk::Message;
    /// use frontdesk::record::MessageRecord;
    ///
    /// let mut record = MessageRecord::default();
    /// (record.number, record.ordinal) = (1, 1);
    /// (record.author, record.body) = ("c-9".into(), Some("4111 1111 1111 1111".into()));
    /// let message = Message::try_from(record)?.redacted(1);
    /// assert_eq!((message.body(), message.redaction()), (None, Some(1)));
    /// # Ok::<(), frontdesk::InvalidRecord>(())
    /// ```
    #[must_use]
    pub fn redacted(mut self, ordinal: u32) -> Self {
        if let (Content::Text(_), Some(ordinal)) = (&self.content, NonZeroU32::new(ordinal)) {
            self.content = Content::Redacted(ordinal);
        }
        self
    }

    /// Returns the message without its author's name.
    ///
    /// This method is for stores that keep messages as values of this type.
    ///
    /// ```
    /// use frontdesk::Message;
    /// use frontdesk::record::MessageRecord;
    ///
    /// let mut record = MessageRecord::default();
    /// (record.number, record.ordinal) = (1, 1);
    /// (record.author, record.name) = ("u-7".into(), Some("Kim".into()));
    /// record.body = Some("Gladly!".into());
    /// let message = Message::try_from(record)?.without_author_name();
    /// assert_eq!((message.author().id.as_str(), &message.author().name), ("u-7", &None));
    /// # Ok::<(), frontdesk::InvalidRecord>(())
    /// ```
    #[must_use]
    pub fn without_author_name(mut self) -> Self {
        if self.author.name.is_some() {
            Arc::make_mut(&mut self.author).name = None;
        }
        self
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
            body: message.body().map(|body| body.as_str().to_owned()),
            sent_at: message.sent_at,
            automatic: message.automatic,
            imported: message.imported,
            redacted: message.redaction().map(i64::from),
        }
    }
}

fn invalid(why: &'static str) -> InvalidRecord {
    InvalidRecord::rule("message", why)
}

impl TryFrom<MessageRecord> for Message {
    type Error = InvalidRecord;

    fn try_from(record: MessageRecord) -> Result<Self, InvalidRecord> {
        let number = MessageNumber::try_from(record.number)?;
        let within = |ordinal: i64| {
            u32::try_from(ordinal).ok().filter(|ordinal| (1..=number.get()).contains(ordinal))
        };
        let ordinal =
            within(record.ordinal).ok_or(invalid("ordinal is outside 1 to the number"))?;
        let content = match (record.body, record.redacted) {
            (Some(body), None) => Content::Text(MessageBody::from_stored(body)?),
            (None, Some(ordinal)) => {
                let ordinal = MessageNumber::try_from(ordinal)?;
                let ordinal = NonZeroU32::new(ordinal.get());
                Content::Redacted(ordinal.ok_or(invalid("redaction ordinal is 0"))?)
            }
            (Some(_), Some(_)) => return Err(invalid("redacted message has a body")),
            (None, None) => return Err(invalid("message without a body is not redacted")),
        };
        let author = Arc::new(Participant {
            role: record.role,
            id: ParticipantId::new(record.author)?,
            name: record.name.map(DisplayName::from_stored).transpose()?,
        });
        let (automatic, imported) = (record.automatic, record.imported);
        Ok(Self { number, ordinal, author, content, sent_at: record.sent_at, automatic, imported })
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
            body: Some("hi".into()),
            sent_at: Timestamp::MAX,
            ..MessageRecord::default()
        }
    }

    /// T8: a record becomes the message that it was made from, and an impossible record is
    /// rejected.
    #[test]
    fn t8_a_record_is_read_back_or_refused() {
        let flagged = MessageRecord { automatic: true, imported: true, ..record() };
        let redacted = MessageRecord { body: None, redacted: Some(7), ..record() };
        for record in [record(), flagged, redacted] {
            let message = Message::try_from(record.clone()).unwrap();
            assert_eq!(MessageRecord::from(message), record);
        }
        let impossible = [
            MessageRecord { number: 0, ..record() },
            MessageRecord { number: -1, ..record() },
            MessageRecord { number: 1 << 31, ..record() },
            MessageRecord { ordinal: 0, ..record() },
            MessageRecord { ordinal: 4, ..record() },
            MessageRecord { author: String::new(), ..record() },
            MessageRecord { name: Some(String::new()), ..record() },
            MessageRecord { body: Some(String::new()), ..record() },
            MessageRecord { body: None, ..record() },
            MessageRecord { redacted: Some(1), ..record() },
            MessageRecord { body: None, redacted: Some(0), ..record() },
            MessageRecord { body: None, redacted: Some(-1), ..record() },
            MessageRecord { body: None, redacted: Some(1 << 31), ..record() },
        ];
        for record in impossible {
            assert!(Message::try_from(record.clone()).is_err(), "{record:?}");
        }
    }
}
