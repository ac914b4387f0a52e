/// The moments at which SQLite waits for the disk.
///
/// ```
/// use frontdesk_sqlite::{SqliteStore, Synchronous};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("desk.sqlite");
/// let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(&path)?;
/// # Ok::<(), frontdesk_sqlite::SqliteOpenError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Synchronous {
    /// Every commit waits for the disk. Acknowledged commits survive a power failure.
    #[default]
    Full,
    /// Only checkpoints wait for the disk. A power failure can undo the last commits, but never
    /// only a part of a commit. A crash of the process alone undoes nothing. After a restart of
    /// the machine, the store has another epoch (P7).
    Normal,
}

impl Synchronous {
    /// Returns the value of `PRAGMA synchronous`.
    pub(super) fn pragma_value(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}
