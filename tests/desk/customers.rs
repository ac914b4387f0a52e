//! Customer desks without a booking snapshot, or with the snapshot of another thread's booking (A1,
//! L5).

use frontdesk::desk::CustomerPoll;
use frontdesk::view::English;
use frontdesk::{CustomerDesk, DeskError, Draft};
use time::UtcOffset;

use crate::support::fixture::Fixture;
use crate::support::{booking, booking_id, key, number, participant_id};

/// Returns a customer desk without a booking snapshot, for the thread of b-1.
fn without_booking(fixture: &Fixture) -> CustomerDesk {
    fixture.desk.customer(fixture.location.clone(), booking_id("b-1"), participant_id("ann"))
}

/// L5: before the thread starts, a customer desk without a booking can count unread messages, open,
/// read the history and poll. Its view has no header, and nothing is written.
#[tokio::test]
async fn l5_without_a_booking_a_customer_reads_before_the_start() {
    let fixture = Fixture::new();
    let ann = without_booking(&fixture);
    assert_eq!(ann.unread_messages().await.unwrap(), 0);
    let opened = ann.open().await.unwrap();
    assert!(!opened.is_started());
    assert_eq!(ann.history(None, 10).await.unwrap().message_count(), 0);
    let CustomerPoll::Update(polled) = ann.poll(opened.cursor()).await.unwrap() else {
        panic!("the poll starts over")
    };
    assert_eq!((polled.is_started(), polled.message_count()), (false, 0));
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let view = opened.view(&context).conversation;
    assert_eq!(view.header, None);
    assert!(view.sections.is_empty());
    assert_eq!(fixture.revision().await.get(), 0);
}

/// L5: after the thread has started, a customer desk without a booking works like a desk with a
/// booking. A cursor from before the start still works.
#[tokio::test]
async fn l5_without_a_booking_a_customer_reads_and_sends_after_the_start() {
    let fixture = Fixture::new();
    let ann = without_booking(&fixture);
    let cursor = ann.open().await.unwrap().cursor().clone();
    fixture.kim().start(booking("b-1")).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "hello").await.unwrap();
    assert_eq!(ann.unread_messages().await.unwrap(), 1);
    let CustomerPoll::Update(polled) = ann.poll(&cursor).await.unwrap() else {
        panic!("the poll starts over")
    };
    assert_eq!((polled.is_started(), polled.message_count()), (true, 1));
    assert_eq!(ann.unread_messages().await.unwrap(), 0);
    assert_eq!(ann.send("thanks").await.unwrap().number(), number(2));
    let opened = ann.open().await.unwrap();
    assert_eq!(opened.message_count(), 2);
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let header = opened.view(&context).conversation.header.unwrap();
    assert_eq!(header.code.as_str(), "K7Q2-XH41");
}

/// L5: the first message is refused if the customer desk has no booking or the booking of another
/// thread. The two cases have different errors. Nothing is written.
#[tokio::test]
async fn l5_a_first_message_without_its_booking_is_refused() {
    let fixture = Fixture::new();
    let ann = without_booking(&fixture);
    let with_other = ann.clone().starting_with(booking("b-2"));
    for draft in [Draft::new("hello"), Draft::new("hello").with_key(key("k"))] {
        let error = ann.send(draft.clone()).await.unwrap_err();
        assert!(matches!(error, DeskError::NoBooking), "{error}");
        let error = with_other.send(draft).await.unwrap_err();
        assert!(matches!(error, DeskError::WrongBooking), "{error}");
    }
    assert_eq!(fixture.revision().await.get(), 0);
    assert_eq!(fixture.events(), []);

    // A desk with the right booking starts the thread. Then the other desks can send.
    assert_eq!(fixture.ann().send("hello").await.unwrap().number(), number(1));
    assert_eq!(ann.send("hello").await.unwrap().number(), number(2));
    assert_eq!(with_other.send("hello").await.unwrap().number(), number(3));
    assert_eq!(fixture.thread("b-1").await.booking(), &booking("b-1"));
}

/// L3, L5: after an erasure, a customer desk without a booking cannot start the thread again.
#[tokio::test]
async fn l5_without_a_booking_an_erased_thread_is_not_restarted() {
    let fixture = Fixture::new();
    fixture.ann().send("hello").await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    let error = without_booking(&fixture).send("hello").await.unwrap_err();
    assert!(matches!(error, DeskError::NoBooking), "{error}");
    assert!(!without_booking(&fixture).open().await.unwrap().is_started());
}
