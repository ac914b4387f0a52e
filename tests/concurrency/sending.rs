//! Messages that are sent at the same time (I2, I3, I4, L5).

use std::collections::BTreeMap;

use frontdesk::desk::{Event, MAX_ATTEMPTS, PageRequest};
use frontdesk::{DeskError, Draft, Message, MessageNumber, Role};

use crate::Fixture;
use crate::stores::stores;
use crate::support::fixture::text;
use crate::support::{booking, booking_id, key};
use crate::tasks::run_concurrently;

/// The text of a message, and the number that the message got, or `None` if sending failed with
/// `DeskError::Busy`.
type Attempt = (String, Option<MessageNumber>);

/// Sends one message, as a customer if `index` is even, and as an operator if `index` is odd.
async fn send_one(fixture: Fixture, id: String, index: usize) -> Attempt {
    let text = format!("message {index}");
    let sent = if index.is_multiple_of(2) {
        let customer = fixture.customer(&id, &format!("c-{index}"));
        customer.send(text.as_str()).await.map(|sent| sent.number())
    } else {
        let operator = fixture.operator(&format!("u-{index}"));
        operator.reply(&booking_id(&id), text.as_str()).await.map(|sent| sent.number())
    };
    match sent {
        Ok(number) => (text, Some(number)),
        Err(DeskError::Busy) => (text, None),
        Err(error) => panic!("{text} was refused: {error}"),
    }
}

/// Returns the numbers of the messages that the listener was notified of, sorted.
fn emitted_numbers(fixture: &Fixture) -> Vec<u32> {
    let events = fixture.events();
    let numbers = events.iter().filter_map(|event| match event {
        Event::MessageReceived { message, .. } | Event::ReplySent { message, .. } => {
            Some(message.number().get())
        }
        _ => None,
    });
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// Returns the number of thread starts that the listener was notified of.
fn emitted_starts(fixture: &Fixture) -> usize {
    let events = fixture.events();
    events.iter().filter(|event| matches!(event, Event::ThreadStarted { .. })).count()
}

/// I3: asserts that the thread has the message of each successful attempt once, under the returned
/// number, and no message of a busy attempt. Asserts also that numbers have no gaps, that the
/// thread's counters match, and that the listener was notified of each message once.
async fn assert_stored_once(fixture: &Fixture, id: &str, attempts: &[Attempt]) {
    let messages = fixture.messages(id).await;
    let stored: BTreeMap<&str, MessageNumber> =
        messages.iter().map(|message| (text(message), message.number())).collect();
    assert_eq!(stored.len(), messages.len(), "a text is stored twice");
    let sent: BTreeMap<&str, MessageNumber> = attempts
        .iter()
        .filter_map(|(text, number)| number.map(|number| (text.as_str(), number)))
        .collect();
    assert_eq!(stored, sent, "the stored messages are not those that were sent");

    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "the numbers have no gaps");
    for role in [Role::Customer, Role::Operator] {
        let by_role = messages.iter().filter(|message| message.role() == role);
        let ordinals: Vec<u32> = by_role.map(Message::ordinal).collect();
        let count = u32::try_from(ordinals.len()).unwrap();
        assert_eq!(
            ordinals,
            (1..=count).collect::<Vec<_>>(),
            "the ordinals of the {role}s' messages"
        );
        let thread = fixture.thread(id).await;
        assert_eq!(thread.messages_by(role), count, "the count of the {role}s' messages");
    }
    assert_eq!(emitted_numbers(fixture), numbers, "the message numbers of the events");
}

/// Asserts that few attempts were busy. Over `MemoryStore`, no attempt may be busy, because the
/// calls of this store never wait. Over every store, no attempt may be busy if there are at most
/// `MAX_ATTEMPTS` writers, and some attempt must succeed.
#[track_caller]
fn assert_few_busy(store: &str, attempts: &[Attempt]) {
    let busy = attempts.iter().filter(|(_, number)| number.is_none()).count();
    println!("{store}: {busy} of {} sends were busy", attempts.len());
    if store == "memory" || attempts.len() <= MAX_ATTEMPTS {
        assert_eq!(busy, 0, "{store}");
    }
    assert!(busy < attempts.len(), "{store}: every send was busy");
}

/// I3: concurrent messages in one thread are numbered without gaps. Each message is stored once, or
/// is answered with `Busy` and not stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_messages_in_one_thread_are_numbered_without_gaps() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let fixture = Fixture::over(store);
            fixture.operator("u-0").start(booking("b-1")).await.unwrap();
            let send = |index| send_one(fixture.clone(), "b-1".to_owned(), index);
            let attempts = run_concurrently(count, send).await;
            assert_stored_once(&fixture, "b-1", &attempts).await;
            assert_few_busy(name, &attempts);
        }
    }
}

/// I2, L5: concurrent first messages of a booking start one thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i2_concurrent_first_messages_of_a_booking_start_one_thread() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let fixture = Fixture::over(store);
            // Only even indexes, which are customers: an operator cannot reply before the thread
            // starts.
            let send = |index| send_one(fixture.clone(), "b-1".to_owned(), index * 2);
            let attempts = run_concurrently(count, send).await;
            assert_stored_once(&fixture, "b-1", &attempts).await;
            assert_few_busy(name, &attempts);
            assert_eq!(emitted_starts(&fixture), 1, "{name}");
            let page = fixture.operator("u-1").inbox(&PageRequest::first(200)).await.unwrap();
            assert_eq!((page.threads.len(), page.unread), (1, 1), "{name}");
        }
    }
}

/// I2, L5: operators who start a thread while customers send the first message get the same thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l5_starts_concurrent_with_first_messages_start_one_thread() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        run_concurrently(40, |index| {
            let fixture = fixture.clone();
            async move {
                if index.is_multiple_of(2) {
                    fixture.operator("u-1").start(booking("b-1")).await.unwrap();
                } else {
                    fixture.customer("b-1", "c-1").send("Hello!").await.unwrap();
                }
            }
        })
        .await;
        assert_eq!(emitted_starts(&fixture), 1, "{name}");
        assert_eq!(emitted_numbers(&fixture), (1..=20).collect::<Vec<_>>(), "{name}");
        assert_eq!(fixture.thread("b-1").await.message_count(), 20, "{name}");
    }
}

/// I3: messages in different threads do not conflict, so no attempt is busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_messages_in_many_threads_are_never_busy() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        for n in 0..20 {
            fixture.operator("u-0").start(booking(&format!("b-{n}"))).await.unwrap();
        }
        let send = |index| send_one(fixture.clone(), format!("b-{}", index % 20), index / 20);
        let attempts = run_concurrently(200, send).await;
        assert!(attempts.iter().all(|(_, number)| number.is_some()), "{name}");
        for n in 0..20 {
            let messages = fixture.messages(&format!("b-{n}")).await;
            let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
            assert_eq!(numbers, (1..=10).collect::<Vec<_>>(), "{name}");
        }
    }
}

/// I4: of fifty concurrent messages with the same key and the same text, one is stored. Each caller
/// gets the number of that message, and all but one of the answers are replays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_fifty_times_at_once_stores_one_message() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        let answers = run_concurrently(50, |_| {
            let fixture = fixture.clone();
            async move {
                let draft = Draft::new("Hello!").with_key(key("once"));
                let sent = fixture.customer("b-1", "c-1").send(draft).await.unwrap();
                (sent.number().get(), sent.is_replayed())
            }
        })
        .await;
        assert!(answers.iter().all(|(number, _)| *number == 1), "{name}: {answers:?}");
        assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1, "{name}");
        assert_eq!(fixture.messages("b-1").await.len(), 1, "{name}");
        assert_eq!(emitted_starts(&fixture), 1, "{name}");
        assert_eq!(emitted_numbers(&fixture), [1], "{name}");
    }
}

/// I4: of fifty concurrent messages with the same key and different texts, one is stored. The
/// others are answered with an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_with_fifty_texts_at_once_stores_one_of_them() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        fixture.operator("u-1").start(booking("b-1")).await.unwrap();
        let answers = run_concurrently(50, |index| {
            let fixture = fixture.clone();
            async move {
                let draft = Draft::new(format!("text {index}")).with_key(key("once"));
                match fixture.operator("u-1").reply(&booking_id("b-1"), draft).await {
                    Ok(sent) => Some(text(&sent.message).to_owned()),
                    Err(DeskError::KeyReused) => None,
                    Err(error) => panic!("{error}"),
                }
            }
        })
        .await;
        let sent: Vec<String> = answers.into_iter().flatten().collect();
        let messages = fixture.messages("b-1").await;
        let stored: Vec<&str> = messages.iter().map(text).collect();
        assert_eq!(sent, stored, "{name}");
        assert_eq!(stored.len(), 1, "{name}");
    }
}
