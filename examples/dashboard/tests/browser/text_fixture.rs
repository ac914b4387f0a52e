//! A booking and messages that consist of one text, and the texts that a page must show for
//! them.

use frontdesk::view::{English, ViewContext};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, MessageBody, Preview, SingleLine, Timestamp,
};
use serde::Deserialize;
use serde_json::json;
use time::UtcOffset;

/// A row of the team's list, as the page shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownRow {
    pub(crate) booking: String,
    pub(crate) link: String,
    pub(crate) customer: String,
    pub(crate) customer_title: String,
    pub(crate) activity: String,
    pub(crate) code: String,
    pub(crate) status: String,
    pub(crate) status_word: String,
    pub(crate) preview: String,
    pub(crate) structure: String,
}

/// A message, as a page shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownMessage {
    pub(crate) number: u32,
    pub(crate) side: String,
    pub(crate) text: String,
    pub(crate) sender: String,
    pub(crate) sender_title: String,
    pub(crate) structure: String,
}

/// A conversation, as one of the pages shows it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownConversation {
    pub(crate) title: String,
    pub(crate) customer: String,
    pub(crate) customer_title: String,
    pub(crate) activity: String,
    pub(crate) activity_title: Option<String>,
    pub(crate) code: String,
    pub(crate) status: String,
    pub(crate) messages: Vec<ShownMessage>,
    pub(crate) page_structure: String,
}

/// A conversation whose booking texts and messages are all the same text.
pub(crate) struct TextFixture {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) booking: Booking,
    /// The text as a message body, if it is a valid one.
    pub(crate) body: Option<MessageBody>,
}

/// The first message of each conversation: a text that no rule changes.
pub(crate) const HELLO: &str = "Hello";

impl TextFixture {
    pub(crate) fn new(id: impl Into<String>, text: &str) -> Self {
        let id = id.into();
        let (booking, starts_at) = (BookingId::new(&id).unwrap(), Timestamp::UNIX_EPOCH);
        let booking = Booking::new(booking, text, text)
            .with_start(starts_at)
            .with_status(BookingStatus::from_word(text))
            .with_customer_name(DisplayName::new(text));
        Self { id, text: text.to_owned(), booking, body: MessageBody::new(text).ok() }
    }

    /// Returns the conversation as a line of an import file.
    pub(crate) fn import_line(&self) -> String {
        let Self { id, text, .. } = self;
        let turn = |from, text: &str| json!({ "from": from, "text": text });
        let turns = [turn("customer", HELLO), turn("operator", text), turn("customer", text)];
        let line = json!({ "id": id, "about": [text], "code": text, "customer": text,
                           "status": text, "turns": turns });
        format!("{line}\n")
    }

    /// Returns the text if it is a valid message body. If not, returns [`HELLO`].
    pub(crate) fn valid_body(&self) -> &str {
        if self.body.is_some() { &self.text } else { HELLO }
    }

    fn customer(&self) -> SingleLine {
        view_context().customer(&self.booking)
    }

    fn status(&self) -> SingleLine {
        view_context().status(&self.booking.status)
    }

    fn preview(&self) -> String {
        let hello = || MessageBody::new(HELLO).unwrap();
        Preview::of(&self.body.clone().unwrap_or_else(hello)).to_string()
    }

    /// Returns the side and the text of each message, in order.
    pub(crate) fn messages(&self) -> Vec<(&str, &str)> {
        let body = self.body.as_ref().map(MessageBody::as_str);
        let sides = ["operator", "customer"].into_iter();
        let sent = sides.filter_map(|side| Some((side, body?)));
        [("customer", HELLO)].into_iter().chain(sent).collect()
    }

    /// Asserts that a row shows the texts of this fixture and has the structure of a harmless
    /// row.
    #[track_caller]
    pub(crate) fn assert_row(&self, row: &ShownRow, harmless: &ShownRow) {
        let (id, customer) = (&self.id, self.customer());
        assert_eq!(row.booking, *id);
        assert_eq!((&*row.customer, &*row.customer_title), (customer.as_str(), customer.as_str()));
        assert_eq!(row.activity, self.booking.activity.as_str(), "{id}");
        assert_eq!(row.code, SingleLine::new(self.booking.code.prefix()).as_str(), "{id}");
        assert_eq!(row.status, self.status().as_str(), "{id}");
        assert_eq!(row.status_word, self.booking.status.word(), "{id}");
        assert_eq!(row.preview, self.preview(), "{id}");
        assert_eq!(row.structure, harmless.structure, "{id} injected elements into the list");
    }

    /// Asserts that a page shows the texts of this fixture and has the structure of a page with
    /// a harmless conversation.
    #[track_caller]
    pub(crate) fn assert_conversation(
        &self,
        shown: &ShownConversation,
        harmless: &ShownConversation,
    ) {
        let (id, customer) = (&self.id, self.customer());
        let names = (&*shown.customer, &*shown.customer_title);
        assert_eq!(names, (customer.as_str(), customer.as_str()), "{id}");
        assert_eq!(shown.activity, self.booking.activity.as_str(), "{id}");
        assert_eq!(shown.activity_title.as_deref(), Some(self.booking.activity.as_str()), "{id}");
        assert_eq!(shown.code, self.booking.code.as_str(), "{id}");
        assert_eq!(shown.status, self.status().as_str(), "{id}");
        let messages = shown.messages.iter().map(|it| (it.side.as_str(), it.text.as_str()));
        assert_eq!(messages.collect::<Vec<_>>(), self.messages(), "{id}");
        for message in &shown.messages {
            let sender = if message.side == "operator" { "Maya" } else { customer.as_str() };
            let names = (&*message.sender, &*message.sender_title);
            assert_eq!(names, (sender, sender), "{id}");
            let expected = &harmless.messages[0].structure;
            assert_eq!(message.structure, *expected, "{id} injected elements into a message");
        }
        let expected = &harmless.page_structure;
        assert_eq!(shown.page_structure, *expected, "{id} injected elements into the page");
    }
}

fn view_context() -> ViewContext<'static> {
    ViewContext::new(&UtcOffset::UTC, &English, Timestamp::UNIX_EPOCH)
}
