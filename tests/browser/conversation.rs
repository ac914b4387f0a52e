//! The conversation that an operator has open.

use serde::Deserialize;

use crate::browser::{Browser, DESKTOP, ESCAPE, PHONE};
use crate::dates;
use crate::driver::Driver;
use crate::host::Host;

/// A message on the screen, with the date that stands above it.
#[derive(Debug, Deserialize)]
struct Shown {
    date: String,
    side: String,
    sender: String,
    named: bool,
    at: String,
    time: String,
    receipt: String,
    left: f64,
    right: f64,
}

/// And the edges of what they are all in, without its padding.
async fn messages(browser: &Browser) -> (Vec<Shown>, f64, f64) {
    let script = "const of = (it, css) => it.querySelector(css);\
        const days = document.getElementById('days').getBoundingClientRect();\
        return [[...document.querySelectorAll('.message')].map(it => ({\
            date: it.closest('.day').dataset.date, side: it.dataset.side,\
            sender: of(it, '.sender').textContent,\
            named: of(it, '.sender').getBoundingClientRect().width > 1,\
            at: of(it, '.time').getAttribute('datetime'), time: of(it, '.time').textContent,\
            receipt: of(it, '.receipt').textContent,\
            left: of(it, '.text').getBoundingClientRect().left,\
            right: of(it, '.text').getBoundingClientRect().right,\
        })), days.left, days.right]";
    browser.ask(script, &[]).await
}

/// W4, W5, U1: the booking stands above, dates divide, the customer's messages are on
/// the left under their name, replies on the right, and "Read" is on what was.
pub(crate) async fn an_open_conversation_tells_who_said_what_when(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    assert_eq!(kim.text("#nothing-title").await, "Pick a conversation");
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.appears("#chat[data-state=open]").await;
    let panel = kim.edges("#panel").await.remove(0);
    let chat = kim.edges("#chat").await.remove(0);
    assert!(panel.left == 0.0 && panel.right <= chat.left, "{panel:?} {chat:?}");

    for (css, text) in [
        ("#customer", "Ann Lee"),
        ("#activity", "Sunset kayak tour"),
        ("#code", "K7Q2-XH41-09"),
        ("#duration", "2h 30m"),
        ("#booking-status", "Confirmed"),
    ] {
        assert_eq!(kim.text(css).await, text, "{css}");
        assert!(kim.sees(css).await, "{css}");
    }
    let booked = (kim.text("#date").await, kim.text("#time").await);
    assert!(dates::booked(3).contains(&booked), "{booked:?} {:?}", dates::booked(3));
    let crm = kim.attributes("#crm", "href").await.remove(0).unwrap();
    assert_eq!(crm, "https://crm.example/profiles/crm-K7Q2");
    assert!(kim.sees("#crm").await);

    let (shown, left, right) = messages(&kim).await;
    assert_eq!(shown.len(), 6);
    for message in &shown {
        let (date, time) = dates::local(&message.at);
        assert_eq!((&message.date, &message.time), (&date, &time), "{message:?}");
        let at =
            if message.side == "customer" { message.left - left } else { right - message.right };
        assert!((0.0..=1.0).contains(&at), "{message:?} in {left} to {right}");
        // And so narrow that one sees which side it is on.
        assert!(message.right - message.left < 0.8 * (right - left), "{message:?}");
    }
    let by: Vec<_> = shown.iter().map(|it| (it.side.as_str(), it.sender.as_str())).collect();
    let ann = ("customer", "Ann Lee");
    let team = [("operator", "Maya"), ("operator", "Support")];
    assert_eq!(by, [ann, team[0], ann, team[1], ann, ann]);
    assert!(shown[..5].iter().all(|it| it.named), "each is under a name: {shown:?}");
    assert!(!shown[5].named || shown[5].date != shown[4].date, "one name above two");
    let read: Vec<_> = shown.iter().map(|it| it.receipt.as_str()).collect();
    assert_eq!(read, ["", "Read", "", "Read", "", ""]);

    let days = kim.attributes(".day", "data-date").await;
    let dividers = kim.texts(".divider span").await;
    assert!(days.is_sorted() && days.len() > 1, "{days:?}");
    for (day, divider) in days.iter().zip(&dividers) {
        let headings = dates::headings(day.as_deref().unwrap());
        assert!(headings.contains(divider), "{divider} {headings:?}");
    }

    // Who has no name, and is not in the CRM.
    kim.click("[data-booking=h5lk-63tt-88] a").await;
    kim.shows("#code", &["H5LK-63TT-88"]).await;
    kim.appears("#chat[data-state=open]").await;
    assert_eq!(kim.text("#customer").await, "Customer");
    assert!(!kim.sees("#crm").await);
    kim.close().await;
}

/// U1, U3: opening reads what is shown, for the whole team; "mark unread" makes the
/// newest one unread again and closes, or a poll would read it at once.
pub(crate) async fn marking_unread_is_seen_by_the_whole_team(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.go(&host.operators).await;
    lou.go(&host.operators).await;
    let badge = "[data-booking=d3vv-48ke-05] .badge";
    lou.shows(badge, &["9+"]).await;
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    for browser in [&kim, &lou] {
        browser.shows(badge, &[""]).await;
        browser.shows("#unread-total", &["2"]).await;
    }
    kim.click("#mark-unread").await;
    kim.appears("#nothing").await;
    for browser in [&kim, &lou] {
        browser.shows(badge, &["1"]).await;
        browser.shows("#unread-total", &["3"]).await;
        assert!(browser.sees(".conversation.unread[data-booking=d3vv-48ke-05]").await);
    }
    kim.reload().await;
    kim.shows(badge, &["1"]).await;

    // The address tells what is open: a reload keeps it, and the way back closes it.
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    kim.appears("#chat[data-state=open]").await;
    kim.reload().await;
    kim.appears("#chat[data-state=open]").await;
    assert_eq!(kim.text("#code").await, "D3VV-48KE-05");
    kim.press(ESCAPE).await;
    kim.appears("#nothing").await;
    kim.close().await;
    lou.close().await;
}

/// On a phone an operator has either the list or a conversation in front of them.
pub(crate) async fn a_phone_shows_the_list_or_the_conversation(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.devtools.window(PHONE).await;
    kim.go(&host.operators).await;
    kim.appears(".conversation").await;
    assert!(!kim.sees("#chat").await);
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.appears("#draft").await;
    assert!(!kim.sees("#panel").await);
    for css in ["#chat", "#log", "#composer", "#send"] {
        let edges = kim.edges(css).await.remove(0);
        assert!(edges.left >= 0.0 && edges.right <= f64::from(PHONE.0), "{css}: {edges:?}");
        assert!(edges.bottom <= f64::from(PHONE.1), "{css}: {edges:?}");
    }
    kim.click("#back").await;
    kim.appears("#panel").await;
    assert!(!kim.sees("#chat").await);
    kim.close().await;
}
