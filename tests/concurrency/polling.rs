//! Polls and openings while others write (P1, P2, P3, U3).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use frontdesk::desk::{CustomerAnswer, CustomerPoll, Event, OpenThread, OperatorPoll, PageRequest};
use frontdesk::store::{Filter, MemoryStore};
use frontdesk::view::English;
use frontdesk::{DeskError, MessageNumber, Role, Thread};
use time::UtcOffset;
use tokio::task::{JoinSet, yield_now};

use crate::dashboard::{Dashboard, poll_to_the_end};
use crate::house::{HERE, House, at_once};
use crate::stores::{Yielding, stores};
use crate::support::{booking, booking_id, place};

/// Thirty tasks of customers, operators and the host, in six threads of which
/// the last is erased now and then.
async fn everybody_writes(house: &House) {
    at_once(30, |index| {
        let house = house.clone();
        async move {
            for step in 0..8 {
                let booked = format!("b-{}", (index + step) % 6);
                let id = booking_id(&booked);
                let person = format!("p-{index}");
                match (index + step) % 5 {
                    0 => drop(house.operator(&person).start(booking(&booked)).await.unwrap()),
                    1 if index % 3 == 0 => {
                        let location = house.desk.location(place(HERE));
                        location.erase(&booking_id("b-5")).await.unwrap();
                    }
                    2 => match house.operator(&person).reply(&id, "Welcome!").await {
                        Ok(_) | Err(DeskError::NotFound) => {}
                        Err(error) => panic!("{error}"),
                    },
                    3 => drop(house.customer(&booked, &person).visit().await.unwrap()),
                    _ => drop(house.customer(&booked, &person).send("Hello!").await.unwrap()),
                }
                yield_now().await;
            }
        }
    })
    .await;
}

/// P1, P2, P3: dashboards that poll while many write, one without and two with an
/// open conversation, end with the location's list, its unread number and all
/// messages of the conversation, none missing and none twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p1_dashboards_that_poll_while_many_write_miss_nothing() {
    for round in 0..5 {
        for (name, store) in stores() {
            let house = House::over(store);
            house.customer("b-0", "c-0").send("Early").await.unwrap();
            let done = Arc::new(AtomicBool::new(false));
            let mut dashboards = JoinSet::new();
            for open in [None, Some("b-0"), Some("b-5")] {
                let dashboard = Dashboard::load(house.operator("u-1"), open).await;
                dashboards.spawn(poll_to_the_end(dashboard, Arc::clone(&done)));
            }
            everybody_writes(&house).await;
            done.store(true, SeqCst);
            let mut ended = Vec::new();
            while let Some(dashboard) = dashboards.join_next().await {
                ended.push(dashboard.expect("a dashboard failed"));
            }
            // Whoever ended first has not seen what the others marked since.
            for _ in 0..2 {
                for dashboard in &mut ended {
                    dashboard.poll_until_quiet().await;
                }
            }
            for dashboard in &ended {
                assert_shows_all(&house, dashboard, &format!("{name}, round {round}")).await;
            }
        }
    }
}

async fn assert_shows_all(house: &House, dashboard: &Dashboard, what: &str) {
    let here = place(HERE);
    let page = house.store.threads(&here, None, usize::MAX, Filter::All).await.unwrap();
    let shown: Vec<Thread> = dashboard.list.iter().cloned().collect();
    assert_eq!(shown, page.threads, "{what}: the list");
    assert_eq!(dashboard.unread, page.unread, "{what}: the unread number");
    let Some((booking, messages)) = &dashboard.open else { return };
    let stored = house.messages(booking.as_str()).await;
    assert_eq!(*messages, stored, "{what}: the open conversation");
    let unread = house.thread(booking.as_str()).await.map_or(0, |one| one.unread(Role::Operator));
    assert_eq!(unread, 0, "{what}: an open conversation that was polled to its end is read");
}

/// P2: an answer is of one moment, whenever during a poll a colleague replies: it has
/// the reply and what that changed in the list, or neither, and then the next one has.
#[tokio::test]
async fn p2_a_reply_during_a_poll_is_in_all_of_its_answer_or_in_none() {
    let mut polls_without = BTreeSet::new();
    for steps in 0..12 {
        let house = House::over(Arc::new(Yielding(MemoryStore::new())));
        let (kim, booked) = (house.operator("u-1"), booking_id("b-1"));
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        kim.open(&booked).await.unwrap();
        let cursor = kim.inbox(&PageRequest::first(1)).await.unwrap().cursor;
        let open = OpenThread { booking: booked.clone(), shown: MessageNumber::START };
        let polling = async {
            for _ in 0..steps {
                yield_now().await;
            }
            kim.poll(&cursor, Some(&open)).await.unwrap()
        };
        let colleague = house.operator("u-2");
        let (replied, polled) = tokio::join!(colleague.reply(&booked, "Welcome!"), polling);
        let OperatorPoll::Update(update) = polled else { panic!("told to start over") };
        let shown = update.conversation.unwrap().thread.last_number();
        let has_reply = shown == replied.unwrap().number();
        assert_eq!(!update.threads.is_empty(), has_reply, "{steps} steps after the reply began");
        let open = OpenThread { booking: booked, shown };
        let OperatorPoll::Update(next) = kim.poll(&update.cursor, Some(&open)).await.unwrap()
        else {
            panic!("told to start over")
        };
        assert_eq!(next.is_empty(), has_reply, "{steps} steps after the reply began");
        polls_without.insert(!has_reply);
    }
    assert_eq!(polls_without.len(), 2, "all polls came before the reply, or all after it");
}

/// P2: a customer's screen, polled while operators write, ends with every message
/// once, all of them read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p2_a_customer_that_polls_while_operators_write_gets_each_message_once() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let polling = tokio::spawn({
            let (house, done) = (house.clone(), Arc::clone(&done));
            async move {
                let customer = house.customer("b-1", "c-1");
                let screen = house.desk.screen(&UtcOffset::UTC, &English);
                let numbers = |answer: &CustomerAnswer| -> Vec<u32> {
                    let sections = answer.view(&screen).conversation.sections;
                    let entries = sections.iter().flat_map(|section| &section.entries);
                    entries.map(|entry| entry.number.get()).collect()
                };
                let mut answer = customer.visit().await.unwrap();
                let mut shown = numbers(&answer);
                loop {
                    // Looked at before the poll, which then brings all there is.
                    let last = done.load(SeqCst);
                    answer = match customer.poll(answer.cursor()).await.unwrap() {
                        CustomerPoll::Update(update) => update,
                        CustomerPoll::StartOver => panic!("told to start over"),
                    };
                    shown.extend(numbers(&answer));
                    if last && answer.message_count() == 0 {
                        return shown;
                    }
                    yield_now().await;
                }
            }
        });
        at_once(10, |index| {
            let house = house.clone();
            async move {
                for step in 0..5 {
                    let operator = house.operator(&format!("u-{index}"));
                    let text = format!("{index}, {step}");
                    operator.reply(&booking_id("b-1"), text).await.unwrap();
                    yield_now().await;
                }
            }
        })
        .await;
        done.store(true, SeqCst);
        assert_eq!(polling.await.unwrap(), (1..=51).collect::<Vec<_>>(), "{name}");
        assert_eq!(house.customer("b-1", "c-1").unread().await.unwrap(), 0, "{name}");
    }
}

/// U3: opening marks no further than the answer goes, however many write at that
/// moment: what arrived meanwhile stays unread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn u3_opening_while_customers_write_marks_only_what_it_shows() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-0").send("Hello!").await.unwrap();
        at_once(20, |index| {
            let house = house.clone();
            async move {
                if index % 2 == 0 {
                    house.customer("b-1", &format!("c-{index}")).send("Hello!").await.unwrap();
                    return;
                }
                let answer = house.operator("u-1").open(&booking_id("b-1")).await.unwrap();
                let shown = answer.messages.last().unwrap().number();
                assert_eq!(shown, answer.thread.last_number());
                assert!(answer.thread.mark(Role::Operator).number() >= shown);
            }
        })
        .await;
        // Each mark that was made is of an answer that had the message it names.
        let told = house.told.lock().unwrap().clone();
        for event in told {
            if let Event::Read { thread, .. } = event {
                let mark = thread.mark(Role::Operator);
                assert_eq!(mark.number(), thread.last_number(), "{name}: as answered");
                assert_eq!(thread.unread(Role::Operator), 0, "{name}");
            }
        }
        let thread = house.thread("b-1").await.unwrap();
        let mark = thread.mark(Role::Operator).number().get();
        assert_eq!(thread.unread(Role::Operator), thread.last_number().get() - mark, "{name}");
    }
}
