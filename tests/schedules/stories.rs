//! What several do at the same time, and what holds whoever goes first.

use std::sync::Arc;

use frontdesk::desk::Event;
use frontdesk::store::ThreadStore;
use frontdesk::{Draft, Message, Role};
use shuttle::future::{JoinHandle, spawn};

use crate::office::{Dashboard, Follower, Office, number_of};
use crate::support::{booking, booking_id, key};

async fn ended<T>(tasks: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("a task of the story failed"));
    }
    answers
}

fn is_message(event: &Event) -> bool {
    matches!(event, Event::Received { .. } | Event::Replied { .. })
}

/// Two customers and an operator write two messages each into one thread.
pub(crate) async fn several_write_into_one_thread(store: Arc<dyn ThreadStore>) {
    let office = Office::over(store);
    office.operator().start(booking("b-1")).await.unwrap();
    let writers = (0..3).map(|writer| {
        let office = office.clone();
        spawn(async move {
            let mut answered = Vec::new();
            for step in 0..2 {
                let text = format!("{writer}, {step}");
                let number = if writer == 0 {
                    let sent = office.operator().reply(&booking_id("b-1"), text.as_str()).await;
                    sent.map(|sent| sent.number())
                } else {
                    office.customer("b-1").send(text.as_str()).await.map(|sent| sent.number())
                };
                answered.extend(number_of(number).map(|number| (number, text)));
            }
            answered
        })
    });
    let mut answered = ended(writers.collect::<Vec<_>>()).await.concat();
    answered.sort();
    assert_eq!(office.texts("b-1").await, answered, "what is stored is what was answered");
    assert_eq!(answered.len(), 6);
    office.assert_counts_exactly("b-1").await;
    assert_eq!(office.told(is_message), 6);
}

/// A customer's first message, sent three times with one key, while an operator
/// starts the thread.
pub(crate) async fn one_key_is_sent_from_three_places(store: Arc<dyn ThreadStore>) {
    let office = Office::over(store);
    let starts = spawn({
        let office = office.clone();
        async move { drop(office.operator().start(booking("b-1")).await.unwrap()) }
    });
    let sends: Vec<_> = (0..3)
        .map(|_| {
            let office = office.clone();
            spawn(async move {
                let draft = Draft::new("Hello!").with_key(key("once"));
                let sent = office.customer("b-1").send(draft).await.unwrap();
                (sent.number().get(), sent.is_replayed())
            })
        })
        .collect();
    let mut answers = ended(sends).await;
    ended([starts]).await;
    answers.sort_unstable();
    assert_eq!(answers, [(1, false), (1, true), (1, true)]);
    assert_eq!(office.texts("b-1").await, [(1, "Hello!".to_owned())]);
    assert_eq!(office.told(is_message), 1);
    assert_eq!(office.told(|event| matches!(event, Event::Opened { .. })), 1, "one thread");
}

/// An operator opens a conversation twice while a customer writes, and somebody
/// looks at the mark.
pub(crate) async fn an_operator_reads_while_a_customer_writes(store: Arc<dyn ThreadStore>) {
    let office = Office::over(store);
    office.customer("b-1").send("Hello!").await.unwrap();
    let writes = spawn({
        let office = office.clone();
        async move {
            for step in 0..3 {
                office.customer("b-1").send(format!("{step}")).await.unwrap();
            }
        }
    });
    let reads = (0..2).map(|_| {
        let office = office.clone();
        spawn(async move {
            let answer = office.operator().open(&booking_id("b-1")).await.unwrap();
            let shown = answer.messages.last().map(Message::number);
            assert_eq!(shown, Some(answer.thread.last_number()), "the answer is one picture");
            shown
        })
    });
    let reads: Vec<_> = reads.collect();
    let looks = spawn({
        let office = office.clone();
        async move {
            let mut before = None;
            for _ in 0..4 {
                let thread = office.thread("b-1").await.unwrap();
                let mark = thread.mark(Role::Operator);
                assert!(Some((mark.number(), mark.furthest())) >= before, "a mark went back");
                before = Some((mark.number(), mark.furthest()));
            }
        }
    });
    let shown = ended(reads).await;
    ended([writes, looks]).await;
    let thread = office.thread("b-1").await.unwrap();
    let furthest = shown.into_iter().max().flatten();
    assert_eq!(Some(thread.mark(Role::Operator).number()), furthest, "as far as was shown");
    office.assert_counts_exactly("b-1").await;
}

/// A thread is erased while a customer and an operator write into it.
pub(crate) async fn a_thread_is_erased_while_others_write(store: Arc<dyn ThreadStore>) {
    let office = Office::over(store);
    office.customer("b-1").send("Before").await.unwrap();
    let customer = spawn({
        let office = office.clone();
        async move {
            let mut numbers = Vec::new();
            for _ in 0..2 {
                let sent = office.customer("b-1").send("Hello!").await;
                numbers.extend(number_of(sent.map(|sent| sent.number())));
            }
            numbers
        }
    });
    let operator = spawn({
        let office = office.clone();
        async move {
            let sent = office.operator().reply(&booking_id("b-1"), "Welcome!").await;
            Vec::from_iter(number_of(sent.map(|sent| sent.number())))
        }
    });
    let erasure = spawn({
        let office = office.clone();
        async move { assert!(office.location().erase(&booking_id("b-1")).await.unwrap()) }
    });
    let mut numbers = ended([customer, operator]).await.concat();
    ended([erasure]).await;
    numbers.sort_unstable();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (2..2 + count).collect::<Vec<_>>(), "no number names two messages");
    office.assert_counts_exactly("b-1").await;
    let stored = office.texts("b-1").await;
    assert!(stored.iter().all(|(_, text)| text != "Before"), "the words before are gone");
    let first = office.thread("b-1").await.map_or(2 + count, |one| one.first_number().get());
    let after: Vec<u32> = numbers.into_iter().filter(|number| *number >= first).collect();
    assert_eq!(stored.into_iter().map(|(number, _)| number).collect::<Vec<_>>(), after);
}

/// Two browsers poll, one with a conversation open, and somebody follows the feed,
/// while customers write into two threads of which one is erased.
pub(crate) async fn dashboards_poll_while_others_write(store: Arc<dyn ThreadStore>) {
    let office = Office::over(store);
    office.customer("b-1").send("Early").await.unwrap();
    let mut dashboards = Vec::new();
    for open in [Some("b-1"), None] {
        let mut dashboard = Dashboard::load(&office, open).await;
        dashboards.push(spawn(async move {
            for _ in 0..3 {
                dashboard.poll().await;
            }
            dashboard
        }));
    }
    let mut follower = Follower::of(&office);
    let follows = spawn(async move {
        for _ in 0..4 {
            follower.look().await;
        }
        follower
    });
    let mut writers = Vec::new();
    for booked in ["b-1", "b-2"] {
        let office = office.clone();
        writers.push(spawn(async move {
            for step in 0..2 {
                office.customer(booked).send(format!("{step}")).await.unwrap();
            }
            if booked == "b-2" {
                office.location().erase(&booking_id(booked)).await.unwrap();
                office.customer(booked).send("Again").await.unwrap();
            }
        }));
    }
    ended(writers).await;
    let mut dashboards = ended(dashboards).await;
    // Who is quiet first has not seen what the other marks then.
    for _ in 0..2 {
        for dashboard in &mut dashboards {
            dashboard.poll_until_quiet().await;
        }
    }
    for dashboard in &dashboards {
        dashboard.assert_shows_all().await;
    }
    for follower in ended([follows]).await {
        follower.assert_missed_nothing().await;
    }
    for booked in ["b-1", "b-2"] {
        office.assert_counts_exactly(booked).await;
    }
}
