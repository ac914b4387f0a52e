//! The contrast of texts and fields in the light and in the dark theme.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER};
use crate::driver::Driver;
use crate::server::Server;

/// Checks the contrast of everything that is visible, in both themes. Fails if the page shows
/// fewer than `min_count` texts and fields, because then a part of it is missing.
async fn check_contrast(browser: &Browser, min_count: usize) {
    let mut backgrounds = Vec::new();
    for is_dark in [false, true] {
        browser.set_dark_mode(is_dark).await;
        let results: Vec<(String, f64, f64)> =
            browser.execute(include_str!("measure_contrast.js"), &[]).await;
        assert!(results.len() >= min_count, "{}", results.len());
        let mut too_low: Vec<_> = results.iter().filter(|result| result.2 < result.1).collect();
        too_low.dedup();
        assert!(too_low.is_empty(), "dark {is_dark}: {too_low:?}");
        let script = "return getComputedStyle(document.body).backgroundColor";
        backgrounds.push(browser.execute::<String>(script, &[]).await);
    }
    assert_ne!(backgrounds[0], backgrounds[1], "both themes have the same background");
}

/// Checks all parts of the team's page, including those that only an error shows.
pub(crate) async fn the_team_page_has_sufficient_contrast(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_visible(".conversation").await;
    check_contrast(&kim, 150).await;
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.wait_visible("#chat[data-state=open]").await;
    check_contrast(&kim, 180).await;
    let removal = "document.querySelector(\".message[data-number='6'] .remove\").focus()";
    kim.execute::<Value>(removal, &[]).await;
    kim.press(ENTER).await;
    kim.wait_visible("#remove-dialog").await;
    check_contrast(&kim, 180).await;
    kim.click("#remove").await;
    kim.wait_visible(".message.removed").await;
    check_contrast(&kim, 180).await;

    let hold_messages = "const realFetch = window.fetch; window.fetch = async (url, options) => {\
        if (String(url).includes('/messages')) await new Promise((done) => window.release = done);\
        return realFetch(url, options) }";
    kim.execute::<Value>(hold_messages, &[]).await;
    kim.type_into("#draft", &format!("On its way{ENTER}")).await;
    kim.wait_visible(".message.pending").await;
    check_contrast(&kim, 180).await;
    kim.set_offline(true).await;
    kim.execute::<Value>("window.release()", &[]).await;
    kim.wait_visible("#send-error").await;
    kim.wait_visible("#status").await;
    check_contrast(&kim, 180).await;
    kim.set_offline(false).await;
    kim.close().await;
}

/// Checks all parts of the customer's page, including those that only an error shows.
pub(crate) async fn the_customer_page_has_sufficient_contrast(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    check_contrast(&ann, 30).await;
    ann.set_offline(true).await;
    ann.type_into("#draft", &format!("Hello{ENTER}")).await;
    ann.wait_visible("#send-error").await;
    ann.wait_visible("#status").await;
    check_contrast(&ann, 30).await;
    ann.close().await;
}
