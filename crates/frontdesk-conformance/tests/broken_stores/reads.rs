use std::cmp::{Ordering, Reverse};

use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::record::{MessageRecord, ThreadRecord};
use frontdesk::store::{
    Changes, Direction, LocationRevision, MessageQuery, MessageSelection, Revision, StoreError,
    StoredMessage, ThreadList, ThreadPage, ThreadQuery, ThreadState, VersionedThread,
};
use frontdesk::{BookingId, LocationId, Message, MessageBody, Thread, ThreadId, Timestamp};

use crate::broken_store::BrokenStore;
use crate::bug::Bug;
use crate::lists::Lists;

fn milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::saturating_from_unix_micros(at.unix_micros().div_euclid(1000) * 1000)
}

impl BrokenStore {
    /// Returns a message as a read gives it.
    pub(crate) fn read_message(
        &self,
        lists: &Lists,
        thread: &ThreadId,
        stored: &StoredMessage,
    ) -> Result<StoredMessage, StoreError> {
        let mut record = MessageRecord::from(stored.message.clone());
        if let Some(body) = &mut record.body {
            match self.bug {
                Some(Bug::TextTrimmed) => *body = body.trim().into(),
                Some(Bug::TextComposed) => *body = body.replace("e\u{301}", "é"),
                Some(Bug::TextCut) => *body = body.chars().take(10_000).collect(),
                Some(Bug::BodyCheckedAgain) => {
                    MessageBody::with_limit(body.as_str(), usize::MAX)
                        .map_err(StoreError::other)?;
                }
                _ => {}
            }
        }
        if self.has(Bug::TimesTruncated) {
            record.sent_at = milliseconds(record.sent_at);
        }
        let head = self.head(lists, thread).filter(|_| self.has(Bug::RevisionOfThread));
        let revision = head.map_or(stored.revision, |head| head.revision);
        Ok(StoredMessage::new(Message::try_from(record)?, revision))
    }

    /// Returns a head as a read gives it.
    pub(crate) fn read_head(
        &self,
        stored: &VersionedThread,
    ) -> Result<VersionedThread, StoreError> {
        let id = stored.state.id();
        if self.is_damaged(id) {
            assert!(!self.has(Bug::PanicOnDamagedRow), "a damaged row");
            return Err(StoreError::corrupt(id.clone(), "a damaged row"));
        }
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
            Some(Bug::RedactionsLost) => record.redactions = 0,
            Some(Bug::LinkedBookingLost) => {
                if let Some(id) = record.started_for.take() {
                    record.booking.id = id;
                }
            }
            Some(Bug::StartInvented) => {
                record.booking.starts_at.get_or_insert(Timestamp::UNIX_EPOCH);
            }
            Some(Bug::ShortCodeLost) => record.booking.short_code = None,
            Some(Bug::BookingVersionLost) => record.booking.version = None,
            Some(Bug::BookingVersionRounded) => {
                let rounded = |version: i64| version >> 10 << 10;
                record.booking.version = record.booking.version.map(rounded);
            }
            _ => {}
        }
        let state = ThreadState::Live(Thread::try_from(record)?);
        Ok(VersionedThread::new(stored.revision, state))
    }

    /// Returns `true` if lists and the feed leave a head out.
    fn hides(&self, head: &VersionedThread) -> bool {
        self.has(Bug::DamagedRowHidden) && self.is_damaged(head.state.id())
    }

    pub(crate) fn read_heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> Result<Vec<VersionedThread>, StoreError> {
        let lists = self.read();
        let mut ids: Vec<ThreadId> = bookings
            .iter()
            .map(|booking| ThreadId::new(location.clone(), booking.clone()))
            .collect();
        match self.bug {
            Some(Bug::HeadsSorted) => ids.sort_by(|a, b| a.booking.cmp(&b.booking)),
            Some(Bug::HeadsDistinct) => {
                let mut seen = std::collections::BTreeSet::new();
                ids.retain(|id| seen.insert(id.clone()));
            }
            Some(Bug::HeadsCapped) => ids.truncate(100),
            _ => {}
        }
        let mut heads: Vec<_> = ids.iter().filter_map(|id| self.head(&lists, id)).collect();
        heads.retain(|head| head.state.live().is_some() || !self.has(Bug::HeadsOfLive));
        heads.iter().map(|head| self.read_head(head)).collect()
    }

    pub(crate) fn read_messages(
        &self,
        query: &MessageQuery<'_>,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let lists = self.read();
        let mut thread = query.thread.clone();
        match self.head(&lists, &thread).map(|head| head.state) {
            Some(ThreadState::Erased(_)) if self.has(Bug::MessagesOfEarlierGenerations) => {
                return Ok(Vec::new());
            }
            Some(ThreadState::Linked(link)) if self.has(Bug::MessagesOfTarget) => {
                thread.booking = link.target;
            }
            _ => {}
        }
        let of_thread = lists.messages.iter().filter(|row| self.is_same_id(&row.thread, &thread));
        let mut found: Vec<&StoredMessage> = of_thread.map(|row| &row.stored).collect();
        match &query.selection {
            MessageSelection::Numbers { range, direction } => {
                found.retain(|StoredMessage { message, .. }| {
                    let excluded = self.has(Bug::RangeHalfOpen) && message.number() == *range.end();
                    range.contains(&message.number()) && !excluded
                });
                if self.has(Bug::NewestOfOldest) {
                    found.truncate(query.limit);
                }
                if *direction == Direction::NewestFirst {
                    found.sort_by_key(|stored| Reverse(stored.message.number()));
                }
            }
            MessageSelection::RedactedAfter(after) => {
                found.retain(|StoredMessage { message, .. }| match message.redaction() {
                    Some(ordinal) if self.has(Bug::RedactedInclusive) => ordinal >= *after,
                    redaction => redaction > Some(*after),
                });
                if !self.has(Bug::RedactedByNumber) {
                    found.sort_by_key(|stored| stored.message.redaction());
                }
            }
        }
        let found = found.into_iter().take(query.limit);
        found.map(|stored| self.read_message(&lists, &thread, stored)).collect()
    }

    fn is_after(&self, thread: &Thread, after: &InboxPosition) -> bool {
        let booking = thread.id().booking.as_str().as_bytes();
        let (time, position) = (after.active_at(), after.booking().as_bytes());
        let after_equal_time = match self.bug {
            Some(Bug::AfterInclusive) => booking >= position,
            Some(Bug::AfterByTime) => false,
            Some(Bug::IdleExclusive) if position.is_empty() => false,
            Some(Bug::TiesBackwards) => booking < position,
            _ => booking > position,
        };
        thread.active_at() < time || thread.active_at() == time && after_equal_time
    }

    fn waits_after(&self, thread: &Thread, after: &WaitingPosition) -> bool {
        let key = (thread.waiting_since(), thread.id().booking.as_str().as_bytes());
        let position = (Some(after.waiting_since()), after.booking().as_bytes());
        match self.bug {
            Some(Bug::WaitingAfterByTime) => key.0 > position.0,
            Some(Bug::WaitingInclusive) => key >= position,
            _ => key > position,
        }
    }

    fn compare_inbox(&self, a: &VersionedThread, b: &VersionedThread) -> Ordering {
        let (Some(a_thread), Some(b_thread)) = (a.state.live(), b.state.live()) else {
            return Ordering::Equal;
        };
        let [a_booking, b_booking] =
            [a_thread, b_thread].map(|thread| thread.id().booking.as_str());
        let ties = match self.bug {
            Some(Bug::OrderedByChange) => return b.revision.cmp(&a.revision),
            Some(Bug::TiesBackwards) => b_booking.cmp(a_booking),
            Some(Bug::TiesByLetters) => a_booking.to_lowercase().cmp(&b_booking.to_lowercase()),
            _ => a_booking.cmp(b_booking),
        };
        b_thread.active_at().cmp(&a_thread.active_at()).then(ties)
    }

    fn compare_waiting(&self, a: &VersionedThread, b: &VersionedThread) -> Ordering {
        let key = |head: &VersionedThread| {
            let thread = head.state.live()?;
            Some((thread.waiting_since(), thread.id().booking.as_str().to_owned()))
        };
        match self.bug {
            Some(Bug::WaitingInInboxOrder) => self.compare_inbox(a, b),
            Some(Bug::WaitingBackwards) => key(b).cmp(&key(a)),
            _ => key(a).cmp(&key(b)),
        }
    }

    pub(crate) fn read_page(&self, query: &ThreadQuery<'_>) -> Result<ThreadPage, StoreError> {
        let lists = self.read();
        let mut heads = Vec::new();
        for head in &lists.heads {
            if head.state.live().is_some() && !self.hides(head) {
                heads.push(self.read_head(head)?);
            }
        }
        let is_listed = |thread: &Thread| match query.list {
            ThreadList::All(_) => true,
            ThreadList::Unread(_) => {
                self.has(Bug::UnreadListsAll) || self.is_unread(&lists, thread)
            }
            ThreadList::Waiting(_) => thread.waiting_since().is_some(),
        };
        let is_on_later_page = |thread: &Thread| match query.list {
            ThreadList::All(after) | ThreadList::Unread(after) => {
                after.is_none_or(|after| self.is_after(thread, after))
            }
            ThreadList::Waiting(after) => after.is_none_or(|after| self.waits_after(thread, after)),
        };
        let is_here =
            |thread: &Thread| self.has(Bug::InboxOfAll) || thread.id().location == *query.location;
        heads.retain(|head| {
            head.state.live().is_some_and(|thread| {
                is_here(thread)
                    && (self.has(Bug::SelectedAfterLimit) || is_listed(thread))
                    && is_on_later_page(thread)
            })
        });
        match query.list {
            ThreadList::Waiting(_) => heads.sort_by(|a, b| self.compare_waiting(a, b)),
            _ => heads.sort_by(|a, b| self.compare_inbox(a, b)),
        }
        let extra = usize::from(self.has(Bug::PageTooLong) && query.limit > 0);
        let limit = if self.has(Bug::PageCapped) { query.limit.min(1_000) } else { query.limit };
        heads.truncate(limit.saturating_add(extra));
        let live = heads.into_iter().filter_map(|head| head.state.live().cloned());
        let threads = live.filter(is_listed).collect();
        Ok(ThreadPage::new(threads, self.counts(&lists, query.location)))
    }

    pub(crate) fn read_changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let mut lists = self.read();
        let is_empty = since >= self.newest(&lists, location) && !self.has(Bug::PollScans);
        lists.work += 1 + if is_empty { 0 } else { lists.heads.len() as u64 };
        let limit = if self.has(Bug::LimitWraps) { limit & 0xFFFF_FFFF } else { limit };
        let all = if self.has(Bug::FeedRepeats) { &lists.versions } else { &lists.heads };
        let mut changed: Vec<&VersionedThread> = all.iter().collect();
        changed.retain(|head| {
            let left_out = match (self.bug, &head.state) {
                (Some(Bug::FeedWithoutTombstones), ThreadState::Erased(_))
                | (Some(Bug::FeedWithoutLinks), ThreadState::Linked(_)) => true,
                (Some(Bug::RestartNotInFeed), ThreadState::Live(thread)) => {
                    thread.first_number().get() > 1
                }
                _ => false,
            };
            let inclusive = self.has(Bug::SinceInclusive) && head.revision == since;
            head.state.id().location == *location
                && (head.revision > since || inclusive)
                && !left_out
                && !self.hides(head)
        });
        changed.sort_by_key(|head| head.revision);
        if self.has(Bug::FeedBackwards) {
            changed.reverse();
        }
        let full = self.has(Bug::MoreWhenFull) && changed.len() == limit;
        let more = changed.len() > limit || full;
        let changed = changed.into_iter().take(limit).map(|head| self.read_head(head));
        let changed: Vec<VersionedThread> = changed.collect::<Result<_, _>>()?;
        let mut counts = self.counts(&lists, location);
        if self.has(Bug::WaitingOfPage) {
            let live = changed.iter().filter_map(|head| head.state.live());
            counts.waiting = live.filter(|thread| thread.waiting_since().is_some()).count() as u64;
        }
        Ok(Changes::new(changed, more, counts))
    }

    pub(crate) fn read_locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Vec<LocationRevision> {
        let lists = self.read();
        let mut found: Vec<&LocationId> = lists.counters.keys().collect();
        found.retain(|location| {
            let has_live = || {
                let live = lists.heads.iter().filter_map(|head| head.state.live());
                live.map(|thread| &thread.id().location).any(|of| of == *location)
            };
            let later = after.is_none_or(|after| {
                *location > after || self.has(Bug::LocationsInclusive) && *location == after
            });
            later && (!self.has(Bug::LocationsOfLive) || has_live())
        });
        if self.has(Bug::LocationsByLetters) {
            found.sort_by_key(|location| location.as_str().to_lowercase());
        }
        let found = found.into_iter().take(limit);
        found.map(|of| LocationRevision::new(of.clone(), self.newest(&lists, of))).collect()
    }
}
