//! Switching messaging off for the customers of a location.

use crate::browser::{DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::server::Server;

/// L4: a poll tells the customer's page that messaging is off, and the page shows a label in place
/// of the input box. The team can still write.
pub(crate) async fn a_label_replaces_the_box_while_messaging_is_off(driver: &Driver) {
    const LABEL: &str = "Messaging is switched off";
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(PHONE).await);
    ann.goto(&server.customer_url).await;
    ann.wait_visible("#composer").await;
    ann.type_into("#draft", "One more").await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.click(".switch").await;
    ann.wait_texts("#messaging-off", &[LABEL]).await;
    assert!(!ann.is_visible("#composer").await);
    assert_eq!(ann.focused().await, "log", "the focus is lost");
    kim.type_into("#draft", &format!("We are closed.{ENTER}")).await;
    ann.wait_visible(".message[data-number='7']").await;

    // The server renders the page in the same state.
    ann.reload().await;
    assert_eq!(ann.text("#messaging-off").await, LABEL);
    assert!(!ann.is_visible("#composer").await);
    kim.click(".switch").await;
    ann.wait_visible("#composer").await;
    assert!(!ann.is_visible("#messaging-off").await);
    assert_eq!(ann.value("#draft").await, "One more");
    kim.close().await;
    ann.close().await;
}
