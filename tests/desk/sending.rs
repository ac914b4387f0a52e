//! Sending and sending again (I1 to I4, W2, W3, L4, T4, T5).

use frontdesk::desk::Messaging;
use frontdesk::store::{Commit, CommitOutcome, ThreadState, ThreadStore};
use frontdesk::view::English;
use frontdesk::{BodyError, DeskError, Draft, Role, Timestamp};
use time::UtcOffset;

use crate::story::{Story, booking, key, number};

/// I3: numbered from 1 without gaps, whoever writes.
#[tokio::test]
async fn i3_messages_are_numbered_without_gaps() {
    let story = Story::new();
    for expected in 1..=6 {
        let sent = if expected % 3 == 1 {
            story.ann().send("hello").await.unwrap().number()
        } else {
            story.kim().reply(&booking("b-1"), "hi").await.unwrap().message.number()
        };
        assert_eq!(sent, number(expected));
    }
}

/// I4: a retry gives back the stored message and does nothing else.
#[tokio::test]
async fn i4_a_retry_gives_back_the_message_and_does_nothing_else() {
    let story = Story::new();
    let draft = Draft::new(" Hello\r\n").with_key(key("k"));
    let first = story.ann().send(draft.clone()).await.unwrap();
    story.kim().reply(&booking("b-1"), "An answer the customer has not seen").await.unwrap();
    story.heard();
    let (before, revision) = (story.thread("b-1").await, story.revision().await);

    // Typed alike after T1 is the same text.
    let again = story.ann().send(Draft::new("Hello").with_key(key("k"))).await.unwrap();
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(again.number(), first.number());

    assert_eq!(story.heard(), [""; 0], "a replay tells no listener");
    assert_eq!(story.revision().await, revision, "a replay commits nothing");
    assert_eq!(story.thread("b-1").await, before, "a replay marks nothing");
}

/// I4: the same key with another text is an error, and the first message stays.
#[tokio::test]
async fn i4_a_key_with_another_text_is_an_error() {
    let story = Story::new();
    story.ann().send(Draft::new("one").with_key(key("k"))).await.unwrap();
    let error = story.ann().send(Draft::new("two").with_key(key("k"))).await.unwrap_err();
    assert!(matches!(error, DeskError::KeyReused));
    assert_eq!(story.thread("b-1").await.message_count(), 1);
}

/// I4: a key is unique per thread, side and author, so that others may have it.
#[tokio::test]
async fn i4_a_key_is_of_one_thread_side_and_author() {
    let story = Story::new();
    let draft = Draft::new("hello").with_key(key("k"));
    story.ann().send(draft.clone()).await.unwrap();
    assert!(!story.customer("b-2").send(draft.clone()).await.unwrap().is_replayed());
    assert!(!story.kim().reply(&booking("b-1"), draft.clone()).await.unwrap().is_replayed());
    assert!(!story.nameless().reply(&booking("b-1"), draft).await.unwrap().is_replayed());
    assert_eq!(story.thread("b-1").await.message_count(), 3);
}

/// L4, I4: where messaging is off a customer reads, and gets an error on sending;
/// a replayed key is still answered; operators do both.
#[tokio::test]
async fn l4_messaging_off_stops_new_messages_of_customers() {
    let story = Story::new();
    let draft = Draft::new("hello").with_key(key("k"));
    story.ann().send(draft.clone()).await.unwrap();

    let ann = story.ann().with_messaging(Messaging::Off);
    assert!(matches!(ann.send("more").await.unwrap_err(), DeskError::MessagingOff));
    let other_key = Draft::new("more").with_key(key("k-2"));
    assert!(matches!(ann.send(other_key).await.unwrap_err(), DeskError::MessagingOff));
    assert!(ann.send(draft).await.unwrap().is_replayed());
    let changed = Draft::new("other").with_key(key("k"));
    assert!(matches!(ann.send(changed).await.unwrap_err(), DeskError::KeyReused));

    assert_eq!(ann.visit().await.unwrap().message_count(), 1);
    story.kim().reply(&booking("b-1"), "hi").await.unwrap();
    assert_eq!(story.thread("b-1").await.message_count(), 2);
}

/// I4, I3: in a full thread a replay is still answered, a new message is not taken,
/// and an erased one is not started again: no number names two messages.
#[tokio::test]
async fn i4_a_replay_is_answered_in_a_full_thread() {
    let story = Story::new();
    let full = frontdesk::Tombstone {
        id: frontdesk::ThreadId::new(crate::story::here(), booking("b-1")),
        last: number(u32::try_from(i32::MAX).unwrap() - 1),
    };
    let commit = Commit::new(ThreadState::Erased(full), None);
    assert!(matches!(story.store.commit(commit).await, Ok(CommitOutcome::Committed(_))));

    let draft = Draft::new("the last").with_key(key("k"));
    let sent = story.ann().send(draft.clone()).await.unwrap();
    assert_eq!(sent.number(), frontdesk::MessageNumber::MAX);
    let again = story.ann().send(draft.clone()).await.unwrap();
    assert!(again.is_replayed() && again.number() == sent.number());
    assert!(matches!(story.ann().send("more").await, Err(DeskError::ThreadFull(_))));

    story.location().erase(&booking("b-1")).await.unwrap();
    assert!(matches!(story.ann().send(draft).await, Err(DeskError::ThreadFull(_))));
    let start = story.kim().start(crate::story::a_booking("b-1")).await;
    assert!(matches!(start, Err(DeskError::ThreadFull(_))));
}

/// W2, W3: times are the desk's clock's; one that steps back is clamped to the
/// message before, or to the thread's creation.
#[tokio::test]
async fn w3_a_clock_that_steps_back_is_clamped() {
    let story = Story::new();
    story.kim().start(crate::story::a_booking("b-1")).await.unwrap();
    let created = story.desk.now();
    story.set_clock(Timestamp::MIN);
    let first = story.kim().reply(&booking("b-1"), "one").await.unwrap();
    assert_eq!(first.message.sent_at(), created);

    story.set_clock(Timestamp::MAX);
    story.ann().send("two").await.unwrap();
    story.set_clock(created);
    let third = story.kim().reply(&booking("b-1"), "three").await.unwrap();
    assert_eq!(third.message.sent_at(), Timestamp::MAX);
    // Nothing panics on showing it.
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    let view = story.kim().open(&booking("b-1")).await.unwrap().view(&screen);
    let headings: Vec<_> = view.sections.iter().map(|s| s.heading.as_str()).collect();
    assert_eq!(headings, ["Today", "Friday, Dec 31, 9999"]);
}

/// W2: two desks with two clocks do not hear of each other's.
#[tokio::test]
async fn w2_the_clock_is_the_one_that_is_passed_in() {
    let story = Story::new();
    story.set_clock(Timestamp::UNIX_EPOCH);
    let sent = story.ann().send("hello").await.unwrap();
    let view = sent.view(&story.desk.screen(&UtcOffset::UTC, &English));
    assert_eq!(view.sent_at.timestamp(), Timestamp::UNIX_EPOCH);
    assert_eq!(view.time.as_str(), "12:00 AM");
}

/// T4: the host's limit holds for new messages; what was accepted under another
/// is still read and replayed (T8).
#[tokio::test]
async fn t4_the_host_sets_the_limit_for_new_messages() {
    let story = Story::new();
    let draft = Draft::new("12345").with_key(key("k"));
    story.ann().send(draft.clone()).await.unwrap();

    let stricter = Story::over(story.store.clone(), |builder| builder.max_body_chars(4));
    let error = stricter.ann().send("12345").await.unwrap_err();
    let too_long = BodyError::TooLong { chars: 5, limit: 4 };
    assert!(matches!(error, DeskError::Body(error) if error == too_long));
    assert!(stricter.ann().send(draft).await.unwrap().is_replayed());
    assert_eq!(stricter.unread("b-1", Role::Operator).await, 1);
}

/// T5: nobody's markup survives encoding, neither the customer's nor the
/// operator's, and what they typed is stored as typed.
#[tokio::test]
async fn t5_html_is_encoded_for_both_sides() {
    let story = Story::new();
    let typed = "<b>&lt; &amp;amp; \"it's\"</b>";
    let encoded = "&lt;b&gt;&amp;lt; &amp;amp;amp; &quot;it&#x27;s&quot;&lt;&#x2f;b&gt;";
    story.ann().send(typed).await.unwrap();
    story.kim().reply(&booking("b-1"), typed).await.unwrap();
    let screen = story.desk.screen(&UtcOffset::UTC, &English);
    let operators = story.kim().open(&booking("b-1")).await.unwrap().view(&screen);
    let customers = story.ann().visit().await.unwrap().view(&screen).conversation;
    let entries = operators.sections[0].entries.iter().map(|entry| &entry.entry);
    for entry in entries.chain(&customers.sections[0].entries) {
        assert_eq!((entry.text.as_str(), &*entry.html.to_string()), (typed, encoded));
    }
}
