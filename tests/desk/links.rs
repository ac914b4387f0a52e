//! Bookings that are linked to the thread of another booking (I2).

use frontdesk::desk::{CustomerPoll, OperatorPoll, PageRequest};
use frontdesk::store::ThreadState;
use frontdesk::view::{English, InboxRow};
use frontdesk::{Booking, BookingStatus, DeskError, Draft, Role};
use futures::join;
use time::UtcOffset;

use crate::support::fixture::{Fixture, open_thread};
use crate::support::{booking, booking_id, key, number};

/// A thread for b-1, to which b-2 is linked.
async fn linked() -> Fixture {
    let fixture = Fixture::new();
    fixture.ann().send("Can we come later?").await.unwrap();
    fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.unwrap();
    fixture
}

/// I2: both ids reach the same thread in every desk, and the inbox shows one row with the newest
/// snapshot.
#[tokio::test]
async fn i2_both_ids_reach_the_same_thread() {
    let fixture = linked().await;
    fixture.take_events();
    for id in ["b-1", "b-2"] {
        let (kim, ann, id) = (fixture.kim(), fixture.ann_with(id), booking_id(id));
        let opened = kim.open(&id).await.unwrap();
        assert_eq!(opened.thread.id(), &fixture.thread_id("b-1"));
        assert_eq!(opened.open_thread().booking, booking_id("b-1"));
        let last = ann.send("Hello").await.unwrap().number();
        assert_eq!(kim.history(&id, None, 1).await.unwrap().messages[0].number(), last);
        let thread = kim.reply(&id, "Hi").await.unwrap().thread;
        assert_eq!(ann.unread_messages().await.unwrap(), 1);
        let shown = ann.open().await.unwrap().message_count();
        assert_eq!(u32::try_from(shown), Ok(thread.message_count()));
        kim.mark_unread(&id, last).await.unwrap();
        kim.mark_read(&id, last).await.unwrap();
        kim.mark_answered(&id, last).await.unwrap();
        assert_eq!(kim.start(booking(id.as_str())).await.unwrap().id(), thread.id());
        assert_eq!(fixture.admin().thread(&id).await.unwrap().id(), thread.id());
    }
    let both = [booking_id("b-2"), booking_id("b-1")];
    let threads = fixture.admin().threads_for(&both).await.unwrap();
    assert_eq!(threads.len(), 1, "one thread, once");
    let page = fixture.kim().inbox(&PageRequest::first(10)).await.unwrap();
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let [row] = &page.view(&context).rows[..] else { panic!("one row") };
    let ids = (row.booking.clone(), row.linked_booking.clone());
    assert_eq!(ids, (booking_id("b-1"), Some(booking_id("b-2"))));
    let by_key = Draft::new("Again").with_key(key("k"));
    let first = fixture.ann_with("b-1").send(by_key.clone()).await.unwrap();
    let retry = fixture.ann_with("b-2").send(by_key).await.unwrap();
    assert_eq!((retry.number(), retry.is_replayed()), (first.number(), true));
    fixture.kim().redact(&booking_id("b-2"), number(1)).await.unwrap();
    assert_eq!(fixture.messages("b-1").await[0].body(), None);
}

/// I2: polls continue under both ids, and their answers name the thread's own id.
#[tokio::test]
async fn i2_polls_continue_under_both_ids() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let operator = fixture.cursor().await;
    // The portal of the rescheduled booking was open before the link was made.
    let portal = fixture.ann_with("b-2").open().await.unwrap();
    let old_portal = fixture.ann_with("b-1").open().await.unwrap();
    fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.unwrap();

    let open = open_thread("b-2", 0);
    let OperatorPoll::Update(update) = fixture.kim().poll(&operator, Some(&open)).await.unwrap()
    else {
        panic!("the cursor can be continued");
    };
    assert_eq!(update.threads.len(), 1, "the thread with its new snapshot");
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.open_thread(), open_thread("b-1", 1));
    let update = fixture.poll(&update.cursor, Some(&conversation.open_thread())).await;
    assert!(update.is_empty());

    let CustomerPoll::Update(answer) = fixture.ann_with("b-2").poll(portal.cursor()).await.unwrap()
    else {
        panic!("the cursor can be continued");
    };
    assert_eq!(answer.message_count(), 1);
    fixture.kim().reply(&booking_id("b-2"), "two").await.unwrap();
    for (id, cursor) in [
        ("b-2", answer.cursor()),
        ("b-2", old_portal.cursor()),
        ("b-1", answer.cursor()),
        ("b-1", old_portal.cursor()),
    ] {
        let CustomerPoll::Update(answer) = fixture.ann_with(id).poll(cursor).await.unwrap() else {
            panic!("the cursor can be continued");
        };
        assert_eq!(answer.message_count(), 1, "{id}");
    }
    let other = fixture.ann_with("b-3").poll(answer.cursor()).await;
    assert!(matches!(other, Err(DeskError::Cursor(_))), "A1: {other:?}");
}

/// I2: a booking that has or had a thread cannot be linked, nor one that is linked elsewhere.
/// Nothing is written then.
#[tokio::test]
async fn i2_a_booking_with_a_thread_cannot_be_linked() {
    let fixture = linked().await;
    for id in ["b-3", "b-4", "b-5"] {
        fixture.ann_with(id).send("Hello").await.unwrap();
    }
    fixture.admin().erase(&booking_id("b-4")).await.unwrap();
    fixture.admin().link(&booking_id("b-5"), &booking("b-6")).await.unwrap();
    let before = fixture.changes(frontdesk::store::Revision::ZERO).await;
    for id in ["b-3", "b-4", "b-6"] {
        let refused = fixture.admin().link(&booking_id("b-2"), &booking(id)).await;
        assert!(matches!(refused, Err(DeskError::AlreadyHasThread)), "{id}: {refused:?}");
    }
    for id in ["b-4", "never"] {
        let refused = fixture.admin().link(&booking_id(id), &booking("b-7")).await;
        assert!(matches!(refused, Err(DeskError::NotFound)), "{id}: {refused:?}");
    }
    assert_eq!(fixture.changes(frontdesk::store::Revision::ZERO).await, before);
}

/// I2: links never chain, linking is idempotent, and only the booking that was linked last can be
/// refreshed.
#[tokio::test]
async fn i2_the_snapshot_is_of_the_booking_that_was_linked_last() {
    let fixture = linked().await;
    fixture.admin().link(&booking_id("b-2"), &booking("b-3")).await.unwrap();
    let link = fixture.changes(frontdesk::store::Revision::ZERO).await.changed;
    let targets = link.iter().filter_map(|found| match &found.state {
        ThreadState::Linked(link) => Some(link.target.as_str()),
        _ => None,
    });
    assert_eq!(targets.collect::<Vec<_>>(), ["b-1", "b-1"]);
    let revision = fixture.revision().await;
    fixture.take_events();
    fixture.admin().link(&booking_id("b-1"), &booking("b-3")).await.unwrap();
    assert_eq!((fixture.revision().await, fixture.take_events().len()), (revision, 0), "P6");

    // A late repeat of the first call does not take the snapshot back.
    fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.linked_booking(), Some(&booking_id("b-3")));
    let own = fixture.admin().link(&booking_id("b-3"), &booking("b-1")).await;
    assert!(matches!(own, Err(DeskError::AlreadyHasThread)), "{own:?}");
    assert_eq!(fixture.revision().await, revision, "P6");

    let cancelled = |id| booking(id).with_status(BookingStatus::Cancelled);
    for former in ["b-1", "b-2"] {
        assert!(!fixture.admin().refresh(&cancelled(former).into()).await.unwrap(), "{former}");
    }
    assert!(fixture.admin().refresh(&cancelled("b-3").into()).await.unwrap());
    assert_eq!(fixture.thread("b-1").await.booking(), &cancelled("b-3"));
}

/// I2: after an erasure the ids stay linked, and a start under any of them is the next generation.
#[tokio::test]
async fn i2_linked_ids_start_the_next_generation() {
    for id in ["b-1", "b-2"] {
        let fixture = linked().await;
        assert!(fixture.admin().erase(&booking_id("b-2")).await.unwrap());
        assert!(!fixture.ann_with("b-1").open().await.unwrap().is_started());
        let sent = fixture.ann_with(id).send("Me again").await.unwrap();
        assert_eq!(sent.number(), number(2));
        let thread = fixture.thread("b-1").await;
        assert_eq!((thread.first_number(), thread.booking().id.as_str()), (number(2), id));
        for id in ["b-1", "b-2"] {
            let opened = fixture.kim().open(&booking_id(id)).await.unwrap();
            assert_eq!(opened.thread.id().booking, booking_id("b-1"));
        }
    }
}

/// I2: an enquiry becomes a booking.
#[tokio::test]
async fn i2_an_enquiry_is_linked_to_its_booking() {
    let fixture = Fixture::new();
    let enquiry = Booking::enquiry(booking_id("e-1"), "Do you rent kayaks?");
    fixture.kim().start(enquiry).await.unwrap();
    let thread = fixture.admin().link(&booking_id("e-1"), &booking("b-1")).await.unwrap();
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let row = InboxRow::new(&thread, &context);
    assert_eq!(row.activity.as_str(), "Harbour tour");
    assert!(row.starts_at.is_some());
}

/// I2: of a link and a customer's first message under the new id, exactly one comes first. If the
/// message does, linking says so; if the link does, the message is in the linked thread.
#[tokio::test]
async fn i2_a_link_and_a_first_message_never_both_win() {
    for message_first in [false, true] {
        let fixture = Fixture::new();
        fixture.ann().send("one").await.unwrap();
        let (admin, ann, new) = (fixture.admin(), fixture.ann_with("b-2"), booking("b-2"));
        let old = booking_id("b-1");
        let (linked, sent) = if message_first {
            let (sent, linked) = join!(ann.send("two"), admin.link(&old, &new));
            (linked, sent)
        } else {
            join!(admin.link(&old, &new), ann.send("two"))
        };
        sent.unwrap();
        let own = fixture.find_thread("b-2").await;
        match linked {
            Ok(_) => assert_eq!((own, fixture.thread("b-1").await.message_count()), (None, 2)),
            Err(DeskError::AlreadyHasThread) => {
                assert_eq!(own.unwrap().messages_by(Role::Customer), 1);
                assert_eq!(fixture.thread("b-1").await.message_count(), 1);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// U3, I2: a poll that reports the same number in view again does not move a mark that a colleague
/// has moved back, also if the screen names a linked booking.
#[tokio::test]
async fn u3_a_poll_under_a_linked_id_does_not_undo_mark_unread() {
    for id in ["b-1", "b-2"] {
        let fixture = Fixture::new();
        for text in ["one", "two", "three"] {
            fixture.ann().send(text).await.unwrap();
        }
        fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.unwrap();
        let open = open_thread(id, 3).with_read(number(3));
        let update = fixture.poll(&fixture.cursor().await, Some(&open)).await;
        assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
        fixture.operator("lee").mark_unread(&booking_id("b-1"), number(2)).await.unwrap();
        fixture.poll(&update.cursor, Some(&open)).await;
        assert_eq!(fixture.unread("b-1", Role::Operator).await, 2, "{id}");
    }
}
