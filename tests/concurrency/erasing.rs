//! Erasures concurrent with other writes (L3).

use frontdesk::desk::Event;
use frontdesk::{DeskError, MessageNumber};
use tokio::task::yield_now;

use crate::Fixture;
use crate::stores::stores;
use crate::support::booking_id;
use crate::tasks::run_concurrently;

/// A message that was sent: its number and text.
type Sent = (MessageNumber, String);

/// Sends one message, as a customer or as an operator. Returns `None` if the operator
/// found no thread.
async fn send_one(fixture: Fixture, index: usize) -> Option<Sent> {
    let text = format!("message {index}");
    if index.is_multiple_of(2) {
        let sent = fixture.customer("b-1", "c-1").send(text.as_str()).await.unwrap();
        return Some((sent.number(), text));
    }
    match fixture.operator("u-1").reply(&booking_id("b-1"), text.as_str()).await {
        Ok(sent) => Some((sent.number(), text)),
        Err(DeskError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Returns the last message number that was erased. Panics unless the thread was erased exactly
/// once.
#[track_caller]
fn erased_number(fixture: &Fixture) -> MessageNumber {
    let erasures: Vec<MessageNumber> = fixture
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::ThreadErased { tombstone } => Some(tombstone.last),
            _ => None,
        })
        .collect();
    let [number] = erasures[..] else { panic!("not exactly one erasure: {erasures:?}") };
    number
}

/// L3: a message that is sent during an erasure is either erased with the thread, or kept in the
/// thread that starts again. If it is kept, its number is above the last erased number. No number
/// names two messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_a_message_sent_during_an_erasure_is_either_erased_or_kept() {
    for round in 0..20 {
        for (name, store) in stores() {
            let fixture = Fixture::over(store);
            for _ in 0..3 {
                fixture.customer("b-1", "c-0").send("Before").await.unwrap();
            }
            let results = run_concurrently(21, |index| {
                let fixture = fixture.clone();
                async move {
                    if index < 20 {
                        return send_one(fixture, index).await;
                    }
                    for _ in 0..round % 4 {
                        yield_now().await;
                    }
                    assert!(fixture.admin().erase(&booking_id("b-1")).await.unwrap());
                    None
                }
            })
            .await;

            let mut sent: Vec<Sent> = results.into_iter().flatten().collect();
            sent.sort();
            let numbers: Vec<u32> = sent.iter().map(|(number, _)| number.get()).collect();
            let end = 3 + u32::try_from(numbers.len()).unwrap();
            assert_eq!(
                numbers,
                (4..=end).collect::<Vec<_>>(),
                "{name}: no number is missing or used twice"
            );

            let erased = erased_number(&fixture);
            sent.retain(|(number, _)| *number > erased);
            let sent: Vec<(u32, String)> =
                sent.into_iter().map(|(number, text)| (number.get(), text)).collect();
            assert_eq!(fixture.texts("b-1").await, sent, "{name}: the kept messages are stored");
            if let Some(thread) = fixture.find_thread("b-1").await {
                assert_eq!(Some(thread.first_number()), erased.next(), "{name}");
                assert_eq!(thread.message_count() as usize, sent.len(), "{name}");
            } else {
                assert_eq!(sent, [], "{name}");
            }
        }
    }
}

/// L3: of many concurrent erasures, exactly one erases the thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_of_many_concurrent_erasures_exactly_one_erases_the_thread() {
    for (name, store) in stores() {
        let fixture = Fixture::over(store);
        fixture.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let erased = run_concurrently(20, |_| {
            let admin = fixture.admin();
            async move { admin.erase(&booking_id("b-1")).await.unwrap() }
        })
        .await;
        assert_eq!(erased.iter().filter(|erased| **erased).count(), 1, "{name}");
        assert_eq!(fixture.find_thread("b-1").await, None, "{name}");
    }
}
