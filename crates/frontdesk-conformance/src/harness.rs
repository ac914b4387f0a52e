//! The environment of a case: a fresh store, reopening, and concurrent tasks.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;

use crate::factory::{AnyGuard, DynFactory, Task};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::recording_store::{RecordingStore, StoreHandle, Written};

/// A boxed future of a case or of one of its tasks.
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = CaseResult<T>> + Send + 'a>>;

/// The body of a case.
pub(crate) type CaseBody = for<'h, 'f> fn(&'h mut Harness<'f>) -> Step<'h, ()>;

/// A fresh store and the factory that created it.
pub(crate) struct Harness<'f> {
    factory: &'f dyn DynFactory,
    /// Declared before the guard, so that it is dropped first.
    store: Option<StoreHandle>,
    guard: AnyGuard,
    written: Arc<Written>,
}

/// Runs a case on a fresh store. If the store is durable, reopens it afterwards and
/// checks that everything written is unchanged.
pub(crate) async fn run(factory: &dyn DynFactory, body: CaseBody) -> CaseResult {
    let mut harness = Harness::new(factory).await;
    body(&mut harness).await?;
    harness.check_after_reopening().await
}

impl<'f> Harness<'f> {
    pub(crate) async fn new(factory: &'f dyn DynFactory) -> Self {
        let (store, guard) = factory.create_dyn().await;
        let written = Arc::new(Written::default());
        let store = Some(RecordingStore::new(store, &written));
        Self { factory, store, guard, written }
    }

    pub(crate) fn store(&self) -> &StoreHandle {
        self.store.as_ref().expect("an open store")
    }

    pub(crate) fn factory(&self) -> &'f dyn DynFactory {
        self.factory
    }

    /// Drops the store and opens it again; returns `false` if it is not durable.
    ///
    /// The case must not hold another handle to the store.
    pub(crate) async fn reopen(&mut self) -> bool {
        drop(self.store.take());
        let Some(store) = self.factory.reopen_dyn(&self.guard).await else { return false };
        self.store = Some(RecordingStore::new(store, &self.written));
        true
    }

    /// If the store is durable, checks that everything written is unchanged after
    /// reopening.
    pub(crate) async fn check_after_reopening(&mut self) -> CaseResult {
        // `store` is empty if the case tried to reopen a store that is not durable.
        let Some(store) = &self.store else { return Ok(()) };
        let before = self.written.read(store).await?;
        if self.reopen().await {
            let after = self.written.read(self.store()).await?;
            check_eq(&after, &before, "reading everything after reopening")?;
        }
        Ok(())
    }

    /// Runs tasks at the same time and returns their results in the order of the tasks.
    pub(crate) async fn run_concurrently<T: Send + 'static>(
        &self,
        tasks: Vec<Step<'static, T>>,
    ) -> CaseResult<Vec<T>> {
        let results: Vec<Arc<Mutex<Option<CaseResult<T>>>>> =
            tasks.iter().map(|_| Arc::default()).collect();
        let tasks = tasks.into_iter().zip(results.iter().cloned()).map(|(task, slot)| {
            Box::pin(async move {
                let result = AssertUnwindSafe(task).catch_unwind().await;
                let result = result.unwrap_or_else(|panic| Err(Failure::from_panic(&*panic)));
                *lock(&slot) = Some(result);
            }) as Task
        });
        self.factory.run_concurrently_dyn(tasks.collect()).await;
        let unfinished = || {
            let operation = "`run_concurrently` of the factory";
            Err(Failure::new(operation, "all tasks finished", "an unfinished task"))
        };
        results.iter().map(|result| lock(result).take().unwrap_or_else(unfinished)).collect()
    }

    /// Runs `writers`, and at the same time calls `read` for each of `readers` again and
    /// again until the writers have finished, then once more. Returns the readers.
    pub(crate) async fn read_while_writing<R, F>(
        &self,
        writers: Vec<Step<'static, ()>>,
        readers: impl IntoIterator<Item = R>,
        read: impl Fn(R) -> F + Clone + Send + 'static,
    ) -> CaseResult<Vec<R>>
    where
        R: Send + 'static,
        F: Future<Output = CaseResult<R>> + Send + 'static,
    {
        let running = Arc::new(AtomicUsize::new(writers.len()));
        let mut tasks: Vec<Step<'static, Option<R>>> = Vec::new();
        for writer in writers {
            let count = RunningWriter(Arc::clone(&running));
            tasks.push(Box::pin(async move {
                let _count = count;
                writer.await.map(|()| None)
            }));
        }
        for mut reader in readers {
            let (running, read) = (Arc::clone(&running), read.clone());
            tasks.push(Box::pin(async move {
                loop {
                    let last = running.load(SeqCst) == 0;
                    reader = read(reader).await?;
                    if last {
                        return Ok(Some(reader));
                    }
                    yield_now().await;
                }
            }));
        }
        Ok(self.run_concurrently(tasks).await?.into_iter().flatten().collect())
    }
}

/// Decrements the number of running writers on drop, so that a writer that fails or
/// panics does not keep the readers running.
struct RunningWriter(Arc<AtomicUsize>);

impl Drop for RunningWriter {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Yields once to the other tasks, on any executor.
pub(crate) fn yield_now() -> impl Future<Output = ()> + Send {
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
