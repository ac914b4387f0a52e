//! Read marks and unread counts (U1 to U4, P6).

use frontdesk::desk::{CustomerPoll, PageRequest};
use frontdesk::view::English;
use frontdesk::{Draft, MessageNumber, Role};
use time::UtcOffset;

use crate::support::fixture::{Fixture, open_thread, text};
use crate::support::{booking, booking_id, number};

/// U1: all operators share one read mark, and the customer has a separate one.
#[tokio::test]
async fn u1_each_side_has_one_mark() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.operator("u-0").open(&booking_id("b-1")).await.unwrap();
    assert_eq!(
        fixture.unread("b-1", Role::Operator).await,
        0,
        "another operator has read the message"
    );

    fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    assert_eq!(fixture.unread("b-1", Role::Customer).await, 1);
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 1);
    fixture.ann().open().await.unwrap();
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 0);
    let thread = fixture.thread("b-1").await;
    assert_eq!(thread.mark(Role::Customer).number(), number(2));
    assert_eq!(thread.mark(Role::Customer).set_at(), Some(fixture.now()));
}

/// U1: "read by the other side" shows the furthest mark, which never moves back.
#[tokio::test]
async fn u1_read_by_the_other_side_never_moves_back() {
    let fixture = Fixture::new();
    for text in ["one", "two", "three"] {
        fixture.ann().send(text).await.unwrap();
    }
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let thread = fixture.kim().mark_unread(&booking_id("b-1"), number(2)).await.unwrap();
    let mark = thread.mark(Role::Operator);
    assert_eq!((mark.number(), mark.furthest()), (number(1), number(3)));
    assert_eq!(thread.unread(Role::Operator), 2);

    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let view = fixture.ann().open().await.unwrap().view(&context).conversation;
    assert!(view.sections[0].entries.iter().all(|entry| entry.read));
}

/// U2: in a thread that was never read, all messages of the other side are unread.
#[tokio::test]
async fn u2_all_messages_of_the_other_side_are_unread_at_first() {
    let fixture = Fixture::new();
    fixture.kim().start(booking("b-1")).await.unwrap();
    for _ in 0..3 {
        fixture.kim().reply(&booking_id("b-1"), "hello?").await.unwrap();
    }
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 3);
    assert_eq!(
        fixture.unread("b-1", Role::Operator).await,
        0,
        "a side's own messages do not count"
    );
}

/// U3: opening marks the messages in its answer as read. A later message stays unread.
#[tokio::test]
async fn u3_opening_marks_what_its_answer_contains() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let answer = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("two").await.unwrap();
    assert_eq!(answer.messages.len(), 1);
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 1);
}

/// U3: reading the history marks no message as read.
#[tokio::test]
async fn u3_reading_the_history_marks_nothing() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let revision = fixture.revision().await;
    let kim = fixture.kim();
    let history = kim.history(&booking_id("b-1"), None, 10).await.unwrap();
    assert_eq!((history.messages.len(), history.thread.unread(Role::Operator)), (1, 1));
    fixture.ann().history(None, 10).await.unwrap();
    assert_eq!(fixture.revision().await, revision);
}

/// U3: sending marks every earlier message as read.
#[tokio::test]
async fn u3_sending_marks_every_earlier_message() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let sent = fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 0);
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(2));
}

/// U3: a draft can name the last number that its screen showed. If the other side wrote after that
/// number, sending marks only up to that number.
#[tokio::test]
async fn u3_sending_marks_only_what_the_screen_showed() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    fixture.ann().send("three, not on the screen").await.unwrap();
    let draft = Draft::new("four").with_seen(number(2));
    let sent = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 1);
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(2));

    // The customer wrote nothing after message 3, so the operators' own messages are marked too.
    let draft = Draft::new("five").with_seen(number(3));
    let sent = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(5));
    assert_eq!(sent.thread.unread(Role::Operator), 0);

    // If the screen showed nothing, sending marks nothing.
    fixture.ann().send("six").await.unwrap();
    let draft = Draft::new("seven").with_seen(MessageNumber::START);
    let sent = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 1);
}

/// U3: a poll marks only if its answer contains a message of the other side.
#[tokio::test]
async fn u3_a_poll_without_a_message_of_the_other_side_does_not_mark() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let cursor = fixture.cursor().await;
    fixture
        .operator("u-0")
        .reply(&booking_id("b-1"), Draft::new("two").with_seen(number(0)))
        .await
        .unwrap();
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 1))).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.messages.len(), 1);
    assert_eq!(conversation.thread.mark(Role::Operator).number(), MessageNumber::START);
    assert_eq!(update.unread, 1);
}

/// U3, P3: for both sides, a poll that returns only the side's own messages marks nothing.
#[tokio::test]
async fn u3_a_poll_with_only_own_messages_marks_nothing() {
    let fixture = Fixture::new();
    let (ann, kim, id) = (fixture.ann(), fixture.kim(), booking_id("b-1"));
    // A draft whose screen showed nothing does not move the sender's mark.
    let unseen = |text: &str| Draft::new(text).with_seen(MessageNumber::START);
    ann.send("one").await.unwrap();
    kim.reply(&id, "two").await.unwrap();
    let opened = ann.open().await.unwrap();

    let cursor = fixture.cursor().await;
    ann.send(unseen("three")).await.unwrap();
    let before = fixture.thread("b-1").await.mark(Role::Customer);
    let polled = ann.poll(opened.cursor()).await.unwrap();
    assert!(matches!(polled, CustomerPoll::Update(update) if update.message_count() == 1));
    let after = fixture.thread("b-1").await.mark(Role::Customer);
    assert_eq!((before.number(), after), (number(2), before));

    fixture.admin().erase(&id).await.unwrap();
    ann.send("four").await.unwrap();
    kim.reply(&id, unseen("five")).await.unwrap();
    let before = fixture.thread("b-1").await.mark(Role::Operator);
    let update = fixture.poll(&cursor, Some(&open_thread("b-1", 4))).await;
    let new = update.conversation.map(|conversation| conversation.messages.len());
    assert_eq!((new, update.unread), (Some(1), 1));
    assert_eq!(fixture.thread("b-1").await.mark(Role::Operator), before);
}

/// U3: the history before the first message is empty, and its view says that there is
/// nothing earlier.
#[tokio::test]
async fn u3_the_history_before_the_first_message_is_empty() {
    let fixture = Fixture::new();
    for text in ["one", "two"] {
        fixture.ann().send(text).await.unwrap();
    }
    let history = fixture.ann().history(Some(number(1)), 10).await.unwrap();
    assert_eq!(history.message_count(), 0);
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    assert!(!history.view(&context).page_info.has_earlier);
}

/// U3, P6: marking what is already marked commits nothing and emits no event.
#[tokio::test]
async fn p6_marking_what_is_already_marked_commits_nothing() {
    let fixture = Fixture::new();
    for text in ["one", "two"] {
        fixture.ann().send(text).await.unwrap();
    }
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.take_event_log();
    let (before, revision) = (fixture.thread("b-1").await, fixture.revision().await);
    fixture.advance(60);

    let id = booking_id("b-1");
    fixture.kim().mark_read(&id, number(1)).await.unwrap();
    fixture.kim().mark_read(&id, number(2)).await.unwrap();
    fixture.kim().open(&id).await.unwrap();
    fixture.kim().start(booking("b-1")).await.unwrap();
    fixture.admin().refresh(&booking("b-1").into()).await.unwrap();
    let again = fixture.poll(&fixture.cursor().await, Some(&open_thread("b-1", 2))).await;
    assert!(again.conversation.is_none_or(|conversation| conversation.messages.is_empty()));

    assert_eq!(fixture.thread("b-1").await, before, "the mark or its time changed");
    assert_eq!(fixture.revision().await, revision);
    assert_eq!(fixture.take_event_log(), [""; 0]);

    fixture.kim().mark_unread(&id, number(1)).await.unwrap();
    let revision = fixture.revision().await;
    fixture.kim().mark_unread(&id, number(2)).await.unwrap();
    assert_eq!(fixture.revision().await, revision, "message 2 was already unread");
}

/// U4: a location's number of unread threads counts each thread with unread customer messages once.
#[tokio::test]
async fn u4_a_location_counts_unread_threads_not_unread_messages() {
    let fixture = Fixture::new();
    for id in ["b-1", "b-2", "b-2", "b-2"] {
        fixture.ann_with(id).send("hello").await.unwrap();
    }
    fixture.kim().start(booking("b-3")).await.unwrap();
    fixture.kim().reply(&booking_id("b-3"), "hello").await.unwrap();
    let unread = async || fixture.kim().inbox(&PageRequest::first(10)).await.unwrap().unread;
    assert_eq!(unread().await, 2);
    fixture.kim().open(&booking_id("b-2")).await.unwrap();
    assert_eq!(unread().await, 1);
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    assert_eq!(unread().await, 0);
}

/// P3: a poll marks the customer's new messages in the open conversation.
#[tokio::test]
async fn p3_a_poll_marks_the_open_conversation() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.ann().send("two").await.unwrap();
    fixture.take_event_log();

    let update = fixture.poll(&cursor, Some(&opened.open_thread())).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(text(conversation.messages.last().unwrap()), "two");
    assert_eq!(conversation.thread.unread(Role::Operator), 0);
    assert_eq!((update.unread, update.threads.len()), (0, 1));
    assert_eq!(update.threads[0], conversation.thread, "the list and the conversation differ");
    assert_eq!(fixture.take_event_log(), ["read by operator to 2"]);
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
}
