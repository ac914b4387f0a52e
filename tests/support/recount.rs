//! A comparison of the counters that a store keeps with counts of the stored threads and messages.

use frontdesk::store::{
    MessageQuery, Revision, StoreError, ThreadList, ThreadPage, ThreadQuery, ThreadState,
    ThreadStore, VersionedThread,
};
use frontdesk::{LocationId, Message, MessageNumber, Role, Thread};

/// Reads a location in which nothing was erased. Returns the threads in inbox order, each with all
/// its messages.
///
/// Asserts that the stored message numbers, counts of unread messages and number of unread threads
/// equal the results of counting (I3, U2, U4).
pub(crate) async fn recount_location(
    store: &dyn ThreadStore,
    location: &LocationId,
) -> Result<Vec<(Thread, Vec<Message>)>, StoreError> {
    let feed = store.changes(location, Revision::ZERO, usize::MAX).await?.value;
    for VersionedThread { state, revision, .. } in &feed.changed {
        assert!(
            *revision <= feed.counts.revision,
            "a thread's revision is above the newest revision"
        );
        assert!(matches!(state, ThreadState::Live(_)), "a thread is erased or linked");
    }
    let inbox = page(store, location, ThreadList::All(None)).await?;
    assert_eq!(inbox.threads.len(), feed.changed.len(), "the number of threads in the inbox");
    let mut location_threads = Vec::new();
    for thread in inbox.threads {
        let messages = all_messages(store, &thread).await?;
        assert_counts(&thread, &messages);
        location_threads.push((thread, messages));
    }
    let unread =
        location_threads.iter().filter(|(thread, _)| thread.is_unread_by(Role::Operator)).count();
    assert_eq!(feed.counts.unread, unread as u64, "the stored number of unread threads");
    let unread_threads = page(store, location, ThreadList::Unread(None)).await?.threads;
    assert_eq!(unread_threads.len(), unread, "the length of the list of unread threads");
    Ok(location_threads)
}

async fn page(
    store: &dyn ThreadStore,
    location: &LocationId,
    list: ThreadList<'_>,
) -> Result<ThreadPage, StoreError> {
    Ok(store.threads(&ThreadQuery::new(location, list, usize::MAX)).await?.value)
}

async fn all_messages(
    store: &dyn ThreadStore,
    thread: &Thread,
) -> Result<Vec<Message>, StoreError> {
    let numbers = MessageNumber::START..=MessageNumber::MAX;
    let query = MessageQuery::oldest_first(thread.id(), numbers, usize::MAX);
    let stored = store.messages(&query).await?.value;
    Ok(stored.into_iter().map(|stored| stored.message).collect())
}

/// Asserts that the counters of a thread's head (the stored thread without its messages) equal
/// counts of the thread's messages.
#[track_caller]
fn assert_counts(thread: &Thread, messages: &[Message]) {
    let id = thread.id();
    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    let count = u32::try_from(messages.len()).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "{id}: the numbers have no gaps");
    assert_eq!(thread.last_number().get(), count, "{id}: the head's last number");
    let by = |role| messages.iter().filter(move |message| message.role() == role);
    for role in [Role::Customer, Role::Operator] {
        let ordinals: Vec<u32> = by(role).map(Message::ordinal).collect();
        let count = u32::try_from(ordinals.len()).unwrap();
        assert_eq!(
            ordinals,
            (1..=count).collect::<Vec<_>>(),
            "{id}: the {role}s' ordinals have no gaps"
        );
        assert_eq!(
            thread.messages_by(role),
            count,
            "{id}: the head's count of the {role}s' messages"
        );
        let mark = thread.mark(role).number();
        let unread = by(role.opposite()).filter(|message| message.number() > mark).count();
        assert_eq!(thread.unread(role) as usize, unread, "{id}: unread by the {role}s");
    }
    let last = messages.last().map(|last| (last.role(), last.sent_at()));
    let head = thread.last_message().map(|last| (last.role, last.sent_at));
    assert_eq!(head, last, "{id}: the head's last message");
}
