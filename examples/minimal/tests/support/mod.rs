//! The program, called over HTTP.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use axum::body::{self, Body};
use axum::http::{Method, Request, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The program. It stops when this value is dropped.
pub(crate) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts the program on a free port.
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_minimal"))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim().trim_end_matches('/').to_owned() }
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        form: &str,
    ) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let response = client.request(request).await.unwrap();
        let status = response.status();
        let body = body::to_bytes(Body::new(response.into_body()), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        let (status, page) = self.call(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        page
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> (StatusCode, String) {
        self.call(Method::POST, path, form).await
    }

    /// Sends a form that must be accepted.
    pub(crate) async fn send(&self, path: &str, form: &str) {
        let (status, page) = self.post(path, form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {page}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the value of a hidden field of a page.
pub(crate) fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    page.split_once(&start).unwrap().1.split('"').next().unwrap()
}

/// Returns the number of messages on a page.
pub(crate) fn message_count(page: &str) -> usize {
    page.matches("<blockquote").count()
}
