//! Where things stand, and that they stay there.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::host::Host;

/// More than what is shown when a conversation is opened.
const TURNS: u32 = 215;

/// What has moved by itself in the conversation or around it, as browsers measure it;
/// the list, which is ordered anew, is not meant.
const MOVED: &str = "return window.moved.filter(it => !it.startsWith('panel'))";
const FORGET: &str = "window.moved.length = 0";
const WATCH: &str = "window.moved = [];\
    new PerformanceObserver((list) => list.getEntries().forEach((shift) =>\
        shift.sources.forEach(({ node }) => {\
            const it = node?.nodeType === 1 ? node : node?.parentElement;\
            window.moved.push(`${it?.closest('#panel') ? 'panel ' : ''}${it?.id} ${it?.className}`);\
        }))).observe({ type: 'layout-shift', buffered: true })";

async fn has_not_moved(browser: &Browser) {
    let moved: Vec<String> = browser.ask(MOVED, &[]).await;
    assert!(moved.is_empty(), "{moved:?}");
}

async fn top(browser: &Browser, number: u32) -> f64 {
    browser.edges(&format!(".message[data-number='{number}']")).await[0].top
}

async fn is_at_the_end(browser: &Browser) -> bool {
    let script = "const it = document.getElementById('log');\
        return it.scrollHeight - it.scrollTop - it.clientHeight < 1";
    browser.ask(script, &[]).await
}

/// Messages that arrive push nothing away: at the end one sees them; who reads further
/// up is told, and stays there, also when older ones are loaded above.
pub(crate) async fn nothing_jumps_when_messages_arrive(driver: &Driver) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let turn = |number: u32| {
        let from = if number % 2 == 1 { "customer" } else { "operator" };
        json!({ "from": from, "text": format!("{number}\n{}", "words ".repeat(9)) })
    };
    let turns: Vec<_> = (1..=TURNS).map(turn).collect();
    writeln!(file, "{}", json!({ "id": "long", "about": ["Tides"], "turns": turns })).unwrap();
    let path = file.path().to_str().unwrap();
    let host = Host::start(&["--poll-ms", "100", "--import", path]);
    let team = host.operators.replace("/honolulu", "/imported#booking=long");

    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    for browser in [&kim, &ann] {
        browser.devtools.before_each_page(WATCH).await;
    }
    kim.go(&team).await;
    kim.appears("#chat[data-state=open]").await;
    let link = kim.attributes("#portal", "href").await.remove(0).unwrap();
    let customer = host.customers.split_once("/portal/").unwrap().0.to_owned() + &link;
    ann.go(&customer).await;
    ann.appears(".message").await;
    let mut next = TURNS + 1;
    for (reader, writer) in [(&kim, &ann), (&ann, &kim)] {
        reader.until("it is at the end".into(), async || is_at_the_end(reader).await).await;
        let frame = async || {
            [
                reader.edges("#log").await,
                reader.edges("#composer").await,
                reader.edges("#code").await,
            ]
        };
        let before = frame().await;
        reader.ask::<Value>(FORGET, &[]).await;
        writer.type_into("#draft", &format!("{next}{ENTER}")).await;
        reader.appears(&format!(".message[data-number='{next}']")).await;
        assert!(is_at_the_end(reader).await);
        assert_eq!(frame().await, before);
        next += 1;

        has_not_moved(reader).await;

        // Further up: first older ones come.
        let first: u32 = reader.attributes(".message", "data-number").await[0]
            .as_deref()
            .unwrap()
            .parse()
            .unwrap();
        let up = "const it = document.getElementById('log'); it.scrollTop = 100;\
            return document.querySelector(`.message[data-number='${arguments[0]}']`).getBoundingClientRect().top";
        let at: f64 = reader.ask(up, &[json!(first)]).await;
        reader
            .until("older ones are there".into(), async || {
                reader.attributes(".message", "data-number").await[0] != Some(first.to_string())
            })
            .await;
        let now = top(reader, first).await;
        assert!((now - at).abs() <= 1.0, "what one reads stays: {at} {now}");

        // Then new ones.
        reader.ask::<Value>(FORGET, &[]).await;
        assert!(!reader.sees("#new-messages").await);
        writer.type_into("#draft", &format!("{next}{ENTER}")).await;
        reader.appears("#new-messages").await;
        assert!((top(reader, first).await - now).abs() < 0.1);
        assert_eq!(frame().await, before);
        reader.click("#new-messages").await;
        assert!(is_at_the_end(reader).await && !reader.sees("#new-messages").await);
        next += 1;
        has_not_moved(reader).await;
    }
    // The whole history, in order and each once, is there by scrolling.
    for reader in [&kim, &ann] {
        reader
            .until("all are there".into(), async || {
                reader.ask::<Value>("document.getElementById('log').scrollTop = 0", &[]).await;
                reader.texts(".message").await.len() == TURNS as usize + 4
            })
            .await;
        let numbers = reader.attributes(".message", "data-number").await;
        let expected: Vec<_> = (1..=TURNS + 4).map(|number| Some(number.to_string())).collect();
        assert_eq!(numbers, expected);
        assert!(!reader.sees("#earlier").await);
    }
    kim.close().await;
    ann.close().await;
}
