//! `Debug` and errors never show a message's text or a name.

use std::error::Error;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use frontdesk::calendar::group_by_date;
use frontdesk::desk::{Event, PageRequest};
use frontdesk::store::{Commit, MemoryStore, ThreadState, ThreadStore};
use frontdesk::view::{English, InboxRow};
use frontdesk::{
    Booking, BookingId, BookingRecord, BookingStatus, DisplayName, Draft, FrontDesk, Html,
    IdempotencyKey, LocationId, Message, MessageBody, MessageRecord, OneLine, Participant,
    ParticipantId, Preview, ThreadId, ThreadRecord, Timestamp,
};
use futures::executor::block_on;
use time::UtcOffset;

const MARKER: &str = "marker";

#[track_caller]
fn hides(value: &impl Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(MARKER), "{shown}");
        assert!(!shown.is_empty());
    }
}

fn named() -> Option<DisplayName> {
    DisplayName::new("marker Lee")
}

#[test]
fn debug_shows_neither_text_nor_name() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&heard);
    let store = MemoryStore::new();
    let desk = FrontDesk::builder(store.clone())
        .listener(move |event: &Event| events.lock().unwrap().push(event.clone()))
        .build();
    let location = LocationId::new("here").unwrap();
    let id = BookingId::new("b").unwrap();
    let booking = Booking::new(id.clone(), "marker-1", "marker tour", Timestamp::UNIX_EPOCH)
        .with_customer_name(named())
        .with_status(BookingStatus::from_word("marker"));
    let ann =
        desk.customer(location.clone(), booking.clone(), ParticipantId::new("c").unwrap(), named());
    let kim = desk.operator(location.clone(), ParticipantId::new("u").unwrap(), named());
    let draft = Draft::new("marker").with_key("marker".try_into().unwrap());

    block_on(async {
        let screen = desk.screen(&UtcOffset::UTC, &English);
        hides(&draft);
        let sent = ann.send(draft).await.unwrap();
        hides(&sent);
        hides(&sent.view(&screen));
        let page = kim.inbox(&PageRequest::first(9)).await.unwrap();
        hides(&page);
        hides(&page.view(&screen));
        let poll = kim.poll(&page.cursor, None).await.unwrap();
        hides(&poll);
        hides(&poll.view(&screen));
        let conversation = kim.open(&id).await.unwrap();
        hides(&conversation);
        hides(&conversation.view(&screen));
        hides(&kim.history(&id, None, 9).await.unwrap().view(&screen));
        let visit = ann.visit().await.unwrap();
        hides(&visit);
        hides(&visit.view(&screen));
        hides(&ann.poll(visit.cursor()).await.unwrap());
        let groups =
            group_by_date(&conversation.messages, Message::sent_at, &UtcOffset::UTC, desk.now());
        hides(&groups);
        hides(&InboxRow::new(&conversation.thread, &screen));

        let (thread, message) = (conversation.thread, conversation.messages[0].clone());
        hides(&ThreadRecord::from(thread.clone()));
        hides(&MessageRecord::from(message.clone()));
        let commit = Commit::new(ThreadState::Live(thread), None)
            .with_message(message, Some("marker".try_into().unwrap()));
        hides(&commit);
        hides(&store.commit(commit).await.unwrap());
        hides(&store.thread(&ThreadId::new(location, id)).await.unwrap());
        kim.reply(&booking.id, "marker").await.unwrap();
    });

    assert_eq!(heard.lock().unwrap().len(), 4);
    hides(&*heard.lock().unwrap());
    hides(&desk.location(LocationId::new("here").unwrap()));
    hides(&desk.screen(&UtcOffset::UTC, &English));
    hides(&ann);
    hides(&kim);
    hides(&desk);
    hides(&store);
    hides(&BookingRecord::from(booking.clone()));
    hides(&booking);
    hides(&Participant::customer(ParticipantId::new("c").unwrap(), named()));
    hides(&MessageBody::new("marker").unwrap().to_html());
    hides(&(OneLine::new("marker"), Html::encode("marker")));
}

/// A text is its length, so that a log says at least which of two messages it was.
#[test]
fn debug_shows_how_long_a_text_is() {
    let body = MessageBody::new("marker").unwrap();
    assert_eq!(format!("{body:?}"), "MessageBody(6 bytes)");
    assert_eq!(format!("{:?}", Preview::of(&body)), "Preview(6 bytes)");
    assert_eq!(format!("{:?}", Html::encode("marker")), "Html(6 bytes)");
    assert_eq!(format!("{:?}", OneLine::new("marker")), "OneLine(6 bytes)");
    assert_eq!(format!("{:?}", named().unwrap()), "DisplayName(10 bytes)");
    let key = IdempotencyKey::new("marker").unwrap();
    assert_eq!(format!("{key:?}"), "IdempotencyKey(6 bytes)");
}

#[test]
fn errors_show_neither_text_nor_name() {
    let desk = FrontDesk::new(MemoryStore::new());
    let booking = Booking::new(BookingId::new("b").unwrap(), "", "", Timestamp::UNIX_EPOCH);
    let ann = desk.customer(
        LocationId::new("here").unwrap(),
        booking,
        ParticipantId::new("c").unwrap(),
        named(),
    );
    let keyed = |text: &str| Draft::new(text).with_key("marker".try_into().unwrap());
    block_on(async {
        ann.send(keyed("one")).await.unwrap();
        for draft in [Draft::new("marker\0"), Draft::new("marker".repeat(9_999)), keyed("marker")] {
            let error = ann.send(draft).await.unwrap_err();
            hides(&error);
            let mut cause: Option<&dyn Error> = Some(&error);
            while let Some(error) = cause {
                assert!(!error.to_string().contains(MARKER), "{error}");
                cause = error.source();
            }
        }
    });
}
