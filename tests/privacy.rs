//! `Debug` output and errors contain no text and no name.

mod support;

use std::error::Error;
use std::fmt::Debug;

use frontdesk::calendar::group_by_date;
use frontdesk::desk::PageRequest;
use frontdesk::record::{BookingRecord, MessageRecord, ThreadRecord};
use frontdesk::store::{
    Commit, KeyQuery, MessageQuery, NewMessage, NewMessages, ThreadState, ThreadStore,
};
use frontdesk::view::{English, InboxRow};
use frontdesk::{
    Booking, BookingStatus, DisplayName, Draft, EncodedHtml, Message, MessageBody, Participant,
    Preview, SingleLine,
};
use futures::executor::block_on;
use support::fixture::{ALL, Fixture};
use support::{at, booking_id, key, participant_id};
use time::UtcOffset;

const MARKER: &str = "marker";

#[track_caller]
fn assert_hidden(value: &impl Debug) {
    for output in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!output.contains(MARKER), "{output}");
        assert!(!output.is_empty());
    }
}

fn name() -> Option<DisplayName> {
    DisplayName::new("marker Lee")
}

fn marked_booking() -> Booking {
    Booking::new(booking_id("b-1"), "marker-1", "marker tour")
        .with_start(at(0))
        .with_customer_name(name())
        .with_status(BookingStatus::from_word("marker"))
}

#[test]
fn debug_output_of_answers_and_views_contains_no_text() {
    let fixture = Fixture::new();
    let id = booking_id("b-1");
    let ann = fixture.ann().starting_with(marked_booking()).with_name(name());
    let location = fixture.location.clone();
    let kim = fixture.desk.operator(location, participant_id("u"), name());
    let draft = Draft::new("marker").with_key(key("marker"));
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);

    block_on(async {
        assert_hidden(&draft);
        let sent = ann.send(draft).await.unwrap();
        assert_hidden(&sent);
        assert_hidden(&sent.view(&context));
        let page = kim.inbox(&PageRequest::first(9)).await.unwrap();
        assert_hidden(&page);
        assert_hidden(&page.view(&context));
        let poll = kim.poll(&page.cursor, None).await.unwrap();
        assert_hidden(&poll);
        assert_hidden(&poll.view(&context));
        let conversation = kim.open(&id).await.unwrap();
        assert_hidden(&conversation);
        assert_hidden(&conversation.view(&context));
        assert_hidden(&kim.history(&id, None, 9).await.unwrap().view(&context));
        let opened = ann.open().await.unwrap();
        assert_hidden(&opened);
        assert_hidden(&opened.view(&context));
        assert_hidden(&ann.poll(opened.cursor()).await.unwrap());
        assert_hidden(&fixture.admin().thread(&id).await.unwrap());
        let (messages, zone) = (&conversation.messages, &UtcOffset::UTC);
        assert_hidden(&group_by_date(messages, Message::sent_at, zone, fixture.now()));
        assert_hidden(&InboxRow::new(&conversation.thread, &context));
        kim.reply(&id, "marker").await.unwrap();
    });

    assert_eq!(fixture.events().len(), 4);
    assert_hidden(&fixture.events());
    assert_hidden(&context);
    assert_hidden(&ann);
    assert_hidden(&kim);
    assert_hidden(&fixture.admin());
    assert_hidden(&fixture.desk);
    assert_hidden(&fixture.store);
}

#[test]
fn debug_output_of_commits_and_stored_values_contains_no_text() {
    let fixture = Fixture::new();
    let ann = fixture.ann().starting_with(marked_booking()).with_name(name());
    let author = Participant::customer(participant_id("ann"), name());
    let (id, key) = (fixture.thread_id("b-1"), key("marker"));
    block_on(async {
        ann.send(Draft::new("marker").with_key(key.clone())).await.unwrap();
        let found = fixture.store.thread(&id).await.unwrap().value.unwrap();
        assert_hidden(&found);
        let query = MessageQuery::oldest_first(&id, ALL, 9);
        assert_hidden(&fixture.store.messages(&query).await.unwrap());
        let query = KeyQuery::new(&id, &author, &key);
        assert_hidden(&query);
        assert_hidden(&fixture.store.message_by_key(&query).await.unwrap());

        let (thread, message) =
            (fixture.thread("b-1").await, fixture.messages("b-1").await.remove(0));
        assert_hidden(&ThreadRecord::from(thread.clone()));
        assert_hidden(&MessageRecord::from(message.clone()));
        let messages = NewMessages::one(NewMessage::new(message, Some(key.clone())));
        let commit = Commit::new(ThreadState::Live(thread), Some(&found));
        let commit = commit.with_messages(messages).unwrap();
        assert_hidden(&commit);
        assert_hidden(&commit.clone().into_parts());
        // The key is taken, so the outcome contains the stored message.
        assert_hidden(&fixture.store.commit(commit).await.unwrap());
    });
}

#[test]
fn debug_output_of_domain_values_contains_no_text() {
    let booking = marked_booking();
    assert_hidden(&BookingRecord::from(booking.clone()));
    assert_hidden(&booking);
    assert_hidden(&Participant::customer(participant_id("c"), name()));
    assert_hidden(&MessageBody::new("marker").unwrap().to_html());
    assert_hidden(&(SingleLine::new("marker"), EncodedHtml::encode("marker")));
}

/// The `Debug` output of a text is the name of its type and its length in bytes. The length helps
/// to tell two messages in a log apart.
#[test]
fn debug_output_of_a_text_is_its_length() {
    let body = MessageBody::new("marker").unwrap();
    assert_eq!(format!("{body:?}"), "MessageBody(6 bytes)");
    assert_eq!(format!("{:?}", Preview::of(&body)), "Preview(6 bytes)");
    assert_eq!(format!("{:?}", EncodedHtml::encode("marker")), "EncodedHtml(6 bytes)");
    assert_eq!(format!("{:?}", SingleLine::new("marker")), "SingleLine(6 bytes)");
    assert_eq!(format!("{:?}", name().unwrap()), "DisplayName(10 bytes)");
    assert_eq!(format!("{:?}", key("marker")), "IdempotencyKey(6 bytes)");
}

#[test]
fn errors_contain_no_text() {
    let ann = Fixture::new().ann().with_name(name());
    let keyed = |text: &str| Draft::new(text).with_key(key("marker"));
    block_on(async {
        ann.send(keyed("one")).await.unwrap();
        for draft in [Draft::new("marker\0"), Draft::new("marker".repeat(9_999)), keyed("marker")] {
            let error = ann.send(draft).await.unwrap_err();
            assert_hidden(&error);
            let mut cause: Option<&dyn Error> = Some(&error);
            while let Some(error) = cause {
                assert!(!error.to_string().contains(MARKER), "{error}");
                cause = error.source();
            }
        }
    });
}
