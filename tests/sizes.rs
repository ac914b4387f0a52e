//! The memory that stored messages need and that sorting allocates.
//!
//! This is a separate test program, because it counts all allocations of the process.

use std::alloc::System;
use std::sync::{Mutex, PoisonError};

use frontdesk::inbox::by_recency;
use frontdesk::store::MemoryStore;
use frontdesk::{
    Booking, BookingId, Draft, FrontDesk, LocationId, MessageBody, Participant, ParticipantId,
    Post, Thread, Timestamp,
};
use futures::executor::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Lock that keeps the tests from running in parallel, because the allocations of the whole
/// process are counted.
static SERIAL: Mutex<()> = Mutex::new(());

const TEXT: &str = "Could we come half an hour earlier, at nine instead of half past?";

/// Returns the number of bytes that were allocated in a region and not freed yet.
fn allocated_bytes(region: &Region<'_, System>) -> usize {
    let stats = region.change();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Sends `messages` messages to each of 1,000 threads and returns the number of bytes that the
/// store then holds. Each message is sent through a new `CustomerDesk`, as in a web server.
fn fill(messages: usize) -> usize {
    let region = Region::new(ALLOCATOR);
    let store = MemoryStore::new();
    let desk = FrontDesk::builder(store.clone()).clock(|| Timestamp::UNIX_EPOCH).build();
    let location = LocationId::new("here").unwrap();
    block_on(async {
        for n in 0..1_000 {
            let id = BookingId::new(format!("booking-{n}")).unwrap();
            let booking =
                Booking::new(id, "K7Q2-XH41", "Harbour tour").with_start(Timestamp::UNIX_EPOCH);
            for _ in 0..messages {
                let ann = ParticipantId::new("customer-4711").unwrap();
                let ann = desk
                    .customer(location.clone(), booking.id.clone(), ann)
                    .starting_with(booking.clone());
                ann.send(Draft::new(TEXT)).await.unwrap();
            }
        }
    });
    drop(desk);
    let bytes = allocated_bytes(&region);
    drop(store);
    bytes
}

/// In a store of a million messages, a message needs at most 160 bytes in addition to its
/// text. Cloning a message or a thread allocates nothing.
#[test]
fn a_stored_message_needs_at_most_160_bytes_in_addition_to_its_text() {
    let _guard = SERIAL.lock().unwrap_or_else(PoisonError::into_inner);
    let small_store = fill(1);
    let large_store = fill(1_000);
    let per_message = (large_store - small_store) / (1_000 * 999);
    println!("{large_store} bytes for a million messages: {per_message} bytes per message");
    assert!(per_message > TEXT.len(), "the allocations were not counted");
    assert!(per_message - TEXT.len() <= 160);

    let location = LocationId::new("here").unwrap();
    let booking =
        Booking::new(BookingId::new("b").unwrap(), "", "").with_start(Timestamp::UNIX_EPOCH);
    let thread = Thread::start(location, booking, Timestamp::UNIX_EPOCH);
    let author = Participant::customer(ParticipantId::new("c").unwrap(), None);
    let body = MessageBody::with_limit(&"x".repeat(100_000), usize::MAX).unwrap();
    let posted = thread.post(Post::new(author, body, Timestamp::UNIX_EPOCH)).unwrap();
    let region = Region::new(ALLOCATOR);
    let clones = (posted.message.clone(), posted.thread.clone());
    assert_eq!(region.change().bytes_allocated, 0);
    drop(clones);
}

/// Sorting allocates at most 16 bytes for each thread, whether the order depends on times or on
/// ids. Sorting allocates nothing if the list is in order or if a few threads move to the top.
#[test]
fn sorting_allocates_at_most_16_bytes_for_each_thread() {
    const THREADS: i64 = 20_000;
    let _guard = SERIAL.lock().unwrap_or_else(PoisonError::into_inner);
    let list = |time: fn(i64) -> i64| -> Vec<Thread> {
        let thread = |n: i64| {
            let id = BookingId::new(format!("booking-{}", n * 7919 % THREADS)).unwrap();
            let at = Timestamp::from_unix_micros(time(n)).unwrap();
            let booking = Booking::new(id, "K7Q2-XH41", "Harbour tour").with_start(at);
            let here = LocationId::new("here").unwrap();
            Thread::start(here, booking, at)
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
    let limit = 16 * usize::try_from(THREADS).unwrap();
    let shuffled = allocated(list(|n| n * 617_000_021 % 100_000_007));
    let all_equal = allocated(list(|_| 0));
    println!("{shuffled} and {all_equal} bytes for {THREADS} threads");
    assert!(shuffled > 0 && shuffled <= limit && all_equal <= limit);
    assert_eq!(allocated(list(|n| if n % 100 == 7 { n } else { -n })), 0);
    let mut in_order = list(|_| 0);
    frontdesk::inbox::sort(&mut in_order);
    assert_eq!(allocated(in_order), 0);
}
