//! A TCP proxy that cuts connections at chosen points.
#![allow(dead_code, reason = "each test program uses only some of these functions")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};
use std::{ptr, thread};

/// The Sync message, which ends each round trip of PostgreSQL's extended protocol. Its type is S,
/// and it has no content.
const SYNC: &[u8] = b"S\0\0\0\x04";

/// The maximum length of the byte pattern of a [`Cut`].
const MAX_PATTERN: usize = 64;

/// A point at which the proxy cuts a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// Cuts before the server receives these bytes.
    Before(&'static [u8]),
    /// Lets the server receive these bytes and nothing after them. The server executes what it
    /// received, but the response is lost.
    After(&'static [u8]),
    /// Lets the server receive everything. Cuts at the server's first response after these bytes,
    /// so that this response is lost.
    Response(&'static [u8]),
    /// Cuts after this many bytes, counted in both directions and on all connections.
    Bytes(usize),
}

/// A port of 127.0.0.1 that forwards connections to another port.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    connections: Arc<Connections>,
}

#[derive(Debug)]
struct Connections {
    target: AtomicU16,
    next_cut: Mutex<Option<Cut>>,
    /// If `true`, the next cut also cuts all other connections.
    cuts_others: AtomicBool,
    cuts: AtomicU32,
    syncs: AtomicU32,
    open: Mutex<Vec<Weak<Connection>>>,
}

#[derive(Debug)]
struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// If `true`, responses are read and dropped.
    drops_responses: AtomicBool,
    /// If `true`, the next response is dropped, and the connection is cut.
    cuts_at_response: AtomicBool,
    /// If `true`, the client's side stays open after the server's side is closed.
    keeps_client_open: AtomicBool,
}

impl Proxy {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let connections = Arc::new(Connections {
            target: port.into(),
            next_cut: Mutex::default(),
            cuts_others: AtomicBool::new(false),
            cuts: AtomicU32::new(0),
            syncs: AtomicU32::new(0),
            open: Mutex::default(),
        });
        let port = listener.local_addr().unwrap().port();
        let accepting = Arc::clone(&connections);
        // This OS thread runs until the program ends, because a blocking `accept` cannot be
        // interrupted.
        thread::spawn(move || {
            listener.incoming().flatten().for_each(|client| accepting.open(client));
        });
        Self { port, connections }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Forwards new connections to another port.
    pub(crate) fn redirect_to(&self, port: u16) {
        self.connections.target.store(port, SeqCst);
    }

    /// Cuts all connections that are open now.
    pub(crate) fn cut_all(&self) {
        self.connections.take_open().for_each(|connection| connection.cut());
    }

    /// Closes the server's side of all connections that are open now. A client notices this when it
    /// next sends something.
    pub(crate) fn close_server_side(&self) {
        for connection in self.connections.take_open() {
            connection.keeps_client_open.store(true, SeqCst);
            // An error means that the server closed the connection first.
            let _ = connection.server.shutdown(Shutdown::Both);
        }
    }

    /// Cuts one connection: the first that reaches the given point.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.connections.next_cut.lock().unwrap() = Some(cut);
    }

    /// Cuts the first connection that reaches the given point. Cuts all other connections just
    /// before, so that the client cannot repeat a request on one of them.
    pub(crate) fn cut_next_and_others(&self, cut: Cut) {
        self.connections.cuts_others.store(true, SeqCst);
        self.cut_next(cut);
    }

    /// Returns the number of connections that [`cut_next`](Self::cut_next) has cut.
    pub(crate) fn cuts(&self) -> u32 {
        self.connections.cuts.load(SeqCst)
    }

    /// Returns the number of round trips that clients made to PostgreSQL, counted by their Sync
    /// messages.
    ///
    /// A value of four bytes looks like a Sync message if the byte before its length is an S, as in
    /// one of 256 times. So a test that counts round trips sends no text of four bytes after a time.
    pub(crate) fn round_trips(&self) -> u32 {
        self.connections.syncs.load(SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.redirect_to(0);
        self.cut_all();
    }
}

impl Connections {
    fn take_open(&self) -> impl Iterator<Item = Arc<Connection>> {
        let open = std::mem::take(&mut *self.open.lock().unwrap());
        open.into_iter().filter_map(|connection| connection.upgrade())
    }

    /// Connects a client to the server. If the server does not accept the connection, closes the
    /// client's connection.
    fn open(self: &Arc<Self>, client: TcpStream) {
        let port = self.target.load(SeqCst);
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
        }
        let connection = Arc::new(Connection {
            client,
            server,
            drops_responses: AtomicBool::new(false),
            cuts_at_response: AtomicBool::new(false),
            keeps_client_open: AtomicBool::new(false),
        });
        let mut open = self.open.lock().unwrap();
        open.retain(|connection| connection.strong_count() > 0);
        open.push(Arc::downgrade(&connection));
        drop(open);
        let (connections, shared) = (Arc::clone(self), Arc::clone(&connection));
        thread::spawn(move || connections.forward_requests(&shared));
        let connections = Arc::clone(self);
        thread::spawn(move || connections.forward_responses(&connection));
    }

    fn forward_requests(&self, connection: &Connection) {
        let mut recent = Vec::new();
        forward(&connection.client, &connection.server, |bytes| {
            recent.drain(..recent.len().saturating_sub(MAX_PATTERN));
            let before = recent.len().saturating_sub(SYNC.len() - 1);
            recent.extend_from_slice(bytes);
            let syncs = recent[before..].windows(SYNC.len()).filter(|found| *found == SYNC);
            self.syncs.fetch_add(syncs.count().try_into().unwrap(), SeqCst);
            let cut = self.take_matching_cut(&recent, bytes.len());
            if cut.is_some() && self.cuts_others.swap(false, SeqCst) {
                let others =
                    self.take_open().filter(|other| !ptr::eq(Arc::as_ptr(other), connection));
                others.for_each(|other| other.cut());
            }
            match cut {
                None => self.count_bytes(bytes.len()),
                Some((Cut::After(_), _)) => {
                    connection.drops_responses.store(true, SeqCst);
                    (bytes.len(), false)
                }
                Some((Cut::Response(_), _)) => {
                    connection.cuts_at_response.store(true, SeqCst);
                    (bytes.len(), true)
                }
                Some((_, passes)) => (passes, false),
            }
        });
        if connection.drops_responses.load(SeqCst) {
            // Close only the direction to the server, so that the server executes what it received
            // before it closes its own side.
            let _ = connection.server.shutdown(Shutdown::Write);
        } else {
            connection.cut();
        }
    }

    fn forward_responses(&self, connection: &Connection) {
        forward(&connection.server, &connection.client, |bytes| {
            if connection.cuts_at_response.load(SeqCst) {
                (0, false)
            } else if connection.drops_responses.load(SeqCst) {
                (0, true)
            } else {
                self.count_bytes(bytes.len())
            }
        });
        if !connection.keeps_client_open.load(SeqCst) {
            connection.cut();
        }
    }

    /// Searches a client's recent bytes for the pattern of the next cut. The last `new` of the
    /// recent bytes are new. If the new bytes complete the pattern, takes the cut, and returns it
    /// with the number of new bytes before the pattern.
    fn take_matching_cut(&self, recent: &[u8], new: usize) -> Option<(Cut, usize)> {
        let mut next = self.next_cut.lock().unwrap();
        let Some(Cut::Before(pattern) | Cut::After(pattern) | Cut::Response(pattern)) = *next
        else {
            return None;
        };
        let known = recent.len() - new;
        let from = known.saturating_sub(pattern.len() - 1);
        let mut windows = recent[from..].windows(pattern.len());
        let at = from + windows.position(|window| window == pattern)?;
        self.cuts.fetch_add(1, SeqCst);
        next.take().map(|cut| (cut, at.saturating_sub(known)))
    }

    /// Subtracts `bytes` from the number that is left in a [`Cut::Bytes`]. Returns the number of
    /// bytes to forward, and `false` if the connection is cut after them.
    fn count_bytes(&self, bytes: usize) -> (usize, bool) {
        let mut next = self.next_cut.lock().unwrap();
        match &mut *next {
            Some(Cut::Bytes(left)) if *left <= bytes => {
                let passes = *left;
                *next = None;
                self.cuts.fetch_add(1, SeqCst);
                (passes, false)
            }
            Some(Cut::Bytes(left)) => {
                *left -= bytes;
                (bytes, true)
            }
            _ => (bytes, true),
        }
    }
}

impl Connection {
    fn cut(&self) {
        for stream in [&self.client, &self.server] {
            // An error means that the peer closed the connection first.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Copies bytes until the source ends or `pass` stops the copying. `pass` gets the bytes that were
/// read. It returns the number of bytes to forward, and `false` to stop after them.
fn forward(mut from: &TcpStream, mut to: &TcpStream, mut pass: impl FnMut(&[u8]) -> (usize, bool)) {
    // Large enough to read any statement of a test at once.
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let (passes, more) = pass(&buffer[..read]);
        if to.write_all(&buffer[..passes]).is_err() || !more {
            return;
        }
    }
}
