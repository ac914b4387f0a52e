//! The positions of elements while messages arrive.

use frontdesk::Role;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, PHONE, Rect};
use crate::driver::Driver;
use crate::import_file::ImportFile;
use crate::server::Server;

/// More messages than an opened conversation has at first.
const TURNS: u32 = 215;

/// Records each layout shift that the browser detects.
const RECORD_SHIFTS: &str = "window.shifts = [];\
    new PerformanceObserver((list) => list.getEntries().forEach((shift) =>\
        shift.sources.forEach(({ node }) => {\
            const element = node?.nodeType === 1 ? node : node?.parentElement;\
            const prefix = element?.closest('#inbox') ? 'inbox ' : '';\
            window.shifts.push(`${prefix}${element?.id} ${element?.className}`);\
        }))).observe({ type: 'layout-shift', buffered: true })";
/// Returns the layout shifts outside the list of conversations. The rows of the list may move.
const READ_SHIFTS: &str = "return window.shifts.filter((shift) => !shift.startsWith('inbox'))";
const CLEAR_SHIFTS: &str = "window.shifts.length = 0";

async fn assert_no_shifts(browser: &Browser) {
    let shifts: Vec<String> = browser.execute(READ_SHIFTS, &[]).await;
    assert!(shifts.is_empty(), "{shifts:?}");
}

async fn message_top(browser: &Browser, number: u32) -> f64 {
    browser.rect(&format!(".message[data-number='{number}']")).await.top
}

async fn first_number(browser: &Browser) -> u32 {
    let first = browser.attributes(".message", "data-number").await.swap_remove(0);
    first.unwrap().parse().unwrap()
}

async fn is_at_end(browser: &Browser) -> bool {
    let script = "const { scrollHeight, scrollTop, clientHeight } = document.getElementById('log');\
        return scrollHeight - scrollTop - clientHeight < 1";
    browser.execute(script, &[]).await
}

/// Returns the positions of the elements around the messages.
async fn frame(browser: &Browser) -> [Vec<Rect>; 3] {
    let (log, composer) = (browser.rects("#log").await, browser.rects("#composer").await);
    [log, composer, browser.rects("#code").await]
}

/// If the end of a conversation is visible, an arriving message is visible at once. If the
/// reader has scrolled up, a button announces the message, and the visible messages do not
/// move. They do not move either when older messages are loaded.
pub(crate) async fn nothing_moves_when_messages_arrive(driver: &Driver) {
    let authors = [Role::Customer, Role::Operator].into_iter().cycle().take(TURNS as usize);
    let file = ImportFile::new().with("long", authors);
    let server = Server::start(&["--poll-ms", "100", "--import", file.path()]);

    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    for browser in [&kim, &ann] {
        browser.devtools.add_init_script(RECORD_SHIFTS).await;
    }
    kim.goto(&format!("{}/desk/imported#booking=long", server.origin())).await;
    kim.wait_visible("#chat[data-state=open]").await;
    let portal = kim.attributes("#portal", "href").await.remove(0).unwrap();
    ann.goto(&format!("{}{portal}", server.origin())).await;
    ann.wait_visible(".message").await;
    let mut next = TURNS + 1;
    for (reader, writer) in [(&kim, &ann), (&ann, &kim)] {
        let is_scrolled = async || is_at_end(reader).await;
        reader.wait_until("the end is visible".into(), is_scrolled).await;
        // A receipt widens the invisible box around a short message of the reader.
        let are_read = async || {
            let css = ".message:not([data-side=operator]) .receipt";
            next == TURNS + 1 || ann.texts(css).await.ends_with(&["Read".into(), "Read".into()])
        };
        reader.wait_until("the receipts are shown".into(), are_read).await;
        let before = frame(reader).await;
        reader.execute::<Value>(CLEAR_SHIFTS, &[]).await;
        writer.type_into("#draft", &format!("{next}{ENTER}")).await;
        reader.wait_visible(&format!(".message[data-number='{next}']")).await;
        assert!(is_at_end(reader).await);
        assert_eq!(frame(reader).await, before);
        assert_no_shifts(reader).await;
        next += 1;

        // The reader scrolls up, and older messages are loaded.
        let first = first_number(reader).await;
        let scroll_up = "document.getElementById('log').scrollTop = 100;\
            const item = document.querySelector(`.message[data-number='${arguments[0]}']`);\
            return item.getBoundingClientRect().top";
        let top_before: f64 = reader.execute(scroll_up, &[json!(first)]).await;
        let is_loaded = async || first_number(reader).await != first;
        reader.wait_until("older messages are loaded".into(), is_loaded).await;
        let top = message_top(reader, first).await;
        assert!((top - top_before).abs() <= 1.0, "visible messages moved: {top_before} {top}");

        // A new message arrives.
        reader.execute::<Value>(CLEAR_SHIFTS, &[]).await;
        assert!(!reader.is_visible("#new-messages").await);
        writer.type_into("#draft", &format!("{next}{ENTER}")).await;
        reader.wait_visible("#new-messages").await;
        assert!((message_top(reader, first).await - top).abs() < 0.1);
        assert_eq!(frame(reader).await, before);
        reader.click("#new-messages").await;
        assert!(is_at_end(reader).await && !reader.is_visible("#new-messages").await);
        next += 1;
        assert_no_shifts(reader).await;
    }
    // Scrolling up loads the whole history.
    for reader in [&kim, &ann] {
        let is_complete = async || {
            reader.execute::<Value>("document.getElementById('log').scrollTop = 0", &[]).await;
            reader.texts(".message").await.len() == TURNS as usize + 4
        };
        reader.wait_until("all messages are loaded".into(), is_complete).await;
        let numbers = reader.attributes(".message", "data-number").await;
        let expected: Vec<_> = (1..=TURNS + 4).map(|number| Some(number.to_string())).collect();
        assert_eq!(numbers, expected);
        assert!(!reader.is_visible("#earlier").await);
    }
    kim.close().await;
    ann.close().await;
}
