//! The failures of `docs/what-300-lines-get-wrong.md`, over HTTP. To run the tests against another
//! host application, replace `Host` by one that calls that application.

mod support;

use std::rc::Rc;
use std::sync::Arc;

use axum::http::StatusCode;
use frontdesk::desk::ManualClock;
use frontdesk::store::MemoryStore;
use frontdesk::view::English;
use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId};
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use support::{Server, field};
use time::UtcOffset;

/// The actions and the screens of a host application, for one booking.
struct Host(Server);

/// A page of the team, as it was when it was loaded.
struct TeamPage(String);

impl Host {
    fn start() -> Self {
        Self(Server::start())
    }

    /// Sends the customer's form with a retry key. Returns `true` if the application accepts it.
    async fn ask(&self, text: &str, key: &str) -> bool {
        let form = format!("body={}&key={key}", percent_encode(text));
        self.0.post("/my/b-1", &form).await.0 == StatusCode::SEE_OTHER
    }

    /// Loads the conversation as an operator.
    async fn open(&self) -> TeamPage {
        TeamPage(self.0.get("/team/b-1").await)
    }

    /// Sends the form of a page that was loaded before.
    async fn reply(&self, page: &TeamPage, text: &str) {
        let (key, seen) = (field(&page.0, "key"), field(&page.0, "seen"));
        let form = format!("body={}&key={key}&seen={seen}", percent_encode(text));
        self.0.send("/team/b-1", &form).await;
    }

    /// Returns the unread messages of each row of the inbox, as text.
    async fn unread(&self) -> Vec<String> {
        texts(&self.0.get("/").await, "b")
    }

    /// Returns the previews of the inbox.
    async fn previews(&self) -> Vec<String> {
        let rows = texts(&self.0.get("/").await, "p");
        rows.iter().filter_map(|row| Some(row.split_once('\n')?.1.to_owned())).collect()
    }

    /// Returns the messages on the customer's page, as a browser shows them.
    async fn messages(&self) -> Vec<String> {
        texts(&self.0.get("/my/b-1").await, "blockquote")
    }
}

fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
}

/// Returns the texts of all elements with a name. A line break element is a line feed.
fn texts(html: &str, name: &str) -> Vec<String> {
    fn text_of(node: &Handle) -> String {
        match &node.data {
            NodeData::Text { contents } => contents.borrow().to_string(),
            NodeData::Element { name, .. } if &*name.local == "br" => "\n".to_owned(),
            _ => node.children.borrow().iter().map(text_of).collect(),
        }
    }
    fn visit(node: &Handle, wanted: &str, found: &mut Vec<String>) {
        if let NodeData::Element { name, .. } = &node.data
            && &*name.local == wanted
        {
            found.push(text_of(node));
        }
        node.children.borrow().iter().for_each(|child| visit(child, wanted, found));
    }
    let dom = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
    let (document, mut found) = (Rc::clone(&dom.one(html).document), Vec::new());
    visit(&document, name, &mut found);
    found
}

/// Sixteen first messages at once start one thread and are all stored.
#[tokio::test(flavor = "multi_thread")]
async fn first_messages_at_once_start_one_thread() {
    let host = Arc::new(Host::start());
    let sending: Vec<_> = (0..16)
        .map(|number| {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.ask(&format!("Hello {number}"), "").await })
        })
        .collect();
    for sent in sending {
        assert!(sent.await.unwrap());
    }
    assert_eq!(host.unread().await, ["9+"], "the inbox has one row");
    let mut messages = host.messages().await;
    messages.sort();
    let mut expected: Vec<String> = (0..16).map(|number| format!("Hello {number}")).collect();
    expected.sort();
    assert_eq!(messages, expected);
}

/// Eight retries of one form at once store one message.
#[tokio::test(flavor = "multi_thread")]
async fn retries_at_once_store_one_message() {
    let host = Arc::new(Host::start());
    let sending: Vec<_> = (0..8)
        .map(|_| {
            let host = Arc::clone(&host);
            tokio::spawn(async move { host.ask("Hello", "3f0c9a").await })
        })
        .collect();
    for sent in sending {
        assert!(sent.await.unwrap());
    }
    assert_eq!(host.messages().await, ["Hello"]);
}

/// A message that arrives while an operator reads or writes stays unread.
#[tokio::test]
async fn a_message_that_arrives_behind_the_screen_stays_unread() {
    let host = Host::start();
    assert!(host.ask("One", "").await);
    let page = host.open().await;
    assert_eq!(host.unread().await, [""]);
    assert!(host.ask("Two", "").await);
    assert_eq!(host.unread().await, ["1"]);
    host.reply(&page, "Answer to one").await;
    assert_eq!(host.unread().await, ["1"], "the operator has not seen the second message");
}

/// A browser shows each text as it was typed: encoded once, neither twice nor never.
#[tokio::test]
async fn a_text_is_shown_as_it_was_typed() {
    const TEXTS: [&str; 4] =
        ["Tom's & \"Ann\"", "&amp;#39; &lt;b&gt;", "<script>alert(1)</script>", "</p><b>x"];
    let host = Host::start();
    for text in TEXTS {
        assert!(host.ask(text, "").await);
        assert_eq!(host.previews().await, [text]);
    }
    assert_eq!(host.messages().await, TEXTS);
}

/// A preview ends between the characters that a reader sees.
#[tokio::test]
async fn a_preview_is_cut_between_emojis() {
    let host = Host::start();
    for emoji in ["👩‍👩‍👧", "🇳🇱", "👍🏽", "e\u{301}", "नि"] {
        for shift in ["", "x"] {
            assert!(host.ask(&format!("{shift}{}", emoji.repeat(300)), "").await);
            let preview = host.previews().await.remove(0);
            let kept = preview.trim_end_matches('…').strip_prefix(shift).unwrap();
            assert_eq!(kept.replace(emoji, ""), "", "{preview}");
            assert!(kept.len() > emoji.len() && kept.len() < 300 * emoji.len());
        }
    }
}

/// "Today" is a day of the location, also when the date in UTC is another one.
///
/// This test is not over HTTP, because it sets the clock. To run it against your own code, replace
/// `heading`.
#[tokio::test]
async fn today_is_a_day_of_the_location() {
    // In Auckland it is the morning of March 16, in Los Angeles the afternoon of March 15.
    let now = "2027-03-15T21:00:00Z";
    let (auckland, los_angeles) = (13, -7);
    assert_eq!(heading("2027-03-15T11:30:00Z", now, auckland).await, "Today");
    assert_eq!(heading("2027-03-15T10:30:00Z", now, auckland).await, "Yesterday");
    assert_eq!(heading("2027-03-15T08:00:00Z", now, los_angeles).await, "Today");
    assert_eq!(heading("2027-03-15T06:30:00Z", now, los_angeles).await, "Yesterday");
}

/// Returns the heading above a message at a location that is `hours` ahead of UTC.
async fn heading(sent: &str, now: &str, hours: i8) -> String {
    let clock = ManualClock::new(sent.parse().unwrap());
    let desk = FrontDesk::builder(MemoryStore::new()).clock(clock.clone()).build();
    let booking = Booking::new(BookingId::new("b-1").unwrap(), "K7Q2-XH41", "Harbour tour");
    let (harbour, ann) = (LocationId::new("harbour").unwrap(), ParticipantId::new("c-9").unwrap());
    let customer = desk.customer(harbour, booking.id.clone(), ann).starting_with(booking);
    customer.send("Hello").await.unwrap();

    clock.set(now.parse().unwrap());
    let zone = UtcOffset::from_hms(hours, 0, 0).unwrap();
    let history = customer.history(None, 1).await.unwrap();
    history.view(&desk.view_context(&zone, &English)).sections[0].heading.to_string()
}
