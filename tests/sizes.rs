//! What a message costs in memory.
//!
//! A program of its own, since it counts every allocation of the process.

use std::alloc::System;
use std::sync::Arc;

use frontdesk::store::MemoryStore;
use frontdesk::{
    Booking, BookingId, Draft, FrontDesk, LocationId, Message, MessageRecord, ParticipantId, Role,
    Timestamp,
};
use futures::executor::block_on;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

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

/// Issue "Sizes": a stored message costs at most 160 bytes beyond its text at a
/// million messages, and cloning allocates nothing that depends on the text.
#[test]
fn a_stored_message_costs_at_most_160_bytes_beyond_its_text() {
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
