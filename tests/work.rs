//! What a customer's text costs the team: nobody can write a message that makes a page,
//! a poll or a preview expensive.
//!
//! A program of its own, since it counts every allocation of the process.

use std::alloc::System;
use std::sync::{Mutex, PoisonError};

use frontdesk::desk::PageRequest;
use frontdesk::store::MemoryStore;
use frontdesk::view::English;
use frontdesk::{
    Booking, BookingId, FrontDesk, LocationId, MessageBody, OperatorDesk, ParticipantId, Preview,
    Timestamp,
};
use futures::executor::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use time::UtcOffset;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations are counted for the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const THREADS: usize = 50;

/// The nastiest of 10,000 characters that the benches and the fuzzer know of.
fn worst_texts() -> Vec<(&'static str, String)> {
    let long = |piece: &str| piece.chars().cycle().take(10_000).collect::<String>();
    vec![
        ("one cluster without an end", format!("a{}", long("\u{301}")[..9_998].to_owned())),
        ("joined people", long("👨\u{200D}👩\u{200D}")),
        ("flags", long("🇳")),
        ("a conjunct without an end", long("क\u{94D}")),
        ("prepended marks", long("\u{600}") + "x"),
        ("tags", format!("🏴{}", &long("\u{E0067}")[..4 * 9_999])),
        ("markup", long("<&\"'/>")),
        ("what is dropped", format!("x{}", &long("\u{202E}")[..3 * 9_999])),
        ("spaces", format!("x{}y", &long(" ")[..9_998])),
        ("words of a letter", format!("x{}", &long(" x")[..9_998])),
        ("four bytes each", long("𝒳")),
    ]
}

/// How often memory was asked for, and for how much of it, while `doing`.
fn asked<T>(doing: impl FnOnce() -> T) -> (usize, usize) {
    let region = Region::new(ALLOCATOR);
    let done = doing();
    let stats = region.change();
    drop(done);
    (stats.allocations + stats.reallocations, stats.bytes_allocated)
}

/// A team whose customers have each sent this.
fn team(text: &str) -> (FrontDesk, OperatorDesk) {
    let desk = FrontDesk::builder(MemoryStore::new())
        .clock(|| Timestamp::UNIX_EPOCH)
        .max_body_chars(usize::MAX)
        .build();
    let here = LocationId::new("here").unwrap();
    for number in 0..THREADS {
        send(&desk, &here, &format!("b-{number}"), text);
    }
    let kim = desk.operator(here, ParticipantId::new("u-7").unwrap(), None);
    (desk, kim)
}

fn send(desk: &FrontDesk, here: &LocationId, booked: &str, text: &str) {
    let id = BookingId::new(booked).unwrap();
    let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour", Timestamp::UNIX_EPOCH);
    let ann = ParticipantId::new("c-9").unwrap();
    block_on(desk.customer(here.clone(), booking, ann, None).send(text)).unwrap();
}

/// L2, P2: what pages and polls do depends on how many threads they show, and on nothing
/// that was written in them.
#[test]
fn l2_no_text_makes_a_page_or_a_poll_expensive() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let ordinary = of_page_and_polls("Could we come half an hour earlier, please?");
    for (what, text) in worst_texts() {
        let [page, idle, news] = of_page_and_polls(&text);
        println!("{what}: page {page:?}, idle poll {idle:?}, poll of one {news:?}");
        assert_eq!(idle, ordinary[1], "{what}: an idle poll");
        for (found, ordinary) in [(page, ordinary[0]), (news, ordinary[2])] {
            assert!(found.0 <= ordinary.0 + 3 * THREADS, "{what}: {found:?}, not {ordinary:?}");
        }
        // A preview once raw and once encoded, with room for growing buffers.
        assert!(page.1 <= ordinary[0].1 + THREADS * 4 * Preview::MAX_BYTES, "{what}: {page:?}");
    }
}

/// What is asked for by a page, a poll with nothing new and a poll with one message.
fn of_page_and_polls(text: &str) -> [(usize, usize); 3] {
    let (desk, kim) = team(text);
    let screen = desk.screen(&UtcOffset::UTC, &English);
    let request = PageRequest::first(THREADS);
    let page = asked(|| {
        let page = block_on(kim.inbox(&request)).unwrap().view(&screen);
        serde_json::to_string(&page).unwrap()
    });
    let cursor = block_on(kim.inbox(&request)).unwrap().cursor;
    let poll = || {
        let news = block_on(kim.poll(&cursor, None)).unwrap().view(&screen);
        serde_json::to_string(&news).unwrap()
    };
    let idle = asked(poll);
    send(&desk, &LocationId::new("here").unwrap(), "b-0", text);
    [page, idle, asked(poll)]
}

/// T7: a preview reads the first 4,096 bytes of a body, and what follows costs nothing.
#[test]
fn t7_no_text_makes_a_preview_expensive() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for (what, text) in worst_texts() {
        let longer = text.repeat((MessageBody::MAX_BYTES / text.len()).max(1));
        let preview = |text: &str| {
            let body = MessageBody::with_limit(text, usize::MAX).unwrap();
            asked(|| Preview::of(&body))
        };
        let (found, of_longer) = (preview(&text), preview(&longer));
        assert!(found.0 <= 6 && found.1 <= 3 * 4_096, "{what}: {found:?}");
        assert_eq!(found, of_longer, "{what}: of {} bytes", longer.len());
    }
}
