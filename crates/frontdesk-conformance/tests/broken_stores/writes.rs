use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{
    AuthorRedaction, Change, Commit, CommitOutcome, ForgottenKeys, KeyQuery, NewMessage, Redaction,
    Revision, StoreError, StoredMessage, ThreadState, VersionedThread,
};
use frontdesk::{LastMessage, LocationId, Message, Role, Thread, ThreadId, Timestamp};

use crate::broken_store::BrokenStore;
use crate::bug::Bug;
use crate::lists::{KeyRow, Lists, MessageRow, lock};
use crate::thread_store::EPOCH;

/// Adds messages that must not be written.
fn add_messages(lists: &mut Lists, id: &ThreadId, new: &[NewMessage]) {
    for NewMessage { message, key, .. } in new.iter().cloned() {
        lists.add_message(MessageRow::new(id, message, Revision::ZERO), key);
    }
}

/// Returns the number of commits that a thread had in its generation up to a revision.
fn version_of_generation(
    lists: &Lists,
    id: &ThreadId,
    revision: Option<Revision>,
) -> Option<usize> {
    let mut versions = lists.versions.iter();
    let at =
        versions.find(|version| version.state.id() == id && Some(version.revision) == revision)?;
    let of_thread = lists
        .versions
        .iter()
        .filter(|version| version.state.id() == at.state.id() && version.revision <= at.revision);
    let is_live = |version: &&VersionedThread| version.state.live().is_some();
    let generation = of_thread.rev().skip(1).take_while(is_live);
    Some(generation.count())
}

impl BrokenStore {
    /// Returns the refusal of a commit, or `None` if the store must write the commit.
    pub(crate) fn refusal(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        if self.has(Bug::ConflictBeforeKey) {
            return self.conflict(lists, commit).or_else(|| self.key_taken(lists, commit));
        }
        self.key_taken(lists, commit).or_else(|| self.conflict(lists, commit))
    }

    pub(crate) fn key_taken(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        let Change::Messages(new) = commit.change() else { return None };
        if self.has(Bug::EpochBeforeKey) && self.is_of_other_epoch(commit) {
            return None;
        }
        let mut taken = Vec::new();
        for (index, NewMessage { message, key, .. }) in new.iter().enumerate() {
            let Some(key) = key else { continue };
            let query = KeyQuery::new(commit.id(), message.author(), key);
            let forgotten = self.has(Bug::ForgottenStillTaken);
            let forgotten =
                forgotten.then(|| self.find_key(&lists.forgotten_keys, &query)).flatten();
            let found = self.find_key(&lists.keys, &query).or(forgotten);
            let found = found.filter(|old| self.keeps_key(&old.message, message));
            taken.extend(found.map(|old| (index, old)));
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

    /// Returns `true` if a new message has the key of a stored one.
    fn keeps_key(&self, old: &Message, new: &Message) -> bool {
        const DAYS_30: i64 = 30 * 86_400 * 1_000_000;
        match self.bug {
            Some(Bug::KeyOfName) => old.author().name == new.author().name,
            Some(Bug::KeyExpires) => {
                new.sent_at().unix_micros() - old.sent_at().unix_micros() < DAYS_30
            }
            _ => true,
        }
    }

    fn is_of_other_epoch(&self, commit: &Commit) -> bool {
        let Some(epoch) = commit.expected_epoch() else { return false };
        match self.bug {
            Some(Bug::EpochIgnored) => false,
            Some(Bug::EpochIgnoredForNewId) => epoch != EPOCH && commit.expected().is_some(),
            Some(Bug::EpochTruncated) => (epoch.get() ^ EPOCH.get()) << 32 != 0,
            _ => epoch != EPOCH,
        }
    }

    pub(crate) fn conflict(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
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
        let versions = [head.as_ref().map(|head| head.revision), commit.expected()]
            .map(|revision| version_of_generation(lists, commit.id(), revision));
        let is_same_version = self.has(Bug::VersionOfGeneration)
            && versions[0].is_some()
            && versions[0] == versions[1];
        if self.is_of_other_epoch(commit) {
            // The conflict is reported below.
        } else if head.as_ref().map(|head| head.revision) == commit.expected()
            || is_same_version
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
    pub(crate) fn write(
        &self,
        lists: &mut Lists,
        commit: Commit,
    ) -> Result<CommitOutcome, StoreError> {
        let id = commit.id().clone();
        if self.has(Bug::UnchangedSkipped)
            && let Some(head) = self.head(lists, &id)
            && head.state == *commit.next()
            && *commit.change() == Change::None
        {
            return Ok(CommitOutcome::Committed(head.revision));
        }
        let revision = self.take_revision(lists, &id.location)?;
        Ok(self.write_at(lists, commit, revision))
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
        if self.has(Bug::ReadsFromReplica) {
            lists.replica = None;
            lists.replica = Some(Box::new(lists.clone()));
        }
        let id = commit.id().clone();
        let mut parts = commit.into_parts();
        if let Some(thread) = parts.next.live()
            && self.has(Bug::MarkEndsWait)
            && thread.redactions() == 0
            && self.moves_customer_mark_back(lists, thread)
        {
            let mut record = ThreadRecord::from(thread.clone());
            record.waiting_since = None;
            parts.next = ThreadState::Live(Thread::try_from(record).expect("a valid thread"));
        }
        if let (Some(thread), Some(before)) = (parts.next.live(), self.head(lists, &id))
            && self.has(Bug::RedactionKeepsPreview)
            && let (Some(last), Some(kept)) =
                (thread.last_message(), before.state.live().and_then(Thread::last_message))
            && last.preview.is_none()
        {
            let mut record = ThreadRecord::from(thread.clone());
            record.last = Some(LastMessage::new(last.role, last.sent_at, kept.preview.clone()));
            parts.next = ThreadState::Live(Thread::try_from(record).expect("a valid thread"));
        }
        if self.has(Bug::RemovedPartsKept) {
            self.keep_removed_parts(lists, &mut parts.next);
        }
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
                    let key = new.key.filter(|_| !without_key);
                    let row = key.clone().map(|key| KeyRow { message: message.clone(), key });
                    self.cache().keys.extend(row);
                    lists.add_message(message, key);
                }
            }
            Change::Redact(redaction) => self.redact(lists, &id, &redaction),
            Change::RedactAuthor(redaction) => self.redact_author(lists, &id, &redaction),
        }
        let is_tombstone = matches!(parts.next, ThreadState::Erased(_));
        let head = VersionedThread::new(revision, parts.next);
        let mut cache = self.cache();
        cache.unread.remove(&id.location);
        cache.heads.retain(|head| *head.state.id() != id);
        cache.heads.push(head.clone());
        drop(cache);
        lists.versions.push(head.clone());
        lists.heads.retain(|head| !self.is_same_id(head.state.id(), &id));
        if !(is_tombstone && self.has(Bug::EraseDeletesHead)) {
            lists.heads.push(head);
        }
        CommitOutcome::Committed(revision)
    }

    fn moves_customer_mark_back(&self, lists: &Lists, next: &Thread) -> bool {
        let head = self.head(lists, next.id());
        let before = head.as_ref().and_then(|head| head.state.live());
        let mark = |thread: &Thread| thread.mark(Role::Customer).number();
        before.is_some_and(|before| mark(next) < mark(before))
    }

    /// Sets the parts of a booking that `next` does not have to their stored values.
    fn keep_removed_parts(&self, lists: &Lists, next: &mut ThreadState) {
        let before = self.head(lists, next.id());
        let before = before.as_ref().and_then(|head| head.state.live());
        if let (Some(before), Some(thread)) = (before, next.live()) {
            let stored = ThreadRecord::from(before.clone()).booking;
            let mut record = ThreadRecord::from(thread.clone());
            let booking = &mut record.booking;
            booking.starts_at = booking.starts_at.or(stored.starts_at);
            booking.customer_name = booking.customer_name.take().or(stored.customer_name);
            booking.profile = booking.profile.take().or(stored.profile);
            booking.short_code = booking.short_code.take().or(stored.short_code);
            booking.version = booking.version.or(stored.version);
            *next = ThreadState::Live(Thread::try_from(record).expect("a valid thread"));
        }
    }

    /// Removes the messages, keys and counts that the next state of a thread must not have.
    fn prepare_state(&self, lists: &mut Lists, id: &ThreadId, erased: bool) {
        let before = self.head(lists, id).and_then(|head| head.state.live().cloned());
        let starts = before.is_none();
        let keeps_messages =
            self.has(Bug::MessagesOfErased) || self.has(Bug::MessagesOfEarlierGenerations);
        let keeps_keys = self.has(Bug::EraseLeavesMessages) || self.has(Bug::EraseLeavesKeys);
        if erased && !keeps_messages || starts && self.has(Bug::MessagesOfErased) {
            lists.messages.retain(|row| !self.is_erased_with(&row.thread, id));
        }
        if erased && !keeps_keys || starts && self.has(Bug::EraseLeavesMessages) {
            let mut deleted = 0;
            lists.keys.retain(|row| {
                let is_left = self.has(Bug::EraseKeysCapped) && deleted == 1_000;
                let is_deleted = self.is_erased_with(&row.message.thread, id) && !is_left;
                deleted += usize::from(is_deleted);
                !is_deleted
            });
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
        let mut record = MessageRecord::from(message);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "the bug loses digits"
        )]
        let stored = |number: i64| match self.bug {
            Some(Bug::NumbersIn16Bits) => number.min(0xFFFF),
            Some(Bug::NumbersAsFloats) => number as f32 as i64,
            _ => number,
        };
        record.number = stored(record.number);
        record.ordinal = stored(record.ordinal);
        record.automatic &= !self.has(Bug::AutomaticLost);
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
            self.take_revision(&mut lists, location).expect("a free revision");
        }
        let is_old = |row: &KeyRow| {
            let MessageRow { thread, stored: StoredMessage { message, .. } } = &row.message;
            let inclusive = self.has(Bug::ForgetInclusive) && message.sent_at() == before;
            (thread.location == *location || self.has(Bug::ForgetEverywhere))
                && (message.sent_at() < before || inclusive)
                && (!message.is_imported() || self.has(Bug::ForgetImported))
        };
        let limit = match self.bug {
            Some(Bug::ForgetUnbounded) => usize::MAX,
            Some(Bug::ForgetCapped) => limit.min(1_000),
            _ => limit,
        };
        let (old, kept): (Vec<_>, Vec<_>) = lists.keys.drain(..).partition(is_old);
        lists.keys = kept;
        let mut forgotten = old;
        let left = forgotten.split_off(forgotten.len().min(limit));
        let full = self.has(Bug::ForgetMoreWhenFull) && forgotten.len() == limit;
        let answer = ForgottenKeys::new(forgotten.len(), !left.is_empty() || full);
        let answer = match self.bug {
            Some(Bug::ForgetCapped) if answer.removed == 1_000 => ForgottenKeys::new(1_000, false),
            _ => answer,
        };
        lists.keys.extend(left);
        lists.forgotten_keys.extend(forgotten);
        answer
    }
}
