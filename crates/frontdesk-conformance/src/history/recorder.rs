use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use frontdesk::store::{
    Changes, Commit, CommitOutcome, ForgottenKeys, KeyQuery, LocationRevision, MessageQuery,
    Revision, StoreError, StoreResult, StoredMessage, ThreadPage, ThreadQuery, ThreadStore,
    VersionedThread,
};
use frontdesk::{BookingId, LocationId, ThreadId, Timestamp};

use super::encode;
use super::file::HistoryFile;
use super::line::{Arguments, CallResult, Value};

/// A store that records each call to another store in a [`HistoryFile`].
///
/// The operating system has the line about a call's beginning before the call starts. If the
/// line cannot be written, for example because the disk is full, the call does not start and
/// its error has the kind [`Other`](frontdesk::store::StoreErrorKind::Other). If the line about
/// its end cannot be written, the caller still gets the answer, and the history contains an
/// unfinished call. [`HistoryFile`] says when each line is written.
///
/// The file contains ids of locations and bookings. It contains digests of texts, names,
/// authors, keys and heads, but not the values.
///
/// ```
/// use frontdesk::store::{MemoryStore, ThreadStore};
/// use frontdesk::{BookingId, LocationId, ThreadId};
/// use frontdesk_conformance::history::{HistoryFile, HistoryRecorder};
///
/// # futures::executor::block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("first.jsonl");
/// let file = HistoryFile::create(&path)?;
/// let store = HistoryRecorder::new(MemoryStore::new(), &file).with_task("reader");
/// let id = ThreadId::new(LocationId::new("harbour")?, BookingId::new("b-1")?);
/// assert_eq!(store.thread(&id).await?.value, None);
///
/// file.flush()?;
/// let lines = std::fs::read_to_string(&path)?;
/// let lines: Vec<&str> = lines.lines().collect();
/// assert!(lines[0].starts_with(r#"{"history":{"version":1,"process":"#));
/// assert!(lines[1].starts_with(r#"{"begin":{"call":0,"#), "{}", lines[1]);
/// assert!(lines[2].starts_with(r#"{"end":{"call":0,"#), "{}", lines[2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct HistoryRecorder<S> {
    store: S,
    file: HistoryFile,
    task: Arc<str>,
}

impl<S: ThreadStore> HistoryRecorder<S> {
    /// Makes a recorder that calls `store` and writes to `file`.
    pub fn new(store: S, file: &HistoryFile) -> Self {
        Self { store, file: file.clone(), task: "".into() }
    }

    /// Sets the name of the task that makes the calls, which reports show.
    #[must_use]
    pub fn with_task(mut self, name: &str) -> Self {
        self.task = name.into();
        self
    }

    /// Records the beginning of a call.
    fn begin(&self, arguments: Arguments<'_>) -> Result<u64, StoreError> {
        self.file.begin(&self.task, arguments).map_err(StoreError::other)
    }

    /// Records the end of a call and returns its answer.
    fn end<T>(
        &self,
        call: u64,
        answer: StoreResult<T>,
        value: impl for<'v> FnOnce(&'v T) -> Value<'v>,
    ) -> StoreResult<T> {
        let (outcome, is_commit) = match &answer {
            Ok(answer) => {
                let value = value(&answer.value);
                let is_commit = matches!(
                    value,
                    Value::Committed(_) | Value::Conflict(_) | Value::KeyTaken { .. }
                );
                (CallResult::Answer { epoch: answer.epoch.get(), value }, is_commit)
            }
            Err(error) => (CallResult::Error(encode::error_kind(error)), true),
        };
        // The history stays right without this line: the call then counts as unfinished.
        let _ = self.file.end(call, outcome, is_commit);
        answer
    }
}

#[async_trait]
impl<S: ThreadStore> ThreadStore for HistoryRecorder<S> {
    async fn thread(&self, id: &ThreadId) -> StoreResult<Option<VersionedThread>> {
        let arguments = Arguments::Thread(encode::thread_argument(id));
        let call = self.begin(arguments)?;
        self.end(call, self.store.thread(id).await, encode::thread_value)
    }

    async fn heads(
        &self,
        location: &LocationId,
        bookings: &[BookingId],
    ) -> StoreResult<Vec<VersionedThread>> {
        let arguments = Arguments::Heads {
            location: Cow::Borrowed(location.as_str()),
            bookings: bookings.iter().map(|booking| Cow::Borrowed(booking.as_str())).collect(),
        };
        let call = self.begin(arguments)?;
        self.end(call, self.store.heads(location, bookings).await, encode::heads_value)
    }

    async fn commit(&self, commit: Commit) -> StoreResult<CommitOutcome> {
        let call = self.begin(Arguments::Commit(encode::commit_argument(&commit)))?;
        self.end(call, self.store.commit(commit).await, encode::commit_value)
    }

    async fn messages(&self, query: &MessageQuery<'_>) -> StoreResult<Vec<StoredMessage>> {
        let call = self.begin(encode::messages_arguments(query))?;
        self.end(call, self.store.messages(query).await, encode::messages_value)
    }

    async fn message_by_key(&self, query: &KeyQuery<'_>) -> StoreResult<Option<StoredMessage>> {
        let call = self.begin(encode::key_arguments(query))?;
        self.end(call, self.store.message_by_key(query).await, encode::message_value)
    }

    async fn threads(&self, query: &ThreadQuery<'_>) -> StoreResult<ThreadPage> {
        let call = self.begin(encode::threads_arguments(query))?;
        self.end(call, self.store.threads(query).await, encode::threads_value)
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> StoreResult<Changes> {
        let arguments = Arguments::Changes {
            location: Cow::Borrowed(location.as_str()),
            since: since.get(),
            limit: limit.try_into().unwrap_or(u64::MAX),
        };
        let call = self.begin(arguments)?;
        self.end(call, self.store.changes(location, since, limit).await, encode::changes_value)
    }

    async fn locations(
        &self,
        after: Option<&LocationId>,
        limit: usize,
    ) -> StoreResult<Vec<LocationRevision>> {
        let arguments = Arguments::Locations {
            after: after.map(|location| Cow::Borrowed(location.as_str())),
            limit: limit.try_into().unwrap_or(u64::MAX),
        };
        let call = self.begin(arguments)?;
        self.end(call, self.store.locations(after, limit).await, encode::locations_value)
    }

    async fn forget_keys(
        &self,
        location: &LocationId,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<ForgottenKeys> {
        let arguments = Arguments::ForgetKeys {
            location: Cow::Borrowed(location.as_str()),
            before: before.unix_micros(),
            limit: limit.try_into().unwrap_or(u64::MAX),
        };
        let call = self.begin(arguments)?;
        let answer = self.store.forget_keys(location, before, limit).await;
        self.end(call, answer, encode::forgotten_value)
    }
}
