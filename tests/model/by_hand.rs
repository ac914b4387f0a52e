//! Polls, marks and looks back that random sequences rarely come to.

use frontdesk::desk::{CustomerPoll, OpenThread, OperatorPoll, PageRequest};
use frontdesk::store::{MemoryStore, ThreadStore};
use frontdesk::view::English;
use frontdesk::{Draft, FrontDesk, LocationId, MessageNumber, Role, ThreadId};
use futures::executor::block_on;
use time::UtcOffset;

use crate::support::{booking, booking_id, number, place, who};

fn here() -> LocationId {
    place("here")
}

/// P2: what was told is not told again: a poll brings what changed since the
/// cursor, and with nothing changed it is empty, also when the conversation that
/// stays open on the screen was erased.
#[test]
fn p2_an_erased_conversation_that_stays_open_is_told_once() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let operator = desk.operator(here(), who("u-1"), None);
        desk.customer(here(), booking("b-1"), who("c-1"), None).send("Hello!").await.unwrap();
        let mut cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        let open = operator.open(&booking_id("b-1")).await.unwrap().to_open();
        desk.location(here()).erase(&booking_id("b-1")).await.unwrap();
        let mut told = Vec::new();
        for _ in 0..3 {
            let OperatorPoll::Update(update) = operator.poll(&cursor, Some(&open)).await.unwrap()
            else {
                panic!("told to start over");
            };
            told.push(update.erased.len());
            cursor = update.cursor;
        }
        assert_eq!(told, [1, 0, 0]);
    });
}

/// P2: a poll with another conversation than the one before brings all of it,
/// though nothing of it changed since the cursor.
#[test]
fn p2_a_poll_that_opens_another_conversation_misses_nothing_of_it() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let operator = desk.operator(here(), who("u-1"), None);
        for booked in ["b-1", "b-2"] {
            desk.customer(here(), booking(booked), who("c-1"), None).send("Hello!").await.unwrap();
        }
        let mut cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        for (booked, shown, new) in [
            ("b-1", 0, 1),
            ("b-2", 0, 1),
            ("b-2", 1, 0),
            ("b-1", 0, 1),
            ("b-1", 0, 1),
            ("b-1", 1, 0),
        ] {
            let open = OpenThread { booking: booking_id(booked), shown: number(shown) };
            let answer = operator.poll(&cursor, Some(&open)).await.unwrap();
            let OperatorPoll::Update(update) = answer else { panic!("{answer:?}") };
            let messages = update.conversation.map_or(0, |open| open.messages.len());
            assert_eq!(messages, new, "new in {booked} after {shown}");
            cursor = update.cursor;
        }
    });
}

/// U3, P3: a poll that brings only one's own side's messages marks nothing.
#[test]
fn u3_a_poll_without_a_message_of_the_other_side_marks_nothing() {
    block_on(async {
        let store = MemoryStore::new();
        let desk = FrontDesk::new(store.clone());
        let operator = desk.operator(here(), who("u-1"), None);
        let customer = desk.customer(here(), booking("b-1"), who("c-1"), None);
        let id = booking_id("b-1");
        let unseen = |text: &str| Draft::new(text).having_seen(MessageNumber::START);
        let marks = async |role| {
            let stored = store.thread(&ThreadId::new(here(), id.clone())).await.unwrap().unwrap();
            stored.state.live().unwrap().mark(role)
        };
        customer.send("One").await.unwrap();
        operator.reply(&id, "Two").await.unwrap();
        let visited = customer.visit().await.unwrap();
        let open = operator.open(&id).await.unwrap().to_open();

        // Both write as if they had seen nothing, which leaves their marks.
        let cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        customer.send(unseen("Three")).await.unwrap();
        let before = marks(Role::Customer).await;
        let polled = customer.poll(visited.cursor()).await.unwrap();
        assert!(matches!(polled, CustomerPoll::Update(update) if update.message_count() == 1));
        assert_eq!((before.number(), marks(Role::Customer).await), (number(2), before));

        desk.location(here()).erase(&id).await.unwrap();
        customer.send("Four").await.unwrap();
        let open = OpenThread { shown: number(4), ..open };
        operator.reply(&id, unseen("Five")).await.unwrap();
        let before = marks(Role::Operator).await;
        let OperatorPoll::Update(update) = operator.poll(&cursor, Some(&open)).await.unwrap()
        else {
            panic!("told to start over");
        };
        let new = update.conversation.map(|open| open.messages.len());
        assert_eq!((new, update.unread), (Some(1), 1));
        assert_eq!(marks(Role::Operator).await, before);
    });
}

/// U3: whoever asks for what is before the first message gets nothing, and is not
/// told that there is something earlier still.
#[test]
fn u3_before_the_first_message_there_is_nothing_earlier() {
    block_on(async {
        let desk = FrontDesk::new(MemoryStore::new());
        let customer = desk.customer(here(), booking("b-1"), who("c-1"), None);
        for text in ["One", "Two"] {
            customer.send(text).await.unwrap();
        }
        let history = customer.history(Some(number(1)), 10).await.unwrap();
        assert_eq!(history.message_count(), 0);
        let part = history.view(&desk.screen(&UtcOffset::UTC, &English)).part;
        assert!(!part.has_earlier, "there is nothing before 1");
    });
}

/// P7: a cursor ahead of the location, as after a restored backup, starts over,
/// with a cursor that goes on; it marks nothing.
#[test]
fn p7_a_cursor_ahead_of_the_location_starts_over() {
    block_on(async {
        let (before, restored) =
            (FrontDesk::new(MemoryStore::new()), FrontDesk::new(MemoryStore::new()));
        for desk in [&before, &before, &restored] {
            desk.customer(here(), booking("b-1"), who("c-1"), None).send("Hello!").await.unwrap();
        }
        let ahead = before.operator(here(), who("u-1"), None);
        let ahead = ahead.inbox(&PageRequest::first(10)).await.unwrap().cursor;
        let operator = restored.operator(here(), who("u-1"), None);
        let open = OpenThread { booking: booking_id("b-1"), shown: MessageNumber::START };
        let answer = operator.poll(&ahead, Some(&open)).await.unwrap();
        let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
        let page = operator.inbox(&PageRequest::first(10)).await.unwrap();
        assert_eq!((page.unread, &page.cursor), (1, &cursor));
        let answer = operator.poll(&cursor, None).await.unwrap();
        assert!(matches!(answer, OperatorPoll::Update(update) if update.is_empty()));
    });
}
