//! Use cases during which a call to the store fails or the thread is erased between two calls
//! (I4, L3, P2, U3).

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use frontdesk::desk::{
    CustomerConversation, CustomerPoll, Event, MAX_ATTEMPTS, OperatorUpdate, PageRequest,
};
use frontdesk::store::{
    MemoryStore, Revision, StoreError, StoreErrorKind, StoredMessage, ThreadList,
};
use frontdesk::{BookingStatus, DeskError, Draft, Role};
use futures::FutureExt as _;

use crate::support::faulty_store::FaultyStore;
use crate::support::fixture::{Fixture, open_thread};
use crate::support::{booking, booking_id, key, number};

/// A thread with a customer's question, Kim's reply and a second question. Neither side has read
/// the other's last message. `opened` and `update` were returned before the reply.
struct Scenario {
    fixture: Fixture<FaultyStore>,
    opened: CustomerConversation,
    update: OperatorUpdate,
}

impl Scenario {
    async fn new() -> Self {
        let fixture = Fixture::over(FaultyStore::in_memory());
        let (ann, kim) = (fixture.ann(), fixture.kim());
        ann.send(Draft::new("one").with_key(key("k"))).await.unwrap();
        let opened = ann.open().await.unwrap();
        let update = fixture.poll(&fixture.cursor().await, None).await;
        kim.reply(&booking_id("b-1"), "two").await.unwrap();
        ann.send(Draft::new("three").with_seen(number(1))).await.unwrap();
        Self { fixture, opened, update }
    }

    /// Returns all stored state and all events.
    async fn state(&self) -> impl PartialEq + Debug + use<> {
        let messages = self.fixture.messages("b-1").await;
        let changes = self.fixture.changes(Revision::ZERO).await;
        let page = self.fixture.stored_page(ThreadList::All(None)).await;
        (messages, changes.changed, page.threads, page.counts, self.fixture.events())
    }

    /// Lets `calls` calls to the store pass, and erases the thread right before the call after
    /// them.
    fn erase_after(&self, calls: usize) {
        self.fixture.store.interrupt_after(calls, |store: &MemoryStore| {
            let other = Fixture::over(store.clone());
            let erased = other.admin().erase(&booking_id("b-1")).now_or_never();
            assert!(erased.unwrap().unwrap());
            Ok(())
        });
    }

    async fn poll_as_ann(&self) -> CustomerConversation {
        match self.fixture.ann().poll(self.opened.cursor()).await.unwrap() {
            CustomerPoll::Update(answer) => answer,
            CustomerPoll::StartOver => panic!("the poll starts over"),
        }
    }
}

const USE_CASES: [&str; 23] = [
    "customer's open",
    "customer's history",
    "customer's unread messages",
    "send",
    "send again",
    "send again with a text that is too long",
    "customer's poll",
    "inbox",
    "unread threads",
    "open",
    "history",
    "start",
    "reply",
    "mark read",
    "mark unread",
    "poll",
    "poll with a thread that stays open",
    "poll with a thread that was just opened",
    "threads",
    "thread",
    "threads for bookings",
    "refresh",
    "erase",
];

async fn run(scenario: &Scenario, use_case: &str) -> Result<(), DeskError> {
    let Scenario { fixture, opened, update } = scenario;
    let (ann, kim, admin) = (fixture.ann(), fixture.kim(), fixture.admin());
    let id = booking_id("b-1");
    let open = open_thread("b-1", 1);
    match use_case {
        "customer's open" => ann.open().await.map(drop),
        "customer's history" => ann.history(None, 9).await.map(drop),
        "customer's unread messages" => ann.unread_messages().await.map(drop),
        "send" => {
            let draft = Draft::new("four").with_seen(number(1));
            ann.send(draft.with_key(key("new"))).await.map(drop)
        }
        "send again" => ann.send(Draft::new("one").with_key(key("k"))).await.map(drop),
        "send again with a text that is too long" => {
            let too_long = Draft::new("x".repeat(99_999)).with_key(key("k"));
            match ann.send(too_long).await {
                Err(DeskError::KeyReused) => Ok(()),
                other => other.map(drop),
            }
        }
        "customer's poll" => ann.poll(opened.cursor()).await.map(drop),
        "inbox" => kim.inbox(&PageRequest::first(9)).await.map(drop),
        "unread threads" => kim.unread_threads().await.map(drop),
        "open" => kim.open(&id).await.map(drop),
        "history" => kim.history(&id, None, 9).await.map(drop),
        "start" => kim.start(booking("b-2")).await.map(drop),
        "reply" => kim.reply(&id, Draft::new("four").with_key(key("new"))).await.map(drop),
        "mark read" => kim.mark_read(&id, number(3)).await.map(drop),
        "mark unread" => kim.mark_unread(&id, number(1)).await.map(drop),
        "poll" => kim.poll(&update.cursor, None).await.map(drop),
        "poll with a thread that stays open" => {
            kim.poll(&update.cursor, Some(&open)).await.map(drop)
        }
        "poll with a thread that was just opened" => {
            let newest = kim.inbox(&PageRequest::first(9)).await?.cursor;
            kim.poll(&newest, Some(&open)).await.map(drop)
        }
        "threads" => admin.threads(&PageRequest::first(9)).await.map(drop),
        "thread" => admin.thread(&id).await.map(drop),
        "threads for bookings" => admin.threads_for(&[id]).await.map(drop),
        "refresh" => {
            let complete = booking("b-1").with_status(BookingStatus::Complete);
            admin.refresh(&complete.clone().into()).await.map(drop)
        }
        "erase" => admin.erase(&id).await.map(drop),
        other => unreachable!("{other}"),
    }
}

/// I4, P6: if any call to the store fails, the caller gets the store's error. If the use case then
/// runs again, the stored state and the events are the same as without the failure.
#[tokio::test]
async fn i4_a_use_case_whose_store_failed_can_run_again() {
    for use_case in USE_CASES {
        let undisturbed = Scenario::new().await;
        run(&undisturbed, use_case).await.unwrap();
        let expected = undisturbed.state().await;
        let mut calls = 0;
        loop {
            let scenario = Scenario::new().await;
            let failed = Arc::new(AtomicBool::new(false));
            let fail = Arc::clone(&failed);
            scenario.fixture.store.interrupt_after(calls, move |_| {
                fail.store(true, SeqCst);
                Err(StoreError::unavailable("the test's failure"))
            });
            match run(&scenario, use_case).await {
                Ok(()) if !failed.load(SeqCst) => break,
                Ok(()) => panic!("{use_case} hides the failure of call {calls}"),
                Err(DeskError::Store(error)) => {
                    assert_eq!(
                        error.kind(),
                        StoreErrorKind::Unavailable,
                        "{use_case}, call {calls}"
                    );
                }
                Err(other) => panic!("{use_case}, call {calls}: {other}"),
            }
            run(&scenario, use_case).await.unwrap();
            assert_eq!(scenario.state().await, expected, "{use_case}, call {calls}");
            calls += 1;
        }
        assert!(calls > 0, "{use_case} makes no call to the store");
    }
}

/// P2, L3: if a thread is erased after a poll read its head and before the poll reads its messages,
/// the poll reads the thread again.
#[tokio::test]
async fn l3_a_poll_during_an_erasure_reports_the_erasure() {
    let scenario = Scenario::new().await;
    scenario.erase_after(1);
    assert!(!scenario.poll_as_ann().await.is_started());
}

/// P2: a customer's poll whose mark always conflicts returns the messages and leaves them
/// unread.
#[tokio::test]
async fn p2_a_customers_poll_that_cannot_mark_still_answers() {
    let scenario = Scenario::new().await;
    scenario.fixture.store.conflict(MAX_ATTEMPTS);
    assert_eq!(scenario.poll_as_ann().await.message_count(), 2);
    assert_eq!(scenario.fixture.ann().unread_messages().await.unwrap(), 1);
}

/// U3, P2: if a poll has committed its mark and its next read fails, the poll returns the messages
/// that it marked.
#[tokio::test]
async fn u3_a_poll_that_fails_after_its_mark_returns_what_it_marked() {
    let scenario = Scenario::new().await;
    let Scenario { fixture, update, .. } = &scenario;
    let faults = fixture.store.clone();
    // A message that arrives after the poll's first read makes the poll read once more after
    // its mark. That last read fails.
    fixture.store.interrupt_after(1, move |store: &MemoryStore| {
        let other = Fixture::over(store.clone());
        other.ann_with("b-2").send("Me too!").now_or_never().unwrap().unwrap();
        faults.interrupt_after(2, |_| Err(StoreError::unavailable("the test's failure")));
        Ok(())
    });
    let update = fixture.poll(&update.cursor, Some(&open_thread("b-1", 1))).await;
    let returned = update.conversation.unwrap().messages;
    let stored = fixture.thread("b-1").await;
    assert_eq!(stored.mark(Role::Operator).number(), returned.last().unwrap().number());
}

/// I4, L3: a retry is a new message if the original message is erased during the retry.
#[tokio::test]
async fn l3_a_retry_during_an_erasure_is_a_new_message() {
    let scenario = Scenario::new().await;
    // The erasure falls between the commit, which finds the key, and the read of the head.
    scenario.erase_after(2);
    let sent = scenario.fixture.ann().send(Draft::new("one").with_key(key("k"))).await.unwrap();
    assert_eq!((sent.number().get(), sent.is_replayed()), (4, false));
}

/// U3, L3: a thread that is erased while it is being marked is not found.
#[tokio::test]
async fn l3_a_thread_that_is_erased_while_it_is_marked_is_not_found() {
    for calls in 0..3 {
        let scenario = Scenario::new().await;
        scenario.erase_after(calls);
        let marked = scenario.fixture.kim().mark_read(&booking_id("b-1"), number(3)).await;
        assert!(matches!(marked, Err(DeskError::NotFound)), "after {calls} calls: {marked:?}");
    }
}

/// T8: a store that reports a taken key for a commit without a key causes a store error.
#[tokio::test]
async fn a_store_that_reports_a_taken_key_for_a_commit_without_keys_causes_an_error() {
    let scenario = Scenario::new().await;
    let fixture = &scenario.fixture;
    let message = fixture.messages("b-1").await.remove(0);
    fixture.store.report_key_taken(StoredMessage::new(message, fixture.revision().await));
    let erased = fixture.admin().erase(&booking_id("b-1")).await;
    let Err(DeskError::Store(error)) = erased else { panic!("{erased:?}") };
    assert_eq!(error.kind(), StoreErrorKind::Other);
}

/// P5: a listener that panics does not turn a committed message into an error.
#[tokio::test]
async fn p5_a_message_is_sent_although_the_listener_panics() {
    let fixture = Fixture::new();
    let with_panic = fixture
        .reconfigured(|builder| builder.listener(|_: &Event| panic!("the listener's panic")));
    let sent = with_panic.ann().send(Draft::new("one").with_key(key("k"))).await.unwrap();
    assert_eq!((sent.number(), sent.is_replayed()), (number(1), false));
    assert_eq!(fixture.texts("b-1").await, [(1, "one".to_owned())]);
    with_panic.kim().open(&booking_id("b-1")).await.unwrap();
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
}

/// U3: a poll that could not commit its mark does not lose the number that was in view.
#[tokio::test]
async fn u3_a_poll_that_could_not_mark_marks_the_reported_number_later() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("one").await.unwrap();
    let open = open_thread("b-1", 0).with_read(number(1));
    let cursor = fixture.cursor().await;
    fixture.store.conflict(64);
    let update = fixture.poll(&cursor, Some(&open)).await;
    let conversation = update.conversation.unwrap();
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 1);
    let open = conversation.open_thread().with_read(number(1));
    let update = fixture.poll(&update.cursor, Some(&open)).await;
    fixture.poll(&update.cursor, Some(&open)).await;
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 0);
}

/// L6, L3: a conditional reply to a thread that is erased during the call finds no thread.
#[tokio::test]
async fn l6_a_conditional_reply_to_a_thread_that_is_erased_meanwhile_is_not_found() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("one").await.unwrap();
    fixture.ann().send("two").await.unwrap();
    let other = Fixture::over(fixture.store.inner.clone());
    fixture.store.interrupt_after(1, move |_| {
        futures::executor::block_on(other.admin().erase(&booking_id("b-1"))).unwrap();
        Ok(())
    });
    let draft = Draft::new("Hi").with_seen(number(1)).only_if_latest();
    let refused = fixture.kim().reply(&booking_id("b-1"), draft).await.unwrap_err();
    assert!(matches!(refused, DeskError::NotFound), "{refused:?}");
}
