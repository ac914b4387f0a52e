//! Replies of operators who have not seen the newest messages.

use crate::browser::{Browser, DESKTOP, ENTER};
use crate::driver::Driver;
use crate::polling;
use crate::server::Server;

const REFUSED: &str = "Not sent. There are newer messages, which are now shown above. Change your \
    reply, or send it anyway.";

async fn last_texts(browser: &Browser) -> Vec<String> {
    browser.texts(".message[data-number] .text").await.split_off(6)
}

/// L6: a reply is refused if the operator's page does not show the newest message. The page then
/// shows it and keeps the reply. The operator can send the reply anyway, or change it.
pub(crate) async fn a_reply_that_missed_a_message_is_kept_and_can_be_sent_anyway(driver: &Driver) {
    let server = Server::start(&["--poll-ms", polling::HOUR]);
    let (kim, lou) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    for browser in [&kim, &lou] {
        browser.goto(&server.conversation_url("k7q2-xh41-09")).await;
        browser.wait_visible(".message[data-number='6']").await;
    }
    lou.type_into("#draft", &format!("Gladly!{ENTER}")).await;
    lou.wait_visible(".message[data-number='7']").await;

    kim.type_into("#draft", &format!("Sorry, no dogs.{ENTER}")).await;
    kim.wait_texts("#send-error", &[REFUSED]).await;
    assert_eq!(kim.value("#draft").await, "Sorry, no dogs.");
    assert_eq!(last_texts(&kim).await, ["Gladly!"]);
    assert_eq!(kim.text("#send").await, "Send anyway");
    kim.click("#send").await;
    kim.wait_visible(".message[data-number='8']").await;
    assert_eq!(last_texts(&kim).await, ["Gladly!", "Sorry, no dogs."]);
    assert_eq!(
        (kim.value("#draft").await, kim.text("#send").await),
        (String::new(), "Send".into())
    );

    // A changed reply is checked against the messages that are shown now.
    lou.type_into("#draft", &format!("See you!{ENTER}")).await;
    lou.wait_texts("#send-error", &[REFUSED]).await;
    lou.type_into("#draft", " Bring the dog").await;
    lou.wait_texts("#send-error", &[""]).await;
    assert_eq!(lou.text("#send").await, "Send");
    lou.type_into("#draft", ENTER).await;
    lou.wait_visible(".message[data-number='9']").await;
    let expected = ["Gladly!", "Sorry, no dogs.", "See you! Bring the dog"];
    assert_eq!(last_texts(&lou).await, expected);
    kim.close().await;
    lou.close().await;
}
