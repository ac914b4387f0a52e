//! A conversation on an operator's screen, which later answers keep up to date (A1, L3, P2, U3).

use frontdesk::{Draft, Role};

use crate::support::booking_id;
use crate::support::fixture::{Fixture, open_thread, text};

/// P2, U3: a screen shows its own reply at once. The next poll still returns what the
/// customer wrote before the reply. The thread is unread until that poll.
#[tokio::test]
async fn p2_a_reply_hides_no_earlier_message() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let cursor = fixture.cursor().await;
    let mut shown = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("two, not on the screen").await.unwrap();
    let draft = Draft::new("three").with_seen(shown.open_thread().shown);
    let sent = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    shown.insert(&sent);
    assert_eq!(shown.messages.last(), Some(&sent.message));
    assert_eq!(shown.thread, sent.thread);
    assert_eq!(sent.thread.unread(Role::Operator), 1);
    assert_eq!(shown.open_thread(), open_thread("b-1", 1));

    let update = fixture.poll(&cursor, Some(&shown.open_thread())).await;
    shown.apply(update.conversation.unwrap());
    let numbers: Vec<_> = shown.messages.iter().map(|message| message.number().get()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(shown.thread.unread(Role::Operator), 0);
    assert_eq!(shown.open_thread(), open_thread("b-1", 3));
}

/// P2: in whatever order the answers arrive, a screen shows messages in the order of their numbers
/// and keeps the newest head (the thread without its messages).
#[tokio::test]
async fn p2_a_screen_sorts_answers_that_arrive_in_another_order() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let mut shown = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let first = fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.ann().open().await.unwrap();
    let update = fixture.poll(&cursor, Some(&shown.open_thread())).await;
    let second = fixture.kim().reply(&booking_id("b-1"), "three").await.unwrap();

    shown.insert(&second);
    shown.insert(&first);
    shown.apply(update.conversation.unwrap());
    assert_eq!(shown.thread, second.thread);
    let texts: Vec<_> = shown.messages.iter().map(text).collect();
    assert_eq!(texts, ["one", "two", "three"]);

    // A late answer does not undo the customer's newer mark.
    fixture.ann().open().await.unwrap();
    let update = fixture.poll(&update.cursor, Some(&shown.open_thread())).await;
    shown.apply(update.conversation.unwrap());
    shown.insert(&second);
    assert_eq!(shown.thread, fixture.thread("b-1").await);
}

/// L3: if a thread was erased and starts again, a screen drops the erased messages. The screen
/// ignores erased messages that arrive late.
#[tokio::test]
async fn l3_a_screen_shows_no_message_from_before_an_erasure() {
    let fixture = Fixture::new();
    fixture.ann().send("erased").await.unwrap();
    let mut shown = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let late = fixture.kim().reply(&booking_id("b-1"), "erased too").await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("three").await.unwrap();
    let sent = fixture.kim().reply(&booking_id("b-1"), "four").await.unwrap();
    shown.insert(&sent);
    shown.insert(&late);
    assert_eq!(shown.messages, [sent.message]);
    assert_eq!(shown.thread, sent.thread);
    assert_eq!(shown.open_thread(), open_thread("b-1", 2), "the screen does not have message 3");
}

/// A1: a screen ignores answers about another conversation.
#[tokio::test]
async fn a1_a_screen_ignores_answers_about_another_conversation() {
    let fixture = Fixture::new();
    for id in ["b-1", "b-2"] {
        fixture.ann_with(id).send(id).await.unwrap();
    }
    let before = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let mut shown = before.clone();
    shown.insert(&fixture.kim().reply(&booking_id("b-2"), "elsewhere").await.unwrap());
    shown.apply(fixture.kim().open(&booking_id("b-2")).await.unwrap());
    assert_eq!(shown, before);
}
