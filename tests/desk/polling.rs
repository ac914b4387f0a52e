//! Polls of both sides (P1 to P4).

use std::sync::Arc;
use std::time::Duration;

use frontdesk::cursor::CustomerCursor;
use frontdesk::desk::{
    CustomerConversation, CustomerPoll, MAX_POLL_CHANGES, POLL_INTERVAL, PageRequest,
};
use frontdesk::view::English;
use frontdesk::{Draft, Role};
use time::UtcOffset;

use crate::support::fixture::{Fixture, open_thread};
use crate::support::naive::NaiveStore;
use crate::support::{booking, booking_id, number};

/// Polls as the customer Ann. Panics if the answer is "start over".
async fn poll_as_ann(fixture: &Fixture, cursor: &CustomerCursor) -> CustomerConversation {
    match fixture.ann().poll(cursor).await.unwrap() {
        CustomerPoll::Update(answer) => answer,
        CustomerPoll::StartOver => panic!("the poll starts over"),
    }
}

/// P1: each commit takes a higher revision, which the next read returns.
#[tokio::test]
async fn p1_each_commit_takes_a_higher_revision() {
    let fixture = Fixture::new();
    let mut before = fixture.revision().await;
    for n in 0..5 {
        fixture.ann_with(&format!("b-{}", n % 2)).send("hello").await.unwrap();
        let after = fixture.revision().await;
        assert!(after > before);
        before = after;
    }
}

/// P2: a poll returns each changed thread once, in its latest state. The next poll is empty.
#[tokio::test]
async fn p2_a_poll_returns_each_changed_thread_once() {
    let fixture = Fixture::new();
    let cursor = fixture.cursor().await;
    for id in ["b-1", "b-2", "b-1", "b-1"] {
        fixture.ann_with(id).send("hello").await.unwrap();
    }
    let update = fixture.poll(&cursor, None).await;
    let threads = update.threads.iter();
    let counts: Vec<_> =
        threads.map(|thread| (thread.id().booking.to_string(), thread.message_count())).collect();
    assert_eq!(counts, [("b-2".to_owned(), 1), ("b-1".to_owned(), 3)]);
    assert_eq!(update.unread, 2);
    assert!(fixture.poll(&update.cursor, None).await.is_empty());
}

/// P2: a conversation that is opened during a poll misses no message, not even one that is
/// older than the poll's cursor.
#[tokio::test]
async fn p2_a_conversation_opened_during_a_poll_misses_nothing() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("two").await.unwrap();
    // This cursor belongs to a poll that was sent before the conversation was opened.
    let cursor = fixture.cursor().await;
    let update = fixture.poll(&cursor, Some(&opened.open_thread())).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.messages[0].number(), number(2));
    assert_eq!(conversation.thread.unread(Role::Operator), 0);
    assert!(fixture.poll(&update.cursor, Some(&conversation.open_thread())).await.is_empty());
}

/// P2, U4: if there are more new messages than a poll returns, the next polls return the rest, each
/// once. The thread is unread until the last of these polls.
#[tokio::test]
async fn p2_a_conversation_far_behind_catches_up_over_several_polls() {
    let fixture = Fixture::new();
    fixture.kim().start(booking("b-1")).await.unwrap();
    let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let customers = fixture.ann().open().await.unwrap();
    let (mut cursor, mut open) = (fixture.cursor().await, opened.open_thread());
    for _ in 0..450 {
        fixture.ann().send("hello").await.unwrap();
    }
    let mut numbers = Vec::new();
    loop {
        let update = fixture.poll(&cursor, Some(&open)).await;
        let Some(conversation) = update.conversation else { break };
        assert_eq!(update.unread, u64::from(conversation.thread.is_unread_by(Role::Operator)));
        numbers.extend(conversation.messages.iter().map(|message| message.number().get()));
        (open, cursor) = (conversation.open_thread(), update.cursor);
    }
    assert_eq!(numbers, (1..=450).collect::<Vec<_>>());
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);

    let (mut count, mut cursor) = (0, customers.cursor().clone());
    while count < 450 {
        let answer = poll_as_ann(&fixture, &cursor).await;
        assert!(answer.message_count() > 0, "no message after {count}");
        count += answer.message_count();
        cursor = answer.cursor().clone();
    }
}

/// P2, P3: a customer's poll returns the new messages of one thread and marks them as read.
#[tokio::test]
async fn p2_a_customers_poll_returns_and_marks_new_messages() {
    let fixture = Fixture::new();
    let cursor = fixture.ann().open().await.unwrap().cursor().clone();
    fixture.kim().start(booking("b-1")).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "one").await.unwrap();
    fixture.take_event_log();

    let answer = poll_as_ann(&fixture, &cursor).await;
    assert_eq!(answer.message_count(), 1);
    assert_eq!(fixture.take_event_log(), ["read by customer to 1"]);
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 0);

    // A read receipt arrives without a new message.
    fixture.ann().send("two").await.unwrap();
    let answer = poll_as_ann(&fixture, answer.cursor()).await;
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let receipt = poll_as_ann(&fixture, answer.cursor()).await;
    assert_eq!(receipt.message_count(), 0);
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    assert_eq!(receipt.view(&context).conversation.read_to, number(2));
}

/// P2: a poll that opens another conversation returns the whole conversation, although the
/// conversation has not changed since the cursor.
#[tokio::test]
async fn p2_a_poll_that_opens_another_conversation_returns_all_of_it() {
    let fixture = Fixture::new();
    for id in ["b-1", "b-2"] {
        fixture.ann_with(id).send("hello").await.unwrap();
    }
    let mut cursor = fixture.cursor().await;
    let polls =
        [("b-1", 0, 1), ("b-2", 0, 1), ("b-2", 1, 0), ("b-1", 0, 1), ("b-1", 0, 1), ("b-1", 1, 0)];
    for (id, shown, expected) in polls {
        let update = fixture.poll(&cursor, Some(&open_thread(id, shown))).await;
        let messages = update.conversation.map_or(0, |conversation| conversation.messages.len());
        assert_eq!(messages, expected, "messages of {id} after {shown}");
        cursor = update.cursor;
    }
}

/// P2: polls report the erasure of a conversation once, although the client keeps it open.
#[tokio::test]
async fn p2_polls_report_an_erasure_once() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let mut cursor = fixture.cursor().await;
    let open = fixture.kim().open(&booking_id("b-1")).await.unwrap().open_thread();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    let mut erased = Vec::new();
    for _ in 0..3 {
        let update = fixture.poll(&cursor, Some(&open)).await;
        assert_eq!(update.is_empty(), update.erased.is_empty());
        erased.push(update.erased.len());
        cursor = update.cursor;
    }
    assert_eq!(erased, [1, 0, 0]);
}

/// P2, P3: a poll that commits its mark returns the messages that it marked. This holds even if the
/// commit of the mark is the change that puts the cursor too far behind.
#[tokio::test]
async fn p3_a_poll_returns_the_messages_that_it_marked() {
    let fixture = Fixture::over(Arc::new(NaiveStore::new()));
    fixture.ann().send("hello").await.unwrap();
    let cursor = fixture.cursor().await;
    for n in 0..MAX_POLL_CHANGES {
        fixture.kim().start(booking(&format!("other-{n}"))).await.unwrap();
    }
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 0))).await;
    assert_eq!(update.conversation.unwrap().messages.len(), 1);
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
}

/// P4: the recommended interval is 7.5 seconds.
#[test]
fn p4_the_recommended_interval_is_seven_and_a_half_seconds() {
    assert_eq!(POLL_INTERVAL, Duration::from_millis(7_500));
}

/// P2: a poll's answer is a snapshot taken after the poll's own mark.
#[tokio::test]
async fn p2_a_polls_answer_is_a_snapshot_after_its_own_mark() {
    let fixture = Fixture::new();
    let cursor = fixture.cursor().await;
    fixture.ann_with("b-2").send("hello").await.unwrap();
    fixture.ann().send("one").await.unwrap();
    fixture.ann_with("b-3").send(Draft::new("hello")).await.unwrap();
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 0))).await;
    assert_eq!(update.unread, 2);
    let page = fixture.kim().inbox(&PageRequest::first(10)).await.unwrap();
    let mut threads = update.threads.clone();
    frontdesk::inbox::sort(&mut threads);
    assert_eq!(threads, page.threads);
    assert_eq!(update.unread, page.unread);
    assert!(
        fixture.poll(&update.cursor, None).await.is_empty(),
        "the poll's own mark is reported as a change"
    );
}
