#![doc = include_str!("../README.md")]

use std::collections::HashMap;
use std::sync::LazyLock;

use async_trait::async_trait;
use frontdesk::store::{
    Answer, AuthorRedaction, Change, Changes, Commit, CommitOutcome, Direction, Epoch,
    ForgottenKeys, KeyQuery, LocationCounts, LocationRevision, MessageQuery, MessageSelection,
    NewMessage, Redaction, Revision, StoreError, StoreResult, StoredMessage, ThreadList,
    ThreadPage, ThreadQuery, ThreadState, ThreadStore, VersionedThread,
};
use frontdesk::{
    BookingId, IdempotencyKey, InvalidRecord, LocationId, Role, Thread, ThreadId, Timestamp,
};
use frontdesk_sql::{
    ColumnReader, ID_COLUMNS, MESSAGE_COLUMNS, THREAD_COLUMNS, Value, message_values, newest_first,
    read_counts, read_message, read_thread, read_thread_id, thread_values,
};
use sqlx::postgres::{PgArguments, PgDatabaseError, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::{Decode, PgConnection, PgExecutor, Postgres, Row, Type};

/// The statements that create the tables and their indexes.
pub const SCHEMA: &str = include_str!("schema.sql");

/// The epoch of every answer. The server loses no acknowledged commit.
const EPOCH: Epoch = Epoch::ZERO;

/// Begins the transaction of a write. At this isolation level, a statement after the lock of the
/// location sees every commit that held the lock before. The role or the database can have another
/// default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A store in the database of a pool. Clones share the pool. It runs on Tokio.
#[derive(Debug, Clone)]
pub struct SqlxStore {
    pool: PgPool,
}

impl SqlxStore {
    /// Makes a store. The tables of [`SCHEMA`] must exist before the first call.
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// Reads the counts of a location and some of its heads, in one snapshot. An unknown location
    /// has no row.
    async fn list(
        &self,
        query: Statement<'_>,
    ) -> Result<(LocationCounts, Vec<VersionedThread>), Failure> {
        let (mut counts, mut heads) = (LocationCounts::default(), Vec::new());
        for row in query.fetch_all(&self.pool).await? {
            let mut columns = Columns::of(&row);
            counts = read_counts(&mut columns)?;
            heads.extend(read_head(&mut columns)?);
        }
        Ok((counts, heads))
    }
}

#[async_trait]
impl ThreadStore for SqlxStore {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        answer(head(&self.pool, id).await)
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let ids: Vec<&str> = bookings.iter().map(BookingId::as_str).collect();
        let query = bind(&STATEMENTS.heads, [location.as_str().into()]).bind(ids);
        let rows = query.fetch_all(&self.pool).await.map_err(Failure::from)?;
        let mut heads = HashMap::new();
        for row in &rows {
            if let Some(head) = read_head(&mut Columns::of(row))? {
                heads.insert(head.state.id().booking.clone(), head);
            }
        }
        answer(Ok(bookings.iter().filter_map(|booking| heads.get(booking).cloned()).collect()))
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let pool = self.pool.clone();
        answer(
            run_to_end(async move {
                let mut transaction = pool.begin_with(BEGIN).await?;
                let outcome = write(&mut transaction, &commit).await?;
                // Without this call, dropping the transaction rolls it back.
                if let CommitOutcome::Committed(_) = outcome {
                    transaction.commit().await.map_err(Failure::at_commit)?;
                }
                Ok(outcome)
            })
            .await,
        )
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let MessageQuery { thread, selection, limit } = query;
        let [location, booking] = id_values(thread);
        let limit = sql_limit(*limit).into();
        let query = match selection {
            MessageSelection::Numbers { range, direction } => {
                let [from, to] =
                    [range.start(), range.end()].map(|number| i64::from(*number).into());
                let sql = match direction {
                    Direction::OldestFirst => &STATEMENTS.messages_oldest_first,
                    Direction::NewestFirst => &STATEMENTS.messages_newest_first,
                };
                bind(sql, [location, booking, limit, from, to])
            }
            MessageSelection::RedactedAfter(ordinal) => {
                let after = i64::from(*ordinal).into();
                bind(&STATEMENTS.messages_redacted_after, [location, booking, limit, after])
            }
        };
        let rows = query.fetch_all(&self.pool).await.map_err(Failure::from)?;
        let messages = rows.iter().map(|row| read_stored_message(thread, &mut Columns::of(row)));
        answer(messages.collect())
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let KeyQuery { thread, role, author, key } = *query;
        let key = (role, author.as_str(), Some(key.as_str()));
        let found = first_message_by_key(&self.pool, thread, [key]).await;
        answer(found.map(|found| found.map(|(_, message)| message)))
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let ThreadQuery { location, list, limit } = *query;
        let inbox = |after| (newest_first(after), after.booking());
        let (sql, position) = match list {
            ThreadList::All(after) => (&STATEMENTS.all_threads, after.map(inbox)),
            ThreadList::Unread(after) => (&STATEMENTS.unread_threads, after.map(inbox)),
            ThreadList::Waiting(after) => (
                &STATEMENTS.waiting_threads,
                after.map(|after| (after.waiting_since().unix_micros(), after.booking())),
            ),
        };
        // Every thread is after this position.
        let (time, booking) = position.unwrap_or((i64::MIN, ""));
        let limit = sql_limit(limit).into();
        let values = [location.as_str().into(), limit, time.into(), booking.into()];
        let (counts, heads) = self.list(bind(sql, values)).await?;
        let live = heads.into_iter().filter_map(|head| match head.state {
            ThreadState::Live(thread) => Some(thread),
            ThreadState::Linked(_) | ThreadState::Erased(_) => None,
        });
        answer(Ok(ThreadPage::new(live.collect(), counts)))
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        // One more head than the limit shows if there are more changes.
        let rows = sql_limit(limit.saturating_add(1)).into();
        let values = [location.as_str().into(), rows, i64::from(since).into()];
        let (counts, mut changed) = self.list(bind(&STATEMENTS.changes, values)).await?;
        let more = changed.len() > limit;
        changed.truncate(limit);
        answer(Ok(Changes::new(changed, more, counts)))
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        // Every id is after the empty text.
        let after = after.map_or("", LocationId::as_str);
        let query = bind(LOCATIONS, [after.into(), sql_limit(limit).into()]);
        let rows = query.fetch_all(&self.pool).await.map_err(Failure::from)?;
        answer(rows.iter().map(|row| read_location(&mut Columns::of(row))).collect())
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let (pool, location) = (self.pool.clone(), location.clone());
        answer(
            run_to_end(async move {
                let (location, before) = (location.as_str().into(), before.unix_micros().into());
                let mut transaction = pool.begin_with(BEGIN).await?;
                bind(LOCK_LOCATION, [location]).execute(&mut *transaction).await?;
                let forget =
                    bind(&STATEMENTS.forget_keys, [location, before, sql_limit(limit).into()]);
                let removed = forget.execute(&mut *transaction).await?.rows_affected();
                let remaining = bind(&STATEMENTS.old_key, [location, before]);
                let more = remaining.fetch_optional(&mut *transaction).await?.is_some();
                transaction.commit().await.map_err(Failure::at_commit)?;
                Ok(ForgottenKeys::new(usize::try_from(removed).unwrap_or(usize::MAX), more))
            })
            .await,
        )
    }
}

/// Runs a write to its end, also if the caller drops the future. A transaction that is dropped while
/// it begins would stay open on a connection of the pool.
async fn run_to_end<T: Send + 'static>(
    write: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let unfinished = |error| Failure(StoreError::outcome_unknown(error));
    tokio::spawn(write).await.map_err(unfinished)?
}

fn answer<T>(result: Result<T, Failure>) -> StoreResult<T> {
    Ok(Answer::new(result?, EPOCH))
}

/// Writes a commit in a transaction of the caller, which commits it if the outcome is `Committed`.
async fn write(connection: &mut PgConnection, commit: &Commit) -> Result<CommitOutcome, Failure> {
    let id = commit.id();
    let revision = next_revision(connection, &id.location).await?;
    if let Change::Messages(messages) = commit.change() {
        let keys = messages.iter().map(|NewMessage { message, key, .. }| {
            let author = message.author();
            (author.role, author.id.as_str(), key.as_ref().map(IdempotencyKey::as_str))
        });
        if let Some((index, message)) = first_message_by_key(&mut *connection, id, keys).await? {
            return Ok(CommitOutcome::KeyTaken { index, message });
        }
    }
    let found = head(&mut *connection, id).await?;
    if commit.conflicts_with(found.as_ref().map(|found| found.revision), EPOCH) {
        return Ok(CommitOutcome::Conflict(found));
    }
    let values = thread_values(Some(revision), commit.next());
    bind(&STATEMENTS.replace_head, values).execute(&mut *connection).await?;
    apply(connection, id, revision, commit.change()).await?;
    if commit.next().live().is_none() {
        bind(ERASE_MESSAGES, id_values(id)).execute(&mut *connection).await?;
    }
    let before = listed(found.as_ref().and_then(|found| found.state.live()));
    let after = listed(commit.next().live());
    if before != after {
        let [unread, waiting] = [0, 1].map(|list| (after[list] - before[list]).into());
        let counts = bind(ADD_COUNTS, [id.location.as_str().into(), unread, waiting]);
        counts.execute(connection).await?;
    }
    Ok(CommitOutcome::Committed(revision))
}

/// Locks the row of a location and takes the next revision.
async fn next_revision(
    connection: &mut PgConnection,
    location: &LocationId,
) -> Result<Revision, Failure> {
    let row = bind(NEXT_REVISION, [location.as_str().into()]).fetch_one(connection).await?;
    let revision = Columns::of(&row).integer()?.map(Revision::try_from);
    match revision {
        Some(Ok(revision)) => Ok(revision),
        _ => Err(StoreError::other("the location has used all revisions").into()),
    }
}

async fn apply(
    connection: &mut PgConnection,
    id: &ThreadId,
    revision: Revision,
    change: &Change,
) -> Result<(), Failure> {
    let [location, booking] = id_values(id);
    match change {
        Change::None => {}
        Change::Messages(messages) => {
            for NewMessage { message, key, .. } in messages.iter() {
                let insert =
                    bind(&STATEMENTS.insert_message, message_values(id, Some(revision), message));
                let insert = insert.bind(key.as_ref().map(IdempotencyKey::as_str));
                insert.execute(&mut *connection).await?;
            }
        }
        Change::Redact(Redaction { number, ordinal }) => {
            let [number, ordinal] = [i64::from(*number), i64::from(*ordinal)].map(Value::from);
            let redact = bind(REDACT, [location, booking, number, ordinal]);
            if redact.execute(connection).await?.rows_affected() == 0 {
                let missing = "the message to redact is missing";
                return Err(StoreError::corrupt(id.clone(), missing).into());
            }
        }
        Change::RedactAuthor(AuthorRedaction { role, author, messages }) => {
            let [from, to] =
                [messages.start(), messages.end()].map(|number| i64::from(*number).into());
            let values = [location, booking, from, to, role.code().into(), author.as_str().into()];
            bind(REDACT_AUTHOR, values).execute(connection).await?;
        }
    }
    Ok(())
}

/// Returns the numbers, 0 or 1, by which a thread adds to the unread and to the waiting threads.
fn listed(thread: Option<&Thread>) -> [i64; 2] {
    let is_unread = thread.is_some_and(|thread| thread.is_unread_by(Role::Operator));
    let is_waiting = thread.is_some_and(|thread| thread.waiting_since().is_some());
    [is_unread.into(), is_waiting.into()]
}

async fn head(
    executor: impl PgExecutor<'_>,
    id: &ThreadId,
) -> Result<Option<VersionedThread>, Failure> {
    let row = bind(&STATEMENTS.head, id_values(id)).fetch_optional(executor).await?;
    row.map_or(Ok(None), |row| read_head(&mut Columns::of(&row)))
}

/// Finds the first of some keys that a message of the thread has. Returns the position of the key
/// and the message.
async fn first_message_by_key<'k>(
    executor: impl PgExecutor<'_>,
    id: &ThreadId,
    keys: impl IntoIterator<Item = (Role, &'k str, Option<&'k str>)>,
) -> Result<Option<(usize, StoredMessage)>, Failure> {
    let (mut roles, mut authors, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (role, author, key) in keys {
        roles.push(role.code());
        authors.push(author);
        texts.push(key);
    }
    if texts.iter().all(Option::is_none) {
        return Ok(None);
    }
    let query = bind(&STATEMENTS.first_by_key, id_values(id)).bind(roles).bind(authors).bind(texts);
    let Some(row) = query.fetch_optional(executor).await? else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let position = columns.integer()?.and_then(|position| usize::try_from(position).ok());
    let message = read_stored_message(id, &mut columns)?;
    Ok(Some((position.unwrap_or(1) - 1, message)))
}

/// The text of a statement and its parameters.
type Statement<'q> = Query<'q, Postgres, PgArguments>;

fn bind<'q>(sql: &'q str, values: impl IntoIterator<Item = Value<'q>>) -> Statement<'q> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Integer(number) => query.bind(number),
        Value::Boolean(flag) => query.bind(flag),
        Value::Digest(digest) => query.bind(digest.map(|digest| digest.to_bytes().to_vec())),
    })
}

fn id_values(id: &ThreadId) -> [Value<'_>; 2] {
    [id.location.as_str().into(), id.booking.as_str().into()]
}

/// Converts a limit to the integer type of the database.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The columns of a row, read from left to right.
struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    fn of(row: &'r PgRow) -> Self {
        Self { row, next: 0 }
    }

    fn read<T: Decode<'r, Postgres> + Type<Postgres>>(
        &mut self,
    ) -> Result<Option<T>, InvalidRecord> {
        let column = self.next;
        self.next += 1;
        let other_type =
            |_| InvalidRecord::rule("row", "column has another type than in the schema");
        self.row.try_get(column).map_err(other_type)
    }
}

impl ColumnReader for Columns<'_> {
    type Error = InvalidRecord;

    fn text(&mut self) -> Result<Option<String>, InvalidRecord> {
        self.read()
    }

    fn integer(&mut self) -> Result<Option<i64>, InvalidRecord> {
        self.read()
    }

    fn boolean(&mut self) -> Result<Option<bool>, InvalidRecord> {
        self.read()
    }
}

/// Reads a row of a thread, a link or a tombstone. Returns `None` for a row of an outer join that
/// found no thread.
fn read_head(columns: &mut Columns<'_>) -> Result<Option<VersionedThread>, Failure> {
    let Some(id) = read_thread_id(columns)? else { return Ok(None) };
    let head = read_thread(&id, columns);
    Ok(Some(head.map_err(|invalid| StoreError::corrupt(id, invalid))?))
}

fn read_stored_message(id: &ThreadId, columns: &mut Columns<'_>) -> Result<StoredMessage, Failure> {
    let message = read_message(columns);
    Ok(message.map_err(|invalid| StoreError::corrupt(id.clone(), invalid))?)
}

fn read_location(columns: &mut Columns<'_>) -> Result<LocationRevision, Failure> {
    let (Some(location), Some(revision)) = (columns.text()?, columns.integer()?) else {
        return Err(InvalidRecord::rule("location", "required column is NULL").into());
    };
    let location = LocationId::new(location).map_err(InvalidRecord::from)?;
    Ok(LocationRevision::new(location, revision.try_into()?))
}

/// The error of a call.
struct Failure(StoreError);

impl Failure {
    /// Makes the error of `COMMIT`. After a serialization failure or a deadlock, the server has
    /// rolled back. After all other errors, such as a lost connection, it may have committed.
    fn at_commit(error: sqlx::Error) -> Self {
        match code(&error) {
            Some("40001" | "40P01") => error.into(),
            _ => Self(StoreError::outcome_unknown(cause(&error))),
        }
    }
}

/// Makes the error of a statement before `COMMIT`, after which nothing is written.
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let cause = cause(&error);
        Self(if is_temporary(&error) {
            StoreError::unavailable(cause)
        } else {
            StoreError::other(cause)
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<InvalidRecord> for Failure {
    fn from(invalid: InvalidRecord) -> Self {
        Self(invalid.into())
    }
}

impl From<Failure> for StoreError {
    fn from(Failure(error): Failure) -> Self {
        error
    }
}

/// Returns the text of an error. The server's message is left out, because it can quote a value of
/// a column.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(_) => {
            format!("PostgreSQL error {}", code(error).unwrap_or("without a code"))
        }
        other => other.to_string(),
    }
}

fn code(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error()?.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
}

/// Returns `true` if a later retry can succeed.
fn is_temporary(error: &sqlx::Error) -> bool {
    use sqlx::Error::{BeginFailed, Io, PoolClosed, PoolTimedOut, Protocol, Tls};
    // Lost connection; rollback; no memory, disk space or connections; lock or standby; cancelled or
    // shut down; operating system.
    const CLASSES: [&str; 6] = ["08", "40", "53", "55", "57", "58"];
    // A standby, for example after a failover.
    const READ_ONLY: &str = "25006";
    match code(error) {
        Some(code) => code == READ_ONLY || CLASSES.iter().any(|class| code.starts_with(class)),
        None => {
            matches!(error, BeginFailed | Io(_) | PoolClosed | PoolTimedOut | Protocol(_) | Tls(_))
        }
    }
}

const NEXT_REVISION: &str = "INSERT INTO frontdesk_location AS l \
    (location, revision, unread, waiting) VALUES ($1, 1, 0, 0) \
    ON CONFLICT (location) DO UPDATE SET revision = l.revision + 1 RETURNING revision";

const ADD_COUNTS: &str = "UPDATE frontdesk_location \
    SET unread = unread + $2, waiting = waiting + $3 WHERE location = $1";

const LOCK_LOCATION: &str = "SELECT FROM frontdesk_location WHERE location = $1 FOR UPDATE";

const LOCATIONS: &str = "SELECT location, revision FROM frontdesk_location \
    WHERE location > $1 ORDER BY location LIMIT $2";

const ERASE_MESSAGES: &str = "DELETE FROM frontdesk_message WHERE location = $1 AND booking = $2";

const REDACT: &str = "UPDATE frontdesk_message SET body = '', redaction = $4 \
    WHERE location = $1 AND booking = $2 AND number = $3";

const REDACT_AUTHOR: &str = "UPDATE frontdesk_message SET name = NULL \
    WHERE location = $1 AND booking = $2 AND number BETWEEN $3 AND $4 AND role = $5 AND author = $6";

static STATEMENTS: LazyLock<Statements> = LazyLock::new(Statements::new);

/// The statements with the column lists of [`frontdesk_sql`], and those that share text.
struct Statements {
    head: String,
    heads: String,
    all_threads: String,
    unread_threads: String,
    waiting_threads: String,
    changes: String,
    messages_oldest_first: String,
    messages_newest_first: String,
    messages_redacted_after: String,
    first_by_key: String,
    replace_head: String,
    insert_message: String,
    forget_keys: String,
    old_key: String,
}

impl Statements {
    fn new() -> Self {
        let head = format!("t.{}", THREAD_COLUMNS.join(", t."));
        let heads = format!("SELECT {head} FROM frontdesk_thread t WHERE t.location = $1");
        // One statement reads the counts and the heads, so both come from one snapshot.
        let list = |condition: &str, order: &str| {
            format!(
                "SELECT l.revision, l.unread, l.waiting, {head} FROM frontdesk_location l \
                 LEFT JOIN LATERAL ({heads} AND {condition} ORDER BY {order} LIMIT $2) t ON true \
                 WHERE l.location = $1 ORDER BY {order}"
            )
        };
        let page = |condition: &str, position: &str| {
            list(&format!("{condition} AND ({position}) > ($3, $4)"), position)
        };
        // A query for messages does not read the thread's id, which the caller already knows.
        let message = format!("m.{}", MESSAGE_COLUMNS[ID_COLUMNS.len()..].join(", m."));
        let messages = |condition: &str, order: &str| {
            format!(
                "SELECT {message} FROM frontdesk_message m WHERE m.location = $1 \
                 AND m.booking = $2 AND {condition} ORDER BY {order} LIMIT $3"
            )
        };
        let assignments = THREAD_COLUMNS.map(|column| format!("{column} = excluded.{column}"));
        // `flags & 2` marks imported messages, which keep their keys.
        let old_keys = "FROM frontdesk_message WHERE location = $1 AND sent_at < $2 \
                        AND key IS NOT NULL AND flags & 2 = 0";
        Self {
            head: format!("{heads} AND t.booking = $2"),
            heads: format!("{heads} AND t.booking = ANY ($2)"),
            all_threads: page("t.newest_first IS NOT NULL", "t.newest_first, t.booking"),
            unread_threads: page("t.unread", "t.newest_first, t.booking"),
            waiting_threads: page("t.waiting_since IS NOT NULL", "t.waiting_since, t.booking"),
            // Most polls find no change. The first condition then reads no thread.
            changes: list("l.revision > $3 AND t.revision > $3", "t.revision"),
            messages_oldest_first: messages("m.number BETWEEN $4 AND $5", "m.number"),
            messages_newest_first: messages("m.number BETWEEN $4 AND $5", "m.number DESC"),
            messages_redacted_after: messages("m.redaction > $4", "m.redaction"),
            first_by_key: format!(
                "SELECT k.position, {message} \
                 FROM unnest($3::bigint[], $4::text[], $5::text[]) \
                 WITH ORDINALITY AS k (role, author, key, position) \
                 JOIN frontdesk_message m ON m.location = $1 AND m.booking = $2 \
                 AND m.role = k.role AND m.author = k.author AND m.key = k.key \
                 ORDER BY k.position LIMIT 1"
            ),
            replace_head: format!(
                "{} ON CONFLICT (location, booking) DO UPDATE SET {}",
                insert("frontdesk_thread", &THREAD_COLUMNS),
                assignments.join(", ")
            ),
            insert_message: insert("frontdesk_message", &[&MESSAGE_COLUMNS[..], &["key"]].concat()),
            forget_keys: format!(
                "UPDATE frontdesk_message SET key = NULL WHERE location = $1 \
                 AND (booking, number) IN (SELECT booking, number {old_keys} LIMIT $3)"
            ),
            old_key: format!("SELECT {old_keys} LIMIT 1"),
        }
    }
}

fn insert(table: &str, columns: &[&str]) -> String {
    let parameters: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), parameters.join(", "))
}
