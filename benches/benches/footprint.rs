//! Memory use of sorting and of `MemoryStore`.
//!
//! The figures are bytes requested from the allocator. The resident size of the process
//! includes the allocator's overhead.
//!
//! `cargo bench -p frontdesk-benches --bench footprint -- 10000000` stores ten million messages.

use std::fs;

use frontdesk::inbox::{self, by_recency};
use frontdesk::store::MemoryStore;
use frontdesk::{Draft, LocationId, Role, Thread};
use frontdesk_benches::workload::{self, ClockedDesk};
use futures::executor::block_on;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The number of locations.
const LOCATIONS: usize = 64;
/// The number of messages of a thread.
const MESSAGES_PER_THREAD: usize = 20;

fn main() {
    // Cargo passes `--bench` only for a measurement.
    let is_measuring = std::env::args().any(|argument| argument == "--bench");
    let requested = std::env::args().find_map(|argument| argument.parse().ok());
    let messages = requested.unwrap_or(1_000_000);
    let (threads, messages) = if is_measuring { (1_000_000, messages) } else { (1_000, 10_000) };

    // The store comes first, because the peak resident size includes all that the process did
    // before.
    let (before, stored) = (peak_resident(), store(messages, true));
    let resident = peak_resident().saturating_sub(before);
    println!("| a store of about {messages} messages | with keys | without keys |\n|---|---|---|");
    for ((label, with_keys), (_, without_keys)) in stored.iter().zip(&store(messages, false)) {
        println!("| {label} | {with_keys:.1} | {without_keys:.1} |");
    }
    println!("| bytes resident at the peak, per message | {:.1} | |", per(resident, messages));

    println!("\n| sorting {threads} threads | bytes at the peak | per thread |\n|---|---|---|");
    sort("inbox::sort", threads, inbox::sort);
    sort("sort_by(by_recency)", threads, |list| list.sort_by(by_recency));
}

fn sort(name: &str, count: usize, sort: impl Fn(&mut [Thread])) {
    let mut threads: Vec<Thread> = (0..count).map(thread).collect();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    sort(&mut threads);
    let extra = MEMORY.peak_usage() - before;
    assert!(threads.is_sorted_by(|a, b| by_recency(a, b).is_le()));
    println!("| {name} | {extra} | {:.1} |", per(extra, count));
}

/// Returns one thread of a shuffled list.
fn thread(number: usize) -> Thread {
    let location = LocationId::new("harbour").expect("the id is valid");
    let at = workload::time(number * 617_000_021 % 100_000_007);
    Thread::start(location, workload::booking(number), at)
}

/// Fills a store and returns the rows of the table. Each message is sent through a new customer
/// or operator desk, as in a web server.
fn store(messages: usize, with_keys: bool) -> [(&'static str, f64); 5] {
    let before = MEMORY.current_usage();
    let store = MemoryStore::new();
    let desk = ClockedDesk::new(store.clone());
    let threads = (messages / MESSAGES_PER_THREAD).div_ceil(LOCATIONS) * LOCATIONS;
    let mut text = 0;
    for number in 0..threads {
        text += post(&desk, number, threads, with_keys);
    }
    let (first_bytes, first_text) = (MEMORY.current_usage() - before, text);
    for number in threads..threads * MESSAGES_PER_THREAD {
        text += post(&desk, number, threads, with_keys);
    }
    drop(desk);
    let bytes = MEMORY.current_usage() - before;
    drop(store);

    let later = threads * (MESSAGES_PER_THREAD - 1);
    let message = per(bytes - first_bytes, later);
    let message_text = per(text - first_text, later);
    [
        ("bytes per message, with its text", message),
        ("bytes of its text", message_text),
        ("bytes without its text", message - message_text),
        ("bytes per thread with one message", per(first_bytes, threads)),
        ("all bytes, per message", per(bytes, threads * MESSAGES_PER_THREAD)),
    ]
}

/// Posts a message and returns the length of its text in bytes.
fn post(desk: &ClockedDesk, number: usize, threads: usize, with_key: bool) -> usize {
    let (thread, role) = workload::thread_and_role(number, threads);
    let (location, thread) = (format!("harbour-{:06}", thread % LOCATIONS), thread / LOCATIONS);
    let location = LocationId::new(location).expect("the id is valid");
    let draft = if with_key { workload::draft(number) } else { Draft::new(workload::text(number)) };
    let bytes = draft.body.len();
    desk.set_time(workload::time(number));
    let sent = block_on(async {
        match role {
            Role::Customer => {
                desk.customer(&location, thread).send(draft).await.map(|sent| sent.number())
            }
            Role::Operator => {
                let booking = workload::booking(thread).id;
                desk.operator(&location).reply(&booking, draft).await.map(|sent| sent.number())
            }
        }
    });
    sent.expect("the message is sent");
    bytes
}

/// Returns the peak resident size of the process in bytes, or 0 on systems that do not
/// report it.
fn peak_resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    1024 * kilobytes.and_then(|number| number.parse::<usize>().ok()).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "memory sizes are far below 2^52 bytes")]
fn per(bytes: usize, count: usize) -> f64 {
    bytes as f64 / count as f64
}
