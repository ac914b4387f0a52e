//! Browsers, one for each person.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use fantoccini::ClientBuilder;
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::browser::Browser;
use crate::devtools::DevTools;

/// Starts browsers; it and they stop with this value.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
    browser: PathBuf,
}

/// What is not on this machine.
#[derive(Debug, Clone)]
pub(crate) struct NoBrowser(String);

impl NoBrowser {
    /// What a test comes to without a browser.
    pub(crate) fn outcome(&self) -> Result<Completion, Failed> {
        let is = |name, value| env::var(name).as_deref() == Ok(value);
        if is("CI", "true") || is("FRONTDESK_REQUIRE_BROWSER", "1") {
            return Err(self.0.as_str().into());
        }
        Ok(Completion::ignored_with(&self.0))
    }
}

impl Driver {
    pub(crate) fn start() -> Result<Self, NoBrowser> {
        let program = |name: &str| {
            let path = env::var_os("PATH").unwrap_or_default();
            let found = env::split_paths(&path).map(|folder| folder.join(name));
            found
                .into_iter()
                .find(|path| path.is_file())
                .ok_or_else(|| NoBrowser(format!("no {name} on the PATH")))
        };
        let (browser, driver) = (program("chromium")?, program("chromedriver")?);
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| NoBrowser(format!("chromedriver does not start: {error}")))?;
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = said.find_map(|line| {
            line.ok()?.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
        });
        // Read on, or it would wait for room in the pipe.
        std::thread::spawn(move || said.for_each(drop));
        match port {
            Some(port) => Ok(Self { process, port, browser }),
            None => Err(NoBrowser("chromedriver says no port".to_owned())),
        }
    }

    /// A new browser that nobody has used, with a window of this size.
    pub(crate) async fn browser(&self, (width, height): (u32, u32)) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let args = [
            "--headless",
            // There is no sandbox for root, nor in most containers.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            // A test opens more conversations than 200 in 10 seconds.
            "--disable-ipc-flooding-protection",
            "--hide-scrollbars",
            &format!("--user-data-dir={}", profile.path().display()),
            &format!("--window-size={width},{height}"),
            // A mouse, whatever this machine has.
            "--blink-settings=primaryPointerType=4,availablePointerTypes=4",
            // Neither that of the tests' machine nor of any location in them.
            "--lang=en-GB",
        ];
        let mut wants = Capabilities::new();
        wants.insert("browserName".to_owned(), json!("chrome"));
        // A dialog that nobody expects makes the next command fail.
        wants.insert("unhandledPromptBehavior".to_owned(), json!("ignore"));
        wants.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "binary": self.browser, "args": args }),
        );
        wants.insert("goog:loggingPrefs".to_owned(), json!({ "browser": "ALL" }));
        let address = format!("http://127.0.0.1:{}", self.port);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wants).connect(&address).await.unwrap();
        let session = client.session_id().await.unwrap().unwrap();
        Browser::of(client, profile, DevTools::of(&address, &session))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
