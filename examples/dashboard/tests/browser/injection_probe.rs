//! Browsers that record everything that injected markup would cause.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;

/// The page's content security policy in a test.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ContentSecurityPolicy {
    Enforced,
    /// An injected script would run, so only the encoding protects the page.
    Bypassed,
}

/// Errors that a test expects in the console.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ExpectedErrors {
    None,
    /// The server rejected a message.
    Rejections,
}

impl Driver {
    /// Starts a browser that records policy violations and errors of scripts.
    pub(crate) async fn probe(&self, policy: ContentSecurityPolicy) -> Browser {
        const RECORD: &str = "window.__violations = [];
            const record = (violation) => window.__violations.push(String(violation));
            addEventListener('securitypolicyviolation',
                (event) => record(event.violatedDirective), true);
            addEventListener('error', (event) => record(event.message), true);
            addEventListener('unhandledrejection', (event) => record(event.reason));";
        let browser = self.browser(DESKTOP).await;
        // A page of the previous test can log an error while its window closes.
        browser.devtools.console_messages().await;
        browser.devtools.add_init_script(RECORD).await;
        let bypass = json!({ "enabled": policy == ContentSecurityPolicy::Bypassed });
        browser.devtools.command("Page.setBypassCSP", bypass).await;
        browser
    }
}

impl Browser {
    /// Asserts that no injected script ran or was blocked, and that no script failed. An
    /// injected dialog needs no check here, because it makes the next command fail.
    pub(crate) async fn assert_no_injection(&self, expected: ExpectedErrors) {
        let script = "return ['__hit' in window, window.__violations]";
        let (is_hit, violations): (bool, Value) = self.execute(script, &[]).await;
        assert!(!is_hit, "an injected script ran");
        assert_eq!(violations, json!([]));
        for message in self.devtools.console_messages().await {
            let text = message["message"].as_str().unwrap();
            let is_rejection = text.contains("status of 422");
            let is_expected = expected == ExpectedErrors::Rejections && is_rejection;
            assert!(is_expected, "unexpected console message: {message}");
        }
    }
}
