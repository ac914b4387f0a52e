//! What `WebDriver` has no command for, asked of the browser through the same driver.

use axum::body::{self, Body};
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// The `DevTools` of one browser.
#[derive(Debug)]
pub(crate) struct DevTools {
    address: String,
}

impl DevTools {
    pub(crate) fn of(driver: &str, session: &str) -> Self {
        Self { address: format!("{driver}/session/{session}") }
    }

    /// Whether pages are to be dark.
    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.ask("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// The size of what is shown, which the window of a desktop cannot have.
    pub(crate) async fn window(&self, (width, height): (u32, u32)) {
        let how = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true,
        });
        self.ask("Emulation.setDeviceMetricsOverride", how).await;
    }

    /// Whether the browser has no network.
    pub(crate) async fn offline(&self, offline: bool) {
        let how = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.ask("Network.enable", json!({})).await;
        self.ask("Network.emulateNetworkConditions", how).await;
    }

    /// Runs a script in each page before its own.
    pub(crate) async fn before_each_page(&self, script: &str) {
        self.ask("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// What a screen reader is told of: the role and the name of each thing.
    pub(crate) async fn told(&self) -> Vec<(String, String)> {
        let tree = self.ask("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().unwrap().iter();
        let told = nodes.filter(|node| node["ignored"] != true);
        let word = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        told.map(|node| (word(&node["role"]), word(&node["name"]))).collect()
    }

    /// What the console has said since this was asked before.
    pub(crate) async fn console(&self) -> Vec<Value> {
        let said = self.post("se/log", json!({ "type": "browser" })).await;
        serde_json::from_value(said).unwrap()
    }

    /// Has a command of the browser's own protocol done.
    pub(crate) async fn ask(&self, command: &str, params: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    async fn post(&self, path: &str, asked: Value) -> Value {
        let request = Request::post(format!("{}/{path}", self.address));
        let request = request.header(CONTENT_TYPE, "application/json");
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let asked = Body::from(asked.to_string());
        let answer = client.request(request.body(asked).unwrap()).await.unwrap();
        let status = answer.status();
        let answer = body::to_bytes(Body::new(answer.into_body()), usize::MAX).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(status.is_success(), "{path}: {answer}");
        answer["value"].clone()
    }
}
