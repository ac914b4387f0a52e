//! A receiver of webhooks.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// A server that answers some requests with an error.
#[derive(Clone)]
pub(crate) struct HttpServer {
    pub(crate) url: String,
    accepted: Arc<Mutex<Vec<Request>>>,
    received: Arc<Mutex<Vec<Request>>>,
    requests: Arc<AtomicU32>,
    /// The status of all answers, or `None` for the ordinary ones.
    status: Arc<Mutex<Option<&'static str>>>,
}

impl HttpServer {
    /// Starts a server that refuses every `refused`th request.
    pub(crate) fn start(refused: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let server = Self {
            url,
            accepted: Arc::default(),
            received: Arc::default(),
            requests: Arc::default(),
            status: Arc::default(),
        };
        let handler = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let handler = handler.clone();
                thread::spawn(move || handler.serve(stream, refused));
            }
        });
        server
    }

    /// Returns the requests that were answered with 204.
    pub(crate) fn accepted(&self) -> Vec<Request> {
        self.accepted.lock().unwrap().clone()
    }

    /// Returns all requests.
    pub(crate) fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }

    /// Answers all requests with this status, or again with the ordinary ones.
    pub(crate) fn answer_with(&self, status: Option<&'static str>) {
        *self.status.lock().unwrap() = status;
    }

    /// Returns the number of all requests.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(SeqCst)
    }

    fn serve(&self, stream: TcpStream, refused: u32) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        while let Some(request) = read_request(&mut reader) {
            self.received.lock().unwrap().push(request.clone());
            let is_refused = self.requests.fetch_add(1, SeqCst) % refused == refused - 1;
            let status = if is_refused { "503 Service Unavailable" } else { "204 No Content" };
            let status = self.status.lock().unwrap().unwrap_or(status);
            if status.starts_with("204") {
                self.accepted.lock().unwrap().push(request);
            }
            if write!(writer, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").is_err() {
                return;
            }
        }
    }
}

/// Reads a request. Returns `None` if the client has closed the connection.
fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&length| length > 0)?;
    assert!(line.starts_with("POST /events "), "{line}");
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|&length| length > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut request = Request { headers, body: Vec::new() };
    let length = request.header("content-length").parse().ok()?;
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}
