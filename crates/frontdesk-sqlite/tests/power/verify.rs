//! Verification that a file is intact and contains every acknowledged message.

use std::collections::HashMap;
use std::path::Path;

use frontdesk::Role;
use frontdesk::store::{KeyQuery, StoreError, ThreadStore};
use rusqlite::Connection;

use crate::child::LOCATION;
use crate::histories;
use crate::support::recount::recount_location;
use crate::support::{key, location_id, participant_id, thread_id};
use crate::writers::Acknowledged;

/// Asserts that the file is intact, that every acknowledged message is stored once under its
/// number, that the keys of `recent` find their messages, and that all counts are right.
/// Returns the number of stored messages.
#[track_caller]
pub(crate) fn verify_file(
    file: &Path,
    acknowledged: &[Acknowledged],
    recent: &[Acknowledged],
) -> usize {
    assert_intact(file);
    let store = histories::open(file);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let messages = runtime.block_on(verify_messages(&store, acknowledged)).unwrap();
    runtime.block_on(verify_keys(&store, recent)).unwrap();
    let keys: i64 = Connection::open(file)
        .unwrap()
        .query_row("SELECT count(key_digest) FROM message", (), |row| row.get(0))
        .unwrap();
    assert_eq!(keys, i64::try_from(messages).unwrap(), "the numbers of keys and messages differ");
    messages
}

/// Asserts that SQLite finds no damage in the file.
#[track_caller]
pub(crate) fn assert_intact(file: &Path) {
    let result: String = Connection::open(file)
        .unwrap()
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(result, "ok");
}

async fn verify_messages(
    store: &dyn ThreadStore,
    acknowledged: &[Acknowledged],
) -> Result<usize, StoreError> {
    let mut places = HashMap::new();
    let mut stored = 0;
    for (thread, messages) in recount_location(store, &location_id(LOCATION)).await? {
        stored += messages.len();
        for message in messages {
            let author = message.author().id.as_str().to_owned();
            let text = message.body().expect("no message was redacted").as_str().to_owned();
            let place = (thread.id().booking.as_str().to_owned(), message.number().get());
            let previous = places.insert((author, text), place);
            assert_eq!(previous, None, "a message is stored twice");
        }
    }
    for sent in acknowledged {
        let place = places.get(&(sent.author.clone(), sent.text.clone()));
        let expected = (sent.booking.clone(), sent.number);
        assert_eq!(place, Some(&expected), "the acknowledged message with the key {}", sent.key);
    }
    Ok(stored)
}

async fn verify_keys(store: &dyn ThreadStore, messages: &[Acknowledged]) -> Result<(), StoreError> {
    for sent in messages {
        let thread = &thread_id(LOCATION, &sent.booking);
        let (author, key) = (&participant_id(&sent.author), &key(&sent.key));
        let mut number = None;
        for role in [Role::Customer, Role::Operator] {
            let query = KeyQuery { thread, role, author, key };
            let found = store.message_by_key(&query).await?.value;
            number = number.or(found.map(|stored| stored.message.number().get()));
        }
        assert_eq!(number, Some(sent.number), "the key {}", sent.key);
    }
    Ok(())
}
