//! A store for many processes on one PostgreSQL.

mod builder;
mod commits;
mod errors;
mod lines;
mod migrations;
mod rows;
mod schema;
mod statements;
mod values;

pub use builder::PostgresBuilder;
pub use errors::PostgresOpenError;

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::Pool;
use tokio_postgres::Row;

use self::errors::Failure;
use self::lines::Lines;
use self::schema::Schema;
use self::statements::Statements;
use super::columns;
use super::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadState, ThreadStore,
};
use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;

/// A store in a PostgreSQL database that many processes share. It is tested with
/// version 15.
///
/// It needs no right above those of a table's owner, no extension and no background
/// task. Every table's key and every statement start with the location, so that the
/// tables can be [partitioned](PostgresBuilder::partitions) by it. Cloning shares the
/// pool. It runs on Tokio, as the driver does.
///
/// ```no_run
/// use frontdesk::FrontDesk;
/// use frontdesk::store::PostgresStore;
///
/// # async fn example() -> Result<(), frontdesk::store::PostgresOpenError> {
/// let store = PostgresStore::connect(
///     "postgres://desk:secret@db-1,db-2/hotel?target_session_attrs=read-write",
/// )?;
/// store.migrate().await?;
/// let desk = FrontDesk::new(store);
/// # Ok(())
/// # }
/// ```
///
/// # TLS
///
/// [`connect`](Self::connect) uses none. With it, hand in a pool of `deadpool-postgres`
/// 0.14, here with `tokio-postgres-rustls` 0.14; the URL's `sslmode=require` is what
/// keeps a connection from doing without where the server offers none:
///
/// ```no_run
/// use deadpool_postgres::{Manager, Pool};
/// use frontdesk::store::PostgresStore;
/// use rustls::pki_types::CertificateDer;
/// use rustls::{ClientConfig, RootCertStore};
/// use tokio_postgres_rustls::MakeRustlsConnect;
///
/// fn store(authority: CertificateDer<'_>) -> Result<PostgresStore, Box<dyn std::error::Error>> {
///     let mut roots = RootCertStore::empty();
///     roots.add(authority.into_owned())?;
///     let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
///     let url = "postgres://desk:secret@db-1/hotel?sslmode=require";
///     let manager = Manager::new(url.parse()?, MakeRustlsConnect::new(tls));
///     Ok(PostgresStore::new(Pool::builder(manager).build()?))
/// }
/// ```
///
/// # What holds
///
/// - A commit is one statement and one round trip, and so is every read; a statement
///   costs one more the first time on each connection. When a commit conflicts, a
///   second statement says with what.
/// - Commits of one location stand in line behind its row until they are visible
///   (P1); those of different locations do not meet, but for the pool's connections:
///   have the server's `lock_timeout` end those that wait for long.
/// - A commit that PostgreSQL takes back for another transaction's sake (a
///   serialization failure, a deadlock) is made again, up to a hundred times.
/// - A connection that is lost is replaced, and a read asked again, on up to three
///   connections; so a restart of the server costs no error once it is back, and with
///   several hosts and `target_session_attrs=read-write` in the URL a replica that was
///   promoted is found. Nothing waits in between: while there is no server, calls are
///   [`Unavailable`](super::StoreErrorKind::Unavailable) at once.
/// - A commit whose connection was lost is sent again: it writes once at most, and
///   mostly says what became of the first attempt. Where it cannot, the error is
///   [`OutcomeUnknown`](super::StoreErrorKind::OutcomeUnknown), and it is safe to send
///   the message again with the same key. A mark or a booking's refresh that was written
///   by the first attempt, and that somebody else's commit followed before the second,
///   is reported as a conflict: the desk computes it anew and finds nothing to change.
/// - A call that is dropped before its answer may have happened. Its connection is
///   closed and not given back to the pool.
/// - How long an acknowledged commit lives is the server's `synchronous_commit`, and
///   where a replica may take over, `synchronous_standby_names`: without it a replica
///   that takes over lacks what was acknowledged last. A commit that was sent
///   again because its connection was ended while it waited for a replica can be
///   acknowledged before the replica has it.
/// - What is erased cannot be read through the store; `VACUUM`, the write-ahead log
///   and backups forget it later.
///
/// How long to wait for a connection is the pool's affair (30 seconds for one of our
/// own), and how long for an answer is that of the server's `statement_timeout` and the
/// URL's `tcp_user_timeout`: set them.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    lines: Lines,
    schema: Schema,
    statements: Statements,
    partitions: Option<u16>,
}

impl PostgresStore {
    /// A store in the schema `frontdesk` of the database that a pool leads to, always
    /// to a primary. It connects with the first call.
    ///
    /// Best it is a pool of the store's own: a connection that is given back in the middle
    /// of a transaction takes this store's commits along into it.
    ///
    /// Let the pool check a connection by [`RecyclingMethod::Fast`]: a statement of
    /// its own before each of ours doubles the round trips.
    ///
    /// [`RecyclingMethod::Fast`]: deadpool_postgres::RecyclingMethod::Fast
    pub fn new(pool: Pool) -> Self {
        let schema = Schema::default();
        let statements = Statements::of(&schema);
        let lines = Lines { pool, unnamed: false };
        Self { inner: Arc::new(Inner { lines, schema, statements, partitions: None }) }
    }

    /// A store on a pool of its own, in the schema `frontdesk` of the database that a
    /// URL names, without TLS. It connects with the first call.
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError::Url`] when the URL cannot be read.
    pub fn connect(url: &str) -> Result<Self, PostgresOpenError> {
        Self::builder().url(url)
    }

    /// Settings other than the default: the schema `frontdesk`, plain tables, prepared
    /// statements.
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// Makes the schema, or brings it up to date. Call it at start-up; any number of
    /// processes may do so at once. Where nothing is to be done, it only reads.
    ///
    /// Making it needs the right to create in the database, or in the schema if that
    /// exists; [`PostgresBuilder::migrations`] is the SQL for whoever has it.
    ///
    /// # Errors
    ///
    /// [`PostgresOpenError`] when the database is not encoded in UTF8, when the tables
    /// are of a newer version or have another number of partitions, or when the database refuses or is not there.
    pub async fn migrate(&self) -> Result<(), PostgresOpenError> {
        migrations::run(&self.inner, self.inner.partitions).await
    }
}

/// A limit as SQL has it.
fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// What was read of a thread; what is wrong with it names the thread.
fn of_thread<T>(id: &ThreadId, read: Result<T, Failure>) -> Result<T, StoreError> {
    read.map_err(|failure| failure.of_thread(id.clone()).into_error())
}

/// The revision, the unread number and the heads of rows that each have all three, as
/// of one moment; a location without heads has one row.
fn page(rows: &[Row]) -> Result<(Revision, u64, Vec<Stored>), StoreError> {
    let read = || {
        let (revision, unread) = rows.first().map(rows::location).transpose()?.unwrap_or_default();
        let heads = rows.iter().filter_map(|row| rows::stored(row, 2).transpose());
        Ok((revision, unread, heads.collect::<Result<_, Failure>>()?))
    };
    read().map_err(Failure::into_error)
}

#[async_trait]
impl ThreadStore for PostgresStore {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        let Inner { lines, statements, .. } = &*self.inner;
        let key = [id.location.as_str().into(), id.booking.as_str().into()];
        let found = lines.ask(&statements.head, &key).await;
        let read = |found: Vec<Row>| found.first().map_or(Ok(None), |row| rows::stored(row, 0));
        of_thread(id, found.and_then(read))
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.inner.commit(&commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        let Inner { lines, statements, .. } = &*self.inner;
        let sql = match direction {
            Direction::OldestFirst => &statements.oldest_messages,
            Direction::NewestFirst => &statements.newest_messages,
        };
        let slice = [
            id.location.as_str().into(),
            id.booking.as_str().into(),
            i64::from(*range.start()).into(),
            i64::from(*range.end()).into(),
            most(limit).into(),
        ];
        let found = lines.ask(sql, &slice).await;
        let read = |found: Vec<Row>| found.iter().map(|row| rows::message(row, 0)).collect();
        of_thread(id, found.and_then(read))
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        let Inner { lines, statements, .. } = &*self.inner;
        let key = [
            id.location.as_str().into(),
            id.booking.as_str().into(),
            role.code().into(),
            author.as_str().into(),
            key.as_str().into(),
        ];
        let found = lines.ask(&statements.message_by_key, &key).await;
        let read = |found: Vec<Row>| found.first().map(|row| rows::message(row, 0)).transpose();
        of_thread(id, found.and_then(read))
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let Inner { lines, statements, .. } = &*self.inner;
        let sql = match filter {
            Filter::All => &statements.inbox,
            Filter::Unread => &statements.unread,
        };
        let slice = [
            location.as_str().into(),
            after.map_or(i64::MIN, columns::newest_first).into(),
            after.map_or("", InboxPosition::booking).into(),
            most(limit).into(),
        ];
        let found = lines.ask(sql, &slice).await.map_err(Failure::into_error)?;
        let (revision, unread, heads) = page(&found)?;
        let threads = heads.into_iter().filter_map(|stored| match stored.state {
            ThreadState::Live(thread) => Some(thread),
            ThreadState::Erased(_) => None,
        });
        Ok(ThreadPage { threads: threads.collect(), unread, revision })
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let Inner { lines, statements, .. } = &*self.inner;
        // One more tells whether there is more.
        let most = most(limit.saturating_add(1));
        let slice = [location.as_str().into(), i64::from(since).into(), most.into()];
        let found = lines.ask(&statements.feed, &slice).await.map_err(Failure::into_error)?;
        let (revision, unread, mut changed) = page(&found)?;
        let more = changed.len() > limit;
        changed.truncate(limit);
        Ok(Changes { changed, more, unread, revision })
    }
}
