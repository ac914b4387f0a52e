//! What a case stands on: a fresh store, and tasks that run at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_util::FutureExt as _;

use super::cast::{MANY, WHOLE};
use super::factory::{AnyGuard, Host, Task};
use super::report::{Failure, Outcome, same};
use crate::id::{IdempotencyKey, LocationId, ParticipantId, ThreadId};
use crate::inbox::InboxPosition;
use crate::message::{Message, MessageNumber};
use crate::participant::Role;
use crate::store::{
    Changes, Commit, CommitOutcome, Direction, Filter, Revision, StoreError, Stored, ThreadPage,
    ThreadStore,
};

pub(super) type Shared = Arc<dyn ThreadStore>;

/// A case that is running, or a part of one that runs beside others.
pub(super) type Running<'a, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'a>>;

/// A case over its stage.
pub(super) type Play = for<'s, 'h> fn(&'s mut Stage<'h>) -> Running<'s, ()>;

/// A fresh store.
pub(super) struct Stage<'h> {
    host: &'h dyn Host,
    /// Before the guard, so that it is dropped before it.
    store: Option<Shared>,
    guard: AnyGuard,
    touched: Arc<Touched>,
}

/// Runs a case and, where the store is durable, looks whether all that it left
/// is there after reopening.
pub(super) async fn run(host: &dyn Host, play: Play) -> Outcome {
    let mut stage = Stage::open(host).await;
    play(&mut stage).await?;
    stage.look_again().await
}

impl<'h> Stage<'h> {
    pub(super) async fn open(host: &'h dyn Host) -> Self {
        let (store, guard) = host.open().await;
        let touched = Arc::new(Touched::default());
        let store = Some(Touching::over(store, &touched));
        Self { host, store, guard, touched }
    }

    pub(super) fn store(&self) -> &Shared {
        self.store.as_ref().expect("a stage with a store")
    }

    pub(super) fn host(&self) -> &'h dyn Host {
        self.host
    }

    /// Drops the store and opens it again, if it is durable. The case holds no
    /// other handle to it.
    pub(super) async fn reopen(&mut self) -> bool {
        let before = self.store.take();
        drop(before);
        let Some(store) = self.host.open_again(&self.guard).await else { return false };
        self.store = Some(Touching::over(store, &self.touched));
        true
    }

    /// Where the store is durable: whether all that was written is there after
    /// reopening.
    pub(super) async fn look_again(&mut self) -> Outcome {
        // Without one, a case found out that the store is not durable.
        let Some(store) = &self.store else { return Ok(()) };
        let before = self.touched.picture(store).await?;
        if self.reopen().await {
            let after = self.touched.picture(self.store()).await?;
            same(&after, &before, "all that is stored, after reopening")?;
        }
        Ok(())
    }

    /// Runs tasks at once and gives what they came to, in their order.
    pub(super) async fn together<T: Send + 'static>(
        &self,
        tasks: Vec<Running<'static, T>>,
    ) -> Outcome<Vec<T>> {
        let results: Vec<Arc<Mutex<Option<Outcome<T>>>>> =
            tasks.iter().map(|_| Arc::default()).collect();
        let tasks = tasks.into_iter().zip(results.iter().cloned()).map(|(task, result)| {
            Box::pin(async move {
                let came = AssertUnwindSafe(task).catch_unwind().await;
                let came = came.unwrap_or_else(|panic| Err(Failure::of_panic(&*panic)));
                *locked(&result) = Some(came);
            }) as Task
        });
        self.host.run_together(tasks.collect()).await;
        let unfinished = || {
            Err(Failure::new(
                "the factory's `together`",
                "all tasks at their end",
                "a task that is not",
            ))
        };
        results.iter().map(|result| locked(result).take().unwrap_or_else(unfinished)).collect()
    }

    /// Runs `writers`, and beside them what `reader` makes for each of `readers`:
    /// over and over until the writers are done, and once more after that.
    pub(super) async fn while_writing<R, F>(
        &self,
        writers: Vec<Running<'static, ()>>,
        readers: impl IntoIterator<Item = R>,
        read: impl Fn(R) -> F + Clone + Send + 'static,
    ) -> Outcome<Vec<R>>
    where
        R: Send + 'static,
        F: Future<Output = Outcome<R>> + Send + 'static,
    {
        let writing = Arc::new(AtomicUsize::new(writers.len()));
        let mut tasks: Vec<Running<'static, Option<R>>> = Vec::new();
        for writer in writers {
            let done = Done(Arc::clone(&writing));
            tasks.push(Box::pin(async move {
                let _done = done;
                writer.await.map(|()| None)
            }));
        }
        for reader in readers {
            let (writing, read) = (Arc::clone(&writing), read.clone());
            tasks.push(Box::pin(async move {
                let mut reader = reader;
                loop {
                    let last = writing.load(SeqCst) == 0;
                    reader = read(reader).await?;
                    if last {
                        return Ok(Some(reader));
                    }
                    yield_now().await;
                }
            }));
        }
        Ok(self.together(tasks).await?.into_iter().flatten().collect())
    }
}

/// Counts a writer as done however it ends, so that no reader waits for ever.
struct Done(Arc<AtomicUsize>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the others go on, on any executor.
pub(super) fn yield_now() -> impl Future<Output = ()> + Send {
    let mut yielded = false;
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// A key and whose it is.
type KeyOf = (Role, ParticipantId, IdempotencyKey);

/// What was written to, by whichever handle.
#[derive(Default)]
struct Touched {
    threads: Mutex<BTreeMap<ThreadId, BTreeSet<KeyOf>>>,
}

/// All that a store answers about what was touched.
#[derive(Debug, Default, PartialEq)]
struct Picture {
    locations: Vec<(Changes, ThreadPage, ThreadPage)>,
    heads: Vec<Option<Stored>>,
    histories: Vec<Vec<Message>>,
    by_key: Vec<Option<Message>>,
}

impl Touched {
    async fn picture(&self, store: &Shared) -> Outcome<Picture> {
        let touched = locked(&self.threads).clone();
        let locations: BTreeSet<&LocationId> = touched.keys().map(|id| &id.location).collect();
        let mut picture = Picture::default();
        for location in locations {
            picture.locations.push((
                store.changes(location, Revision::ZERO, MANY).await?,
                store.threads(location, None, MANY, Filter::All).await?,
                store.threads(location, None, MANY, Filter::Unread).await?,
            ));
        }
        for (id, keys) in &touched {
            picture.heads.push(store.thread(id).await?);
            let messages = store.messages(id, WHOLE, MANY, Direction::OldestFirst).await?;
            picture.histories.push(messages);
            for (role, author, key) in keys {
                picture.by_key.push(store.message_by_key(id, *role, author, key).await?);
            }
        }
        Ok(picture)
    }
}

/// The store under test, with a note of what is written to.
struct Touching {
    store: Shared,
    touched: Arc<Touched>,
}

impl Touching {
    fn over(store: Shared, touched: &Arc<Touched>) -> Shared {
        Arc::new(Self { store, touched: Arc::clone(touched) })
    }

    fn note(&self, commit: &Commit) {
        let mut threads = locked(&self.touched.threads);
        let keys = threads.entry(commit.id().clone()).or_default();
        if let Some(new) = &commit.message
            && let Some(key) = &new.key
        {
            keys.insert((new.message.role(), new.message.author().id.clone(), key.clone()));
        }
    }
}

#[async_trait]
impl ThreadStore for Touching {
    async fn thread(&self, id: &ThreadId) -> Result<Option<Stored>, StoreError> {
        self.store.thread(id).await
    }

    async fn commit(&self, commit: Commit) -> Result<CommitOutcome, StoreError> {
        self.note(&commit);
        self.store.commit(commit).await
    }

    async fn messages(
        &self,
        id: &ThreadId,
        range: RangeInclusive<MessageNumber>,
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<Message>, StoreError> {
        self.store.messages(id, range, limit, direction).await
    }

    async fn message_by_key(
        &self,
        id: &ThreadId,
        role: Role,
        author: &ParticipantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Message>, StoreError> {
        self.store.message_by_key(id, role, author, key).await
    }

    async fn threads(
        &self,
        location: &LocationId,
        after: Option<&InboxPosition>,
        limit: usize,
        filter: Filter,
    ) -> Result<ThreadPage, StoreError> {
        self.store.threads(location, after, limit, filter).await
    }

    async fn changes(
        &self,
        location: &LocationId,
        since: Revision,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.store.changes(location, since, limit).await
    }
}
