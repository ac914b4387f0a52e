//! A bad line between the pages and the server.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::host::Host;
use crate::polling;
use crate::proxy::{Cut, Proxy};

/// What the page says of a server that it does not reach.
const NOT_SENT: &str = "Not sent. The server cannot be reached. Sending it again is safe.";

/// What it says while it tries again.
const AWAY: &str = "No connection. Trying again…";

async fn texts(browser: &Browser) -> Vec<String> {
    browser.texts(".message .text").await
}

async fn opens(browser: &Browser, address: &str, messages: usize) {
    browser.go(address).await;
    browser.until("all is there".into(), async || texts(browser).await.len() == messages).await;
    browser.appears("#chat[data-state=open]").await;
}

/// I4: a message that was not sent stays in the box with the reason and is sent by
/// the next Enter, once.
pub(crate) async fn a_message_that_did_not_leave_is_sent_again(driver: &Driver) {
    let host = Host::start(&["--poll-ms", polling::HOUR]);
    let proxy = Proxy::to(host.port());
    let kim = driver.browser(DESKTOP).await;
    let team = format!("{}#booking=k7q2-xh41-09", host.operators);
    for (address, before) in [(&team, 6), (&host.customers, 7)] {
        opens(&kim, &host.through(proxy.port(), address), before).await;
        proxy.lead_to(0);
        proxy.cut_all();
        kim.type_into("#draft", &format!("On my way{ENTER}")).await;
        kim.shows("#send-error", &[NOT_SENT]).await;
        assert_eq!(kim.value("#draft").await, "On my way");
        assert_eq!(texts(&kim).await.len(), before, "it is not shown as if it were sent");
        kim.press(ENTER).await;
        kim.shows("#send-error", &[NOT_SENT]).await;

        proxy.lead_to(host.port());
        kim.press(ENTER).await;
        kim.appears(&format!(".message[data-number='{}']", before + 1)).await;
        assert_eq!(kim.value("#draft").await, "");
        kim.shows("#send-error", &[""]).await;
        kim.reload().await;
        kim.until("it is there, once".into(), async || {
            let texts = texts(&kim).await;
            texts.len() == before + 1 && texts[before] == "On my way"
        })
        .await;
    }
    kim.close().await;
}

/// I4: the server has stored a message, and its answer is lost: it is sent again
/// with its key, even after a reload, and stays one message.
pub(crate) async fn a_message_whose_answer_was_lost_is_not_doubled(driver: &Driver) {
    let host = Host::start(&["--poll-ms", polling::HOUR]);
    let proxy = Proxy::to(host.port());
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    opens(&ann, &host.customers, 6).await;
    let team = format!("{}#booking=k7q2-xh41-09", host.operators);
    for (address, before, reload) in [
        (&team, 6, false),
        (&team, 7, true),
        (&host.customers, 8, false),
        (&host.customers, 9, true),
    ] {
        let address = host.through(proxy.port(), address);
        opens(&kim, &address, before).await;
        let cuts = proxy.cuts();
        // Browsers send again by themselves what broke off, which is not to get through:
        // there is the one connection that is going to be cut.
        proxy.cut_all();
        polling::now(&kim).await;
        proxy.lead_to(0);
        proxy.cut_next(Cut::Answer(b"\"key\":"));
        let text = format!("message {}", before + 1);
        kim.type_into("#draft", &format!("{text}{ENTER}")).await;
        kim.shows("#send-error", &[NOT_SENT]).await;
        assert_eq!((proxy.cuts(), kim.value("#draft").await), (cuts + 1, text.clone()));
        // The server has it.
        ann.until("it is stored".into(), async || {
            ann.reload().await;
            texts(&ann).await.pop().is_some_and(|last| last == text)
        })
        .await;

        proxy.lead_to(host.port());
        if reload {
            kim.reload().await;
            kim.appears("#chat[data-state=open]").await;
            kim.until("it is still in the box".into(), async || kim.value("#draft").await == text)
                .await;
        }
        kim.type_into("#draft", ENTER).await;
        kim.until("it is sent".into(), async || kim.value("#draft").await.is_empty()).await;
        kim.until("it is there".into(), async || texts(&kim).await.pop() == Some(text.clone()))
            .await;
        kim.shows("#send-error", &[""]).await;
        let shown = texts(&kim).await;
        assert_eq!(shown.len(), before + 1, "{shown:?}");
        opens(&ann, &host.customers, before + 1).await;
    }
    // And what the browser itself sends again.
    opens(&kim, &host.through(proxy.port(), &team), 10).await;
    proxy.cut_next(Cut::Answer(b"\"key\":"));
    kim.type_into("#draft", &format!("the last{ENTER}")).await;
    kim.until("it is sent".into(), async || kim.texts(".pending").await.is_empty()).await;
    if !kim.value("#draft").await.is_empty() {
        kim.press(ENTER).await;
    }
    kim.appears(".message[data-number='11']").await;
    opens(&ann, &host.customers, 11).await;
    kim.close().await;
    ann.close().await;
}

/// A conversation that cannot be loaded once more stays as it was shown.
pub(crate) async fn what_is_shown_stays_without_a_server(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    opens(&kim, &format!("{}#booking=k7q2-xh41-09", host.operators), 6).await;
    kim.type_into("#draft", "I am typing").await;
    kim.devtools.offline(true).await;
    kim.ask::<Value>("dispatchEvent(new PopStateEvent('popstate'))", &[]).await;
    kim.shows("#status", &[AWAY]).await;
    assert_eq!((texts(&kim).await.len(), kim.value("#draft").await.as_str()), (6, "I am typing"));
    assert!(kim.sees("#log").await);
    kim.devtools.offline(false).await;
    kim.shows("#status", &[""]).await;
    kim.close().await;
}

/// A server that is away: the page says so, keeps what it shows, and goes on by
/// itself when the server is back; P7: another one starts it over.
pub(crate) async fn a_page_waits_for_a_server_that_is_away(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let proxy = Proxy::to(host.port());
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    let lou = driver.browser(DESKTOP).await;
    opens(
        &kim,
        &format!("{}#booking=k7q2-xh41-09", host.through(proxy.port(), &host.operators)),
        6,
    )
    .await;
    opens(&ann, &host.through(proxy.port(), &host.customers), 6).await;
    opens(&lou, &format!("{}#booking=k7q2-xh41-09", host.operators), 6).await;
    assert!(!kim.sees("#status").await);

    proxy.lead_to(0);
    proxy.cut_all();
    for browser in [&kim, &ann] {
        browser.shows("#status", &[AWAY]).await;
        assert!(browser.sees("#status").await);
        assert_eq!(texts(browser).await.len(), 6);
    }
    lou.type_into("#draft", &format!("Are you there?{ENTER}")).await;
    kim.type_into("#draft", "I am typing").await;
    proxy.lead_to(host.port());
    for browser in [&kim, &ann] {
        browser.shows("#status", &[""]).await;
        browser.appears(".message[data-number='7']").await;
    }
    assert_eq!(kim.value("#draft").await, "I am typing");

    // Another life of the server, which kept nothing.
    let another = Host::start(&["--poll-ms", "100"]);
    proxy.lead_to(another.port());
    proxy.cut_all();
    kim.until("the conversation is the new one".into(), async || texts(&kim).await.len() == 6)
        .await;
    kim.shows("#status", &[""]).await;
    assert_eq!(kim.text("#code").await, "K7Q2-XH41-09");
    kim.type_into("#draft", ENTER).await;
    kim.appears(".message[data-number='7']").await;
    lou.go(&format!("{}#booking=k7q2-xh41-09", another.operators)).await;
    lou.until("it is there".into(), async || texts(&lou).await.pop() == Some("I am typing".into()))
        .await;
    for browser in [kim, ann, lou] {
        browser.close().await;
    }
}
