use std::sync::Arc;

use super::cast::{at, booking_id, place};
use super::model::Model;
use super::proposal::{committed, erasing, keyed, said, saying, starting};
use super::report::Outcome;
use super::stage::Shared;
use crate::id::{IdempotencyKey, LocationId, ThreadId};
use crate::message::Message;
use crate::participant::{Participant, Role};
use crate::store::{Commit, Revision, Stored, ThreadState, ThreadStore as _};
use crate::thread::Thread;

/// A location's only writer, and what must be stored there after each commit.
pub(super) struct Ledger {
    store: Shared,
    pub(super) location: LocationId,
    pub(super) model: Model,
}

impl Ledger {
    #[track_caller]
    pub(super) fn new(store: &Shared, location: &str) -> Self {
        let (store, location) = (Arc::clone(store), place(location));
        Self { store, location, model: Model::default() }
    }

    /// What is kept while the store is closed.
    pub(super) fn close(self) -> (LocationId, Model) {
        (self.location, self.model)
    }

    pub(super) fn resume(store: &Shared, (location, model): (LocationId, Model)) -> Self {
        Self { store: Arc::clone(store), location, model }
    }

    #[track_caller]
    pub(super) fn id(&self, booking: &str) -> ThreadId {
        ThreadId::new(self.location.clone(), booking_id(booking))
    }

    #[track_caller]
    pub(super) fn found(&self, booking: &str) -> Option<&Stored> {
        self.model.head(&self.id(booking))
    }

    #[track_caller]
    pub(super) fn thread(&self, booking: &str) -> &Thread {
        let live = self.found(booking).and_then(|stored| stored.state.live());
        live.expect("a live thread of the ledger")
    }

    pub(super) fn newest(&self) -> Revision {
        self.model.newest(&self.location)
    }

    pub(super) async fn commit(&mut self, commit: Commit) -> Outcome<Revision> {
        let revision = committed(self.store.commit(commit.clone()).await?)?;
        self.model.write(commit, revision)?;
        Ok(revision)
    }

    pub(super) async fn start(&mut self, booking: &str, seconds: i64) -> Outcome<Revision> {
        let commit = starting(&self.id(booking), self.found(booking), at(seconds));
        self.commit(commit).await
    }

    pub(super) async fn say(
        &mut self,
        booking: &str,
        author: &Participant,
        seconds: i64,
    ) -> Outcome<Message> {
        let id = self.id(booking);
        let commit = saying(&id, self.found(booking), author, "Can we come by bike?", at(seconds));
        let message = said(&commit);
        self.commit(commit).await?;
        Ok(message)
    }

    pub(super) async fn say_with(
        &mut self,
        booking: &str,
        author: &Participant,
        text: &str,
        key: &IdempotencyKey,
    ) -> Outcome<Message> {
        let commit = saying(&self.id(booking), self.found(booking), author, text, at(0));
        let message = said(&commit);
        self.commit(keyed(commit, key)).await?;
        Ok(message)
    }

    pub(super) async fn change(
        &mut self,
        booking: &str,
        change: impl Fn(&Thread) -> Option<Thread> + Send,
    ) -> Outcome {
        let next = change(self.thread(booking)).expect("something to change");
        let commit = Commit::new(ThreadState::Live(next), self.found(booking));
        self.commit(commit).await?;
        Ok(())
    }

    /// Marks everything as read for a side.
    pub(super) async fn read(&mut self, booking: &str, reader: Role) -> Outcome {
        let messages = self.model.history(&self.id(booking));
        let last = messages.last().expect("a message to read").clone();
        self.change(booking, |thread| thread.mark_read(reader, &last, at(0))).await
    }

    pub(super) async fn erase(&mut self, booking: &str) -> Outcome<Revision> {
        let commit = erasing(self.found(booking));
        self.commit(commit).await
    }

    /// Whether every way of asking gives what was committed.
    pub(super) async fn check(&self) -> Outcome {
        self.model.check(&self.store, &self.location).await
    }
}
