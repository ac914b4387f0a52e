//! Polling and opening conversations while other participants write (P1, P2, P3, U3).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use frontdesk::desk::{CustomerConversation, CustomerPoll, Event, PageRequest};
use frontdesk::view::English;
use frontdesk::{DeskError, Role};
use time::UtcOffset;
use tokio::task::{JoinSet, yield_now};

use crate::Fixture;
use crate::stores::{stores, yielding_store};
use crate::support::dashboard::{Dashboard, poll_all_until_quiet};
use crate::support::fixture::{expect_update, open_thread};
use crate::support::{booking, booking_id};
use crate::tasks::run_concurrently;

/// Runs thirty tasks, which write to the threads of six bookings as customers, operators and the
/// administration. Some of the tasks erase the thread of the last booking, b-5.
async fn write_concurrently(fixture: &Fixture) {
    run_concurrently(30, |index| {
        let fixture = fixture.clone();
        async move {
            for step in 0..8 {
                let id = format!("b-{}", (index + step) % 6);
                let participant = format!("p-{index}");
                let (customer, operator) =
                    (fixture.customer(&id, &participant), fixture.operator(&participant));
                match (index + step) % 5 {
                    0 => drop(operator.start(booking(&id)).await.unwrap()),
                    1 if index % 3 == 0 => {
                        fixture.admin().erase(&booking_id("b-5")).await.unwrap();
                    }
                    2 => match operator.reply(&booking_id(&id), "Welcome!").await {
                        Ok(_) | Err(DeskError::NotFound) => {}
                        Err(error) => panic!("{error}"),
                    },
                    3 => drop(customer.open().await.unwrap()),
                    _ => drop(customer.send("Hello!").await.unwrap()),
                }
                yield_now().await;
            }
        }
    })
    .await;
}

/// Polls until `done` is `true`, then until an answer is empty.
async fn poll_until_done(mut dashboard: Dashboard, done: Arc<AtomicBool>) -> Dashboard {
    while !done.load(SeqCst) {
        dashboard.poll().await;
        yield_now().await;
    }
    dashboard.poll_until_quiet().await;
    dashboard
}

/// P1, P2, P3: dashboards poll while thirty tasks write. At the end, each dashboard shows the
/// location's list of threads, the number of unread threads, and all messages of the open
/// conversation once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p1_dashboards_that_poll_during_writes_miss_nothing() {
    for _ in 0..5 {
        for (name, store) in stores() {
            println!("{name}");
            let fixture = Fixture::over(store);
            fixture.customer("b-0", "c-0").send("Early").await.unwrap();
            let done = Arc::new(AtomicBool::new(false));
            let mut polling = JoinSet::new();
            for open in [None, Some("b-0"), Some("b-5")] {
                let dashboard = Dashboard::load(fixture.operator("u-1"), open).await;
                polling.spawn(poll_until_done(dashboard, Arc::clone(&done)));
            }
            write_concurrently(&fixture).await;
            done.store(true, SeqCst);
            let mut dashboards = polling.join_all().await;
            poll_all_until_quiet(&mut dashboards).await;
            for dashboard in &dashboards {
                dashboard.assert_complete(&fixture).await;
            }
        }
    }
}

/// P2: a poll's answer is one snapshot. The answer contains a concurrent reply and the reply's
/// change to the list of threads, or neither. If the answer contains neither, the next poll returns
/// both.
#[tokio::test]
async fn p2_a_poll_contains_a_concurrent_reply_completely_or_not_at_all() {
    let mut outcomes = BTreeSet::new();
    for steps in 0..12 {
        let fixture = Fixture::over(Arc::new(yielding_store()));
        let (kim, colleague, id) = (fixture.kim(), fixture.operator("u-2"), booking_id("b-1"));
        fixture.customer("b-1", "c-1").send("Hello!").await.unwrap();
        kim.open(&id).await.unwrap();
        let cursor = kim.inbox(&PageRequest::first(1)).await.unwrap().cursor;
        let open = open_thread("b-1", 0);
        let polling = async {
            for _ in 0..steps {
                yield_now().await;
            }
            kim.poll(&cursor, Some(&open)).await.unwrap()
        };
        let (replied, polled) = tokio::join!(colleague.reply(&id, "Welcome!"), polling);
        let update = expect_update(polled);
        let shown = update.conversation.unwrap().thread.last_number();
        let has_reply = shown == replied.unwrap().number();
        assert_eq!(!update.threads.is_empty(), has_reply, "{steps} steps after the reply began");
        let open = open_thread("b-1", shown.get());
        let next = fixture.poll(&update.cursor, Some(&open)).await;
        assert_eq!(next.is_empty(), has_reply, "{steps} steps after the reply began");
        outcomes.insert(has_reply);
    }
    assert_eq!(
        outcomes.len(),
        2,
        "every poll came before the reply, or every poll came after the reply"
    );
}

/// Polls as a customer until `done` is `true` and an answer has no message. Returns the numbers of
/// all messages in the answers.
async fn poll_as_customer(fixture: Fixture, done: Arc<AtomicBool>) -> Vec<u32> {
    let customer = fixture.customer("b-1", "c-1");
    let context = fixture.desk.view_context(&UtcOffset::UTC, &English);
    let numbers = |answer: &CustomerConversation| -> Vec<u32> {
        let sections = answer.view(&context).conversation.sections;
        let entries = sections.iter().flat_map(|section| &section.entries);
        entries.map(|entry| entry.number.get()).collect()
    };
    let mut answer = customer.open().await.unwrap();
    let mut shown = numbers(&answer);
    loop {
        // `done` is read before the poll, so that the last poll returns everything.
        let is_last = done.load(SeqCst);
        answer = match customer.poll(answer.cursor()).await.unwrap() {
            CustomerPoll::Update(update) => update,
            CustomerPoll::StartOver => panic!("the poll starts over"),
        };
        shown.extend(numbers(&answer));
        if is_last && answer.message_count() == 0 {
            return shown;
        }
        yield_now().await;
    }
}

/// P2: a customer who polls while operators write gets each message once. At the end, no message is
/// unread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p2_a_customer_who_polls_during_replies_gets_each_message_once() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        fixture.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let polling = tokio::spawn(poll_as_customer(fixture.clone(), Arc::clone(&done)));
        run_concurrently(10, |index| {
            let operator = fixture.operator(&format!("u-{index}"));
            async move {
                for step in 0..5 {
                    let text = format!("{index}, {step}");
                    operator.reply(&booking_id("b-1"), text).await.unwrap();
                    yield_now().await;
                }
            }
        })
        .await;
        done.store(true, SeqCst);
        assert_eq!(polling.await.unwrap(), (1..=51).collect::<Vec<_>>(), "{name}");
        assert_eq!(fixture.customer("b-1", "c-1").unread_messages().await.unwrap(), 0, "{name}");
    }
}

/// U3: opening marks only the messages in its answer as read. Messages that arrive meanwhile stay
/// unread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn u3_opening_during_writes_marks_only_what_it_returns() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        fixture.customer("b-1", "c-0").send("Hello!").await.unwrap();
        run_concurrently(20, |index| {
            let fixture = fixture.clone();
            async move {
                if index.is_multiple_of(2) {
                    fixture.customer("b-1", &format!("c-{index}")).send("Hello!").await.unwrap();
                    return;
                }
                let answer = fixture.operator("u-1").open(&booking_id("b-1")).await.unwrap();
                let shown = answer.messages.last().unwrap().number();
                assert_eq!(shown, answer.thread.last_number());
                assert!(answer.thread.mark(Role::Operator).number() >= shown);
            }
        })
        .await;
        // Each event contains the thread right after a mark. The mark is at the last message that
        // the thread had then.
        for event in fixture.events() {
            if let Event::MarkedRead { thread, .. } = event {
                let mark = thread.mark(Role::Operator);
                assert_eq!(mark.number(), thread.last_number(), "{name}");
                assert_eq!(thread.unread(Role::Operator), 0, "{name}");
            }
        }
        let thread = fixture.thread("b-1").await;
        let mark = thread.mark(Role::Operator).number().get();
        assert_eq!(thread.unread(Role::Operator), thread.last_number().get() - mark, "{name}");
    }
}
