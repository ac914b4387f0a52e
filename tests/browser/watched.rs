//! A browser that is watched for what somebody else's script would leave behind.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;

/// What a page does itself to be safe, or what is left when that does not hold.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Policy {
    Kept,
    /// Scripts that got into the page would run: only that none gets there helps.
    Ignored,
}

impl Driver {
    pub(crate) async fn watched(&self, policy: Policy) -> Browser {
        const WATCH: &str = "window.__broken = [];
            const note = (what) => window.__broken.push(String(what));
            addEventListener('securitypolicyviolation', (it) => note(it.violatedDirective), true);
            addEventListener('error', (it) => note(it.message), true);
            addEventListener('unhandledrejection', (it) => note(it.reason));";
        let browser = self.browser(DESKTOP).await;
        let watch = json!({ "source": WATCH });
        browser.devtools.ask("Page.addScriptToEvaluateOnNewDocument", watch).await;
        let ignored = json!({ "enabled": policy == Policy::Ignored });
        browser.devtools.ask("Page.setBypassCSP", ignored).await;
        browser
    }
}

impl Browser {
    /// No script but the page's own has run, none was kept from it, and none failed. A
    /// dialog would have stopped the test before. Of the console only that the server
    /// refused something is no surprise, where that is so.
    pub(crate) async fn nothing_happened(&self, refused: bool) {
        let (hit, broken): (bool, Value) =
            self.ask("return ['__hit' in window, window.__broken]", &[]).await;
        assert!(!hit, "a script has run");
        assert_eq!(broken, json!([]));
        for line in self.devtools.console().await {
            let text = line["message"].as_str().unwrap();
            assert!(refused && text.contains("status of 422"), "the console says {line}");
        }
    }
}
