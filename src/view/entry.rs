use serde::Serialize;

use super::context::ViewContext;
use crate::calendar::{DateGroup, LocalTime, group_by_date};
use crate::{
    EncodedHtml, Message, MessageBody, MessageNumber, ParticipantId, Role, SingleLine, Thread,
};

/// The view of one message, for customers and for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// The number of the message.
    pub number: MessageNumber,
    /// The author's side: screens show the customer's messages on the left and replies on
    /// the right.
    pub side: Role,
    /// The author's name, or the label for an author without a name.
    pub sender: SingleLine,
    /// The time when the message was sent.
    pub sent_at: LocalTime,
    /// The time of day when the message was sent, as text.
    pub time: SingleLine,
    /// The raw text, for `textContent`; `None` if the message is redacted.
    pub text: Option<MessageBody>,
    /// The text encoded for pages that a server renders (T5); `None` if the message is
    /// redacted or the [context](ViewContext::with_html) leaves it out.
    pub html: Option<EncodedHtml>,
    /// `true` if the other side has read the message (U1).
    pub read: bool,
    /// The label to show instead of the text if the message is redacted, else `None` (T9).
    pub removed: Option<SingleLine>,
    /// The label of a message that a program wrote, else `None`.
    pub automatic: Option<SingleLine>,
}

impl Entry {
    /// Makes the view of a message of `thread`.
    pub fn new(message: &Message, thread: &Thread, context: &ViewContext<'_>) -> Self {
        let sent_at = context.local(message.sent_at());
        Self {
            number: message.number(),
            side: message.role(),
            sender: context.sender(message.author(), thread.booking()),
            sent_at,
            time: context.time(sent_at),
            text: message.body().cloned(),
            html: message.body().filter(|_| context.has_html()).map(MessageBody::to_html),
            read: message.number() <= thread.mark(message.role().opposite()).furthest(),
            removed: message.body().is_none().then(|| context.message_removed()),
            automatic: message.is_automatic().then(|| context.automatic()),
        }
    }
}

/// The view of one message for operators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OperatorEntry {
    /// The part that both sides see. In JSON, the fields of this part are fields of the entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// The id that the host application uses for the author.
    pub author: ParticipantId,
}

impl OperatorEntry {
    /// Makes the view of a message of `thread` for operators.
    pub fn new(message: &Message, thread: &Thread, context: &ViewContext<'_>) -> Self {
        let author = message.author().id.clone();
        Self { entry: Entry::new(message, thread, context), author }
    }
}

/// Gives access to the common part, for code that renders the entries of both sides alike.
impl AsRef<Entry> for Entry {
    fn as_ref(&self) -> &Entry {
        self
    }
}

impl AsRef<Entry> for OperatorEntry {
    fn as_ref(&self) -> &Entry {
        &self.entry
    }
}

/// The messages of one date under its heading (W5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(rename = "{E}Section"))]
#[non_exhaustive]
pub struct DateSection<E> {
    /// The date.
    pub date: DateGroup,
    /// The date as text: "Today", "Yesterday", "Monday, Mar 15".
    pub heading: SingleLine,
    /// The messages, oldest first; never empty.
    pub entries: Vec<E>,
}

/// Groups messages by date and makes an entry of each message.
pub(super) fn date_sections<E>(
    messages: &[Message],
    context: &ViewContext<'_>,
    entry: impl Fn(&Message) -> E,
) -> Vec<DateSection<E>> {
    group_by_date(messages, Message::sent_at, context.time_zone(), context.now())
        .map(|(date, messages)| DateSection {
            date,
            heading: context.heading(date),
            entries: messages.iter().map(&entry).collect(),
        })
        .collect()
}
