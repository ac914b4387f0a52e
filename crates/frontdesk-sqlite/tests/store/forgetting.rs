//! Steps that forget idempotency keys (I4).

use frontdesk::Timestamp;
use frontdesk::store::{ForgottenKeys, ThreadStore};
use frontdesk_sqlite::SqliteStore;
use futures::executor::block_on;

use crate::fixtures::{LOCATION, StoreFile, TestMessage, post};
use crate::support::{at, location_id};

const MESSAGES: usize = 4;

/// Writes three threads of [`MESSAGES`] messages with keys.
fn write_threads(store: &SqliteStore) {
    for booking in ["b-1", "b-2", "b-3"] {
        for number in 0..MESSAGES {
            let message = TestMessage::new(booking, "x").with_key(&format!("k-{number}"));
            block_on(post(store, message));
        }
    }
}

fn forget(store: &SqliteStore, before: Timestamp, limit: usize) -> (usize, bool) {
    let location = location_id(LOCATION);
    let ForgottenKeys { removed, more, .. } =
        block_on(store.forget_keys(&location, before, limit)).unwrap().value;
    (removed, more)
}

/// Reads the messages with keys, as texts such as `b-1 3`.
fn messages_with_key(file: &StoreFile) -> Vec<String> {
    let connection = file.connect();
    let sql = "SELECT booking || ' ' || number FROM head JOIN message USING (thread_no) \
               WHERE key_digest IS NOT NULL ORDER BY booking, number";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Gives a message a key again that no other message has.
fn restore_key(file: &StoreFile, booking: &str, number: i64) {
    file.run_sql(&format!(
        "UPDATE message SET key_digest = randomblob(12) WHERE number = {number} AND thread_no = \
         (SELECT thread_no FROM head WHERE booking = '{booking}')"
    ));
}

/// A step continues after the last key that the previous step removed, also in the middle of a
/// thread. It does not read the earlier messages again.
#[test]
fn i4_a_step_continues_where_the_previous_step_stopped() {
    let file = StoreFile::new();
    let store = file.open();
    write_threads(&store);
    assert_eq!(forget(&store, Timestamp::MAX, 6), (6, true));
    restore_key(&file, "b-1", 2);
    restore_key(&file, "b-2", 1);
    assert_eq!(forget(&store, Timestamp::MAX, 0), (0, true));
    assert_eq!(forget(&store, Timestamp::MAX, 5), (5, true));
    assert_eq!(messages_with_key(&file), ["b-1 2", "b-2 1", "b-3 4"]);
    // The last step also finds keys that were added behind the position.
    assert_eq!(forget(&store, Timestamp::MAX, 2), (2, true));
    assert_eq!(messages_with_key(&file), ["b-2 1"]);
    assert_eq!(forget(&store, Timestamp::MAX, 2), (1, false));
}

/// A step with another time starts at the first message.
#[test]
fn i4_a_step_with_another_time_starts_again() {
    let file = StoreFile::new();
    let store = file.open();
    write_threads(&store);
    assert_eq!(forget(&store, at(1_000_000), 6), (6, true));
    restore_key(&file, "b-1", 2);
    assert_eq!(forget(&store, at(1_000_001), 1), (1, true));
    assert_eq!(messages_with_key(&file)[0], "b-2 3");
}
