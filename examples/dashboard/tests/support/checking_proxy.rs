//! A port that forwards connections to the server and checks each answer.

use std::collections::{BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use httparse::{EMPTY_HEADER, Header};

use super::answer_check::{self, Exchange};

const MAX_HEADERS: usize = 64;

/// A port that forwards to a server on another port. The bytes stay as they are.
#[derive(Debug)]
pub(crate) struct CheckingProxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    is_closed: AtomicBool,
    results: Mutex<Results>,
    connections: Mutex<Vec<JoinHandle<()>>>,
}

/// The operations that succeeded, and the violations.
#[derive(Debug, Default)]
struct Results {
    operations: BTreeSet<String>,
    violations: BTreeSet<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl CheckingProxy {
    pub(crate) fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let accepting = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    if shared.is_closed.load(Ordering::SeqCst) {
                        break;
                    }
                    // Without a server, the client's connection is closed.
                    if let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) {
                        Shared::forward(&shared, client, server);
                    }
                }
            })
        };
        Self { port, shared, accepting: Some(accepting) }
    }

    /// Returns the operations that succeeded.
    pub(crate) fn operations(&self) -> BTreeSet<String> {
        lock(&self.shared.results).operations.clone()
    }

    /// Closes the port and returns the violations, after the server has stopped.
    pub(crate) fn close(&mut self) -> BTreeSet<String> {
        self.shared.is_closed.store(true, Ordering::SeqCst);
        // A blocking `accept` returns only for a connection.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(accepting) = self.accepting.take() {
            accepting.join().unwrap();
        }
        for connection in lock(&self.shared.connections).drain(..) {
            connection.join().unwrap();
        }
        std::mem::take(&mut lock(&self.shared.results).violations)
    }
}

/// A request of a connection whose response is not complete.
struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

type Requests = Arc<Mutex<VecDeque<Request>>>;

impl Shared {
    /// Forwards both directions of a connection.
    fn forward(shared: &Arc<Self>, client: TcpStream, server: TcpStream) {
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
        }
        let requests = Requests::default();
        let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let sent = Arc::clone(&requests);
        // The request must be known before the server can answer it.
        thread::spawn(move || {
            let mut bytes = Vec::new();
            copy(from_client, to_server, |new, to_server| {
                bytes.extend_from_slice(new);
                while let Some(request) = take_request(&mut bytes) {
                    lock(&sent).push_back(request);
                }
                to_server.write_all(new)
            });
        });
        let results = Arc::clone(shared);
        let answering = thread::spawn(move || {
            let mut bytes = Vec::new();
            copy(server, client, |new, to_client| {
                to_client.write_all(new)?;
                bytes.extend_from_slice(new);
                while results.check_response(&mut bytes, &requests) {}
                Ok(())
            });
        });
        lock(&shared.connections).push(answering);
    }

    /// Checks the first response in `bytes` and removes it. Returns `false` if the response is not
    /// complete or answers no known request.
    fn check_response(&self, bytes: &mut Vec<u8>, requests: &Requests) -> bool {
        let mut requests = lock(requests);
        let Some(request) = requests.front() else { return false };
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(start)) = response.parse(bytes) else { return false };
        let length = if request.method == "HEAD" { 0 } else { content_length(response.headers) };
        let Some(response_body) = bytes.get(start..start + length) else { return false };
        let media_type = header(response.headers, "content-type").unwrap_or_default();
        let result = answer_check::check(&Exchange {
            method: &request.method,
            path: &request.path,
            request_body: &request.body,
            status: response.code.unwrap_or_default(),
            media_type,
            response_body,
        });
        let mut results = lock(&self.results);
        match result {
            Ok(operation) => results.operations.extend(operation),
            Err(violation) => _ = results.violations.insert(violation),
        }
        bytes.drain(..start + length);
        requests.pop_front();
        true
    }
}

/// Copies bytes until the end of the connection, and then ends the other side.
fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    mut forward: impl FnMut(&[u8], &mut TcpStream) -> std::io::Result<()>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if forward(&buffer[..count], &mut to).is_err() {
            let _ = from.shutdown(Shutdown::Both);
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Removes the first request from `bytes`, if it is complete.
fn take_request(bytes: &mut Vec<u8>) -> Option<Request> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(start) = request.parse(bytes).ok()? else { return None };
    let end = start + content_length(request.headers);
    let body = bytes.get(start..end)?.to_vec();
    let path = request.path?.split('?').next()?.to_owned();
    let request = Request { method: request.method?.to_owned(), path, body };
    bytes.drain(..end);
    Some(request)
}

fn header<'a>(headers: &[Header<'a>], name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(header.value).ok()
}

fn content_length(headers: &[Header<'_>]) -> usize {
    header(headers, "content-length").and_then(|length| length.parse().ok()).unwrap_or_default()
}
