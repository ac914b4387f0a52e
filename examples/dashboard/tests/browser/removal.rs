//! Removing messages.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, ESCAPE, PHONE};
use crate::driver::Driver;
use crate::server::Server;

fn text_of(number: u32) -> String {
    format!(".message[data-number='{number}'] .text")
}

/// Uses the "Remove" button of a message with the keyboard.
async fn ask_to_remove(browser: &Browser, number: u32) {
    let focus = "document.querySelector(arguments[0]).focus()";
    let button = format!(".message[data-number='{number}'] .remove");
    browser.execute::<Value>(focus, &[json!(button)]).await;
    browser.press(ENTER).await;
    browser.wait_visible("#remove-dialog").await;
}

/// T9: after a confirmation, both pages show the label in place of the text, also of an old
/// message. The text is nowhere on the pages any more.
pub(crate) async fn a_removed_message_shows_a_label_on_both_pages(driver: &Driver) {
    const PREVIEW: &str = "[data-booking=k7q2-xh41-09] .preview";
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    ann.goto(&server.customer_url).await;
    for browser in [&kim, &ann] {
        browser.wait_visible(&text_of(6)).await;
    }
    let before = kim.texts(".message .text").await;

    // The focus begins at "Cancel", and Escape closes only the dialog.
    ask_to_remove(&kim, 3).await;
    assert_eq!(kim.focused().await, "keep");
    assert_eq!(kim.text("#remove-text").await, before[2]);
    kim.press(ESCAPE).await;
    kim.wait_until("the dialog is closed".into(), async || !kim.is_visible("#remove-dialog").await)
        .await;
    assert!(kim.is_visible("#log").await, "Escape closed the conversation");
    ask_to_remove(&kim, 3).await;
    kim.click("#keep").await;
    assert_eq!(kim.texts(".message .text").await, before);

    for (number, index) in [(3, 2), (6, 5)] {
        ask_to_remove(&kim, number).await;
        kim.click("#remove").await;
        for browser in [&kim, &ann] {
            browser.wait_texts(&text_of(number), &["Message removed"]).await;
            let html: String =
                browser.execute("return document.getElementById('sections').innerHTML", &[]).await;
            assert!(!html.contains(&before[index]), "{number}");
        }
    }
    assert_eq!(kim.focused().await, "log", "the focus is lost");
    kim.wait_texts(PREVIEW, &["Message removed"]).await;
    assert!(!kim.is_visible(".message[data-number='3'] .remove").await);
    // Pages that are loaded later show the label too.
    for browser in [&kim, &ann] {
        browser.reload().await;
        browser.wait_texts(&text_of(3), &["Message removed"]).await;
        assert!(browser.is_visible(".message.removed[data-number='3']").await);
    }
    kim.close().await;
    ann.close().await;
}
