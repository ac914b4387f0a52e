//! The intervals between polls.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::server::Server;

/// A poll interval in milliseconds, so long that no poll interferes with a test.
pub(crate) const HOUR: &str = "3600000";

/// Records the delay of each timer of the page, and lets each timer fire after 100 ms.
const RECORD_DELAYS: &str = "const realSetTimeout = window.setTimeout; window.delays = [];\
    window.setTimeout = (callback, delay, ...args) => {\
        window.delays.push(delay); return realSetTimeout(callback, 100, ...args); }";

/// Makes the page poll, as when the network returns, and waits for the response.
pub(crate) async fn poll_now(browser: &Browser) {
    let script = "const now = performance.now(); dispatchEvent(new Event('online')); return now";
    let start: f64 = browser.execute(script, &[]).await;
    browser
        .wait_until("a poll has a response".into(), async || {
            polls(browser).await.iter().any(|poll| poll.0 >= start)
        })
        .await;
}

/// Returns the start and the end of each poll.
async fn polls(browser: &Browser) -> Vec<(f64, f64)> {
    let script = "return performance.getEntriesByType('resource')\
        .filter((entry) => /\\/(poll|unread)\\?/.test(entry.name))\
        .map((entry) => [entry.startTime, entry.responseEnd])";
    browser.execute(script, &[]).await
}

/// Returns the delays of all timers, except the timer that mutes announcements for 500 ms.
async fn delays(browser: &Browser) -> Vec<u32> {
    browser.execute("return window.delays.filter((delay) => delay !== 500)", &[]).await
}

async fn wait_for_delay(browser: &Browser, delay: u32) {
    let is_used = async || delays(browser).await.contains(&delay);
    browser.wait_until(format!("the page waits {delay} ms"), is_used).await;
}

/// P4: pages poll every 7.5 seconds or at the configured interval, one poll at a time, and
/// less often while requests fail.
pub(crate) async fn pages_poll_at_the_configured_interval(driver: &Driver) {
    let server = Server::start(&[]);
    let kim = driver.browser(DESKTOP).await;
    kim.devtools.add_init_script(RECORD_DELAYS).await;
    for url in [&server.team_url, &server.customer_url] {
        kim.goto(url).await;
        kim.wait_until("the page has polled".into(), async || polls(&kim).await.len() >= 5).await;
        let polls = polls(&kim).await;
        let is_sequential = polls.is_sorted_by(|one, next| one.1 <= next.0);
        assert!(is_sequential, "polls overlap: {polls:?}");
        let interval = kim.attributes("meta[name=poll-ms]", "content").await;
        assert_eq!(interval, [Some("7500".to_owned())]);
        let used = delays(&kim).await;
        assert!(used.iter().all(|delay| *delay == 7_500), "{used:?}");

        kim.set_offline(true).await;
        wait_for_delay(&kim, 60_000).await;
        let mut used = delays(&kim).await;
        used.dedup();
        assert_eq!(used, [7_500, 15_000, 30_000, 60_000]);
        kim.execute::<Value>("window.delays.length = 0", &[]).await;
        kim.set_offline(false).await;
        wait_for_delay(&kim, 7_500).await;

        kim.goto(&format!("{url}?poll=300")).await;
        wait_for_delay(&kim, 300).await;
        // 50 ms is the minimum.
        kim.goto(&format!("{url}?poll=1")).await;
        wait_for_delay(&kim, 50).await;
    }
    kim.close().await;
}
