//! Writing and sending messages.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, RELEASE, SHIFT};
use crate::driver::Driver;
use crate::polling;
use crate::server::Server;

/// Holds back the responses to sent messages until the test releases them, and records the
/// maximum number of times that each text was shown at once.
const HOLD_RESPONSES: &str = "const realFetch = window.fetch;\
    window.held = []; window.maxShown = {};\
    window.fetch = async (url, options) => {\
        const response = await realFetch(url, options);\
        if (options?.method === 'POST' && String(url).includes('/messages')) {\
            await new Promise((release) => window.held.push(release));\
        }\
        return response;\
    };\
    new MutationObserver(() => {\
        const shown = {};\
        for (const { textContent } of document.querySelectorAll('.message .text')) {\
            shown[textContent] = (shown[textContent] ?? 0) + 1;\
        }\
        for (const text in shown) {\
            window.maxShown[text] = Math.max(shown[text], window.maxShown[text] ?? 0);\
        }\
    }).observe(document.getElementById('sections'), { childList: true, subtree: true })";

/// Opens a page and waits until it shows its messages. Returns the number of messages.
async fn open(browser: &Browser, url: &str) -> usize {
    browser.goto(url).await;
    let is_loaded = async || browser.texts(".message").await.len() >= 6;
    browser.wait_until("the messages are shown".into(), is_loaded).await;
    browser.wait_visible("#chat[data-state=open]").await;
    browser.texts(".message").await.len()
}

/// Waits until a response is held back.
async fn wait_for_held_response(browser: &Browser) {
    let is_held = async || browser.execute("return window.held.length > 0", &[]).await;
    browser.wait_until("a response is held back".into(), is_held).await;
}

/// Releases the oldest response, as soon as there is one.
async fn release_response(browser: &Browser) {
    wait_for_held_response(browser).await;
    browser.execute::<Value>("window.held.shift()()", &[]).await;
}

async fn max_shown(browser: &Browser, text: &str) -> u32 {
    browser.execute("return window.maxShown[arguments[0]] ?? 0", &[json!(text)]).await
}

async fn last_text(browser: &Browser) -> String {
    browser.texts(".message[data-number] .text").await.pop().unwrap_or_default()
}

/// Enter sends and Shift+Enter inserts a line break. Enter in an input method does neither.
pub(crate) async fn enter_sends_and_shift_enter_inserts_a_line_break(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    open(&kim, &server.conversation_url("k7q2-xh41-09")).await;
    open(&ann, &server.customer_url).await;
    for (browser, name) in [(&kim, "Kim"), (&ann, "Ann")] {
        let one_line = browser.rect("#draft").await;
        browser.type_into("#draft", &format!("{name}{SHIFT}{ENTER}")).await;
        browser.type_into("#draft", "and").await;
        assert_eq!(browser.value("#draft").await, format!("{name}\nand"));
        let two_lines = browser.rect("#draft").await;
        assert!(two_lines.height() > one_line.height() + 10.0, "{one_line:?} {two_lines:?}");
        let composing = "const options =\
                { key: 'Enter', isComposing: true, bubbles: true, cancelable: true };\
            const event = new KeyboardEvent('keydown', options);\
            document.getElementById('draft').dispatchEvent(event)";
        browser.execute::<Value>(composing, &[]).await;
        browser.type_into("#draft", &format!(" more{ENTER}")).await;
        let text = format!("{name}\nand more");
        for viewer in [&kim, &ann] {
            let is_shown = async || last_text(viewer).await == text;
            viewer.wait_until(format!("{text} is shown"), is_shown).await;
            let rect = viewer.rects(".message .text").await.pop().unwrap();
            assert!(rect.height() > 50.0, "the message does not have two lines: {rect:?}");
        }
        assert_eq!(browser.value("#draft").await, "");
        assert_eq!(browser.rect("#draft").await, one_line);
        // A blank text is not sent.
        browser.type_into("#draft", &format!(" {SHIFT}{ENTER}{RELEASE} {ENTER}")).await;
        browser.click("#send").await;
        browser.paste("#draft", "").await;
    }
    assert_eq!(kim.texts(".message").await.len(), 6 + 2);
    kim.close().await;
    ann.close().await;
}

/// A message appears before the server has responded, and never twice. A message that is
/// sent in the meantime appears after the first message.
pub(crate) async fn a_message_appears_at_once_and_only_once(driver: &Driver) {
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    for url in [&server.conversation_url("k7q2-xh41-09"), &server.customer_url] {
        let before = open(&kim, url).await;
        polling::poll_now(&kim).await;
        kim.execute::<Value>(HOLD_RESPONSES, &[]).await;
        let first = format!("first of {before}");
        kim.type_into("#draft", &format!("{first}{ENTER}")).await;
        assert_eq!(kim.texts(".message.pending .text").await, [first.as_str()]);
        assert_eq!(kim.text(".message.pending .time").await, "Sending…");
        assert_eq!(kim.value("#draft").await, "");
        let pending = kim.rect(".message.pending .text").await;
        let container = kim.rect("#sections").await;
        assert!((container.right - pending.right).abs() < 1.0, "{pending:?} {container:?}");

        // The server has stored the message. A poll that returns the message does not show
        // it twice.
        wait_for_held_response(&kim).await;
        polling::poll_now(&kim).await;
        assert_eq!(kim.texts(".message").await.len(), before + 1);
        let second = format!("second of {before}");
        kim.type_into("#draft", &format!("{second}{ENTER}")).await;
        assert_eq!(kim.value("#draft").await, second, "the second message did not wait");
        release_response(&kim).await;
        let is_pending = async || kim.texts(".message.pending .text").await == [second.as_str()];
        kim.wait_until("the second message is being sent".into(), is_pending).await;
        release_response(&kim).await;
        let are_sent = async || kim.texts(".message[data-number]").await.len() == before + 2;
        kim.wait_until("both messages are sent".into(), are_sent).await;
        polling::poll_now(&kim).await;
        let texts = kim.texts(".message .text").await;
        assert_eq!(texts[before..], [first.as_str(), second.as_str()]);
        assert_eq!((max_shown(&kim, &first).await, max_shown(&kim, &second).await), (1, 1));
    }
    kim.close().await;
}

/// While a message is being sent, however long that takes, the list is still updated. After the
/// message is sent, the conversation shows each message once.
pub(crate) async fn polls_continue_while_a_message_is_being_sent(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    let before = open(&kim, &server.conversation_url("k7q2-xh41-09")).await;
    open(&ann, &server.customer_url).await;
    kim.execute::<Value>(HOLD_RESPONSES, &[]).await;
    kim.type_into("#draft", &format!("held{ENTER}")).await;
    ann.wait_until("the message is stored".into(), async || last_text(&ann).await == "held").await;
    ann.execute::<Value>(HOLD_RESPONSES, &[]).await;
    ann.type_into("#draft", &format!("held too{ENTER}")).await;
    kim.wait_texts(".conversation[data-booking='k7q2-xh41-09'] .preview", &["held too"]).await;
    assert_eq!(kim.texts(".message.pending .text").await, ["held"]);

    for browser in [&ann, &kim] {
        release_response(browser).await;
        let is_complete = async || last_text(browser).await == "held too";
        browser.wait_until("both messages are shown".into(), is_complete).await;
        assert_eq!(browser.texts(".message .text").await[before..], ["held", "held too"]);
        let max_shown = (max_shown(browser, "held").await, max_shown(browser, "held too").await);
        assert_eq!(max_shown, (1, 1));
    }
    kim.close().await;
    ann.close().await;
}

/// U3: a message that waits until another message is sent stays in the conversation in which it
/// was written, even if another conversation is opened in the meantime. It is sent and shown
/// only there.
pub(crate) async fn a_queued_message_stays_in_its_conversation(driver: &Driver) {
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    open(&kim, &server.conversation_url("k7q2-xh41-09")).await;
    kim.execute::<Value>(HOLD_RESPONSES, &[]).await;
    for text in ["one", "two"] {
        kim.type_into("#draft", &format!("{text}{ENTER}")).await;
    }
    kim.click(".conversation[data-booking='d3vv-48ke-05'] a").await;
    kim.wait_texts("#code", &["D3VV-48KE-05"]).await;
    kim.wait_visible("#chat[data-state=open]").await;
    let other_conversation = kim.texts(".message .text").await;

    release_response(&kim).await;
    wait_for_held_response(&kim).await;
    assert_eq!(kim.texts(".message .text").await, other_conversation);
    assert_eq!((max_shown(&kim, "one").await, max_shown(&kim, "two").await), (1, 0));
    release_response(&kim).await;
    kim.wait_texts(".conversation[data-booking='k7q2-xh41-09'] .preview", &["two"]).await;
    assert_eq!(kim.texts(".message .text").await, other_conversation);
    kim.close().await;
}

/// I4: clearing the box discards a message whose response was lost. If the same text is typed
/// again, it is another message with another key, and not a retry.
pub(crate) async fn a_discarded_text_can_be_sent_as_a_new_message(driver: &Driver) {
    const LOSE_RESPONSE: &str = "const realFetch = window.fetch; window.isLost = false;\
        window.fetch = async (url, options) => {\
            const response = await realFetch(url, options);\
            if (!window.isLost && String(url).includes('/messages')) {\
                window.isLost = true;\
                throw new TypeError('lost');\
            }\
            return response;\
        }";
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let kim = driver.browser(DESKTOP).await;
    let before = open(&kim, &server.conversation_url("k7q2-xh41-09")).await;
    kim.execute::<Value>(LOSE_RESPONSE, &[]).await;
    kim.type_into("#draft", &format!("ok{ENTER}")).await;
    let has_failed = async || !kim.text("#send-error").await.is_empty();
    kim.wait_until("the page reports an error".into(), has_failed).await;
    polling::poll_now(&kim).await;
    let is_stored = async || kim.texts(".message").await.len() == before + 1;
    kim.wait_until("a poll shows the stored message".into(), is_stored).await;

    kim.paste("#draft", "").await;
    kim.type_into("#draft", &format!("ok{ENTER}")).await;
    kim.wait_visible(&format!(".message[data-number='{}']", before + 2)).await;
    assert_eq!(kim.texts(".message .text").await[before..], ["ok", "ok"]);
    kim.close().await;
}

/// T2, T3, T4: a rejected message stays in the box with the reason, and can be edited and
/// sent.
pub(crate) async fn a_rejected_message_stays_in_the_box_with_its_reason(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    for (url, expected) in
        [(&server.conversation_url("k7q2-xh41-09"), 6), (&server.customer_url, 7)]
    {
        let before = open(&kim, url).await;
        assert_eq!(before, expected);
        let too_long = "x".repeat(10_001);
        for (text, reason) in [
            ("\u{200b}", "There is nothing in the message."),
            ("ding\u{7}", "The message holds a character that cannot be sent."),
            (&too_long, "The message is too long. At most 10,000 characters can be sent."),
        ] {
            kim.paste("#draft", text).await;
            kim.press(ENTER).await;
            kim.wait_texts("#send-error", &[&format!("Not sent. {reason}")]).await;
            assert!(kim.is_visible("#send-error").await);
            assert_eq!(kim.value("#draft").await, text);
            assert_eq!(kim.text("#send").await, "Send again");
            assert_eq!(kim.focused().await, "draft");
            assert_eq!(kim.attributes("#draft", "aria-invalid").await, [Some("true".into())]);
            assert_eq!(kim.texts(".message").await.len(), before);
        }
        kim.paste("#draft", &too_long[1..]).await;
        kim.click("#send").await;
        let is_sent = async || last_text(&kim).await.len() == 10_000;
        kim.wait_until("the shortened message is sent".into(), is_sent).await;
        kim.wait_texts("#send-error", &[""]).await;
        assert_eq!(kim.value("#draft").await, "");
        assert_eq!(kim.text("#send").await, "Send");
        assert_eq!(kim.texts(".message").await.len(), before + 1);
    }
    kim.close().await;
}
