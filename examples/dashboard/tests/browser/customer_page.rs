//! The customer's page of one booking.

use crate::browser::{DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::expected_dates;
use crate::server::Server;

/// A2, T6: a customer sees their booking and their conversation, with the operators' names
/// or "Support", and nothing of other bookings.
pub(crate) async fn a_customer_sees_one_booking_on_a_phone(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.set_viewport(PHONE).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    for (css, text) in [
        ("#customer", "Ann Lee"),
        ("#activity", "Sunset kayak tour"),
        ("#code", "K7Q2-XH41-09"),
        ("#duration", "2h 30m"),
        ("#booking-status", "Confirmed"),
    ] {
        assert_eq!(ann.text(css).await, text, "{css}");
    }
    let start = (ann.text("#date").await, ann.text("#time").await);
    assert!(expected_dates::booking_start(3).contains(&start), "{start:?}");
    assert_eq!(ann.title().await, "Sunset kayak tour – Reef Tours Honolulu");

    // Nothing is wider than the phone, and the newest message and the box are visible.
    let script = "return [innerWidth, document.documentElement.scrollWidth, innerHeight,\
        document.getElementById('log').scrollWidth - document.getElementById('log').clientWidth]";
    let (window, page, height, overflow): (u32, u32, f64, i32) = ann.execute(script, &[]).await;
    assert_eq!((window, page, overflow), (PHONE.0, PHONE.0, 0));
    let composer = ann.rect("#composer").await;
    assert!(composer.bottom <= height, "{composer:?}");
    let newest = ann.rects(".message:last-child .text").await.pop().unwrap();
    assert!(newest.bottom <= composer.top, "the newest message is not visible: {newest:?}");

    let container = ann.rect("#sections").await;
    for (side, css) in [
        ("customer", ".message[data-side=customer] .text"),
        ("operator", ".message[data-side=operator] .text"),
    ] {
        let rects = ann.rects(css).await;
        assert!(!rects.is_empty());
        for rect in rects {
            let distance = if side == "customer" {
                container.right - rect.right
            } else {
                rect.left - container.left
            };
            assert!((0.0..=1.0).contains(&distance), "{side}: {rect:?} in {container:?}");
        }
    }
    let senders = ann.texts(".message[data-side=operator] .sender").await;
    assert_eq!(senders, ["Maya", "Support"]);
    for sender in ann.rects(".message[data-side=operator] .sender").await {
        assert!(sender.width() > 10.0, "an operator's name is not visible: {sender:?}");
    }
    // The operator's reply marked the messages before the reply as read, and no others.
    let receipts = ann.texts(".message[data-side=customer] .receipt").await;
    assert_eq!(receipts, ["Read", "Read", "", ""]);

    let html: String = ann.execute("return document.documentElement.outerHTML", &[]).await;
    for secret in ["crm-", "u-maya", "Ben Okafor", "/desk/"] {
        assert!(!html.contains(secret), "{secret}");
    }
    ann.type_into("#draft", &format!("Mahalo!{ENTER}")).await;
    ann.wait_until("the message is sent".into(), async || {
        ann.texts(".message[data-number]:last-child .text").await.last().unwrap() == "Mahalo!"
    })
    .await;
    assert_eq!(ann.value("#draft").await, "");
    ann.close().await;
}

/// U3, W7: the badge counts the replies that the customer has not seen. Nothing is marked as
/// read while the conversation is collapsed, or by a program that only loads the page.
pub(crate) async fn the_badge_counts_unread_messages(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (ann, kim) = (driver.browser(PHONE).await, driver.browser(DESKTOP).await);
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    assert_eq!(ann.text("#unread-badge").await, "");

    ann.click("#toggle").await;
    assert!(!ann.is_visible("#log").await);
    assert_eq!(ann.attributes("#toggle", "aria-expanded").await, [Some("false".to_owned())]);
    for number in 1..=10 {
        kim.type_into("#draft", &format!("{number}{ENTER}")).await;
        let badge = if number > 9 { "9+".to_owned() } else { number.to_string() };
        ann.wait_texts("#unread-badge", &[&badge]).await;
        ann.wait_title(&format!("({badge}) Sunset kayak tour – Reef Tours Honolulu")).await;
    }
    let load_page = "return fetch(location.href).then((response) => response.text())";
    ann.execute::<String>(load_page, &[]).await;
    let receipts = ".message[data-side=operator] .receipt";
    let unread = [vec!["Read", "Read"], vec![""; 10]].concat();
    kim.wait_texts(receipts, &unread).await;
    ann.reload().await;
    ann.wait_texts("#unread-badge", &[""]).await;
    kim.wait_texts(receipts, &["Read"; 12]).await;
    ann.wait_title("Sunset kayak tour – Reef Tours Honolulu").await;

    // A wrong signature looks like an unknown booking (A1).
    ann.goto(&server.customer_url.replace("k7q2-xh41-09", "d3vv-48ke-05")).await;
    let body = ann.text("body").await;
    assert!(body.contains("not-found") && !body.contains("Grace"), "{body}");
    ann.close().await;
    kim.close().await;
}
