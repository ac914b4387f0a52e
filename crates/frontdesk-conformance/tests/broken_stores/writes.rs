use frontdesk::record::MessageRecord;
use frontdesk::store::{
    AuthorRedaction, Change, Commit, CommitOutcome, ForgottenKeys, KeyQuery, NewMessage, Redaction,
    Revision, StoredMessage, ThreadState, VersionedThread,
};
use frontdesk::{LocationId, Message, Role, ThreadId, Timestamp};

use crate::broken_store::BrokenStore;
use crate::bug::Bug;
use crate::lists::{KeyRow, Lists, MessageRow, lock};

/// Adds messages that must not be written.
fn add_messages(lists: &mut Lists, id: &ThreadId, new: &[NewMessage]) {
    for NewMessage { message, key, .. } in new.iter().cloned() {
        lists.add_message(MessageRow::new(id, message, Revision::ZERO), key);
    }
}

impl BrokenStore {
    /// Returns the refusal of a commit, or `None` if the store must write the commit.
    pub(crate) fn refusal(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        if self.has(Bug::ConflictBeforeKey) {
            return self.conflict(lists, commit).or_else(|| self.key_taken(lists, commit));
        }
        self.key_taken(lists, commit).or_else(|| self.conflict(lists, commit))
    }

    fn key_taken(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        let Change::Messages(new) = commit.change() else { return None };
        let mut taken = Vec::new();
        for (index, NewMessage { message, key, .. }) in new.iter().enumerate() {
            let Some(key) = key else { continue };
            let query = KeyQuery::new(commit.id(), message.author(), key);
            let forgotten = self.has(Bug::ForgottenStillTaken);
            let forgotten =
                forgotten.then(|| self.find_key(&lists.forgotten_keys, &query)).flatten();
            taken.extend(self.find_key(&lists.keys, &query).or(forgotten).map(|old| (index, old)));
        }
        if self.has(Bug::FirstKeyChecked) {
            taken.retain(|(index, _)| *index == 0);
        }
        let taken =
            if self.has(Bug::LastTakenKey) { taken.pop() } else { taken.into_iter().next() };
        let (mut index, mut message) = taken?;
        match self.bug {
            Some(Bug::IndexAmongKeys) => {
                index = new[..index].iter().filter(|new| new.key.is_some()).count();
            }
            Some(Bug::KeyReturnsFirstMessage) => {
                let first = lists.messages.iter().find(|row| row.thread == *commit.id());
                message = first.map_or(message, |row| row.stored.clone());
            }
            Some(Bug::MessagesBeforeTakenKey) => {
                add_messages(lists, commit.id(), &new[..index]);
            }
            _ => {}
        }
        Some(CommitOutcome::KeyTaken { index, message })
    }

    fn conflict(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        let head = self.head(lists, commit.id());
        let is_live = head.as_ref().is_none_or(|head| head.state.live().is_some());
        let is_link =
            head.as_ref().is_some_and(|head| matches!(head.state, ThreadState::Linked(_)));
        let overwrites = match self.bug {
            Some(Bug::CreateOverwrites) => true,
            Some(Bug::TombstoneIsNoState) => !is_live && !is_link,
            Some(Bug::LinkOverwritten) => is_link,
            _ => false,
        };
        if head.as_ref().map(|head| head.revision) == commit.expected()
            || overwrites && commit.expected().is_none()
        {
            return None;
        }
        if self.has(Bug::ConflictCreatesLocation) {
            lists.counters.entry(commit.id().location.clone()).or_default();
        }
        match commit.change() {
            Change::Messages(new) if self.has(Bug::MessagesOnConflict) => {
                add_messages(lists, commit.id(), new);
            }
            Change::Redact(redaction) if self.has(Bug::RedactionOnConflict) => {
                self.redact(lists, commit.id(), redaction);
            }
            _ => {}
        }
        Some(CommitOutcome::Conflict(head.filter(|_| !self.has(Bug::ConflictWithoutState))))
    }

    /// Writes a commit that was not refused.
    pub(crate) fn write(&self, lists: &mut Lists, commit: Commit) -> CommitOutcome {
        let id = commit.id().clone();
        if self.has(Bug::UnchangedSkipped)
            && let Some(head) = self.head(lists, &id)
            && head.state == *commit.next()
            && *commit.change() == Change::None
        {
            return CommitOutcome::Committed(head.revision);
        }
        let revision = self.take_revision(lists, &id.location);
        self.write_at(lists, commit, revision)
    }

    pub(crate) fn write_at(
        &self,
        lists: &mut Lists,
        commit: Commit,
        revision: Revision,
    ) -> CommitOutcome {
        if self.has(Bug::StaleReads) {
            *lock(&self.previous) = lists.clone();
        }
        let id = commit.id().clone();
        let parts = commit.into_parts();
        self.prepare_state(lists, &id, parts.next.live().is_none());
        if parts.next.live().is_some_and(|thread| thread.is_unread_by(Role::Operator)) {
            lists.once_unread.push(id.clone());
        }
        match parts.change {
            Change::None => {}
            Change::Messages(new) => {
                let first_only = self.has(Bug::FirstMessageOnly) || self.has(Bug::MessagesInSteps);
                let new = new.into_vec().into_iter().enumerate();
                for (index, new) in new.filter(|(index, _)| *index == 0 || !first_only) {
                    let without_key =
                        self.has(Bug::KeysAfterCommit) || index > 0 && self.has(Bug::FirstKeyOnly);
                    let message = MessageRow::new(&id, self.written(new.message), revision);
                    lists.add_message(message, new.key.filter(|_| !without_key));
                }
            }
            Change::Redact(redaction) => self.redact(lists, &id, &redaction),
            Change::RedactAuthor(redaction) => self.redact_author(lists, &id, &redaction),
        }
        let is_tombstone = matches!(parts.next, ThreadState::Erased(_));
        let head = VersionedThread::new(revision, parts.next);
        lists.versions.push(head.clone());
        lists.heads.retain(|head| !self.is_same_id(head.state.id(), &id));
        if !(is_tombstone && self.has(Bug::EraseDeletesHead)) {
            lists.heads.push(head);
        }
        CommitOutcome::Committed(revision)
    }

    /// Removes the messages, keys and counts that the next state of a thread must not have.
    fn prepare_state(&self, lists: &mut Lists, id: &ThreadId, erased: bool) {
        let before = self.head(lists, id).and_then(|head| head.state.live().cloned());
        let starts = before.is_none();
        let keeps_messages =
            self.has(Bug::MessagesOfErased) || self.has(Bug::MessagesOfEarlierGenerations);
        let keeps_keys = self.has(Bug::EraseLeavesMessages) || self.has(Bug::EraseLeavesKeys);
        if erased && !keeps_messages || starts && self.has(Bug::MessagesOfErased) {
            lists.messages.retain(|row| !self.is_same_id(&row.thread, id));
        }
        if erased && !keeps_keys || starts && self.has(Bug::EraseLeavesMessages) {
            lists.keys.retain(|row| !self.is_same_id(&row.message.thread, id));
        }
        if erased {
            if before.as_ref().is_some_and(|thread| thread.is_unread_by(Role::Operator)) {
                lists.erased_unread.push(id.clone());
            }
            if before.is_some_and(|thread| thread.waiting_since().is_some()) {
                lists.erased_waiting.push(id.clone());
            }
            lists.once_unread.retain(|unread| unread != id);
        }
    }

    /// Returns a message as it is stored.
    fn written(&self, message: Message) -> Message {
        if !self.has(Bug::AutomaticLost) {
            return message;
        }
        let mut record = MessageRecord::from(message);
        record.automatic = false;
        Message::try_from(record).expect("a valid message")
    }

    fn redact(&self, lists: &mut Lists, id: &ThreadId, redaction: &Redaction) {
        let revision = self.newest(lists, &id.location);
        let is_redacted =
            |row: &MessageRow| row.thread == *id && row.stored.message.number() == redaction.number;
        match self.bug {
            Some(Bug::RedactionKeepsText) => return,
            Some(Bug::RedactionDeletes) => {
                lists.messages.retain(|row| !is_redacted(row));
                return;
            }
            Some(Bug::RedactionForgetsKey) => lists.keys.retain(|row| !is_redacted(&row.message)),
            _ => {}
        }
        let keys = self.has(Bug::RedactionLeavesText).then(|| lists.keys.clone());
        lists.update_messages(is_redacted, |stored| {
            stored.message = stored.message.clone().redacted(redaction.ordinal);
            if self.has(Bug::RedactionTakesRevision) {
                stored.revision = revision;
            }
            if self.has(Bug::RedactionClearsFlags) {
                let mut record = MessageRecord::from(stored.message.clone());
                (record.automatic, record.imported) = (false, false);
                stored.message = Message::try_from(record).expect("a valid message");
            }
        });
        if let Some(keys) = keys {
            lists.keys = keys;
        }
    }

    fn redact_author(&self, lists: &mut Lists, id: &ThreadId, redaction: &AuthorRedaction) {
        let AuthorRedaction { role, author, messages } = redaction;
        let is_theirs = |row: &MessageRow| {
            let message = &row.stored.message;
            let in_range =
                self.has(Bug::NameRemovedEverywhere) || messages.contains(&message.number());
            let same_role = self.has(Bug::NameRemovedInBothRoles) || message.role() == *role;
            row.thread == *id && in_range && same_role && message.author().id == *author
        };
        lists.update_messages(is_theirs, |stored| {
            stored.message = stored.message.clone().without_author_name();
        });
    }

    pub(crate) fn forget_old_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> ForgottenKeys {
        let mut lists = lock(&self.lists);
        if self.has(Bug::ForgetTakesRevision) && lists.counters.contains_key(location) {
            self.take_revision(&mut lists, location);
        }
        let is_old = |row: &KeyRow| {
            let MessageRow { thread, stored: StoredMessage { message, .. } } = &row.message;
            let inclusive = self.has(Bug::ForgetInclusive) && message.sent_at() == before;
            (thread.location == *location || self.has(Bug::ForgetEverywhere))
                && (message.sent_at() < before || inclusive)
                && (!message.is_imported() || self.has(Bug::ForgetImported))
        };
        let limit = if self.has(Bug::ForgetUnbounded) { usize::MAX } else { limit };
        let (old, kept): (Vec<_>, Vec<_>) = lists.keys.drain(..).partition(is_old);
        lists.keys = kept;
        let mut forgotten = old;
        let left = forgotten.split_off(forgotten.len().min(limit));
        let full = self.has(Bug::ForgetMoreWhenFull) && forgotten.len() == limit;
        let answer = ForgottenKeys::new(forgotten.len(), !left.is_empty() || full);
        lists.keys.extend(left);
        lists.forgotten_keys.extend(forgotten);
        answer
    }
}
