//! A bad line to a server: what passes it can be cut where it hurts.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

/// What ends each round trip: a message of type S with nothing in it.
const SYNC: &[u8] = b"S\0\0\0\x04";

/// The longest words that a cut listens for.
const LONGEST: usize = 64;

/// Where to cut a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// When a client sends this, and before the server has it.
    Before(&'static [u8]),
    /// When a client has sent this. The server does all that it was sent, and what
    /// it answers is lost.
    After(&'static [u8]),
    /// When the server answers a client that has sent this: it is told all, and its
    /// answer is lost.
    Answer(&'static [u8]),
    /// When so many bytes have passed, in both directions and on all connections.
    Bytes(usize),
}

/// A port of 127.0.0.1 that leads to another.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    lines: Arc<Lines>,
}

#[derive(Debug)]
struct Lines {
    leads_to: AtomicU16,
    next_cut: Mutex<Option<Cut>>,
    cuts: AtomicU32,
    syncs: AtomicU32,
    open: Mutex<Vec<Weak<Line>>>,
}

#[derive(Debug)]
struct Line {
    client: TcpStream,
    server: TcpStream,
    /// The client hears nothing more.
    mute: AtomicBool,
    /// The next answer is lost, and the line is cut with it.
    answer_lost: AtomicBool,
    /// The client does not hear that the server has hung up.
    forgotten: AtomicBool,
}

impl Proxy {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let lines = Arc::new(Lines {
            leads_to: port.into(),
            next_cut: Mutex::default(),
            cuts: AtomicU32::new(0),
            syncs: AtomicU32::new(0),
            open: Mutex::default(),
        });
        let port = listener.local_addr().unwrap().port();
        let accepting = Arc::clone(&lines);
        // Ends with the program, as whoever waits in `accept` cannot be told to stop.
        thread::spawn(move || listener.incoming().flatten().for_each(|it| accepting.open(it)));
        Self { port, lines }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Leads new connections elsewhere.
    pub(crate) fn lead_to(&self, port: u16) {
        self.lines.leads_to.store(port, SeqCst);
    }

    /// Cuts what is open now.
    pub(crate) fn cut_all(&self) {
        let mut open = self.lines.open.lock().unwrap();
        open.drain(..).filter_map(|line| line.upgrade()).for_each(|line| line.cut());
    }

    /// Forgets what is open now, and says so to each client when it next asks.
    pub(crate) fn forget_all(&self) {
        for line in self.lines.open.lock().unwrap().drain(..).filter_map(|line| line.upgrade()) {
            line.forgotten.store(true, SeqCst);
            // Which the other side may have done already.
            let _ = line.server.shutdown(Shutdown::Both);
        }
    }

    /// Cuts one connection, the first that it fits.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.lines.next_cut.lock().unwrap() = Some(cut);
    }

    /// How many connections [`cut_next`](Self::cut_next) has cut.
    pub(crate) fn cuts(&self) -> u32 {
        self.lines.cuts.load(SeqCst)
    }

    /// How often a client asked PostgreSQL and waited for all of the answer: each
    /// round trip of its extended protocol ends with a Sync.
    pub(crate) fn round_trips(&self) -> u32 {
        self.lines.syncs.load(SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.lead_to(0);
        self.cut_all();
    }
}

impl Lines {
    /// Serves a client; where the server does not listen, it is hung up on.
    fn open(self: &Arc<Self>, client: TcpStream) {
        let port = self.leads_to.load(SeqCst);
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
        for stream in [&client, &server] {
            stream.set_nodelay(true).unwrap();
        }
        let [mute, answer_lost, forgotten] = Default::default();
        let line = Arc::new(Line { client, server, mute, answer_lost, forgotten });
        let mut open = self.open.lock().unwrap();
        open.retain(|line| line.strong_count() > 0);
        open.push(Arc::downgrade(&line));
        drop(open);
        let (asking, asked) = (Arc::clone(self), Arc::clone(&line));
        thread::spawn(move || asking.ask(&asked));
        let answering = Arc::clone(self);
        thread::spawn(move || answering.answer(&line));
    }

    /// Brings the server what the client says.
    fn ask(&self, line: &Line) {
        let mut recent = Vec::new();
        pump(&line.client, &line.server, |bytes| {
            recent.drain(..recent.len().saturating_sub(LONGEST));
            let before = recent.len().saturating_sub(SYNC.len() - 1);
            recent.extend_from_slice(bytes);
            let syncs = recent[before..].windows(SYNC.len()).filter(|found| *found == SYNC);
            self.syncs.fetch_add(syncs.count().try_into().unwrap(), SeqCst);
            match self.heard(&recent, bytes.len()) {
                None => self.all_or_some(bytes.len()),
                Some((Cut::After(_), _)) => {
                    line.mute.store(true, SeqCst);
                    (bytes.len(), false)
                }
                Some((Cut::Answer(_), _)) => {
                    line.answer_lost.store(true, SeqCst);
                    (bytes.len(), true)
                }
                Some((_, passes)) => (passes, false),
            }
        });
        if line.mute.load(SeqCst) {
            // The server still does what it was asked, and then hangs up.
            let _ = line.server.shutdown(Shutdown::Write);
        } else {
            line.cut();
        }
    }

    /// Brings the client what the server says.
    fn answer(&self, line: &Line) {
        pump(&line.server, &line.client, |bytes| {
            if line.answer_lost.load(SeqCst) {
                (0, false)
            } else if line.mute.load(SeqCst) {
                (0, true)
            } else {
                self.all_or_some(bytes.len())
            }
        });
        if !line.forgotten.load(SeqCst) {
            line.cut();
        }
    }

    /// The cut that a client has just asked for with the newest of its recent bytes,
    /// and how many of those came before the words.
    fn heard(&self, recent: &[u8], new: usize) -> Option<(Cut, usize)> {
        let mut next = self.next_cut.lock().unwrap();
        let Some(Cut::Before(words) | Cut::After(words) | Cut::Answer(words)) = *next else {
            return None;
        };
        let known = recent.len() - new;
        let from = known.saturating_sub(words.len() - 1);
        let at = from + recent[from..].windows(words.len()).position(|it| it == words)?;
        self.cuts.fetch_add(1, SeqCst);
        next.take().map(|cut| (cut, at.saturating_sub(known)))
    }

    /// How many of so many bytes pass, and whether more may follow.
    fn all_or_some(&self, bytes: usize) -> (usize, bool) {
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

impl Line {
    fn cut(&self) {
        for stream in [&self.client, &self.server] {
            // Which the other side may have done already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Copies what is read, as far as it passes, until it ends or no more may follow.
fn pump(mut from: &TcpStream, mut to: &TcpStream, mut passes: impl FnMut(&[u8]) -> (usize, bool)) {
    // So long that a statement of a test's is not read in two halves.
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let (passing, more) = passes(&buffer[..read]);
        if to.write_all(&buffer[..passing]).is_err() || !more {
            return;
        }
    }
}
