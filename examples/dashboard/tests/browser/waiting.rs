//! The list of conversations that wait for a reply, and automatic replies.

use std::iter::once;

use frontdesk::Role;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER};
use crate::driver::Driver;
use crate::import_file::ImportFile;
use crate::server::Server;

const WAITING: &str = "#lists label:has([value=waiting])";

async fn bookings(browser: &Browser) -> Vec<String> {
    browser.attributes(".conversation", "data-booking").await.into_iter().flatten().collect()
}

/// U5: the longest wait is first. A reply and "No reply needed" end a wait.
pub(crate) async fn the_waiting_list_begins_with_the_longest_wait(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_texts("#waiting-total", &["7"]).await;
    kim.click(WAITING).await;
    let longest_first = [
        "x0ml-12nd-40",
        "h5lk-63tt-88",
        "a2cc-19zz-64",
        "d3vv-48ke-05",
        "r9td-02lm-77",
        "t1wx-90bc-12",
        "k7q2-xh41-09",
    ];
    let is_sorted = async || bookings(&kim).await == longest_first;
    kim.wait_until("the list begins with the longest wait".into(), is_sorted).await;
    let waits = kim.texts(".conversation .waiting-time").await;
    assert_eq!(waits[..4], ["waiting 6d", "waiting 4d", "waiting 3d", "waiting 3h"]);
    assert!(kim.is_visible(".conversation .waiting-time").await);

    kim.click("[data-booking=x0ml-12nd-40] a").await;
    kim.wait_texts("#waiting", &["waiting 6d"]).await;
    kim.click("#mark-answered").await;
    kim.wait_texts("#waiting-total", &["6"]).await;
    kim.wait_texts("#waiting", &[""]).await;
    assert!(!kim.is_visible("#mark-answered").await);
    assert_eq!(kim.focused().await, "log");
    // An answered conversation stays in the list while it is open.
    assert_eq!(bookings(&kim).await, longest_first);
    kim.click("[data-booking=h5lk-63tt-88] a").await;
    kim.wait_texts("#waiting", &["waiting 4d"]).await;
    let is_removed = async || bookings(&kim).await == longest_first[1..];
    kim.wait_until("the answered conversation is removed".into(), is_removed).await;
    kim.type_into("#draft", &format!("You are welcome!{ENTER}")).await;
    kim.wait_texts("#waiting-total", &["5"]).await;
    kim.close().await;
}

/// U5: the waiting list has pages, and walking them shows each conversation once, in order.
pub(crate) async fn scrolling_loads_the_whole_waiting_list(driver: &Driver) {
    const COUNT: usize = 45;
    let ids: Vec<_> = (1..=COUNT).map(|number| format!("w{number:02}")).collect();
    let file = ids.iter().fold(ImportFile::new(), |file, id| file.with(id, once(Role::Customer)));
    let server = Server::start(&["--poll-ms", "300", "--import", file.path()]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&format!("{}/desk/imported", server.origin())).await;
    kim.wait_texts("#waiting-total", &["45"]).await;
    kim.click(WAITING).await;
    let is_first_page = async || bookings(&kim).await == ids[..20];
    kim.wait_until("the first page is shown".into(), is_first_page).await;
    let is_complete = async || {
        let scroll = "document.getElementById('list-scroll').scrollTop = arguments[0]";
        kim.execute::<Value>(scroll, &[json!(1e6)]).await;
        bookings(&kim).await.len() == COUNT
    };
    kim.wait_until("all rows are loaded".into(), is_complete).await;
    assert_eq!(bookings(&kim).await, ids);
    kim.close().await;
}

/// U3, U5: an automatic reply is marked as such for both sides, and the customer still waits.
pub(crate) async fn an_automatic_reply_is_marked_and_ends_no_wait(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.conversation_url("t1wx-90bc-12")).await;
    let label = ".message[data-number='4'] .automatic";
    kim.wait_texts(label, &["Automatic reply"]).await;
    assert!(kim.is_visible("#mark-answered").await);
    assert_eq!(kim.texts(".message .automatic").await, ["", "", "", "Automatic reply"]);
    let portal = kim.attributes("#portal", "href").await.remove(0).unwrap();
    kim.goto(&format!("{}{portal}", server.origin())).await;
    kim.wait_texts(label, &["Automatic reply"]).await;
    kim.close().await;
}
