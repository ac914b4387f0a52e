//! The operators' list of conversations.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::browser::{Browser, DESKTOP, ENTER, ESCAPE};
use crate::dates;
use crate::driver::Driver;
use crate::host::Host;

/// One conversation of the list, as it is on the screen.
#[derive(Debug, Deserialize)]
struct Row {
    booking: String,
    unread: bool,
    customer: String,
    activity: String,
    code: String,
    #[serde(rename = "booking-date")]
    booking_date: String,
    status: String,
    relative: String,
    you: String,
    preview: String,
    badge: String,
}

async fn rows(browser: &Browser) -> Vec<Row> {
    let script = "return [...document.querySelectorAll('.conversation')].map(it => {\
        const row = { booking: it.dataset.booking, unread: it.classList.contains('unread') };\
        for (const name of ['customer', 'activity', 'code', 'booking-date', 'status', 'relative',\
            'you', 'preview', 'badge']) row[name] = it.querySelector(`.${name}`).textContent;\
        return row; })";
    browser.ask(script, &[]).await
}

async fn bookings(browser: &Browser) -> Vec<String> {
    let found = browser.attributes(".conversation", "data-booking").await;
    found.into_iter().map(Option::unwrap).collect()
}

/// L1, T7, W6, W7: each row has all that a team looks for, the newest is at the top,
/// and more come as one scrolls down.
pub(crate) async fn a_row_tells_what_a_conversation_is_about(driver: &Driver) {
    let begun = OffsetDateTime::now_utc();
    let host = Host::start(&[]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    kim.appears(".conversation").await;
    let rows = rows(&kim).await;
    assert_eq!(rows.len(), 20, "a page");

    let first = &rows[0];
    assert_eq!(first.booking, "k7q2-xh41-09");
    assert_eq!((first.customer.as_str(), first.code.as_str()), ("Ann Lee", "K7Q2"));
    assert_eq!(
        (first.activity.as_str(), first.status.as_str()),
        ("Sunset kayak tour", "Confirmed")
    );
    let dates = dates::booked(3).map(|(date, _)| date);
    assert!(dates.contains(&first.booking_date), "{first:?} {dates:?}");
    assert_eq!(first.preview, "She has her own life vest 🐕‍🦺");
    assert_eq!((first.badge.as_str(), first.unread, first.you.as_str()), ("2", true, ""));
    let minutes: i64 = first.relative.strip_suffix('m').unwrap().parse().unwrap();
    let passed = (OffsetDateTime::now_utc() - begun).whole_minutes() + 1;
    assert!((12..=12 + passed).contains(&minutes), "{first:?}");

    let find = |booking: &str| rows.iter().find(|row| row.booking == booking).unwrap();
    let whales = find("d3vv-48ke-05");
    assert_eq!((whales.badge.as_str(), whales.relative.as_str()), ("9+", "2h"));
    let boat = find("m4zp-77qa-31");
    assert_eq!((boat.badge.as_str(), boat.unread, boat.you.as_str()), ("", false, "You: "));
    let preview = "That's tight, but the 12:30 boat has room. Shall I move you? It costs nothing.";
    assert_eq!(boat.preview, preview);
    let nobody = find("h5lk-63tt-88");
    assert_eq!((nobody.customer.as_str(), nobody.status.as_str()), ("Customer", "Complete"));
    assert_eq!(find("r9td-02lm-77").status, "Pending");
    assert_eq!(find("a2cc-19zz-64").status, "Cancelled");
    assert_eq!(find("a2cc-19zz-64").relative, "3d");
    assert_eq!(find("x0ml-12nd-40").status, "on hold");

    // One below the other, and further down as one scrolls.
    let edges = kim.edges(".conversation").await;
    assert!(edges.is_sorted_by(|above, below| above.bottom <= below.top), "{edges:?}");
    let list = "return document.getElementById('list-scroll').scrollTop = arguments[0]";
    kim.ask::<Value>(list, &[json!(1e6)]).await;
    kim.until("all are there".into(), async || bookings(&kim).await.len() == 27).await;
    let all = bookings(&kim).await;
    let newest = ["k7q2-xh41-09", "r9td-02lm-77", "t1wx-90bc-12", "d3vv-48ke-05", "m4zp-77qa-31"];
    assert_eq!(all[..5], newest);
    assert_eq!((all[9].as_str(), all[26].as_str()), ("g0011-017", "g1830-544"));
    let times = kim.attributes(".conversation .relative", "datetime").await;
    let times: Vec<_> = times.iter().map(|at| dates::moment(at.as_deref().unwrap())).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
    kim.close().await;
}

/// U4: the location's unread number stands in the title and counts conversations, and
/// the list can be made to show only those.
pub(crate) async fn only_unread_conversations_can_be_listed(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    kim.is_titled("(3) Conversations – Reef Tours Honolulu").await;
    assert_eq!(kim.text("#unread-total").await, "3");

    kim.click(".switch").await;
    let unread = ["k7q2-xh41-09", "r9td-02lm-77", "d3vv-48ke-05"];
    kim.until("only unread ones are listed".into(), async || bookings(&kim).await == unread).await;
    // What is open stays, and what is left is not listed any more.
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.shows("#unread-total", &["2"]).await;
    kim.shows("[data-booking=k7q2-xh41-09] .badge", &[""]).await;
    assert_eq!(bookings(&kim).await, unread);
    kim.click("[data-booking=r9td-02lm-77] a").await;
    kim.is_titled("(1) Conversations – Reef Tours Honolulu").await;
    kim.until("the first is gone".into(), async || bookings(&kim).await == unread[1..]).await;
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    kim.is_titled("Conversations – Reef Tours Honolulu").await;
    kim.shows("#unread-total", &[""]).await;
    kim.press(ESCAPE).await;
    kim.appears("#no-conversations").await;
    assert_eq!(kim.text("#no-conversations").await, "All read. Nice work!");
    assert!(bookings(&kim).await.is_empty());
    kim.click(".switch").await;
    kim.until("all are back".into(), async || bookings(&kim).await.len() == 20).await;

    // Another location has its own.
    kim.click(".places li:nth-child(2) a").await;
    kim.is_titled("(2) Conversations – Marina Cruises Dubai").await;
    let dubai = ["j4ab-20mc-11", "n9yy-07ds-52", "w3fg-95pl-76"];
    kim.until("Dubai's are listed".into(), async || bookings(&kim).await == dubai).await;
    kim.close().await;
}

/// L5, L1: a conversation starts from a booking, once, and moves to the top.
pub(crate) async fn a_conversation_starts_from_a_booking(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    let lou = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    lou.go(&host.operators).await;
    kim.until("there is a choice".into(), async || kim.texts("#start option").await.len() == 1 + 3)
        .await;

    kim.pick("#start-booking", "z6pq-80hj-03").await;
    kim.click("#start-button").await;
    kim.appears("#chat[data-state=open]").await;
    assert_eq!(kim.text("#customer").await, "Amelia Johansson");
    assert_eq!(kim.text("#no-messages").await, "No messages yet. Say hello!");
    assert!(kim.sees("#no-messages").await);
    kim.until("it cannot be started again".into(), async || {
        kim.texts("#start option").await.len() == 1 + 2
    })
    .await;
    for browser in [&kim, &lou] {
        browser
            .until("it is at the top".into(), async || bookings(browser).await[0] == "z6pq-80hj-03")
            .await;
        assert_eq!(rows(browser).await[0].preview, "");
    }
    kim.type_into("#draft", &format!("Aloha Amelia!{ENTER}")).await;
    for browser in [&kim, &lou] {
        browser.shows("[data-booking=z6pq-80hj-03] .preview", &["Aloha Amelia!"]).await;
    }
    assert!(!kim.sees("#no-messages").await);
    let amelia = kim.attributes("#portal", "href").await.remove(0).unwrap();
    let page = host.customers.split_once("/portal/").unwrap().0.to_owned() + &amelia;
    lou.go(&page).await;
    lou.shows(".message .text", &["Aloha Amelia!"]).await;
    kim.close().await;
    lou.close().await;
}
