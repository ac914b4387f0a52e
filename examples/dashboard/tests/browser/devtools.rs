//! Commands that go to one engine only, sent through its driver: those of the Chrome `DevTools`
//! protocol, and changes of the settings of Firefox.

use axum::body::{self, Body};
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// The `DevTools` of one browser of Chromium, or the settings of one Firefox.
#[derive(Debug)]
pub(crate) struct DevTools {
    address: String,
}

impl DevTools {
    pub(crate) fn new(driver: &str, session: &str) -> Self {
        Self { address: format!("{driver}/session/{session}") }
    }

    pub(crate) async fn set_dark_mode(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Emulates colours that the user chose for all pages.
    pub(crate) async fn set_forced_colours(&self) {
        let features = json!([{ "name": "forced-colors", "value": "active" }]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Sets a preference of Firefox.
    pub(crate) async fn set_preference(&self, name: &str, value: u32) {
        let set = "Services.prefs.setIntPref(arguments[0], arguments[1])";
        self.run_in_firefox(set, json!([name, value])).await;
    }

    /// Gives a preference of Firefox its first value.
    pub(crate) async fn reset_preference(&self, name: &str) {
        self.run_in_firefox("Services.prefs.clearUserPref(arguments[0])", json!([name])).await;
    }

    pub(crate) async fn set_firefox_offline(&self, is_offline: bool) {
        // Without the second call, Firefox still uses the connections that are open.
        let set = "Services.io.offline = arguments[0];\
            Services.obs.notifyObservers(null, 'net:prune-all-connections')";
        self.run_in_firefox(set, json!([is_offline])).await;
    }

    async fn run_in_firefox(&self, script: &str, args: Value) {
        self.post("moz/context", json!({ "context": "chrome" })).await;
        self.post("execute/sync", json!({ "script": script, "args": args })).await;
        self.post("moz/context", json!({ "context": "content" })).await;
    }

    /// Returns the number of pages that printing gives.
    pub(crate) async fn printed_pages(&self) -> usize {
        let pdf = self.command("Page.printToPDF", json!({})).await;
        let pdf = base64(pdf["data"].as_str().unwrap());
        let pages = b"/Type /Page\n";
        pdf.windows(pages.len()).filter(|window| window == pages).count()
    }

    /// Sets the size of the page. A desktop window cannot be as small as a phone.
    pub(crate) async fn set_viewport(&self, (width, height): (u32, u32)) {
        let params = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.command("Emulation.setDeviceMetricsOverride", params).await;
    }

    pub(crate) async fn set_time_zone(&self, zone: &str) {
        self.command("Emulation.setTimezoneOverride", json!({ "timezoneId": zone })).await;
    }

    pub(crate) async fn set_offline(&self, is_offline: bool) {
        let params = json!({
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.command("Network.enable", json!({})).await;
        self.command("Network.emulateNetworkConditions", params).await;
    }

    /// Runs a script in each new page before the page's own scripts.
    pub(crate) async fn add_init_script(&self, script: &str) {
        let params = json!({ "source": script });
        self.command("Page.addScriptToEvaluateOnNewDocument", params).await;
    }

    /// Returns the role and the name of each node that a screen reader gets.
    pub(crate) async fn accessibility_tree(&self) -> Vec<(String, String)> {
        let tree = self.command("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap().iter();
        let nodes = nodes.filter(|node| node["ignored"] != true);
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        nodes.map(|node| (text(&node["role"]), text(&node["name"]))).collect()
    }

    /// Returns the messages of the console since the last call.
    pub(crate) async fn console_messages(&self) -> Vec<Value> {
        let messages = self.post("se/log", json!({ "type": "browser" })).await;
        serde_json::from_value(messages).unwrap()
    }

    /// Runs a command of the protocol.
    pub(crate) async fn command(&self, command: &str, params: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = Request::post(format!("{}/{path}", self.address));
        let request = request.header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let response = client.request(request).await.unwrap();
        let status = response.status();
        let body = body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert!(status.is_success(), "{path}: {body}");
        body["value"].clone()
    }
}

/// Decodes base64.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes().filter_map(|byte| ALPHABET.iter().position(|it| *it == byte)) {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}
