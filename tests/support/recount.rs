//! Counting anew what a store has counted.

use frontdesk::store::{Direction, Filter, Revision, StoreError, Stored, ThreadState, ThreadStore};
use frontdesk::{LocationId, Message, MessageNumber, Role, Thread};

/// A location in which nothing was erased: its threads in inbox order, with all their
/// messages. Every number that the store has of it is what counting gives (I3, U2, U4).
pub(crate) async fn recounted(
    store: &dyn ThreadStore,
    here: &LocationId,
) -> Result<Vec<(Thread, Vec<Message>)>, StoreError> {
    let feed = store.changes(here, Revision::ZERO, usize::MAX).await?;
    for Stored { state, revision } in &feed.changed {
        assert!(*revision <= feed.revision, "the newest revision is older than a head's");
        assert!(matches!(state, ThreadState::Live(_)), "nothing was erased");
    }
    let inbox = store.threads(here, None, usize::MAX, Filter::All).await?;
    assert_eq!(inbox.threads.len(), feed.changed.len(), "the inbox");
    let mut whole = Vec::new();
    for thread in inbox.threads {
        let numbers = MessageNumber::START..=MessageNumber::MAX;
        let messages =
            store.messages(thread.id(), numbers, usize::MAX, Direction::OldestFirst).await?;
        assert_adds_up(&thread, &messages);
        whole.push((thread, messages));
    }
    let awaiting = whole.iter().filter(|(thread, _)| thread.awaits_operator()).count();
    assert_eq!(feed.unread, awaiting as u64, "the location's unread number");
    let unread = store.threads(here, None, usize::MAX, Filter::Unread).await?;
    assert_eq!(unread.threads.len(), awaiting, "the unread threads");
    Ok(whole)
}

/// A head's numbers are those of its messages, counted one by one.
#[track_caller]
fn assert_adds_up(thread: &Thread, messages: &[Message]) {
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
