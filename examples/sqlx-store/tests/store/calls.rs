//! Calls that fail, calls that their caller cancels, and the pool.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use frontdesk::store::{
    Commit, CommitOutcome, NewMessage, NewMessages, StoreError, StoreErrorKind, ThreadState,
    ThreadStore, VersionedThread,
};
use frontdesk::{
    Booking, BookingId, LocationId, MessageBody, Participant, ParticipantId, Post, Thread,
    ThreadId, Timestamp,
};
use sqlx::postgres::PgPoolOptions;
use sqlx_store::SqlxStore;
use tokio::time::{Instant, sleep};

use crate::database::{Schema, SharedDatabase};
use crate::proxy::Cut;

type Test = fn(&SharedDatabase) -> Pin<Box<dyn Future<Output = ()> + '_>>;

macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[(&str, Test)] =
            &[$((stringify!($name), |shared| Box::pin($name(shared)))),+];
    };
}

tests![
    a_lost_connection_has_an_unknown_outcome_only_after_commit_was_sent,
    a_cancelled_commit_runs_to_its_end_and_leaves_no_open_transaction,
    a_cancelled_read_does_not_disturb_the_next_call,
    commits_wait_for_each_other_at_every_default_isolation_level,
    an_exhausted_pool_is_unavailable,
    a_server_that_is_read_only_is_unavailable,
    an_error_contains_no_value_of_a_row,
];

fn id(booking: &str) -> ThreadId {
    ThreadId::new(LocationId::new("harbour").unwrap(), BookingId::new(booking).unwrap())
}

/// Makes the commit that starts a thread, or writes its head again.
fn next_commit(id: &ThreadId, found: Option<&VersionedThread>) -> Commit {
    let next = found.map_or_else(|| ThreadState::Live(thread(id)), |found| found.state.clone());
    Commit::new(next, found)
}

fn thread(id: &ThreadId) -> Thread {
    let booking = Booking::new(id.booking.clone(), "K7Q2-XH41", "Harbour tour");
    Thread::start(id.location.clone(), booking, Timestamp::UNIX_EPOCH)
}

async fn read(store: &SqlxStore, id: &ThreadId) -> Option<VersionedThread> {
    store.thread(id).await.unwrap().value
}

/// Writes the head of a thread.
async fn write(store: &SqlxStore, id: &ThreadId) -> Result<(), StoreError> {
    let found = read(store, id).await;
    let outcome = store.commit(next_commit(id, found.as_ref())).await?.value;
    assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
    Ok(())
}

/// Makes a store with one connection.
fn single_connection(schema: &Schema) -> SqlxStore {
    schema.store_with(PgPoolOptions::new().max_connections(1), schema.options(None))
}

async fn a_lost_connection_has_an_unknown_outcome_only_after_commit_was_sent(
    shared: &SharedDatabase,
) {
    let Some(proxy) = shared.proxy() else {
        println!("not run: lost connections, because the server is on another machine");
        return;
    };
    let schema = Schema::create(shared).await;
    let id = id("b-1");
    let pool = PgPoolOptions::new().max_connections(1);
    let store = schema.store_with(pool, schema.options(Some(&proxy)));
    for (cut, kind, is_written) in [
        (Cut::Before(b"BEGIN"), StoreErrorKind::Unavailable, false),
        (Cut::Before(b"harbour"), StoreErrorKind::Unavailable, false),
        (Cut::Before(b"COMMIT\0"), StoreErrorKind::OutcomeUnknown, false),
        (Cut::Response(b"COMMIT\0"), StoreErrorKind::OutcomeUnknown, true),
    ] {
        let before = read(&store, &id).await;
        proxy.cut_next(cut);
        let result = store.commit(next_commit(&id, before.as_ref())).await;
        assert_eq!(result.map_err(|error| error.kind()).unwrap_err(), kind, "{cut:?}");
        // The pool replaces the connection.
        let after = read(&store, &id).await;
        assert_eq!(after != before, is_written, "{cut:?}");
    }
    assert_eq!(proxy.cuts(), 4);
}

/// Drops a future after some polls. Returns the output of a future that ends earlier.
async fn cancel_after<T>(mut polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        polls -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Waits until a query returns `true`.
async fn wait_for(schema: &Schema, sql: &str) {
    let started = Instant::now();
    while !sqlx::query_scalar::<_, bool>(sql).fetch_one(&schema.pool).await.unwrap() {
        assert!(started.elapsed() < Duration::from_secs(10), "{sql}");
        sleep(Duration::from_millis(1)).await;
    }
}

async fn a_cancelled_commit_runs_to_its_end_and_leaves_no_open_transaction(
    shared: &SharedDatabase,
) {
    let schema = Schema::create(shared).await;
    let (store, id) = (single_connection(&schema), id("b-1"));
    let mut cancelled = 0;
    for polls in 1.. {
        let before = read(&store, &id).await;
        let is_done =
            cancel_after(polls, store.commit(next_commit(&id, before.as_ref()))).await.is_some();
        let next = before.map_or(1, |before| before.revision.get() + 1);
        let is_written = format!(
            "SELECT EXISTS (SELECT FROM frontdesk_thread WHERE booking = 'b-1' AND revision = {next})"
        );
        wait_for(&schema, &is_written).await;
        // The connection is usable again.
        assert_eq!(read(&store, &id).await.map(|head| head.revision.get()), Some(next));
        wait_for(&schema, NO_OPEN_TRANSACTION).await;
        if is_done {
            break;
        }
        cancelled += 1;
    }
    assert!(cancelled > 0);
}

/// Returns `true` if no connection of the pool waits in a transaction. Other tests use the same
/// database.
const NO_OPEN_TRANSACTION: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = current_schema() \
    AND state LIKE 'idle in transaction%')";

async fn a_cancelled_read_does_not_disturb_the_next_call(shared: &SharedDatabase) {
    let schema = Schema::create(shared).await;
    let store = single_connection(&schema);
    let ids = [id("b-1"), id("b-2")];
    for id in &ids {
        write(&store, id).await.unwrap();
    }
    let mut cancelled = 0;
    for polls in 1.. {
        let is_done = cancel_after(polls, read(&store, &ids[0])).await.is_some();
        let head = read(&store, &ids[1]).await;
        assert_eq!(head.map(|head| head.state.id().clone()), Some(ids[1].clone()));
        if is_done {
            break;
        }
        cancelled += 1;
    }
    assert!(cancelled > 0, "no read was cancelled");
}

async fn commits_wait_for_each_other_at_every_default_isolation_level(shared: &SharedDatabase) {
    let schema = Schema::create(shared).await;
    let options = schema.options(None).options([("default_transaction_isolation", "serializable")]);
    let store = schema.store_with(PgPoolOptions::new().max_connections(8), options);
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (store, id) = (store.clone(), id(&format!("b-{task}")));
            tokio::spawn(async move {
                let mut found = None;
                for _ in 0..10 {
                    let outcome = store.commit(next_commit(&id, found.as_ref())).await?.value;
                    let CommitOutcome::Committed(revision) = outcome else { panic!("{outcome:?}") };
                    let state = ThreadState::Live(thread(&id));
                    found = Some(VersionedThread::new(revision, state));
                }
                Ok::<_, StoreError>(())
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

async fn an_exhausted_pool_is_unavailable(shared: &SharedDatabase) {
    let schema = Schema::create(shared).await;
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(100));
    let store = schema.store_with(pool, schema.options(None));
    let held = schema.pools()[0].acquire().await.unwrap();
    let id = id("b-1");
    assert_eq!(store.thread(&id).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    let result = store.commit(next_commit(&id, None)).await;
    assert_eq!(result.unwrap_err().kind(), StoreErrorKind::Unavailable);
    drop(held);
    write(&store, &id).await.unwrap();
}

async fn a_server_that_is_read_only_is_unavailable(shared: &SharedDatabase) {
    let schema = Schema::create(shared).await;
    let options = schema.options(None).options([("default_transaction_read_only", "on")]);
    let store = schema.store_with(PgPoolOptions::new(), options);
    let error = write(&store, &id("b-1")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

/// PostgreSQL quotes the row in the error of a constraint.
async fn an_error_contains_no_value_of_a_row(shared: &SharedDatabase) {
    let schema = Schema::create(shared).await;
    schema.run_sql("ALTER TABLE frontdesk_message ADD CHECK (body = '')").await;
    let (store, id) = (schema.store(), id("b-1"));
    let author = Participant::customer(ParticipantId::new("c-1").unwrap(), None);
    let body = MessageBody::new("Is there room?").unwrap();
    let posted = thread(&id).post(Post::new(author, body, Timestamp::UNIX_EPOCH)).unwrap();
    let messages = NewMessages::new(vec![NewMessage::new(posted.message, None)]).unwrap();
    let commit = Commit::new(ThreadState::Live(posted.thread), None);
    let error = store.commit(commit.with_messages(messages).unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "PostgreSQL error 23514");
    assert!(!format!("{error:?}").contains("room"), "{error:?}");
}
