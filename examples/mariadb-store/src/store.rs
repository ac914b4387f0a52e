use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::store::{
    Answer, Changes, Commit, CommitOutcome, Direction, ForgottenKeys, KeyQuery, LocationRevision,
    MAX_HEADS, MessageQuery, MessageSelection, Revision, StoreError, StoreResult, StoredMessage,
    ThreadList, ThreadPage, ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};
use mysql_async::prelude::Queryable;
use mysql_async::{Opts, OptsBuilder, Pool, PoolOpts, Value};

use crate::database::{Database, EPOCH};
use crate::error::DatabaseError;
use crate::reads::{
    counts_and_head, counts_and_heads, inbox_position, sql_limit, waiting_position,
};
use crate::rows::{location_revision, stored_message, versioned_thread};
use crate::statements::{LOCATIONS, Statements};

const SCHEMA: &str = include_str!("schema.sql");

/// The settings of each connection. A text that is too long for its column is an error. On a
/// Galera cluster, each read waits until the node has applied all transactions that were
/// committed before on any node. Oracle MySQL does not execute the part in `/*M! */`.
const SETTINGS: &str =
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES' /*M!100100 , SESSION wsrep_sync_wait = 1 */";

/// The number of prepared statements of a connection.
const STATEMENTS: usize = 64;

/// A store in a database of MariaDB. Clones share the pool of connections. It runs on Tokio.
///
/// ```no_run
/// use frontdesk::FrontDesk;
/// use mariadb_store::MariaDbStore;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MariaDbStore::connect("mysql://desk:secret@db-1/hotel")?;
/// store.migrate().await?;
/// let desk = FrontDesk::new(store);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MariaDbStore {
    database: Arc<Database>,
}

impl MariaDbStore {
    /// Makes a store in the database of a URL. It connects at the first call.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the URL is not valid.
    pub fn connect(url: &str) -> Result<Self, DatabaseError> {
        let options = Opts::from_url(url).map_err(mysql_async::Error::from)?;
        // A reset would remove the prepared statements at each use of a connection.
        let pool_options = PoolOpts::default().with_reset_connection(false);
        let options = OptsBuilder::from_opts(options)
            .pool_opts(pool_options)
            .stmt_cache_size(STATEMENTS)
            .client_found_rows(true)
            .init(vec![SETTINGS]);
        let database = Database { pool: Pool::new(options), statements: Statements::new() };
        Ok(Self { database: Arc::new(database) })
    }

    /// Creates the tables if they do not exist.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if the database refuses a statement or is unavailable.
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        let mut connection = self.database.pool.get_conn().await?;
        for statement in SCHEMA.split(';').filter(|statement| !statement.trim().is_empty()) {
            connection.query_drop(statement).await?;
        }
        Ok(())
    }

    /// Closes the connections of the pool.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`] if a connection fails.
    pub async fn close(&self) -> Result<(), DatabaseError> {
        Ok(self.database.pool.clone().disconnect().await?)
    }

    fn statements(&self) -> &Statements {
        &self.database.statements
    }

    /// Runs a write to its end, also if the caller drops the future.
    async fn write<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> StoreResult<T> {
        let result = tokio::spawn(write).await.map_err(StoreError::outcome_unknown)?;
        result.map(answer)
    }
}

/// Makes an answer. One server and a cluster that commits on all nodes lose no acknowledged
/// commit, so the epoch never changes.
fn answer<T>(value: T) -> Answer<T> {
    Answer::new(value, EPOCH)
}

/// Names the thread in the error of a read of one thread.
fn in_thread<T>(id: &ThreadId, result: Result<T, DatabaseError>) -> StoreResult<T> {
    result.map(answer).map_err(|error| error.in_thread(id))
}

fn in_location<T>(result: Result<T, DatabaseError>) -> StoreResult<T> {
    result.map(answer).map_err(DatabaseError::into_store_error)
}

/// Puts heads into the order of the requested bookings, and repeats a head whose booking was
/// requested twice.
fn in_order_of(bookings: &[BookingId], heads: &[VersionedThread]) -> Vec<VersionedThread> {
    let by_booking: HashMap<&BookingId, &VersionedThread> =
        heads.iter().map(|head| (&head.state.id().booking, head)).collect();
    bookings.iter().filter_map(|booking| by_booking.get(booking).copied().cloned()).collect()
}

#[async_trait]
impl ThreadStore for MariaDbStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let parameters = vec![id.location.as_str().into(), id.booking.as_str().into()];
        let head = self.database.read(&self.statements().head, parameters, versioned_thread).await;
        in_thread(id, head.map(|heads| heads.into_iter().flatten().next()))
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let bookings = &bookings[..bookings.len().min(MAX_HEADS)];
        let Some(last) = bookings.last() else { return Ok(answer(Vec::new())) };
        // A few lengths of the list, so that a connection prepares only a few statements. The
        // last id fills the list.
        let length = [1, 10, 100, MAX_HEADS].into_iter().find(|it| *it >= bookings.len());
        let length = length.unwrap_or(MAX_HEADS);
        let ids = bookings.iter().chain(std::iter::repeat(last)).take(length);
        let mut parameters: Vec<Value> = vec![location.as_str().into()];
        parameters.extend(ids.map(|id| Value::from(id.as_str())));
        let sql = Statements::heads(length);
        let heads = self.database.read(&sql, parameters, versioned_thread).await;
        let heads = heads.map(|heads| heads.into_iter().flatten().collect::<Vec<_>>());
        in_location(heads.map(|heads| in_order_of(bookings, &heads)))
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let database = Arc::clone(&self.database);
        self.write(async move { database.commit(&commit).await }).await
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let MessageQuery { thread, selection, limit } = query;
        let statements = self.statements();
        let mut parameters: Vec<Value> =
            vec![thread.location.as_str().into(), thread.booking.as_str().into()];
        let sql = match selection {
            MessageSelection::Numbers { range, direction } => {
                let bounds = [range.start(), range.end()].map(|number| i64::from(*number).into());
                parameters.extend(bounds);
                match direction {
                    Direction::OldestFirst => &statements.messages_oldest_first,
                    Direction::NewestFirst => &statements.messages_newest_first,
                }
            }
            MessageSelection::RedactedAfter(ordinal) => {
                parameters.push((*ordinal).into());
                &statements.messages_redacted_after
            }
        };
        parameters.push(sql_limit(*limit).into());
        in_thread(thread, self.database.read(sql, parameters, stored_message).await)
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let KeyQuery { thread, role, author, key } = *query;
        let parameters = vec![
            thread.location.as_str().into(),
            thread.booking.as_str().into(),
            role.code().into(),
            author.as_str().into(),
            key.as_str().into(),
        ];
        let sql = &self.statements().message_by_key;
        let messages = self.database.read(sql, parameters, stored_message).await;
        in_thread(thread, messages.map(|messages| messages.into_iter().next()))
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let ThreadQuery { location, list, limit } = *query;
        let statements = self.statements();
        let (sql, position) = match list {
            ThreadList::All(after) => (&statements.all_threads, after.map(inbox_position)),
            ThreadList::Unread(after) => (&statements.unread_threads, after.map(inbox_position)),
            ThreadList::Waiting(after) => {
                (&statements.waiting_threads, after.map(waiting_position))
            }
        };
        // Every position is after this one.
        let (time, booking) = position.unwrap_or((i64::MIN, ""));
        let location = location.as_str();
        let parameters = vec![
            location.into(),
            time.into(),
            time.into(),
            booking.into(),
            sql_limit(limit).into(),
            location.into(),
        ];
        let rows = self.database.read(sql, parameters, counts_and_head).await;
        in_location(rows.map(|rows| {
            let (counts, heads) = counts_and_heads(rows);
            let threads = heads.into_iter().filter_map(|head| match head.state {
                ThreadState::Live(thread) => Some(thread),
                ThreadState::Linked(_) | ThreadState::Erased(_) => None,
            });
            ThreadPage::new(threads.collect(), counts)
        }))
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        let location = location.as_str();
        // One more head than the limit shows if there are more changes.
        let parameters = vec![
            location.into(),
            i64::from(since).into(),
            sql_limit(limit.saturating_add(1)).into(),
            location.into(),
        ];
        let sql = &self.statements().changes;
        let rows = self.database.read(sql, parameters, counts_and_head).await;
        in_location(rows.map(|rows| {
            let (counts, mut changed) = counts_and_heads(rows);
            let more = changed.len() > limit;
            changed.truncate(limit);
            Changes::new(changed, more, counts)
        }))
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        // Every id is after the empty text.
        let after = after.map_or("", LocationId::as_str);
        let parameters = vec![after.into(), sql_limit(limit).into()];
        in_location(self.database.read(LOCATIONS, parameters, location_revision).await)
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let (database, location) = (Arc::clone(&self.database), location.clone());
        self.write(async move { database.forget_keys(&location, before, limit).await }).await
    }
}
