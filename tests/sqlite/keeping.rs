//! What is in the file stays, and closing it leaves it to others.

use std::fs;

use frontdesk::desk::PageRequest;
use frontdesk::store::{Revision, SqliteStore, Synchronous, ThreadStore};
use frontdesk::{Draft, FrontDesk, MessageNumber, Role};
use futures::executor::block_on;

use crate::disk::{Disk, HERE, everything, head, post, texts};
use crate::support::{booking, booking_id, key, place, thread_id, who};

/// A day at the desk: threads of every kind.
async fn a_day(desk: &FrontDesk) {
    let kim = desk.operator(place(HERE), who("kim"), None);
    for number in 0..12 {
        let booked = format!("b-{number}");
        let ann = desk.customer(place(HERE), booking(&booked), who("ann"), None);
        for text in ["Is there parking?", "😀 \u{1F468}\u{200D}\u{1F469}", "مرحبا", "line\nline"]
        {
            let sent_with = key(&format!("{number}-{}", text.len()));
            ann.send(Draft::new(text).with_key(sent_with)).await.unwrap();
        }
        let booked = booking_id(&booked);
        match number % 4 {
            0 => drop(kim.reply(&booked, "There is.").await.unwrap()),
            1 => drop(kim.mark_read(&booked, MessageNumber::new(2).unwrap()).await.unwrap()),
            2 => assert!(desk.location(place(HERE)).erase(&booked).await.unwrap()),
            _ => {}
        }
    }
    kim.start(booking("b-started")).await.unwrap();
    // Erased and started again.
    let ann = desk.customer(place(HERE), booking("b-2"), who("ann"), None);
    ann.send(Draft::new("Me again").with_key(key("2-again"))).await.unwrap();
}

/// Heads, tombstones, messages, marks and keys are there again, and revisions go on.
#[test]
fn reopening_gives_everything_back() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let disk = Disk::new();
        let open = || SqliteStore::builder().synchronous(synchronous).open(disk.path()).unwrap();
        let store = open();
        block_on(a_day(&FrontDesk::new(store.clone())));
        let before = block_on(everything(&store));
        assert_eq!(before.feed.changed.len(), 13);
        assert_eq!(before.inbox.threads.len(), 11);
        drop(store);

        let store = open();
        assert_eq!(block_on(everything(&store)), before);
        let by_key = |booked, with: &str| {
            let id = thread_id(HERE, booked);
            block_on(store.message_by_key(&id, Role::Customer, &who("ann"), &key(with))).unwrap()
        };
        let numbered = |found: Option<frontdesk::Message>| found.map(|sent| sent.number().get());
        assert_eq!(numbered(by_key("b-3", "3-17")), Some(1));
        assert_eq!(numbered(by_key("b-2", "2-again")), Some(5));
        assert_eq!(numbered(by_key("b-2", "2-17")), None, "its thread was erased");

        let next = block_on(post(&store, "b-new", "Hello!", None));
        assert!(next > before.feed.revision);
        let since = block_on(store.changes(&place(HERE), before.feed.revision, 9)).unwrap();
        assert_eq!(since.changed.len(), 1);
    }
}

/// Dropping the last handle closes the file, each time: what was kept beside it is
/// gone, and the folder can be removed.
#[test]
fn dropping_the_last_handle_leaves_one_file_that_can_be_removed() {
    for _ in 0..50 {
        let disk = Disk::new();
        let store = SqliteStore::builder().readers(3).open(disk.path()).unwrap();
        let clone = store.clone();
        block_on(post(&store, "b-1", "Hello!", None));
        drop(store);
        assert_eq!(block_on(texts(&clone, "b-1")), ["Hello!"], "a clone goes on");
        assert!(disk.files().len() > 1);
        drop(clone);
        // SQLite removes its log with the last connection.
        assert_eq!(disk.files().into_keys().collect::<Vec<_>>(), ["desk.sqlite"]);
        disk.sql().execute_batch("BEGIN EXCLUSIVE").unwrap();
        disk.remove();
    }
}

/// A read leaves an unknown location unknown.
#[test]
fn a_read_makes_nothing() {
    let disk = Disk::new();
    drop(disk.store());
    let before = fs::read(disk.path()).unwrap();
    let store = disk.store();
    let kim = FrontDesk::new(store.clone()).operator(place(HERE), who("kim"), None);
    block_on(async {
        assert_eq!(head(&store, "b-1").await, None);
        assert_eq!(everything(&store).await.feed.revision, Revision::ZERO);
        assert!(kim.inbox(&PageRequest::first(9)).await.unwrap().threads.is_empty());
    });
    drop((store, kim));
    assert!(fs::read(disk.path()).unwrap() == before);
}

/// What is in memory is one store's alone, with everything a file's has.
#[test]
fn a_store_in_memory_is_its_own() {
    let (one, other) =
        (SqliteStore::open_in_memory().unwrap(), SqliteStore::open_in_memory().unwrap());
    block_on(a_day(&FrontDesk::new(one.clone())));
    assert_eq!(block_on(everything(&one)).feed.changed.len(), 13);
    assert_eq!(block_on(everything(&other)).feed.changed.len(), 0);
}
