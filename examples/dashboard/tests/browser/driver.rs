//! The start of browsers.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::{Completion, Failed};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::browser::Browser;
use crate::display::Display;
use crate::driver_process::DriverProcess;
use crate::engine::{Engine, find_program};

/// The runtime of all tests. A connection to a browser ends with the runtime that opened it, and
/// the tests share the browsers.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap()
});

/// The programs of one engine. When this value is dropped, its browsers stop.
#[derive(Debug)]
pub(crate) struct Driver {
    engine: Engine,
    /// The program that controls the browser.
    executable: PathBuf,
    browser: PathBuf,
    idle: IdleSessions,
}

/// The browsers that no test uses. The next test gets one of them, because starting a browser takes
/// longer than many tests.
pub(crate) type IdleSessions = Arc<Mutex<Vec<Session>>>;

/// A browser process with its profile.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) client: Client,
    pub(crate) driver: DriverProcess,
    /// The screen of the browser, if the engine needs one. A browser that shares its screen has no
    /// focus while another one has it.
    pub(crate) display: Option<Display>,
    pub(crate) profile: TempDir,
}

/// The reason why no browser can be started.
#[derive(Debug, Clone)]
pub(crate) struct BrowserMissing(String);

impl BrowserMissing {
    pub(crate) fn new(reason: &str) -> Self {
        Self(reason.to_owned())
    }

    /// Returns the result of a test that needs a browser: ignored or, if the environment
    /// requires a browser, failed.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        let is_set = |name, value| env::var(name).as_deref() == Ok(value);
        if is_set("CI", "true") || is_set("FRONTDESK_REQUIRE_BROWSER", "1") {
            return Err(self.0.as_str().into());
        }
        Ok(Completion::ignored_with(format!("not run: {}", self.0)))
    }
}

impl Driver {
    /// Finds the programs of an engine.
    pub(crate) fn new(engine: Engine) -> Result<Self, BrowserMissing> {
        let (executable, browser) = (engine.driver()?, engine.browser()?);
        if engine == Engine::WebKit {
            find_program(&[Display::PROGRAM])?;
        }
        Ok(Self { engine, executable, browser, idle: IdleSessions::default() })
    }

    /// Returns a browser with one blank window of this size and without cookies. The browser shares
    /// nothing with the other browsers of the test.
    pub(crate) async fn browser(&self, size: (u32, u32)) -> Browser {
        let idle = self.idle.lock().unwrap().pop();
        let session = match idle {
            Some(session) => session,
            None => self.start_browser().await,
        };
        Browser::new(session, size, Arc::clone(&self.idle)).await
    }

    async fn start_browser(&self) -> Session {
        let mut command = Command::new(&self.executable);
        command.args(self.engine.driver_arguments());
        let display = (self.engine == Engine::WebKit).then(Display::start);
        if let Some(display) = &display {
            // The second variable makes the browser draw without a graphics card.
            command.env("DISPLAY", &display.name).env("LIBGL_ALWAYS_SOFTWARE", "1");
        }
        let driver = DriverProcess::start(command).await;
        let profile = tempfile::tempdir().unwrap();
        let capabilities = self.engine.capabilities(&self.browser, profile.path());
        let mut capabilities: Capabilities = serde_json::from_value(capabilities).unwrap();
        // An unexpected dialog makes the next command fail.
        capabilities.insert("unhandledPromptBehavior".to_owned(), json!("ignore"));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.address()).await.unwrap();
        Session { engine: self.engine, client, driver, display, profile }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for session in self.idle.lock().unwrap().drain(..) {
            let _ = RUNTIME.block_on(session.client.close());
        }
    }
}
