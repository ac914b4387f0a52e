//! Opening a conversation at the first unread message, and marking what was in view (U3).

use frontdesk::desk::{CustomerPoll, MAX_PAGE};
use frontdesk::view::English;
use frontdesk::{DeskError, Draft, MessageNumber, Role};
use time::UtcOffset;

use crate::support::fixture::{Fixture, open_thread};
use crate::support::{booking_id, number};

/// U3: with more unread messages than a page, a conversation opens 20 messages before the first
/// unread one. Polls and `later` bring and mark the rest, also if a message arrives in between.
#[tokio::test]
async fn u3_every_marked_message_was_in_an_answer() {
    for with_polls in [false, true] {
        let fixture = Fixture::new();
        let booking = booking_id("b-1");
        for _ in 0..50 {
            fixture.ann().send("old").await.unwrap();
        }
        fixture.kim().open(&booking).await.unwrap();
        for _ in 0..260 {
            fixture.ann().send("new").await.unwrap();
        }
        let mut cursor = fixture.cursor().await;
        let mut screen = fixture.kim().open(&booking).await.unwrap();
        let numbers: Vec<u32> =
            screen.messages.iter().map(|message| message.number().get()).collect();
        assert_eq!(numbers, (31..=230).collect::<Vec<_>>());
        assert_eq!(screen.first_unread, Some(number(51)));
        let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
        assert!(screen.view(&context).page_info.has_later);
        assert_eq!(fixture.thread("b-1").await.mark(Role::Operator).number(), number(230));

        fixture.ann().send("in between").await.unwrap();
        while screen.messages.last().unwrap().number() < number(311) {
            let shown = screen.open_thread();
            let newer = if with_polls {
                let update = fixture.poll(&cursor, Some(&shown)).await;
                cursor = update.cursor;
                *update.conversation.unwrap()
            } else {
                fixture.kim().later(&booking, shown.shown, 50).await.unwrap()
            };
            screen.apply(newer);
            let mark = fixture.thread("b-1").await.mark(Role::Operator).number();
            assert_eq!(screen.messages.last().unwrap().number(), mark);
        }
        assert_eq!(screen.messages.len(), 281);
        assert_eq!(screen.first_unread, Some(number(51)), "the line stays where it was");
        assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
    }
}

/// U3: the same holds for the customer.
#[tokio::test]
async fn u3_a_customers_conversation_opens_at_the_first_unread_message() {
    let fixture = Fixture::new();
    fixture.ann().send("Hello").await.unwrap();
    for _ in 0..230 {
        fixture.kim().reply(&booking_id("b-1"), "Hi").await.unwrap();
    }
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let opened = fixture.ann().open().await.unwrap();
    let view = opened.view(&context).conversation;
    assert_eq!((view.first_unread, view.page_info.shown), (Some(number(2)), number(200)));
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 31);
    let later = fixture.ann().later(number(200), 10).await.unwrap();
    assert_eq!(later.view(&context).conversation.first_unread, Some(number(201)));
    assert_eq!(fixture.ann().unread_messages().await.unwrap(), 21);
    let CustomerPoll::Update(answer) = fixture.ann().poll(opened.cursor()).await.unwrap() else {
        panic!("the cursor can be continued");
    };
    assert_eq!((answer.message_count(), fixture.ann().unread_messages().await.unwrap()), (31, 0));
}

/// U3: own messages after the mark do not move the page away from the newest messages.
#[tokio::test]
async fn u3_without_unread_messages_the_newest_page_opens() {
    let fixture = Fixture::new();
    fixture.ann().send("Hello").await.unwrap();
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    for _ in 0..250 {
        let draft = Draft::new("Out of office").automatic();
        fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    }
    let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    assert_eq!(opened.messages.last().unwrap().number(), number(251));
    assert_eq!((opened.messages.len(), opened.first_unread), (MAX_PAGE, None));
}

/// U3: the first unread message is found behind more than a page of own messages.
#[tokio::test]
async fn u3_the_first_unread_message_can_follow_many_own_messages() {
    let fixture = Fixture::new();
    fixture.ann().send("Hello").await.unwrap();
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    for _ in 0..250 {
        let draft = Draft::new("Out of office").automatic();
        fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    }
    fixture.ann().send("Hello?").await.unwrap();
    let history = fixture.kim().history(&booking_id("b-1"), Some(number(5)), 2).await.unwrap();
    assert_eq!(history.first_unread, Some(number(252)));
    let opened = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    assert_eq!(opened.first_unread, Some(number(252)));
    assert_eq!(opened.messages.first().unwrap().number(), number(232));
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
}

/// U3: a poll that says what was in view marks only up to it, and never past a message that no
/// answer has brought.
#[tokio::test]
async fn u3_a_poll_marks_only_what_was_in_view() {
    let fixture = Fixture::new();
    fixture.kim().start(crate::support::booking("b-1")).await.unwrap();
    let screen = fixture.kim().open(&booking_id("b-1")).await.unwrap();
    let mut cursor = fixture.cursor().await;
    for _ in 0..3 {
        fixture.ann().send("Hello?").await.unwrap();
    }
    let mark = async || fixture.thread("b-1").await.mark(Role::Operator).number();
    // The window has no focus: the screen gets the messages, and nothing is marked.
    let open = screen.open_thread().with_read(MessageNumber::START);
    let update = fixture.poll(&cursor, Some(&open)).await;
    assert_eq!(update.conversation.as_ref().unwrap().messages.len(), 3);
    assert_eq!(mark().await, number(0));
    cursor = update.cursor;
    for (in_view, marked) in [(1, 1), (1, 1), (2, 2), (9, 3)] {
        let open = open_thread("b-1", 3).with_read(number(in_view));
        let update = fixture.poll(&cursor, Some(&open)).await;
        assert_eq!(mark().await, number(marked), "in view: {in_view}");
        cursor = update.cursor;
    }
    // A colleague marks the message as unread again. The poll that reports the same number as
    // before leaves the mark where it is.
    fixture.operator("lee").mark_unread(&booking_id("b-1"), number(3)).await.unwrap();
    let open = open_thread("b-1", 3).with_read(number(9));
    let update = fixture.poll(&cursor, Some(&open)).await;
    assert_eq!(mark().await, number(2));
    let idle = fixture.poll(&update.cursor, Some(&open)).await;
    assert!(idle.is_empty());
    // The screen of another window reports the number for the first time.
    fixture.poll(&fixture.cursor().await, Some(&open)).await;
    assert_eq!(mark().await, number(2));
}

/// U3: a poll with a number in view commits nothing if only own messages would be marked (P6).
#[tokio::test]
async fn p6_a_poll_does_not_mark_own_messages() {
    let fixture = Fixture::new();
    fixture.kim().start(crate::support::booking("b-1")).await.unwrap();
    fixture.ann().send("Hello").await.unwrap();
    fixture.kim().open(&booking_id("b-1")).await.unwrap();
    fixture.kim().reply(&booking_id("b-1"), Draft::new("Closed").automatic()).await.unwrap();
    let (cursor, revision) = (fixture.cursor().await, fixture.revision().await);
    let open = open_thread("b-1", 2).with_read(number(2));
    fixture.poll(&cursor, Some(&open)).await;
    assert_eq!(fixture.revision().await, revision);
}

/// U1: a customer's screen can mark up to the message that was in view.
#[tokio::test]
async fn u1_a_customer_marks_up_to_a_number() {
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    for text in ["two", "three"] {
        fixture.kim().reply(&booking_id("b-1"), text).await.unwrap();
    }
    fixture.take_events();
    assert_eq!(fixture.ann().mark_read(number(2)).await.unwrap(), 1);
    assert_eq!(fixture.ann().mark_read(number(1)).await.unwrap(), 1, "marks do not move back");
    assert_eq!(fixture.take_event_log(), ["read by customer to 2"]);
    let missing = fixture.ann().mark_read(number(4)).await;
    assert!(matches!(missing, Err(DeskError::NoSuchMessage { .. })));
    let missing = fixture.ann_with("b-2").mark_read(number(1)).await;
    assert!(matches!(missing, Err(DeskError::NotFound)));
}

/// W3: a message says that its time was clamped, and the administration can move the time of the
/// last activity back.
#[tokio::test]
async fn w3_a_clamped_time_is_said_and_can_be_moved_back() {
    let fixture = Fixture::new();
    fixture.advance(9 * 365 * 24 * 3600);
    assert!(!fixture.ann().send("from 2036").await.unwrap().is_clamped());
    let future = fixture.now();
    fixture.set_clock(crate::support::at(0));
    let sent = fixture.kim().reply(&booking_id("b-1"), "from 2027").await.unwrap();
    assert!(sent.is_clamped());
    assert_eq!(sent.message.sent_at(), future);
    fixture.ann().send("still on top").await.unwrap();

    assert!(fixture.admin().limit_activity(&booking_id("b-1")).await.unwrap());
    let thread = fixture.thread("b-1").await;
    assert_eq!((thread.active_at(), thread.created_at()), (fixture.now(), fixture.now()));
    assert_eq!(thread.waiting_since(), Some(fixture.now()));
    assert_eq!(fixture.messages("b-1").await[0].sent_at(), future, "messages keep their times");
    assert!(!fixture.admin().limit_activity(&booking_id("b-1")).await.unwrap());
    fixture.advance(1);
    let sent = fixture.ann().send("now").await.unwrap();
    assert!(!sent.is_clamped());
    let thread = fixture.thread("b-1").await;
    assert_eq!(thread.active_at(), fixture.now());

    // The first message of a screen that saw none of the customer's messages ends no wait.
    let draft = Draft::new("Hello").with_seen(number(2));
    fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap();
    assert!(fixture.thread("b-1").await.waiting_since() <= Some(fixture.now()));
    let missing = fixture.admin().limit_activity(&booking_id("b-2")).await;
    assert!(matches!(missing, Err(DeskError::NotFound)));
}
