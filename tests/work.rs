//! The cost of a customer's text: no text makes a page, a poll or a preview expensive.
//!
//! This is a separate test program, because it counts all allocations of the process.

mod support;

use std::alloc::System;
use std::sync::{Mutex, PoisonError};

use frontdesk::desk::PageRequest;
use frontdesk::store::MemoryStore;
use frontdesk::view::English;
use frontdesk::{MessageBody, Preview};
use futures::executor::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::fixture::Fixture;
use time::UtcOffset;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Lock that each test holds, because allocations are counted for the whole process.
static SERIAL: Mutex<()> = Mutex::new(());

const THREADS: usize = 50;

/// Returns texts of 10,000 characters. Each text is the most expensive one for some algorithm. Most
/// texts come from the benchmarks and the fuzzer.
fn expensive_texts() -> Vec<(&'static str, String)> {
    let long = |piece: &str| piece.chars().cycle().take(10_000).collect::<String>();
    vec![
        ("one endless cluster", format!("a{}", long("\u{301}")[..9_998].to_owned())),
        ("people emoji with joiners", long("👨\u{200D}👩\u{200D}")),
        ("flags", long("🇳")),
        ("one endless conjunct", long("क\u{94D}")),
        ("prepended marks", long("\u{600}") + "x"),
        ("tags", format!("🏴{}", &long("\u{E0067}")[..4 * 9_999])),
        ("markup", long("<&\"'/>")),
        ("dropped characters", format!("x{}", &long("\u{202E}")[..3 * 9_999])),
        ("spaces", format!("x{}y", &long(" ")[..9_998])),
        ("words of one letter", format!("x{}", &long(" x")[..9_998])),
        ("characters of four bytes", long("𝒳")),
    ]
}

/// The cost of an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost {
    allocations: usize,
    bytes: usize,
}

fn cost_of<T>(operation: impl FnOnce() -> T) -> Cost {
    let region = Region::new(ALLOCATOR);
    let result = operation();
    let stats = region.change();
    drop(result);
    Cost { allocations: stats.allocations + stats.reallocations, bytes: stats.bytes_allocated }
}

/// The costs of the operations that read a list of threads.
struct Costs {
    page: Cost,
    idle_poll: Cost,
    poll: Cost,
}

/// Measures three operations on threads whose last message is `text`: reading a page, a poll
/// without changes, and a poll with one changed thread.
fn measure(text: &str) -> Costs {
    let fixture =
        Fixture::configured(MemoryStore::new(), |builder| builder.max_body_chars(usize::MAX));
    for n in 0..THREADS {
        block_on(fixture.customer(&format!("b-{n}"), "c-9").send(text)).unwrap();
    }
    let kim = fixture.kim();
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let request = PageRequest::first(THREADS);
    let page = cost_of(|| {
        let page = block_on(kim.inbox(&request)).unwrap().view(&context);
        serde_json::to_string(&page).unwrap()
    });
    let cursor = block_on(kim.inbox(&request)).unwrap().cursor;
    let poll = || {
        let answer = block_on(kim.poll(&cursor, None)).unwrap().view(&context);
        serde_json::to_string(&answer).unwrap()
    };
    let idle_poll = cost_of(poll);
    block_on(fixture.customer("b-0", "c-9").send(text)).unwrap();
    Costs { page, idle_poll, poll: cost_of(poll) }
}

/// L2, P2: the cost of a page or a poll depends on the number of its threads and not on
/// their texts.
#[test]
fn l2_no_text_makes_a_page_or_a_poll_expensive() {
    let _serial = SERIAL.lock().unwrap_or_else(PoisonError::into_inner);
    let ordinary = measure("Could we come half an hour earlier, please?");
    for (name, text) in expensive_texts() {
        let Costs { page, idle_poll, poll } = measure(&text);
        println!("{name}: page {page:?}, idle poll {idle_poll:?}, poll {poll:?}");
        assert_eq!(idle_poll.allocations, ordinary.idle_poll.allocations, "{name}");
        // The answer has a cursor, and a store's random epoch has up to twenty digits.
        assert!(idle_poll.bytes.abs_diff(ordinary.idle_poll.bytes) < 20, "{name}: {idle_poll:?}");
        for (cost, ordinary) in [(page, ordinary.page), (poll, ordinary.poll)] {
            let most = ordinary.allocations + 3 * THREADS;
            assert!(cost.allocations <= most, "{name}: {cost:?}, an ordinary text: {ordinary:?}");
        }
        // The page contains each preview twice, raw and encoded, and the buffer for the page grows
        // by doubling. This gives the factor 4.
        let most = ordinary.page.bytes + THREADS * 4 * Preview::MAX_BYTES;
        assert!(page.bytes <= most, "{name}: {page:?}");
    }
}

/// T7: a preview reads only the first 4,096 bytes of a body, so the rest of the body costs nothing.
#[test]
fn t7_no_text_makes_a_preview_expensive() {
    let _serial = SERIAL.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, text) in expensive_texts() {
        let longer = text.repeat((MessageBody::MAX_BYTES / text.len()).max(1));
        let preview_cost = |text: &str| {
            let body = MessageBody::with_limit(text, usize::MAX).unwrap();
            cost_of(|| Preview::of(&body))
        };
        let (cost, cost_of_longer) = (preview_cost(&text), preview_cost(&longer));
        assert!(cost.allocations <= 6 && cost.bytes <= 3 * 4_096, "{name}: {cost:?}");
        assert_eq!(cost, cost_of_longer, "{name}: {} bytes", longer.len());
    }
}
