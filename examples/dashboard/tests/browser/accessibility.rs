//! The pages used with the keyboard only and with a screen reader.

use serde_json::Value;

use crate::browser::{ARROW_DOWN, ARROW_UP, Browser, DESKTOP, ENTER, ESCAPE, TAB};
use crate::driver::Driver;
use crate::server::Server;

/// A node of the accessibility tree: its role and its name.
type Node = (String, String);

#[track_caller]
fn assert_has_node(tree: &[Node], role: &str, name: &str) {
    let is_found = tree.iter().any(|node| node.0 == role && node.1 == name);
    let same_role: Vec<_> = tree.iter().filter(|node| node.0 == role).collect();
    assert!(is_found, "no {role} has the name {name:?}, found {same_role:?}");
}

/// Asserts that each control and each landmark has a name.
#[track_caller]
fn assert_all_are_named(tree: &[Node]) {
    const NAMED_ROLES: [&str; 9] = [
        "button",
        "link",
        "textbox",
        "checkbox",
        "radio",
        "combobox",
        "log",
        "navigation",
        "dialog",
    ];
    for (role, name) in tree {
        let is_named = !name.trim().is_empty();
        assert!(is_named || !NAMED_ROLES.contains(&role.as_str()), "a {role} has no name");
    }
}

/// Presses the tab key until the focus is at the first stop again, and returns all stops.
/// Asserts that each stop has a visible focus ring.
async fn tab_stops(browser: &Browser) -> Vec<String> {
    let has_focus_ring = "const element = document.activeElement;\
        const { outlineStyle, outlineWidth } = getComputedStyle(element);\
        return element.matches(':focus-visible') && outlineStyle !== 'none' &&\
            parseFloat(outlineWidth) >= 2 && element.checkVisibility()";
    let mut stops = Vec::new();
    while stops.len() < 60 {
        browser.press(TAB).await;
        let stop = browser.focused().await;
        if stops.first() == Some(&stop) {
            return stops;
        }
        // Between the last and the first stop the focus is in the browser's own controls. Then
        // the page reports its body as focused.
        if stop == "operator-page" || stop == "customer-page" {
            continue;
        }
        let is_visible = browser.execute::<bool>(has_focus_ring, &[]).await;
        assert!(is_visible, "the focus on {stop} is not visible");
        stops.push(stop);
    }
    panic!("the focus does not return to the first stop: {stops:?}");
}

/// Everything has a role and a name, and every function can be reached by keyboard.
pub(crate) async fn the_team_page_works_by_keyboard_and_screen_reader(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.team_url).await;
    kim.wait_until("the bookings are loaded".into(), async || {
        kim.texts("#start option").await.len() == 4
    })
    .await;
    let tree = kim.devtools.accessibility_tree().await;
    assert_all_are_named(&tree);
    for (role, name) in [
        ("link", "Skip to the conversation"),
        ("navigation", "Locations"),
        ("navigation", "Conversations 3"),
        ("heading", "Conversations 3"),
        ("group", "Lists of conversations"),
        ("radio", "All"),
        ("radio", "Unread"),
        ("radio", "Waiting 7"),
        ("checkbox", "Customers can write"),
        ("combobox", "Start a conversation"),
        ("button", "Start"),
        ("main", ""),
        ("region", "Conversation"),
    ] {
        assert_has_node(&tree, role, name);
    }
    let row = tree.iter().find(|node| node.0 == "link" && node.1.contains("Ann Lee")).unwrap();
    let name = row.1.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["Confirmed", "Sunset kayak tour", "K7Q2", "life vest", "2 Unread messages"] {
        assert!(name.contains(part), "{part}: {name:?}");
    }
    let list_items = tree.iter().filter(|node| node.0 == "listitem").count();
    assert!(list_items >= 20, "{list_items}");
    assert_eq!(kim.attributes("html", "lang").await, [Some("en".into())]);

    // The first stop skips everything before the conversation.
    kim.press(TAB).await;
    assert_eq!(kim.focused().await, "skip");
    assert!(kim.rect("#skip").await.top >= 0.0, "the focused link is not visible");
    kim.press(ENTER).await;
    assert_eq!(kim.focused().await, "chat");

    // The arrow keys move in the list.
    kim.execute::<Value>("document.querySelector('.row').focus()", &[]).await;
    kim.press(ARROW_DOWN).await;
    kim.press(ARROW_DOWN).await;
    kim.press(ARROW_UP).await;
    kim.press(ENTER).await;
    kim.wait_visible("#chat[data-state=open]").await;
    assert_eq!(kim.text("#code").await, "R9TD-02LM-77");
    kim.wait_until("the box has the focus".into(), async || kim.focused().await == "draft").await;
    assert_eq!(
        kim.attributes("[data-booking=r9td-02lm-77] a", "aria-current").await,
        [Some("true".into())]
    );
    let tree = kim.devtools.accessibility_tree().await;
    assert_all_are_named(&tree);
    for (role, name) in [
        ("log", "Messages"),
        ("textbox", "Your message"),
        ("button", "Send"),
        ("button", "No reply needed"),
        ("button", "Mark unread"),
        ("button", "Remove message"),
        ("link", "CRM profile ↗"),
    ] {
        assert_has_node(&tree, role, name);
    }
    for heading in kim.texts(".date-heading span").await {
        assert_has_node(&tree, "heading", &heading);
    }
    // A screen reader announces new messages politely, and errors at once.
    kim.wait_visible("#log[aria-live=polite]").await;
    assert_eq!(kim.attributes("#send-error", "role").await, [Some("alert".into())]);
    assert_eq!(kim.attributes("#status", "role").await, [Some("status".into())]);
    let described_by = kim.attributes("#draft", "aria-describedby").await;
    assert_eq!(described_by, [Some("send-error hint".into())]);

    // The tab key reaches everything, and Escape returns to the row.
    kim.reload().await;
    kim.wait_visible("#chat[data-state=open]").await;
    kim.wait_until("the box has the focus".into(), async || kim.focused().await == "draft").await;
    let stops = tab_stops(&kim).await;
    for stop in [
        "send",
        "skip",
        "language",
        "list-all",
        "start-booking",
        "start-button",
        "row",
        "crm",
        "portal",
        "mark-answered",
        "mark-unread",
        "log",
        "remove",
        "messaging",
    ] {
        assert!(stops.iter().any(|found| found == stop), "{stop} is not reached: {stops:?}");
    }
    kim.press(ESCAPE).await;
    kim.wait_visible("#no-selection").await;
    assert_eq!(kim.focused().await, "row");
    kim.close().await;
}

/// Everything has a role and a name, and every function can be reached by keyboard.
pub(crate) async fn the_customer_page_works_by_keyboard_and_screen_reader(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    let tree = ann.devtools.accessibility_tree().await;
    assert_all_are_named(&tree);
    for (role, name) in [
        ("link", "Skip to your message"),
        ("heading", "Sunset kayak tour Confirmed"),
        ("button", "Messages"),
        ("log", "Messages"),
        ("textbox", "Your message"),
        ("button", "Send"),
    ] {
        assert_has_node(&tree, role, name);
    }
    // A screen reader also gets the customer's own name, which is not visible.
    let senders = tree.iter().filter(|node| node.0 == "StaticText" && node.1 == "Ann Lee").count();
    assert!(senders > 4, "{senders}");

    let stops = tab_stops(&ann).await;
    assert_eq!(stops, ["skip", "print", "language", "toggle", "log", "draft", "send"]);
    ann.reload().await;
    ann.press(TAB).await;
    ann.press(ENTER).await;
    assert_eq!(ann.focused().await, "draft");
    ann.press(&format!("Hello{ENTER}")).await;
    ann.wait_visible(".message[data-number='7']").await;
    assert_eq!(ann.focused().await, "draft", "the box has lost the focus");
    ann.execute::<Value>("document.getElementById('toggle').focus()", &[]).await;
    ann.press(" ").await;
    assert!(!ann.is_visible("#log").await);
    ann.press(" ").await;
    ann.wait_visible("#log").await;
    ann.close().await;
}
