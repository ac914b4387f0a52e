//! Failovers to a standby that lacks acknowledged commits (P7).

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use frontdesk::desk::{CustomerPoll, OperatorPoll, PageRequest};
use frontdesk::store::{
    Commit, CommitOutcome, Epoch, StoreError, StoreErrorKind, ThreadStore, async_trait,
};
use frontdesk::{CustomerDesk, FrontDesk, OperatorDesk, Thread};
use frontdesk_postgres::{PostgresOpenError, PostgresStore};
use futures::future::join_all;
use tokio::time::sleep;

use crate::fixtures::{
    LOCATION, commit, head, message, migrated_store, pool, post_alone, post_commit, texts,
};
use crate::postgres::{Cluster, Database, Listen, connect};
use crate::support::hooked_store::{Hook, HookedStore};
use crate::support::{booking, booking_id, location_id, participant_id, thread_id};

/// A primary and a standby, and a store that finds the one that is the primary.
struct Servers {
    primary: Cluster,
    standby: Cluster,
    database: Database,
    store: PostgresStore,
}

impl Servers {
    /// Starts an asynchronous standby.
    async fn start(primary: Cluster) -> Self {
        Self::start_with(primary, Cluster::standby).await
    }

    /// Starts a standby in one of the two modes.
    async fn start_with(
        mut primary: Cluster,
        start_standby: fn(&mut Cluster, Listen) -> Cluster,
    ) -> Self {
        let database = Database::on(primary.admin()).await;
        migrated_store(&database.config()).await;
        let standby = start_standby(&mut primary, Listen::OnPort);
        let (name, ports) = (database.name(), [&primary, &standby].map(Cluster::port));
        let store = PostgresStore::connect(&format!(
            "postgres://{name}:{name}@127.0.0.1:{},127.0.0.1:{}/{name}\
             ?target_session_attrs=read-write",
            ports[0], ports[1]
        ));
        Self { primary, standby, database, store: store.unwrap() }
    }

    /// Waits for the standby. From then on, commits reach only the primary.
    fn stop_replication(&mut self) {
        self.primary.wait_for_standbys();
        self.standby.stop_replication();
    }

    /// Makes another process's store, which does not know the first primary.
    fn connect_to_standby(&self) -> PostgresStore {
        PostgresStore::new(pool(&self.database.config_on_port(self.standby.port()), 4))
    }

    /// Makes the standby the primary. It lacks the commits since replication stopped.
    fn fail_over(&mut self) {
        self.primary.crash();
        self.standby.promote();
    }
}

fn customer(desk: &FrontDesk, booked: &str) -> CustomerDesk {
    desk.customer(location_id(LOCATION), booking_id(booked), participant_id("c-1"))
        .starting_with(booking(booked))
}

/// Returns the bookings and the last numbers of the threads in the inbox.
async fn inbox(team: &OperatorDesk) -> Vec<(String, u32)> {
    let page = team.inbox(&PageRequest::first(50)).await.unwrap();
    let thread =
        |thread: &Thread| (thread.id().booking.as_str().to_owned(), thread.last_number().get());
    let mut threads: Vec<_> = page.threads.iter().map(thread).collect();
    threads.sort_unstable();
    threads
}

/// An asynchronous standby takes over.
pub(crate) async fn p7_polls_miss_nothing_after_a_failover_that_lost_commits(cluster: Cluster) {
    let servers = Servers::start(cluster).await;
    assert_polls_miss_nothing(servers).await;
}

/// A synchronous standby cannot be reached, and the administrator cancels each commit's wait for
/// it. The primary then acknowledges commits that the standby does not have.
pub(crate) async fn p7_polls_miss_nothing_after_cancelled_waits_for_a_standby(cluster: Cluster) {
    let servers = Servers::start_with(cluster, Cluster::replica).await;
    let admin = connect(&servers.primary.admin()).await;
    let cancelled = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&cancelled);
    tokio::spawn(async move {
        let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
                      WHERE wait_event = 'SyncRep'";
        // An error means that the primary has crashed.
        while let Ok(waits) = admin.query(cancel, &[]).await {
            count.fetch_add(u32::try_from(waits.len()).unwrap(), SeqCst);
            sleep(Duration::from_millis(50)).await;
        }
    });
    assert_polls_miss_nothing(servers).await;
    // Two messages and a read mark were lost.
    let cancelled = cancelled.load(SeqCst);
    assert!(cancelled >= 3, "{cancelled} cancelled waits");
}

/// The new primary gives out the revisions of the lost commits again, up to the one in the
/// clients' cursors and past it.
async fn assert_polls_miss_nothing(mut servers: Servers) {
    let desk = FrontDesk::new(servers.store.clone());
    let team = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
    let ann = customer(&desk, "b-1");
    ann.send("first").await.unwrap();

    servers.stop_replication();
    ann.send("lost").await.unwrap();
    customer(&desk, "b-2").send("lost").await.unwrap();
    let conversation = team.open(&booking_id("b-1")).await.unwrap();
    let open = conversation.open_thread();
    let page = team.inbox(&PageRequest::first(50)).await.unwrap();
    let customers = ann.open().await.unwrap();
    servers.fail_over();

    let other_desk = FrontDesk::new(servers.connect_to_standby());
    // As many commits as were lost: a message to each of two threads and a read mark.
    customer(&other_desk, "b-3").send("new").await.unwrap();
    customer(&other_desk, "b-1").send("new").await.unwrap();
    let others_team = other_desk.operator(location_id(LOCATION), participant_id("u-2"), None);
    others_team.open(&booking_id("b-1")).await.unwrap();
    for booked in ["b-4", "b-5"] {
        customer(&other_desk, booked).send("new").await.unwrap();
    }

    let poll = team.poll(&page.cursor, Some(&open)).await.unwrap();
    assert!(matches!(poll, OperatorPoll::StartOver { .. }), "{poll:?}");
    let poll = ann.poll(customers.cursor()).await.unwrap();
    assert!(matches!(poll, CustomerPoll::StartOver), "{poll:?}");

    let expected = [("b-1", 2), ("b-3", 1), ("b-4", 1), ("b-5", 1)];
    let expected = expected.map(|(booking, last)| (booking.to_owned(), last));
    assert_eq!(inbox(&team).await, expected);
    assert_eq!(texts(&servers.store, "b-1").await, ["first", "new"]);
    // The clients continue from their new cursors.
    let page = team.inbox(&PageRequest::first(50)).await.unwrap();
    let customers = ann.open().await.unwrap();
    others_team.reply(&booking_id("b-1"), "reply").await.unwrap();
    let OperatorPoll::Update(update) = team.poll(&page.cursor, None).await.unwrap() else {
        panic!("the poll started over twice")
    };
    assert_eq!(update.threads.len(), 1);
    let poll = ann.poll(customers.cursor()).await.unwrap();
    assert!(matches!(poll, CustomerPoll::Update(_)), "{poll:?}");
}

/// A process reads a thread before the failover and commits after it. The thread has the
/// expected revision again, but another message.
pub(crate) async fn p7_a_commit_computed_before_the_failover_conflicts(cluster: Cluster) {
    let mut servers = Servers::start(cluster).await;
    post_alone(&servers.store, "b-1", "first").await;
    servers.stop_replication();
    post_alone(&servers.store, "b-1", "lost").await;
    let before = head(&servers.store, "b-1").await.unwrap();
    let late = post_commit(Some(&before), message("b-1", "late"));
    let late = late.with_epoch(epoch(&servers.store).await);
    servers.fail_over();

    let other_process = servers.connect_to_standby();
    post_alone(&other_process, "b-1", "new").await;
    let now = head(&other_process, "b-1").await.unwrap();
    assert_eq!(now.revision, before.revision);
    // Another task of the process has an answer of the new epoch.
    head(&servers.store, "b-1").await.unwrap();
    let outcome = commit(&servers.store, late).await.unwrap();
    assert_eq!(outcome, CommitOutcome::Conflict(Some(now)));
    post_alone(&servers.store, "b-1", "late").await;
    assert_eq!(texts(&servers.store, "b-1").await, ["first", "new", "late"]);
}

/// A store that runs other code before the first commit.
struct BeforeCommit<F> {
    store: PostgresStore,
    run: tokio::sync::Mutex<Option<F>>,
}

#[async_trait]
impl<F: Future<Output = ()> + Send> Hook for BeforeCommit<F> {
    async fn before_call(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn after_call(&self) {}

    async fn replace_commit(&self, _: &Commit) -> Result<Option<CommitOutcome>, StoreError> {
        if let Some(run) = self.run.lock().await.take() {
            run.await;
            // Another task of the process has an answer of the new epoch.
            head(&self.store, "b-1").await.unwrap();
        }
        Ok(None)
    }
}

/// A desk reads a thread before the failover and commits after it. The thread has the expected
/// revision again, but another message, which the desk must not overwrite.
pub(crate) async fn p7_a_call_that_spans_the_failover_starts_again(cluster: Cluster) {
    let mut servers = Servers::start(cluster).await;
    post_alone(&servers.store, "b-1", "first").await;
    servers.stop_replication();
    post_alone(&servers.store, "b-1", "lost").await;
    let store = servers.store.clone();
    let fail_over = async move {
        servers.fail_over();
        post_alone(&servers.connect_to_standby(), "b-1", "new").await;
        servers
    };
    let (sender, servers) = tokio::sync::oneshot::channel();
    let run = async move { sender.send(fail_over.await).unwrap_or_else(|_| unreachable!()) };
    let hook = BeforeCommit { store: store.clone(), run: Some(run).into() };
    let desk = FrontDesk::new(HookedStore::new(store.clone(), hook));
    let sent = customer(&desk, "b-1").send("late").await.unwrap();
    assert_eq!(sent.number().get(), 3);
    assert_eq!(texts(&store, "b-1").await, ["first", "new", "late"]);
    drop(servers.await);
}

async fn epoch(store: &PostgresStore) -> Epoch {
    store.thread(&thread_id(LOCATION, "b-1")).await.unwrap().epoch
}

pub(crate) async fn p7_two_standbys_promoted_to_one_timeline_have_different_epochs(
    mut cluster: Cluster,
) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    let before = epoch(&store).await;
    let mut standbys = [(); 2].map(|()| cluster.standby(Listen::OnPort));
    cluster.wait_for_standbys();
    cluster.crash();
    let mut epochs = vec![before];
    for standby in &mut standbys {
        standby.promote();
        let config = database.config_at(standby.admin());
        let timeline = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";
        let row = connect(&config).await.query_one(timeline, &[]).await.unwrap();
        assert_eq!(row.get::<_, &str>(0), "00000002");
        // Several processes make the first calls of a timeline at the same time.
        let stores = [(); 8].map(|()| PostgresStore::new(pool(&config, 1)));
        let found = join_all(stores.iter().map(epoch)).await;
        assert!(found.iter().all(|epoch| *epoch == found[0]), "{found:?}");
        epochs.push(found[0]);
        standby.restart();
        assert_eq!(epoch(&stores[0]).await, found[0], "a restart loses no commit");
    }
    assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2] && epochs[0] != epochs[2]);
}

/// A read at a standby could miss an acknowledged commit (P1).
pub(crate) async fn a_standby_refuses_every_call(cluster: Cluster) {
    let mut servers = Servers::start(cluster).await;
    post_alone(&servers.store, "b-1", "first").await;
    servers.primary.wait_for_standbys();
    let config = servers.database.config_on_port(servers.standby.port());
    for unnamed in [false, true] {
        let builder = PostgresStore::builder().unnamed_statements(unnamed);
        let store = builder.pool(pool(&config, 4)).unwrap();
        let error = store.thread(&thread_id(LOCATION, "b-1")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        let source = error.source().unwrap().to_string();
        assert!(source.ends_with(": the server is a standby"), "{source}");
        let write = post_commit(head(&servers.store, "b-1").await.as_ref(), message("b-1", "2"));
        let error = commit(&store, write).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        let error = store.migrate().await.unwrap_err();
        assert!(matches!(error, PostgresOpenError::Standby(_)), "{error:?}");
    }
}
