//! Several people at the same time, each with a browser.

use std::collections::HashSet;

use futures::future::join_all;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::server::Server;

const BADGE: &str = "[data-booking=k7q2-xh41-09] .badge";
const REPLY_RECEIPTS: &str = ".message[data-side=operator] .receipt";

/// Types and sends a message, and waits until the message is stored. A reply that is refused
/// because of newer messages is sent again (L6).
async fn send(browser: &Browser, text: &str) {
    browser.type_into("#draft", &format!("{text}{ENTER}")).await;
    let is_stored = async || {
        if browser.is_visible(".pending").await {
            return false;
        }
        let is_refused = browser.text("#send-error").await.contains("newer messages");
        if is_refused {
            browser.type_into("#draft", ENTER).await;
        }
        !is_refused && browser.value("#draft").await.is_empty()
    };
    browser.wait_until("the message is stored".into(), is_stored).await;
}

/// Returns the numbers and texts of the last `count` messages.
async fn last_messages(browser: &Browser, count: usize) -> Vec<(String, String)> {
    let numbers = browser.attributes(".message[data-number]", "data-number").await;
    let texts = browser.texts(".message[data-number] .text").await;
    let messages: Vec<_> = numbers.into_iter().flatten().zip(texts).collect();
    messages[messages.len() - count..].to_vec()
}

/// P2, P3, U1, U2, L1: messages arrive on both sides, the badges of the team and of the
/// customer count the unread messages, and receipts appear.
pub(crate) async fn two_operators_and_a_customer_write_to_each_other(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    let ann = driver.browser(PHONE).await;
    kim.goto(&server.team_url).await;
    lou.goto(&server.team_url).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    for operator in [&kim, &lou] {
        operator.wait_texts(BADGE, &["2"]).await;
        operator.wait_title("(3) Conversations – Reef Tours Honolulu").await;
    }

    // One operator opens the conversation. Then it is read for both operators, and the customer
    // sees that the messages are read.
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    for operator in [&kim, &lou] {
        operator.wait_texts(BADGE, &[""]).await;
        operator.wait_title("(2) Conversations – Reef Tours Honolulu").await;
    }
    ann.wait_texts(".message[data-side=customer] .receipt", &["Read"; 4]).await;

    // Both operators reply while the customer's conversation is collapsed.
    ann.click("#toggle").await;
    send(&kim, "Dogs are welcome").await;
    ann.wait_texts("#unread-badge", &["1"]).await;
    lou.click("[data-booking=k7q2-xh41-09] a").await;
    lou.wait_visible("#chat[data-state=open]").await;
    send(&lou, "Small ones").await;
    ann.wait_texts("#unread-badge", &["2"]).await;
    for operator in [&kim, &lou] {
        let has_both = async || {
            let texts = last_messages(operator, 2).await;
            texts.iter().map(|it| it.1.as_str()).eq(["Dogs are welcome", "Small ones"])
        };
        operator.wait_until("both replies are shown".into(), has_both).await;
        operator.wait_texts(REPLY_RECEIPTS, &["Read", "Read", "", ""]).await;
    }
    ann.click("#toggle").await;
    ann.wait_texts("#unread-badge", &[""]).await;
    for operator in [&kim, &lou] {
        operator.wait_texts(REPLY_RECEIPTS, &["Read"; 4]).await;
    }

    // The operators open another conversation. The badge of the customer's conversation then
    // counts up to "9+", and the row of this conversation moves to the top.
    for operator in [&kim, &lou] {
        operator.click("[data-booking=h5lk-63tt-88] a").await;
        operator.wait_texts("#code", &["H5LK-63TT-88"]).await;
    }
    lou.type_into("#draft", "About your bottle").await;
    for number in 1..=10 {
        send(&ann, &format!("Wag {number}")).await;
        let badge = if number > 9 { "9+".to_owned() } else { number.to_string() };
        let preview = format!("Wag {number}");
        for operator in [&kim, &lou] {
            operator.wait_texts(BADGE, &[&badge]).await;
            operator.wait_texts(".conversation:first-child .preview", &[&preview]).await;
            operator.wait_title("(3) Conversations – Reef Tours Honolulu").await;
        }
    }
    // The draft in the open conversation keeps its text and the focus.
    assert_eq!(lou.value("#draft").await, "About your bottle");
    assert_eq!(lou.focused().await, "draft");
    lou.click("[data-booking=k7q2-xh41-09] a").await;
    for operator in [&kim, &lou] {
        operator.wait_texts(BADGE, &[""]).await;
        operator.wait_title("(2) Conversations – Reef Tours Honolulu").await;
    }
    lou.wait_texts("#draft", &[""]).await;
    lou.click("[data-booking=h5lk-63tt-88] a").await;
    lou.wait_until("the draft is shown again".into(), async || {
        lou.value("#draft").await == "About your bottle"
    })
    .await;
    for browser in [kim, lou, ann] {
        browser.close().await;
    }
}

/// I3: three people send at the same time. All of them see each message once and in the same
/// order, also after a reload.
pub(crate) async fn all_clients_show_each_message_once_in_the_same_order(driver: &Driver) {
    const MESSAGES_EACH: usize = 6;
    const SENT: usize = 3 * MESSAGES_EACH;
    let server = Server::start(&["--poll-ms", "50"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    let ann = driver.browser(PHONE).await;
    let conversation = server.conversation_url("k7q2-xh41-09");
    kim.goto(&conversation).await;
    lou.goto(&conversation).await;
    ann.goto(&server.customer_url).await;
    for browser in [&kim, &lou, &ann] {
        let is_loaded = async || browser.texts(".message").await.len() == 6;
        browser.wait_until("the conversation is loaded".into(), is_loaded).await;
    }
    let clients = [("Kim", &kim), ("Lou", &lou), ("Ann", &ann)];
    join_all(clients.map(async |(name, browser)| {
        for number in 1..=MESSAGES_EACH {
            send(browser, &format!("{name} {number}")).await;
        }
    }))
    .await;
    let mut shown = Vec::new();
    for is_reloaded in [false, true] {
        for (name, browser) in clients {
            if is_reloaded {
                browser.reload().await;
            }
            let is_complete = async || {
                let messages = browser.texts(".message").await.len();
                let pending = browser.texts(".pending").await.len();
                let numbers = browser.attributes(".message", "data-number").await;
                let has_last = numbers.last().is_some_and(|it| *it == Some((6 + SENT).to_string()));
                // After a reload the page has only some of the messages at first.
                has_last
                    && if is_reloaded {
                        messages >= SENT
                    } else {
                        messages == 6 + SENT && pending == 0
                    }
            };
            browser.wait_until(format!("{name} has all messages"), is_complete).await;
            shown.push(last_messages(browser, SENT).await);
        }
    }
    assert!(shown.iter().all(|other| *other == shown[0]), "{shown:?}");
    let numbers: Vec<_> = shown[0].iter().map(|it| it.0.parse::<usize>().unwrap()).collect();
    assert_eq!(numbers, (7..7 + SENT).collect::<Vec<_>>());
    let texts: Vec<_> = shown[0].iter().map(|it| it.1.as_str()).collect();
    assert_eq!(texts.iter().collect::<HashSet<_>>().len(), SENT, "{texts:?}");
    for (name, _) in clients {
        let own: Vec<_> = texts.iter().filter(|text| text.starts_with(name)).collect();
        let expected: Vec<_> = (1..=MESSAGES_EACH).map(|it| format!("{name} {it}")).collect();
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    for browser in [kim, lou, ann] {
        browser.close().await;
    }
}
