//! Redacted messages (T9) and redacted names (A2).

use frontdesk::cursor::{OpenThread, PollCursor};
use frontdesk::desk::{CustomerPoll, MAX_PAGE};
use frontdesk::view::{English, InboxRow};
use frontdesk::{DeskError, DisplayName, Draft, Message, MessageNumber, Participant, Role};
use time::UtcOffset;

use crate::support::fixture::{Fixture, open_thread};
use crate::support::{booking_id, key, number, participant_id};

async fn conversation() -> Fixture {
    let fixture = Fixture::new();
    fixture.ann().send(Draft::new("4111 1111 1111 1111").with_key(key("k"))).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "Please do not send card numbers").await.unwrap();
    fixture.ann().send("Sorry!").await.unwrap();
    fixture
}

/// T9: redacting removes the text and changes no number, count, mark or wait.
#[tokio::test]
async fn t9_redacting_removes_only_the_text() {
    let fixture = conversation().await;
    let (before, messages) = (fixture.thread("b-1").await, fixture.messages("b-1").await);
    fixture.take_events();
    assert!(fixture.kim().redact(&booking_id("b-1"), number(1)).await.unwrap());
    let after = fixture.thread("b-1").await;
    for role in [Role::Customer, Role::Operator] {
        assert_eq!(after.mark(role), before.mark(role));
        assert_eq!(after.unread(role), before.unread(role));
        assert_eq!(after.messages_by(role), before.messages_by(role));
    }
    assert_eq!(after.waiting_since(), before.waiting_since());
    assert_eq!((after.active_at(), after.redactions()), (before.active_at(), 1));
    assert_eq!(after.last_message(), before.last_message());
    let redacted = &fixture.messages("b-1").await[0];
    assert_eq!(*redacted, messages[0].clone().redacted(1));
    assert_eq!(fixture.take_event_log(), ["message 1 redacted"]);

    // A second call changes nothing (P6).
    let revision = fixture.revision().await;
    assert!(!fixture.admin().redact(&booking_id("b-1"), number(1)).await.unwrap());
    assert_eq!(fixture.revision().await, revision);
    let missing = fixture.kim().redact(&booking_id("b-1"), number(9)).await;
    assert!(matches!(missing, Err(DeskError::NoSuchMessage { .. })));
    let missing = fixture.kim().redact(&booking_id("b-9"), number(1)).await;
    assert!(matches!(missing, Err(DeskError::NotFound)));
}

/// T9: a retry with the key of a redacted message answers with the redacted message, whatever its
/// text is.
#[tokio::test]
async fn t9_a_retry_answers_with_the_redacted_message() {
    let fixture = conversation().await;
    fixture.admin().redact(&booking_id("b-1"), number(1)).await.unwrap();
    for text in ["4111 1111 1111 1111", "another text"] {
        let sent = fixture.ann().send(Draft::new(text).with_key(key("k"))).await.unwrap();
        assert_eq!((sent.number(), sent.is_replayed()), (number(1), true));
    }
    assert_eq!(fixture.thread("b-1").await.message_count(), 3);
}

/// T9: the preview of a redacted last message says so in the view's language.
#[tokio::test]
async fn t9_the_preview_of_a_redacted_message_is_a_label() {
    let fixture = conversation().await;
    fixture.kim().redact(&booking_id("b-1"), number(3)).await.unwrap();
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let row = InboxRow::new(&fixture.thread("b-1").await, &context);
    assert_eq!(row.preview.unwrap().as_str(), "Message removed");
    assert!(row.preview_removed);
    fixture.ann().send("Hello?").await.unwrap();
    let row = InboxRow::new(&fixture.thread("b-1").await, &context);
    assert_eq!(row.preview.unwrap().as_str(), "Hello?");
    assert!(!row.preview_removed);
}

/// T9: each open conversation shows a redaction after its next poll, also of an old message. The
/// customer's view does not say who redacted the message.
#[tokio::test]
async fn t9_polls_bring_redactions_of_old_messages() {
    let fixture = conversation().await;
    let mut screen = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let cursor = fixture.cursor().await;
    let customer = fixture.ann().open().await.unwrap();
    fixture.operator("lee").redact(&booking_id("b-1"), number(1)).await.unwrap();

    let update = fixture.poll(&cursor, Some(&screen.open_thread())).await;
    let newer = update.conversation.unwrap();
    assert_eq!((newer.messages.len(), newer.redacted.len()), (0, 1));
    screen.apply(newer);
    assert_eq!(screen.messages[0].body(), None);
    assert_eq!(screen.open_thread(), open_thread("b-1", 3).with_redactions(1));
    let idle = fixture.poll(&update.cursor, Some(&screen.open_thread())).await;
    assert!(idle.is_empty(), "the screen knows the redaction");

    let CustomerPoll::Update(answer) = fixture.ann().poll(customer.cursor()).await.unwrap() else {
        panic!("the cursor can be continued");
    };
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let view = answer.view(&context).conversation;
    let [entry] = &view.redacted[..] else { panic!("one redacted entry") };
    assert_eq!((entry.number, entry.text.as_ref()), (number(1), None));
    assert_eq!(entry.removed.as_ref().unwrap().as_str(), "Message removed");
    let json = serde_json::to_string(&view).unwrap();
    assert!(!json.contains("lee") && !json.contains("4111"), "{json}");
    let CustomerPoll::Update(idle) = fixture.ann().poll(answer.cursor()).await.unwrap() else {
        panic!("the cursor can be continued");
    };
    assert!(idle.view(&context).conversation.redacted.is_empty());
}

/// T9: a message that a screen shows before a poll brought it is replaced when the poll brings it
/// without its text.
#[tokio::test]
async fn t9_a_poll_replaces_a_sent_message_that_was_redacted() {
    let fixture = conversation().await;
    let mut screen = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.ann().send("not on the screen yet").await.unwrap();
    screen.insert(&fixture.kim().reply(&booking_id("b-1"), "secret").await.unwrap());
    fixture.admin().redact(&booking_id("b-1"), number(5)).await.unwrap();
    let update = fixture.poll(&cursor, Some(&screen.open_thread())).await;
    screen.apply(update.conversation.unwrap());
    assert_eq!(screen.messages[4].body(), None);
}

/// T9: a poll brings at most a page of redactions, and the next polls bring the rest.
#[tokio::test]
async fn t9_polls_bring_redactions_page_by_page() {
    let fixture = Fixture::new();
    let count = u32::try_from(MAX_PAGE).unwrap() + 2;
    for _ in 0..count {
        fixture.ann().send("secret").await.unwrap();
    }
    let booking = booking_id("b-1");
    let mut screen = fixture.kim().open(&booking).await.unwrap();
    let shown = screen.open_thread().shown;
    screen.apply(fixture.kim().later(&booking, shown, MAX_PAGE).await.unwrap());
    let mut cursor = fixture.cursor().await;
    for message in (1..=count).rev() {
        fixture.kim().redact(&booking, number(message)).await.unwrap();
    }
    for expected in [MAX_PAGE, 2] {
        let update = fixture.poll(&cursor, Some(&screen.open_thread())).await;
        let newer = update.conversation.unwrap();
        assert_eq!(newer.redacted.len(), expected);
        screen.apply(newer);
        cursor = update.cursor;
    }
    assert!(screen.messages.iter().all(|message| message.body().is_none()));
    assert!(fixture.poll(&cursor, Some(&screen.open_thread())).await.is_empty());
}

/// T9, L3: after a thread is erased and started again, screens learn of the redactions of the new
/// generation.
#[tokio::test]
async fn t9_redactions_count_anew_in_each_generation() {
    let fixture = conversation().await;
    fixture.kim().redact(&booking_id("b-1"), number(1)).await.unwrap();
    let cursor = fixture.cursor().await;
    let screen = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    fixture.ann().send("secret").await.unwrap();
    let update = fixture.poll(&cursor, Some(&screen.open_thread())).await;
    let mut screen = update.conversation.unwrap();
    assert_eq!(screen.open_thread(), open_thread("b-1", 4));
    fixture.kim().redact(&booking_id("b-1"), number(4)).await.unwrap();
    let update = fixture.poll(&update.cursor, Some(&screen.open_thread())).await;
    screen.apply(update.conversation.unwrap());
    assert_eq!(screen.messages[0].body(), None);
}

/// T9, L3: a reply that a screen inserts into a thread that was started again resets the redactions
/// that the screen knows.
#[tokio::test]
async fn t9_a_sent_message_of_a_new_generation_resets_the_redactions() {
    let fixture = conversation().await;
    fixture.kim().redact(&booking_id("b-1"), number(1)).await.unwrap();
    let mut screen = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let old = screen.clone();
    let cursor = fixture.cursor().await;
    fixture.admin().erase(&booking_id("b-1")).await.unwrap();
    fixture.kim().start(crate::support::booking("b-1")).await.unwrap();
    screen.insert(&fixture.kim().reply(&booking_id("b-1"), "secret").await.unwrap());
    fixture.kim().redact(&booking_id("b-1"), number(4)).await.unwrap();
    let update = fixture.poll(&cursor, Some(&screen.open_thread())).await;
    screen.apply(update.conversation.unwrap());
    assert_eq!(screen.messages[0].body(), None);
    let before = screen.clone();
    screen.apply(old);
    assert_eq!(screen, before, "a late answer of the erased generation changes nothing");
}

/// P7: a screen that knows more redactions than the thread has starts over, because a backup was
/// restored.
#[tokio::test]
async fn p7_a_screen_with_unknown_redactions_starts_over() {
    let fixture = conversation().await;
    let open: OpenThread = open_thread("b-1", 3).with_redactions(1);
    let answer = fixture.kim().poll(&fixture.cursor().await, Some(&open)).await.unwrap();
    assert!(matches!(answer, frontdesk::desk::OperatorPoll::StartOver { .. }));
}

/// A2: redacting an author removes the stored name from all threads of the location, in bounded
/// steps, and nothing else.
#[tokio::test]
async fn a2_an_authors_name_is_removed_in_steps() {
    let fixture = Fixture::new();
    let ids: Vec<String> = (0..5).map(|n| format!("b-{n}")).collect();
    for id in &ids {
        fixture.ann_with(id).send("one").await.unwrap();
        fixture.kim().reply(&booking_id(id), "two").await.unwrap();
        fixture.operator("lee").reply(&booking_id(id), "three").await.unwrap();
    }
    // A customer with the same id keeps the name.
    let same_id = fixture.customer("b-0", "kim").with_name(DisplayName::new("Other Kim"));
    same_id.send("four").await.unwrap();
    let kim = Participant::operator(participant_id("kim"), None);
    let (mut after, mut threads, mut steps) = (None, 0, 0);
    loop {
        let step = fixture.admin().redact_author(&kim, after.as_ref(), 2).await.unwrap();
        (threads, steps) = (threads + step.threads, steps + 1);
        // A thread that changes between two steps moves to the end of the feed.
        if steps == 1 {
            fixture.kim().reply(&booking_id("b-4"), "five").await.unwrap();
        }
        let Some(next) = step.next else { break };
        after = Some(next);
    }
    assert_eq!(threads, 5);
    for id in &ids {
        for message in fixture.messages(id).await {
            let author = message.author();
            let is_redacted = author.role == Role::Operator && author.id.as_str() == "kim";
            let has_name = author.name.is_some();
            assert_eq!(has_name, !is_redacted && author.id.as_str() != "lee", "{id} {author:?}");
        }
    }
    let revision = fixture.revision().await;
    let again = fixture.admin().redact_author(&kim, None, 200).await.unwrap();
    assert_eq!((again.threads, again.next), (0, None));
    assert_eq!(fixture.revision().await, revision, "P6: nothing changed");
    let limit = fixture.admin().redact_author(&kim, None, 0).await;
    assert!(matches!(limit, Err(DeskError::PageLimit { limit: 0 })));
}

/// A2: one thread with more messages than one commit can change is redacted completely.
#[tokio::test]
async fn a2_a_long_thread_loses_every_name() {
    let fixture = Fixture::new();
    fixture.kim().start(crate::support::booking("b-1")).await.unwrap();
    for _ in 0..2_001 {
        fixture.kim().reply(&booking_id("b-1"), "Hi").await.unwrap();
    }
    let kim = Participant::operator(participant_id("kim"), None);
    fixture.admin().redact_author(&kim, None, 1).await.unwrap();
    let messages = fixture.messages("b-1").await;
    assert!(messages.iter().all(|message| message.author().name.is_none()));
    assert_eq!(messages.last().map(Message::number), Some(MessageNumber::new(2_001).unwrap()));
}

/// A2, P7: a job whose cursor is ahead of the location, because a backup was restored, begins again.
#[tokio::test]
async fn a2_a_cursor_ahead_of_the_location_begins_the_job_again() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), "two").await.unwrap();
    let text = fixture.cursor().await.to_string();
    let parts: Vec<&str> = text.split('.').collect();
    let ahead = [parts[0], parts[1], "900", parts[3]].join(".");
    let ahead: PollCursor = ahead.parse().unwrap();
    let kim = Participant::operator(participant_id("kim"), None);
    let step = fixture.admin().redact_author(&kim, Some(&ahead), 10).await.unwrap();
    assert_eq!((step.threads, step.next), (1, None));
}
