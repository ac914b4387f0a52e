//! A client that follows a location's change feed, and other helpers of the scenarios.

use std::sync::Arc;

use frontdesk::store::{Revision, ThreadStore, VersionedThread};
use frontdesk::{DeskError, Message, MessageNumber, Role};

/// A desk over the store under test.
pub(crate) type Fixture = crate::support::fixture::Fixture<Arc<dyn ThreadStore>>;

/// A client that reads the feed from the location's first revision.
pub(crate) struct FeedFollower {
    fixture: Fixture,
    last: Revision,
    states: Vec<VersionedThread>,
}

impl FeedFollower {
    pub(crate) fn new(fixture: &Fixture) -> Self {
        Self { fixture: fixture.clone(), last: Revision::ZERO, states: Vec::new() }
    }

    /// P1: reads the feed once. Asserts that it returns only revisions after the last one
    /// that was seen, and that the newest revision does not go back.
    pub(crate) async fn read(&mut self) {
        let changes = self.fixture.changes(self.last).await;
        let newest = changes.counts.revision;
        assert!(newest >= self.last, "the newest revision went back");
        for stored in changes.changed {
            assert!(stored.revision > self.last, "the feed repeats a revision");
            assert!(stored.revision <= newest, "a change is newer than the newest revision");
            self.states.retain(|known| known.state.id() != stored.state.id());
            self.states.push(stored);
        }
        self.last = newest;
    }

    /// P1: asserts that following the feed gave the same state as reading it whole.
    pub(crate) async fn assert_complete(mut self) {
        self.read().await;
        let all = self.fixture.changes(Revision::ZERO).await.changed;
        assert_eq!(self.states, all, "the follower missed a commit");
    }
}

/// I3, U2: asserts that a thread's messages are numbered without gaps, as a whole and by
/// role, and that its head counts them exactly.
pub(crate) async fn assert_counts(fixture: &Fixture, id: &str) {
    let Some(thread) = fixture.find_thread(id).await else { return };
    let messages = fixture.messages(id).await;
    let expected: Vec<u32> = (thread.first_number().get()..=thread.last_number().get()).collect();
    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    assert_eq!(numbers, expected, "numbers without gaps");
    for role in [Role::Customer, Role::Operator] {
        let by_role = || messages.iter().filter(|message| message.role() == role);
        let ordinals: Vec<u32> = by_role().map(Message::ordinal).collect();
        let expected: Vec<u32> = (1..=thread.messages_by(role)).collect();
        assert_eq!(ordinals, expected, "ordinals of the {role}s");
        let mark = thread.mark(role.opposite()).number();
        let unread = by_role().filter(|message| message.number() > mark).count();
        assert_eq!(thread.unread(role.opposite()) as usize, unread, "unread of the {role}s");
    }
}

/// Returns the number of a message that was sent, or `None` if there was no thread.
#[track_caller]
pub(crate) fn sent_number(sent: Result<MessageNumber, DeskError>) -> Option<u32> {
    match sent {
        Ok(number) => Some(number.get()),
        Err(DeskError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}
