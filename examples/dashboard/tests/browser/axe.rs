//! The rules of axe-core, a checker of accessibility.
//!
//! The test installs axe-core with `npm`. If that is not possible, the test prints a line
//! `not run: ...` and passes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::browser::{Browser, DESKTOP, ENTER, PHONE};
use crate::driver::Driver;
use crate::server::Server;

const PACKAGE: &str = "axe-core@4.14.1";

const RUN: &str = "const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', \
        'best-practice'];\
    for (const animation of document.getAnimations()) animation.finish();\
    return axe.run({ runOnly: tags }).then((result) => [result.passes.length,\
        result.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html)}`)])";

/// Returns the script, which the first call installs.
fn script() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        let status = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&folder)
            .arg(PACKAGE)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            return None;
        }
    }
    fs::read_to_string(file).ok()
}

/// A browser with the script, and the violations that were found.
struct Check<'a> {
    browser: &'a Browser,
    script: &'a str,
    violations: Vec<String>,
}

impl Check<'_> {
    async fn state(&mut self, state: &str) {
        self.browser.execute::<Value>(&format!("{}; return null", self.script), &[]).await;
        let (passes, found): (usize, Vec<String>) = self.browser.execute(RUN, &[]).await;
        assert!(passes > 10, "{state}: only {passes} rules apply");
        self.violations.extend(found.into_iter().map(|it| format!("{state}: {it}")));
    }
}

/// No rule of WCAG 2.2 AA and no best practice is violated, on each page and in each state.
pub(crate) async fn no_page_violates_a_rule_of_axe(driver: &Driver) {
    let Some(script) = script() else {
        println!("not run: the rules of axe-core, because npm cannot install {PACKAGE}");
        return;
    };
    let server = Server::start(&["--poll-ms", "100"]);
    let browser = driver.browser(DESKTOP).await;
    let mut check = Check { browser: &browser, script: &script, violations: Vec::new() };
    for (screen, size) in [("desktop", DESKTOP), ("phone", PHONE)] {
        browser.set_viewport(size).await;
        browser.set_dark_mode(screen == "phone").await;
        browser.goto(&server.team_url).await;
        browser.wait_visible(".conversation .relative-time[data-row-text]").await;
        check.state(&format!("{screen}, list")).await;
        browser.click("[data-booking=k7q2-xh41-09] a").await;
        browser.wait_visible("#chat[data-state=open] .message").await;
        check.state(&format!("{screen}, conversation")).await;
        browser.goto(&server.customer_url).await;
        browser.wait_visible("#chat[data-state=open] .message").await;
        check.state(&format!("{screen}, customer")).await;
        browser.click("#toggle").await;
        check.state(&format!("{screen}, customer, collapsed")).await;
    }
    browser.set_viewport(DESKTOP).await;
    browser.goto(&server.conversation_url("k7q2-xh41-09")).await;
    browser.wait_visible("#chat[data-state=open] .message").await;
    let removal = "document.querySelector(\".message[data-number='6'] .remove\").focus()";
    browser.execute::<Value>(removal, &[]).await;
    browser.press(ENTER).await;
    browser.wait_visible("#remove-dialog").await;
    check.state("dialog").await;
    browser.click("#keep").await;
    browser.paste("#draft", "\u{200b}").await;
    browser.click("#send").await;
    browser.wait_visible("#send-error").await;
    browser.click("#lists label:has([value=waiting])").await;
    check.state("error and waiting list").await;
    browser.click(".switch:has(#messaging)").await;
    browser.goto(&server.conversation_url("none")).await;
    browser.reload().await;
    browser.wait_texts("#no-selection-title", &["This conversation is no longer there."]).await;
    check.state("conversation that does not exist").await;
    browser.goto(&server.customer_url).await;
    browser.wait_visible("#messaging-off").await;
    browser.set_offline(true).await;
    browser.wait_visible("#status").await;
    check.state("customer, messaging off, no connection").await;
    assert!(check.violations.is_empty(), "{:#?}", check.violations);
    browser.close().await;
}
