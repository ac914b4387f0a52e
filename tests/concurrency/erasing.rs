//! Erasures among other writes (L3).

use frontdesk::desk::Event;
use frontdesk::{DeskError, MessageNumber};
use tokio::task::yield_now;

use crate::house::{HERE, House, at_once};
use crate::stores::stores;
use crate::support::{booking_id, place};

/// L3: sends that race an erasure are each in the life before it, and erased with
/// it, or in the one after, numbered on from the tombstone; no number names two
/// messages, and an operator's late reply finds no thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_sends_racing_an_erasure_are_before_it_or_start_anew_after_it() {
    for round in 0..20 {
        for (name, store) in stores() {
            let house = House::over(store);
            for _ in 0..3 {
                house.customer("b-1", "c-0").send("Before").await.unwrap();
            }
            let answers = at_once(21, |index| {
                let house = house.clone();
                async move {
                    let id = booking_id("b-1");
                    if index == 20 {
                        for _ in 0..round % 4 {
                            yield_now().await;
                        }
                        assert!(house.desk.location(place(HERE)).erase(&id).await.unwrap());
                        return None;
                    }
                    let text = format!("message {index}");
                    if index % 2 == 0 {
                        let sent = house.customer("b-1", "c-1").send(text.as_str()).await.unwrap();
                        return Some((sent.number(), text));
                    }
                    match house.operator("u-1").reply(&id, text.as_str()).await {
                        Ok(sent) => Some((sent.number(), text)),
                        Err(DeskError::NotFound) => None,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
            .await;

            let tombstone = {
                let told = house.told.lock().unwrap();
                let mut erasures = told.iter().filter_map(|event| match event {
                    Event::Erased { tombstone } => Some(tombstone.last),
                    _ => None,
                });
                let last = erasures.next().expect("the erasure was told");
                assert_eq!(erasures.next(), None, "it was told once");
                last
            };
            let answered: Vec<(MessageNumber, String)> = answers.into_iter().flatten().collect();
            let mut numbers: Vec<u32> = answered.iter().map(|(number, _)| number.get()).collect();
            numbers.sort_unstable();
            let end = 3 + u32::try_from(numbers.len()).unwrap();
            assert_eq!(numbers, (4..=end).collect::<Vec<_>>(), "{name}: nothing lost or doubled");

            let mut after: Vec<(MessageNumber, String)> =
                answered.into_iter().filter(|(number, _)| *number > tombstone).collect();
            after.sort();
            let messages = house.messages("b-1").await;
            let stored: Vec<(MessageNumber, String)> = messages
                .iter()
                .map(|message| (message.number(), message.body().as_str().to_owned()))
                .collect();
            assert_eq!(stored, after, "{name}: just what came after the erasure is there");
            if let Some(thread) = house.thread("b-1").await {
                assert_eq!(Some(thread.first_number()), tombstone.next(), "{name}");
                assert_eq!(thread.message_count() as usize, stored.len(), "{name}");
            } else {
                assert_eq!(stored, [], "{name}");
            }
        }
    }
}

/// L3: erasing at once from many places erases once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l3_erasing_at_once_erases_once() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.customer("b-1", "c-1").send("Hello!").await.unwrap();
        let erased = at_once(20, |_| {
            let desk = house.desk.location(place(HERE));
            async move { desk.erase(&booking_id("b-1")).await.unwrap() }
        })
        .await;
        assert_eq!(erased.iter().filter(|erased| **erased).count(), 1, "{name}");
        assert_eq!(house.thread("b-1").await, None, "{name}");
    }
}
