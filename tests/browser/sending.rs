//! Writing a message, and what becomes of it.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, SHIFT, UP};
use crate::driver::Driver;
use crate::host::Host;
use crate::polling;

/// From now on the answers about what is sent wait until the test lets them go, and
/// the page counts how often it shows each text at most.
const HOLD: &str = "const real = window.fetch; window.held = []; window.most = {};\
    window.fetch = async (address, how) => {\
        const answer = await real(address, how);\
        if (how?.method === 'POST' && String(address).includes('/messages')) {\
            await new Promise((go) => window.held.push(go));\
        }\
        return answer;\
    };\
    new MutationObserver(() => {\
        const now = {};\
        for (const text of document.querySelectorAll('.message .text')) {\
            now[text.textContent] = (now[text.textContent] ?? 0) + 1;\
        }\
        for (const text in now) window.most[text] = Math.max(now[text], window.most[text] ?? 0);\
    }).observe(document.getElementById('days'), { childList: true, subtree: true })";

/// Lets the oldest answer go, as soon as there is one.
async fn let_go(browser: &Browser) {
    browser
        .until("an answer is there".into(), async || {
            browser.ask("const go = window.held.shift(); go?.(); return Boolean(go)", &[]).await
        })
        .await;
}

async fn most(browser: &Browser, text: &str) -> u32 {
    browser.ask("return window.most[arguments[0]] ?? 0", &[json!(text)]).await
}

async fn last(browser: &Browser) -> String {
    browser.texts(".message[data-number] .text").await.pop().unwrap_or_default()
}

/// Enter sends and Shift+Enter breaks the line; an input method's Enter does neither.
pub(crate) async fn enter_sends_and_shift_enter_breaks_the_line(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    ann.go(&host.customers).await;
    for (browser, name) in [(&kim, "Kim"), (&ann, "Ann")] {
        browser
            .until("all is there".into(), async || browser.texts(".message").await.len() >= 6)
            .await;
        let low = browser.edges("#draft").await.remove(0);
        browser.type_into("#draft", &format!("{name}{SHIFT}{ENTER}{UP}and")).await;
        assert_eq!(browser.value("#draft").await, format!("{name}\nand"));
        let high = browser.edges("#draft").await.remove(0);
        assert!(high.bottom - high.top > low.bottom - low.top + 10.0, "{low:?} {high:?}");
        let composing = "document.getElementById('draft').dispatchEvent(new KeyboardEvent('keydown',\
            { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))";
        browser.ask::<Value>(composing, &[]).await;
        browser.type_into("#draft", &format!(" more{ENTER}")).await;
        let text = format!("{name}\nand more");
        for other in [&kim, &ann] {
            other.until(format!("{text} is there"), async || last(other).await == text).await;
            let line = other.edges(".message .text").await.pop().unwrap();
            assert!(line.bottom - line.top > 50.0, "two lines: {line:?}");
        }
        assert_eq!(browser.value("#draft").await, "");
        let again = browser.edges("#draft").await.remove(0);
        assert_eq!(again, low);
        // Nothing is nothing.
        browser.type_into("#draft", &format!(" {SHIFT}{ENTER}{UP} {ENTER}")).await;
        browser.click("#send").await;
        browser.paste("#draft", "").await;
    }
    assert_eq!(kim.texts(".message").await.len(), 6 + 2);
    kim.close().await;
    ann.close().await;
}

/// A message is there at once, before the server has answered, and never twice; what
/// is sent while it is on its way follows it.
pub(crate) async fn a_message_is_there_at_once_and_once(driver: &Driver) {
    let host = Host::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    for address in [&format!("{}#booking=k7q2-xh41-09", host.operators), &host.customers] {
        kim.go(address).await;
        kim.until("all is there".into(), async || kim.texts(".message").await.len() >= 6).await;
        kim.appears("#chat[data-state=open]").await;
        let before = kim.texts(".message").await.len();
        polling::now(&kim).await;
        kim.ask::<Value>(HOLD, &[]).await;
        let first = format!("first of {before}");
        kim.type_into("#draft", &format!("{first}{ENTER}")).await;
        assert_eq!(kim.texts(".message.pending .text").await, [first.as_str()]);
        assert_eq!(kim.text(".message.pending .time").await, "Sending…");
        assert_eq!(kim.value("#draft").await, "");
        let pending = kim.edges(".message.pending .text").await.remove(0);
        let log = kim.edges("#days").await.remove(0);
        assert!((log.right - pending.right).abs() < 1.0, "{pending:?} {log:?}");

        // The server has it: a poll that brings it does not show it twice.
        kim.until("the server has it".into(), async || {
            kim.ask("return window.held.length > 0", &[]).await
        })
        .await;
        polling::now(&kim).await;
        assert_eq!(kim.texts(".message").await.len(), before + 1);
        let second = format!("second of {before}");
        kim.type_into("#draft", &format!("{second}{ENTER}")).await;
        assert_eq!(kim.value("#draft").await, second, "until the first has arrived");
        let_go(&kim).await;
        kim.until("the second is on its way".into(), async || {
            kim.texts(".message.pending .text").await == [second.as_str()]
        })
        .await;
        let_go(&kim).await;
        kim.until("both are sent".into(), async || {
            kim.texts(".message[data-number]").await.len() == before + 2
        })
        .await;
        polling::now(&kim).await;
        let texts = kim.texts(".message .text").await;
        assert_eq!(texts[before..], [first.as_str(), second.as_str()]);
        assert_eq!((most(&kim, &first).await, most(&kim, &second).await), (1, 1));
    }
    kim.close().await;
}

/// While a message is on its way, however long that takes, the pages go on: the list
/// tells of what others wrote, and the conversation has it all, once, when it is sent.
pub(crate) async fn a_message_on_its_way_holds_up_nothing(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    ann.go(&host.customers).await;
    for browser in [&kim, &ann] {
        browser.until("all is there".into(), async || !last(browser).await.is_empty()).await;
        browser.appears("#chat[data-state=open]").await;
    }
    let before = kim.texts(".message").await.len();
    kim.ask::<Value>(HOLD, &[]).await;
    kim.type_into("#draft", &format!("held{ENTER}")).await;
    ann.until("it is stored".into(), async || last(&ann).await == "held").await;
    ann.ask::<Value>(HOLD, &[]).await;
    ann.type_into("#draft", &format!("held too{ENTER}")).await;
    kim.shows(".conversation[data-booking='k7q2-xh41-09'] .preview", &["held too"]).await;
    assert_eq!(kim.texts(".message.pending .text").await, ["held"]);

    for browser in [&ann, &kim] {
        let_go(browser).await;
        browser.until("it is sent".into(), async || last(browser).await == "held too").await;
        assert_eq!(browser.texts(".message .text").await[before..], ["held", "held too"]);
        assert_eq!((most(browser, "held").await, most(browser, "held too").await), (1, 1));
    }
    kim.close().await;
    ann.close().await;
}

/// U3: what waits for another message to arrive is sent in its own conversation, however
/// many have been opened since, and is shown in no other.
pub(crate) async fn what_waits_to_be_sent_stays_in_its_conversation(driver: &Driver) {
    const ELSEWHERE: &str = ".conversation[data-booking='d3vv-48ke-05'] a";
    let host = Host::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    kim.until("all is there".into(), async || kim.texts(".message").await.len() >= 6).await;
    kim.appears("#chat[data-state=open]").await;
    kim.ask::<Value>(HOLD, &[]).await;
    for text in ["one", "two"] {
        kim.type_into("#draft", &format!("{text}{ENTER}")).await;
    }
    kim.click(ELSEWHERE).await;
    kim.shows("#code", &["D3VV-48KE-05"]).await;
    kim.appears("#chat[data-state=open]").await;
    let there = kim.texts(".message .text").await;

    let_go(&kim).await;
    kim.until("the second has arrived".into(), async || {
        kim.ask("return window.held.length > 0", &[]).await
    })
    .await;
    assert_eq!(kim.texts(".message .text").await, there);
    assert_eq!((most(&kim, "one").await, most(&kim, "two").await), (1, 0));
    let_go(&kim).await;
    kim.shows(".conversation[data-booking='k7q2-xh41-09'] .preview", &["two"]).await;
    assert_eq!(kim.texts(".message .text").await, there);
    kim.close().await;
}

/// I4: whoever empties the box has given up; the same words later are another message,
/// and not a retry of the one whose answer was lost.
pub(crate) async fn words_that_were_given_up_can_be_sent_later(driver: &Driver) {
    const LOSE: &str = "const real = window.fetch; window.lose = true;\
        window.fetch = async (address, how) => {\
            const answer = await real(address, how);\
            if (window.lose && String(address).includes('/messages')) {\
                window.lose = false;\
                throw new TypeError('lost');\
            }\
            return answer;\
        }";
    let host = Host::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    kim.until("all is there".into(), async || kim.texts(".message").await.len() >= 6).await;
    kim.appears("#chat[data-state=open]").await;
    let before = kim.texts(".message").await.len();
    kim.ask::<Value>(LOSE, &[]).await;
    kim.type_into("#draft", &format!("ok{ENTER}")).await;
    kim.until("it is not sent".into(), async || !kim.text("#send-error").await.is_empty()).await;
    polling::now(&kim).await;
    kim.until("it was".into(), async || kim.texts(".message").await.len() == before + 1).await;

    kim.paste("#draft", "").await;
    kim.type_into("#draft", &format!("ok{ENTER}")).await;
    kim.appears(&format!(".message[data-number='{}']", before + 2)).await;
    assert_eq!(kim.texts(".message .text").await[before..], ["ok", "ok"]);
    kim.close().await;
}

/// T2, T3, T4: what cannot be sent stays in the box with its reason, and can be
/// changed and sent.
pub(crate) async fn a_refused_message_stays_with_its_reason(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    for (address, kept) in
        [(&format!("{}#booking=k7q2-xh41-09", host.operators), 6), (&host.customers, 7)]
    {
        kim.go(address).await;
        kim.until("all is there".into(), async || kim.texts(".message").await.len() == kept).await;
        kim.appears("#chat[data-state=open]").await;
        let too_long = "x".repeat(10_001);
        for (text, reason) in [
            ("\u{200b}", "There is nothing in the message."),
            ("ding\u{7}", "The message holds a character that cannot be sent."),
            (&too_long, "The message is too long. At most 10,000 characters can be sent."),
        ] {
            kim.paste("#draft", text).await;
            kim.press(ENTER).await;
            kim.shows("#send-error", &[&format!("Not sent. {reason}")]).await;
            assert!(kim.sees("#send-error").await);
            assert_eq!(kim.value("#draft").await, text);
            assert_eq!(kim.text("#send").await, "Send again");
            assert_eq!(kim.focused().await, "draft");
            assert_eq!(kim.attributes("#draft", "aria-invalid").await, [Some("true".into())]);
            assert_eq!(kim.texts(".message").await.len(), kept);
        }
        kim.paste("#draft", &too_long[1..]).await;
        kim.click("#send").await;
        kim.until("it is sent".into(), async || last(&kim).await.len() == 10_000).await;
        kim.shows("#send-error", &[""]).await;
        assert_eq!(
            (kim.value("#draft").await, kim.text("#send").await),
            (String::new(), "Send".to_owned())
        );
        assert_eq!(kim.texts(".message").await.len(), kept + 1);
    }
    kim.close().await;
}
