//! Order, pages, start, refresh and erasure of threads (I2, L1 to L5, P5).

use std::slice;

use frontdesk::desk::{Event, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::store::{Commit, ThreadState, ThreadStore};
use frontdesk::view::English;
use frontdesk::{BookingPatch, BookingStatus, DeskError, Draft, ReadMark, Role, Thread};
use futures::executor::block_on;
use time::UtcOffset;

use crate::support::faulty_store::FaultyStore;
use crate::support::fixture::{Fixture, open_thread};
use crate::support::{at, booking, booking_id, key, number};

/// Returns the booking ids of a page, in the order of the page.
async fn bookings(fixture: &Fixture, request: &PageRequest) -> Vec<String> {
    let page = fixture.kim().inbox(request).await.unwrap();
    page.threads.iter().map(|thread| thread.id().booking.to_string()).collect()
}

/// I2, L5: a booking has one thread. A second start returns the first thread.
#[tokio::test]
async fn i2_a_booking_has_one_thread() {
    let fixture = Fixture::new();
    let started = fixture.kim().start(booking("b-1")).await.unwrap();
    fixture.ann().send("hello").await.unwrap();
    let again = fixture.operator("u-0").start(booking("b-1")).await.unwrap();
    assert_eq!(again.id(), started.id());
    assert_eq!(again.created_at(), started.created_at());
    assert_eq!(bookings(&fixture, &PageRequest::first(10)).await, ["b-1"]);
}

/// L1: the inbox is ordered by last message, newest first, then by booking id. For a thread without
/// messages, the time of its creation counts. Reading, marking and refreshing move nothing.
#[tokio::test]
async fn l1_the_inbox_is_ordered_by_last_message() {
    let fixture = Fixture::new();
    for id in ["b-2", "b-1", "b-3"] {
        fixture.ann_with(id).send("hello").await.unwrap();
    }
    fixture.advance(60);
    fixture.kim().start(booking("b-9")).await.unwrap();
    fixture.advance(60);
    fixture.ann_with("b-3").send("hello?").await.unwrap();
    let expected = ["b-3", "b-9", "b-1", "b-2"];
    assert_eq!(bookings(&fixture, &PageRequest::first(10)).await, expected);

    fixture.advance(60);
    fixture.kim().open(&booking_id("b-2")).await.unwrap();
    assert_eq!(fixture.kim().unread_threads().await.unwrap(), 2);
    fixture.kim().mark_unread(&booking_id("b-2"), number(1)).await.unwrap();
    let cancelled = booking("b-1").with_status(BookingStatus::Cancelled);
    assert!(fixture.admin().refresh(&cancelled.clone().into()).await.unwrap());
    assert_eq!(bookings(&fixture, &PageRequest::first(10)).await, expected);
}

/// L2: reading page after page while messages arrive repeats no thread and skips only
/// threads that moved.
#[tokio::test]
async fn l2_pages_skip_only_threads_that_moved() {
    let fixture = Fixture::new();
    for n in 0..25 {
        fixture.ann_with(&format!("b-{n:02}")).send("hello").await.unwrap();
        fixture.advance(1);
    }
    let mut seen = Vec::new();
    let mut request = PageRequest::first(7);
    loop {
        let page = fixture.kim().inbox(&request).await.unwrap();
        seen.extend(page.threads.iter().map(|thread| thread.id().booking.to_string()));
        // The fourth thread of the next page moves to the top.
        fixture.advance(1);
        let moving = 24_usize.saturating_sub(seen.len() + 3);
        fixture.ann_with(&format!("b-{moving:02}")).send("again").await.unwrap();
        let Some(next) = page.next else { break };
        request = PageRequest::after(next, 7);
    }
    // These threads moved to the first page after the first page was read and before their own page
    // was read, so no page contained them.
    let moved = ["b-14", "b-07", "b-00"];
    let mut unmoved: Vec<String> = (0..25).rev().map(|n| format!("b-{n:02}")).collect();
    unmoved.retain(|booking| !moved.contains(&booking.as_str()));
    assert_eq!(seen, unmoved, "each thread that did not move, once and in order");
}

/// L2: polling from a page's cursor returns what changed after the page was read.
#[tokio::test]
async fn l2_polling_starts_at_the_cursor_of_a_page() {
    let fixture = Fixture::new();
    fixture.ann_with("b-1").send("one").await.unwrap();
    let page = fixture.kim().inbox(&PageRequest::first(10)).await.unwrap();
    assert!(fixture.poll(&page.cursor, None).await.is_empty());
    fixture.ann_with("b-2").send("two").await.unwrap();
    let update = fixture.poll(&page.cursor, None).await;
    assert_eq!(update.threads[0].id().booking, booking_id("b-2"));
}

/// L2, P2: a client can poll from the cursor of any page. In the end, the client's list equals the
/// stored list, even if a later page arrives after a poll.
#[tokio::test]
async fn l2_polling_from_any_page_misses_nothing() {
    for late in [false, true] {
        let fixture = Fixture::new();
        for n in 0..4 {
            fixture.ann_with(&format!("b-{n}")).send("hello").await.unwrap();
            fixture.advance(1);
        }
        let first = fixture.kim().inbox(&PageRequest::first(2)).await.unwrap();
        fixture.ann_with("b-3").send("moves to the first page").await.unwrap();
        let second = PageRequest::after(first.next.unwrap(), 2);
        let second = fixture.kim().inbox(&second).await.unwrap();
        let mut list: InboxList<_> = first.threads.into_iter().collect();
        if late {
            fixture.admin().erase(&booking_id("b-0")).await.unwrap();
            fixture.poll(&first.cursor, None).await.apply_to(&mut list);
        }
        list.extend(second.threads);
        fixture.poll(&second.cursor, None).await.apply_to(&mut list);
        let expected = fixture.kim().inbox(&PageRequest::first(9)).await.unwrap().threads;
        assert!(list.iter().eq(&expected), "late: {late}");
    }
}

/// U4, L2: the list of unread threads and the list of idle threads have pages like the inbox.
#[tokio::test]
async fn l2_the_unread_list_and_the_idle_list_have_pages() {
    let fixture = Fixture::new();
    for n in 0..6 {
        fixture.ann_with(&format!("b-{n}")).send("hello").await.unwrap();
        fixture.advance(60);
    }
    fixture.kim().open(&booking_id("b-4")).await.unwrap();
    let unread = PageRequest::unread(2);
    assert_eq!(bookings(&fixture, &unread).await, ["b-5", "b-3"]);
    let next = fixture.kim().inbox(&unread).await.unwrap().next.unwrap();
    let rest = PageRequest::after(next, 9);
    assert_eq!(bookings(&fixture, &rest).await, ["b-2", "b-1", "b-0"]);

    let idle = PageRequest::idle_since(at(120), 9);
    assert_eq!(bookings(&fixture, &idle).await, ["b-2", "b-1", "b-0"]);
}

/// L3: erasing removes texts, names and keys. It leaves a tombstone with the id, the
/// revision and the last number.
#[tokio::test]
async fn l3_erasing_leaves_a_tombstone() {
    let fixture = Fixture::new();
    let draft = Draft::new("secret").with_key(key("k"));
    fixture.ann().send(draft.clone()).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "a reply").await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.take_event_log();

    assert!(fixture.admin().erase(&booking_id("b-1")).await.unwrap());
    assert_eq!(fixture.take_event_log(), ["thread erased at 2"]);
    let stored = fixture.store.thread(&fixture.thread_id("b-1")).await.unwrap().value.unwrap();
    let ThreadState::Erased(tombstone) = &stored.state else { panic!("{stored:?}") };
    assert_eq!(tombstone.last, number(2));
    assert!(!format!("{stored:?}").contains("Ann"));
    assert_eq!(fixture.messages("b-1").await, []);

    let error = fixture.kim().open(&booking_id("b-1")).await.unwrap_err();
    assert!(matches!(error, DeskError::NotFound));
    assert!(!fixture.ann().open().await.unwrap().is_started());
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 2))).await;
    assert_eq!(update.erased, slice::from_ref(tombstone));
    assert!(update.threads.is_empty() && update.conversation.is_none());

    assert!(
        !fixture.admin().erase(&booking_id("b-1")).await.unwrap(),
        "the thread is already erased"
    );
    assert!(!fixture.admin().erase(&booking_id("never")).await.unwrap());
}

/// L3: a thread that starts again continues with the next number, and its head names this number as
/// the first number. A late retry of an erased message is a new message.
#[tokio::test]
async fn l3_a_late_retry_of_an_erased_message_is_a_new_message() {
    let fixture = Fixture::new();
    let draft = Draft::new("hello").with_key(key("k"));
    fixture.ann().send(draft.clone()).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "hi").await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();

    let sent = fixture.ann().send(draft).await.unwrap();
    assert_eq!((sent.number(), sent.is_replayed()), (number(3), false));
    let thread = fixture.thread("b-1").await;
    assert_eq!((thread.first_number(), thread.message_count()), (number(3), 1));

    // A client that missed the erasure and the new start sees one thread, and the number of
    // the thread's first message.
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 2))).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.thread.first_number(), number(3));
    assert_eq!(conversation.messages[0].number(), number(3));
    assert!(update.erased.is_empty());
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    assert_eq!(conversation.view(&context).page_info.first_number, number(3));
}

/// L3, T8, U3: if a screen showed only messages that are erased now, a draft from this screen marks
/// nothing. The resulting head can be deserialized.
#[tokio::test]
async fn l3_a_draft_from_before_an_erasure_marks_nothing() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("two").await.unwrap();
    let draft = Draft::new("three").with_seen(number(1));
    let thread = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap().thread;
    assert_eq!(thread.unread(Role::Operator), 1);
    assert_eq!(thread.mark(Role::Operator), ReadMark::default());
    let json = serde_json::to_string(&thread).unwrap();
    assert_eq!(serde_json::from_str::<Thread>(&json).unwrap(), thread);
}

/// L3: the condition of an erasure is checked on the current state of the thread.
#[tokio::test]
async fn l3_the_condition_of_an_erasure_sees_later_messages() {
    let fixture = Fixture::new();
    fixture.ann().send("old").await.unwrap();
    let cutoff = fixture.now();
    fixture.advance(60);
    fixture.ann().send("new").await.unwrap();
    let idle = |thread: &Thread| thread.active_at() <= cutoff;
    assert!(!fixture.admin().erase_if(&booking_id("b-1"), idle).await.unwrap());
    assert_eq!(fixture.thread("b-1").await.message_count(), 2);
}

/// L5: before the thread starts, a customer desk writes nothing except by sending.
#[tokio::test]
async fn l5_opening_and_polling_before_the_start_write_nothing() {
    let fixture = Fixture::new();
    let opened = fixture.ann().open().await.unwrap();
    assert!(!opened.is_started());
    fixture.ann().poll(opened.cursor()).await.unwrap();
    fixture.ann().history(None, 10).await.unwrap();
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 0);
    assert_eq!(fixture.revision().await.get(), 0);
    assert_eq!(fixture.take_event_log(), [""; 0]);
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let view = opened.view(&context).conversation;
    assert_eq!(view.header.unwrap().code.as_str(), "K7Q2-XH41");
    assert!(view.sections.is_empty());
}

/// L5: only an explicit refresh changes the booking's snapshot.
#[tokio::test]
async fn l5_only_a_refresh_changes_the_booking() {
    let fixture = Fixture::new();
    fixture.ann().send("hello").await.unwrap();
    let cancelled = booking("b-1").with_status(BookingStatus::Cancelled);
    fixture.kim().start(cancelled.clone()).await.unwrap();
    fixture.ann().starting_with(cancelled.clone()).send("more").await.unwrap();
    assert_eq!(fixture.thread("b-1").await.booking().status, BookingStatus::Pending);

    assert!(fixture.admin().refresh(&cancelled.clone().into()).await.unwrap());
    assert_eq!(fixture.thread("b-1").await.booking().status, BookingStatus::Cancelled);
    assert!(!fixture.admin().refresh(&cancelled.clone().into()).await.unwrap());
    assert!(!fixture.admin().refresh(&booking("b-2").into()).await.unwrap(), "there is no thread");
    assert_eq!(fixture.kim().inbox(&PageRequest::first(9)).await.unwrap().threads.len(), 1);
}

/// L5: a refresh that loses the race for the commit is compared with the snapshot that won, and a
/// late refresh changes nothing.
#[tokio::test]
async fn l5_a_late_refresh_changes_nothing() {
    let patch = |version, status| {
        let patch = BookingPatch::new(booking_id("b-1")).with_status(status);
        patch.with_version(version)
    };
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("hello").await.unwrap();
    fixture.take_events();

    // The newer refresh commits after the older refresh has read the thread.
    let id = fixture.thread_id("b-1");
    fixture.store.interrupt_after(1, move |store| {
        let newer = patch(2, BookingStatus::Cancelled);
        let stored = block_on(store.thread(&id))?.value.unwrap();
        let next = stored.state.live().unwrap().update_booking(&newer).unwrap();
        block_on(store.commit(Commit::new(ThreadState::Live(next), Some(&stored)))).map(drop)
    });
    let older = patch(1, BookingStatus::Confirmed);
    assert!(!fixture.admin().refresh(&older).await.unwrap());
    let booking = fixture.thread("b-1").await.booking().clone();
    assert_eq!((&booking.status, booking.version()), (&BookingStatus::Cancelled, Some(2)));

    let revision = fixture.revision().await;
    assert!(!fixture.admin().refresh(&older).await.unwrap());
    assert_eq!(fixture.revision().await, revision);
    assert!(fixture.take_events().is_empty());
}

/// L5, P5: the event of a refresh has the snapshot before and after the change.
#[tokio::test]
async fn l5_p5_the_event_of_a_refresh_has_both_snapshots() {
    let fixture = Fixture::new();
    fixture.ann().send("hello").await.unwrap();
    let thread = fixture.thread("b-1").await;
    fixture.take_events();
    let patch = BookingPatch::new(booking_id("b-1")).without_start();
    assert!(fixture.admin().refresh(&patch).await.unwrap());
    let [Event::BookingUpdated { thread: updated, before }] = &fixture.take_events()[..] else {
        panic!("one event was expected")
    };
    assert_eq!(before, thread.booking());
    assert_eq!(updated, &fixture.thread("b-1").await);
    assert_eq!(updated.booking().starts_at, None);
}

/// P5: the listener is notified of commits, except for marking as unread.
#[tokio::test]
async fn p5_the_listener_is_notified_of_commits() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    assert_eq!(fixture.take_event_log(), ["thread b-1 started", "message 1 received"]);
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    assert_eq!(fixture.take_event_log(), ["read by operator to 1", "reply 2 sent"]);
    fixture.kim().mark_unread(&booking_id("b-1"), number(1)).await.unwrap();
    let complete = booking("b-1").with_status(BookingStatus::Complete);
    assert!(fixture.admin().refresh(&complete.clone().into()).await.unwrap());
    assert_eq!(fixture.take_event_log(), ["unread by operator from 1", "booking b-1 updated"]);
    fixture.ann().open().await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    fixture.kim().start(booking("b-1")).await.unwrap();
    assert_eq!(
        fixture.take_event_log(),
        ["read by customer to 2", "thread erased at 2", "thread b-1 started"]
    );
}
