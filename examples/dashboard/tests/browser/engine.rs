//! The browser engines.

use std::env;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::driver::BrowserMissing;

/// An engine whose browser the tests can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Display for Engine {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

impl Engine {
    /// Returns the path of the driver, the program that controls the browser.
    pub(crate) fn driver(self) -> Result<PathBuf, BrowserMissing> {
        find_program(&[match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
            Self::WebKit => "WebKitWebDriver",
        }])
    }

    pub(crate) fn driver_arguments(self) -> &'static [&'static str] {
        match self {
            // The tests change the user's settings. Without another port for the browser, two
            // drivers would use the same one.
            Self::Firefox => &["--allow-system-access", "--websocket-port=0"],
            Self::Chromium | Self::WebKit => &[],
        }
    }

    /// Returns the path of the browser.
    pub(crate) fn browser(self) -> Result<PathBuf, BrowserMissing> {
        match self {
            Self::Chromium => find_program(&["chromium"]),
            Self::Firefox => find_program(&["firefox-esr", "firefox"]),
            Self::WebKit => {
                let architecture = env::consts::ARCH;
                let path = format!("/usr/lib/{architecture}-linux-gnu/webkit2gtk-4.1/MiniBrowser");
                let path = PathBuf::from(path);
                path.is_file().then_some(path).ok_or_else(|| BrowserMissing::new("no MiniBrowser"))
            }
        }
    }

    /// Returns the capabilities of a browser with this profile.
    pub(crate) fn capabilities(self, browser: &Path, profile: &Path) -> Value {
        match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:chromeOptions": { "binary": browser, "args": chromium_arguments(profile) },
                "goog:loggingPrefs": { "browser": "ALL" },
            }),
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": {
                    "binary": browser,
                    "args": ["-headless"],
                    "prefs": {
                        // This language differs from that of the machine and of all locations in
                        // the tests.
                        "intl.accept_languages": "en-GB",
                        "intl.locale.requested": "en-GB",
                        // The servers of the tests are on this machine.
                        "network.disable-localhost-when-offline": true,
                    },
                },
            }),
            Self::WebKit => json!({
                "browserName": "MiniBrowser",
                "webkitgtk:browserOptions": { "binary": browser, "args": ["--automation"] },
            }),
        }
    }
}

fn chromium_arguments(profile: &Path) -> Vec<String> {
    let arguments = [
        "--headless",
        // The sandbox does not work for root, nor in most containers.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        // Without this option Chromium allows only 200 changes of the address in 10 seconds,
        // but a test opens more conversations.
        "--disable-ipc-flooding-protection",
        "--hide-scrollbars",
        // The page gives the input box the focus only if the machine has a mouse. These
        // settings pretend that it has one.
        "--blink-settings=primaryPointerType=4,availablePointerTypes=4",
        // This language differs from that of the machine and of all locations in the tests.
        "--lang=en-GB",
    ];
    let profile = format!("--user-data-dir={}", profile.display());
    arguments.into_iter().map(str::to_owned).chain([profile]).collect()
}

/// Returns the first of these programs on the `PATH`.
pub(crate) fn find_program(names: &[&str]) -> Result<PathBuf, BrowserMissing> {
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates =
        names.iter().flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)));
    let mut candidates = candidates.filter(|path| path.is_file());
    candidates.next().ok_or_else(|| BrowserMissing::new(&format!("no {} on the PATH", names[0])))
}
