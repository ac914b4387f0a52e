//! Whether a file is whole, and has everything that was acknowledged.

use std::collections::HashMap;
use std::path::Path;

use frontdesk::store::{
    Direction, Filter, Revision, SqliteStore, StoreError, Stored, ThreadState, ThreadStore,
};
use frontdesk::{Message, MessageNumber, Role, Thread};
use rusqlite::Connection;

use crate::child::{Acknowledged, HERE};
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
    let here = place(HERE);
    let feed = store.changes(&here, Revision::ZERO, usize::MAX).await?;
    let mut texts = HashMap::new();
    let (mut stored, mut awaiting) = (0, 0);
    for Stored { state, revision } in &feed.changed {
        assert!(*revision <= feed.revision, "the newest revision is older than a head's");
        let ThreadState::Live(thread) = state else { panic!("nothing was erased") };
        let whole = MessageNumber::START..=MessageNumber::MAX;
        let messages =
            store.messages(thread.id(), whole, usize::MAX, Direction::OldestFirst).await?;
        recount(thread, &messages);
        stored += messages.len();
        awaiting += u64::from(thread.awaits_operator());
        for message in messages {
            let (author, text) = (message.author().id.clone(), message.body().as_str().to_owned());
            let at = (thread.id().booking.as_str().to_owned(), message.number().get());
            let before = texts.insert((author.as_str().to_owned(), text), at);
            assert_eq!(before, None, "a message is stored twice");
        }
    }
    assert_eq!(feed.unread, awaiting, "the location's unread number");
    let unread = store.threads(&here, None, usize::MAX, Filter::Unread).await?;
    assert_eq!(unread.threads.len() as u64, awaiting, "the unread threads");
    let inbox = store.threads(&here, None, usize::MAX, Filter::All).await?;
    assert_eq!(inbox.threads.len(), feed.changed.len(), "the inbox");

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

/// A head's numbers are those of its messages, counted one by one.
#[track_caller]
fn recount(thread: &Thread, messages: &[Message]) {
    let id = thread.id();
    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    let count = u32::try_from(messages.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{id}: numbers without gaps");
    assert_eq!(thread.last_number().get(), count, "{id}: the head's last number");
    let by = |role| messages.iter().filter(move |message| message.role() == role);
    for role in [Role::Customer, Role::Operator] {
        let ordinals: Vec<u32> = by(role).map(Message::ordinal).collect();
        let count = u32::try_from(ordinals.len()).unwrap();
        assert_eq!(ordinals, (1..=count).collect::<Vec<_>>(), "{id}: the {role}s' ordinals");
        assert_eq!(thread.messages_by(role), count, "{id}: the head's count of the {role}s");
        let mark = thread.mark(role).number();
        let unread = by(role.other()).filter(|message| message.number() > mark).count();
        assert_eq!(thread.unread(role) as usize, unread, "{id}: unread to the {role}s");
    }
    let last = messages.last().map(|last| (last.role(), last.sent_at()));
    let shown = thread.last_message().map(|last| (last.role, last.sent_at));
    assert_eq!(shown, last, "{id}: the head's last message");
}
