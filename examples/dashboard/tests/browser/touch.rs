//! The keys of touch screens and of input methods.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::server::Server;

/// Presses a key in the input box, as an input method does.
async fn press_in_input_method(browser: &Browser, key: &str) {
    let script = "const options = { key: arguments[0], keyCode: 229, isComposing: false,\
            bubbles: true, cancelable: true };\
        document.getElementById('draft').dispatchEvent(new KeyboardEvent('keydown', options))";
    browser.execute::<Value>(script, &[json!(key)]).await;
}

/// Lets the page believe that the main pointer is a finger.
const FINGER: &str = "const real = window.matchMedia; window.matchMedia = (query) =>\
    query.includes('coarse') ? Object.assign(new EventTarget(), { matches: true, media: query })\
        : real.call(window, query)";

/// On a touch screen, Enter breaks the line, and the button sends.
pub(crate) async fn enter_breaks_the_line_on_a_touch_screen(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let ann = driver.browser(DESKTOP).await;
    for (size, key) in [(DESKTOP, "send"), (PHONE, "enter")] {
        ann.set_viewport(size).await;
        if size == PHONE {
            ann.devtools.add_init_script(FINGER).await;
        }
        ann.goto(&server.customer_url).await;
        ann.wait_visible(".message").await;
        assert_eq!(ann.attributes("#draft", "enterkeyhint").await, [Some(key.to_owned())]);
    }
    ann.type_into("#draft", &format!("one{ENTER}two")).await;
    assert_eq!(ann.value("#draft").await, "one\ntwo");
    assert!(!ann.is_visible("#hint").await, "the hint names keys that the keyboard lacks");
    ann.click("#send").await;
    ann.wait_texts(".message[data-number='7'] .text", &["one\ntwo"]).await;
    ann.close().await;
}

/// The keys that end a composition act only in the input method, also in `WebKit`, which sends them
/// after the composition.
pub(crate) async fn keys_of_an_input_method_send_and_close_nothing(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_visible("#chat[data-state=open]").await;
    kim.type_into("#draft", "konnichiwa").await;
    for key in ["Enter", "Escape"] {
        press_in_input_method(&kim, key).await;
        assert_eq!(kim.value("#draft").await, "konnichiwa", "{key}");
        assert!(kim.is_visible("#chat[data-state=open]").await, "{key}");
    }
    kim.press(ENTER).await;
    kim.wait_texts(".message[data-number='7'] .text", &["konnichiwa"]).await;
    kim.close().await;
}

/// The box has the height of its text after the window changed.
pub(crate) async fn the_box_fits_its_text_after_a_resize(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let kim = driver.browser(DESKTOP).await;
    kim.set_viewport((1280, 900)).await;
    kim.goto(&server.conversation_url("k7q2-xh41-09")).await;
    kim.wait_visible("#chat[data-state=open] .message").await;
    kim.paste("#draft", &"words ".repeat(40)).await;
    let before = kim.rect("#draft").await.height();
    kim.set_viewport((900, 900)).await;
    let fits = "const box = document.getElementById('draft');\
        return box.clientHeight >= box.scrollHeight";
    let is_fitted =
        async || kim.rect("#draft").await.height() > before && kim.execute::<bool>(fits, &[]).await;
    kim.wait_until("the box is higher".into(), is_fitted).await;
    kim.close().await;
}
