use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::cast::{MANY, WHOLE};
use super::report::{Outcome, holds, same};
use super::stage::Shared;
use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, NewMessage, Revision, Stored, ThreadPage,
    ThreadStore as _,
};
use crate::thread::Thread;

/// What must be stored, in flat lists that are looked through and sorted at each
/// question: what the contract says, without a trick.
#[derive(Default)]
pub(super) struct Model {
    newest: BTreeMap<LocationId, Revision>,
    heads: Vec<Stored>,
    messages: Vec<(ThreadId, Message, Option<IdempotencyKey>)>,
}

impl Model {
    /// What a commit must come to; `None` when it must be written.
    pub(super) fn refusal(&self, commit: &Commit) -> Option<CommitOutcome> {
        let id = commit.id();
        if let Some(NewMessage { message, key: Some(key) }) = &commit.message
            && let Some(first) = self.sent_with(id, message.role(), &message.author().id, key)
        {
            return Some(CommitOutcome::KeyTaken(first));
        }
        let head = self.head(id);
        (head.map(|stored| stored.revision) != commit.expected)
            .then(|| CommitOutcome::Conflict(head.cloned()))
    }

    /// Takes in what was written at `revision`.
    pub(super) fn write(&mut self, commit: Commit, revision: Revision) -> Outcome {
        let id = commit.id().clone();
        let newest = self.newest(&id.location);
        holds(
            newest < revision && revision <= Revision::MAX,
            format_args!("the revision of a commit to {id}"),
            format_args!("one above {newest:?}, at most {:?}", Revision::MAX),
            revision,
        )?;
        if commit.next.live().is_none() {
            self.messages.retain(|(of, ..)| *of != id);
        }
        if let Some(NewMessage { message, key }) = commit.message {
            self.messages.push((id.clone(), message, key));
        }
        self.heads.retain(|head| *head.state.id() != id);
        self.newest.insert(id.location, revision);
        self.heads.push(Stored { revision, state: commit.next });
        Ok(())
    }

    pub(super) fn newest(&self, location: &LocationId) -> Revision {
        self.newest.get(location).copied().unwrap_or_default()
    }

    pub(super) fn head(&self, id: &ThreadId) -> Option<&Stored> {
        self.heads.iter().find(|head| head.state.id() == id)
    }

    pub(super) fn history(&self, id: &ThreadId) -> Vec<Message> {
        let of_thread = self.messages.iter().filter(|(of, ..)| of == id);
        of_thread.map(|(_, message, _)| message.clone()).collect()
    }

    pub(super) fn slice(
        &self,
        id: &ThreadId,
        range: &RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Vec<Message> {
        let mut found = self.history(id);
        found.retain(|message| range.contains(&message.number()));
        if direction == Direction::NewestFirst {
            found.sort_by_key(|message| Reverse(message.number()));
        }
        found.truncate(limit);
        found
    }

    pub(super) fn sent_with(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Option<Message> {
        let found = self.messages.iter().find(|(of, message, used)| {
            of == id
                && message.role() == role
                && message.author().id == *author
                && used.as_ref() == Some(key)
        });
        found.map(|(_, message, _)| message.clone())
    }

    /// The customers' messages after the operators' mark, counted one by one.
    fn awaits_operator(&self, thread: &Thread) -> bool {
        let mark = thread.mark(Role::Operator).number();
        self.history(thread.id())
            .iter()
            .any(|message| message.role() == Role::Customer && message.number() > mark)
    }

    fn threads(&self, location: &LocationId) -> impl Iterator<Item = &Thread> {
        let live = self.heads.iter().filter_map(|head| head.state.live());
        live.filter(move |thread| thread.id().location == *location)
    }

    fn unread(&self, location: &LocationId) -> u64 {
        self.threads(location).filter(|thread| self.awaits_operator(thread)).count() as u64
    }

    pub(super) fn page(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> ThreadPage {
        let bytes = |thread: &Thread| thread.id().booking.as_str().as_bytes().to_vec();
        let mut threads: Vec<Thread> = self.threads(location).cloned().collect();
        threads.retain(|thread| filter == Filter::All || self.awaits_operator(thread));
        if let Some(after) = after {
            threads.retain(|thread| {
                let (active_at, booking) = (thread.active_at(), after.booking().as_bytes());
                active_at < after.active_at()
                    || active_at == after.active_at() && *bytes(thread) > *booking
            });
        }
        threads.sort_by(|a, b| {
            b.active_at().cmp(&a.active_at()).then_with(|| bytes(a).cmp(&bytes(b)))
        });
        threads.truncate(limit);
        ThreadPage { threads, unread: self.unread(location), revision: self.newest(location) }
    }

    pub(super) fn changes(&self, location: &LocationId, since: Revision, limit: usize) -> Changes {
        let mut changed = self.heads.clone();
        changed.retain(|head| head.state.id().location == *location && head.revision > since);
        changed.sort_by_key(|head| head.revision);
        let more = changed.len() > limit;
        changed.truncate(limit);
        let (unread, revision) = (self.unread(location), self.newest(location));
        Changes { changed, more, unread, revision }
    }

    /// Whether every way of asking about a location gives what is here.
    pub(super) async fn check(&self, store: &Shared, location: &LocationId) -> Outcome {
        let found = store.changes(location, Revision::ZERO, MANY).await?;
        same(&found, &self.changes(location, Revision::ZERO, MANY), "the feed from the start")?;
        for (filter, what) in [(Filter::All, "the inbox"), (Filter::Unread, "the unread threads")] {
            let found = store.threads(location, None, MANY, filter).await?;
            same(&found, &self.page(location, None, MANY, filter), what)?;
        }
        for head in self.heads.iter().filter(|head| head.state.id().location == *location) {
            let id = head.state.id();
            let found = store.thread(id).await?;
            same(&found.as_ref(), &Some(head), format_args!("what is stored of {id}"))?;
            let found = store.messages(id, WHOLE, MANY, Direction::OldestFirst).await?;
            same(&found, &self.history(id), format_args!("the messages of {id}"))?;
        }
        for (id, message, key) in &self.messages {
            let Some(key) = key.as_ref().filter(|_| id.location == *location) else { continue };
            let author = message.author();
            let found = store.message_by_key(id, author.role, &author.id, key).await?;
            let what = format_args!("the message of a key in {id}");
            same(&found.as_ref(), &Some(message), what)?;
        }
        Ok(())
    }
}
