//! Cursors from which a location or a thread cannot continue (P7).

use frontdesk::Role;
use frontdesk::desk::{CustomerPoll, MAX_POLL_CHANGES, OperatorPoll};
use frontdesk::store::MemoryStore;

use crate::support::booking;
use crate::support::faulty_store::FaultyStore;
use crate::support::fixture::{Fixture, open_thread};

/// P7: a cursor ahead of the location or of another host epoch is answered with "start
/// over" and a cursor that works.
#[tokio::test]
async fn p7_after_a_restored_backup_clients_start_over() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        fixture.ann().send("lost with the backup").await.unwrap();
    }
    let (ahead, opened) = (fixture.cursor().await, fixture.ann().open().await.unwrap());

    for epoch in [0, 1] {
        let restored = Fixture::configured(MemoryStore::new(), |builder| builder.epoch(epoch));
        restored.ann().send("contained in the backup").await.unwrap();
        let answer = restored.kim().poll(&ahead, None).await.unwrap();
        let OperatorPoll::StartOver { cursor } = answer else {
            panic!("epoch {epoch}: {answer:?}")
        };
        assert!(restored.poll(&cursor, None).await.is_empty());
        let customer = restored.ann().poll(opened.cursor()).await.unwrap();
        assert_eq!(customer, CustomerPoll::StartOver, "epoch {epoch}");
    }

    // The epoch differs although the numbers would fit.
    let other = Fixture::configured(MemoryStore::new(), |builder| builder.epoch(7));
    for _ in 0..9 {
        other.ann().send("of another epoch").await.unwrap();
    }
    assert!(matches!(
        other.kim().poll(&ahead, None).await.unwrap(),
        OperatorPoll::StartOver { .. }
    ));
    assert_eq!(other.ann().poll(opened.cursor()).await.unwrap(), CustomerPoll::StartOver);

    // The screen shows a message that does not exist.
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let cursor = fixture.cursor().await;
    let answer = fixture.kim().poll(&cursor, Some(&open_thread("b-1", 2))).await.unwrap();
    assert!(matches!(answer, OperatorPoll::StartOver { .. }));
}

/// P7: a poll from a cursor ahead of the location marks nothing. Its answer is "start over"
/// with the cursor that a page has.
#[tokio::test]
async fn p7_a_cursor_ahead_of_the_location_starts_over_without_a_mark() {
    let (before, restored) = (Fixture::new(), Fixture::new());
    for fixture in [&before, &before, &restored] {
        fixture.ann().send("hello").await.unwrap();
    }
    let ahead = before.cursor().await;
    let answer = restored.kim().poll(&ahead, Some(&open_thread("b-1", 0))).await.unwrap();
    let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
    assert_eq!(restored.unread("b-1", Role::Operator).await, 1);
    assert_eq!(restored.cursor().await, cursor);
    assert!(restored.poll(&cursor, None).await.is_empty());
}

/// P7: a cursor can be 1,000 threads behind. One more thread is answered with "start over".
#[tokio::test]
async fn p7_more_than_a_thousand_threads_behind_starts_over() {
    let fixture = Fixture::new();
    let cursor = fixture.cursor().await;
    for n in 0..MAX_POLL_CHANGES {
        fixture.kim().start(booking(&format!("b-{n}"))).await.unwrap();
    }
    assert_eq!(fixture.poll(&cursor, None).await.threads.len(), MAX_POLL_CHANGES);
    fixture.kim().start(booking("one-more")).await.unwrap();
    let answer = fixture.kim().poll(&cursor, None).await.unwrap();
    let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
    assert!(fixture.poll(&cursor, None).await.is_empty());
}

/// P7: if the store reports another epoch, polls of operators and customers are answered with
/// "start over". The new cursors work.
#[tokio::test]
async fn p7_a_new_epoch_of_the_store_makes_clients_start_over() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("one").await.unwrap();
    let (operators, customers) = (fixture.cursor().await, fixture.ann().open().await.unwrap());
    fixture.store.change_epoch();

    let answer = fixture.kim().poll(&operators, None).await.unwrap();
    let OperatorPoll::StartOver { cursor } = answer else { panic!("{answer:?}") };
    assert!(fixture.poll(&cursor, None).await.is_empty());
    let answer = fixture.ann().poll(customers.cursor()).await.unwrap();
    assert_eq!(answer, CustomerPoll::StartOver);
    let reopened = fixture.ann().open().await.unwrap();
    let answer = fixture.ann().poll(reopened.cursor()).await.unwrap();
    assert!(matches!(answer, CustomerPoll::Update(_)));
}

/// P7: the store's epoch is part of a cursor also when the thread does not exist yet.
#[tokio::test]
async fn p7_the_cursor_of_an_unstarted_thread_has_the_stores_epoch() {
    let fixture = Fixture::over(FaultyStore::in_memory());
    let opened = fixture.ann().open().await.unwrap();
    let answer = fixture.ann().poll(opened.cursor()).await.unwrap();
    assert!(matches!(answer, CustomerPoll::Update(_)));
    fixture.store.change_epoch();
    let answer = fixture.ann().poll(opened.cursor()).await.unwrap();
    assert_eq!(answer, CustomerPoll::StartOver);
}
