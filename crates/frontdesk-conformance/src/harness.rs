//! The environment of a case: a fresh store, reopening, and concurrent tasks.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use frontdesk::LocationId;
use frontdesk::store::Revision;
use futures_util::FutureExt as _;

use crate::erased_factory::AnyGuard;
use crate::factory::{DynFactory, sealed};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fault::Fault;
use crate::outcome::CaseOutcome;
use crate::recording_store::{RecordingStore, StoreHandle, Written};
use crate::task::Task;

/// A boxed future of a case or of one of its tasks.
pub(crate) type Step<'a, T> = Pin<Box<dyn Future<Output = CaseResult<T>> + Send + 'a>>;

/// The body of a case.
pub(crate) type CaseBody = for<'h, 'f> fn(&'h mut Harness<'f>) -> Step<'h, ()>;

/// A fresh store and the factory that created it.
pub(crate) struct Harness<'f> {
    factory: &'f dyn DynFactory,
    target: sealed::Target<'f>,
    /// Declared before the guard, so that it is dropped first.
    store: Option<StoreHandle>,
    guard: AnyGuard,
    written: Arc<Written>,
    /// The ability that the factory lacks.
    missing: OnceLock<&'static str>,
}

/// The reason for which a factory without `another` runs no case over two instances.
pub(crate) const NO_SECOND_INSTANCE: &str = "the factory has no second instance";

/// Runs a case on a fresh store, within the time limit of the factory. A panic is a failure. If the store is durable,
/// reopens it afterwards and checks that everything written is unchanged.
pub(crate) async fn run(factory: &dyn DynFactory, body: CaseBody) -> CaseResult<CaseOutcome> {
    let case = run_and_catch_panics(factory, body);
    let Some(limit) = factory.target().factory.time_limit_any() else { return case.await };
    let duration = limit.duration();
    limit.run(case).await.unwrap_or_else(|| {
        let expected = format_args!("an end within {duration:?}");
        Err(Failure::new("running the case", expected, "it did not end"))
    })
}

async fn run_and_catch_panics(factory: &dyn DynFactory, body: CaseBody) -> CaseResult<CaseOutcome> {
    let result = AssertUnwindSafe(run_without_limit(factory, body)).catch_unwind().await;
    result.unwrap_or_else(|panic| Err(Failure::from_panic(&*panic)))
}

async fn run_without_limit(factory: &dyn DynFactory, body: CaseBody) -> CaseResult<CaseOutcome> {
    let Some(mut harness) = Harness::create(factory).await else {
        return Ok(CaseOutcome::NotRun { reason: NO_SECOND_INSTANCE });
    };
    body(&mut harness).await?;
    harness.check_after_reopening().await?;
    Ok(match harness.missing.get() {
        Some(reason) => CaseOutcome::NotRun { reason },
        None => CaseOutcome::Passed,
    })
}

impl<'f> Harness<'f> {
    /// Creates a store, or returns `None` if the factory has no second instance and the case
    /// needs one.
    async fn create(factory: &'f dyn DynFactory) -> Option<Self> {
        let target = factory.target();
        let (store, guard) = target.create().await?;
        let written = Arc::new(Written::default());
        let store = Some(RecordingStore::new(store, &written));
        Some(Self { factory, target, store, guard, written, missing: OnceLock::new() })
    }

    /// Creates a store; a missing second instance is a failure.
    pub(crate) async fn new(factory: &'f dyn DynFactory) -> CaseResult<Self> {
        Self::create(factory).await.ok_or_else(|| {
            Failure::new("creating two instances of a store", "a store", NO_SECOND_INSTANCE)
        })
    }

    /// Reports that the case was not run, or not completely, because the factory lacks an
    /// ability.
    pub(crate) fn not_run(&self, reason: &'static str) {
        // A case reports the first ability that it misses.
        let _ = self.missing.set(reason);
    }

    /// Sets the counter of an unused location. Returns `false` if the factory cannot do this.
    pub(crate) async fn begin_at(&self, location: &LocationId, revision: Revision) -> bool {
        self.target.factory.begin_at_any(&self.guard, location, revision).await
    }

    /// Causes a fault. Returns `false` if the factory cannot cause it.
    pub(crate) async fn fault(&self, fault: &Fault) -> bool {
        self.target.factory.fault_any(&self.guard, fault).await
    }

    /// Returns the work that the database has done, if the factory counts it.
    pub(crate) async fn work(&self) -> Option<u64> {
        self.target.factory.work_any(&self.guard).await
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
        let Some(store) = self.target.reopen(&self.guard).await else { return false };
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
        self.target.factory.run_concurrently_any(tasks.collect()).await;
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
