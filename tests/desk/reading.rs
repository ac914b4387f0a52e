//! Read marks and unread counts (U1 to U4, P6).

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::{Draft, MessageNumber, Role};

use crate::story::{Story, a_booking, booking, number, open};

/// U1: the operators share a mark; the customer has their own.
#[tokio::test]
async fn u1_each_side_has_one_mark() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    story.nameless().open(&booking("b-1")).await.unwrap();
    assert_eq!(story.unread("b-1", Role::Operator).await, 0, "a colleague read it");

    story.kim().reply(&booking("b-1"), "two").await.unwrap();
    assert_eq!(story.unread("b-1", Role::Customer).await, 1);
    assert_eq!(story.ann().unread().await.unwrap(), 1);
    story.ann().visit().await.unwrap();
    assert_eq!(story.ann().unread().await.unwrap(), 0);
    let thread = story.thread("b-1").await;
    assert_eq!(thread.mark(Role::Customer).number(), number(2));
    assert_eq!(thread.mark(Role::Customer).set_at(), Some(story.desk.now()));
}

/// U1: the furthest a side has read never goes back, and is what the other sees.
#[tokio::test]
async fn u1_read_by_the_other_side_never_goes_back() {
    let story = Story::new();
    for text in ["one", "two", "three"] {
        story.ann().send(text).await.unwrap();
    }
    story.kim().open(&booking("b-1")).await.unwrap();
    let thread = story.kim().mark_unread(&booking("b-1"), number(2)).await.unwrap();
    let mark = thread.mark(Role::Operator);
    assert_eq!((mark.number(), mark.furthest()), (number(1), number(3)));
    assert_eq!(thread.unread(Role::Operator), 2);

    let offset = time::UtcOffset::UTC;
    let screen = story.desk.screen(&offset, &frontdesk::view::English);
    let view = story.ann().visit().await.unwrap().view(&screen).conversation;
    assert!(view.sections[0].entries.iter().all(|entry| entry.read));
}

/// U2: a thread never read counts all of the other side's messages.
#[tokio::test]
async fn u2_a_thread_never_read_counts_all_of_the_other_sides() {
    let story = Story::new();
    story.kim().start(a_booking("b-1")).await.unwrap();
    for _ in 0..3 {
        story.kim().reply(&booking("b-1"), "hello?").await.unwrap();
    }
    assert_eq!(story.ann().unread().await.unwrap(), 3);
    assert_eq!(story.unread("b-1", Role::Operator).await, 0, "one's own do not count");
}

/// U3: opening reads what its answer contains; what comes after stays unread.
#[tokio::test]
async fn u3_opening_reads_what_its_answer_contains() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let answer = story.kim().open(&booking("b-1")).await.unwrap();
    story.ann().send("two").await.unwrap();
    assert_eq!(answer.messages.len(), 1);
    assert_eq!(story.unread("b-1", Role::Operator).await, 1);
}

/// U3: looking at the history marks nothing.
#[tokio::test]
async fn u3_history_marks_nothing() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let revision = story.revision().await;
    let kim = story.kim();
    let history = kim.history(&booking("b-1"), None, 10).await.unwrap();
    assert_eq!((history.messages.len(), history.thread.unread(Role::Operator)), (1, 1));
    story.ann().history(None, 10).await.unwrap();
    assert_eq!(story.revision().await, revision);
}

/// U3: sending reads everything before it.
#[tokio::test]
async fn u3_sending_reads_everything_before_it() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let sent = story.kim().reply(&booking("b-1"), "two").await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 0);
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(2));
}

/// U3: a draft that names the last number its screen showed reads only up to
/// there when the other side wrote after it, whatever the operators wrote between.
#[tokio::test]
async fn u3_a_draft_reads_only_what_its_screen_showed() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    story.kim().reply(&booking("b-1"), "two").await.unwrap();
    story.ann().send("three, not on the screen").await.unwrap();
    let draft = Draft::new("four").having_seen(number(2));
    let sent = story.kim().reply(&booking("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 1);
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(2));

    // Nothing of the customer came after 3: a colleague's reply does not hide it.
    let draft = Draft::new("five").having_seen(number(3));
    let sent = story.kim().reply(&booking("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.mark(Role::Operator).number(), number(5));
    assert_eq!(sent.thread.unread(Role::Operator), 0);

    // A screen that showed nothing reads nothing.
    story.ann().send("six").await.unwrap();
    let draft = Draft::new("seven").having_seen(MessageNumber::START);
    let sent = story.kim().reply(&booking("b-1"), draft).await.unwrap();
    assert_eq!(sent.thread.unread(Role::Operator), 1);
}

/// U3: polling marks only when the answer contains a message of the other side.
#[tokio::test]
async fn u3_polling_marks_only_for_a_message_of_the_other_side() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let cursor = story.cursor().await;
    story
        .nameless()
        .reply(&booking("b-1"), Draft::new("two").having_seen(number(0)))
        .await
        .unwrap();
    let update = story.poll(&cursor, Some(&open("b-1", 1))).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.messages.len(), 1);
    assert_eq!(conversation.thread.mark(Role::Operator).number(), MessageNumber::START);
    assert_eq!(update.unread, 1);
}

/// U3, P6: marks do not move back, and marking what is marked commits nothing.
#[tokio::test]
async fn p6_marking_what_is_marked_commits_nothing() {
    let story = Story::new();
    for text in ["one", "two"] {
        story.ann().send(text).await.unwrap();
    }
    story.kim().open(&booking("b-1")).await.unwrap();
    story.heard();
    let (before, revision) = (story.thread("b-1").await, story.revision().await);
    story.wait(60);

    let id = booking("b-1");
    story.kim().mark_read(&id, number(1)).await.unwrap();
    story.kim().mark_read(&id, number(2)).await.unwrap();
    story.kim().open(&id).await.unwrap();
    story.kim().start(a_booking("b-1")).await.unwrap();
    story.location().refresh(&a_booking("b-1")).await.unwrap();
    let again = story.poll(&story.cursor().await, Some(&open("b-1", 2))).await;
    assert!(again.conversation.is_none_or(|open| open.messages.is_empty()));

    assert_eq!(story.thread("b-1").await, before, "no new time on the mark either");
    assert_eq!(story.revision().await, revision);
    assert_eq!(story.heard(), [""; 0]);

    story.kim().mark_unread(&id, number(1)).await.unwrap();
    let revision = story.revision().await;
    story.kim().mark_unread(&id, number(2)).await.unwrap();
    assert_eq!(story.revision().await, revision, "it was unread already");
}

/// U4: a location's unread number counts threads, not messages, and only those
/// with a message of the customer.
#[tokio::test]
async fn u4_the_unread_number_counts_threads() {
    let story = Story::new();
    for id in ["b-1", "b-2", "b-2", "b-2"] {
        story.customer(id).send("hello").await.unwrap();
    }
    story.kim().start(a_booking("b-3")).await.unwrap();
    story.kim().reply(&booking("b-3"), "hello").await.unwrap();
    let inbox = |story: &Story| {
        let kim = story.kim();
        async move { kim.inbox(&PageRequest::first(10)).await.unwrap() }
    };
    assert_eq!(inbox(&story).await.unread, 2);
    story.kim().open(&booking("b-2")).await.unwrap();
    assert_eq!(inbox(&story).await.unread, 1);
    story.location().erase(&booking("b-1")).await.unwrap();
    assert_eq!(inbox(&story).await.unread, 0);
}

/// P3: new messages of the customer in the open conversation are read by the poll.
#[tokio::test]
async fn p3_a_poll_reads_the_open_conversation() {
    let story = Story::new();
    story.ann().send("one").await.unwrap();
    let opened = story.kim().open(&booking("b-1")).await.unwrap();
    let cursor = story.cursor().await;
    story.ann().send("two").await.unwrap();
    story.heard();

    let answer = story.kim().poll(&cursor, Some(&opened.to_open())).await.unwrap();
    let OperatorPoll::Update(update) = answer else { panic!("it goes on") };
    let conversation = update.conversation.unwrap();
    assert_eq!(conversation.messages.last().unwrap().body().as_str(), "two");
    assert_eq!(conversation.thread.unread(Role::Operator), 0);
    assert_eq!((update.unread, update.threads.len()), (0, 1));
    assert_eq!(update.threads[0], conversation.thread, "one picture");
    assert_eq!(story.heard(), ["operator read to 2"]);
    assert_eq!(story.unread("b-1", Role::Operator).await, 0);
}
