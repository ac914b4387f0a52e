//! Calls from any executor. No call blocks an executor, and no executor can stop the store's OS
//! threads.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use frontdesk::store::ThreadStore;
use frontdesk::{DisplayName, FrontDesk};
use frontdesk_sqlite::SqliteStore;
use futures::FutureExt as _;
use futures::executor::{LocalPool, block_on};
use futures::future::{BoxFuture, join_all};
use tokio::time::{sleep, timeout};

use crate::fixtures::{LOCATION, StoreFile, TestMessage, head, messages, post, read_location};
use crate::support::{booking, booking_id, location_id, participant_id, thread_id};

/// Sends a message and a reply, and returns the number of messages that the customer sees.
async fn converse(desk: FrontDesk, id: String) -> usize {
    let location = location_id(LOCATION);
    let ann = desk
        .customer(location.clone(), booking_id(&id), participant_id("ann"))
        .starting_with(booking(&id))
        .with_name(DisplayName::new("Ann"));
    let kim = desk.operator(location, participant_id("kim"), None);
    ann.send("Hello!").await.unwrap();
    kim.reply(&booking_id(&id), "Hi, Ann!").await.unwrap();
    ann.open().await.unwrap().message_count()
}

/// A minimal executor, which parks the current OS thread until the waker unparks this thread.
fn park_until_ready<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = Box::pin(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// One store serves the executors of Tokio and `futures` and a minimal executor at the same time,
/// on several OS threads.
#[test]
fn the_store_works_on_any_executor() {
    let file = StoreFile::new();
    for store in [SqliteStore::open_in_memory().unwrap(), file.open()] {
        let desk = FrontDesk::new(store);
        let conversations = |from: usize| {
            let desk = desk.clone();
            join_all((from..from + 10).map(move |n| converse(desk.clone(), format!("b-{n}"))))
        };
        let build = |builder: &mut tokio::runtime::Builder| builder.enable_all().build().unwrap();
        let counts: Vec<Vec<usize>> = thread::scope(|scope| {
            let threads = [
                scope.spawn(|| block_on(conversations(0))),
                scope.spawn(|| LocalPool::new().run_until(conversations(10))),
                scope.spawn(|| park_until_ready(conversations(20))),
                scope.spawn(|| {
                    let runtime = build(&mut tokio::runtime::Builder::new_current_thread());
                    runtime.block_on(conversations(30))
                }),
                scope.spawn(|| {
                    let runtime = build(&mut tokio::runtime::Builder::new_multi_thread());
                    let tasks = (40..50).map(|n| converse(desk.clone(), format!("b-{n}")));
                    let tasks: Vec<_> = tasks.map(|task| runtime.spawn(task)).collect();
                    runtime.block_on(join_all(tasks)).into_iter().map(Result::unwrap).collect()
                }),
            ];
            threads.map(|thread| thread.join().unwrap()).into()
        });
        assert_eq!(counts, vec![vec![2; 10]; 5]);
    }
}

/// A task that runs on the OS thread that wakes the task. This can be an OS thread of the store.
struct InlineTask(Mutex<Option<BoxFuture<'static, ()>>>);

impl InlineTask {
    fn start(future: impl Future<Output = ()> + Send + 'static) {
        Arc::new(Self(Mutex::new(Some(future.boxed())))).wake();
    }
}

impl Wake for InlineTask {
    fn wake(self: Arc<Self>) {
        let mut task = self.0.lock().unwrap();
        let waker = Waker::from(Arc::clone(&self));
        if let Some(mut future) = task.take()
            && future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        {
            *task = Some(future);
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Call {
    Messages,
    Head,
    Commit,
}

/// The last clone of a store may be dropped on each of the store's own OS threads.
#[test]
fn the_last_clone_may_be_dropped_on_a_thread_of_the_store() {
    let file = StoreFile::new();
    let in_file = || file.open();
    let in_memory = || SqliteStore::open_in_memory().unwrap();
    let writer = "frontdesk-writer";
    for (open, call, name) in [
        (&in_file as &dyn Fn() -> SqliteStore, Call::Messages, "frontdesk-reader"),
        (&in_file, Call::Head, writer),
        (&in_file, Call::Commit, writer),
        (&in_memory, Call::Messages, writer),
        (&in_memory, Call::Head, writer),
        (&in_memory, Call::Commit, writer),
    ] {
        // If the response arrives before the first poll ends, the task continues on the
        // calling thread. The loop repeats until the task runs on the thread of the store.
        while name_of_dropping_thread(open(), call) != name {}
    }
}

/// Returns the name of the OS thread on which a task drops the store after a call.
fn name_of_dropping_thread(store: SqliteStore, call: Call) -> String {
    let (sender, receiver) = channel();
    InlineTask::start(async move {
        match call {
            Call::Messages => drop(messages(&store, "b-1").await),
            Call::Head => drop(head(&store, "b-1").await),
            Call::Commit => drop(post(&store, TestMessage::new("b-1", "Hello!")).await),
        }
        drop(store);
        sender.send(thread::current().name().unwrap_or_default().to_owned()).unwrap();
    });
    receiver.recv_timeout(Duration::from_secs(10)).unwrap()
}

/// Starts calls until a call is pending. The response to this call wakes the task of `context`.
fn pending_call<F: Future>(call: impl Fn() -> F, context: &mut Context<'_>) -> Pin<Box<F>> {
    loop {
        let mut future = Box::pin(call());
        if future.as_mut().poll(context).is_pending() {
            return future;
        }
    }
}

/// A waker that panics on a thread of the store does not affect other callers.
#[test]
fn a_panic_in_a_waker_does_not_stop_the_store() {
    struct PanickingWaker;
    impl Wake for PanickingWaker {
        fn wake(self: Arc<Self>) {
            panic!("woken");
        }
    }
    let file = StoreFile::new();
    let store = SqliteStore::builder().readers(1).open(file.path()).unwrap();
    let waker = Waker::from(Arc::new(PanickingWaker));
    let mut context = Context::from_waker(&waker);
    let _read = pending_call(|| messages(&store, "b-1"), &mut context);
    let _head = pending_call(|| head(&store, "b-1"), &mut context);
    let commit = || store.commit(TestMessage::new("b-1", "Hello!").commit(None));
    let _write = pending_call(commit, &mut context);

    let (sender, receiver) = channel();
    let clone = store.clone();
    thread::spawn(move || {
        block_on(post(&clone, TestMessage::new("b-2", "Hello!")));
        sender.send(block_on(messages(&clone, "b-2")).len()).unwrap();
    });
    assert_eq!(receiver.recv_timeout(Duration::from_secs(10)), Ok(1));
}

/// Counts how often a task is woken.
#[derive(Default)]
struct CountingWaker(AtomicUsize);

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The writer wakes a task that waits for all commits of a transaction once, not once per commit.
#[test]
fn the_commits_of_one_transaction_wake_their_task_once() {
    const COMMITS: usize = 40;
    let file = StoreFile::new();
    let store = file.open();
    let lock = file.lock();
    let counter = Arc::new(CountingWaker::default());
    let waker = Waker::from(Arc::clone(&counter));
    let mut context = Context::from_waker(&waker);
    let mut commits: Vec<_> = (0..COMMITS)
        .map(|number| store.commit(TestMessage::new(&format!("b-{number}"), "x").commit(None)))
        .collect();
    for commit in &mut commits {
        assert!(commit.as_mut().poll(&mut context).is_pending());
    }
    drop(lock);
    // The writer runs commits in order, so all earlier commits are done when this commit is.
    block_on(post(&store, TestMessage::new("last", "last")));
    for commit in &mut commits {
        assert!(commit.as_mut().poll(&mut context).is_ready());
    }
    assert_eq!(counter.0.load(Ordering::SeqCst), 1);
}

/// Reads that one OS thread answers together fail one by one. An invalid head does not affect the
/// others.
#[test]
fn an_invalid_head_does_not_affect_reads_at_the_same_time() {
    let file = StoreFile::new();
    let store = file.open();
    let bookings: Vec<String> = (0..20).map(|number| format!("b-{number}")).collect();
    for booking in &bookings {
        block_on(post(&store, TestMessage::new(booking, "Hello!")));
    }
    file.run_sql("UPDATE head SET operator_number = 99 WHERE booking = 'b-7'");
    let ids: Vec<_> = bookings.iter().map(|booking| thread_id(LOCATION, booking)).collect();
    let answers = block_on(join_all(ids.iter().map(|id| store.thread(id))));
    for (id, answer) in ids.iter().zip(answers) {
        if id.booking.as_str() == "b-7" {
            assert_eq!(answer.unwrap_err().thread(), Some(id));
        } else {
            assert_eq!(answer.unwrap().value.unwrap().state.id(), id);
        }
    }
}

/// While another connection writes, reads return the state before the writer's transaction.
#[tokio::test]
async fn reads_do_not_wait_for_a_writer() {
    let file = StoreFile::new();
    let store = file.open();
    post(&store, TestMessage::new("b-1", "Hello!")).await;
    let before = read_location(&store).await;

    let lock = file.lock();
    lock.execute("UPDATE message SET body = 'never committed'", ()).unwrap();
    let found = head(&store, "b-1").await;
    let mut commit = store.commit(TestMessage::new("b-1", "x").commit(found.as_ref()));
    assert!(futures::poll!(&mut commit).is_pending());
    let reads = async {
        for _ in 0..50 {
            assert_eq!(read_location(&store).await, before);
        }
    };
    timeout(Duration::from_secs(3), reads).await.expect("a read waited for the writer");
    assert!(futures::poll!(&mut commit).is_pending(), "the lock was not held");

    lock.execute_batch("ROLLBACK").unwrap();
    let _ = commit.await.unwrap();
    assert_eq!(messages(&store, "b-1").await.len(), 2);
}

/// While a commit waits for a locked file, the only thread of the executor runs other tasks.
#[tokio::test]
async fn a_waiting_commit_does_not_block_the_executor() {
    let file = StoreFile::new();
    let store = file.open();
    let lock = file.lock();
    let mut commit = store.commit(TestMessage::new("b-1", "Hello!").commit(None));
    let mut ticks = 0;
    loop {
        tokio::select! {
            biased;
            outcome = &mut commit => panic!("the file is locked, but the outcome is {outcome:?}"),
            () = sleep(Duration::from_millis(5)) => ticks += 1,
        }
        if ticks == 40 {
            break;
        }
    }
    drop(lock);
    let _ = commit.await.unwrap();
    assert_eq!(messages(&store, "b-1").await.len(), 1);
}
