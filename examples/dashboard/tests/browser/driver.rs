//! The driver that starts browsers.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::{Completion, Failed};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::browser::Browser;
use crate::devtools::DevTools;

/// The runtime of all tests. A connection to a browser ends with the runtime that opened it, and
/// the tests share the browsers.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap()
});

/// A running `chromedriver`. It stops, together with its browsers, when this value is
/// dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    browser: PathBuf,
    idle: IdleSessions,
}

/// The browsers that no test uses. The next test gets one of them, because starting a browser takes
/// longer than many tests.
pub(crate) type IdleSessions = Arc<Mutex<Vec<Session>>>;

/// A browser process with its profile.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) profile: TempDir,
}

/// The reason why no browser can be started.
#[derive(Debug, Clone)]
pub(crate) struct BrowserMissing(String);

impl BrowserMissing {
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
    pub(crate) fn start() -> Result<Self, BrowserMissing> {
        let find_program = |name: &str| {
            let path = env::var_os("PATH").unwrap_or_default();
            let candidates = env::split_paths(&path).map(|folder| folder.join(name));
            candidates
                .into_iter()
                .find(|path| path.is_file())
                .ok_or_else(|| BrowserMissing(format!("no {name} on the PATH")))
        };
        let (browser, driver) = (find_program("chromium")?, find_program("chromedriver")?);
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| BrowserMissing(format!("chromedriver does not start: {error}")))?;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            line.ok()?.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        // If nothing read the pipe, the driver would block once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Self { process, port, browser, idle: IdleSessions::default() }),
            None => Err(BrowserMissing("chromedriver prints no port".to_owned())),
        }
    }

    /// Returns a browser with one blank window of this size and without cookies. The browser shares
    /// nothing with the other browsers of the test.
    pub(crate) async fn browser(&self, size: (u32, u32)) -> Browser {
        let idle = self.idle.lock().unwrap().pop();
        let session = match idle {
            Some(session) => session,
            None => self.start_browser().await,
        };
        let id = session.client.session_id().await.unwrap().unwrap();
        let devtools = DevTools::new(&self.address(), &id);
        Browser::new(session, devtools, size, Arc::clone(&self.idle)).await
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn start_browser(&self) -> Session {
        let profile = tempfile::tempdir().unwrap();
        let args = [
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
            &format!("--user-data-dir={}", profile.path().display()),
            // The page gives the input box the focus only if the machine has a mouse. These
            // settings pretend that it has one.
            "--blink-settings=primaryPointerType=4,availablePointerTypes=4",
            // This language differs from that of the machine and of all locations in the tests.
            "--lang=en-GB",
        ];
        let mut capabilities = Capabilities::new();
        capabilities.insert("browserName".to_owned(), json!("chrome"));
        // An unexpected dialog makes the next command fail.
        capabilities.insert("unhandledPromptBehavior".to_owned(), json!("ignore"));
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "binary": self.browser, "args": args }),
        );
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&self.address()).await.unwrap();
        Session { client, profile }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        for session in self.idle.lock().unwrap().drain(..) {
            let _ = RUNTIME.block_on(session.client.close());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
