use std::sync::Arc;

use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::{
    AuthorRedaction, Commit, CommitOutcome, Direction, KeyQuery, MessageQuery, ThreadList,
    ThreadQuery, ThreadState, VersionedThread,
};
use frontdesk::{BookingStatus, Participant, Role, Thread, ThreadId};

use super::operation::Operation;
use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, link_commit, redact_commit, start_commit,
    waiting_commit,
};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{NO_LIMIT, at, booking, customer, key, number, operator, thread_id};
use crate::recording_store::StoreHandle;
use crate::tracked_location::TrackedLocation;

/// Two locations with three threads each, and the clock.
pub(super) struct World {
    store: StoreHandle,
    locations: [TrackedLocation; 2],
    /// The states that commits replaced, for commits from an older revision.
    replaced: Vec<(ThreadId, Option<VersionedThread>)>,
    seconds: i64,
}

const BOOKINGS: [&str; 3] = ["b-2", "b-1", "B-3"];

fn author(index: u8) -> Participant {
    match index {
        0 => customer("p-1"),
        1 => customer("p-2"),
        _ => operator("p-1"),
    }
}

impl World {
    pub(super) fn new(store: &StoreHandle, seed: u64) -> Self {
        let location = |name: &str| TrackedLocation::new(store, &format!("{name}-{seed}"));
        let (locations, store) = (["harbour", "lake"].map(location), Arc::clone(store));
        Self { store, locations, replaced: Vec::new(), seconds: 0 }
    }

    fn location(&self, slot: u8) -> &TrackedLocation {
        &self.locations[usize::from(slot >= 3)]
    }

    fn location_mut(&mut self, slot: u8) -> &mut TrackedLocation {
        &mut self.locations[usize::from(slot >= 3)]
    }

    fn id(&self, slot: u8) -> ThreadId {
        thread_id(self.location(slot).location.as_str(), BOOKINGS[usize::from(slot % 3)])
    }

    fn stored(&self, slot: u8) -> Option<&VersionedThread> {
        self.location(slot).model.head(&self.id(slot))
    }

    fn is_link(&self, slot: u8) -> bool {
        self.stored(slot).is_some_and(|stored| matches!(stored.state, ThreadState::Linked(_)))
    }

    /// Returns the stored thread if it is live.
    fn live(&self, slot: u8) -> Option<(&VersionedThread, &Thread)> {
        let stored = self.stored(slot)?;
        Some((stored, stored.state.live()?))
    }

    pub(super) async fn run(&mut self, operation: Operation) -> CaseResult {
        match operation {
            Operation::MoveClock { seconds } => self.seconds += i64::from(seconds),
            Operation::ForgetKeys { slot, age, limit } => {
                let before = at(self.seconds - i64::from(age));
                return self.location_mut(slot).forget_keys(before, limit.into()).await;
            }
            operation => {
                let Some((slot, commit)) = self.commit_of(operation) else {
                    return self.read(operation).await;
                };
                return self.commit(slot, commit).await;
            }
        }
        Ok(())
    }

    /// Returns the commit of an operation, or `None` if it is a read or does not apply.
    fn commit_of(&self, operation: Operation) -> Option<(u8, Commit)> {
        match operation {
            Operation::Start { slot } if !self.is_link(slot) => {
                let id = self.id(slot);
                let base = Base::new(&id, self.stored(slot));
                Some((slot, start_commit(base, at(self.seconds))))
            }
            Operation::Post { slot, author, key } if !self.is_link(slot) => {
                let messages = self.messages(author, key, 1);
                Some((slot, batch_commit(Base::new(&self.id(slot), self.stored(slot)), &messages)))
            }
            Operation::PostBatch { slot, author, key, count } if !self.is_link(slot) => {
                let messages = self.messages(author, key, count);
                Some((slot, batch_commit(Base::new(&self.id(slot), self.stored(slot)), &messages)))
            }
            Operation::PostFromOlder { slot, author, key, back } => {
                let id = self.id(slot);
                let older = self.replaced.iter().rev().filter(|(of, _)| *of == id);
                let older = older.map(|(_, state)| state.as_ref()).nth(back.into()).flatten();
                Some((slot, batch_commit(Base::new(&id, older), &self.messages(author, key, 1))))
            }
            Operation::Link { slot, target } => {
                let target = self.id(target).booking;
                Some((slot, link_commit(Base::new(&self.id(slot), None), &target)))
            }
            Operation::Erase { slot } => {
                let (stored, _) = self.live(slot)?;
                Some((slot, erase_commit(Some(stored))))
            }
            operation => self.update_of(operation),
        }
    }

    /// Returns the commit of an operation that changes a live thread.
    fn update_of(&self, operation: Operation) -> Option<(u8, Commit)> {
        let now = at(self.seconds);
        let live = |next: Thread, stored| Commit::new(ThreadState::Live(next), Some(stored));
        match operation {
            Operation::MarkRead { slot, reader, index } => {
                let (stored, thread) = self.live(slot)?;
                let history = self.location(slot).model.history(thread.id());
                let message = &history.get(usize::from(index))?.message;
                Some((slot, live(thread.mark_read(reader, message, now)?, stored)))
            }
            Operation::MarkUnread { slot, reader, index } => {
                let (stored, thread) = self.live(slot)?;
                let history = self.location(slot).model.history(thread.id());
                let message = &history.get(usize::from(index))?.message;
                Some((slot, live(thread.mark_unread(reader, message, now)?, stored)))
            }
            Operation::RefreshBooking { slot, status } => {
                let (stored, thread) = self.live(slot)?;
                let status = ["on hold", "cancelled", "complete"][usize::from(status)];
                let snapshot = booking(thread.id().booking.as_str());
                let snapshot = snapshot.with_status(BookingStatus::from_word(status));
                Some((slot, live(thread.update_booking(&snapshot.into())?, stored)))
            }
            Operation::SetWaiting { slot, minutes } => {
                let (stored, thread) = self.live(slot)?;
                let since = minutes.map(|minutes| at(i64::from(minutes) * 60));
                (since.is_none() || thread.messages_by(Role::Customer) > 0)
                    .then(|| (slot, waiting_commit(Some(stored), since)))
            }
            Operation::Redact { slot, index } => {
                let (stored, thread) = self.live(slot)?;
                let history = self.location(slot).model.history(thread.id());
                let message = &history.get(usize::from(index))?.message;
                message
                    .body()
                    .is_some()
                    .then(|| (slot, redact_commit(Some(stored), message.number())))
            }
            Operation::RedactAuthor { slot, author: index, from, to } => {
                let (stored, thread) = self.live(slot)?;
                let history = self.location(slot).model.history(thread.id());
                let message = |index: u8| history.get(usize::from(index));
                let (from, to) = (message(from.min(to))?, message(from.max(to))?);
                let Participant { role, id, .. } = author(index);
                let messages = from.message.number()..=to.message.number();
                let redaction = AuthorRedaction { role, author: id, messages };
                let commit = live(thread.clone(), stored).with_author_redaction(redaction);
                Some((slot, commit.expect("messages of the thread")))
            }
            _ => None,
        }
    }

    fn messages(&self, index: u8, used: Option<u8>, count: u8) -> Vec<TestMessage> {
        let message = |place: u8| {
            let text = format!("{place} of {index} at {}", self.seconds);
            let message = TestMessage::new(&author(index), &text, at(self.seconds));
            match used {
                Some(used) if place == count => message.with_key(&key(&format!("k-{used}"))),
                _ => message,
            }
        };
        (1..=count).map(message).collect()
    }

    /// Commits and compares the outcome with the model's.
    async fn commit(&mut self, slot: u8, commit: Commit) -> CaseResult {
        let id = commit.id().clone();
        let actual = self.store.commit(commit.clone()).await?;
        match (self.location(slot).model.refusal(&commit), actual) {
            (Some(expected), actual) => {
                check_eq(&actual, &expected, format_args!("a commit to {id}"))
            }
            (None, CommitOutcome::Committed(revision)) => {
                let replaced = self.location(slot).model.head(&id).cloned();
                self.replaced.push((id, replaced));
                self.location_mut(slot).model.apply(commit, revision)
            }
            (None, actual) => {
                let operation = format_args!("a commit to {id}");
                Err(Failure::new(operation, "Committed", format!("{actual:?}")))
            }
        }
    }

    async fn read(&self, operation: Operation) -> CaseResult {
        match operation {
            Operation::ReadHead { slot } => {
                let stored = self.store.thread(&self.id(slot)).await?;
                let operation = format!("the head of {}", self.id(slot));
                check_eq(&stored.as_ref(), &self.stored(slot), operation)
            }
            Operation::ReadHeads { slots } => {
                let bookings = slots.map(|slot| self.id(slot).booking);
                let tracked = self.location(slots[0]);
                let heads = self.store.heads(&tracked.location, &bookings).await?;
                let expected = tracked.model.heads(&tracked.location, &bookings);
                check_eq(&heads, &expected, "the heads of four ids")
            }
            Operation::ReadMessages { slot, from, to, limit, direction } => {
                let id = self.id(slot);
                let range = number(from.into())..=number(to.into());
                let query = match direction {
                    Direction::OldestFirst => MessageQuery::oldest_first(&id, range, limit.into()),
                    Direction::NewestFirst => MessageQuery::newest_first(&id, range, limit.into()),
                };
                self.check_messages(slot, &query).await
            }
            Operation::ReadRedacted { slot, after, limit } => {
                let id = self.id(slot);
                let query = MessageQuery::redacted_after(&id, after.into(), limit.into());
                self.check_messages(slot, &query).await
            }
            Operation::ReadByKey { slot, author: index, key: used } => {
                let (id, author, key) = (self.id(slot), author(index), key(&format!("k-{used}")));
                let query = KeyQuery::new(&id, &author, &key);
                let found = self.store.message_by_key(&query).await?;
                let expected = self.location(slot).model.message_by_key(&query);
                check_eq(&found, &expected, format_args!("the message of {key:?} in {id}"))
            }
            Operation::ReadInbox { slot, after, limit, unread } => {
                let all = self.list(slot, ThreadList::All(None));
                let after = all.get(usize::from(after)).map(InboxPosition::of);
                let list = if unread { ThreadList::Unread } else { ThreadList::All };
                self.check_page(slot, list(after.as_ref()), limit).await
            }
            Operation::ReadWaiting { slot, after, limit } => {
                let all = self.list(slot, ThreadList::Waiting(None));
                let after = all.get(usize::from(after)).and_then(WaitingPosition::of);
                self.check_page(slot, ThreadList::Waiting(after.as_ref()), limit).await
            }
            Operation::ReadFeed { slot, back, limit } => {
                let TrackedLocation { location, model, .. } = self.location(slot);
                let since = (0..back).fold(model.newest(location), |since, _| since.previous());
                let feed = self.store.changes(location, since, limit.into()).await?;
                let operation = format!("the feed of {location} since {since:?}");
                check_eq(&feed, &model.changes(location, since, limit.into()), operation)
            }
            // An operation that writes, but does not apply to the current state.
            _ => Ok(()),
        }
    }

    async fn check_messages(&self, slot: u8, query: &MessageQuery<'_>) -> CaseResult {
        let found = self.store.messages(query).await?;
        let expected = self.location(slot).model.messages(query);
        check_eq(&found, &expected, format_args!("the messages of {}", query.thread))
    }

    fn list(&self, slot: u8, list: ThreadList<'_>) -> Vec<Thread> {
        let TrackedLocation { location, model, .. } = self.location(slot);
        model.threads(&ThreadQuery::new(location, list, NO_LIMIT)).threads
    }

    async fn check_page(&self, slot: u8, list: ThreadList<'_>, limit: u8) -> CaseResult {
        let TrackedLocation { location, model, .. } = self.location(slot);
        let query = ThreadQuery::new(location, list, limit.into());
        let page = self.store.threads(&query).await?;
        check_eq(&page, &model.threads(&query), format_args!("a page of {list:?} of {location}"))
    }

    /// Checks both locations.
    pub(super) async fn check(&self) -> CaseResult {
        for tracked in &self.locations {
            tracked.check().await?;
        }
        Ok(())
    }
}
