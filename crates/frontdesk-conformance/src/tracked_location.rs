use std::sync::Arc;

use frontdesk::store::{Commit, KeyQuery, Revision, StoredMessage, ThreadState, VersionedThread};
use frontdesk::{LocationId, MessageNumber, Participant, Role, Thread, ThreadId, Timestamp};

use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, expect_committed, link_commit, messages_of,
    redact_commit, start_commit, waiting_commit,
};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{at, booking_id, location_id};
use crate::model::{MessageKey, Model};
use crate::recording_store::StoreHandle;

/// A location that only this value writes to, and the model of what it contains.
pub(crate) struct TrackedLocation {
    store: StoreHandle,
    pub(crate) location: LocationId,
    pub(crate) model: Model,
}

impl TrackedLocation {
    #[track_caller]
    pub(crate) fn new(store: &StoreHandle, location: &str) -> Self {
        let (store, location) = (Arc::clone(store), location_id(location));
        Self { store, location, model: Model::default() }
    }

    /// Releases the store and returns the model of its expected content.
    pub(crate) fn close(self) -> (LocationId, Model) {
        (self.location, self.model)
    }

    /// Continues on a store that was opened again.
    pub(crate) fn resume(store: &StoreHandle, (location, model): (LocationId, Model)) -> Self {
        Self { store: Arc::clone(store), location, model }
    }

    #[track_caller]
    pub(crate) fn id(&self, booking: &str) -> ThreadId {
        ThreadId::new(self.location.clone(), booking_id(booking))
    }

    #[track_caller]
    pub(crate) fn stored(&self, booking: &str) -> Option<&VersionedThread> {
        self.model.head(&self.id(booking))
    }

    #[track_caller]
    pub(crate) fn thread(&self, booking: &str) -> &Thread {
        let live = self.stored(booking).and_then(|stored| stored.state.live());
        live.expect("a live thread of this location")
    }

    pub(crate) fn newest(&self) -> Revision {
        self.model.newest(&self.location)
    }

    pub(crate) async fn commit(&mut self, commit: Commit) -> CaseResult<Revision> {
        let revision = expect_committed(self.store.commit(commit.clone()).await?)?;
        self.model.apply(commit, revision)?;
        Ok(revision)
    }

    pub(crate) async fn start(&mut self, booking: &str, seconds: i64) -> CaseResult<Revision> {
        let id = self.id(booking);
        self.commit(start_commit(Base::new(&id, self.stored(booking)), at(seconds))).await
    }

    /// Posts a message with some text and no key.
    pub(crate) async fn post(
        &mut self,
        booking: &str,
        author: &Participant,
        seconds: i64,
    ) -> CaseResult<StoredMessage> {
        self.send(booking, &TestMessage::new(author, "Can we come by bike?", at(seconds))).await
    }

    pub(crate) async fn send(
        &mut self,
        booking: &str,
        message: &TestMessage,
    ) -> CaseResult<StoredMessage> {
        let sent = self.send_all(booking, std::slice::from_ref(message)).await?;
        Ok(sent.into_iter().next().expect("one message"))
    }

    /// Posts several messages in one commit.
    pub(crate) async fn send_all(
        &mut self,
        booking: &str,
        messages: &[TestMessage],
    ) -> CaseResult<Vec<StoredMessage>> {
        let id = self.id(booking);
        let commit = batch_commit(Base::new(&id, self.stored(booking)), messages);
        let messages = messages_of(&commit);
        let revision = self.commit(commit).await?;
        Ok(messages.into_iter().map(|message| StoredMessage::new(message, revision)).collect())
    }

    /// Commits the thread that `transition` returns.
    pub(crate) async fn update(
        &mut self,
        booking: &str,
        transition: impl Fn(&Thread) -> Option<Thread> + Send,
    ) -> CaseResult {
        let next = transition(self.thread(booking)).expect("a transition that changes the thread");
        let commit = Commit::new(ThreadState::Live(next), self.stored(booking));
        self.commit(commit).await?;
        Ok(())
    }

    /// Marks all messages as read by a side.
    pub(crate) async fn mark_read(&mut self, booking: &str, reader: Role) -> CaseResult {
        let messages = self.model.history(&self.id(booking));
        let last = messages.last().expect("a message to read").message.clone();
        self.update(booking, |thread| thread.mark_read(reader, &last, at(0))).await
    }

    pub(crate) async fn redact(&mut self, booking: &str, number: u32) -> CaseResult<Revision> {
        let number = MessageNumber::new(number).expect("a valid message number");
        self.commit(redact_commit(self.stored(booking), number)).await
    }

    pub(crate) async fn set_waiting(
        &mut self,
        booking: &str,
        since: Option<Timestamp>,
    ) -> CaseResult<Revision> {
        self.commit(waiting_commit(self.stored(booking), since)).await
    }

    /// Makes an id that was never used a link to the thread of `target`.
    pub(crate) async fn link(&mut self, booking: &str, target: &str) -> CaseResult<Revision> {
        let id = self.id(booking);
        let base = Base::new(&id, self.stored(booking));
        self.commit(link_commit(base, &booking_id(target))).await
    }

    pub(crate) async fn erase(&mut self, booking: &str) -> CaseResult<Revision> {
        self.commit(erase_commit(self.stored(booking))).await
    }

    /// Forgets keys, checks the counts and finds out which keys were removed.
    pub(crate) async fn forget_keys(&mut self, before: Timestamp, limit: usize) -> CaseResult {
        let answer = self.store.forget_keys(&self.location, before, limit).await?;
        let old = self.model.keys_before(&self.location, before);
        let removed = old.len().min(limit);
        let operation = format!("forgetting at most {limit} of {} old keys", old.len());
        check_eq(&(answer.removed, answer.more), &(removed, old.len() > removed), &operation)?;
        let mut forgotten = 0;
        for MessageKey { thread, message, key } in old {
            let query = KeyQuery::new(&thread, message.author(), &key);
            if self.store.message_by_key(&query).await?.is_none() {
                self.model.forget_key(&query);
                forgotten += 1;
            }
        }
        check_eq(&forgotten, &removed, format_args!("the keys that are gone after {operation}"))
    }

    /// Checks that every read of the location returns what was committed.
    pub(crate) async fn check(&self) -> CaseResult {
        self.model.check(&self.store, &self.location).await
    }
}
