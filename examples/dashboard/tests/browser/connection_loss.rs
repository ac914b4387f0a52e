//! Lost connections between the pages and the server.

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::polling;
use crate::proxy::{Cut, Proxy};
use crate::server::Server;

/// The error under a message that could not be sent.
const NOT_SENT: &str = "Not sent. The server cannot be reached. Sending it again is safe.";

/// The status of a page that cannot poll.
const NO_CONNECTION: &str = "No connection. Trying again…";

async fn texts(browser: &Browser) -> Vec<String> {
    browser.texts(".message .text").await
}

/// Opens a page and waits until it shows this number of messages.
async fn open(browser: &Browser, url: &str, messages: usize) {
    browser.goto(url).await;
    browser
        .wait_until("all messages are shown".into(), async || {
            texts(browser).await.len() == messages
        })
        .await;
    browser.wait_visible("#chat[data-state=open]").await;
    // The customer's page is complete before its scripts are loaded. They set the
    // height of the box.
    browser.wait_visible("#draft[style*=height]").await;
}

/// I4: a message that could not be sent stays in the box with the reason. When the server can
/// be reached again, Enter sends the message, and it is stored only once.
pub(crate) async fn an_unsent_message_is_sent_again_with_enter(driver: &Driver) {
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let proxy = Proxy::to(server.port());
    let kim = driver.browser(DESKTOP).await;
    let team_url = server.conversation_url("k7q2-xh41-09");
    for (url, before) in [(&team_url, 6), (&server.customer_url, 7)] {
        open(&kim, &server.with_port(proxy.port(), url), before).await;
        proxy.redirect_to(0);
        proxy.cut_all();
        kim.type_into("#draft", &format!("On my way{ENTER}")).await;
        kim.wait_texts("#send-error", &[NOT_SENT]).await;
        assert_eq!(kim.value("#draft").await, "On my way");
        assert_eq!(texts(&kim).await.len(), before, "an unsent message is shown as sent");
        kim.press(ENTER).await;
        kim.wait_texts("#send-error", &[NOT_SENT]).await;

        proxy.redirect_to(server.port());
        kim.press(ENTER).await;
        kim.wait_visible(&format!(".message[data-number='{}']", before + 1)).await;
        assert_eq!(kim.value("#draft").await, "");
        kim.wait_texts("#send-error", &[""]).await;
        kim.reload().await;
        kim.wait_until("the message is stored once".into(), async || {
            let texts = texts(&kim).await;
            texts.len() == before + 1 && texts[before] == "On my way"
        })
        .await;
    }
    kim.close().await;
}

/// I4: the server stores a message, but its response is lost. The retry has the same key,
/// also after a reload, and adds no second message.
pub(crate) async fn a_retry_after_a_lost_response_adds_no_second_message(driver: &Driver) {
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let proxy = Proxy::to(server.port());
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    open(&ann, &server.customer_url, 6).await;
    let team_url = server.conversation_url("k7q2-xh41-09");
    for (url, before, is_reloaded) in [
        (&team_url, 6, false),
        (&team_url, 7, true),
        (&server.customer_url, 8, false),
        (&server.customer_url, 9, true),
    ] {
        let url = server.with_port(proxy.port(), url);
        open(&kim, &url, before).await;
        let cuts = proxy.cuts();
        // A browser retries a request by itself on another connection. The proxy therefore cuts
        // all connections and lets no new connection reach the server.
        proxy.cut_all();
        polling::poll_now(&kim).await;
        proxy.redirect_to(0);
        proxy.cut_next_and_others(Cut::Response(b"\"key\":"));
        let text = format!("message {}", before + 1);
        kim.type_into("#draft", &format!("{text}{ENTER}")).await;
        kim.wait_texts("#send-error", &[NOT_SENT]).await;
        assert_eq!((proxy.cuts(), kim.value("#draft").await), (cuts + 1, text.clone()));
        ann.wait_until("the server has stored the message".into(), async || {
            ann.reload().await;
            texts(&ann).await.pop().is_some_and(|last| last == text)
        })
        .await;

        proxy.redirect_to(server.port());
        if is_reloaded {
            kim.reload().await;
            kim.wait_visible("#chat[data-state=open]").await;
            let is_kept = async || kim.value("#draft").await == text;
            kim.wait_until("the text is in the box".into(), is_kept).await;
        }
        kim.type_into("#draft", ENTER).await;
        // While the retry runs, a page that was loaded again shows the stored message and the unsent
        // one.
        let is_sent =
            async || kim.value("#draft").await.is_empty() && kim.texts(".pending").await.is_empty();
        kim.wait_until("the message is sent".into(), is_sent).await;
        let is_shown = async || texts(&kim).await.pop() == Some(text.clone());
        kim.wait_until("the message is shown".into(), is_shown).await;
        kim.wait_texts("#send-error", &[""]).await;
        let shown = texts(&kim).await;
        assert_eq!(shown.len(), before + 1, "{shown:?}");
        open(&ann, &server.customer_url, before + 1).await;
    }
    // If the server can be reached, the browser itself retries the request.
    open(&kim, &server.with_port(proxy.port(), &team_url), 10).await;
    proxy.cut_next(Cut::Response(b"\"key\":"));
    kim.type_into("#draft", &format!("the last{ENTER}")).await;
    let is_settled = async || kim.texts(".pending").await.is_empty();
    kim.wait_until("no message is pending".into(), is_settled).await;
    if !kim.value("#draft").await.is_empty() {
        kim.press(ENTER).await;
    }
    kim.wait_visible(".message[data-number='11']").await;
    open(&ann, &server.customer_url, 11).await;
    kim.close().await;
    ann.close().await;
}

/// A conversation that cannot be loaded again stays on the screen.
pub(crate) async fn a_conversation_stays_without_a_connection(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    open(&kim, &server.conversation_url("k7q2-xh41-09"), 6).await;
    kim.type_into("#draft", "I am typing").await;
    kim.set_offline(true).await;
    kim.execute::<Value>("dispatchEvent(new PopStateEvent('popstate'))", &[]).await;
    kim.wait_texts("#status", &[NO_CONNECTION]).await;
    assert_eq!(texts(&kim).await.len(), 6);
    assert_eq!(kim.value("#draft").await, "I am typing");
    assert!(kim.is_visible("#log").await);
    kim.set_offline(false).await;
    kim.wait_texts("#status", &[""]).await;
    kim.close().await;
}

/// While the server cannot be reached, a page says so and keeps its content. When the server
/// returns, the page continues. If another server answers, the page starts over (P7).
pub(crate) async fn pages_recover_when_the_server_returns(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let proxy = Proxy::to(server.port());
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    let lou = driver.browser(DESKTOP).await;
    let team_url = server.conversation_url("k7q2-xh41-09");
    open(&kim, &server.with_port(proxy.port(), &team_url), 6).await;
    open(&ann, &server.with_port(proxy.port(), &server.customer_url), 6).await;
    open(&lou, &team_url, 6).await;
    assert!(!kim.is_visible("#status").await);

    proxy.redirect_to(0);
    proxy.cut_all();
    for browser in [&kim, &ann] {
        browser.wait_texts("#status", &[NO_CONNECTION]).await;
        assert!(browser.is_visible("#status").await);
        assert_eq!(texts(browser).await.len(), 6);
    }
    lou.type_into("#draft", &format!("Are you there?{ENTER}")).await;
    kim.type_into("#draft", "I am typing").await;
    proxy.redirect_to(server.port());
    for browser in [&kim, &ann] {
        browser.wait_texts("#status", &[""]).await;
        browser.wait_visible(".message[data-number='7']").await;
    }
    assert_eq!(kim.value("#draft").await, "I am typing");

    // The restarted server has a store in memory. So it has only the demo's messages, and the
    // message sent above is lost.
    let restarted = Server::start(&["--poll-ms", "100"]);
    proxy.redirect_to(restarted.port());
    proxy.cut_all();
    let is_replaced = async || texts(&kim).await.len() == 6;
    kim.wait_until("the conversation of the new server is shown".into(), is_replaced).await;
    kim.wait_texts("#status", &[""]).await;
    assert_eq!(kim.text("#code").await, "K7Q2-XH41-09");
    kim.type_into("#draft", ENTER).await;
    kim.wait_visible(".message[data-number='7']").await;
    lou.goto(&restarted.conversation_url("k7q2-xh41-09")).await;
    let is_shown = async || texts(&lou).await.pop() == Some("I am typing".into());
    lou.wait_until("the message is shown".into(), is_shown).await;
    for browser in [kim, ann, lou] {
        browser.close().await;
    }
}
