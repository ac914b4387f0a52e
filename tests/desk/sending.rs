//! Messages, retries, the clock and the body limit (I3, I4, L4, L5, W2, W3, T4, T5).

use frontdesk::Messaging;
use frontdesk::store::{Commit, CommitOutcome, ThreadState, ThreadStore};
use frontdesk::view::{DateSection, English, OperatorEntry};
use frontdesk::{
    BodyError, DeskError, DisplayName, Draft, MessageNumber, Participant, Role, Timestamp,
    Tombstone,
};
use time::UtcOffset;

use crate::support::fixture::Fixture;
use crate::support::{booking, booking_id, key, number};

/// I3: the messages of both sides share one sequence of numbers from 1, without gaps.
#[tokio::test]
async fn i3_messages_are_numbered_without_gaps() {
    let fixture = Fixture::new();
    for expected in 1..=6 {
        let sent = if expected % 3 == 1 {
            fixture.ann().send("hello").await.unwrap().number()
        } else {
            fixture.kim().reply(&booking_id("b-1"), "hi").await.unwrap().message.number()
        };
        assert_eq!(sent, number(expected));
    }
}

/// I4: a retry returns the stored message. It commits nothing, moves no read mark and emits no
/// event.
#[tokio::test]
async fn i4_a_retry_returns_the_stored_message_and_changes_nothing() {
    let fixture = Fixture::new();
    let draft = Draft::new(" Hello\r\n").with_key(key("k"));
    let first = fixture.ann().send(draft.clone()).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "an unread reply").await.unwrap();
    fixture.take_event_log();
    let (before, revision) = (fixture.thread("b-1").await, fixture.revision().await);

    // The texts are equal after T1.
    let again = fixture.ann().send(Draft::new("Hello").with_key(key("k"))).await.unwrap();
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(again.number(), first.number());

    assert_eq!(fixture.take_event_log(), [""; 0], "a replay emitted an event");
    assert_eq!(fixture.revision().await, revision, "a replay committed");
    assert_eq!(fixture.thread("b-1").await, before, "a replay changed the thread");
}

/// I4: sending another text with a used key is an error, and the first message stays.
#[tokio::test]
async fn i4_a_key_with_another_text_is_an_error() {
    let fixture = Fixture::new();
    fixture.ann().send(Draft::new("one").with_key(key("k"))).await.unwrap();
    let error = fixture.ann().send(Draft::new("two").with_key(key("k"))).await.unwrap_err();
    assert!(matches!(error, DeskError::KeyReused));
    assert_eq!(fixture.thread("b-1").await.message_count(), 1);
}

/// I4: a key is unique per thread, role and author. Other authors can use the same key.
#[tokio::test]
async fn i4_a_key_belongs_to_one_thread_role_and_author() {
    let fixture = Fixture::new();
    let draft = Draft::new("hello").with_key(key("k"));
    fixture.ann().send(draft.clone()).await.unwrap();
    assert!(!fixture.ann_with("b-2").send(draft.clone()).await.unwrap().is_replayed());
    assert!(!fixture.kim().reply(&booking_id("b-1"), draft.clone()).await.unwrap().is_replayed());
    assert!(!fixture.operator("u-0").reply(&booking_id("b-1"), draft).await.unwrap().is_replayed());
    assert_eq!(fixture.thread("b-1").await.message_count(), 3);
}

/// L4, I4: if messaging is switched off, a customer can read but not send. A retry is still
/// answered. Operators can read and send.
#[tokio::test]
async fn l4_with_messaging_off_customers_cannot_send() {
    let fixture = Fixture::new();
    let draft = Draft::new("hello").with_key(key("k"));
    fixture.ann().send(draft.clone()).await.unwrap();

    let ann = fixture.ann().with_messaging(Messaging::Off);
    assert!(matches!(ann.send("more").await.unwrap_err(), DeskError::MessagingOff));
    let with_new_key = Draft::new("more").with_key(key("k-2"));
    assert!(matches!(ann.send(with_new_key).await.unwrap_err(), DeskError::MessagingOff));
    assert!(ann.send(draft).await.unwrap().is_replayed());
    let with_other_text = Draft::new("other").with_key(key("k"));
    assert!(matches!(ann.send(with_other_text).await.unwrap_err(), DeskError::KeyReused));

    assert_eq!(ann.open().await.unwrap().message_count(), 1);
    fixture.kim().reply(&booking_id("b-1"), "hi").await.unwrap();
    assert_eq!(fixture.thread("b-1").await.message_count(), 2);
}

/// I3, I4: a full thread answers a retry and refuses a new message. After the thread is erased, it
/// cannot start again, because no number is left.
#[tokio::test]
async fn i4_a_full_thread_still_answers_a_retry() {
    let fixture = Fixture::new();
    let last = number(MessageNumber::MAX.get() - 1);
    let tombstone = Tombstone::new(fixture.thread_id("b-1"), last);
    let commit = Commit::new(ThreadState::Erased(tombstone), None);
    let outcome = fixture.store.commit(commit).await.unwrap().value;
    assert!(matches!(outcome, CommitOutcome::Committed(_)));

    let draft = Draft::new("the last message").with_key(key("k"));
    let sent = fixture.ann().send(draft.clone()).await.unwrap();
    assert_eq!(sent.number(), MessageNumber::MAX);
    let again = fixture.ann().send(draft.clone()).await.unwrap();
    assert!(again.is_replayed() && again.number() == sent.number());
    assert!(matches!(fixture.ann().send("more").await, Err(DeskError::ThreadFull(_))));

    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    assert!(matches!(fixture.ann().send(draft).await, Err(DeskError::ThreadFull(_))));
    let start = fixture.kim().start(booking("b-1")).await;
    assert!(matches!(start, Err(DeskError::ThreadFull(_))));
}

/// W2, W3: messages carry the time of the desk's clock. If the clock steps back, a message
/// gets the time of the previous message, or of the thread's creation.
#[tokio::test]
async fn w3_a_clock_that_steps_back_is_clamped() {
    let fixture = Fixture::new();
    fixture.kim().start(booking("b-1")).await.unwrap();
    let created = fixture.now();
    fixture.set_clock(Timestamp::MIN);
    let first = fixture.kim().reply(&booking_id("b-1"), "one").await.unwrap();
    assert_eq!(first.message.sent_at(), created);

    fixture.set_clock(Timestamp::MAX);
    fixture.ann().send("two").await.unwrap();
    fixture.set_clock(created);
    let third = fixture.kim().reply(&booking_id("b-1"), "three").await.unwrap();
    assert_eq!(third.message.sent_at(), Timestamp::MAX);
    // The view works at the limits of the time range.
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let view = fixture.kim().open(&booking_id("b-1")).await.unwrap().view(&context);
    let headings: Vec<_> = view.sections.iter().map(|s| s.heading.as_str()).collect();
    assert_eq!(headings, ["Today", "Friday, Dec 31, 9999"]);
}

/// W2: a desk uses the clock that the host application passed in, and no other clock.
#[tokio::test]
async fn w2_a_desk_uses_the_clock_that_was_passed_in() {
    let fixture = Fixture::new();
    fixture.set_clock(Timestamp::UNIX_EPOCH);
    let sent = fixture.ann().send("hello").await.unwrap();
    let view = sent.view(&fixture.desk.view_context(&UtcOffset::UTC, &English));
    assert_eq!(view.sent_at.timestamp(), Timestamp::UNIX_EPOCH);
    assert_eq!(view.time.as_str(), "12:00 AM");
}

/// T4, T8: the host's limit applies to new messages only. A longer message that was stored
/// under another limit is still read and replayed.
#[tokio::test]
async fn t4_the_hosts_limit_applies_to_new_messages_only() {
    let fixture = Fixture::new();
    let draft = Draft::new("12345").with_key(key("k"));
    fixture.ann().send(draft.clone()).await.unwrap();

    let stricter = Fixture::configured(fixture.store.clone(), |builder| builder.max_body_chars(4));
    let error = stricter.ann().send("12345").await.unwrap_err();
    let too_long = BodyError::TooLong { chars: 5, limit: 4 };
    assert!(matches!(error, DeskError::Body(error) if error == too_long));
    assert!(stricter.ann().send(draft).await.unwrap().is_replayed());
    assert_eq!(stricter.unread("b-1", Role::Operator).await, 1);
}

/// T3: the text of a machine is cleaned before it is validated, and the answer counts the changes.
/// A retry compares the text after the same cleaning.
#[tokio::test]
async fn t3_the_text_of_a_machine_is_cleaned() {
    let fixture = Fixture::new();
    let draft = Draft::new("\u{0}It\u{92}s at nine\u{85}\r\n").with_key(key("mail-1"));
    let error = fixture.ann().send(draft.clone()).await.unwrap_err();
    assert!(matches!(error, DeskError::Body(BodyError::Control { found: '\0', at: 0 })));

    for is_replayed in [false, true] {
        let sent = fixture.ann().send(draft.clone().cleaned()).await.unwrap();
        let cleaning = sent.cleaning();
        assert_eq!(sent.is_replayed(), is_replayed);
        assert_eq!((cleaning.replaced, cleaning.removed), (2, 1));
    }
    assert_eq!(fixture.texts("b-1").await, [(1, "It’s at nine…".to_owned())]);
    let error = fixture.ann().send(draft).await.unwrap_err();
    assert!(matches!(error, DeskError::KeyReused), "without cleaning the text differs");

    let typed = fixture.kim().reply(&booking_id("b-1"), "See you…").await.unwrap();
    assert_eq!((typed.cleaning().replaced, typed.cleaning().removed), (0, 0));
    let blank = Draft::new("\u{81}\u{0} ").cleaned();
    let error = fixture.ann().send(blank).await.unwrap_err();
    assert!(matches!(error, DeskError::Body(BodyError::Blank)));
}

/// A2: views show the host's names of both sides. Stored names stay, and a participant whom the
/// host does not name is shown as before.
#[tokio::test]
async fn a2_views_show_the_hosts_names() {
    let fixture = Fixture::new();
    let id = booking_id("b-1");
    fixture.ann().send("one").await.unwrap();
    fixture.kim().reply(&id, "two").await.unwrap();
    fixture.operator("u-9").reply(&id, "three").await.unwrap();
    let names = |participant: &Participant| match (participant.role, participant.id.as_str()) {
        (Role::Operator, "kim") => DisplayName::new("Former colleague"),
        (Role::Customer, "ann") => DisplayName::new("Ann B."),
        _ => None,
    };
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    for (context, expected) in [
        (context.with_names(&names), ["Ann B.", "Former colleague", "Support"]),
        (context, ["Ann", "Kim", "Support"]),
    ] {
        let operators = fixture.kim().open(&id).await.unwrap().view(&context);
        let customers = fixture.ann().open().await.unwrap().view(&context).conversation;
        let history = fixture.kim().history(&id, None, 9).await.unwrap().view(&context);
        let senders = |sections: &[DateSection<OperatorEntry>]| -> Vec<String> {
            let entries = sections.iter().flat_map(|section| &section.entries);
            entries.map(|entry| entry.entry.sender.to_string()).collect()
        };
        assert_eq!(senders(&operators.sections), expected);
        assert_eq!(senders(&history.sections), expected);
        let entries = customers.sections.iter().flat_map(|section| &section.entries);
        let shown: Vec<String> = entries.map(|entry| entry.sender.to_string()).collect();
        assert_eq!(shown, expected);
    }
    assert_eq!(fixture.messages("b-1").await[1].author().name, DisplayName::new("Kim"));
}

/// T5: views encode the markup of both sides, and the raw text stays as typed.
#[tokio::test]
async fn t5_views_encode_the_markup_of_both_sides() {
    let fixture = Fixture::new();
    let typed = "<b>&lt; &amp;amp; \"it's\"</b>";
    let encoded = "&lt;b&gt;&amp;lt; &amp;amp;amp; &quot;it&#x27;s&quot;&lt;&#x2f;b&gt;";
    fixture.ann().send(typed).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), typed).await.unwrap();
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let operators = fixture.kim().open(&booking_id("b-1")).await.unwrap().view(&context);
    let customers = fixture.ann().open().await.unwrap().view(&context).conversation;
    let entries = operators.sections[0].entries.iter().map(|entry| &entry.entry);
    for entry in entries.chain(&customers.sections[0].entries) {
        let (text, html) = (entry.text.as_ref().unwrap(), entry.html.as_ref().unwrap());
        assert_eq!((text.as_str(), &*html.to_string()), (typed, encoded));
    }

    // A screen that inserts raw text needs no encoded text, so a view can omit it.
    let view = fixture.ann().open().await.unwrap().view(&context.with_html(false)).conversation;
    for entry in &view.sections[0].entries {
        assert_eq!((entry.text.as_ref().unwrap().as_str(), &entry.html), (typed, &None));
    }
}
