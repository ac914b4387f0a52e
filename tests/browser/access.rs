//! The pages without a mouse, and without eyes.

use serde_json::Value;

use crate::browser::{ARROW_DOWN, ARROW_UP, Browser, DESKTOP, ENTER, ESCAPE, TAB};
use crate::driver::Driver;
use crate::host::Host;

/// Whether a screen reader tells of such a thing.
#[track_caller]
fn tells(told: &[(String, String)], role: &str, name: &str) {
    let found = told.iter().any(|it| it.0 == role && it.1 == name);
    let same: Vec<_> = told.iter().filter(|it| it.0 == role).collect();
    assert!(found, "no {role} is called {name:?}; these are: {same:?}");
}

/// What can be reached has a name.
#[track_caller]
fn all_are_named(told: &[(String, String)]) {
    for (role, name) in told {
        let needs =
            ["button", "link", "textbox", "checkbox", "combobox", "log", "navigation", "main"];
        // The customer's page has one main part, which is named by its heading.
        let named = !name.trim().is_empty() || role == "main";
        assert!(!needs.contains(&role.as_str()) || named, "a {role} without a name");
    }
}

/// Where the focus goes from the top of the page, until it is there again. One sees
/// each time where it is.
async fn tabs(browser: &Browser) -> Vec<String> {
    let ringed = "const it = document.activeElement; const style = getComputedStyle(it);\
        return it.matches(':focus-visible') && style.outlineStyle !== 'none' &&\
            parseFloat(style.outlineWidth) >= 2 && it.checkVisibility()";
    let mut stops = Vec::new();
    while stops.len() < 60 {
        browser.press(TAB).await;
        let stop = browser.focused().await;
        if stops.first() == Some(&stop) {
            return stops;
        }
        // Between the last and the first it is the browser's own.
        if stop == "team" || stop == "guest" {
            continue;
        }
        assert!(browser.ask::<bool>(ringed, &[]).await, "one does not see the focus on {stop}");
        stops.push(stop);
    }
    panic!("the focus does not come round: {stops:?}");
}

/// All is told to a screen reader by role and name, and all is done by keys.
pub(crate) async fn an_operator_needs_no_mouse_and_no_eyes(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.go(&host.operators).await;
    kim.until("bookings can be picked".into(), async || {
        kim.texts("#start option").await.len() == 4
    })
    .await;
    let told = kim.devtools.told().await;
    all_are_named(&told);
    for (role, name) in [
        ("link", "Skip to the conversation"),
        ("navigation", "Locations"),
        ("navigation", "Conversations 3"),
        ("heading", "Conversations 3"),
        ("checkbox", "Unread only"),
        ("combobox", "Start a conversation"),
        ("button", "Start"),
        ("main", "Conversation"),
    ] {
        tells(&told, role, name);
    }
    let row = told.iter().find(|it| it.0 == "link" && it.1.contains("Ann Lee")).unwrap();
    for part in ["Confirmed", "Sunset kayak tour", "K7Q2", "life vest", "2 Unread messages"] {
        let spaced = row.1.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(spaced.contains(part), "{part}: {row:?}");
    }
    let list = told.iter().filter(|it| it.0 == "listitem").count();
    assert!(list >= 20, "{list}");
    assert_eq!(kim.attributes("html", "lang").await, [Some("en".into())]);

    // The first stop skips what is before the conversation.
    kim.press(TAB).await;
    assert_eq!(kim.focused().await, "skip");
    assert!(kim.edges("#skip").await[0].top >= 0.0, "and is in sight");
    kim.press(ENTER).await;
    assert_eq!(kim.focused().await, "chat");

    // The list, by keys.
    kim.ask::<Value>("document.querySelector('.row').focus()", &[]).await;
    kim.press(ARROW_DOWN).await;
    kim.press(ARROW_DOWN).await;
    kim.press(ARROW_UP).await;
    kim.press(ENTER).await;
    kim.appears("#chat[data-state=open]").await;
    assert_eq!(kim.text("#code").await, "R9TD-02LM-77");
    kim.until("one can type".into(), async || kim.focused().await == "draft").await;
    assert_eq!(
        kim.attributes("[data-booking=r9td-02lm-77] a", "aria-current").await,
        [Some("true".into())]
    );
    let told = kim.devtools.told().await;
    all_are_named(&told);
    for (role, name) in [
        ("log", "Messages"),
        ("textbox", "Your message"),
        ("button", "Send"),
        ("button", "Mark unread"),
        ("link", "CRM profile ↗"),
    ] {
        tells(&told, role, name);
    }
    for divider in kim.texts(".divider span").await {
        tells(&told, "heading", &divider);
    }
    // New messages are read aloud, politely, and history is not; what went wrong at once.
    kim.appears("#log[aria-live=polite]").await;
    assert_eq!(kim.attributes("#send-error", "role").await, [Some("alert".into())]);
    assert_eq!(kim.attributes("#status", "role").await, [Some("status".into())]);
    let about = kim.attributes("#draft", "aria-describedby").await;
    assert_eq!(about, [Some("send-error hint".into())]);

    // Each stop is seen, none holds the focus, and Escape goes back to the row.
    kim.reload().await;
    kim.appears("#chat[data-state=open]").await;
    kim.until("one can type".into(), async || kim.focused().await == "draft").await;
    let stops = tabs(&kim).await;
    for stop in [
        "send",
        "skip",
        "language",
        "filter-unread",
        "start-booking",
        "start-button",
        "row",
        "crm",
        "portal",
        "mark-unread",
        "log",
    ] {
        assert!(stops.iter().any(|it| it == stop), "{stop} is not reached: {stops:?}");
    }
    kim.press(ESCAPE).await;
    kim.appears("#nothing").await;
    assert_eq!(kim.focused().await, "row");
    kim.close().await;
}

/// The same on the customer's page.
pub(crate) async fn a_customer_needs_no_mouse_and_no_eyes(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    let told = ann.devtools.told().await;
    all_are_named(&told);
    for (role, name) in [
        ("link", "Skip to your message"),
        ("heading", "Sunset kayak tour Confirmed"),
        ("button", "Messages"),
        ("log", "Messages"),
        ("textbox", "Your message"),
        ("button", "Send"),
    ] {
        tells(&told, role, name);
    }
    // One's own name is read aloud too, though it is not in sight.
    let senders = told.iter().filter(|it| it.0 == "StaticText" && it.1 == "Ann Lee").count();
    assert!(senders > 4, "{senders}");

    let stops = tabs(&ann).await;
    assert_eq!(stops, ["skip", "language", "toggle", "log", "draft", "send"]);
    ann.reload().await;
    ann.press(TAB).await;
    ann.press(ENTER).await;
    assert_eq!(ann.focused().await, "draft");
    ann.press(&format!("Hello{ENTER}")).await;
    ann.appears(".message[data-number='7']").await;
    // The box keeps the focus, for the next message.
    assert_eq!(ann.focused().await, "draft");
    ann.ask::<Value>("document.getElementById('toggle').focus()", &[]).await;
    ann.press(" ").await;
    assert!(!ann.sees("#log").await);
    ann.press(" ").await;
    ann.appears("#log").await;
    ann.close().await;
}
