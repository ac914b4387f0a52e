//! What sorting and storing take of memory, in bytes that were asked for; what
//! the allocator adds shows in how much the process has resident.
//!
//! `cargo bench --bench footprint -- 10000000` stores that many messages.

mod content;

use std::fs;

use frontdesk::inbox::{self, by_recency};
use frontdesk::store::MemoryStore;
use frontdesk::{Draft, LocationId, MessageNumber, Role, Thread};
use futures::executor::block_on;
use peak_alloc::PeakAlloc;

use crate::content::Desk;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many threads a location has, and how many messages a thread.
const THREADS: usize = 100;
const EACH: usize = 20;

fn main() {
    // Without it Cargo only asks whether the bench runs.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let messages = asked.unwrap_or(1_000_000);
    let (list, messages) = if whole { (1_000_000, messages) } else { (1_000, 10_000) };

    // First of all, since the peak is that of the whole process.
    let (before, stored) = (most_resident(), store(messages, true));
    let resident = most_resident().saturating_sub(before);
    println!("| about {messages} messages, in bytes | with keys | without |\n|---|---|---|");
    for ((what, with), (_, without)) in stored.iter().zip(&store(messages, false)) {
        println!("| {what} | {with:.1} | {without:.1} |");
    }
    println!("| resident at the peak, a message | {:.1} | |", per(resident, messages));

    println!("\n| sorting {list} threads | bytes at the peak | a thread |\n|---|---|---|");
    sorting("inbox::sort", list, inbox::sort);
    sorting("sort_by(by_recency)", list, |threads| threads.sort_by(by_recency));
}

fn sorting(name: &str, count: usize, sort: impl Fn(&mut [Thread])) {
    let mut threads: Vec<Thread> = (0..count).map(thread).collect();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    sort(&mut threads);
    let extra = MEMORY.peak_usage() - before;
    assert!(threads.is_sorted_by(|a, b| by_recency(a, b).is_le()));
    println!("| {name} | {extra} | {:.1} |", per(extra, count));
}

/// One of a shuffled list.
fn thread(number: usize) -> Thread {
    let location = LocationId::new("harbour").expect("it is short");
    let at = content::time(number * 617_000_021 % 100_000_007);
    Thread::start(location, content::booking(number), at, MessageNumber::START)
        .expect("it is not full")
}

/// Fills a store as a web server does, by handles made anew; the rows of its table.
fn store(messages: usize, keys: bool) -> [(&'static str, f64); 5] {
    let before = MEMORY.current_usage();
    let store = MemoryStore::new();
    let desk = Desk::new(store.clone());
    let threads = (messages / EACH).div_ceil(THREADS) * THREADS;
    let mut text = 0;
    for number in 0..threads {
        text += post(&desk, number, threads, keys);
    }
    let (started, first_text) = (MEMORY.current_usage() - before, text);
    for number in threads..threads * EACH {
        text += post(&desk, number, threads, keys);
    }
    drop(desk);
    let held = MEMORY.current_usage() - before;
    drop(store);

    let later = threads * (EACH - 1);
    let each = per(held - started, later);
    let each_text = per(text - first_text, later);
    [
        ("a message, its text included", each),
        ("its text", each_text),
        ("beyond its text", each - each_text),
        ("a thread of one message, that message included", per(started, threads)),
        ("all in all, a message", per(held, threads * EACH)),
    ]
}

/// Returns how many bytes the text has.
fn post(desk: &Desk, number: usize, threads: usize, keys: bool) -> usize {
    let (thread, role) = content::whose(number, threads);
    let (location, thread) = (format!("harbour-{:06}", thread / THREADS), thread % THREADS);
    let location = LocationId::new(location).expect("it is short");
    let draft = if keys { content::draft(number) } else { Draft::new(content::text(number)) };
    let bytes = draft.body.len();
    desk.set_time(content::time(number));
    let sent = block_on(async {
        match role {
            Role::Customer => {
                desk.customer(&location, thread).send(draft).await.map(|sent| sent.number())
            }
            Role::Operator => {
                let booking = content::booking(thread).id;
                desk.team(&location).reply(&booking, draft).await.map(|sent| sent.number())
            }
        }
    });
    sent.expect("it can be sent");
    bytes
}

/// The most bytes that the process had resident; 0 where the system does not say.
fn most_resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    1024 * kilobytes.and_then(|number| number.parse::<usize>().ok()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "nobody has that much memory")]
fn per(bytes: usize, count: usize) -> f64 {
    bytes as f64 / count as f64
}
