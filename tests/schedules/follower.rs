//! A client that follows a location's change feed, and other helpers of the scenarios.

use std::sync::Arc;

use frontdesk::store::{Revision, ThreadStore, VersionedThread};
use frontdesk::{DeskError, Message, MessageNumber, Role};

/// A fixture over the store under test.
pub(crate) type Fixture = crate::support::fixture::Fixture<Arc<dyn ThreadStore>>;

/// A client that reads the change feed from the location's first revision.
pub(crate) struct FeedFollower {
    fixture: Fixture,
    last: Revision,
    states: Vec<VersionedThread>,
}

impl FeedFollower {
    pub(crate) fn new(fixture: &Fixture) -> Self {
        Self { fixture: fixture.clone(), last: Revision::ZERO, states: Vec::new() }
    }

    /// P1: reads the feed once. Asserts that the feed returns only revisions that this client has
    /// not seen, and that the location's newest revision does not go back.
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

    /// P1: reads the rest of the feed. Asserts that following the feed gave the same states as
    /// reading the whole feed at once.
    pub(crate) async fn assert_complete(mut self) {
        self.read().await;
        let all = self.fixture.changes(Revision::ZERO).await.changed;
        assert_eq!(self.states, all, "the follower missed a commit");
    }
}

/// I3, U2: asserts that the numbers of a thread's messages and the ordinals of each role's messages
/// have no gaps, and that the thread's counts are exact.
pub(crate) async fn assert_counts(fixture: &Fixture, id: &str) {
    let Some(thread) = fixture.find_thread(id).await else { return };
    let messages = fixture.messages(id).await;
    let expected: Vec<u32> = (thread.first_number().get()..=thread.last_number().get()).collect();
    let numbers: Vec<u32> = messages.iter().map(|message| message.number().get()).collect();
    assert_eq!(numbers, expected, "the numbers have no gaps");
    for role in [Role::Customer, Role::Operator] {
        let by_role = || messages.iter().filter(|message| message.role() == role);
        let ordinals: Vec<u32> = by_role().map(Message::ordinal).collect();
        let expected: Vec<u32> = (1..=thread.messages_by(role)).collect();
        assert_eq!(ordinals, expected, "the ordinals of the {role}s' messages");
        let mark = thread.mark(role.opposite()).number();
        let unread = by_role().filter(|message| message.number() > mark).count();
        assert_eq!(
            thread.unread(role.opposite()) as usize,
            unread,
            "the unread messages of the {role}s"
        );
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
