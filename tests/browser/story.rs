//! What the crate makes of a text in each place, and whether a page shows that and
//! nothing else.

use frontdesk::view::{English, Screen};
use frontdesk::{
    Booking, BookingId, BookingStatus, DisplayName, MessageBody, OneLine, Preview, Timestamp,
};
use serde::Deserialize;
use serde_json::json;
use time::UtcOffset;

/// One line of the team's list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) booking: String,
    pub(crate) link: String,
    pub(crate) customer: String,
    pub(crate) customer_title: String,
    pub(crate) activity: String,
    pub(crate) code: String,
    pub(crate) status: String,
    pub(crate) status_word: String,
    pub(crate) preview: String,
    pub(crate) shape: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) number: u32,
    pub(crate) side: String,
    pub(crate) text: String,
    pub(crate) sender: String,
    pub(crate) sender_title: String,
    pub(crate) shape: String,
}

/// A conversation on either page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) customer: String,
    pub(crate) customer_title: String,
    pub(crate) activity: String,
    pub(crate) activity_title: Option<String>,
    pub(crate) code: String,
    pub(crate) status: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) frame: String,
}

/// A conversation whose booking and messages are one text, and what the crate makes of it.
pub(crate) struct Story {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) booking: Booking,
    /// The text as a message, if it can be one.
    pub(crate) body: Option<MessageBody>,
}

/// How each of them begins: a text that no rule changes.
pub(crate) const HELLO: &str = "Hello";

impl Story {
    pub(crate) fn new(id: impl Into<String>, text: &str) -> Self {
        let id = id.into();
        let (booking, starts_at) = (BookingId::new(&id).unwrap(), Timestamp::UNIX_EPOCH);
        let booking = Booking::new(booking, text, text, starts_at)
            .with_status(BookingStatus::from_word(text))
            .with_customer_name(DisplayName::new(text));
        Self { id, text: text.to_owned(), booking, body: MessageBody::new(text).ok() }
    }

    /// As a line of an import.
    pub(crate) fn line(&self) -> String {
        let Self { id, text, .. } = self;
        let turn = |from, text: &str| json!({ "from": from, "text": text });
        let turns = [turn("customer", HELLO), turn("operator", text), turn("customer", text)];
        let line = json!({ "id": id, "about": [text], "code": text, "customer": text,
                           "status": text, "turns": turns });
        format!("{line}\n")
    }

    /// The text, or another where it is no message.
    pub(crate) fn sendable(&self) -> &str {
        if self.body.is_some() { &self.text } else { HELLO }
    }

    fn customer(&self) -> OneLine {
        screen().customer(&self.booking)
    }

    fn status(&self) -> OneLine {
        screen().status(&self.booking.status)
    }

    fn preview(&self) -> String {
        let hello = || MessageBody::new(HELLO).unwrap();
        Preview::of(&self.body.clone().unwrap_or_else(hello)).to_string()
    }

    /// The texts that both sides have sent, in their order.
    pub(crate) fn messages(&self) -> Vec<(&str, &str)> {
        let body = self.body.as_ref().map(MessageBody::as_str);
        let both = ["operator", "customer"].into_iter().filter_map(|side| Some((side, body?)));
        [("customer", HELLO)].into_iter().chain(both).collect()
    }

    #[track_caller]
    pub(crate) fn is_in(&self, row: &Row, harmless: &Row) {
        let (id, customer) = (&self.id, self.customer());
        assert_eq!(row.booking, *id);
        assert_eq!((&*row.customer, &*row.customer_title), (customer.as_str(), customer.as_str()));
        assert_eq!(row.activity, self.booking.activity.as_str(), "{id}");
        assert_eq!(row.code, OneLine::new(self.booking.code.short()).as_str(), "{id}");
        assert_eq!(row.status, self.status().as_str(), "{id}");
        assert_eq!(row.status_word, self.booking.status.word(), "{id}");
        assert_eq!(row.preview, self.preview(), "{id}");
        assert_eq!(row.shape, harmless.shape, "{id} has put something into the list");
    }

    #[track_caller]
    pub(crate) fn is_on(&self, shown: &Shown, harmless: &Shown) {
        let (id, customer) = (&self.id, self.customer());
        let names = (&*shown.customer, &*shown.customer_title);
        assert_eq!(names, (customer.as_str(), customer.as_str()), "{id}");
        assert_eq!(shown.activity, self.booking.activity.as_str(), "{id}");
        assert_eq!(shown.activity_title.as_deref(), Some(self.booking.activity.as_str()), "{id}");
        assert_eq!(shown.code, self.booking.code.as_str(), "{id}");
        assert_eq!(shown.status, self.status().as_str(), "{id}");
        let said = shown.messages.iter().map(|one| (one.side.as_str(), one.text.as_str()));
        assert_eq!(said.collect::<Vec<_>>(), self.messages(), "{id}");
        for message in &shown.messages {
            let sender = if message.side == "operator" { "Maya" } else { customer.as_str() };
            let names = (&*message.sender, &*message.sender_title);
            assert_eq!(names, (sender, sender), "{id}");
            assert_eq!(message.shape, harmless.messages[0].shape, "{id} is in a message");
        }
        assert_eq!(shown.frame, harmless.frame, "{id} has put something into the page");
    }
}

fn screen() -> Screen<'static> {
    Screen::new(&UtcOffset::UTC, &English, Timestamp::UNIX_EPOCH)
}
