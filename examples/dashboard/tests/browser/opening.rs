//! Opening and closing conversations.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, ESCAPE};
use crate::driver::Driver;
use crate::polling;
use crate::server::Server;

const NOT_OPENED: &str = "This conversation could not be loaded. Trying again…";

/// Lets requests that open a conversation fail until `window.isReachable` is true.
const FAIL_TO_OPEN: &str = "const realFetch = window.fetch; window.isReachable = false;\
    window.fetch = (url, options) => {\
        const isOpening = /\\/threads\\/[^/]+\\?/.test(String(url));\
        if (isOpening && !window.isReachable) return Promise.reject(new TypeError('offline'));\
        return realFetch(url, options);\
    }";

async fn bookings(browser: &Browser) -> Vec<String> {
    browser.attributes(".conversation", "data-booking").await.into_iter().flatten().collect()
}

/// A conversation that could not be opened says so, and is opened when the server can be reached
/// again. A second click on the same row tries at once.
pub(crate) async fn a_failed_opening_is_tried_again(driver: &Driver) {
    for is_clicked in [false, true] {
        let interval = if is_clicked { polling::HOUR } else { "100" };
        let server = Server::start(&["--poll-ms", interval]);
        let kim = driver.browser(DESKTOP).await;
        kim.goto(&server.team_url).await;
        kim.wait_visible(".conversation .relative-time[data-row-text]").await;
        kim.execute::<Value>(FAIL_TO_OPEN, &[]).await;
        kim.click("[data-booking=k7q2-xh41-09] a").await;
        kim.wait_visible("#open-error").await;
        assert_eq!(kim.text("#open-error").await, NOT_OPENED);
        kim.execute::<Value>("window.isReachable = true", &[]).await;
        if is_clicked {
            kim.click("[data-booking=k7q2-xh41-09] a").await;
        }
        kim.wait_visible("#chat[data-state=open] .message").await;
        assert!(!kim.is_visible("#open-error").await);
        kim.close().await;
    }
}

/// The browser's back button does not open again what was closed or marked as unread.
pub(crate) async fn back_does_not_reopen_a_closed_conversation(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    for close in ["#mark-unread", "Escape"] {
        kim.goto("about:blank").await;
        kim.goto(&server.team_url).await;
        kim.click("[data-booking=d3vv-48ke-05] a").await;
        kim.wait_visible("#chat[data-state=open]").await;
        if close == "Escape" {
            kim.press(ESCAPE).await;
        } else {
            kim.click(close).await;
        }
        kim.wait_visible("#no-selection").await;
        kim.execute::<Value>("history.back()", &[]).await;
        polling::poll_now(&kim).await;
        polling::poll_now(&kim).await;
        assert!(kim.is_visible("#no-selection").await, "{close}");
        let badge = kim.text("[data-booking=d3vv-48ke-05] .badge").await;
        assert_eq!(badge, if close == "Escape" { "" } else { "1" });
    }
    kim.close().await;
}

/// If the list is limited to unread or waiting conversations, the open conversation keeps its row.
pub(crate) async fn a_limited_list_keeps_the_open_conversation(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_texts("#unread-total", &["2"]).await;
    kim.click("#lists label:has([value=unread])").await;
    let is_limited = async || bookings(&kim).await.len() == 3;
    kim.wait_until("the list is limited".into(), is_limited).await;
    polling::poll_now(&kim).await;
    assert_eq!(bookings(&kim).await[0], "k7q2-xh41-09");
    kim.close().await;
}

/// An unsent text is marked in the list, survives a reload, and is shown in another tab.
pub(crate) async fn an_unsent_text_is_marked_in_the_list_and_shared_by_tabs(driver: &Driver) {
    const MARK: &str = "[data-booking=k7q2-xh41-09] .draft-mark";
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_visible("#chat[data-state=open]").await;
    kim.type_into("#draft", "On my").await;
    kim.wait_texts(MARK, &["Draft: "]).await;
    let first = kim.open_tab(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_visible("#chat[data-state=open]").await;
    kim.wait_texts(MARK, &["Draft: "]).await;
    assert_eq!(kim.value("#draft").await, "On my");
    kim.type_into("#draft", &format!(" way{ENTER}")).await;
    kim.wait_visible(".message[data-number='7']").await;
    kim.wait_texts(MARK, &[""]).await;
    kim.close_tab(first).await;
    kim.wait_texts(MARK, &[""]).await;
    assert_eq!(kim.value("#draft").await, "");
    kim.close().await;
}
