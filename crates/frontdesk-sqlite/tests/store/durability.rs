//! Reopening and closing a file.

use std::fs;

use frontdesk::desk::PageRequest;
use frontdesk::store::{KeyQuery, Revision, ThreadStore};
use frontdesk::{Draft, FrontDesk, MessageNumber, Role};
use frontdesk_sqlite::{SqliteStore, Synchronous};
use futures::executor::block_on;

use crate::fixtures::{LOCATION, StoreFile, TestMessage, head, post, read_location, texts};
use crate::support::{booking, booking_id, key, location_id, participant_id, thread_id};

/// The number of threads that [`populate`] writes, erased threads included.
const HEADS: usize = 13;
/// The number of these threads that are not erased at the end.
const LIVE_THREADS: usize = 11;

/// Writes threads of every kind: answered, marked as read, erased, restarted, and without
/// messages.
async fn populate(desk: &FrontDesk) {
    let location = location_id(LOCATION);
    let ann = |id: &str| {
        let ann = desk.customer(location.clone(), booking_id(id), participant_id("ann"));
        ann.starting_with(booking(id))
    };
    let kim = desk.operator(location.clone(), participant_id("kim"), None);
    for number in 0..12 {
        let id = format!("b-{number}");
        for text in ["Is there parking?", "😀 \u{1F468}\u{200D}\u{1F469}", "مرحبا", "line\nline"]
        {
            let key = key(&format!("{number}-{}", text.len()));
            ann(&id).send(Draft::new(text).with_key(key)).await.unwrap();
        }
        let id = booking_id(&id);
        match number % 4 {
            0 => drop(kim.reply(&id, "Yes, there is.").await.unwrap()),
            1 => drop(kim.mark_read(&id, MessageNumber::new(2).unwrap()).await.unwrap()),
            2 => assert!(desk.admin(location.clone()).erase(&id).await.unwrap()),
            _ => {}
        }
    }
    kim.start(booking("b-started")).await.unwrap();
    // A second generation of an erased thread.
    ann("b-2").send(Draft::new("Me again").with_key(key("2-again"))).await.unwrap();
}

/// Threads, tombstones, messages, marks and keys are the same after reopening, and the next
/// revision is higher.
#[test]
fn a_reopened_file_has_the_same_content() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let file = StoreFile::new();
        let open = || SqliteStore::builder().synchronous(synchronous).open(file.path()).unwrap();
        let store = open();
        block_on(populate(&FrontDesk::new(store.clone())));
        let before = block_on(read_location(&store));
        assert_eq!(before.changes.changed.len(), HEADS);
        assert_eq!(before.inbox.threads.len(), LIVE_THREADS);
        drop(store);

        let store = open();
        assert_eq!(block_on(read_location(&store)), before);
        let number_of_key = |booking, text: &str| {
            let (thread, author, key) =
                (&thread_id(LOCATION, booking), &participant_id("ann"), &key(text));
            let query = KeyQuery { thread, role: Role::Customer, author, key };
            let found = block_on(store.message_by_key(&query)).unwrap().value;
            found.map(|stored| stored.message.number().get())
        };
        assert_eq!(number_of_key("b-3", "3-17"), Some(1));
        assert_eq!(number_of_key("b-2", "2-again"), Some(5));
        assert_eq!(number_of_key("b-2", "2-17"), None, "the key of an erased message is stored");

        let last = before.changes.counts.revision;
        let next = block_on(post(&store, TestMessage::new("b-new", "Hello!")));
        assert!(next > last);
        let since = block_on(store.changes(&location_id(LOCATION), last, 9)).unwrap().value;
        assert_eq!(since.changed.len(), 1);
    }
}

/// Dropping the last clone closes the file: the write-ahead log is gone, and the folder can
/// be removed.
#[test]
fn dropping_the_last_clone_closes_the_file() {
    for _ in 0..50 {
        let file = StoreFile::new();
        let store = SqliteStore::builder().readers(3).open(file.path()).unwrap();
        let clone = store.clone();
        block_on(post(&store, TestMessage::new("b-1", "Hello!")));
        drop(store);
        assert_eq!(block_on(texts(&clone, "b-1")), ["Hello!"], "the clone must still work");
        assert!(file.read_folder().len() > 1, "the log must exist while the store is open");
        drop(clone);
        assert_eq!(file.read_folder().into_keys().collect::<Vec<_>>(), ["desk.sqlite"]);
        file.connect().execute_batch("BEGIN EXCLUSIVE").unwrap();
        file.remove_folder();
    }
}

/// The write-ahead log has as many pages as the setting says, and those of one more commit.
#[test]
fn a_checkpoint_keeps_the_write_ahead_log_small() {
    const FRAME: usize = 4_096 + 24;
    const MOST_PAGES_OF_A_COMMIT: usize = 40;
    for pages in [1, 100] {
        let file = StoreFile::new();
        let builder = SqliteStore::builder().checkpoint_pages(u32::try_from(pages).unwrap());
        let store = builder.open(file.path()).unwrap();
        for number in 0..100 {
            block_on(post(&store, TestMessage::new(&format!("b-{number}"), "Hello!")));
        }
        let log = file.read_folder()["desk.sqlite-wal"].len() / FRAME;
        let most = pages + MOST_PAGES_OF_A_COMMIT;
        assert!((pages..=most).contains(&log), "{log} pages in the log, {pages} set");
    }
}

/// Reading an unknown location does not create it.
#[test]
fn reads_write_nothing() {
    let file = StoreFile::new();
    drop(file.open());
    let before = fs::read(file.path()).unwrap();
    let store = file.open();
    let kim =
        FrontDesk::new(store.clone()).operator(location_id(LOCATION), participant_id("kim"), None);
    block_on(async {
        assert_eq!(head(&store, "b-1").await, None);
        assert_eq!(read_location(&store).await.changes.counts.revision, Revision::ZERO);
        assert!(kim.inbox(&PageRequest::first(9)).await.unwrap().threads.is_empty());
        assert!(store.locations(None, 9).await.unwrap().value.is_empty());
    });
    drop((store, kim));
    assert!(fs::read(file.path()).unwrap() == before);
}

/// Two stores in memory share nothing.
#[test]
fn stores_in_memory_are_separate() {
    let (first, second) =
        (SqliteStore::open_in_memory().unwrap(), SqliteStore::open_in_memory().unwrap());
    block_on(populate(&FrontDesk::new(first.clone())));
    assert_eq!(block_on(read_location(&first)).changes.changed.len(), HEADS);
    assert_eq!(block_on(read_location(&second)).changes.changed.len(), 0);
}
