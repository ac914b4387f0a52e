//! It waits for nobody and blocks nobody, on whatever executor.

use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use frontdesk::store::{SqliteStore, ThreadStore};
use frontdesk::{DisplayName, FrontDesk};
use futures::FutureExt as _;
use futures::executor::{LocalPool, block_on};
use futures::future::{BoxFuture, join_all};
use tokio::time::{sleep, timeout};

use crate::disk::{Disk, HERE, everything, head, messages, post, proposal};
use crate::support::{booking, booking_id, place, who};

/// Sends and reads through a desk, as one host does: how many messages it saw.
async fn a_visit(desk: FrontDesk, booked: String) -> usize {
    let ann = desk.customer(place(HERE), booking(&booked), who("ann"), DisplayName::new("Ann"));
    let kim = desk.operator(place(HERE), who("kim"), None);
    ann.send("Hello!").await.unwrap();
    kim.reply(&booking_id(&booked), "Hi, Ann!").await.unwrap();
    ann.visit().await.unwrap().message_count()
}

/// An executor that is nothing but a thread that is woken.
fn by_hand<T>(future: impl Future<Output = T>) -> T {
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

/// One store serves tokio's executors, those of `futures`, one by hand and plain
/// threads, all at once.
#[test]
fn any_executor_can_wait_for_it() {
    let disk = Disk::new();
    for store in [SqliteStore::open_in_memory().unwrap(), disk.store()] {
        let front = FrontDesk::new(store);
        let visits = |from: usize| {
            let front = front.clone();
            join_all((from..from + 10).map(move |n| a_visit(front.clone(), format!("b-{n}"))))
        };
        let tokio = |builder: &mut tokio::runtime::Builder| builder.enable_all().build().unwrap();
        let seen: Vec<Vec<usize>> = thread::scope(|scope| {
            let threads = [
                scope.spawn(|| block_on(visits(0))),
                scope.spawn(|| LocalPool::new().run_until(visits(10))),
                scope.spawn(|| by_hand(visits(20))),
                scope.spawn(|| {
                    tokio(&mut tokio::runtime::Builder::new_current_thread()).block_on(visits(30))
                }),
                scope.spawn(|| {
                    let runtime = tokio(&mut tokio::runtime::Builder::new_multi_thread());
                    let spawned = (40..50).map(|n| a_visit(front.clone(), format!("b-{n}")));
                    let spawned: Vec<_> = spawned.map(|visit| runtime.spawn(visit)).collect();
                    runtime.block_on(join_all(spawned)).into_iter().map(Result::unwrap).collect()
                }),
            ];
            threads.map(|thread| thread.join().unwrap()).into()
        });
        assert_eq!(seen, vec![vec![2; 10]; 5]);
    }
}

/// A task that is run where it is woken, on the store's own threads.
struct Inline(Mutex<Option<BoxFuture<'static, ()>>>);

impl Inline {
    fn run(future: impl Future<Output = ()> + Send + 'static) {
        Arc::new(Self(Mutex::new(Some(future.boxed())))).wake();
    }
}

impl Wake for Inline {
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

/// The last store may be dropped on one of its own threads.
#[test]
fn it_may_be_dropped_where_it_answers() {
    let disk = Disk::new();
    let on_file = || disk.store();
    let in_memory = || SqliteStore::open_in_memory().unwrap();
    for open in [&on_file as &dyn Fn() -> SqliteStore, &in_memory] {
        for write in [false, true] {
            // An answer that is there at once is taken where it was asked for.
            while !dropped_on(open(), write).starts_with("frontdesk-") {}
        }
    }
}

/// Where a task that reads, or writes, drops the last store.
fn dropped_on(store: SqliteStore, write: bool) -> String {
    let (dropped, told) = channel();
    Inline::run(async move {
        if write {
            post(&store, "b-1", "Hello!", None).await;
        } else {
            head(&store, "b-1").await;
        }
        drop(store);
        dropped.send(thread::current().name().unwrap_or_default().to_owned()).unwrap();
    });
    told.recv_timeout(Duration::from_secs(10)).unwrap()
}

/// A question that is still open, whose asker is woken by its answer.
fn asked<F: Future>(ask: impl Fn() -> F, context: &mut Context<'_>) -> Pin<Box<F>> {
    loop {
        let mut asking = Box::pin(ask());
        if asking.as_mut().poll(context).is_pending() {
            return asking;
        }
    }
}

/// Whoever panics when it is woken harms nobody else.
#[test]
fn a_panic_where_it_answers_is_nobody_elses() {
    struct Bad;
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            panic!("woken");
        }
    }
    let disk = Disk::new();
    let store = SqliteStore::builder().readers(1).open(disk.path()).unwrap();
    let waker = Waker::from(Arc::new(Bad));
    let mut context = Context::from_waker(&waker);
    let _read = asked(|| head(&store, "b-1"), &mut context);
    let _written = asked(|| store.commit(proposal(None, "b-1", "Hello!", None)), &mut context);

    let (answered, answer) = channel();
    let other = store.clone();
    thread::spawn(move || {
        block_on(post(&other, "b-2", "Hello!", None));
        answered.send(block_on(head(&other, "b-2")).is_some()).unwrap();
    });
    assert!(answer.recv_timeout(Duration::from_secs(10)).unwrap());
}

/// WAL: while somebody writes for long, reads answer, and as of before.
#[tokio::test]
async fn reads_do_not_wait_for_a_writer() {
    let disk = Disk::new();
    let store = disk.store();
    post(&store, "b-1", "Hello!", None).await;
    let before = everything(&store).await;

    let lock = disk.lock();
    lock.execute("UPDATE message SET body = 'never seen'", ()).unwrap();
    let mut waiting = store.commit(proposal(head(&store, "b-1").await.as_ref(), "b-1", "x", None));
    assert!(futures::poll!(&mut waiting).is_pending());
    let reads = async {
        for _ in 0..50 {
            assert_eq!(everything(&store).await, before);
        }
    };
    timeout(Duration::from_secs(3), reads).await.expect("a read waited for the writer");
    assert!(futures::poll!(&mut waiting).is_pending(), "the lock was not held");

    lock.execute_batch("ROLLBACK").unwrap();
    let _ = waiting.await.unwrap();
    assert_eq!(messages(&store, "b-1").await.len(), 2);
}

/// While a commit waits for somebody else's, the executor's only thread goes on
/// with other things.
#[tokio::test]
async fn a_commit_that_waits_does_not_block_the_executor() {
    let disk = Disk::new();
    let store = disk.store();
    let lock = disk.lock();
    let mut commit = store.commit(proposal(None, "b-1", "Hello!", None));
    let mut ticks = 0;
    loop {
        tokio::select! {
            biased;
            outcome = &mut commit => panic!("it cannot be written: {outcome:?}"),
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
