//! Polling (P1, P2, P4, P7).

use std::sync::Arc;
use std::time::Duration;

use frontdesk::desk::{CustomerPoll, MAX_BEHIND, OperatorPoll, POLL_INTERVAL, PageRequest};
use frontdesk::view::English;
use frontdesk::{Draft, FrontDesk, Role};
use time::UtcOffset;

use crate::story::{Story, a_booking, booking, here, number, open, person};
use crate::support::naive::NaiveStore;

/// P1: revisions rise with each commit, and what is committed is seen.
#[tokio::test]
async fn p1_each_commit_takes_a_higher_revision() {
    let story = Story::new();
    let mut before = story.revision().await;
    for n in 0..5 {
        story.customer(&format!("b-{}", n % 2)).send("hello").await.unwrap();
        let after = story.revision().await;
        assert!(after > before);
        before = after;
    }
}

/// P2: each changed thread once, in its latest state; then nothing.
#[tokio::test]
async fn p2_a_poll_brings_each_changed_thread_once() {
    let story = Story::new();
    let cursor = story.cursor().await;
    for id in ["b-1", "b-2", "b-1", "b-1"] {
        story.customer(id).send("hello").await.unwrap();
    }
    let update = story.poll(&cursor, None).await;
    let got: Vec<_> =
        update.threads.iter().map(|t| (t.id().booking.to_string(), t.message_count())).collect();
    assert_eq!(got, [("b-2".to_owned(), 1), ("b-1".to_owned(), 3)]);
    assert_eq!(update.unread, 2);
    assert!(story.poll(&update.cursor, None).await.is_empty());
}

/// P2: a conversation that is opened while a poll is under way misses nothing:
/// its message is older than the cursor, and still comes.
#[tokio::test]
async fn p2_a_conversation_opened_during_a_poll_misses_nothing() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let opened = story.kim().open(&booking("b-1")).await.unwrap();
    story.ann().send("two").await.unwrap();
    // A poll that was sent before the conversation was opened answers now.
    let cursor = story.cursor().await;
    let update = story.poll(&cursor, Some(&opened.to_open())).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.messages[0].number(), number(2));
    assert_eq!(conversation.thread.unread(Role::Operator), 0);
    assert!(story.poll(&update.cursor, Some(&conversation.to_open())).await.is_empty());
}

/// P2: more new messages than an answer holds come with the next polls, each once; and
/// until the last of them the thread counts as unread (U4).
#[tokio::test]
async fn p2_a_conversation_far_behind_catches_up_over_polls() {
    let story = Story::new();
    story.kim().start(a_booking("b-1")).await.unwrap();
    let opened = story.kim().open(&booking("b-1")).await.unwrap();
    let customers = story.ann().visit().await.unwrap();
    let (mut cursor, mut showing) = (story.cursor().await, opened.to_open());
    for _ in 0..450 {
        story.ann().send("hello").await.unwrap();
    }
    let mut got = Vec::new();
    loop {
        let update = story.poll(&cursor, Some(&showing)).await;
        let Some(conversation) = update.conversation else { break };
        assert_eq!(update.unread, u64::from(conversation.thread.awaits_operator()));
        got.extend(conversation.messages.iter().map(|message| message.number().get()));
        (showing, cursor) = (conversation.to_open(), update.cursor);
    }
    assert_eq!(got, (1..=450).collect::<Vec<_>>());
    assert_eq!(story.unread("b-1", Role::Operator).await, 0);

    let (mut count, mut cursor) = (0, customers.cursor().clone());
    while count < 450 {
        let CustomerPoll::Update(answer) = story.ann().poll(&cursor).await.unwrap() else {
            panic!("it goes on")
        };
        assert!(answer.message_count() > 0, "stuck at {count}");
        count += answer.message_count();
        cursor = answer.cursor().clone();
    }
}

/// P2, P3: a customer's poll is the same for one thread, and reads it.
#[tokio::test]
async fn p2_a_customers_poll_is_the_same_for_one_thread() {
    let story = Story::new();
    let cursor = story.ann().visit().await.unwrap().cursor().clone();
    story.kim().start(a_booking("b-1")).await.unwrap();
    story.kim().reply(&booking("b-1"), "one").await.unwrap();
    story.heard();

    let CustomerPoll::Update(answer) = story.ann().poll(&cursor).await.unwrap() else {
        panic!("it goes on")
    };
    assert_eq!(answer.message_count(), 1);
    assert_eq!(story.heard(), ["customer read to 1"]);
    assert_eq!(story.ann().unread().await.unwrap(), 0);

    // The receipt of one's own message comes without a new message.
    story.ann().send("two").await.unwrap();
    let CustomerPoll::Update(answer) = story.ann().poll(answer.cursor()).await.unwrap() else {
        panic!("it goes on")
    };
    story.kim().open(&booking("b-1")).await.unwrap();
    let CustomerPoll::Update(receipt) = story.ann().poll(answer.cursor()).await.unwrap() else {
        panic!("it goes on")
    };
    assert_eq!(receipt.message_count(), 0);
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    assert_eq!(receipt.view(&screen).conversation.read_to, number(2));
}

/// P2, U3: a message sent from a screen is shown at once and once, and what the
/// customer wrote in between still comes, unread until then.
#[tokio::test]
async fn p2_a_message_just_sent_hides_nothing_before_it() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let cursor = story.cursor().await;
    let mut shown = story.kim().open(&booking("b-1")).await.unwrap();
    story.ann().send("two, not on the screen").await.unwrap();
    let draft = Draft::new("three").having_seen(shown.to_open().shown);
    let sent = story.kim().reply(&booking("b-1"), draft).await.unwrap();
    shown.insert(&sent);
    assert_eq!(shown.messages.last(), Some(&sent.message));
    assert_eq!(shown.thread, sent.thread);
    assert_eq!(sent.thread.unread(Role::Operator), 1);
    assert_eq!(shown.to_open(), open("b-1", 1));

    let update = story.poll(&cursor, Some(&shown.to_open())).await;
    shown.apply(update.conversation.unwrap());
    let numbers: Vec<_> = shown.messages.iter().map(|message| message.number().get()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(shown.thread.unread(Role::Operator), 0);
    assert_eq!(shown.to_open(), open("b-1", 3));
}

/// P2: replies that arrive in another order than they were sent in are shown in
/// theirs, under the newest head.
#[tokio::test]
async fn p2_replies_may_arrive_in_any_order() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let mut shown = story.kim().open(&booking("b-1")).await.unwrap();
    let first = story.kim().reply(&booking("b-1"), "two").await.unwrap();
    let cursor = story.cursor().await;
    story.ann().visit().await.unwrap();
    let update = story.poll(&cursor, Some(&shown.to_open())).await;
    let second = story.kim().reply(&booking("b-1"), "three").await.unwrap();

    shown.insert(&second);
    shown.insert(&first);
    shown.apply(update.conversation.unwrap());
    assert_eq!(shown.thread, second.thread);
    let texts: Vec<_> = shown.messages.iter().map(|message| message.body().as_str()).collect();
    assert_eq!(texts, ["one", "two", "three"]);

    // What the customer has read since stays read.
    story.ann().visit().await.unwrap();
    let update = story.poll(&update.cursor, Some(&shown.to_open())).await;
    shown.apply(update.conversation.unwrap());
    shown.insert(&second);
    assert_eq!(shown.thread, story.thread("b-1").await);
}

/// L3: a screen keeps nothing of an earlier life of its thread, nor takes anything of
/// it that arrives late.
#[tokio::test]
async fn l3_a_screen_shows_one_life_of_a_thread() {
    let story = Story::new();
    story.ann().send("erased").await.unwrap();
    let mut shown = story.kim().open(&booking("b-1")).await.unwrap();
    let late = story.kim().reply(&booking("b-1"), "erased too").await.unwrap();
    story.location().erase(&booking("b-1")).await.unwrap();
    story.ann().send("three").await.unwrap();
    let sent = story.kim().reply(&booking("b-1"), "four").await.unwrap();
    shown.insert(&sent);
    shown.insert(&late);
    assert_eq!(shown.messages, [sent.message]);
    assert_eq!(shown.thread, sent.thread);
    assert_eq!(shown.to_open(), open("b-1", 2), "three is still to come");
}

/// A1: what is of another conversation does not get into this one.
#[tokio::test]
async fn a1_a_screen_takes_nothing_of_another_conversation() {
    let story = Story::new();
    for id in ["b-1", "b-2"] {
        story.customer(id).send(id).await.unwrap();
    }
    let before = story.kim().open(&booking("b-1")).await.unwrap();
    let mut shown = before.clone();
    shown.insert(&story.kim().reply(&booking("b-2"), "elsewhere").await.unwrap());
    shown.apply(story.kim().open(&booking("b-2")).await.unwrap());
    assert_eq!(shown, before);
}

/// P2: the erasure of the open conversation is told once.
#[tokio::test]
async fn p2_an_erasure_is_told_once() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let cursor = story.cursor().await;
    story.location().erase(&booking("b-1")).await.unwrap();
    let update = story.poll(&cursor, Some(&open("b-1", 1))).await;
    assert_eq!(update.erased.len(), 1);
    assert!(!update.is_empty());
    let again = story.poll(&update.cursor, Some(&open("b-1", 1))).await;
    assert!(again.is_empty(), "{again:?}");
}

/// P2, P3: a mark that is made is answered for, also when it is itself the change
/// that puts the cursor too far behind.
#[tokio::test]
async fn p3_a_poll_that_marked_brings_what_it_marked() {
    let store = Arc::new(NaiveStore::new());
    let desk = FrontDesk::new(Arc::clone(&store));
    let kim = desk.operator(here(), person("kim"), None);
    desk.customer(here(), a_booking("b-1"), person("ann"), None).send("hello").await.unwrap();
    let cursor = kim.inbox(&PageRequest::first(9)).await.unwrap().cursor;
    for n in 0..MAX_BEHIND {
        kim.start(a_booking(&format!("other-{n}"))).await.unwrap();
    }
    let answer = kim.poll(&cursor, Some(&open("b-1", 0))).await.unwrap();
    let OperatorPoll::Update(update) = answer else { panic!("it has marked, and says nothing") };
    assert_eq!(update.conversation.unwrap().messages.len(), 1);
    let thread = kim.history(&booking("b-1"), None, 1).await.unwrap().thread;
    assert_eq!(thread.unread(Role::Operator), 0);
}

/// P4: the recommended interval.
#[test]
fn p4_the_recommended_interval_is_seven_and_a_half_seconds() {
    assert_eq!(POLL_INTERVAL, Duration::from_millis(7_500));
}

/// P7: a cursor ahead of the location, or of another epoch, starts over, with a
/// cursor that goes on.
#[tokio::test]
async fn p7_a_restored_backup_makes_everybody_start_over() {
    let story = Story::new();
    for _ in 0..3 {
        story.ann().send("lost with the backup").await.unwrap();
    }
    let (ahead, visited) = (story.cursor().await, story.ann().visit().await.unwrap());

    for epoch in [0, 1] {
        let restored = Story::with(|builder| builder.epoch(epoch));
        restored.ann().send("what the backup had").await.unwrap();
        let answer = restored.kim().poll(&ahead, None).await.unwrap();
        let OperatorPoll::StartOver { cursor } = answer else {
            panic!("epoch {epoch}: it cannot go on")
        };
        assert!(restored.poll(&cursor, None).await.is_empty());
        let customer = restored.ann().poll(visited.cursor()).await.unwrap();
        assert_eq!(customer, CustomerPoll::StartOver, "epoch {epoch}");
    }

    // Another epoch, though the numbers would fit.
    let other = Story::with(|builder| builder.epoch(7));
    for _ in 0..9 {
        other.ann().send("of another life").await.unwrap();
    }
    assert!(matches!(
        other.kim().poll(&ahead, None).await.unwrap(),
        OperatorPoll::StartOver { .. }
    ));
    assert_eq!(other.ann().poll(visited.cursor()).await.unwrap(), CustomerPoll::StartOver);

    // A screen that shows what is not there.
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let cursor = story.cursor().await;
    let answer = story.kim().poll(&cursor, Some(&open("b-1", 2))).await.unwrap();
    assert!(matches!(answer, OperatorPoll::StartOver { .. }));
}

/// P7: a cursor 1,000 threads behind goes on; one more starts over.
#[tokio::test]
async fn p7_more_than_a_thousand_threads_behind_starts_over() {
    let story = Story::new();
    let cursor = story.cursor().await;
    for n in 0..MAX_BEHIND {
        story.kim().start(a_booking(&format!("b-{n}"))).await.unwrap();
    }
    assert_eq!(story.poll(&cursor, None).await.threads.len(), MAX_BEHIND);
    story.kim().start(a_booking("one-more")).await.unwrap();
    let answer = story.kim().poll(&cursor, None).await.unwrap();
    let OperatorPoll::StartOver { cursor } = answer else { panic!("it is too far behind") };
    assert!(story.poll(&cursor, None).await.is_empty());
}

/// P2: the picture is as of after the poll's own mark, with others' changes too.
#[tokio::test]
async fn p2_the_picture_is_as_of_after_the_polls_own_mark() {
    let story = Story::new();
    let cursor = story.cursor().await;
    story.customer("b-2").send("hello").await.unwrap();
    story.ann().send("one").await.unwrap();
    story.customer("b-3").send(Draft::new("hello")).await.unwrap();
    let update = story.poll(&cursor, Some(&open("b-1", 0))).await;
    assert_eq!(update.unread, 2);
    let page = story.kim().inbox(&PageRequest::first(10)).await.unwrap();
    let mut built = update.threads.clone();
    frontdesk::inbox::sort(&mut built);
    assert_eq!(built, page.threads);
    assert_eq!(update.unread, page.unread);
    assert!(story.poll(&update.cursor, None).await.is_empty(), "its own mark is not news");
}
