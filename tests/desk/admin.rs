//! The heads of threads (threads without their messages), read through the admin desk (A1, U3).

use frontdesk::{BookingId, DeskError, Role};

use crate::support::fixture::Fixture;
use crate::support::{booking, booking_id};

/// Returns the booking ids of the threads that the admin desk finds for some bookings.
async fn found(fixture: &Fixture, ids: &[&str]) -> Vec<String> {
    let bookings: Vec<BookingId> = ids.iter().map(|id| booking_id(id)).collect();
    let threads = fixture.admin().threads_for(&bookings).await.unwrap();
    threads.iter().map(|thread| thread.id().booking.to_string()).collect()
}

/// U3: reading the head of a thread marks no message as read.
#[tokio::test]
async fn u3_the_administration_reads_a_head_without_marking() {
    let fixture = Fixture::new();
    fixture.ann().send("hello").await.unwrap();
    let (before, revision) = (fixture.thread("b-1").await, fixture.revision().await);
    let thread = fixture.admin().thread(&booking_id("b-1")).await.unwrap();
    assert_eq!((&thread, thread.unread(Role::Operator)), (&before, 1));
    let threads = fixture.admin().threads_for(&[booking_id("b-1")]).await.unwrap();
    assert_eq!(threads, [before]);
    assert_eq!(fixture.revision().await, revision);
}

/// A1, L3: a thread is not found if it was not started, was erased, or belongs to another location.
#[tokio::test]
async fn a1_the_administration_finds_only_existing_threads_of_its_location() {
    let fixture = Fixture::new();
    fixture.kim().start(booking("b-1")).await.unwrap();
    fixture.kim().start(booking("erased")).await.unwrap();
    fixture.admin().erase(&booking_id("erased")).await.unwrap();
    fixture.clone().at_location("elsewhere").kim().start(booking("b-2")).await.unwrap();
    for id in ["erased", "never", "b-2"] {
        let error = fixture.admin().thread(&booking_id(id)).await.unwrap_err();
        assert!(matches!(error, DeskError::NotFound), "{id}: {error}");
    }
    assert_eq!(found(&fixture, &["erased", "never", "b-2", "b-1"]).await, ["b-1"]);
    assert_eq!(found(&fixture, &[]).await, [""; 0]);
}

/// The threads are in the order of the bookings, each thread once, even if there are more than the
/// 1,000 bookings that one call of the store accepts.
#[tokio::test]
async fn threads_for_bookings_have_the_order_of_the_bookings() {
    let fixture = Fixture::new();
    for id in ["b-1", "b-2", "b-3"] {
        fixture.kim().start(booking(id)).await.unwrap();
    }
    assert_eq!(found(&fixture, &["b-3", "b-1", "b-3"]).await, ["b-3", "b-1"]);
    let mut ids = vec!["never"; 2_001];
    (ids[0], ids[999], ids[1_000], ids[2_000]) = ("b-2", "b-3", "b-1", "b-2");
    assert_eq!(found(&fixture, &ids).await, ["b-2", "b-3", "b-1"]);
}
