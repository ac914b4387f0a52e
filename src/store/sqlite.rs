//! An embedded store that keeps what it was given when the power goes.

mod database;
mod errors;
mod rows;
mod schema;
mod workers;

pub use errors::SqliteOpenError;

use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::database::{Database, Place};
use self::errors::NotOpened;
use self::workers::Workers;
use super::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadStore,
};
use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;

/// A store in an SQLite file, with the library built in.
///
/// It works on any executor and blocks none: one thread of its own writes, a few
/// read. Commits that wait together share one transaction and so one `fsync`;
/// one that conflicts leaves its neighbours alone. Several processes may open one
/// file. Cloning shares the threads, which end with the last clone: dropping it
/// waits until what was sent is written and the file is closed.
///
/// With [`Synchronous::Full`], the default, a commit that was acknowledged
/// survives a power cut. What is erased is overwritten with zeros; older copies of
/// pages leave the file with the next `VACUUM` and backups when the host drops them.
///
/// ```
/// use frontdesk::FrontDesk;
/// use frontdesk::store::SqliteStore;
///
/// let store = SqliteStore::open_in_memory()?;
/// let desk = FrontDesk::new(store);
/// # Ok::<(), frontdesk::store::SqliteOpenError>(())
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    workers: Arc<Workers>,
}

/// When SQLite waits for the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Synchronous {
    /// At every commit: what was acknowledged survives a power cut.
    #[default]
    Full,
    /// At checkpoints: a power cut may take back the last commits, never a part of
    /// one; a crash of the process alone takes back nothing.
    Normal,
}

/// Settings of a [`SqliteStore`].
///
/// ```
/// use frontdesk::store::{SqliteBuilder, SqliteStore, Synchronous};
/// use std::time::Duration;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("desk.sqlite");
/// let settings: SqliteBuilder = SqliteStore::builder()
///     .readers(4)
///     .busy_timeout(Duration::from_secs(10))
///     .synchronous(Synchronous::Normal);
/// let store = settings.open(&path)?;
/// # Ok::<(), frontdesk::store::SqliteOpenError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SqliteBuilder {
    readers: usize,
    busy_timeout: Duration,
    synchronous: Synchronous,
}

impl SqliteStore {
    /// Opens a file, or makes it, and brings its schema up to date. This blocks
    /// until it is done: call it at start-up. A path that begins with `file:` is a
    /// URI, as SQLite reads it.
    ///
    /// # Errors
    ///
    /// [`SqliteOpenError`] when it is another program's file, of a newer version,
    /// damaged, not to be read and written here, or no file at all, as `:memory:` is
    /// ([`open_in_memory`](Self::open_in_memory) is for that).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteOpenError> {
        Self::builder().open(path)
    }

    /// A store in memory, of which nothing is left at the end.
    ///
    /// # Errors
    ///
    /// [`SqliteOpenError`] when there is no memory or no thread to be had.
    pub fn open_in_memory() -> Result<Self, SqliteOpenError> {
        Self::builder().open_in_memory()
    }

    /// Settings other than the default: two readers, a busy timeout of five
    /// seconds, [`Synchronous::Full`].
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder {
            readers: 2,
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
        }
    }
}

impl SqliteBuilder {
    /// How many threads read, at least one.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How long to wait for another process that writes.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// When to wait for the disk.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Opens a file; see [`SqliteStore::open`].
    ///
    /// # Errors
    ///
    /// [`SqliteOpenError`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, SqliteOpenError> {
        let path = path.as_ref();
        let open = || Database::open(path, self.busy_timeout, self.synchronous);
        let mut writer = open()?;
        writer.prepare_schema()?;
        let readers: Result<_, _> = (0..self.readers).map(|_| open()).collect();
        let workers = Workers::start(writer, readers?).map_err(NotOpened::from)?;
        Ok(SqliteStore { workers: Arc::new(workers) })
    }

    /// A store in memory; see [`SqliteStore::open_in_memory`].
    ///
    /// ```
    /// use frontdesk::store::SqliteStore;
    ///
    /// let store = SqliteStore::builder().readers(1).open_in_memory()?;
    /// # Ok::<(), frontdesk::store::SqliteOpenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SqliteOpenError`].
    pub fn open_in_memory(self) -> Result<SqliteStore, SqliteOpenError> {
        let mut writer = Database::open_in_memory()?;
        writer.prepare_schema()?;
        // Its memory is one connection's: the writer reads, too.
        let workers = Workers::start(writer, Vec::new()).map_err(NotOpened::from)?;
        Ok(SqliteStore { workers: Arc::new(workers) })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl ThreadStore for SqliteStore {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        let id = id.clone();
        self.workers.read(move |database| database.thread(&id)).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.workers.commit(commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        let id = id.clone();
        self.workers.read(move |database| database.messages(&id, &range, limit, direction)).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        let (id, author, key) = (id.clone(), author.clone(), key.clone());
        self.workers.read(move |database| database.message_by_key(&id, role, &author, &key)).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        let (location, after) = (location.clone(), Place::after(after));
        self.workers.read(move |database| database.threads(&location, &after, limit, filter)).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let location = location.clone();
        self.workers.read(move |database| database.changes(&location, since, limit)).await
    }
}
