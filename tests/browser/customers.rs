//! The customer's page of one booking.

use serde_json::Value;

use crate::browser::{DESKTOP, ENTER, PHONE};
use crate::dates;
use crate::driver::Driver;
use crate::host::Host;

/// A2, T6: a customer has their booking and their conversation on their phone, with
/// the operators' names, or "Support".
pub(crate) async fn a_customer_has_one_booking_on_a_phone(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.devtools.window(PHONE).await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    for (css, text) in [
        ("#customer", "Ann Lee"),
        ("#activity", "Sunset kayak tour"),
        ("#code", "K7Q2-XH41-09"),
        ("#duration", "2h 30m"),
        ("#booking-status", "Confirmed"),
    ] {
        assert_eq!(ann.text(css).await, text, "{css}");
    }
    let booked = (ann.text("#date").await, ann.text("#time").await);
    assert!(dates::booked(3).contains(&booked), "{booked:?}");
    assert_eq!(ann.title().await, "Sunset kayak tour – Reef Tours Honolulu");

    // Nothing is wider than the phone, and the box is in reach.
    let script = "return [innerWidth, document.documentElement.scrollWidth, innerHeight,\
        document.getElementById('log').scrollWidth - document.getElementById('log').clientWidth]";
    let (phone, page, height, over): (u32, u32, f64, i32) = ann.ask(script, &[]).await;
    assert_eq!((phone, page, over), (PHONE.0, PHONE.0, 0));
    let composer = ann.edges("#composer").await.remove(0);
    assert!(composer.bottom <= height, "{composer:?}");
    let last = ann.edges(".message:last-child .text").await.pop().unwrap();
    assert!(last.bottom <= composer.top, "the newest is in sight: {last:?}");

    let log = ann.edges("#days").await.remove(0);
    for (side, css) in [
        ("customer", ".message[data-side=customer] .text"),
        ("operator", ".message[data-side=operator] .text"),
    ] {
        let all = ann.edges(css).await;
        assert!(!all.is_empty());
        for edges in all {
            let at =
                if side == "customer" { log.right - edges.right } else { edges.left - log.left };
            assert!((0.0..=1.0).contains(&at), "{side}: {edges:?} in {log:?}");
        }
    }
    let team = ann.texts(".message[data-side=operator] .sender").await;
    assert_eq!(team, ["Maya", "Support"]);
    for sender in ann.edges(".message[data-side=operator] .sender").await {
        assert!(sender.right - sender.left > 10.0, "one sees who answered: {sender:?}");
    }
    // Operators have read, when they answered, what was before; and no more.
    assert_eq!(ann.texts(".message[data-side=customer] .receipt").await, ["Read", "Read", "", ""]);

    let html: String = ann.ask("return document.documentElement.outerHTML", &[]).await;
    for secret in ["crm-", "u-maya", "Ben Okafor", "/desk/"] {
        assert!(!html.contains(secret), "{secret}");
    }
    ann.type_into("#draft", &format!("Mahalo!{ENTER}")).await;
    ann.until("it is sent".into(), async || {
        ann.texts(".message[data-number]:last-child .text").await.last().unwrap() == "Mahalo!"
    })
    .await;
    assert_eq!(ann.value("#draft").await, "");
    ann.close().await;
}

/// U3, W7: the badge counts the team's messages that the customer has not seen;
/// folded away nothing is read, and no page is read by being loaded ahead.
pub(crate) async fn a_customers_badge_counts_what_they_have_not_seen(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let (ann, kim) = (driver.browser(PHONE).await, driver.browser(DESKTOP).await);
    kim.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    assert_eq!(ann.text("#unread-badge").await, "");

    ann.click("#toggle").await;
    assert!(!ann.sees("#log").await);
    assert_eq!(ann.attributes("#toggle", "aria-expanded").await, [Some("false".to_owned())]);
    for number in 1..=10 {
        kim.type_into("#draft", &format!("{number}{ENTER}")).await;
        let badge = if number > 9 { "9+".to_owned() } else { number.to_string() };
        ann.shows("#unread-badge", &[&badge]).await;
        ann.is_titled(&format!("({badge}) Sunset kayak tour – Reef Tours Honolulu")).await;
    }
    // Looked at by a program that only loads the page.
    let script = "return fetch(location.href).then(it => it.text()).then(it => it.length)";
    ann.ask::<Value>(script, &[]).await;
    let receipts = ".message[data-side=operator] .receipt";
    let none = [vec!["Read", "Read"], vec![""; 10]].concat();
    kim.shows(receipts, &none).await;
    ann.reload().await;
    ann.shows("#unread-badge", &[""]).await;
    kim.shows(receipts, &["Read"; 12]).await;
    ann.is_titled("Sunset kayak tour – Reef Tours Honolulu").await;

    // A wrong link looks like no booking (A1).
    ann.go(&host.customers.replace("k7q2-xh41-09", "d3vv-48ke-05")).await;
    let answer = ann.text("body").await;
    assert!(answer.contains("not-found") && !answer.contains("Grace"), "{answer}");
    ann.close().await;
    kim.close().await;
}
