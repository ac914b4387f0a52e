//! Messages that are sent at once (I2, I3, I4, L5).

use std::collections::BTreeMap;

use frontdesk::desk::{MAX_ATTEMPTS, PageRequest};
use frontdesk::{DeskError, Draft, Message, MessageNumber, Role};

use crate::house::{House, at_once};
use crate::stores::stores;
use crate::support::{booking, booking_id, key};

/// Somebody's send: its text, and its number or nothing when the desk was busy.
type Attempt = (String, Option<MessageNumber>);

#[track_caller]
fn attempt(text: String, sent: Result<MessageNumber, DeskError>) -> Attempt {
    match sent {
        Ok(number) => (text, Some(number)),
        Err(DeskError::Busy) => (text, None),
        Err(error) => panic!("{text} was refused: {error}"),
    }
}

/// Sends one message: every other one is of an operator.
async fn send_one(house: House, booked: String, index: usize) -> Attempt {
    let text = format!("message {index}");
    let sent = if index.is_multiple_of(2) {
        let sent = house.customer(&booked, &format!("c-{index}")).send(text.as_str()).await;
        sent.map(|sent| sent.number())
    } else {
        let operator = house.operator(&format!("u-{index}"));
        let sent = operator.reply(&booking_id(&booked), text.as_str()).await;
        sent.map(|sent| sent.number())
    };
    attempt(text, sent)
}

/// I3: the thread has each message that was answered with a number once, under
/// that number, numbered from `first` without gaps, and nothing of what was busy;
/// the head counts them, and the listener heard of each once.
async fn assert_stored_once(house: &House, booked: &str, attempts: &[Attempt]) {
    let messages = house.messages(booked).await;
    let stored: BTreeMap<&str, MessageNumber> =
        messages.iter().map(|message| (message.body().as_str(), message.number())).collect();
    assert_eq!(stored.len(), messages.len(), "a text is stored twice");
    let answered: BTreeMap<&str, MessageNumber> = attempts
        .iter()
        .filter_map(|(text, number)| number.map(|number| (text.as_str(), number)))
        .collect();
    assert_eq!(stored, answered, "what is stored is what was answered");

    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    let count = u32::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "numbers without gaps");
    for role in [Role::Customer, Role::Operator] {
        let side: Vec<&Message> = messages.iter().filter(|one| one.role() == role).collect();
        let ordinals: Vec<u32> = side.iter().map(|message| message.ordinal()).collect();
        let count = u32::try_from(side.len()).unwrap();
        assert_eq!(ordinals, (1..=count).collect::<Vec<_>>(), "ordinals of the {role}s");
        let thread = house.thread(booked).await.unwrap();
        assert_eq!(thread.messages_by(role), count, "the head's count of the {role}s");
    }
    assert_eq!(house.told_messages(), numbers, "what the listener was told");
}

#[track_caller]
fn count_busy(what: &str, attempts: &[Attempt]) -> usize {
    let busy = attempts.iter().filter(|(_, number)| number.is_none()).count();
    println!("{what}: {busy} of {} sends were busy", attempts.len());
    busy
}

/// I3: however many send into one thread at once, its messages are numbered
/// without gaps, and each send is stored once or answered `Busy` and not stored.
/// Without anything to wait for, as in memory, none is busy, nor where no more
/// write than a use case has attempts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_sends_into_one_thread_are_numbered_without_gaps() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let house = House::over(store);
            house.operator("u-0").start(booking("b-1")).await.unwrap();
            let attempts =
                at_once(count, |index| send_one(house.clone(), "b-1".to_owned(), index)).await;
            assert_stored_once(&house, "b-1", &attempts).await;
            let busy = count_busy(&format!("{name}, {count} into one thread"), &attempts);
            if name == "memory" || count <= MAX_ATTEMPTS {
                assert_eq!(busy, 0, "{name}");
            }
            assert!(busy < count, "somebody always gets through");
        }
    }
}

/// I2, L5: however many write the first message of a booking at once, it has one
/// thread, which was opened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i2_concurrent_first_messages_of_a_booking_make_one_thread() {
    for count in [2, 20, 200] {
        for (name, store) in stores() {
            let house = House::over(store);
            // Customers alone: an operator's reply needs a thread.
            let attempts =
                at_once(count, |index| send_one(house.clone(), "b-1".to_owned(), index * 2)).await;
            assert_stored_once(&house, "b-1", &attempts).await;
            let busy = count_busy(&format!("{name}, {count} first messages"), &attempts);
            if name == "memory" || count <= MAX_ATTEMPTS {
                assert_eq!(busy, 0, "{name}");
            }
            assert_eq!(house.told_opened(), 1, "{name}");
            let page = house.operator("u-1").inbox(&PageRequest::first(200)).await.unwrap();
            assert_eq!((page.threads.len(), page.unread), (1, 1), "{name}");
        }
    }
}

/// I2, L5: operators who start a booking's thread while customers write its first
/// message all end up in the same one, opened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn l5_starts_racing_first_messages_open_one_thread() {
    for (name, store) in stores() {
        let house = House::over(store);
        at_once(40, |index| {
            let house = house.clone();
            async move {
                if index % 2 == 0 {
                    house.operator("u-1").start(booking("b-1")).await.unwrap();
                } else {
                    house.customer("b-1", "c-1").send("Hello!").await.unwrap();
                }
            }
        })
        .await;
        assert_eq!(house.told_opened(), 1, "{name}");
        assert_eq!(house.told_messages(), (1..=20).collect::<Vec<_>>(), "{name}");
        assert_eq!(house.thread("b-1").await.unwrap().message_count(), 20, "{name}");
    }
}

/// I3: writers of different threads do not disturb one another: none is busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i3_concurrent_sends_into_many_threads_are_never_busy() {
    for (name, store) in stores() {
        let house = House::over(store);
        for booked in 0..20 {
            house.operator("u-0").start(booking(&format!("b-{booked}"))).await.unwrap();
        }
        let attempts =
            at_once(200, |index| send_one(house.clone(), format!("b-{}", index % 20), index / 20))
                .await;
        assert_eq!(count_busy(&format!("{name}, 200 into 20 threads"), &attempts), 0);
        for booked in 0..20 {
            let numbers: Vec<u32> = house
                .messages(&format!("b-{booked}"))
                .await
                .iter()
                .map(|message| message.number().get())
                .collect();
            assert_eq!(numbers, (1..=10).collect::<Vec<_>>(), "{name}");
        }
    }
}

/// I4: the same key, sent fifty times at once, stores one message, of which
/// everybody gets the number, and only one is not a replay.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_fifty_times_at_once_stores_one_message() {
    for (name, store) in stores() {
        let house = House::over(store);
        let answers = at_once(50, |_| {
            let house = house.clone();
            async move {
                let draft = Draft::new("Hello!").with_key(key("once"));
                let sent = house.customer("b-1", "c-1").send(draft).await.unwrap();
                (sent.number().get(), sent.is_replayed())
            }
        })
        .await;
        assert!(answers.iter().all(|(number, _)| *number == 1), "{name}: {answers:?}");
        assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1, "{name}");
        assert_eq!(house.messages("b-1").await.len(), 1, "{name}");
        assert_eq!((house.told_opened(), house.told_messages()), (1, vec![1]), "{name}");
    }
}

/// I4: of one key with many texts one is stored, and the others are told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i4_one_key_sent_with_fifty_texts_at_once_stores_one_of_them() {
    for (name, store) in stores() {
        let house = House::over(store);
        house.operator("u-1").start(booking("b-1")).await.unwrap();
        let answers = at_once(50, |index| {
            let house = house.clone();
            async move {
                let draft = Draft::new(format!("text {index}")).with_key(key("once"));
                match house.operator("u-1").reply(&booking_id("b-1"), draft).await {
                    Ok(sent) => Some(sent.message.body().as_str().to_owned()),
                    Err(DeskError::KeyReused) => None,
                    Err(error) => panic!("{error}"),
                }
            }
        })
        .await;
        let sent: Vec<String> = answers.into_iter().flatten().collect();
        let messages = house.messages("b-1").await;
        let stored: Vec<&str> = messages.iter().map(|one| one.body().as_str()).collect();
        assert_eq!(sent, stored, "{name}");
        assert_eq!(stored.len(), 1, "{name}");
    }
}
