//! Scenarios of several tasks, each with assertions that must hold in every schedule.

use std::sync::Arc;

use frontdesk::desk::Event;
use frontdesk::store::ThreadStore;
use frontdesk::{DeskError, Draft, Message, Role};
use shuttle::future::{JoinHandle, spawn};

use crate::follower::{FeedFollower, Fixture, assert_counts, sent_number};
use crate::support::dashboard::{Dashboard, poll_all_until_quiet};
use crate::support::importing::{history, import};
use crate::support::{booking, booking_id, key, number};

async fn join_all<T>(tasks: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.expect("a task of the scenario failed"));
    }
    results
}

fn count_events(fixture: &Fixture, matches: impl Fn(&Event) -> bool) -> usize {
    fixture.events().iter().filter(|event| matches(event)).count()
}

fn is_message(event: &Event) -> bool {
    matches!(event, Event::MessageReceived { .. } | Event::ReplySent { .. })
}

/// Two customers and an operator each send two messages into one thread.
pub(crate) async fn three_writers_send_into_one_thread(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    fixture.operator("u-1").start(booking("b-1")).await.unwrap();
    let writers = (0..3).map(|writer| {
        let fixture = fixture.clone();
        spawn(async move {
            let mut answered = Vec::new();
            for step in 0..2 {
                let text = format!("{writer}, {step}");
                let number = if writer == 0 {
                    let operator = fixture.operator("u-1");
                    let sent = operator.reply(&booking_id("b-1"), text.as_str()).await;
                    sent.map(|sent| sent.number())
                } else {
                    let sent = fixture.customer("b-1", "c-1").send(text.as_str()).await;
                    sent.map(|sent| sent.number())
                };
                answered.extend(sent_number(number).map(|number| (number, text)));
            }
            answered
        })
    });
    let mut answered = join_all(writers.collect::<Vec<_>>()).await.concat();
    answered.sort();
    assert_eq!(
        fixture.texts("b-1").await,
        answered,
        "the stored messages are those that the calls returned"
    );
    assert_eq!(answered.len(), 6);
    assert_counts(&fixture, "b-1").await;
    assert_eq!(count_events(&fixture, is_message), 6);
}

/// A customer's first message is sent three times with the same idempotency key while an operator
/// starts the thread.
pub(crate) async fn one_key_is_sent_three_times(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    let operator = fixture.operator("u-1");
    let start = spawn(async move { drop(operator.start(booking("b-1")).await.unwrap()) });
    let sends: Vec<_> = (0..3)
        .map(|_| {
            let customer = fixture.customer("b-1", "c-1");
            spawn(async move {
                let draft = Draft::new("Hello!").with_key(key("once"));
                let sent = customer.send(draft).await.unwrap();
                (sent.number().get(), sent.is_replayed())
            })
        })
        .collect();
    let mut answers = join_all(sends).await;
    join_all([start]).await;
    answers.sort_unstable();
    assert_eq!(answers, [(1, false), (1, true), (1, true)]);
    assert_eq!(fixture.texts("b-1").await, [(1, "Hello!".to_owned())]);
    assert_eq!(count_events(&fixture, is_message), 1);
    let starts = count_events(&fixture, |event| matches!(event, Event::ThreadStarted { .. }));
    assert_eq!(starts, 1, "one thread was started");
}

/// An operator opens a conversation in two tasks while a customer writes and another task
/// watches the operators' mark.
pub(crate) async fn an_operator_reads_while_a_customer_writes(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    fixture.customer("b-1", "c-1").send("Hello!").await.unwrap();
    let customer = fixture.customer("b-1", "c-1");
    let writes = spawn(async move {
        for step in 0..3 {
            customer.send(format!("{step}")).await.unwrap();
        }
    });
    let reads = (0..2).map(|_| {
        let operator = fixture.operator("u-1");
        spawn(async move {
            let answer = operator.open(&booking_id("b-1")).await.unwrap();
            let returned = answer.messages.last().map(Message::number);
            let last = Some(answer.thread.last_number());
            assert_eq!(returned, last, "the messages and the head are one snapshot");
            returned
        })
    });
    let reads: Vec<_> = reads.collect();
    let watched = fixture.clone();
    let watch = spawn(async move {
        let mut before = None;
        for _ in 0..4 {
            let mark = watched.thread("b-1").await.mark(Role::Operator);
            assert!(Some((mark.number(), mark.furthest())) >= before, "the mark moved back");
            before = Some((mark.number(), mark.furthest()));
        }
    });
    let returned = join_all(reads).await;
    join_all([writes, watch]).await;
    let mark = fixture.thread("b-1").await.mark(Role::Operator);
    let furthest = returned.into_iter().max().flatten();
    assert_eq!(Some(mark.number()), furthest, "the mark is at the last returned message");
    assert_counts(&fixture, "b-1").await;
}

/// A thread is erased while a customer and an operator write into it.
pub(crate) async fn a_thread_is_erased_during_writes(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    fixture.customer("b-1", "c-1").send("Before").await.unwrap();
    let customer = fixture.customer("b-1", "c-1");
    let sends = spawn(async move {
        let mut numbers = Vec::new();
        for _ in 0..2 {
            let sent = customer.send("Hello!").await;
            numbers.extend(sent_number(sent.map(|sent| sent.number())));
        }
        numbers
    });
    let operator = fixture.operator("u-1");
    let reply = spawn(async move {
        let sent = operator.reply(&booking_id("b-1"), "Welcome!").await;
        Vec::from_iter(sent_number(sent.map(|sent| sent.number())))
    });
    let admin = fixture.admin();
    let erasure = spawn(async move { assert!(admin.erase(&booking_id("b-1")).await.unwrap()) });
    let mut numbers = join_all([sends, reply]).await.concat();
    join_all([erasure]).await;
    numbers.sort_unstable();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (2..2 + count).collect::<Vec<_>>(), "no number names two messages");
    assert_counts(&fixture, "b-1").await;
    let stored = fixture.texts("b-1").await;
    assert!(stored.iter().all(|(_, text)| text != "Before"), "the earlier text is still stored");
    let thread = fixture.find_thread("b-1").await;
    let first = thread.map_or(2 + count, |thread| thread.first_number().get());
    let expected: Vec<u32> = numbers.into_iter().filter(|number| *number >= first).collect();
    assert_eq!(stored.into_iter().map(|(number, _)| number).collect::<Vec<_>>(), expected);
}

/// A booking is linked to a thread while the customer sends a first message for the booking and an
/// operator replies.
pub(crate) async fn a_booking_is_linked_during_writes(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    fixture.customer("b-1", "c-1").send("Before").await.unwrap();
    let (customer, operator) = (fixture.customer("b-2", "c-1"), fixture.operator("u-1"));
    let send = spawn(async move { drop(customer.send("Hello!").await.unwrap()) });
    let reply =
        spawn(async move { drop(operator.reply(&booking_id("b-1"), "Hi!").await.unwrap()) });
    let admin = fixture.admin();
    let link = spawn(async move { admin.link(&booking_id("b-1"), &booking("b-2")).await });
    join_all([send, reply]).await;
    let [linked] = &join_all([link]).await[..] else { unreachable!("there is one link") };
    let (old, own) = (fixture.thread("b-1").await, fixture.find_thread("b-2").await);
    assert_counts(&fixture, "b-1").await;
    match linked {
        Ok(_) => {
            assert_eq!(own, None, "a linked booking has no thread of its own");
            assert_eq!((old.message_count(), old.linked_booking()), (3, Some(&booking_id("b-2"))));
        }
        Err(DeskError::AlreadyHasThread) => {
            assert_eq!(own.map(|own| own.message_count()), Some(1));
            assert_eq!((old.message_count(), old.linked_booking()), (2, None));
        }
        Err(error) => panic!("linking failed: {error}"),
    }
}

/// Two imports of one list run while the customer writes. One of them imports the first half of the
/// list and then the whole list.
pub(crate) async fn a_customer_writes_during_imports(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    let list = |length| import("b-1").messages(history(length));
    let imports = [vec![list(2), list(4)], vec![list(4)]].map(|lists| {
        let admin = fixture.admin();
        spawn(async move {
            let mut stored = 0;
            let mut is_complete = true;
            for list in lists {
                stored += match admin.import(&list).await {
                    Ok(imported) => imported.stored,
                    Err(DeskError::ImportOutOfOrder(refused)) => {
                        is_complete = false;
                        refused.imported.stored
                    }
                    Err(error) => panic!("an import failed: {error}"),
                };
            }
            (stored, is_complete)
        })
    });
    let customer = fixture.customer("b-1", "c-1");
    let send = spawn(async move { customer.send("live").await.unwrap().number().get() });
    let answers = join_all(imports).await;
    let live = join_all([send]).await[0];

    let stored: usize = answers.iter().map(|(stored, _)| stored).sum();
    let is_complete = answers.iter().any(|(_, is_complete)| *is_complete);
    assert_eq!(is_complete, stored == 4, "an answer without an error means the whole list");
    let mut expected: Vec<(u32, String)> = (0..stored)
        .zip(1..)
        .map(|(position, number)| (number, format!("message {position}")))
        .collect();
    expected.push((live, "live".to_owned()));
    assert_eq!(fixture.texts("b-1").await, expected, "the live message follows what was stored");
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 1);
    assert_counts(&fixture, "b-1").await;
    assert_eq!(count_events(&fixture, is_message), 1, "an import is silent");
}

/// Messages are redacted while a customer writes and a dashboard polls with the open conversation.
pub(crate) async fn messages_are_redacted_during_polls(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    for text in ["one", "two"] {
        fixture.customer("b-1", "c-1").send(text).await.unwrap();
    }
    let mut dashboard = Dashboard::load(fixture.operator("u-1"), Some("b-1")).await;
    let polls = spawn(async move {
        for _ in 0..3 {
            dashboard.poll().await;
        }
        dashboard
    });
    let customer = fixture.customer("b-1", "c-1");
    let write = spawn(async move { drop(customer.send("three").await.unwrap()) });
    let redactions = [1, 2].map(|message| {
        let admin = fixture.admin();
        spawn(async move {
            assert!(admin.redact(&booking_id("b-1"), number(message)).await.unwrap());
        })
    });
    join_all(redactions).await;
    join_all([write]).await;
    let mut dashboards = join_all([polls]).await;
    poll_all_until_quiet(&mut dashboards).await;
    dashboards[0].assert_complete(&fixture).await;
    let redacted = fixture.messages("b-1").await.into_iter().filter_map(|one| one.redaction());
    let mut ordinals: Vec<u32> = redacted.collect();
    ordinals.sort_unstable();
    assert_eq!(ordinals, [1, 2], "each redacted message has its own ordinal");
}

/// Two dashboards poll, one of them with an open conversation, and a client follows the
/// feed. Meanwhile customers write into two threads, and one of the threads is erased.
pub(crate) async fn dashboards_poll_during_writes(store: Arc<dyn ThreadStore>) {
    let fixture = Fixture::over(store);
    fixture.customer("b-1", "c-1").send("Early").await.unwrap();
    let mut polls = Vec::new();
    for open in [Some("b-1"), None] {
        let mut dashboard = Dashboard::load(fixture.operator("u-1"), open).await;
        polls.push(spawn(async move {
            for _ in 0..3 {
                dashboard.poll().await;
            }
            dashboard
        }));
    }
    let mut follower = FeedFollower::new(&fixture);
    let follow = spawn(async move {
        for _ in 0..4 {
            follower.read().await;
        }
        follower
    });
    let mut writes = Vec::new();
    for id in ["b-1", "b-2"] {
        let (customer, admin) = (fixture.customer(id, "c-1"), fixture.admin());
        writes.push(spawn(async move {
            for step in 0..2 {
                customer.send(format!("{step}")).await.unwrap();
            }
            if id == "b-2" {
                admin.erase(&booking_id(id)).await.unwrap();
                customer.send("Again").await.unwrap();
            }
        }));
    }
    join_all(writes).await;
    let mut dashboards = join_all(polls).await;
    poll_all_until_quiet(&mut dashboards).await;
    for dashboard in &dashboards {
        dashboard.assert_complete(&fixture).await;
    }
    for follower in join_all([follow]).await {
        follower.assert_complete().await;
    }
    for id in ["b-1", "b-2"] {
        assert_counts(&fixture, id).await;
    }
}
