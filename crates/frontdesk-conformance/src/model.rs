use std::cmp::Reverse;
use std::collections::BTreeMap;

use frontdesk::store::{
    AuthorRedaction, Change, Changes, Commit, CommitOutcome, Direction, KeyQuery, LocationCounts,
    LocationRevision, MessageQuery, MessageSelection, NewMessage, Redaction, Revision,
    StoredMessage, ThreadList, ThreadPage, ThreadQuery, VersionedThread,
};
use frontdesk::{
    BookingId, IdempotencyKey, LocationId, Message, Participant, Role, Thread, ThreadId, Timestamp,
};

use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fixtures::{ALL_NUMBERS, LISTS, NO_LIMIT, all_messages};
use crate::recording_store::RecordingStore;

/// The expected content of a store: flat lists that each read searches and sorts.
#[derive(Default)]
pub(crate) struct Model {
    newest: BTreeMap<LocationId, Revision>,
    heads: BTreeMap<ThreadId, VersionedThread>,
    messages: BTreeMap<ThreadId, Vec<ModelMessage>>,
}

struct ModelMessage {
    stored: StoredMessage,
    key: Option<IdempotencyKey>,
}

/// A key, and the message that was sent with it.
pub(crate) struct MessageKey {
    pub(crate) thread: ThreadId,
    pub(crate) message: Message,
    pub(crate) key: IdempotencyKey,
}

impl ModelMessage {
    fn was_sent_with(&self, query: &KeyQuery<'_>) -> bool {
        let Participant { role, id, .. } = self.stored.message.author();
        *role == query.role && id == query.author && self.key.as_ref() == Some(query.key)
    }
}

impl Model {
    /// Returns the outcome with which a store must refuse a commit, or `None` if the store
    /// must write it.
    pub(crate) fn refusal(&self, commit: &Commit) -> Option<CommitOutcome> {
        if let Change::Messages(new) = commit.change() {
            for (index, NewMessage { message, key, .. }) in new.iter().enumerate() {
                let Some(key) = key else { continue };
                let query = KeyQuery::new(commit.id(), message.author(), key);
                if let Some(first) = self.message_by_key(&query) {
                    return Some(CommitOutcome::KeyTaken { index, message: first });
                }
            }
        }
        let head = self.head(commit.id());
        (head.map(|stored| stored.revision) != commit.expected())
            .then(|| CommitOutcome::Conflict(head.cloned()))
    }

    /// Applies a commit that the store wrote at `revision`.
    pub(crate) fn apply(&mut self, commit: Commit, revision: Revision) -> CaseResult {
        let id = commit.id().clone();
        let newest = self.newest(&id.location);
        check(newest < revision && revision <= Revision::MAX, || {
            let expected = format!("one above {newest:?}, at most {:?}", Revision::MAX);
            Failure::new(format_args!("the revision of a commit to {id}"), expected, revision)
        })?;
        let parts = commit.into_parts();
        if parts.next.live().is_none() {
            self.messages.remove(&id);
        }
        match parts.change {
            Change::None => {}
            Change::Messages(new) => {
                let messages = self.messages.entry(id.clone()).or_default();
                messages.extend(new.into_vec().into_iter().map(
                    |NewMessage { message, key, .. }| {
                        let stored = StoredMessage::new(message, revision);
                        ModelMessage { stored, key }
                    },
                ));
            }
            Change::Redact(redaction) => self.redact(&id, &redaction),
            Change::RedactAuthor(redaction) => self.redact_author(&id, &redaction),
        }
        self.newest.insert(id.location.clone(), revision);
        self.heads.insert(id, VersionedThread::new(revision, parts.next));
        Ok(())
    }

    fn redact(&mut self, id: &ThreadId, redaction: &Redaction) {
        for ModelMessage { stored, .. } in self.messages.entry(id.clone()).or_default() {
            if stored.message.number() == redaction.number {
                stored.message = stored.message.clone().redacted(redaction.ordinal);
            }
        }
    }

    fn redact_author(&mut self, id: &ThreadId, redaction: &AuthorRedaction) {
        for ModelMessage { stored, .. } in self.messages.entry(id.clone()).or_default() {
            let Participant { role, id: author, .. } = stored.message.author();
            if redaction.messages.contains(&stored.message.number())
                && *role == redaction.role
                && *author == redaction.author
            {
                stored.message = stored.message.clone().without_author_name();
            }
        }
    }

    pub(crate) fn newest(&self, location: &LocationId) -> Revision {
        self.newest.get(location).copied().unwrap_or_default()
    }

    pub(crate) fn head(&self, id: &ThreadId) -> Option<&VersionedThread> {
        self.heads.get(id)
    }

    pub(crate) fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> Vec<VersionedThread> {
        let ids = bookings.iter().map(|booking| ThreadId::new(location.clone(), booking.clone()));
        ids.filter_map(|id| self.head(&id).cloned()).collect()
    }

    /// Returns all messages of a thread, oldest first.
    pub(crate) fn history(&self, id: &ThreadId) -> Vec<StoredMessage> {
        self.messages_of(id).map(|message| message.stored.clone()).collect()
    }

    fn messages_of(&self, id: &ThreadId) -> impl Iterator<Item = &ModelMessage> {
        self.messages.get(id).into_iter().flatten()
    }

    pub(crate) fn messages(&self, query: &MessageQuery<'_>) -> Vec<StoredMessage> {
        let mut found = self.history(query.thread);
        match &query.selection {
            MessageSelection::Numbers { range, direction } => {
                found.retain(|stored| range.contains(&stored.message.number()));
                if *direction == Direction::NewestFirst {
                    found.sort_by_key(|stored| Reverse(stored.message.number()));
                }
            }
            MessageSelection::RedactedAfter(after) => {
                found.retain(|stored| stored.message.redaction() > Some(*after));
                found.sort_by_key(|stored| stored.message.redaction());
            }
        }
        found.truncate(query.limit);
        found
    }

    pub(crate) fn message_by_key(&self, query: &KeyQuery<'_>) -> Option<StoredMessage> {
        let found = self.messages_of(query.thread).find(|message| message.was_sent_with(query));
        found.map(|message| message.stored.clone())
    }

    /// Returns the keys that `forget_keys` may remove: the keys of messages that were sent
    /// before `before` and not imported.
    pub(crate) fn keys_before(&self, location: &LocationId, before: Timestamp) -> Vec<MessageKey> {
        let keys = self
            .keys(location)
            .filter(|sent| sent.message.sent_at() < before && !sent.message.is_imported());
        keys.collect()
    }

    fn keys(&self, location: &LocationId) -> impl Iterator<Item = MessageKey> {
        let threads = self.messages.iter().filter(|(thread, _)| thread.location == *location);
        threads.flat_map(|(thread, messages)| {
            messages.iter().filter_map(|ModelMessage { stored, key }| {
                let (thread, message) = (thread.clone(), stored.message.clone());
                Some(MessageKey { thread, message, key: key.clone()? })
            })
        })
    }

    pub(crate) fn forget_key(&mut self, query: &KeyQuery<'_>) {
        for message in self.messages.entry(query.thread.clone()).or_default() {
            if message.was_sent_with(query) {
                message.key = None;
            }
        }
    }

    /// Counts the customers' messages after the operators' read mark.
    fn is_unread(&self, thread: &Thread) -> bool {
        let mark = thread.mark(Role::Operator).number();
        self.messages_of(thread.id()).any(
            |ModelMessage { stored: StoredMessage { message, .. }, .. }| {
                message.role() == Role::Customer && message.number() > mark
            },
        )
    }

    fn live_threads(&self, location: &LocationId) -> impl Iterator<Item = &Thread> {
        let live = self.heads.values().filter_map(|head| head.state.live());
        live.filter(move |thread| thread.id().location == *location)
    }

    pub(crate) fn counts(&self, location: &LocationId) -> LocationCounts {
        let live = || self.live_threads(location);
        let unread = live().filter(|thread| self.is_unread(thread)).count() as u64;
        let waiting = live().filter(|thread| thread.waiting_since().is_some()).count() as u64;
        LocationCounts::new(self.newest(location), unread, waiting)
    }

    pub(crate) fn threads(&self, query: &ThreadQuery<'_>) -> ThreadPage {
        let mut threads: Vec<Thread> = self.live_threads(query.location).cloned().collect();
        match query.list {
            ThreadList::All(_) => {}
            ThreadList::Unread(_) => threads.retain(|thread| self.is_unread(thread)),
            ThreadList::Waiting(_) => threads.retain(|thread| thread.waiting_since().is_some()),
        }
        match query.list {
            ThreadList::All(after) | ThreadList::Unread(after) => {
                let key =
                    |thread: &Thread| (Reverse(thread.active_at()), booking_bytes(thread).to_vec());
                if let Some(after) = after {
                    let after = (Reverse(after.active_at()), after.booking().as_bytes().to_vec());
                    threads.retain(|thread| key(thread) > after);
                }
                threads.sort_by_key(key);
            }
            ThreadList::Waiting(after) => {
                let key =
                    |thread: &Thread| (thread.waiting_since(), booking_bytes(thread).to_vec());
                if let Some(after) = after {
                    let booking = after.booking().as_bytes().to_vec();
                    let after = (Some(after.waiting_since()), booking);
                    threads.retain(|thread| key(thread) > after);
                }
                threads.sort_by_key(key);
            }
        }
        threads.truncate(query.limit);
        ThreadPage::new(threads, self.counts(query.location))
    }

    pub(crate) fn changes(&self, location: &LocationId, since: Revision, limit: usize) -> Changes {
        let changed = self.heads.values().filter(|head| head.revision > since);
        let changed = changed.filter(|head| head.state.id().location == *location);
        let mut changed: Vec<VersionedThread> = changed.cloned().collect();
        changed.sort_by_key(|head| head.revision);
        let more = changed.len() > limit;
        changed.truncate(limit);
        Changes::new(changed, more, self.counts(location))
    }

    /// Returns the locations of the model after `after`, in the order of their bytes.
    pub(crate) fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Vec<LocationRevision> {
        let bytes = |location: &LocationId| location.as_str().as_bytes().to_vec();
        let mut found: Vec<&LocationId> = self.newest.keys().collect();
        found.retain(|location| after.is_none_or(|after| bytes(location) > bytes(after)));
        found.sort_by_key(|location| bytes(location));
        found.truncate(limit);
        let entry = |of: &LocationId| LocationRevision::new(of.clone(), self.newest(of));
        found.into_iter().map(entry).collect()
    }

    /// Checks that every read of a location returns what the model contains.
    pub(crate) async fn check(&self, store: &RecordingStore, location: &LocationId) -> CaseResult {
        let feed = store.changes(location, Revision::ZERO, NO_LIMIT).await?;
        let expected = self.changes(location, Revision::ZERO, NO_LIMIT);
        check_eq(&feed, &expected, "the feed from the start")?;
        for list in LISTS {
            let query = ThreadQuery::new(location, list, NO_LIMIT);
            let page = store.threads(&query).await?;
            check_eq(&page, &self.threads(&query), format_args!("the list {list:?}"))?;
        }
        let mut bookings = Vec::new();
        for (id, head) in self.heads.iter().filter(|(id, _)| id.location == *location) {
            bookings.push(id.booking.clone());
            let stored = store.thread(id).await?;
            check_eq(&stored.as_ref(), &Some(head), format_args!("the head of {id}"))?;
            let messages = store.messages(&all_messages(id)).await?;
            check_eq(&messages, &self.history(id), format_args!("the messages of {id}"))?;
            let newest_first = MessageQuery::newest_first(id, ALL_NUMBERS, NO_LIMIT);
            for query in [newest_first, MessageQuery::redacted_after(id, 0, NO_LIMIT)] {
                let operation = format!("the messages of {id}: {:?}", query.selection);
                let messages = store.messages(&query).await?;
                check_eq(&messages, &self.messages(&query), operation)?;
            }
        }
        let heads = store.heads(location, &bookings).await?;
        check_eq(&heads, &self.heads(location, &bookings), "the heads of all threads")?;
        for MessageKey { thread, message, key } in self.keys(location) {
            let query = KeyQuery::new(&thread, message.author(), &key);
            let stored = store.message_by_key(&query).await?;
            let operation = format!("the message that was sent to {thread} with {key:?}");
            check_eq(&stored, &self.message_by_key(&query), operation)?;
        }
        Ok(())
    }
}

fn booking_bytes(thread: &Thread) -> &[u8] {
    thread.id().booking.as_str().as_bytes()
}
