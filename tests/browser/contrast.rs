//! Whether one can read the pages, in the light and in the dark.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER};
use crate::driver::Driver;
use crate::host::Host;

/// Each text on the page is legible in both themes, and so are as many as these.
async fn is_legible(browser: &Browser, at_least: usize) {
    let mut grounds = Vec::new();
    for dark in [false, true] {
        browser.devtools.dark(dark).await;
        let found: Vec<(String, f64, f64)> = browser.ask(include_str!("contrast.js"), &[]).await;
        assert!(found.len() >= at_least, "{}", found.len());
        let mut faint: Vec<_> = found.iter().filter(|it| it.2 < it.1).collect();
        faint.dedup();
        assert!(faint.is_empty(), "dark {dark}: {faint:?}");
        let ground = "return getComputedStyle(document.body).backgroundColor";
        grounds.push(browser.ask::<String>(ground, &[]).await);
    }
    assert_ne!(grounds[0], grounds[1], "there are two themes");
}

/// All of the team's page, also what is only seen when something went wrong.
pub(crate) async fn the_teams_page_is_legible(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    kim.appears(".conversation").await;
    is_legible(&kim, 150).await;
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    kim.appears("#chat[data-state=open]").await;
    is_legible(&kim, 180).await;

    let hold = "const real = window.fetch; window.fetch = async (address, how) => {\
        if (String(address).includes('/messages')) await new Promise(go => window.go = go);\
        return real(address, how) }";
    kim.ask::<Value>(hold, &[]).await;
    kim.type_into("#draft", &format!("On its way{ENTER}")).await;
    kim.appears(".message.pending").await;
    is_legible(&kim, 180).await;
    kim.devtools.offline(true).await;
    kim.ask::<Value>("window.go()", &[]).await;
    kim.appears("#send-error").await;
    kim.appears("#status").await;
    is_legible(&kim, 180).await;
    kim.devtools.offline(false).await;
    kim.close().await;
}

/// And all of the customer's.
pub(crate) async fn the_customers_page_is_legible(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    is_legible(&ann, 30).await;
    ann.devtools.offline(true).await;
    ann.type_into("#draft", &format!("Hello{ENTER}")).await;
    ann.appears("#send-error").await;
    ann.appears("#status").await;
    is_legible(&ann, 30).await;
    ann.close().await;
}
