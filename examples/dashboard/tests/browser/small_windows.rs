//! Pages at 400%, on a phone on its side, with large texts, and with chosen colours.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE, TAB};
use crate::driver::Driver;
use crate::server::Server;

/// A window of 1280 by 1024 pixels at 400%, and a phone on its side.
const LOW: [(u32, u32); 2] = [(320, 256), (844, 390)];

/// Asserts that the newest message and the whole box are in the window.
async fn assert_can_read_and_write(browser: &Browser, (width, height): (u32, u32)) {
    let (width, height) = (f64::from(width), f64::from(height));
    let is_readable = async || {
        let message = browser.rects(".message .text").await.pop().unwrap();
        let (log, draft) = (browser.rect("#log").await, browser.rect("#draft").await);
        let send = browser.rect("#send").await;
        message.top < log.bottom
            && message.bottom <= log.bottom + 1.0
            && log.top >= -1.0
            && log.height() >= 60.0
            && draft.bottom <= height
            && send.right <= width
    };
    browser.wait_until(format!("everything is in {width} by {height}"), is_readable).await;
}

/// At 400% and on a phone on its side, the messages and the box are in the window, because the parts
/// above scroll away.
pub(crate) async fn messages_and_box_fit_into_a_low_window(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let browser = driver.browser(DESKTOP).await;
    for size in LOW {
        browser.set_viewport(size).await;
        for url in [server.conversation_url("k7q2-xh41-09"), server.customer_url.clone()] {
            browser.goto("about:blank").await;
            browser.goto(&url).await;
            browser.wait_visible("#chat[data-state=open] .message").await;
            let scroll = "const log = document.getElementById('log'); log.scrollTop = 1e6";
            browser.execute::<Value>(scroll, &[]).await;
            assert_can_read_and_write(&browser, size).await;
        }
        browser.goto("about:blank").await;
        browser.goto(&server.team_url).await;
        browser.wait_visible(".conversation").await;
        let scroll = "document.getElementById('inbox').scrollTop = 1e6;\
            return document.getElementById('list-scroll').clientHeight";
        let height: f64 = browser.execute(scroll, &[]).await;
        assert!(height >= 130.0, "the list has {height} pixels in {size:?}");
    }
    browser.close().await;
}

/// With a font size of 32 pixels, no line of the list lies over another one.
pub(crate) async fn lines_grow_with_the_font_size_of_the_user(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation").await;
    let before = kim.rect(".customer").await.height();
    kim.set_font_size(32).await;
    let is_larger = async || kim.rect(".customer").await.height() > 1.8 * before;
    kim.wait_until("the texts are larger".into(), is_larger).await;
    for css in [".conversation", ".conversation:first-child .row-line"] {
        let rects = kim.rects(css).await;
        let is_stacked = rects.is_sorted_by(|above, below| above.bottom <= below.top + 0.5);
        assert!(rects.len() >= 3 && is_stacked, "{css}: {rects:?}");
    }
    let overlaps = "return [...document.querySelectorAll('.row-line > *')].filter((element) =>\
        element.checkVisibility() && element.getBoundingClientRect().height >\
            element.parentElement.getBoundingClientRect().height + 1).length";
    assert_eq!(kim.execute::<usize>(overlaps, &[]).await, 0);
    kim.close().await;
}

/// A status of up to 20 characters is shown in full, in both languages.
pub(crate) async fn a_status_is_shown_in_full(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    let widths = "const pill = document.querySelector('.conversation .status');\
        const wide = (text) => { pill.textContent = text; return pill.scrollWidth <= pill.clientWidth };\
        return ['Confirmed', 'Abgeschlossen', 'W'.repeat(20)].map(wide)";
    for lang in ["en", "de"] {
        kim.goto(&format!("{}?lang={lang}#booking=k7q2-xh41-09", server.team_url)).await;
        kim.wait_visible(&format!("[lang={lang}] #chat[data-state=open]")).await;
        let cut = "return [...document.querySelectorAll('.pill')].filter((pill) =>\
            pill.scrollWidth > pill.clientWidth).map((pill) => pill.textContent)";
        assert_eq!(kim.execute::<Vec<String>>(cut, &[]).await, Vec::<String>::new());
        assert_eq!(kim.execute::<Vec<bool>>(widths, &[]).await, [true; 3]);
    }
    kim.close().await;
}

/// The team's page on a phone: the skip link works in the list, and both views have a main landmark and
/// a heading of the first level.
pub(crate) async fn both_views_of_a_phone_have_landmarks_and_a_skip_link(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.set_viewport(PHONE).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation").await;
    kim.press(TAB).await;
    assert_eq!(kim.focused().await, "skip");
    kim.press(ENTER).await;
    assert_eq!(kim.focused().await, "list-scroll");
    for view in ["list", "chat"] {
        if view == "chat" {
            kim.click("[data-booking=k7q2-xh41-09] a").await;
            kim.wait_visible("#chat[data-state=open]").await;
        }
        assert!(kim.is_visible("main").await, "{view} has no main landmark");
        assert!(kim.is_visible("h1").await, "{view} has no heading of the first level");
    }
    kim.close().await;
}

/// With forced colours, the switch, the open row and the current location differ from the others.
pub(crate) async fn states_are_visible_with_forced_colours(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.force_colours().await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_visible("#chat[data-state=open]").await;
    let differs = "const style = (css, name) => getComputedStyle(document.querySelector(css))[name];\
        const canvas = style('body', 'backgroundColor');\
        return [matchMedia('(forced-colors: active)').matches,\
            style('#messaging', 'backgroundColor') !== canvas,\
            style('.row[aria-current]', 'borderInlineStartColor') !==\
                style('.row:not([aria-current])', 'borderInlineStartColor'),\
            style('.locations [aria-current]', 'backgroundColor') !==\
                style('.locations a:not([aria-current])', 'backgroundColor')]";
    assert_eq!(kim.execute::<Vec<bool>>(differs, &[]).await, [true; 4]);
    kim.close().await;
}
