use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadState, ThreadStore, async_trait,
};
use frontdesk::{
    IdempotencyKey, LocationId, Message, MessageBody, MessageNumber, MessageRecord, ParticipantId,
    Role, Thread, ThreadId, ThreadRecord, Timestamp,
};

use crate::bug::Bug;

#[derive(Default, Clone)]
pub(crate) struct Lists {
    pub(crate) counters: BTreeMap<LocationId, Revision>,
    pub(crate) heads: Vec<Stored>,
    /// Every head that ever was.
    versions: Vec<Stored>,
    messages: Vec<(ThreadId, Message)>,
    pub(crate) keys: Vec<(ThreadId, Message, IdempotencyKey)>,
    ever_unread: Vec<ThreadId>,
    erased_unread: Vec<ThreadId>,
}

/// Flat lists behind one lock, and at most one bug.
pub(crate) struct BrokenStore {
    bug: Option<Bug>,
    lists: Arc<Mutex<Lists>>,
    /// As it was before the last commit.
    behind: Mutex<Lists>,
}

pub(crate) fn locked(lists: &Mutex<Lists>) -> MutexGuard<'_, Lists> {
    lists.lock().unwrap_or_else(PoisonError::into_inner)
}

impl BrokenStore {
    pub(crate) fn new(bug: Option<Bug>, lists: &Arc<Mutex<Lists>>) -> Self {
        Self { bug, lists: Arc::clone(lists), behind: Mutex::default() }
    }

    fn is(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// What is read from.
    fn read(&self) -> MutexGuard<'_, Lists> {
        locked(if self.is(Bug::StaleReads) { &self.behind } else { &self.lists })
    }

    fn same_id(&self, a: &ThreadId, b: &ThreadId) -> bool {
        if self.is(Bug::IdsFolded) {
            let (a_booking, b_booking) = (a.booking.as_str(), b.booking.as_str());
            return a.location == b.location && a_booking.eq_ignore_ascii_case(b_booking);
        }
        a == b || self.is(Bug::IdsJoined) && a.to_string() == b.to_string()
    }

    fn head(&self, lists: &Lists, id: &ThreadId) -> Option<Stored> {
        lists.heads.iter().find(|head| self.same_id(head.state.id(), id)).cloned()
    }

    fn sent_with(
        &self,
        lists: &Lists,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Option<Message> {
        let folded = |key: &IdempotencyKey| key.as_str().trim().to_lowercase();
        let found = lists.keys.iter().find(|(of, message, used)| {
            let location = self.is(Bug::KeyOfLocation) && of.location == id.location;
            let side = self.is(Bug::KeyWithoutSide) || message.role() == role;
            let fold = self.is(Bug::KeyFolded) && folded(used) == folded(key);
            (self.same_id(of, id) || location)
                && side
                && message.author().id == *author
                && (used == key || fold)
        });
        found.map(|(_, message, _)| message.clone())
    }

    /// The newest revision, as far as this store knows it.
    fn newest(&self, lists: &Lists, location: &LocationId) -> Revision {
        let live = |stored: &&Stored| {
            stored.state.live().is_some_and(|thread| thread.id().location == *location)
        };
        match self.bug {
            Some(Bug::RevisionReused) => {
                lists.heads.iter().filter(live).map(|head| head.revision).max().unwrap_or_default()
            }
            Some(Bug::RevisionOfAll) => lists.counters.values().max().copied().unwrap_or_default(),
            _ => lists.counters.get(location).copied().unwrap_or_default(),
        }
    }

    fn take_revision(&self, lists: &mut Lists, location: &LocationId) -> Revision {
        let revision = self.newest(lists, location).next().expect("a revision");
        lists.counters.insert(location.clone(), revision);
        revision
    }

    fn awaits(&self, lists: &Lists, thread: &Thread) -> bool {
        let marked = thread.mark(Role::Operator).set_at().is_some();
        let again = thread.first_number().get() > 1;
        if self.is(Bug::MarkedInNextLife) && marked && again {
            return false;
        }
        let ever = self.is(Bug::UnreadNotLowered) && lists.ever_unread.contains(thread.id());
        thread.awaits_operator() || ever
    }

    fn unread(&self, lists: &Lists, location: &LocationId) -> u64 {
        let live = lists.heads.iter().filter_map(|head| head.state.live());
        let here = live.filter(|thread| thread.id().location == *location);
        if self.is(Bug::UnreadCountsMessages) {
            return here.map(|thread| u64::from(thread.unread(Role::Operator))).sum();
        }
        let erased = lists.erased_unread.iter().filter(|id| id.location == *location);
        let left = if self.is(Bug::EraseLeavesUnread) { erased.count() } else { 0 };
        (here.filter(|thread| self.awaits(lists, thread)).count() + left) as u64
    }

    // -------- writing

    fn write(&self, lists: &mut Lists, commit: Commit, revision: Revision) -> CommitOutcome {
        if self.is(Bug::StaleReads) {
            *locked(&self.behind) = lists.clone();
        }
        let id = commit.id().clone();
        let before = self.head(lists, &id).and_then(|head| head.state.live().cloned());
        let (kept, kept_keys) = (
            self.is(Bug::HistoryOfErased) || self.is(Bug::HistoryOfEarlierLives),
            self.is(Bug::EraseLeavesMessages) || self.is(Bug::EraseLeavesKeys),
        );
        let (erased, anew) = (commit.next.live().is_none(), before.is_none());
        if erased && !kept || anew && self.is(Bug::HistoryOfErased) {
            lists.messages.retain(|(of, _)| !self.same_id(of, &id));
        }
        if erased && !kept_keys || anew && self.is(Bug::EraseLeavesMessages) {
            lists.keys.retain(|(of, ..)| !self.same_id(of, &id));
        }
        if erased && before.is_some_and(|thread| thread.awaits_operator()) {
            lists.erased_unread.push(id.clone());
        }
        lists.ever_unread.retain(|of| !erased || *of != id);
        if commit.next.live().is_some_and(Thread::awaits_operator) {
            lists.ever_unread.push(id.clone());
        }
        if let Some(new) = commit.message {
            lists.messages.push((id.clone(), new.message.clone()));
            if let Some(key) = new.key.filter(|_| !self.is(Bug::KeyAfterCommit)) {
                lists.keys.push((id.clone(), new.message, key));
            }
        }
        let stored = Stored { revision, state: commit.next };
        lists.versions.push(stored.clone());
        lists.heads.retain(|head| !self.same_id(head.state.id(), &id));
        if !(erased && self.is(Bug::EraseForgets)) {
            lists.heads.push(stored);
        }
        CommitOutcome::Committed(revision)
    }

    /// Whether the expected revision is what is stored, and if not, what is.
    fn conflict(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        let head = self.head(lists, commit.id());
        let anew = match self.bug {
            Some(Bug::CreateOverwrites) => true,
            Some(Bug::TombstoneIsNoState) => {
                head.as_ref().is_some_and(|head| head.state.live().is_none())
            }
            _ => false,
        };
        if head.as_ref().map(|head| head.revision) == commit.expected
            || anew && commit.expected.is_none()
        {
            return None;
        }
        if self.is(Bug::MessageOnConflict)
            && let Some(new) = &commit.message
        {
            lists.messages.push((commit.id().clone(), new.message.clone()));
        }
        Some(CommitOutcome::Conflict(head.filter(|_| !self.is(Bug::ConflictWithoutState))))
    }

    fn key_taken(&self, lists: &Lists, commit: &Commit) -> Option<CommitOutcome> {
        let new = commit.message.as_ref()?;
        let author = &new.message.author().id;
        let message =
            self.sent_with(lists, commit.id(), new.message.role(), author, new.key.as_ref()?)?;
        let mut first = lists.messages.iter().filter(|(of, _)| of == commit.id());
        Some(CommitOutcome::KeyTaken(match first.next() {
            Some((_, first)) if self.is(Bug::KeyBringsAnother) => first.clone(),
            _ => message,
        }))
    }

    fn refusal(&self, lists: &mut Lists, commit: &Commit) -> Option<CommitOutcome> {
        if self.is(Bug::ConflictBeforeKey) {
            return self.conflict(lists, commit).or_else(|| self.key_taken(lists, commit));
        }
        self.key_taken(lists, commit).or_else(|| self.conflict(lists, commit))
    }

    // -------- given back

    fn message(&self, message: &Message) -> Result<Message, StoreError> {
        let mut record = MessageRecord::from(message.clone());
        match self.bug {
            Some(Bug::TextTrimmed) => record.body = record.body.trim().into(),
            Some(Bug::TextComposed) => record.body = record.body.replace("e\u{301}", "é"),
            Some(Bug::TextCut) => record.body = record.body.chars().take(10_000).collect(),
            Some(Bug::TimesTruncated) => record.sent_at = milliseconds(record.sent_at),
            Some(Bug::BodyCheckedAgain) => {
                MessageBody::with_limit(&record.body, usize::MAX).map_err(StoreError::other)?;
            }
            _ => {}
        }
        Ok(record.try_into()?)
    }

    fn given_back(&self, stored: &Stored) -> Result<Stored, StoreError> {
        let Some(thread) = stored.state.live() else { return Ok(stored.clone()) };
        let mut record = ThreadRecord::from(thread.clone());
        match self.bug {
            Some(Bug::TimesTruncated) => {
                record.created_at = milliseconds(record.created_at);
                if let Some(last) = &mut record.last {
                    last.sent_at = milliseconds(last.sent_at);
                }
            }
            Some(Bug::FurthestLost) => {
                for mark in [&mut record.marks.customer, &mut record.marks.operator] {
                    if mark.set_at.is_some() {
                        mark.furthest = mark.number.max(record.first_number);
                    }
                }
            }
            _ => {}
        }
        let state = ThreadState::Live(record.try_into()?);
        Ok(Stored { revision: stored.revision, state })
    }

    fn is_after(&self, thread: &Thread, after: &InboxPosition) -> bool {
        let booking = thread.id().booking.as_str().as_bytes();
        let (than, position) = (after.active_at(), after.booking().as_bytes());
        let tie = match self.bug {
            Some(Bug::AfterInclusive) => booking >= position,
            Some(Bug::AfterByTime) => false,
            Some(Bug::IdleExclusive) if position.is_empty() => false,
            Some(Bug::TiesBackwards) => booking < position,
            _ => booking > position,
        };
        thread.active_at() < than || thread.active_at() == than && tie
    }

    fn sort(&self, threads: &mut [(Revision, Thread)]) {
        let booking = |thread: &Thread| thread.id().booking.as_str().to_owned();
        threads.sort_by(|(a_revision, a), (b_revision, b)| {
            let (a_booking, b_booking) = (booking(a), booking(b));
            let ties = match self.bug {
                Some(Bug::OrderedByChange) => return b_revision.cmp(a_revision),
                Some(Bug::TiesBackwards) => b_booking.cmp(&a_booking),
                Some(Bug::TiesByLetters) => a_booking.to_lowercase().cmp(&b_booking.to_lowercase()),
                _ => a_booking.cmp(&b_booking),
            };
            b.active_at().cmp(&a.active_at()).then(ties)
        });
    }

    fn page(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let lists = self.read();
        let mut threads = Vec::new();
        for head in &lists.heads {
            if let ThreadState::Live(thread) = self.given_back(head)?.state {
                threads.push((head.revision, thread));
            }
        }
        let unread = |thread: &Thread| match filter {
            Filter::Unread => self.is(Bug::FilterIgnored) || self.awaits(&lists, thread),
            Filter::All => true,
        };
        threads.retain(|(_, thread)| {
            (self.is(Bug::InboxOfAll) || thread.id().location == *location)
                && (self.is(Bug::FilterAfterLimit) || unread(thread))
                && after.is_none_or(|after| self.is_after(thread, after))
        });
        self.sort(&mut threads);
        let more = usize::from(self.is(Bug::PageTooLong) && limit > 0);
        threads.truncate(limit.saturating_add(more));
        threads.retain(|(_, thread)| unread(thread));
        let threads = threads.into_iter().map(|(_, thread)| thread).collect();
        let (unread, revision) = (self.unread(&lists, location), self.newest(&lists, location));
        Ok(ThreadPage { threads, unread, revision })
    }
}

fn milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::saturating_from_unix_micros(at.unix_micros().div_euclid(1000) * 1000)
}

#[async_trait]
impl ThreadStore for BrokenStore {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.head(&self.read(), id).map(|head| self.given_back(&head)).transpose()
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        let id = commit.id().clone();
        match self.bug {
            Some(Bug::LostUpdate) => {
                if let Some(refusal) = self.refusal(&mut locked(&self.lists), &commit) {
                    return Ok(refusal);
                }
                tokio::task::yield_now().await;
                let mut lists = locked(&self.lists);
                let revision = self.take_revision(&mut lists, &id.location);
                Ok(self.write(&mut lists, commit, revision))
            }
            Some(Bug::RevisionOutside) => {
                let revision = self.take_revision(&mut locked(&self.lists), &id.location);
                for _ in 0..revision.get() % 4 {
                    tokio::task::yield_now().await;
                }
                let mut lists = locked(&self.lists);
                if let Some(refusal) = self.refusal(&mut lists, &commit) {
                    return Ok(refusal);
                }
                Ok(self.write(&mut lists, commit, revision))
            }
            _ => {
                let new = commit.message.clone();
                let outcome = {
                    let mut lists = locked(&self.lists);
                    if let Some(refusal) = self.refusal(&mut lists, &commit) {
                        return Ok(refusal);
                    }
                    let revision = self.take_revision(&mut lists, &id.location);
                    self.write(&mut lists, commit, revision)
                };
                if self.is(Bug::KeyAfterCommit) {
                    tokio::task::yield_now().await;
                    if let Some((message, Some(key))) = new.map(|new| (new.message, new.key)) {
                        locked(&self.lists).keys.push((id, message, key));
                    }
                }
                Ok(outcome)
            }
        }
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        let lists = self.read();
        let erased = self.head(&lists, id).is_some_and(|head| head.state.live().is_none());
        if erased && self.is(Bug::HistoryOfEarlierLives) {
            return Ok(Vec::new());
        }
        let of_thread = lists.messages.iter().filter(|(of, _)| self.same_id(of, id));
        let mut found: Vec<&Message> = of_thread.map(|(_, message)| message).collect();
        found.retain(|message| {
            let end = self.is(Bug::RangeHalfOpen) && message.number() == *range.end();
            range.contains(&message.number()) && !end
        });
        if self.is(Bug::NewestOfOldest) {
            found.truncate(limit);
        }
        if direction == Direction::NewestFirst {
            found.sort_by_key(|message| Reverse(message.number()));
        }
        found.into_iter().take(limit).map(|message| self.message(message)).collect()
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        let found = self.sent_with(&self.read(), id, role, author, key);
        found.map(|message| self.message(&message)).transpose()
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let mut page = self.page(location, after, limit, filter)?;
        if self.is(Bug::TwoReads) {
            tokio::task::yield_now().await;
            let lists = self.read();
            page.unread = self.unread(&lists, location);
            page.revision = self.newest(&lists, location);
        }
        Ok(page)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        if self.is(Bug::ReadMakesLocation) {
            let mut lists = locked(&self.lists);
            lists.counters.entry(location.clone()).or_insert(Revision::ZERO.next().expect("1"));
        }
        let lists = self.read();
        let limit = match self.bug {
            Some(Bug::LimitWraps) => limit & 0xFFFF_FFFF,
            _ => limit,
        };
        let all = if self.is(Bug::FeedRepeats) { &lists.versions } else { &lists.heads };
        let mut changed: Vec<&Stored> = all.iter().collect();
        changed.retain(|head| {
            let live = head.state.live();
            let again = live.is_some_and(|thread| thread.first_number().get() > 1);
            let left_out = match self.bug {
                Some(Bug::FeedWithoutTombstones) => live.is_none(),
                Some(Bug::RestartNotInFeed) => again,
                _ => false,
            };
            let inclusive = self.is(Bug::SinceInclusive) && head.revision == since;
            head.state.id().location == *location
                && (head.revision > since || inclusive)
                && !left_out
        });
        changed.sort_by_key(|head| head.revision);
        if self.is(Bug::FeedBackwards) {
            changed.reverse();
        }
        let full = self.is(Bug::MoreWhenFull) && changed.len() == limit;
        let more = changed.len() > limit || full;
        let changed = changed.into_iter().take(limit).map(|head| self.given_back(head));
        let changed = changed.collect::<Result<_, _>>()?;
        let (unread, revision) = (self.unread(&lists, location), self.newest(&lists, location));
        Ok(Changes { changed, more, unread, revision })
    }
}
