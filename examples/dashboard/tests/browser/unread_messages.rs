//! The line above the first unread message, and the messages that count as read.

use std::iter::repeat_n;

use frontdesk::Role;
use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::import_file::ImportFile;
use crate::polling;
use crate::server::Server;

/// Lets the page believe that its window has no focus.
const LOSE_FOCUS: &str = "document.hasFocus = () => false";
const GAIN_FOCUS: &str = "delete document.hasFocus; dispatchEvent(new Event('focus'))";

const SCROLL_TO_END: &str =
    "const log = document.getElementById('log'); log.scrollTop = log.scrollHeight";

/// Asserts that the line "New messages" is visible directly above a message.
async fn assert_line_above(browser: &Browser, number: u32) {
    let css = format!(".unread-line + .message[data-number='{number}']");
    browser.wait_visible(&css).await;
    assert_eq!(browser.texts(".unread-line").await, ["New messages"]);
    let (line, log) = (browser.rect(".unread-line").await, browser.rect("#log").await);
    assert!(line.top >= log.top && line.bottom <= log.bottom, "{line:?} is not in {log:?}");
}

async fn last_number(browser: &Browser) -> u32 {
    let last = browser.attributes(".message[data-number]", "data-number").await.pop().flatten();
    last.map_or(0, |number| number.parse().unwrap())
}

/// U3: a line separates the messages that were unread before the conversation was opened. The
/// reader's own message removes the line.
pub(crate) async fn a_line_is_above_the_first_unread_message(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    assert_line_above(&kim, 5).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    ann.click("#toggle").await;
    kim.type_into("#draft", &format!("Yes{ENTER}")).await;
    ann.wait_texts("#unread-badge", &["1"]).await;
    assert!(!kim.is_visible(".unread-line").await);

    ann.click("#toggle").await;
    assert_line_above(&ann, 7).await;
    ann.type_into("#draft", &format!("Thanks{ENTER}")).await;
    ann.wait_until("the line is removed".into(), async || !ann.is_visible(".unread-line").await)
        .await;
    // A reader who sees a message arrive gets no line.
    kim.wait_visible(".message[data-number='8']").await;
    assert!(!kim.is_visible(".unread-line").await);
    kim.close().await;
    ann.close().await;
}

/// U3: a conversation with more unread messages than a page begins at the first of them. Scrolling
/// down loads the later messages, and the conversation is read when its end was in view.
pub(crate) async fn a_long_backlog_begins_at_its_first_message(driver: &Driver) {
    const READ: usize = 30;
    const UNREAD: usize = 430;
    const FIRST_UNREAD: u32 = 31;
    const LAST: u32 = 460;
    let backlog = |author: Role| repeat_n(author.opposite(), READ).chain(repeat_n(author, UNREAD));
    let file = ImportFile::new()
        .with("asked", backlog(Role::Customer))
        .with("answered", backlog(Role::Operator));
    let server = Server::start(&["--poll-ms", polling::HOUR, "--import", file.path()]);
    let team_url = format!("{}/desk/imported", server.origin());
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    kim.goto(&format!("{team_url}#booking=answered")).await;
    kim.wait_visible("#chat[data-state=open]").await;
    let portal = kim.attributes("#portal", "href").await.remove(0).unwrap();
    kim.goto(&team_url).await;
    kim.click("[data-booking=asked] a").await;
    ann.goto(&format!("{}{portal}", server.origin())).await;
    for browser in [&kim, &ann] {
        browser.wait_visible("#chat[data-state=open]").await;
        assert_line_above(browser, FIRST_UNREAD).await;
        assert!(last_number(browser).await < LAST, "the whole conversation is loaded");
        assert!(browser.is_visible("#new-messages").await);
    }
    kim.wait_texts("#unread-total", &["1"]).await;
    for browser in [&kim, &ann] {
        let is_complete = async || {
            browser.execute::<Value>(SCROLL_TO_END, &[]).await;
            last_number(browser).await == LAST
        };
        browser.wait_until("scrolling loads all messages".into(), is_complete).await;
        let numbers = browser.attributes(".message", "data-number").await;
        let numbers: Vec<u32> = numbers.iter().flatten().map(|it| it.parse().unwrap()).collect();
        assert!(numbers.is_sorted_by(|one, next| one + 1 == *next), "{numbers:?}");
        browser.execute::<Value>(SCROLL_TO_END, &[]).await;
    }
    kim.wait_texts("#unread-total", &[""]).await;
    ann.wait_texts("#unread-badge", &[""]).await;
    kim.close().await;
    ann.close().await;
}

/// U3: a message that arrives in a window without the focus stays unread, for the team and on the
/// customer's page, until the window has the focus. Opening a conversation in such a window marks
/// nothing as read either.
pub(crate) async fn nothing_is_read_in_a_window_without_the_focus(driver: &Driver) {
    const BADGE: &str = "[data-booking=k7q2-xh41-09] .badge";
    const LAST_RECEIPT: &str = ".message[data-number='7'] .receipt";
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    kim.goto(&server.team_url).await;
    kim.wait_texts(BADGE, &["2"]).await;
    kim.execute::<Value>(LOSE_FOCUS, &[]).await;
    kim.execute::<Value>("location.hash = '#booking=k7q2-xh41-09'", &[]).await;
    assert_line_above(&kim, 5).await;
    ann.type_into("#draft", &format!("Hello?{ENTER}")).await;
    kim.wait_visible(".message[data-number='7']").await;
    kim.wait_texts(BADGE, &["3"]).await;
    polling::poll_now(&kim).await;
    polling::poll_now(&kim).await;
    assert_eq!(kim.text(BADGE).await, "3");
    assert_eq!(ann.text(LAST_RECEIPT).await, "");

    kim.execute::<Value>(GAIN_FOCUS, &[]).await;
    kim.wait_texts(BADGE, &[""]).await;
    ann.wait_texts(LAST_RECEIPT, &["Read"]).await;
    assert_line_above(&kim, 5).await;

    // The conversation is open, and the window loses the focus.
    kim.execute::<Value>(LOSE_FOCUS, &[]).await;
    ann.type_into("#draft", &format!("Are you there?{ENTER}")).await;
    kim.wait_texts(BADGE, &["1"]).await;
    assert_line_above(&kim, 8).await;
    polling::poll_now(&kim).await;
    polling::poll_now(&kim).await;
    assert_eq!(kim.text(BADGE).await, "1");
    kim.execute::<Value>(GAIN_FOCUS, &[]).await;
    kim.wait_texts(BADGE, &[""]).await;
    kim.close().await;
    ann.close().await;
}

/// U3: while the end of the conversation is not in view, a new message stays unread.
pub(crate) async fn a_message_below_the_visible_part_stays_unread(driver: &Driver) {
    let authors = [Role::Customer, Role::Operator].into_iter().cycle().take(40);
    let file = ImportFile::new().with("long", authors);
    let server = Server::start(&["--poll-ms", "100", "--import", file.path()]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    kim.goto(&format!("{}/desk/imported#booking=long", server.origin())).await;
    kim.wait_visible("#chat[data-state=open]").await;
    let portal = kim.attributes("#portal", "href").await.remove(0).unwrap();
    ann.goto(&format!("{}{portal}", server.origin())).await;
    ann.wait_visible(".message").await;
    kim.execute::<Value>("document.getElementById('log').scrollTop = 300", &[]).await;
    ann.type_into("#draft", &format!("Hello?{ENTER}")).await;
    kim.wait_visible("#new-messages").await;
    kim.wait_texts("#unread-total", &["1"]).await;
    polling::poll_now(&kim).await;
    polling::poll_now(&kim).await;
    assert_eq!(kim.text("#unread-total").await, "1");
    kim.click("#new-messages").await;
    kim.wait_texts("#unread-total", &[""]).await;
    kim.close().await;
    ann.close().await;
}
