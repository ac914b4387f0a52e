use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::Pool;
use frontdesk::inbox::{InboxPosition, WaitingPosition};
use frontdesk::store::{
    Answer, ChangeToken, ChangedLocations, Changes, Commit, CommitOutcome, Direction,
    ForgottenKeys, KeyQuery, LocationCounts, LocationRevision, MAX_HEADS, MessageQuery,
    MessageSelection, Revision, StoreError, StoreResult, StoredMessage, ThreadList, ThreadPage,
    ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};
use frontdesk_sql::newest_first;

use crate::answer_rows::AnswerRows;
use crate::commit::Committer;
use crate::connections::{Connections, QueryFailure};
use crate::database::Database;
use crate::error::DatabaseError;
use crate::key_lookup::{KeyPlaces, key_digest};
use crate::keyed_parameters::KeyedParameters;
use crate::layout::Layout;
use crate::migrate::Migrator;
use crate::open_error::PostgresOpenError;
use crate::parameters::{ElementType, Parameter};
use crate::retry::RetryBudget;
use crate::schema::Schema;
use crate::statements::{ReadStatement, Statements};

/// A store in a PostgreSQL database that many processes share.
///
/// It runs on Tokio, as the driver does. Clones share the pool. The
/// [crate documentation](crate) describes the settings, lost connections, durability and
/// limits.
///
/// ```no_run
/// use frontdesk::FrontDesk;
/// use frontdesk_postgres::PostgresStore;
///
/// # async fn example() -> Result<(), frontdesk_postgres::PostgresOpenError> {
/// let store = PostgresStore::connect("postgres://desk:secret@db-1/hotel")?;
/// store.migrate().await?;
/// let desk = FrontDesk::new(store);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    schema: Schema,
    /// The layout that the host requested.
    layout: Layout,
}

impl PostgresStore {
    /// Makes a store in the schema `frontdesk` of the pool's database. It connects at the
    /// first call.
    ///
    /// The pool must lead to a primary, because a standby refuses every statement of the store.
    /// Give the store a pool of its own: a connection that another user of the pool returns
    /// inside of a transaction would make the store's commits part of that transaction. Choose
    /// [`RecyclingMethod::Fast`]; the other methods send a statement before each use and so
    /// double the round trips.
    ///
    /// ```
    /// use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
    /// use frontdesk_postgres::PostgresStore;
    /// use tokio_postgres::NoTls;
    ///
    /// let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    /// let manager = Manager::from_config("postgres://db-1/hotel".parse()?, NoTls, recycling);
    /// let store = PostgresStore::new(Pool::builder(manager).max_size(16).build()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`RecyclingMethod::Fast`]: deadpool_postgres::RecyclingMethod::Fast
    pub fn new(pool: Pool) -> Self {
        Self::from_parts(Connections::new(pool, false), Schema::default(), Layout::default())
    }

    pub(crate) fn from_parts(connections: Connections, schema: Schema, layout: Layout) -> Self {
        let database = Database::new(connections, &schema, layout.engine());
        Self { shared: Arc::new(Shared { database, schema, layout }) }
    }

    /// Creates the tables, or applies the missing migrations.
    ///
    /// Call it when the process starts; any number of processes may do so at the same time.
    /// If nothing is missing, it only reads. Each migration is one transaction, except that the
    /// idempotency keys of an older database move in many small transactions, during which other
    /// stores of this version can be used. If the call is interrupted, the next call continues. A
    /// migration requires the right to create in the schema, or in the database if the schema does not exist, and
    /// the ownership of existing tables. To run the SQL with another role, use
    /// [`PostgresBuilder::migrations`](crate::PostgresBuilder::migrations).
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] if the encoding of the database is not UTF8, if the tables have
    /// a newer version or another number of partitions, or if the database refuses the
    /// migration or is unavailable.
    pub async fn migrate(&self) -> Result<(), PostgresOpenError> {
        let Shared { database, schema, layout } = &*self.shared;
        let migrator = Migrator { connections: &database.connections, schema, layout: *layout };
        database.set_key_places(migrator.run().await?);
        Ok(())
    }

    /// Runs a read and decodes its rows.
    async fn read<T>(
        &self,
        statement: &ReadStatement,
        parameters: &[Parameter<'_>],
        decode: impl FnOnce(&AnswerRows) -> Result<T, DatabaseError>,
    ) -> Result<Answer<T>, DatabaseError> {
        let rows = self.shared.database.read(statement, parameters).await?;
        Ok(Answer::new(decode(&rows)?, rows.epoch))
    }

    /// Reads the counts of a location on Citus, if a small statement can read them.
    async fn counts_if_current(
        &self,
        location: &LocationId,
    ) -> Result<Option<Answer<LocationCounts>>, DatabaseError> {
        let sql = self.statements().counts_if_current.as_deref();
        let parameters = [location.as_str().into()];
        let rows = self.shared.database.read_if_current(sql, &parameters).await?;
        let Some(rows) = rows else { return Ok(None) };
        let counts = rows.first().map(|mut row| row.read_counts()).transpose()?.flatten();
        Ok(counts.map(|counts| Answer::new(counts, rows.epoch)))
    }

    /// Forgets keys once. During the migration of the keys, each call forgets keys of one place.
    async fn forget_once(
        &self,
        budget: &RetryBudget,
        parameters: &[Parameter<'_>],
        limit: usize,
    ) -> Result<Answer<ForgottenKeys>, QueryFailure> {
        let database = &self.shared.database;
        let statements = database.key_statements();
        if statements.places == KeyPlaces::MessagesAndTable {
            match database.run_once(budget, &statements.forget_keys_of_table, parameters).await {
                Ok(rows) => {
                    let forgotten = forgotten_keys(&rows, limit)?;
                    if forgotten.removed > 0 {
                        let forgotten = ForgottenKeys::new(forgotten.removed, true);
                        return Ok(Answer::new(forgotten, rows.epoch));
                    }
                }
                Err(failure) if failure.error.is_undefined_table() => {
                    database.set_key_places(KeyPlaces::Messages);
                }
                Err(failure) => return Err(failure),
            }
        }
        let rows = database.run_once(budget, &statements.forget_keys, parameters).await?;
        Ok(Answer::new(forgotten_keys(&rows, limit)?, rows.epoch))
    }

    fn statements(&self) -> &Statements {
        &self.shared.database.statements
    }
}

impl fmt::Debug for PostgresStore {
    /// Omits the pool, whose settings contain the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.shared.schema.name())
            .field("unnamed_statements", &self.shared.database.connections.unnamed_statements())
            .finish_non_exhaustive()
    }
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Names the thread in the error of a read of one thread.
fn in_thread<T>(id: &ThreadId, result: Result<T, DatabaseError>) -> Result<T, StoreError> {
    result.map_err(|error| error.in_thread(id.clone()).into_store_error())
}

/// Reads rows of which each has a head, and each or only the first has the location's counts. A
/// location without heads has one row.
///
/// On Citus the counts are missing while the location's shard is split. The call then fails, and can be
/// repeated.
fn counts_and_heads(
    rows: &AnswerRows,
) -> Result<(LocationCounts, Vec<VersionedThread>), DatabaseError> {
    let (mut counts, mut heads) = (None, Vec::new());
    for mut row in rows.iter() {
        counts = Some(row.read_counts()?.or(counts).ok_or(DatabaseError::RetriesExhausted)?);
        heads.extend(row.read_thread()?);
    }
    Ok((counts.unwrap_or_default(), heads))
}

/// Returns the values that determine the order of the inbox and of the unread threads.
fn inbox_position(position: &InboxPosition) -> (i64, &str) {
    (newest_first(position), position.booking())
}

/// Returns the values that determine the order of the waiting threads.
fn waiting_position(position: &WaitingPosition) -> (i64, &str) {
    (position.waiting_since().unix_micros(), position.booking())
}

fn messages(rows: &AnswerRows) -> Result<Vec<StoredMessage>, DatabaseError> {
    rows.iter().map(|mut row| row.read_message()).collect()
}

/// Puts heads into the order of the requested bookings, and repeats a head whose booking was
/// requested twice.
fn in_order_of(bookings: &[BookingId], heads: &[VersionedThread]) -> Vec<VersionedThread> {
    let by_booking: HashMap<&BookingId, &VersionedThread> =
        heads.iter().map(|head| (&head.state.id().booking, head)).collect();
    bookings.iter().filter_map(|booking| by_booking.get(booking).copied().cloned()).collect()
}

#[async_trait]
impl ThreadStore for PostgresStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let parameters = [id.location.as_str().into(), id.booking.as_str().into()];
        let head =
            self.read(&self.statements().reads.head, &parameters, |rows| match rows.first() {
                Some(mut row) => row.read_thread(),
                None => Ok(None),
            });
        in_thread(id, head.await)
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let bookings = &bookings[..bookings.len().min(MAX_HEADS)];
        let ids = bookings.iter().map(BookingId::as_str);
        let parameters = [location.as_str().into(), Parameter::array(ElementType::Text, ids)];
        let heads = self.read(&self.statements().reads.heads, &parameters, |rows| {
            let heads = rows.iter().filter_map(|mut row| row.read_thread().transpose());
            Ok(in_order_of(bookings, &heads.collect::<Result<Vec<_>, _>>()?))
        });
        heads.await.map_err(DatabaseError::into_store_error)
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        Committer { database: &self.shared.database, commit: &commit }.run().await
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let MessageQuery { thread, selection, limit } = query;
        let statements = self.statements();
        let (sql, bounds) = match selection {
            MessageSelection::Numbers { range, direction } => {
                let sql = match direction {
                    Direction::OldestFirst => &statements.reads.messages_oldest_first,
                    Direction::NewestFirst => &statements.reads.messages_newest_first,
                };
                (sql, vec![i64::from(*range.start()), i64::from(*range.end())])
            }
            MessageSelection::RedactedAfter(ordinal) => {
                (&statements.reads.messages_redacted_after, vec![i64::from(*ordinal)])
            }
        };
        let mut parameters = vec![thread.location.as_str().into(), thread.booking.as_str().into()];
        parameters.extend(bounds.into_iter().map(Parameter::from));
        parameters.push(sql_limit(*limit).into());
        in_thread(thread, self.read(sql, &parameters, messages).await)
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let KeyQuery { thread, role, author, key } = *query;
        let parameters = vec![
            thread.location.as_str().into(),
            thread.booking.as_str().into(),
            role.code().into(),
            author.as_str().into(),
            key_digest(query).into(),
        ];
        let parameters = KeyedParameters::new(parameters, Some(key.as_str().into()));
        let database = &self.shared.database;
        let rows = database.read_keyed(|statements| &statements.message_by_key, &parameters).await;
        let message = rows.and_then(|rows| {
            let message = rows.first().map(|mut row| row.read_message()).transpose()?;
            Ok(Answer::new(message, rows.epoch))
        });
        in_thread(thread, message)
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let ThreadQuery { location, list, limit } = *query;
        let statements = self.statements();
        let (sql, position) = match list {
            ThreadList::All(after) => (&statements.reads.all_threads, after.map(inbox_position)),
            ThreadList::Unread(after) => {
                (&statements.reads.unread_threads, after.map(inbox_position))
            }
            ThreadList::Waiting(after) => {
                (&statements.reads.waiting_threads, after.map(waiting_position))
            }
        };
        // Every position is after this one.
        let (time, booking) = position.unwrap_or((i64::MIN, ""));
        let parameters =
            [location.as_str().into(), time.into(), booking.into(), sql_limit(limit).into()];
        let page = self.read(sql, &parameters, |rows| {
            let (counts, heads) = counts_and_heads(rows)?;
            let threads = heads.into_iter().filter_map(|head| match head.state {
                ThreadState::Live(thread) => Some(thread),
                ThreadState::Linked(_) | ThreadState::Erased(_) => None,
            });
            Ok(ThreadPage::new(threads.collect(), counts))
        });
        page.await.map_err(DatabaseError::into_store_error)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        if let Some(counts) =
            self.counts_if_current(location).await.map_err(DatabaseError::into_store_error)?
            && counts.value.revision <= since
        {
            return Ok(Answer::new(Changes::new(Vec::new(), false, counts.value), counts.epoch));
        }
        // One more head than the limit shows if there are more changes.
        let limit_and_one = sql_limit(limit.saturating_add(1));
        let parameters = [location.as_str().into(), i64::from(since).into(), limit_and_one.into()];
        let changes = self.read(&self.statements().reads.changes, &parameters, |rows| {
            let (counts, mut changed) = counts_and_heads(rows)?;
            let more = changed.len() > limit;
            changed.truncate(limit);
            Ok(Changes::new(changed, more, counts))
        });
        changes.await.map_err(DatabaseError::into_store_error)
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        // Every id is after the empty text.
        let after = after.map_or("", LocationId::as_str);
        let parameters = [after.into(), sql_limit(limit).into()];
        let locations = self.read(&self.statements().locations, &parameters, |rows| {
            rows.iter().map(|mut row| row.read_location()).collect()
        });
        locations.await.map_err(DatabaseError::into_store_error)
    }

    async fn changed_locations(
        &self,
        since: Option<ChangeToken>,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<ChangedLocations> {
        let after = after.map_or("", LocationId::as_str);
        // A token above this number came from another store. It then selects too much.
        let since = since.map_or(0, |since| i64::try_from(since.get()).unwrap_or(0));
        let parameters = [after.into(), since.into(), sql_limit(limit).into()];
        let locations = self.read(&self.statements().changed_locations, &parameters, |rows| {
            let (mut locations, mut next) = (Vec::new(), None);
            for mut row in rows.iter() {
                next = u64::try_from(row.read_integer()?).ok().map(ChangeToken::new);
                // Without a location, the outer join returns one row.
                if !row.is_at_null() {
                    locations.push(row.read_location()?);
                }
            }
            Ok(ChangedLocations::new(locations, next))
        });
        locations.await.map_err(DatabaseError::into_store_error)
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let parameters = [
            location.as_str().into(),
            before.unix_micros().into(),
            sql_limit(limit.saturating_add(1)).into(),
            sql_limit(limit).into(),
        ];
        let mut budget = RetryBudget::new();
        loop {
            let error = match self.forget_once(&budget, &parameters, limit).await {
                Ok(forgotten) => return Ok(forgotten),
                // A second attempt could remove more keys than the limit.
                Err(failure) if failure.outcome_unknown => {
                    return Err(StoreError::outcome_unknown(failure.error));
                }
                Err(failure) if budget.allows_retry_after(&failure.error) => continue,
                Err(failure) => failure.error,
            };
            return Err(error.into_store_error());
        }
    }
}

fn forgotten_keys(rows: &AnswerRows, limit: usize) -> Result<ForgottenKeys, DatabaseError> {
    let Some(mut row) = rows.first() else { return Ok(ForgottenKeys::default()) };
    let mut count = || Ok::<_, DatabaseError>(usize::try_from(row.read_integer()?).unwrap_or(0));
    let (removed, candidates) = (count()?, count()?);
    Ok(ForgottenKeys::new(removed, candidates > limit))
}
