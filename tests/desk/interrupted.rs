//! What a use case does when its store fails, or its thread is erased, between two of
//! its calls (I4, L3, P2, U3).

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use frontdesk::desk::{
    CustomerAnswer, CustomerPoll, Event, MAX_ATTEMPTS, OpenThread, OperatorPoll, OperatorUpdate,
    PageRequest,
};
use frontdesk::store::{
    Direction, Filter, MemoryStore, Revision, StoreError, StoreErrorKind, ThreadStore,
};
use frontdesk::{
    BookingStatus, CustomerDesk, DeskError, Draft, FrontDesk, LocationDesk, MessageNumber,
    OperatorDesk, Role, ThreadId,
};
use futures::FutureExt as _;

use crate::busy::Busy;
use crate::story::{START, a_booking, at, booking, here, key, number, person};

/// A question that Kim answered, asked again since; neither side has read the last.
struct Scene {
    store: Busy,
    desk: FrontDesk,
    told: Arc<Mutex<Vec<Event>>>,
    visit: CustomerAnswer,
    update: OperatorUpdate,
}

impl Scene {
    async fn new() -> Self {
        let store = Busy::default();
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let desk = FrontDesk::builder(store.clone())
            .clock(|| at(START))
            .listener(move |event: &Event| heard.lock().unwrap().push(event.clone()))
            .build();
        let (ann, kim) = (ann(&desk), kim(&desk));
        ann.send(Draft::new("one").with_key(key("k"))).await.unwrap();
        let visit = ann.visit().await.unwrap();
        let cursor = kim.inbox(&PageRequest::first(9)).await.unwrap().cursor;
        let OperatorPoll::Update(update) = kim.poll(&cursor, None).await.unwrap() else {
            panic!("the cursor should go on");
        };
        kim.reply(&booking("b-1"), "two").await.unwrap();
        ann.send(Draft::new("three").having_seen(number(1))).await.unwrap();
        Self { store, desk, told, visit, update }
    }

    fn location(&self) -> LocationDesk {
        self.desk.location(here())
    }

    /// Everything that is stored and everything that was told.
    async fn everything(&self) -> impl PartialEq + Debug + use<> {
        let id = ThreadId::new(here(), booking("b-1"));
        let all = MessageNumber::START..=MessageNumber::MAX;
        let messages = self.store.messages(&id, all, 99, Direction::OldestFirst).await.unwrap();
        let changes = self.store.changes(&here(), Revision::default(), 99).await.unwrap();
        let page = self.store.threads(&here(), None, 99, Filter::All).await.unwrap();
        (messages, changes, page, self.told.lock().unwrap().clone())
    }

    /// Erases the thread after so many more calls, and before the next.
    fn erase_after(&self, calls: usize) {
        self.store.interrupt(calls, |store: &MemoryStore| {
            let desk = FrontDesk::new(store.clone());
            let erased = desk.location(here()).erase(&booking("b-1")).now_or_never();
            assert!(erased.unwrap().unwrap());
            Ok(())
        });
    }
}

fn ann(desk: &FrontDesk) -> CustomerDesk {
    desk.customer(here(), a_booking("b-1"), person("ann"), None)
}

fn kim(desk: &FrontDesk) -> OperatorDesk {
    desk.operator(here(), person("kim"), None)
}

const USE_CASES: [&str; 21] = [
    "visit",
    "customer's history",
    "customer's unread",
    "send",
    "send again",
    "send too much again",
    "customer's poll",
    "inbox",
    "unread",
    "open",
    "history",
    "start",
    "reply",
    "mark read",
    "mark unread",
    "poll",
    "poll a thread that is open",
    "poll a thread just opened",
    "threads",
    "refresh",
    "erase",
];

async fn run(scene: &Scene, use_case: &str) -> Result<(), DeskError> {
    let (ann, kim, id) = (ann(&scene.desk), kim(&scene.desk), booking("b-1"));
    let open = OpenThread { booking: id.clone(), shown: number(1) };
    let poll_with = async |open| kim.poll(&scene.update.cursor, open).await.map(drop);
    match use_case {
        "visit" => ann.visit().await.map(drop),
        "customer's history" => ann.history(None, 9).await.map(drop),
        "customer's unread" => ann.unread().await.map(drop),
        "send" => {
            let draft = Draft::new("four").having_seen(number(1));
            ann.send(draft.with_key(key("new"))).await.map(drop)
        }
        "send again" => ann.send(Draft::new("one").with_key(key("k"))).await.map(drop),
        "send too much again" => {
            let too_much = Draft::new("x".repeat(99_999)).with_key(key("k"));
            match ann.send(too_much).await {
                Err(DeskError::KeyReused) => Ok(()),
                other => other.map(drop),
            }
        }
        "customer's poll" => ann.poll(scene.visit.cursor()).await.map(drop),
        "inbox" => kim.inbox(&PageRequest::first(9)).await.map(drop),
        "unread" => kim.unread().await.map(drop),
        "open" => kim.open(&id).await.map(drop),
        "history" => kim.history(&id, None, 9).await.map(drop),
        "start" => kim.start(a_booking("b-2")).await.map(drop),
        "reply" => kim.reply(&id, Draft::new("four").with_key(key("new"))).await.map(drop),
        "mark read" => kim.mark_read(&id, number(3)).await.map(drop),
        "mark unread" => kim.mark_unread(&id, number(1)).await.map(drop),
        "poll" => poll_with(None).await,
        "poll a thread that is open" => poll_with(Some(&open)).await,
        "poll a thread just opened" => {
            let newest = kim.inbox(&PageRequest::first(9)).await?.cursor;
            kim.poll(&newest, Some(&open)).await.map(drop)
        }
        "threads" => scene.location().threads(&PageRequest::first(9)).await.map(drop),
        "refresh" => {
            let complete = a_booking("b-1").with_status(BookingStatus::Complete);
            scene.location().refresh(&complete).await.map(drop)
        }
        "erase" => scene.location().erase(&id).await.map(drop),
        other => unreachable!("{other}"),
    }
}

/// I4, P6: whichever call to the store fails, the caller is told; and when the use case
/// is run again, there is stored and told what would have been without the failure.
#[tokio::test]
async fn i4_a_use_case_whose_store_failed_can_be_run_again() {
    for use_case in USE_CASES {
        let undisturbed = Scene::new().await;
        run(&undisturbed, use_case).await.unwrap();
        let expected = undisturbed.everything().await;
        let mut calls = 0;
        loop {
            let scene = Scene::new().await;
            let cut = Arc::new(AtomicBool::new(false));
            let cutting = Arc::clone(&cut);
            scene.store.interrupt(calls, move |_| {
                cutting.store(true, SeqCst);
                Err(StoreError::unavailable("cut"))
            });
            match run(&scene, use_case).await {
                Ok(()) if !cut.load(SeqCst) => break,
                Ok(()) => panic!("{use_case} did not say that call {calls} failed"),
                Err(DeskError::Store(error)) => {
                    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{use_case}, {calls}");
                }
                Err(other) => panic!("{use_case}, call {calls}: {other}"),
            }
            run(&scene, use_case).await.unwrap();
            assert_eq!(scene.everything().await, expected, "{use_case}, call {calls}");
            calls += 1;
        }
        assert!(calls > 0, "{use_case} asks the store for something");
    }
}

/// P2, L3: a poll that finds a thread whose messages are erased by then looks again.
#[tokio::test]
async fn l3_a_poll_during_an_erasure_brings_its_end() {
    let scene = Scene::new().await;
    scene.erase_after(1);
    let poll = ann(&scene.desk).poll(scene.visit.cursor()).await.unwrap();
    let CustomerPoll::Update(answer) = poll else { panic!("{poll:?}") };
    assert!(!answer.is_started());
}

/// P2: a customer's poll whose mark always comes too late brings the messages, and
/// leaves them unread.
#[tokio::test]
async fn p2_a_customers_poll_that_cannot_mark_still_answers() {
    let scene = Scene::new().await;
    scene.store.conflict(MAX_ATTEMPTS);
    let poll = ann(&scene.desk).poll(scene.visit.cursor()).await.unwrap();
    let CustomerPoll::Update(answer) = poll else { panic!("{poll:?}") };
    assert_eq!(answer.message_count(), 2);
    assert_eq!(ann(&scene.desk).unread().await.unwrap(), 1);
}

/// U3, P2: a poll whose mark is made, and whose next look fails, brings what it marked.
#[tokio::test]
async fn u3_a_poll_that_marked_and_then_failed_brings_what_it_marked() {
    let scene = Scene::new().await;
    let store = scene.store.clone();
    // After its first look, so that it looks once more, which is the call after its mark.
    scene.store.interrupt(1, move |stored: &MemoryStore| {
        let sending =
            FrontDesk::new(stored.clone()).customer(here(), a_booking("b-2"), person("bob"), None);
        sending.send("Me too!").now_or_never().unwrap().unwrap();
        store.interrupt(2, |_| Err(StoreError::unavailable("cut")));
        Ok(())
    });
    let open = OpenThread { booking: booking("b-1"), shown: number(1) };
    let poll = kim(&scene.desk).poll(&scene.update.cursor, Some(&open)).await.unwrap();
    let OperatorPoll::Update(update) = poll else { panic!("{poll:?}") };
    let brought = update.conversation.unwrap().messages;
    let stored = kim(&scene.desk).history(&booking("b-1"), None, 9).await.unwrap().thread;
    assert_eq!(stored.mark(Role::Operator).number(), brought.last().unwrap().number());
}

/// I4, L3: what is sent again while the first is being erased is a new message.
#[tokio::test]
async fn l3_a_retry_during_an_erasure_is_a_new_message() {
    let scene = Scene::new().await;
    // Between the commit, which finds the key, and the thread that it came in.
    scene.erase_after(2);
    let sent = ann(&scene.desk).send(Draft::new("one").with_key(key("k"))).await.unwrap();
    assert_eq!((sent.number().get(), sent.is_replayed()), (4, false));
}

/// U3, L3: a thread that is erased while it is being marked is not there.
#[tokio::test]
async fn l3_a_thread_erased_while_it_is_marked_is_not_there() {
    for calls in 0..4 {
        let scene = Scene::new().await;
        scene.erase_after(calls);
        let marked = kim(&scene.desk).mark_read(&booking("b-1"), number(3)).await;
        assert!(matches!(marked, Err(DeskError::NotFound)), "after {calls} calls: {marked:?}");
    }
}

/// T8: a store that says a key is taken where none was given is not believed.
#[tokio::test]
async fn a_key_is_not_taken_where_none_was_given() {
    let scene = Scene::new().await;
    let page = kim(&scene.desk).history(&booking("b-1"), None, 1).await.unwrap();
    scene.store.claim(page.messages[0].clone());
    let erased = scene.location().erase(&booking("b-1")).await;
    let Err(DeskError::Store(error)) = erased else { panic!("{erased:?}") };
    assert_eq!(error.kind(), StoreErrorKind::Other);
}
