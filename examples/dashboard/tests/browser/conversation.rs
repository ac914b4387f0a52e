//! The conversation that an operator has open.

use serde::Deserialize;

use crate::browser::{Browser, DESKTOP, ESCAPE, PHONE};
use crate::driver::Driver;
use crate::expected_dates;
use crate::server::Server;

/// A message on the screen.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownMessage {
    /// The date of the section that the message is in.
    date: String,
    side: String,
    sender: String,
    is_sender_visible: bool,
    instant: String,
    time: String,
    receipt: String,
    left: f64,
    right: f64,
}

/// Reads all messages, and the left and the right edge of their container.
async fn messages(browser: &Browser) -> (Vec<ShownMessage>, f64, f64) {
    let script = "const find = (item, css) => item.querySelector(css);\
        const rect = (element) => element.getBoundingClientRect();\
        const container = rect(document.getElementById('sections'));\
        return [[...document.querySelectorAll('.message')].map((item) => ({\
            date: item.closest('.date-section').dataset.date, side: item.dataset.side,\
            sender: find(item, '.sender').textContent,\
            isSenderVisible: rect(find(item, '.sender')).width > 1,\
            instant: find(item, '.time').getAttribute('datetime'),\
            time: find(item, '.time').textContent,\
            receipt: find(item, '.receipt').textContent,\
            left: rect(find(item, '.text')).left, right: rect(find(item, '.text')).right,\
        })), container.left, container.right]";
    browser.execute(script, &[]).await
}

/// W4, W5, U1: the page shows the booking, date headings, the customer's messages on the
/// left with the sender's name, replies on the right, and "Read" on the replies that the
/// customer has read.
pub(crate) async fn a_conversation_shows_senders_dates_and_receipts(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    assert_eq!(kim.text("#no-selection-title").await, "Pick a conversation");
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.wait_visible("#chat[data-state=open]").await;
    let (inbox, chat) = (kim.rect("#inbox").await, kim.rect("#chat").await);
    assert!(inbox.left == 0.0 && inbox.right <= chat.left, "{inbox:?} {chat:?}");

    for (css, text) in [
        ("#customer", "Ann Lee"),
        ("#activity", "Sunset kayak tour"),
        ("#code", "K7Q2-XH41-09"),
        ("#duration", "2h 30m"),
        ("#booking-status", "Confirmed"),
    ] {
        assert_eq!(kim.text(css).await, text, "{css}");
        assert!(kim.is_visible(css).await, "{css}");
    }
    let start = (kim.text("#date").await, kim.text("#time").await);
    let expected = expected_dates::booking_start(3);
    assert!(expected.contains(&start), "{start:?} {expected:?}");
    let crm = kim.attributes("#crm", "href").await.remove(0).unwrap();
    assert_eq!(crm, "https://crm.example/profiles/crm-K7Q2");
    assert!(kim.is_visible("#crm").await);

    let (shown, left, right) = messages(&kim).await;
    assert_eq!(shown.len(), 6);
    for message in &shown {
        let (date, time) = expected_dates::local(&message.instant);
        assert_eq!((&message.date, &message.time), (&date, &time), "{message:?}");
        let distance =
            if message.side == "customer" { message.left - left } else { right - message.right };
        assert!((0.0..=1.0).contains(&distance), "{message:?} in {left} to {right}");
        let is_narrow = message.right - message.left < 0.8 * (right - left);
        assert!(is_narrow, "too wide to recognize the side: {message:?}");
    }
    let senders: Vec<_> = shown.iter().map(|it| (it.side.as_str(), it.sender.as_str())).collect();
    let ann = ("customer", "Ann Lee");
    let (maya, support) = (("operator", "Maya"), ("operator", "Support"));
    assert_eq!(senders, [ann, maya, ann, support, ann, ann]);
    assert!(shown[..5].iter().all(|it| it.is_sender_visible), "a sender is hidden: {shown:?}");
    let is_grouped = !shown[5].is_sender_visible || shown[5].date != shown[4].date;
    assert!(is_grouped, "consecutive messages of one sender repeat the name");
    let receipts: Vec<_> = shown.iter().map(|it| it.receipt.as_str()).collect();
    assert_eq!(receipts, ["", "Read", "", "Read", "", ""]);

    let dates = kim.attributes(".date-section", "data-date").await;
    let headings = kim.texts(".date-heading span").await;
    assert!(dates.is_sorted() && dates.len() > 1, "{dates:?}");
    for (date, heading) in dates.iter().zip(&headings) {
        let expected = expected_dates::headings(date.as_deref().unwrap());
        assert!(expected.contains(heading), "{heading} {expected:?}");
    }

    // This customer has no name and no CRM profile.
    kim.click("[data-booking=h5lk-63tt-88] a").await;
    kim.wait_texts("#code", &["H5LK-63TT-88"]).await;
    kim.wait_visible("#chat[data-state=open]").await;
    assert_eq!(kim.text("#customer").await, "Customer");
    assert!(!kim.is_visible("#crm").await);
    kim.close().await;
}

/// U1, U3: opening marks the shown messages as read for the whole team. "Mark unread" makes
/// the newest message unread again and closes the conversation, because the next poll would
/// mark it as read.
pub(crate) async fn marking_as_unread_affects_the_whole_team(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.goto(&server.team_url).await;
    lou.goto(&server.team_url).await;
    let badge = "[data-booking=d3vv-48ke-05] .badge";
    lou.wait_texts(badge, &["9+"]).await;
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    for browser in [&kim, &lou] {
        browser.wait_texts(badge, &[""]).await;
        browser.wait_texts("#unread-total", &["2"]).await;
    }
    kim.click("#mark-unread").await;
    kim.wait_visible("#no-selection").await;
    for browser in [&kim, &lou] {
        browser.wait_texts(badge, &["1"]).await;
        browser.wait_texts("#unread-total", &["3"]).await;
        let is_marked = browser.is_visible(".conversation.unread[data-booking=d3vv-48ke-05]").await;
        assert!(is_marked);
    }
    kim.reload().await;
    kim.wait_texts(badge, &["1"]).await;

    // The address contains the open conversation, so a reload keeps it.
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    kim.wait_visible("#chat[data-state=open]").await;
    kim.reload().await;
    kim.wait_visible("#chat[data-state=open]").await;
    assert_eq!(kim.text("#code").await, "D3VV-48KE-05");
    kim.press(ESCAPE).await;
    kim.wait_visible("#no-selection").await;
    kim.close().await;
    lou.close().await;
}

pub(crate) async fn a_phone_shows_the_list_or_the_conversation(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.set_viewport(PHONE).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation").await;
    assert!(!kim.is_visible("#chat").await);
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.wait_visible("#draft").await;
    assert!(!kim.is_visible("#inbox").await);
    for css in ["#chat", "#log", "#composer", "#send"] {
        let rect = kim.rect(css).await;
        assert!(rect.left >= 0.0 && rect.right <= f64::from(PHONE.0), "{css}: {rect:?}");
        assert!(rect.bottom <= f64::from(PHONE.1), "{css}: {rect:?}");
    }
    kim.click("#back").await;
    kim.wait_visible("#inbox").await;
    assert!(!kim.is_visible("#chat").await);
    kim.close().await;
}
