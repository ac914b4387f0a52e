//! Whether a file is whole, and has everything that was acknowledged.

use std::collections::HashMap;
use std::path::Path;

use frontdesk::Role;
use frontdesk::store::{SqliteStore, StoreError, ThreadStore};
use rusqlite::Connection;

use crate::child::{Acknowledged, HERE};
use crate::support::recount::recounted;
use crate::support::{key, place};

/// The file is sound, every acknowledged message is there once, under its number,
/// and every count is what counting gives. How many messages there are.
#[track_caller]
pub(crate) fn whole(file: &Path, acknowledged: &[Acknowledged], recent: &[Acknowledged]) -> usize {
    assert_sound(file);
    let store = SqliteStore::open(file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let messages = runtime.block_on(everything_adds_up(&store, acknowledged, recent)).unwrap();
    let keys: i64 = Connection::open(file)
        .unwrap()
        .query_row("SELECT count(*) FROM idempotency_key", (), |row| row.get(0))
        .unwrap();
    assert_eq!(keys, i64::try_from(messages).unwrap(), "each message was sent with a key");
    messages
}

/// SQLite finds nothing wrong with the file.
#[track_caller]
pub(crate) fn assert_sound(file: &Path) {
    let verdict: String = Connection::open(file)
        .unwrap()
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

async fn everything_adds_up(
    store: &SqliteStore,
    acknowledged: &[Acknowledged],
    recent: &[Acknowledged],
) -> Result<usize, StoreError> {
    let mut texts = HashMap::new();
    let mut stored = 0;
    for (thread, messages) in recounted(store, &place(HERE)).await? {
        stored += messages.len();
        for message in messages {
            let (author, text) = (message.author().id.clone(), message.body().as_str().to_owned());
            let at = (thread.id().booking.as_str().to_owned(), message.number().get());
            let before = texts.insert((author.as_str().to_owned(), text), at);
            assert_eq!(before, None, "a message is stored twice");
        }
    }

    for sent in acknowledged {
        let found = texts.get(&(sent.author.clone(), sent.text.clone()));
        assert_eq!(
            found,
            Some(&(sent.booked.clone(), sent.number)),
            "{} was acknowledged",
            sent.key
        );
    }
    for sent in recent {
        let id = crate::support::thread_id(HERE, &sent.booked);
        let author = crate::support::who(&sent.author);
        let mut found = None;
        for role in [Role::Customer, Role::Operator] {
            let by_key = store.message_by_key(&id, role, &author, &key(&sent.key)).await?;
            found = found.or(by_key.map(|message| message.number().get()));
        }
        assert_eq!(found, Some(sent.number), "the key {}", sent.key);
    }
    Ok(stored)
}
