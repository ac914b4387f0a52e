//! How often the pages ask for news.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::host::Host;

/// So long that no poll is in the way of what a test is about.
pub(crate) const HOUR: &str = "3600000";

/// Keeps for how long the page waits, and has every wait pass in no time.
const IMPATIENT: &str = "const real = window.setTimeout; window.waits = [];\
    window.setTimeout = (then, wait, ...more) => {\
        window.waits.push(wait); return real(then, 100, ...more); }";

/// Has the page poll, as when the network is back, and waits for the answer.
pub(crate) async fn now(browser: &Browser) {
    let script = "const now = performance.now(); dispatchEvent(new Event('online')); return now";
    let from: f64 = browser.ask(script, &[]).await;
    browser
        .until("a poll is answered".into(), async || {
            polls(browser).await.iter().any(|poll| poll.0 >= from)
        })
        .await;
}

/// When each poll began and ended.
async fn polls(browser: &Browser) -> Vec<(f64, f64)> {
    let script = "return performance.getEntriesByType('resource')\
        .filter(it => /\\/(poll|unread)\\?/.test(it.name)).map(it => [it.startTime, it.responseEnd])";
    browser.ask(script, &[]).await
}

/// But for the half second in which history is not read aloud.
async fn waits(browser: &Browser) -> Vec<u32> {
    browser.ask("return window.waits.filter(wait => wait !== 500)", &[]).await
}

/// P4: pages poll every 7.5 seconds or as often as the host says, one poll after the
/// other, and less often while the server is away.
pub(crate) async fn pages_poll_as_often_as_they_are_told(driver: &Driver) {
    let host = Host::start(&[]);
    let kim = driver.browser(DESKTOP).await;
    kim.devtools.before_each_page(IMPATIENT).await;
    for address in [&host.operators, &host.customers] {
        kim.go(address).await;
        kim.until("it has polled".into(), async || polls(&kim).await.len() >= 5).await;
        let polls = polls(&kim).await;
        assert!(polls.is_sorted_by(|one, next| one.1 <= next.0), "one at a time: {polls:?}");
        let said = kim.attributes("meta[name=poll-ms]", "content").await;
        assert_eq!(said, [Some("7500".to_owned())]);
        let waited = waits(&kim).await;
        assert!(waited.iter().all(|wait| *wait == 7_500), "{waited:?}");

        kim.devtools.offline(true).await;
        kim.until("it waits longer".into(), async || waits(&kim).await.contains(&60_000)).await;
        let mut waited = waits(&kim).await;
        waited.dedup();
        assert_eq!(waited, [7_500, 15_000, 30_000, 60_000]);
        kim.ask::<Value>("window.waits.length = 0", &[]).await;
        kim.devtools.offline(false).await;
        kim.until("it is as before".into(), async || waits(&kim).await.contains(&7_500)).await;

        kim.go(&format!("{address}?poll=300")).await;
        kim.until("it has polled".into(), async || waits(&kim).await.contains(&300)).await;
        kim.go(&format!("{address}?poll=1")).await;
        kim.until("not more often".into(), async || waits(&kim).await.contains(&50)).await;
    }
    kim.close().await;
}
