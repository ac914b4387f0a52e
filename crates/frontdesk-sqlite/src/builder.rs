use std::path::Path;
use std::time::Duration;

use crate::database::Database;
use crate::open_error::{OpenError, SqliteOpenError};
use crate::store::SqliteStore;
use crate::synchronous::Synchronous;
use crate::workers::Workers;

/// Settings of a [`SqliteStore`].
///
/// ```
/// use frontdesk_sqlite::{SqliteBuilder, SqliteStore, Synchronous};
/// use std::time::Duration;
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("desk.sqlite");
/// let builder: SqliteBuilder = SqliteStore::builder()
///     .readers(4)
///     .busy_timeout(Duration::from_secs(10))
///     .synchronous(Synchronous::Normal)
///     .checkpoint_pages(1_000);
/// let store = builder.open(&path)?;
/// # Ok::<(), frontdesk_sqlite::SqliteOpenError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SqliteBuilder {
    readers: usize,
    busy_timeout: Duration,
    synchronous: Synchronous,
    checkpoint_pages: u32,
}

impl SqliteStore {
    /// Opens or creates a file with the default settings and migrates its schema to the
    /// current version.
    ///
    /// The call blocks until the file is ready, so open the store when the application starts.
    /// SQLite interprets a path that begins with `file:` as a URI.
    ///
    /// # Errors
    ///
    /// A [`SqliteOpenError`] if the file belongs to another program, has a newer schema, is
    /// damaged, or cannot be read and written by this process. The path `:memory:` is also an
    /// error; use [`open_in_memory`](Self::open_in_memory) instead.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteOpenError> {
        Self::builder().open(path)
    }

    /// Creates a store in memory. The data is lost when the last clone of the store is
    /// dropped.
    ///
    /// # Errors
    ///
    /// A [`SqliteOpenError`] if memory cannot be allocated or an OS thread cannot be started.
    pub fn open_in_memory() -> Result<Self, SqliteOpenError> {
        Self::builder().open_in_memory()
    }

    /// Returns the default settings: two readers, a busy timeout of five seconds,
    /// [`Synchronous::Full`], and checkpoints from 2,000 pages.
    pub fn builder() -> SqliteBuilder {
        SqliteBuilder {
            readers: 2,
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
            checkpoint_pages: 2_000,
        }
    }
}

impl SqliteBuilder {
    /// Sets the number of OS threads that read. The minimum is one.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Sets the time to wait while another process or another store writes to the file. A commit
    /// that waits longer fails with
    /// [`StoreErrorKind::Unavailable`](frontdesk::store::StoreErrorKind::Unavailable). The
    /// maximum is about 24 days; a longer time is reduced to this maximum.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Sets the moments at which SQLite waits for the disk.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets the number of pages in the write-ahead log at which a commit makes a checkpoint, which
    /// writes the pages into the file. The minimum is one page. A page has 4 KiB in files that the
    /// store created, and the log keeps the size that it had before the checkpoint.
    ///
    /// The default of 2,000 pages (8 MiB) is twice the default of SQLite. With more pages, a page that
    /// many commits changed is written less often, but a commit that makes a checkpoint takes longer,
    /// and the log takes more of the processor's caches.
    pub fn checkpoint_pages(mut self, pages: u32) -> Self {
        self.checkpoint_pages = pages;
        self
    }

    /// Opens or creates a file; see [`SqliteStore::open`].
    ///
    /// # Errors
    ///
    /// A [`SqliteOpenError`] for the same reasons as [`SqliteStore::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, SqliteOpenError> {
        let path = path.as_ref();
        let open = |synchronous| Database::open(path, self.busy_timeout, synchronous);
        // The migration and the epoch are on the disk before the first commit.
        let mut writer = open(Synchronous::Full)?;
        writer.migrate()?;
        let epoch = writer.open_epoch(self.synchronous)?;
        writer.set_synchronous(self.synchronous)?;
        writer.set_checkpoint_pages(self.checkpoint_pages)?;
        let readers: Result<_, _> = (0..self.readers).map(|_| open(self.synchronous)).collect();
        let workers = Workers::start(writer, readers?).map_err(OpenError::from)?;
        Ok(SqliteStore::new(workers, epoch))
    }

    /// Creates a store in memory; see [`SqliteStore::open_in_memory`]. The settings have no effect on
    /// this store.
    ///
    /// ```
    /// use frontdesk_sqlite::SqliteStore;
    ///
    /// let store = SqliteStore::builder().open_in_memory()?;
    /// # Ok::<(), frontdesk_sqlite::SqliteOpenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SqliteOpenError`] for the same reasons as [`SqliteStore::open_in_memory`].
    pub fn open_in_memory(self) -> Result<SqliteStore, SqliteOpenError> {
        let mut writer = Database::open_in_memory()?;
        writer.migrate()?;
        let epoch = writer.open_epoch(Synchronous::Full)?;
        // A database in memory belongs to one connection, so the writer also reads.
        let workers = Workers::start(writer, Vec::new()).map_err(OpenError::from)?;
        Ok(SqliteStore::new(workers, epoch))
    }
}
