//! The operators' list of conversations.

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::browser::{Browser, DESKTOP, ENTER, ESCAPE};
use crate::driver::Driver;
use crate::expected_dates;
use crate::polling;
use crate::server::Server;

/// The texts of one row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    booking: String,
    is_unread: bool,
    customer: String,
    activity: String,
    code: String,
    booking_date: String,
    status: String,
    relative_time: String,
    you: String,
    preview: String,
    badge: String,
}

async fn rows(browser: &Browser) -> Vec<Row> {
    let script = "const names = ['customer', 'activity', 'code', 'booking-date', 'status',\
            'relative-time', 'you', 'preview', 'badge'];\
        return [...document.querySelectorAll('.conversation')].map((item) => {\
            const isUnread = item.classList.contains('unread');\
            const row = { booking: item.dataset.booking, 'is-unread': isUnread };\
            for (const name of names) row[name] = item.querySelector(`.${name}`).textContent;\
            return row; })";
    browser.execute(script, &[]).await
}

async fn bookings(browser: &Browser) -> Vec<String> {
    let bookings = browser.attributes(".conversation", "data-booking").await;
    bookings.into_iter().map(Option::unwrap).collect()
}

/// L1, T7, W6, W7: each row has the booking, the preview, the relative time and the badge.
/// The newest row is first, and scrolling loads more rows.
pub(crate) async fn a_row_shows_the_booking_the_preview_and_the_badge(driver: &Driver) {
    let started_at = OffsetDateTime::now_utc();
    let server = Server::start(&[]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation").await;
    let rows = rows(&kim).await;
    assert_eq!(rows.len(), 20, "the first page has another number of rows");

    let first = &rows[0];
    assert_eq!(first.booking, "k7q2-xh41-09");
    assert_eq!((first.customer.as_str(), first.code.as_str()), ("Ann Lee", "K7Q2"));
    assert_eq!(first.activity, "Sunset kayak tour");
    assert_eq!(first.status, "Confirmed");
    let dates = expected_dates::booking_start(3).map(|(date, _)| date);
    assert!(dates.contains(&first.booking_date), "{first:?} {dates:?}");
    assert_eq!(first.preview, "She has her own life vest 🐕‍🦺");
    assert_eq!((first.badge.as_str(), first.is_unread, first.you.as_str()), ("2", true, ""));
    let minutes: i64 = first.relative_time.strip_suffix('m').unwrap().parse().unwrap();
    let elapsed = (OffsetDateTime::now_utc() - started_at).whole_minutes() + 1;
    assert!((12..=12 + elapsed).contains(&minutes), "{first:?}");

    let find = |booking: &str| rows.iter().find(|row| row.booking == booking).unwrap();
    let whales = find("d3vv-48ke-05");
    assert_eq!((whales.badge.as_str(), whales.relative_time.as_str()), ("9+", "2h"));
    let boat = find("m4zp-77qa-31");
    assert_eq!((boat.badge.as_str(), boat.is_unread, boat.you.as_str()), ("", false, "You: "));
    let preview = "That's tight, but the 12:30 boat has room. Shall I move you? It costs nothing.";
    assert_eq!(boat.preview, preview);
    let unnamed = find("h5lk-63tt-88");
    assert_eq!((unnamed.customer.as_str(), unnamed.status.as_str()), ("Customer", "Complete"));
    assert_eq!(find("r9td-02lm-77").status, "Pending");
    assert_eq!(find("a2cc-19zz-64").status, "Cancelled");
    assert_eq!(find("a2cc-19zz-64").relative_time, "3d");
    assert_eq!(find("x0ml-12nd-40").status, "on hold");

    let rects = kim.rects(".conversation").await;
    let is_stacked = rects.is_sorted_by(|above, below| above.bottom <= below.top + 0.1);
    assert!(is_stacked, "rows overlap: {rects:?}");
    let scroll = "return document.getElementById('list-scroll').scrollTop = arguments[0]";
    kim.execute::<Value>(scroll, &[json!(1e6)]).await;
    let is_complete = async || bookings(&kim).await.len() == 27;
    kim.wait_until("all rows are loaded".into(), is_complete).await;
    let all = bookings(&kim).await;
    let newest = ["k7q2-xh41-09", "r9td-02lm-77", "t1wx-90bc-12", "d3vv-48ke-05", "m4zp-77qa-31"];
    assert_eq!(all[..5], newest);
    assert_eq!((all[9].as_str(), all[26].as_str()), ("g0011-017", "g1830-544"));
    let times = kim.attributes(".conversation .relative-time", "datetime").await;
    let times: Vec<_> =
        times.iter().map(|time| expected_dates::parse_instant(time.as_deref().unwrap())).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
    kim.close().await;
}

/// U4: the title has the location's number of unread conversations, and the list can be
/// limited to unread conversations.
pub(crate) async fn the_list_can_be_limited_to_unread_conversations(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_title("(3) Conversations – Reef Tours Honolulu").await;
    assert_eq!(kim.text("#unread-total").await, "3");

    kim.click("#lists label:has([value=unread])").await;
    let unread = ["k7q2-xh41-09", "r9td-02lm-77", "d3vv-48ke-05"];
    let is_limited = async || bookings(&kim).await == unread;
    kim.wait_until("the list has only unread conversations".into(), is_limited).await;
    // A conversation that has just been read stays in the list while it is open.
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.wait_texts("#unread-total", &["2"]).await;
    kim.wait_texts("[data-booking=k7q2-xh41-09] .badge", &[""]).await;
    assert_eq!(bookings(&kim).await, unread);
    kim.click("[data-booking=r9td-02lm-77] a").await;
    kim.wait_title("(1) Conversations – Reef Tours Honolulu").await;
    let is_removed = async || bookings(&kim).await == unread[1..];
    kim.wait_until("the first conversation is removed".into(), is_removed).await;
    kim.click("[data-booking=d3vv-48ke-05] a").await;
    kim.wait_title("Conversations – Reef Tours Honolulu").await;
    kim.wait_texts("#unread-total", &[""]).await;
    kim.press(ESCAPE).await;
    kim.wait_visible("#no-conversations").await;
    assert_eq!(kim.text("#no-conversations").await, "All read. Nice work!");
    assert!(bookings(&kim).await.is_empty());
    kim.click("#lists label:has([value=all])").await;
    let is_complete = async || bookings(&kim).await.len() == 20;
    kim.wait_until("the list has all conversations".into(), is_complete).await;

    // Another location has its own list.
    kim.click(".locations li:nth-child(2) a").await;
    kim.wait_title("(2) Conversations – Marina Cruises Dubai").await;
    let dubai = ["j4ab-20mc-11", "n9yy-07ds-52", "w3fg-95pl-76"];
    let is_dubai = async || bookings(&kim).await == dubai;
    kim.wait_until("the list has Dubai's conversations".into(), is_dubai).await;
    kim.close().await;
}

/// L5, L1: an operator starts the conversation of a booking once, and it moves to the top.
pub(crate) async fn a_conversation_can_be_started_for_a_booking(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    let lou = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    lou.goto(&server.team_url).await;
    let options = async || kim.texts("#start option").await.len();
    kim.wait_until("three bookings can be chosen".into(), async || options().await == 1 + 3).await;

    kim.select("#start-booking", "z6pq-80hj-03").await;
    kim.click("#start-button").await;
    kim.wait_visible("#chat[data-state=open]").await;
    assert_eq!(kim.text("#customer").await, "Amelia Johansson");
    assert_eq!(kim.text("#no-messages").await, "No messages yet. Say hello!");
    assert!(kim.is_visible("#no-messages").await);
    kim.wait_until("two bookings can be chosen".into(), async || options().await == 1 + 2).await;
    for browser in [&kim, &lou] {
        let is_first = async || bookings(browser).await[0] == "z6pq-80hj-03";
        browser.wait_until("the conversation is at the top".into(), is_first).await;
        assert_eq!(rows(browser).await[0].preview, "");
    }
    kim.type_into("#draft", &format!("Aloha Amelia!{ENTER}")).await;
    for browser in [&kim, &lou] {
        browser.wait_texts("[data-booking=z6pq-80hj-03] .preview", &["Aloha Amelia!"]).await;
    }
    assert!(!kim.is_visible("#no-messages").await);
    let portal = kim.attributes("#portal", "href").await.remove(0).unwrap();
    lou.goto(&format!("{}{portal}", server.origin())).await;
    lou.wait_texts(".message .text", &["Aloha Amelia!"]).await;
    kim.close().await;
    lou.close().await;
}

/// A click acts on the row that was under the pointer when the button went down, even if a message
/// would move the rows before the button goes up.
pub(crate) async fn a_click_opens_the_row_under_the_pressed_pointer(driver: &Driver) {
    const REPLY: &str = "const api = document.querySelector('meta[name=api]').content;\
        return fetch(`${api}/threads/m4zp-77qa-31/messages`, { method: 'POST',\
            headers: { 'Content-Type': 'application/json' }, body: '{\"body\":\"Moved\"}' })\
            .then((response) => response.status)";
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation .relative-time[data-row-text]").await;
    let row = kim.rect("[data-booking=r9td-02lm-77]").await;
    let (x, y) = (f64::midpoint(row.left, row.right), f64::midpoint(row.top, row.bottom));
    let mouse = async |kind: &str| {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
        kim.devtools.command("Input.dispatchMouseEvent", event).await;
    };
    mouse("mousePressed").await;
    assert_eq!(kim.execute::<u16>(REPLY, &[]).await, 201);
    polling::poll_now(&kim).await;
    mouse("mouseReleased").await;
    kim.wait_texts("#code", &["R9TD-02LM-77"]).await;
    let is_moved = async || bookings(&kim).await[0] == "m4zp-77qa-31";
    kim.wait_until("the row with the new message is at the top".into(), is_moved).await;
    kim.close().await;
}

/// A screen reader politely announces a message in another conversation, with the number of
/// unread conversations. A message in the open conversation is announced by its log.
pub(crate) async fn a_message_in_another_conversation_is_announced(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.goto(&server.conversation_url("m4zp-77qa-31")).await;
    kim.wait_title("(3) Conversations – Reef Tours Honolulu").await;
    assert_eq!(kim.attributes("#announcement", "role").await, [Some("status".into())]);
    assert_eq!(kim.text("#announcement").await, "");
    ann.goto(&server.customer_url).await;
    ann.type_into("#draft", &format!("Hello?{ENTER}")).await;
    let text = "New messages from: Ann Lee. Unread conversations: 3.";
    kim.wait_texts("#announcement", &[text]).await;

    kim.execute::<Value>("document.getElementById('announcement').textContent = ''", &[]).await;
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.wait_texts("#unread-total", &["2"]).await;
    ann.type_into("#draft", &format!("Are you there?{ENTER}")).await;
    kim.wait_visible(".message[data-number='8']").await;
    polling::poll_now(&kim).await;
    assert_eq!(kim.text("#announcement").await, "");
    kim.close().await;
    ann.close().await;
}
