//! Writers of the same thread, and transactions that PostgreSQL rolls back.

use frontdesk::store::{
    CommitOutcome, Revision, ThreadList, ThreadQuery, ThreadStore, VersionedThread,
};
use frontdesk_postgres::PostgresStore;
use futures::future::{join, join_all};

use crate::fixtures::{
    LOCATION, LOCK_WAITS, QUESTION, build_store, builder_with_partitions, commit, erase_commit,
    head, message, migrated_store, outcome_name, pool, post, post_all_commit, post_alone,
    post_commit, texts, wait_for_number,
};
use crate::postgres::{Cluster, Database, connect};
use crate::support::location_id;

/// A retry is computed from the present state, so only its key prevents the commit.
pub(crate) async fn a_taken_key_is_found_if_nothing_else_conflicts(cluster: &Cluster) {
    for partitions in [None, Some(3)] {
        let database = Database::on(cluster.admin()).await;
        let store = build_store(builder_with_partitions(partitions), &database.config()).await;
        for expected in ["committed", "key taken"] {
            let outcome = post(&store, message("b-1", QUESTION).with_key("k-1")).await;
            assert_eq!(outcome_name(&outcome), expected, "{outcome:?}");
        }
        assert_eq!(texts(&store, "b-1").await, [QUESTION]);
    }
}

/// I4: `KeyTaken` has the index of the first message whose key is taken, with and without a
/// conflict.
pub(crate) async fn the_first_taken_key_of_several_messages_is_found(cluster: &Cluster) {
    for partitions in [None, Some(3)] {
        let database = Database::on(cluster.admin()).await;
        let store = build_store(builder_with_partitions(partitions), &database.config()).await;
        let batch = |texts: &[&'static str]| -> Vec<_> {
            texts.iter().map(|text| message("b-1", text).with_key(*text)).collect()
        };
        let first = commit(&store, post_all_commit(None, &batch(&["1", "2", "3"]))).await;
        assert_eq!(outcome_name(&first), "committed");
        let found = head(&store, "b-1").await;
        let overlapping = batch(&["4", "3", "2"]);
        for expected in [None, found.as_ref()] {
            match commit(&store, post_all_commit(expected, &overlapping)).await.unwrap() {
                CommitOutcome::KeyTaken { index, message } => {
                    let text = message.message.body().unwrap().as_str();
                    assert_eq!((index, text), (1, "3"));
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(texts(&store, "b-1").await, ["1", "2", "3"]);
    }
}

/// At serializable isolation the server rolls back a transaction that waited for another.
pub(crate) async fn serialization_failures_are_retried(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let serializable = "ALTER ROLE CURRENT_USER SET default_transaction_isolation = 'serializable'";
    database.connect().await.batch_execute(serializable).await.unwrap();
    let store = migrated_store(&database.config()).await;
    write_concurrently(&store, 8, 15).await;

    // The first attempt always fails, because it waits for a row that the blocker changes.
    post_alone(&store, "b-9", "first").await;
    let (blocker, observer) = (database.connect().await, database.connect().await);
    let update = "BEGIN; UPDATE frontdesk.location SET unread = unread";
    blocker.batch_execute(update).await.unwrap();
    let release = async {
        wait_for_number(&observer, LOCK_WAITS, 1).await;
        blocker.batch_execute("COMMIT").await
    };
    let (outcome, released) = join(post(&store, message("b-9", "second")), release).await;
    assert_eq!(outcome_name(&outcome), "committed", "{outcome:?}");
    released.expect("the first transaction commits");
    assert_eq!(texts(&store, "b-9").await, ["first", "second"]);
}

/// The other transaction takes the locks in the opposite order.
pub(crate) async fn deadlocks_are_retried(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    let observer = database.connect().await;
    let blocker = connect(&database.admin_config()).await;
    // The store's transaction then looks for a deadlock first and is rolled back.
    blocker.batch_execute("SET deadlock_timeout = '60s'").await.unwrap();
    blocker.batch_execute("BEGIN; SELECT FROM frontdesk.thread FOR UPDATE").await.unwrap();
    let lock = async {
        wait_for_number(&observer, LOCK_WAITS, 1).await;
        blocker.batch_execute("SELECT FROM frontdesk.location FOR UPDATE; COMMIT").await
    };
    let (outcome, locked) = join(post(&store, message("b-1", "second")), lock).await;
    assert_eq!(outcome_name(&outcome), "committed", "{outcome:?}");
    locked.expect("the store's transaction was rolled back");
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

/// A trigger raises the error with which Citus rolls back a commit if a shard has moved.
pub(crate) async fn missing_intermediate_results_of_citus_are_retried(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    let refuse_once = "
        CREATE SEQUENCE frontdesk.attempt;
        CREATE FUNCTION frontdesk.refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('frontdesk.attempt') = 1 THEN
                RAISE EXCEPTION 'refused once' USING ERRCODE = 'CIINF';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse_once BEFORE UPDATE ON frontdesk.thread
            FOR EACH ROW EXECUTE FUNCTION frontdesk.refuse_once();";
    database.connect().await.batch_execute(refuse_once).await.unwrap();
    let outcome = post(&store, message("b-1", "second")).await;
    assert_eq!(outcome_name(&outcome), "committed", "{outcome:?}");
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

/// I4: a commit with a taken key is no error of the server.
pub(crate) async fn a_replay_leaves_no_error_in_the_log_of_the_server(cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    for expected in ["committed", "key taken", "key taken"] {
        let outcome = post(&store, message("b-1", QUESTION).with_key("k-1")).await;
        assert_eq!(outcome_name(&outcome), expected, "{outcome:?}");
        let found = head(&store, "b-1").await;
        let several = [message("b-1", "other"), message("b-1", QUESTION).with_key("k-1")];
        match commit(&store, post_all_commit(found.as_ref(), &several)).await.unwrap() {
            CommitOutcome::KeyTaken { index, .. } => assert_eq!(index, 1),
            other => panic!("{other:?}"),
        }
    }
    let log = std::fs::read_to_string(cluster.folder().join("log")).unwrap();
    assert!(log.contains("database system is ready"), "{log}");
    assert!(!log.contains("ERROR"), "{log}");
}

pub(crate) async fn concurrent_writers_leave_exact_counts(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let database = Database::on(cluster.admin()).await;
        let builder = builder_with_partitions(partitions);
        let store = builder.pool(pool(&database.config(), 16)).unwrap();
        store.migrate().await.unwrap();
        write_concurrently(&store, 16, 40).await;
    }
}

/// Asserts that each of `writers` tasks makes its `commits` commits, and that no count was
/// computed from an outdated snapshot.
async fn write_concurrently(store: &PostgresStore, writers: usize, commits: usize) {
    let tasks = (0..writers).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut conflicts = 0;
            for turn in 0..commits {
                conflicts += write_until_committed(&store, writer, turn).await;
            }
            conflicts
        })
    });
    let conflicts: u32 = join_all(tasks).await.into_iter().map(Result::unwrap).sum();
    assert!(conflicts > 0, "no two writers conflicted");

    let location = location_id(LOCATION);
    let changes = store.changes(&location, Revision::ZERO, usize::MAX).await.unwrap().value;
    let revision = changes.counts.revision.get();
    assert_eq!(revision, (writers * commits) as u64, "each commit took one revision");
    let unread = ThreadQuery::new(&location, ThreadList::Unread(None), usize::MAX);
    let unread = store.threads(&unread).await.unwrap().value;
    assert_eq!(changes.counts.unread, unread.threads.len() as u64);
    for VersionedThread { state, .. } in &changes.changed {
        let booking = state.id().booking.as_str();
        let count = state.live().map_or(0, |thread| thread.message_count() as usize);
        assert_eq!(texts(store, booking).await.len(), count, "{booking}");
    }
}

/// Posts a message, or erases the thread in every fifth turn, and retries after a conflict.
/// All writers share three threads. Returns the number of conflicts.
async fn write_until_committed(store: &PostgresStore, writer: usize, turn: usize) -> u32 {
    let booking = format!("b-{}", (writer + turn) % 3);
    for conflicts in 0.. {
        let found = head(store, &booking).await;
        let write = match &found {
            Some(found) if turn % 5 == 4 && found.state.live().is_some() => erase_commit(found),
            _ => post_commit(found.as_ref(), message(&booking, &format!("{writer}-{turn}"))),
        };
        match commit(store, write).await.unwrap() {
            CommitOutcome::Committed(_) => return conflicts,
            CommitOutcome::Conflict(_) => {}
            CommitOutcome::KeyTaken { message, .. } => panic!("{message:?}"),
        }
    }
    unreachable!("the loop has no end")
}
