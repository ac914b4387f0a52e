//! Imports in several batches: interruptions, races and splits (I5).

use std::sync::Arc;

use frontdesk::import::{ImportMark, ThreadImport};
use frontdesk::store::{
    MAX_COMMIT_MESSAGES, MAX_COMMIT_TEXT_BYTES, MemoryStore, StoreError, ThreadStore,
};
use frontdesk::{DeskError, FrontDesk, Message, Thread};
use futures::executor::block_on;
use proptest::prelude::*;

use crate::support::faulty_store::FaultyStore;
use crate::support::fixture::Fixture;
use crate::support::importing::{asked, history, import, replied};
use crate::support::{at, booking_id, location_id, number, participant_id};

/// Returns the stored state of the thread b-1 without its revisions.
async fn stored<S: ThreadStore + Clone + 'static>(fixture: &Fixture<S>) -> (Thread, Vec<Message>) {
    (fixture.thread("b-1").await, fixture.messages("b-1").await)
}

/// I5: one call takes any number of messages and commits them in batches of at most 1,000.
#[tokio::test]
async fn i5_a_batch_has_at_most_1000_messages() {
    let fixture = Fixture::new();
    let list = import("b-1").messages(history(2 * MAX_COMMIT_MESSAGES + 1));
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.stored, imported.refused.len()), (2_001, 0));
    assert_eq!(fixture.revision().await.get(), 3, "the number of commits");
    let thread = fixture.thread("b-1").await;
    assert_eq!((thread.message_count(), thread.last_number()), (2_001, number(2_001)));
    assert_eq!(imported.number(2_000), Some(number(2_001)));
}

/// I5: a batch has at most 4 MiB of text.
#[tokio::test]
async fn i5_a_batch_has_at_most_4_mib_of_text() {
    let fixture =
        Fixture::configured(MemoryStore::new(), |builder| builder.max_body_chars(usize::MAX));
    let half = "x".repeat(MAX_COMMIT_TEXT_BYTES / 8);
    let messages = (0..9).map(|n| asked(&format!("m-{n}"), n - 100, &half));
    let imported = fixture.admin().import(&import("b-1").messages(messages)).await.unwrap();
    assert_eq!((imported.stored, fixture.revision().await.get()), (9, 2));
}

/// I5: an import that is interrupted between two batches has stored whole batches, and continues
/// when it is repeated.
#[tokio::test]
async fn i5_an_interrupted_import_continues() {
    let list = import("b-1").messages(history(3_500)).waiting();
    let uninterrupted = Fixture::new();
    uninterrupted.admin().import(&list).await.unwrap();
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.store.interrupt_after(3, |_| Err(StoreError::unavailable("the test ends the call")));
    let error = fixture.admin().import(&list).await.unwrap_err();
    assert!(matches!(error, DeskError::Store(_)), "{error:?}");
    assert_eq!(fixture.thread("b-1").await.message_count(), 2_000);

    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (1_500, 2_000));
    assert_eq!(stored(&fixture).await, stored(&uninterrupted).await);
}

/// I5: a customer's message that arrives between two batches refuses the rest of the import. The
/// error says what was stored.
#[tokio::test]
async fn i5_a_live_message_refuses_the_rest_and_the_error_says_what_was_stored() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.store.interrupt_after(1, |store| {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        let ann = desk.customer(location_id("here"), booking_id("b-1"), participant_id("ann"));
        block_on(ann.send("live")).unwrap();
        Ok(())
    });
    let list = import("b-1").messages(history(1_500));
    let DeskError::ImportOutOfOrder(refused) = fixture.admin().import(&list).await.unwrap_err()
    else {
        panic!("the live message is newer than the list")
    };
    assert_eq!(
        (refused.position, refused.last, refused.last_sent_at),
        (1_000, number(1_001), at(0))
    );
    assert_eq!(
        (refused.imported.stored, refused.imported.number(999)),
        (1_000, Some(number(1_000)))
    );
    assert_eq!(refused.imported.thread, Some(fixture.thread("b-1").await));
    assert_eq!(fixture.texts("b-1").await.last(), Some(&(1_001, "live".to_owned())));
    // The live message stays unread.
    assert_eq!(fixture.unread("b-1", frontdesk::Role::Operator).await, 1);
}

/// I5: a message that starts the thread while the import prepares its first batch refuses an older
/// list.
#[tokio::test]
async fn i5_a_first_live_message_refuses_an_older_list() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.store.interrupt_after(0, |store| {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        let ann = desk.customer(location_id("here"), booking_id("b-1"), participant_id("ann"));
        block_on(ann.starting_with(crate::support::booking("b-1")).send("live")).unwrap();
        Ok(())
    });
    let error = fixture.admin().import(&import("b-1").messages(history(3))).await.unwrap_err();
    assert!(matches!(error, DeskError::ImportOutOfOrder(_)), "{error:?}");
    assert_eq!(fixture.texts("b-1").await, [(1, "live".to_owned())]);
}

/// I5: an erasure between two batches ends the import, even if the list restarts an erased thread.
#[tokio::test]
async fn i5_an_erasure_ends_the_import() {
    let erase: fn(&MemoryStore) -> Result<(), StoreError> = |store| {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        block_on(desk.admin(location_id("here")).erase(&booking_id("b-1"))).unwrap();
        Ok(())
    };
    let erase_and_start: fn(&MemoryStore) -> Result<(), StoreError> = |store| {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(-200_000)).build();
        let location = location_id("here");
        block_on(desk.admin(location.clone()).erase(&booking_id("b-1"))).unwrap();
        let kim = desk.operator(location, participant_id("kim"), None);
        block_on(kim.start(crate::support::booking("b-1"))).unwrap();
        Ok(())
    };
    for interruption in [erase, erase_and_start] {
        let fixture = Fixture::over(FaultyStore::in_memory());
        fixture.store.interrupt_after(1, interruption);
        let list = import("b-1").messages(history(1_500)).restart_erased();
        let error = fixture.admin().import(&list).await.unwrap_err();
        assert!(matches!(error, DeskError::ThreadErased), "{error:?}");
        assert!(fixture.texts("b-1").await.is_empty());
    }
}

/// I5: two imports of the same list at the same time store each message once.
#[tokio::test]
async fn i5_two_imports_of_a_list_store_each_message_once() {
    let list = import("b-1").messages(history(2_500));
    let fixture = Fixture::over(FaultyStore::in_memory());
    let admin = fixture.admin();
    let (one, two) = futures::join!(admin.import(&list), admin.import(&list));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.stored + two.stored, 2_500);
    assert_eq!(one.already_stored + two.already_stored, 2_500);
    assert_eq!(fixture.thread("b-1").await.message_count(), 2_500);
}

/// I5: marks and refreshes between two batches do not end an import.
#[tokio::test]
async fn i5_other_commits_do_not_end_an_import() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.store.interrupt_after(1, |store| {
        let desk = FrontDesk::builder(store.clone()).clock(|| at(0)).build();
        let kim = desk.operator(location_id("here"), participant_id("kim"), None);
        block_on(kim.mark_unread(&booking_id("b-1"), number(1_000))).unwrap();
        Ok(())
    });
    let list = import("b-1").messages(history(1_500));
    assert_eq!(fixture.admin().import(&list).await.unwrap().stored, 1_500);
}

/// I5: a key that was used for a message with an earlier time is found, too.
#[tokio::test]
async fn i5_a_key_of_an_earlier_message_is_found() {
    let fixture = Fixture::new();
    fixture.admin().import(&import("b-1").messages([asked("m-1", -80, "one")])).await.unwrap();
    // The other system now has a later time for the same message.
    let list = import("b-1").messages([
        asked("m-1", -60, "one"),
        replied("m-2", -50, "two"),
        asked("m-3", -40, "three"),
    ]);
    let imported = fixture.admin().import(&list).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (2, 1));
}

fn mark() -> impl Strategy<Value = ImportMark> {
    prop_oneof![
        Just(ImportMark::Everything),
        (0..12_usize).prop_map(ImportMark::First),
        (-90..10_i64).prop_map(|seconds| ImportMark::Until(at(seconds))),
        Just(ImportMark::Nothing),
    ]
}

/// Generates a list of which some messages are refused or clamped.
fn list() -> impl Strategy<Value = ThreadImport> {
    let message = (any::<bool>(), prop::bool::weighted(0.1), -80..2_i64, 0..9_u8);
    let messages = prop::collection::vec(message, 1..12);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (messages, mark(), mark(), flags).prop_map(
        |(mut messages, customer, operator, (sorted, waiting, clamp))| {
            if sorted {
                messages.sort_by_key(|(_, _, seconds, _)| *seconds);
            }
            let messages = messages.into_iter().enumerate().map(
                |(position, (asks, automatic, seconds, text))| {
                    let id = format!("m-{position}");
                    let text = if text == 0 { " ".into() } else { format!("text {text}") };
                    let (key, message) = if asks {
                        asked(&id, seconds, &text)
                    } else {
                        replied(&id, seconds, &text)
                    };
                    (key, if automatic { message.automatic() } else { message })
                },
            );
            let mut list = import("b-1")
                .messages(messages)
                .read_by_customers(customer)
                .read_by_operators(operator);
            (list.waiting, list.clamp_times) = (waiting, clamp);
            list
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// I5: a list that is imported in parts, each part from the beginning of the list, ends in the
    /// same stored state and the same refusals as the whole list in one call.
    #[test]
    fn i5_any_split_gives_the_same_stored_state(
        list in list(),
        parts in prop::collection::vec(0..12_usize, 0..4),
    ) {
        block_on(async {
            let whole = Fixture::new();
            let expected = whole.admin().import(&list).await.unwrap();
            let fixture = Fixture::new();
            for part in parts {
                let mut list = list.clone();
                list.messages.truncate(part);
                fixture.admin().import(&list).await.unwrap();
            }
            let answer = fixture.admin().import(&list).await.unwrap();
            assert_eq!(answer.thread, expected.thread);
            assert_eq!(answer.refused, expected.refused);
            assert_eq!(answer.stored + answer.already_stored, expected.stored);
            let numbers = |answer: &frontdesk::import::Imported| {
                (0..list.messages.len()).map(|n| answer.number(n)).collect::<Vec<_>>()
            };
            assert_eq!(numbers(&answer), numbers(&expected));
            assert_eq!(fixture.messages("b-1").await, whole.messages("b-1").await);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// I5: an import of several batches that fails at any call of the store, several times, ends in
    /// the same stored state as one without failures.
    #[test]
    fn i5_an_import_that_fails_at_any_call_ends_in_the_same_state(
        length in 900..2_600_usize,
        failures in prop::collection::vec(0..3_000_usize, 0..3),
        (customer, operator) in (mark(), mark()),
        waiting in any::<bool>(),
    ) {
        block_on(async {
            let mut list = import("b-1")
                .messages(history(length))
                .read_by_customers(customer)
                .read_by_operators(operator);
            list.waiting = waiting;
            let whole = Fixture::new();
            whole.admin().import(&list).await.unwrap();
            let fixture = Fixture::over(FaultyStore::in_memory());
            for calls in failures {
                fixture.store.interrupt_after(calls, |_| Err(StoreError::unavailable("the test")));
                drop(fixture.admin().import(&list).await);
            }
            // A planned failure that no call reached is replaced by one that never comes.
            fixture.store.interrupt_after(usize::MAX, |_| Ok(()));
            fixture.admin().import(&list).await.unwrap();
            assert_eq!(stored(&fixture).await, stored(&whole).await);
        });
    }
}

/// `import` can be called from several threads.
#[test]
fn i5_the_future_of_an_import_is_send() {
    fn assert_send<T: Send>(_: &T) {}
    let fixture = Fixture::over(Arc::new(MemoryStore::new()));
    let (admin, list) = (fixture.admin(), import("b-1"));
    assert_send(&admin.import(&list));
}
