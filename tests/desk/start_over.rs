//! Cursors from which polling cannot continue (P7).

use frontdesk::desk::{CustomerPoll, MAX_POLL_CHANGES, OperatorPoll};
use frontdesk::store::{Epoch, MemoryStore};
use frontdesk::{BookingStatus, DeskError, Role};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::support::faulty_store::FaultyStore;
use crate::support::fixture::{Fixture, expect_update, open_thread};
use crate::support::{booking, booking_id, number};

/// P7: if a cursor is ahead of the location or has another epoch of the host application, the poll
/// is answered with "start over" and a new cursor that works.
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

    // The location is ahead of these cursors, but their epoch differs.
    let other = Fixture::configured(MemoryStore::new(), |builder| builder.epoch(7));
    for _ in 0..9 {
        other.ann().send("of another epoch").await.unwrap();
    }
    assert!(matches!(
        other.kim().poll(&ahead, None).await.unwrap(),
        OperatorPoll::StartOver { .. }
    ));
    assert_eq!(other.ann().poll(opened.cursor()).await.unwrap(), CustomerPoll::StartOver);

    // The screen shows a message number that the thread has not reached.
    let fixture = Fixture::new();
    fixture.ann().send("one").await.unwrap();
    let cursor = fixture.cursor().await;
    let answer = fixture.kim().poll(&cursor, Some(&open_thread("b-1", 2))).await.unwrap();
    assert!(matches!(answer, OperatorPoll::StartOver { .. }));
}

/// P7: a poll from a cursor ahead of the location marks nothing. The answer is "start over" with
/// the cursor that an inbox page has.
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

/// P7: a poll can continue from a cursor that is 1,000 changed threads behind. After one more
/// changed thread, the poll is answered with "start over".
#[tokio::test]
async fn p7_a_cursor_more_than_a_thousand_threads_behind_starts_over() {
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

/// P7: the store's epoch is part of a cursor even if the thread does not exist yet.
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

/// P7: a call reads a thread in one epoch and commits in the next. The commit must not replace the
/// state of the new epoch, although its revision is the expected one. The desk starts again.
#[tokio::test]
async fn p7_a_commit_of_a_former_epoch_is_computed_again() {
    type Call = fn(&Fixture<FaultyStore>) -> BoxFuture<'_, Result<(), DeskError>>;
    let calls: [(&str, Call); 7] = [
        ("send", |fixture| async { fixture.ann().send("two").await.map(drop) }.boxed()),
        ("open", |fixture| {
            async { fixture.kim().open(&booking_id("b-1")).await.map(drop) }.boxed()
        }),
        ("mark unread", |fixture| {
            async { fixture.kim().mark_unread(&booking_id("b-0"), number(1)).await.map(drop) }
                .boxed()
        }),
        ("refresh", |fixture| {
            let refreshed = booking("b-1").with_status(BookingStatus::Cancelled);
            async move { fixture.admin().refresh(&refreshed.into()).await.map(drop) }.boxed()
        }),
        ("redact", |fixture| {
            async { fixture.admin().redact(&booking_id("b-1"), number(1)).await.map(drop) }.boxed()
        }),
        ("link", |fixture| {
            async { fixture.admin().link(&booking_id("b-1"), &booking("b-2")).await.map(drop) }
                .boxed()
        }),
        ("erase", |fixture| {
            async { fixture.admin().erase(&booking_id("b-1")).await.map(drop) }.boxed()
        }),
    ];
    for (name, call) in calls {
        let fixture = Fixture::over(FaultyStore::in_memory());
        fixture.customer("b-0", "c-0").send("zero").await.unwrap();
        fixture.kim().open(&booking_id("b-0")).await.unwrap();
        fixture.ann().send("one").await.unwrap();
        fixture.store.change_epoch_before_commit();
        call(&fixture).await.unwrap();
        let epochs = fixture.store.epochs_of_commits();
        let former = epochs[0].unwrap_or_else(|| panic!("{name} names no epoch"));
        let next = Some(Epoch::new(former.get().wrapping_add(1)));
        assert!(
            epochs.len() > 1 && epochs[1..].iter().all(|epoch| *epoch == next),
            "{name}: {epochs:?}"
        );
    }

    let fixture = Fixture::over(FaultyStore::in_memory());
    fixture.ann().send("one").await.unwrap();
    let cursor = fixture.cursor().await;
    fixture.ann().send("two").await.unwrap();
    fixture.store.change_epoch_before_commit();
    let answer = fixture.kim().poll(&cursor, Some(&open_thread("b-1", 1))).await.unwrap();
    let update = expect_update(answer);
    assert_eq!(fixture.unread("b-1", Role::Operator).await, 2);
    let answer = fixture.kim().poll(&update.cursor, None).await.unwrap();
    assert!(matches!(answer, OperatorPoll::StartOver { .. }));
}
