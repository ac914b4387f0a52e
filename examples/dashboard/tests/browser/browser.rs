//! A browser: the content of its page and the input of its user.

use std::panic::Location;
use std::time::Duration;

use fantoccini::Client;
use fantoccini::wd::{Locator, WindowHandle};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::devtools::DevTools;
use crate::display::Display;
use crate::driver::{IdleSessions, Session};
use crate::driver_process::DriverProcess;
use crate::engine::Engine;

/// Maximum time that a page gets to reach an expected state, also on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Time between two checks of the state.
const CHECK_INTERVAL: Duration = Duration::from_millis(30);

/// Window sizes in pixels.
pub(crate) const DESKTOP: (u32, u32) = (1280, 800);
pub(crate) const PHONE: (u32, u32) = (390, 844);

/// Keys in the encoding of `WebDriver`. A modifier key is held until the end of a
/// call or until [`RELEASE`], which Firefox ignores.
pub(crate) const RELEASE: &str = "\u{e000}";
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const SHIFT: &str = "\u{e008}";
pub(crate) const ESCAPE: &str = "\u{e00c}";
pub(crate) const ARROW_UP: &str = "\u{e013}";
pub(crate) const ARROW_DOWN: &str = "\u{e015}";

/// Preferences of Firefox.
const FONT_SIZE: &str = "font.size.variable.x-western";
const DOCUMENT_COLOURS: &str = "browser.display.document_color_use";
const COLOUR_SCHEME: &str = "layout.css.prefers-color-scheme.content-override";

/// The edges of an element, in pixels of the window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }
}

/// One browser with its own profile. The parameter `css` is the selector of one or more elements.
#[derive(Debug)]
pub(crate) struct Browser {
    engine: Engine,
    client: Client,
    /// The tools of one engine. With another engine, each command fails.
    pub(crate) devtools: DevTools,
    driver: DriverProcess,
    display: Option<Display>,
    profile: TempDir,
    idle: IdleSessions,
}

impl Browser {
    /// Uses a browser whose only window is blank.
    pub(crate) async fn new(
        Session { engine, client, driver, display, profile }: Session,
        (width, height): (u32, u32),
        idle: IdleSessions,
    ) -> Self {
        let id = client.session_id().await.unwrap().unwrap();
        let devtools = DevTools::new(&driver.address(), &id);
        client.set_window_size(width, height).await.unwrap();
        if engine == Engine::Chromium {
            devtools.command("Page.bringToFront", json!({})).await;
        }
        Self { engine, client, devtools, driver, display, profile, idle }
    }

    /// Sets the size of the page. A desktop window cannot be as small as a phone.
    pub(crate) async fn set_viewport(&self, (width, height): (u32, u32)) {
        if self.engine == Engine::Chromium {
            return self.devtools.set_viewport((width, height)).await;
        }
        let frame: [i32; 2] =
            self.execute("return [outerWidth - innerWidth, outerHeight - innerHeight]", &[]).await;
        let [width, height] = [(width, frame[0]), (height, frame[1])]
            .map(|(inner, frame)| inner.saturating_add_signed(frame));
        self.client.set_window_size(width, height).await.unwrap();
    }

    /// Sets the size of texts for which the page sets none, in pixels.
    pub(crate) async fn set_font_size(&self, size: u32) {
        if self.engine == Engine::Firefox {
            return self.devtools.set_preference(FONT_SIZE, size).await;
        }
        let sizes = json!({ "fontSizes": { "standard": size } });
        self.devtools.command("Page.setFontSizes", sizes).await;
    }

    /// Replaces the colours of all pages, as a user with a high contrast does.
    pub(crate) async fn force_colours(&self) {
        if self.engine == Engine::Firefox {
            return self.devtools.set_preference(DOCUMENT_COLOURS, 2).await;
        }
        self.devtools.set_forced_colours().await;
    }

    pub(crate) async fn set_dark_mode(&self, is_dark: bool) {
        if self.engine == Engine::Firefox {
            return self.devtools.set_preference(COLOUR_SCHEME, u32::from(!is_dark)).await;
        }
        self.devtools.set_dark_mode(is_dark).await;
    }

    /// Disconnects the browser from the network, or connects it again.
    pub(crate) async fn set_offline(&self, is_offline: bool) {
        if self.engine == Engine::Firefox {
            return self.devtools.set_firefox_offline(is_offline).await;
        }
        self.devtools.set_offline(is_offline).await;
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.wait_visible(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Types into an element with the keyboard.
    pub(crate) async fn type_into(&self, css: &str, keys: &str) {
        self.wait_visible(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Types into the element with the focus.
    pub(crate) async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Sets the text of a field at once, as pasting does. Some texts cannot be typed.
    pub(crate) async fn paste(&self, css: &str, text: &str) {
        self.wait_visible(css).await;
        let script = "const field = document.querySelector(arguments[0]); field.focus(); \
            field.value = arguments[1]; field.dispatchEvent(new Event('input', {bubbles: true}))";
        self.execute::<Value>(script, &[json!(css), json!(text)]).await;
    }

    /// Chooses an option of a drop-down list.
    pub(crate) async fn select(&self, css: &str, value: &str) {
        self.wait_visible(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().select_by_value(value).await.unwrap();
    }

    /// Runs a script in the page and returns its result.
    pub(crate) async fn execute<T: DeserializeOwned>(&self, script: &str, args: &[Value]) -> T {
        let result = self.client.execute(script, args.to_vec()).await.unwrap();
        serde_json::from_value(result).unwrap()
    }

    /// Returns the id or the class of the element with the focus.
    pub(crate) async fn focused(&self) -> String {
        let script = "const { id, className } = document.activeElement; return id || className";
        self.execute(script, &[]).await
    }

    /// Returns the edges of each element.
    pub(crate) async fn rects(&self, css: &str) -> Vec<Rect> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .map((element) => element.getBoundingClientRect().toJSON())";
        self.execute(script, &[json!(css)]).await
    }

    /// Returns the edges of the first element.
    pub(crate) async fn rect(&self, css: &str) -> Rect {
        self.rects(css).await.remove(0)
    }

    /// Returns the text content of each element, including what is not visible.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .map((element) => element.textContent)";
        self.execute(script, &[json!(css)]).await
    }

    /// Returns the text content of the only element that the selector matches.
    pub(crate) async fn text(&self, css: &str) -> String {
        let mut texts = self.texts(css).await;
        assert_eq!(texts.len(), 1, "{css}: {texts:?}");
        texts.remove(0)
    }

    /// Returns an attribute of each element.
    pub(crate) async fn attributes(&self, css: &str, name: &str) -> Vec<Option<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .map((element) => element.getAttribute(arguments[1]))";
        self.execute(script, &[json!(css), json!(name)]).await
    }

    /// Returns the value of a field.
    pub(crate) async fn value(&self, css: &str) -> String {
        self.execute("return document.querySelector(arguments[0]).value", &[json!(css)]).await
    }

    /// Returns `true` if at least one of the elements is visible.
    pub(crate) async fn is_visible(&self, css: &str) -> bool {
        let options = "{visibilityProperty: true, opacityProperty: true}";
        let script = format!(
            "return [...document.querySelectorAll(arguments[0])]\
             .some((element) => element.checkVisibility({options}))"
        );
        // Firefox answers a script with null while it replaces the page.
        self.execute::<Option<bool>>(&script, &[json!(css)]).await.unwrap_or_default()
    }

    /// Waits until at least one of the elements is visible.
    #[track_caller]
    pub(crate) fn wait_visible(&self, css: &str) -> impl Future<Output = ()> {
        self.wait_until(format!("{css} is visible"), async move || self.is_visible(css).await)
    }

    /// Waits until a condition holds.
    #[track_caller]
    #[expect(clippy::unused_self, reason = "the methods that wait belong together")]
    pub(crate) fn wait_until(
        &self,
        description: String,
        condition: impl AsyncFn() -> bool,
    ) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let start = Instant::now();
            while !condition().await {
                assert!(start.elapsed() < TIMEOUT, "{caller}: timeout, expected: {description}");
                sleep(CHECK_INTERVAL).await;
            }
        }
    }

    /// Waits until the elements have these texts.
    #[track_caller]
    pub(crate) fn wait_texts(&self, css: &str, expected: &[&str]) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            let start = Instant::now();
            loop {
                let texts = self.texts(css).await;
                if texts == expected {
                    return;
                }
                let is_in_time = start.elapsed() < TIMEOUT;
                assert!(is_in_time, "{caller}: {css} has {texts:?}, expected {expected:?}");
                sleep(CHECK_INTERVAL).await;
            }
        }
    }

    /// Waits until the page has this title.
    #[track_caller]
    pub(crate) fn wait_title(&self, title: &str) -> impl Future<Output = ()> {
        self.wait_until(format!("the title is {title}"), async move || self.title().await == title)
    }

    /// Takes a picture of the window, as PNG.
    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Opens an address in a new tab of the same browser, and returns the old tab.
    pub(crate) async fn open_tab(&self, url: &str) -> WindowHandle {
        let old = self.client.window().await.unwrap();
        let new = self.client.new_window(true).await.unwrap().handle;
        self.client.switch_to_window(new).await.unwrap();
        self.goto(url).await;
        old
    }

    /// Closes the current tab and continues in another one.
    pub(crate) async fn close_tab(&self, other: WindowHandle) {
        self.client.close_window().await.unwrap();
        self.client.switch_to_window(other).await.unwrap();
    }

    /// Gives the browser to the next test, with a new blank window. Settings of the old window, such as
    /// its time zone, end with the window.
    pub(crate) async fn close(self) {
        let Self { engine, client, devtools, driver, display, profile, idle } = self;
        if engine == Engine::Chromium {
            devtools.command("Network.clearBrowserCookies", json!({})).await;
            devtools.console_messages().await;
        } else {
            if engine == Engine::Firefox {
                for preference in [FONT_SIZE, DOCUMENT_COLOURS, COLOUR_SCHEME] {
                    devtools.reset_preference(preference).await;
                }
                devtools.set_firefox_offline(false).await;
            }
            // All servers of the tests have the same cookies, because a cookie has no port.
            client.delete_all_cookies().await.unwrap();
        }
        let window = client.new_window(false).await.unwrap().handle;
        client.close_window().await.unwrap();
        client.switch_to_window(window).await.unwrap();
        idle.lock().unwrap().push(Session { engine, client, driver, display, profile });
    }
}
