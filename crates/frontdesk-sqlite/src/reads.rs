use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::{
    Changes, Direction, KeyQuery, LocationCounts, LocationRevision, MessageQuery, MessageSelection,
    Revision, StoreError, StoredMessage, ThreadList, ThreadPage, ThreadState, VersionedThread,
};
use frontdesk::{BookingId, InvalidRecord, LocationId, ThreadId};
use frontdesk_sql::{KeyDigest, newest_first};
use rusqlite::{Params, params};

use crate::database::Database;
use crate::database_error::DatabaseError;
use crate::key_digest::stored_range;
use crate::rows::{self, Author, PackedValues};

/// The list that a page of threads belongs to, and the position after which the page starts, as
/// values of the columns that order the list.
pub(super) struct PageStart {
    list: List,
    /// The value of `waiting_since` for the waiting list, or of `newest_first` for other lists.
    after: i64,
    booking: String,
}

#[derive(Clone, Copy)]
enum List {
    All,
    Unread,
    Waiting,
}

impl From<ThreadList<'_>> for PageStart {
    fn from(list: ThreadList<'_>) -> Self {
        let inbox =
            |position: &InboxPosition| (newest_first(position), position.booking().to_owned());
        let waiting = |position: &WaitingPosition| {
            (position.waiting_since().unix_micros(), position.booking().to_owned())
        };
        let (list, position) = match list {
            ThreadList::All(position) => (List::All, position.map(inbox)),
            ThreadList::Unread(position) => (List::Unread, position.map(inbox)),
            ThreadList::Waiting(position) => (List::Waiting, position.map(waiting)),
        };
        let (after, booking) = position.unwrap_or((i64::MIN, String::new()));
        Self { list, after, booking }
    }
}

impl Database {
    /// Reads the state of a thread's id inside the caller's transaction.
    pub(super) fn head(&self, id: &ThreadId) -> Result<Option<VersionedThread>, DatabaseError> {
        let key = params![id.location.as_str(), id.booking.as_str()];
        Ok(self.query(&self.statements.head, key, rows::versioned_thread)?.pop())
    }

    /// Reads the message that was sent with a key, inside the caller's transaction.
    pub(super) fn keyed_message(
        &self,
        query: &KeyQuery<'_>,
    ) -> Result<Option<StoredMessage>, DatabaseError> {
        let (location, booking) = (query.thread.location.as_str(), query.thread.booking.as_str());
        let (lowest, highest) = stored_range(KeyDigest::of(query));
        let params = params![location, booking, lowest, highest];
        Ok(self.stored_messages(&self.statements.message_by_key, params)?.pop())
    }

    /// Runs a query for messages, and queries for their authors. All have one snapshot, because the
    /// first query has not ended when the others run.
    fn stored_messages(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<StoredMessage>, DatabaseError> {
        // Few authors write most threads. The limit bounds the time for a thread with many.
        const MAX_KNOWN_AUTHORS: usize = 16;
        let mut known: Vec<((i64, i64), Author)> = Vec::new();
        self.query(sql, params, |row| {
            let packed = PackedValues::read(row)?;
            let key = packed.participant();
            if let Some((_, author)) = known.iter().find(|(other, _)| *other == key) {
                return rows::stored_message(row, packed, author);
            }
            let found = self.query(self.statements.author, key, rows::author)?.pop();
            let author = found.ok_or(InvalidRecord::rule("message", "the author is missing"))?;
            let message = rows::stored_message(row, packed, &author);
            if known.len() == MAX_KNOWN_AUTHORS {
                known.clear();
            }
            known.push((key, author));
            message
        })
    }

    pub(super) fn thread(&self, id: &ThreadId) -> Result<Option<VersionedThread>, StoreError> {
        self.head(id).map_err(DatabaseError::into_store_error)
    }

    /// Reads the states of several ids in one snapshot. An error of a row concerns one id only.
    pub(super) fn states(
        &self,
        ids: &[ThreadId],
    ) -> Vec<Result<Option<VersionedThread>, StoreError>> {
        let read = || ids.iter().map(|id| self.thread(id)).collect();
        // If the writer could not roll back a transaction, the snapshot fails, so that nobody sees
        // what the transaction wrote.
        if ids.len() == 1 && !self.is_in_transaction() {
            return read();
        }
        self.try_snapshot(|| Ok(read())).unwrap_or_else(|error| {
            ids.iter().map(|_| Err(error.clone().into_store_error())).collect()
        })
    }

    pub(super) fn heads(
        &self,
        location: &LocationId,
        bookings: Vec<BookingId>,
    ) -> Result<Vec<VersionedThread>, StoreError> {
        self.snapshot(|| {
            let heads = bookings
                .into_iter()
                .map(|booking| self.head(&ThreadId::new(location.clone(), booking)));
            heads.filter_map(Result::transpose).collect()
        })
    }

    pub(super) fn messages(
        &self,
        query: &MessageQuery<'_>,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let MessageQuery { thread, selection, limit } = query;
        let (location, booking) = (thread.location.as_str(), thread.booking.as_str());
        let limit = sql_limit(*limit);
        let messages = match selection {
            MessageSelection::Numbers { range, direction } => {
                let sql = match direction {
                    Direction::OldestFirst => &self.statements.messages_oldest_first,
                    Direction::NewestFirst => &self.statements.messages_newest_first,
                };
                let (first, last) = (i64::from(*range.start()), i64::from(*range.end()));
                let params = params![location, booking, first, last, limit];
                self.stored_messages(sql, params)
            }
            MessageSelection::RedactedAfter(ordinal) => {
                let sql = &self.statements.messages_redacted_after;
                self.stored_messages(sql, params![location, booking, ordinal, limit])
            }
        };
        messages.map_err(|error| error.in_thread((*thread).clone()).into_store_error())
    }

    pub(super) fn message_by_key(
        &self,
        query: &KeyQuery<'_>,
    ) -> Result<Option<StoredMessage>, StoreError> {
        let message = self.keyed_message(query);
        message.map_err(|error| error.in_thread(query.thread.clone()).into_store_error())
    }

    pub(super) fn threads(
        &self,
        location: &LocationId,
        start: &PageStart,
        limit: usize,
    ) -> Result<ThreadPage, StoreError> {
        let PageStart { list, after, booking } = start;
        let sql = match list {
            List::All => &self.statements.all_threads,
            List::Unread => &self.statements.unread_threads,
            List::Waiting => &self.statements.waiting_threads,
        };
        let params = params![location.as_str(), after, booking, sql_limit(limit)];
        self.snapshot(|| {
            let counts = self.location_counts(location)?;
            let heads = self.query(sql, params, rows::versioned_thread)?;
            let threads = heads.into_iter().filter_map(|head| match head.state {
                ThreadState::Live(thread) => Some(thread),
                ThreadState::Linked(_) | ThreadState::Erased(_) => None,
            });
            Ok(ThreadPage::new(threads.collect(), counts))
        })
    }

    pub(super) fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.snapshot(|| {
            let counts = self.location_counts(location)?;
            if counts.revision <= since {
                return Ok(Changes::new(Vec::new(), false, counts));
            }
            // The query reads one row more than the limit, to find out if there are more changes.
            let rows = sql_limit(limit.saturating_add(1));
            let params = params![location.as_str(), i64::from(since), rows];
            let mut changed =
                self.query(&self.statements.changes, params, rows::versioned_thread)?;
            let more = changed.len() > limit;
            changed.truncate(limit);
            Ok(Changes::new(changed, more, counts))
        })
    }

    pub(super) fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> Result<Vec<LocationRevision>, StoreError> {
        // The empty text sorts before every id.
        let params = params![after.map_or("", LocationId::as_str), sql_limit(limit)];
        self.query(self.statements.locations, params, rows::location_revision)
            .map_err(DatabaseError::into_store_error)
    }

    fn location_counts(&self, location: &LocationId) -> Result<LocationCounts, DatabaseError> {
        let params = params![location.as_str()];
        let counts = self.query(self.statements.location_counts, params, rows::location_counts)?;
        Ok(counts.first().copied().unwrap_or_default())
    }
}

/// Converts a limit to the integer type of SQLite.
pub(super) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
