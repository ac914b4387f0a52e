//! Waits for an answer (U5), automatic replies and conditional replies (L6).

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::{DeskError, Draft, Role};

use crate::support::fixture::Fixture;
use crate::support::{at, booking_id, key, number};

/// U5: reading a conversation ends no wait. A reply ends the wait.
#[tokio::test]
async fn u5_only_a_reply_ends_a_wait() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.advance(60);
    fixture.ann().send("two").await.unwrap();
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), Some(at(0)));
    fixture.kim().reply(&booking_id("b-1"), "three").await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), None);
    fixture.advance(60);
    fixture.ann().send("four").await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), Some(at(120)));
}

/// U3, U5: an automatic reply marks nothing as read and ends no wait.
#[tokio::test]
async fn u5_an_automatic_reply_reads_and_answers_nothing() {
    let fixture = Fixture::new();
    fixture.ann().send("We are locked out!").await.unwrap();
    let draft = Draft::new("We open at 8 AM.").automatic();
    let sent = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert!(sent.message.is_automatic());
    let thread = fixture.thread("b-1").await;
    assert_eq!(thread.unread(Role::Operator), 1);
    assert_eq!(thread.mark(Role::Operator).furthest(), number(0), "the customer sees it as unread");
    assert_eq!(thread.waiting_since(), Some(at(0)));
    assert_eq!(thread.unread(Role::Customer), 1);

    // A customer's draft cannot be automatic.
    let sent = fixture.ann().send(Draft::new("Please hurry!").automatic()).await.unwrap();
    assert_eq!(sent.number(), number(3));
    assert!(!fixture.messages("b-1").await[2].is_automatic());
}

/// U5: a reply answers what its sender's screen showed. The thread then waits from the first
/// customer message that the screen did not show.
#[tokio::test]
async fn u5_a_reply_answers_only_what_its_sender_saw() {
    let fixture = Fixture::new();
    for text in ["one", "two", "three"] {
        fixture.ann().send(text).await.unwrap();
        fixture.advance(60);
    }
    let draft = |seen| Draft::new("Yes").with_seen(number(seen));
    fixture.kim().reply(&booking_id("b-1"), draft(2)).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), Some(at(120)));
    // A reply that arrives late answers less, and does not start the wait again.
    fixture.kim().reply(&booking_id("b-1"), draft(1)).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), Some(at(120)));
    fixture.kim().reply(&booking_id("b-1"), draft(3)).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), None);
    fixture.kim().reply(&booking_id("b-1"), draft(1)).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), None);
}

/// U5: "no reply needed" answers the customer's messages up to a number.
#[tokio::test]
async fn u5_no_reply_needed_ends_a_wait_up_to_a_number() {
    let fixture = Fixture::new();
    for text in ["one", "two"] {
        fixture.ann().send(text).await.unwrap();
        fixture.advance(60);
    }
    let (kim, booking) = (fixture.kim(), booking_id("b-1"));
    fixture.take_events();
    let thread = kim.mark_answered(&booking, number(1)).await.unwrap();
    assert_eq!(thread.waiting_since(), Some(at(60)));
    let before = fixture.revision().await;
    kim.mark_answered(&booking, number(1)).await.unwrap();
    assert_eq!(fixture.revision().await, before, "P6: nothing changed");
    let thread = kim.mark_answered(&booking, number(2)).await.unwrap();
    assert_eq!((thread.waiting_since(), thread.unread(Role::Operator)), (None, 2));
    assert_eq!(fixture.take_event_log(), ["thread b-1 answered"; 2]);
    let error = kim.mark_answered(&booking, number(3)).await.unwrap_err();
    assert!(matches!(error, DeskError::NoSuchMessage { .. }));
}

/// U5: the waiting list has the longest waiting thread first. An erased thread does not wait, and
/// a thread that starts again waits anew.
#[tokio::test]
async fn u5_the_waiting_list_has_the_longest_waiting_first() {
    let fixture = Fixture::new();
    for id in ["b-3", "b-1", "b-2"] {
        fixture.ann_with(id).send("Hello?").await.unwrap();
        fixture.advance(60);
    }
    let list = async || {
        let page = fixture.kim().inbox(&PageRequest::waiting(10)).await.unwrap();
        let bookings = page.threads.iter().map(|thread| thread.id().booking.as_str().to_owned());
        let bookings: Vec<String> = bookings.collect();
        assert_eq!(page.waiting, bookings.len() as u64);
        bookings
    };
    assert_eq!(list().await, ["b-3", "b-1", "b-2"]);
    fixture.ann_with("b-3").send("Hello??").await.unwrap();
    assert_eq!(list().await, ["b-3", "b-1", "b-2"], "a second question does not restart the wait");
    fixture.admin().erase(&booking_id("b-3")).await.unwrap();
    assert_eq!(list().await, ["b-1", "b-2"]);
    fixture.advance(60);
    fixture.ann_with("b-3").send("Hello again").await.unwrap();
    assert_eq!(list().await, ["b-1", "b-2", "b-3"]);
    fixture.admin().redact(&booking_id("b-1"), number(1)).await.unwrap();
    assert_eq!(list().await, ["b-1", "b-2", "b-3"], "T9: redacting ends no wait");

    let start = fixture.cursor().await;
    fixture.kim().reply(&booking_id("b-2"), "Hi").await.unwrap();
    let OperatorPoll::Update(update) = fixture.kim().poll(&start, None).await.unwrap() else {
        panic!("the cursor can be continued");
    };
    assert_eq!(update.waiting, 2);
}

/// L6: a conditional reply is refused with the messages that its sender's screen did not show, and
/// writes nothing. Messages of colleagues and automatic ones count, too.
#[tokio::test]
async fn l6_a_conditional_reply_is_refused_with_the_newer_messages() {
    let fixture = Fixture::new();
    fixture.ann().send("Can we bring a dog?").await.unwrap();
    let draft = |text: &str, seen| Draft::new(text).with_seen(number(seen)).only_if_latest();
    let (kim, lee, booking) = (fixture.kim(), fixture.operator("lee"), booking_id("b-1"));
    let first = draft("Gladly!", 1).with_key(key("k-1"));
    kim.reply(&booking, first.clone()).await.unwrap();
    kim.reply(&booking, Draft::new("Out of office").automatic()).await.unwrap();
    fixture.ann().send("Thanks").await.unwrap();

    let before = fixture.revision().await;
    let refused = lee.reply(&booking, draft("Sorry, no dogs.", 1)).await.unwrap_err();
    let DeskError::NotLatest(newer) = refused else { panic!("{refused}") };
    let numbers: Vec<u32> = newer.messages.iter().map(|message| message.number().get()).collect();
    assert_eq!(numbers, [2, 3, 4]);
    assert_eq!(newer.thread, fixture.thread("b-1").await);
    assert_eq!(fixture.revision().await, before, "nothing is written or marked");

    // The retry of the accepted reply answers with the stored message.
    let retried = kim.reply(&booking, first).await.unwrap();
    assert_eq!((retried.number(), retried.is_replayed()), (number(2), true));
    lee.reply(&booking, draft("You are welcome", 4)).await.unwrap();
}

/// L6: a conditional reply that names a number outside the thread is refused. Without a number, any
/// message refuses the reply.
#[tokio::test]
async fn l6_a_conditional_reply_needs_a_number_of_the_thread() {
    let fixture = Fixture::new();
    let (kim, booking) = (fixture.kim(), booking_id("b-1"));
    kim.start(crate::support::booking("b-1")).await.unwrap();
    kim.reply(&booking, Draft::new("Welcome!").only_if_latest()).await.unwrap();
    let refused = kim.reply(&booking, Draft::new("Welcome!").only_if_latest()).await;
    assert!(matches!(refused, Err(DeskError::NotLatest(_))));
    let unknown = Draft::new("Hello").with_seen(number(2)).only_if_latest();
    let refused = kim.reply(&booking, unknown).await;
    assert!(matches!(refused, Err(DeskError::NoSuchMessage { .. })), "{refused:?}");

    // Numbers of an erased generation are outside of the thread, too.
    fixture.admin().erase(&booking).await.unwrap();
    fixture.ann().send("Me again").await.unwrap();
    let erased = |seen| Draft::new("Hello").with_seen(number(seen)).only_if_latest();
    let refused = kim.reply(&booking, erased(0)).await;
    assert!(matches!(refused, Err(DeskError::NoSuchMessage { .. })), "{refused:?}");
    let refused = kim.reply(&booking, erased(1)).await;
    assert!(matches!(refused, Err(DeskError::NotLatest(_))), "{refused:?}");
    kim.reply(&booking, erased(2)).await.unwrap();
}

/// L6: a refusal contains at most 200 messages.
#[tokio::test]
async fn l6_a_refusal_contains_at_most_200_messages() {
    let fixture = Fixture::new();
    for _ in 0..202 {
        fixture.ann().send("Hello?").await.unwrap();
    }
    let draft = Draft::new("Hello").with_seen(number(1)).only_if_latest();
    let refused = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap_err();
    let DeskError::NotLatest(newer) = refused else { panic!("{refused}") };
    assert_eq!((newer.messages.len(), newer.messages[0].number()), (200, number(2)));
}

/// U5, W3: a reply that answers nothing leaves the wait as it is, also if a clock was wrong before.
#[tokio::test]
async fn u5_a_reply_that_answers_nothing_moves_no_wait() {
    let fixture = Fixture::new();
    fixture.kim().start(crate::support::booking("b-1")).await.unwrap();
    fixture.set_clock("2036-01-01T00:00:00Z".parse().unwrap());
    fixture.ann().send("one").await.unwrap();
    fixture.set_clock(crate::support::at(60));
    fixture.admin().limit_activity(&booking_id("b-1")).await.unwrap();
    fixture.advance(3600);
    fixture.ann().send("two").await.unwrap();
    let since = fixture.thread("b-1").await.waiting_since();
    let draft = Draft::new("Welcome").with_seen(frontdesk::MessageNumber::START);
    fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert_eq!(fixture.thread("b-1").await.waiting_since(), since);
}
