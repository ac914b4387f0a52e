//! What one person's browser shows, and what they do in it.

use std::time::Duration;

use fantoccini::Client;
use fantoccini::wd::Locator;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::devtools::DevTools;

/// How long a page may take to show something, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// A desktop's window and a phone's, in pixels.
pub(crate) const DESKTOP: (u32, u32) = (1280, 800);
pub(crate) const PHONE: (u32, u32) = (390, 844);

/// Keys, as `WebDriver` has them. One that is held down stays so until [`UP`].
pub(crate) const UP: &str = "\u{e000}";
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const SHIFT: &str = "\u{e008}";
pub(crate) const ESCAPE: &str = "\u{e00c}";
pub(crate) const ARROW_UP: &str = "\u{e013}";
pub(crate) const ARROW_DOWN: &str = "\u{e015}";

/// The four edges of something, in pixels of the window.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Edges {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

/// One person's browser. Its keys are the constants above.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    pub(crate) devtools: DevTools,
    _profile: TempDir,
}

impl Browser {
    pub(crate) fn of(client: Client, profile: TempDir, devtools: DevTools) -> Self {
        Self { client, devtools, _profile: profile }
    }

    pub(crate) async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.appears(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Types as a keyboard does, into what has this place.
    pub(crate) async fn type_into(&self, css: &str, keys: &str) {
        self.appears(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Types into whatever has the focus.
    pub(crate) async fn press(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Picks one of a list that drops down.
    pub(crate) async fn pick(&self, css: &str, value: &str) {
        self.appears(css).await;
        self.client.find(Locator::Css(css)).await.unwrap().select_by_value(value).await.unwrap();
    }

    /// What has the focus, by its id or class.
    pub(crate) async fn focused(&self) -> String {
        let script = "const it = document.activeElement; return it.id || it.className";
        self.ask(script, &[]).await
    }

    /// Where each such element is.
    pub(crate) async fn edges(&self, css: &str) -> Vec<Edges> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .map(it => it.getBoundingClientRect().toJSON())";
        self.ask(script, &[json!(css)]).await
    }

    /// What a script answers that the tests bring along.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, script: &str, with: &[Value]) -> T {
        let answer = self.client.execute(script, with.to_vec()).await.unwrap();
        serde_json::from_value(answer).unwrap()
    }

    /// The text of each element, as it is in the page's tree: all of it, as typed.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map(it => it.textContent)";
        self.ask(script, &[json!(css)]).await
    }

    /// The same of the only one.
    pub(crate) async fn text(&self, css: &str) -> String {
        let mut texts = self.texts(css).await;
        assert_eq!(texts.len(), 1, "{css}: {texts:?}");
        texts.remove(0)
    }

    /// An attribute of each element.
    pub(crate) async fn attributes(&self, css: &str, name: &str) -> Vec<Option<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .map(it => it.getAttribute(arguments[1]))";
        self.ask(script, &[json!(css), json!(name)]).await
    }

    /// What is typed into a field.
    pub(crate) async fn value(&self, css: &str) -> String {
        self.ask("return document.querySelector(arguments[0]).value", &[json!(css)]).await
    }

    /// Puts a text into a field at once, as pasting does. A keyboard has not all of them.
    pub(crate) async fn paste(&self, css: &str, text: &str) {
        self.appears(css).await;
        let script = "const field = document.querySelector(arguments[0]); field.focus(); \
            field.value = arguments[1]; field.dispatchEvent(new Event('input', {bubbles: true}))";
        self.ask::<Value>(script, &[json!(css), json!(text)]).await;
    }

    /// Whether one can see such an element.
    pub(crate) async fn sees(&self, css: &str) -> bool {
        let script = "return [...document.querySelectorAll(arguments[0])]\
            .some(it => it.checkVisibility({visibilityProperty: true, opacityProperty: true}))";
        self.ask(script, &[json!(css)]).await
    }

    /// Waits until one sees such an element.
    #[track_caller]
    pub(crate) fn appears(&self, css: &str) -> impl Future<Output = ()> {
        self.until(format!("{css} appears"), async move || self.sees(css).await)
    }

    /// Waits until something is so.
    #[track_caller]
    #[expect(clippy::unused_self, reason = "it is this person who waits")]
    pub(crate) fn until(
        &self,
        what: String,
        is_so: impl AsyncFn() -> bool,
    ) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let start = Instant::now();
            while !is_so().await {
                assert!(start.elapsed() < PATIENCE, "{caller}: in vain, until {what}");
                sleep(Duration::from_millis(30)).await;
            }
        }
    }

    /// Waits until each text is such.
    #[track_caller]
    pub(crate) fn shows(&self, css: &str, texts: &[&str]) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let start = Instant::now();
            loop {
                let found = self.texts(css).await;
                if found == texts {
                    return;
                }
                let late = start.elapsed() < PATIENCE;
                assert!(late, "{caller}: {css} shows {found:?} and not {texts:?}");
                sleep(Duration::from_millis(30)).await;
            }
        }
    }

    /// Waits until the title is such.
    #[track_caller]
    pub(crate) fn is_titled(&self, title: &str) -> impl Future<Output = ()> {
        self.until(format!("the title is {title}"), async move || self.title().await == title)
    }

    /// A picture of the window, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}
