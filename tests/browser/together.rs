//! Several people at once, each in a browser of their own.

use std::collections::HashSet;

use futures::future::join_all;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::host::Host;

const BADGE: &str = "[data-booking=k7q2-xh41-09] .badge";
const RECEIPTS: &str = ".message[data-side=operator] .receipt";

/// Types and sends, and waits until the box is free again.
async fn say(browser: &Browser, text: &str) {
    browser.type_into("#draft", &format!("{text}{ENTER}")).await;
    browser
        .until("the box is empty".into(), async || browser.value("#draft").await.is_empty())
        .await;
}

/// The last so many messages, each by its number.
async fn last(browser: &Browser, count: usize) -> Vec<(String, String)> {
    let numbers = browser.attributes(".message[data-number]", "data-number").await;
    let texts = browser.texts(".message[data-number] .text").await;
    let all: Vec<_> = numbers.into_iter().flatten().zip(texts).collect();
    all[all.len() - count..].to_vec()
}

/// P2, P3, U1, U2, L1: messages cross, unread numbers go up and down for the team and
/// for the customer, and receipts appear.
pub(crate) async fn two_operators_and_a_customer_write_to_each_other(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    let ann = driver.browser(PHONE).await;
    kim.go(&host.operators).await;
    lou.go(&host.operators).await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    for team in [&kim, &lou] {
        team.shows(BADGE, &["2"]).await;
        team.is_titled("(3) Conversations – Reef Tours Honolulu").await;
    }

    // One reads it: it is read for both, and the customer sees that.
    kim.click("[data-booking=k7q2-xh41-09] a").await;
    for team in [&kim, &lou] {
        team.shows(BADGE, &[""]).await;
        team.is_titled("(2) Conversations – Reef Tours Honolulu").await;
    }
    ann.shows(".message[data-side=customer] .receipt", &["Read"; 4]).await;

    // Both answer, while the customer looks elsewhere.
    ann.click("#toggle").await;
    say(&kim, "Dogs are welcome").await;
    ann.shows("#unread-badge", &["1"]).await;
    lou.click("[data-booking=k7q2-xh41-09] a").await;
    lou.appears("#chat[data-state=open]").await;
    say(&lou, "Small ones").await;
    ann.shows("#unread-badge", &["2"]).await;
    for team in [&kim, &lou] {
        team.until("both answers are there".into(), async || {
            last(team, 2)
                .await
                .iter()
                .map(|it| it.1.as_str())
                .eq(["Dogs are welcome", "Small ones"])
        })
        .await;
        team.shows(RECEIPTS, &["Read", "Read", "", ""]).await;
    }
    ann.click("#toggle").await;
    ann.shows("#unread-badge", &[""]).await;
    for team in [&kim, &lou] {
        team.shows(RECEIPTS, &["Read"; 4]).await;
    }

    // Nobody of the team looks: the number goes up to "9+", and the row is at the top.
    for team in [&kim, &lou] {
        team.click("[data-booking=h5lk-63tt-88] a").await;
        team.shows("#code", &["H5LK-63TT-88"]).await;
    }
    // A draft for somebody else stays as it is.
    lou.type_into("#draft", "About your bottle").await;
    for number in 1..=10 {
        say(&ann, &format!("Wag {number}")).await;
        let badge = if number > 9 { "9+".to_owned() } else { number.to_string() };
        for team in [&kim, &lou] {
            team.shows(BADGE, &[&badge]).await;
            team.shows(".conversation:first-child .preview", &[&format!("Wag {number}")]).await;
            team.is_titled("(3) Conversations – Reef Tours Honolulu").await;
        }
    }
    assert_eq!(
        (lou.value("#draft").await, lou.focused().await),
        ("About your bottle".into(), "draft".into())
    );
    lou.click("[data-booking=k7q2-xh41-09] a").await;
    for team in [&kim, &lou] {
        team.shows(BADGE, &[""]).await;
        team.is_titled("(2) Conversations – Reef Tours Honolulu").await;
    }
    lou.shows("#draft", &[""]).await;
    lou.click("[data-booking=h5lk-63tt-88] a").await;
    lou.until("the draft is back".into(), async || {
        lou.value("#draft").await == "About your bottle"
    })
    .await;
    for browser in [kim, lou, ann] {
        browser.close().await;
    }
}

/// I3: all write at the same time; everybody sees each message once, and in the same
/// order, also after a reload.
pub(crate) async fn all_see_each_message_once_and_in_one_order(driver: &Driver) {
    const EACH: usize = 6;
    let host = Host::start(&["--poll-ms", "50"]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    let ann = driver.browser(PHONE).await;
    let page = format!("{}#booking=k7q2-xh41-09", host.operators);
    kim.go(&page).await;
    lou.go(&page).await;
    ann.go(&host.customers).await;
    for browser in [&kim, &lou, &ann] {
        browser
            .until("all is there".into(), async || browser.texts(".message").await.len() == 6)
            .await;
    }
    let everybody = [("Kim", &kim), ("Lou", &lou), ("Ann", &ann)];
    join_all(everybody.map(async |(name, browser)| {
        for number in 1..=EACH {
            say(browser, &format!("{name} {number}")).await;
        }
    }))
    .await;
    let mut seen = Vec::new();
    for again in [false, true] {
        for (name, browser) in everybody {
            if again {
                browser.reload().await;
            }
            let all = 6 + 3 * EACH;
            let shown = async || {
                let messages = browser.texts(".message").await.len();
                messages == all && browser.texts(".pending").await.is_empty()
            };
            // A reload begins with the newest 20.
            let newest = async || browser.texts(".message").await.len() >= 20;
            let there = async || if again { newest().await } else { shown().await };
            browser.until(format!("{name} has all"), there).await;
            seen.push(last(browser, 3 * EACH).await);
        }
    }
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");
    let numbers: Vec<_> = seen[0].iter().map(|it| it.0.parse::<usize>().unwrap()).collect();
    assert_eq!(numbers, (7..7 + 3 * EACH).collect::<Vec<_>>());
    let texts: HashSet<_> = seen[0].iter().map(|it| it.1.as_str()).collect();
    assert_eq!(texts.len(), 3 * EACH, "{texts:?}");
    for (name, _) in everybody {
        let own: Vec<_> =
            seen[0].iter().filter(|it| it.1.starts_with(name)).map(|it| &it.1).collect();
        assert_eq!(
            own,
            (1..=EACH)
                .map(|number| format!("{name} {number}"))
                .collect::<Vec<_>>()
                .iter()
                .collect::<Vec<_>>()
        );
    }
    for browser in [kim, lou, ann] {
        browser.close().await;
    }
}
