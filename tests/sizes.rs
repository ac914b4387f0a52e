//! What a message costs in memory.
//!
//! A program of its own, since it counts every allocation of the process.

use std::alloc::System;
use std::sync::{Arc, Mutex, PoisonError};

use frontdesk::inbox::by_recency;
use frontdesk::store::MemoryStore;
use frontdesk::{
    Booking, BookingId, Draft, FrontDesk, LocationId, Message, MessageNumber, MessageRecord,
    ParticipantId, Role, Thread, Timestamp,
};
use futures::executor::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations are counted for the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

const TEXT: &str = "Could we come half an hour earlier, at nine instead of half past?";

fn held(region: &Region<'_, System>) -> usize {
    let stats = region.change();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Sends `messages` texts into each of 1,000 threads, by handles made anew as a
/// web server makes them; the bytes that the store then holds.
fn fill(messages: usize) -> usize {
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::new();
    let desk = FrontDesk::builder(store.clone()).clock(|| Timestamp::UNIX_EPOCH).build();
    let location = LocationId::new("here").unwrap();
    block_on(async {
        for n in 0..1_000 {
            let id = BookingId::new(format!("booking-{n}")).unwrap();
            let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour", Timestamp::UNIX_EPOCH);
            for _ in 0..messages {
                let ann = ParticipantId::new("customer-4711").unwrap();
                let ann = desk.customer(location.clone(), booking.clone(), ann, None);
                ann.send(Draft::new(TEXT)).await.unwrap();
            }
        }
    });
    drop(desk);
    let held = held(&region);
    drop(store);
    held
}

/// A stored message costs at most 160 bytes beyond its text at a
/// million messages, and cloning allocates nothing that depends on the text.
#[test]
fn a_stored_message_costs_at_most_160_bytes_beyond_its_text() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let few = fill(1);
    let many = fill(1_000);
    let messages = 1_000 * 999;
    let each = (many - few) / messages;
    println!(
        "{many} bytes for a million messages: {each} each, {} beyond the text",
        each - TEXT.len()
    );
    assert!(each > TEXT.len(), "nothing was measured");
    assert!(each - TEXT.len() <= 160);

    let message: Message = MessageRecord {
        number: 1,
        ordinal: 1,
        role: Role::Customer,
        author: "c".into(),
        name: None,
        body: "x".repeat(100_000),
        sent_at: Timestamp::UNIX_EPOCH,
    }
    .try_into()
    .unwrap();
    let posted = frontdesk::Thread::start(
        LocationId::new("here").unwrap(),
        Booking::new(BookingId::new("b").unwrap(), "", "", Timestamp::UNIX_EPOCH),
        Timestamp::UNIX_EPOCH,
        frontdesk::MessageNumber::START,
    )
    .unwrap()
    .post(
        Arc::new(message.author().clone()),
        message.body().clone(),
        Timestamp::UNIX_EPOCH,
        frontdesk::Seen::Everything,
    )
    .unwrap();
    let region = Region::new(ALLOCATOR);
    let clones = (message.clone(), posted.thread.clone());
    assert_eq!(region.change().bytes_allocated, 0);
    drop(clones);
}

/// Sorting allocates at most 16 bytes a thread, whether times or ids
/// decide, and nothing when it was in order or a few have come to the top.
#[test]
fn sorting_allocates_at_most_16_bytes_a_thread() {
    const THREADS: i64 = 20_000;
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let list = |time: fn(i64) -> i64| -> Vec<Thread> {
        let thread = |n: i64| {
            let id = BookingId::new(format!("booking-{}", n * 7919 % THREADS)).unwrap();
            let at = Timestamp::from_unix_micros(time(n)).unwrap();
            let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour", at);
            let here = LocationId::new("here").unwrap();
            Thread::start(here, booking, at, MessageNumber::START).unwrap()
        };
        (0..THREADS).map(thread).collect()
    };
    let allocated = |mut list: Vec<Thread>| {
        let region = Region::new(ALLOCATOR);
        frontdesk::inbox::sort(&mut list);
        let allocated = region.change().bytes_allocated;
        assert!(list.is_sorted_by(|a, b| by_recency(a, b).is_le()));
        allocated
    };
    let most = 16 * usize::try_from(THREADS).unwrap();
    let shuffled = allocated(list(|n| n * 617_000_021 % 100_000_007));
    let all_equal = allocated(list(|_| 0));
    println!("{shuffled} and {all_equal} bytes for {THREADS} threads");
    assert!(shuffled > 0 && shuffled <= most && all_equal <= most);
    assert_eq!(allocated(list(|n| if n % 100 == 7 { n } else { -n })), 0);
    let mut in_order = list(|_| 0);
    frontdesk::inbox::sort(&mut in_order);
    assert_eq!(allocated(in_order), 0);
}
