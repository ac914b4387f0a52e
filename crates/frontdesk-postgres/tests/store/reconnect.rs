//! Lost connections and servers: nothing is written twice, no outcome is guessed, and the
//! next call works.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::store::{CommitOutcome, StoreErrorKind, ThreadStore};
use frontdesk_postgres::PostgresStore;
use futures::future::{join, join_all};
use tokio_postgres::Config;

use crate::fixtures::{
    LOCATION, LOCK_WAITS, QUESTION, commit, head, message, migrated_store, outcome_name, pool,
    post, post_alone, post_commit, query_number, texts, wait_for_number,
};
use crate::postgres::{Cluster, Database, Listen};
use crate::proxy::{Cut, Proxy};
use crate::support::thread_id;
use crate::unknown_outcome::{CutPost, cut_posts};

/// The next user of the connection would wait for the response of the dropped call.
pub(crate) async fn a_dropped_call_leaves_no_busy_connection_in_the_pool(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = PostgresStore::new(pool(&database.config(), 1));
    store.migrate().await.unwrap();
    post_alone(&store, "b-1", "first").await;
    let (blocker, observer) = (database.connect().await, database.connect().await);
    blocker.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
    let waiting = store.clone();
    let waiting = tokio::spawn(async move { post(&waiting, message("b-1", "second")).await });
    wait_for_number(&observer, LOCK_WAITS, 1).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());

    let read = tokio::time::timeout(Duration::from_secs(60), texts(&store, "b-1")).await;
    assert_eq!(read.expect("the connection is free"), ["first"]);
    blocker.batch_execute("COMMIT").await.unwrap();
    wait_for_number(&observer, LOCK_WAITS, 0).await;
    // The dropped commit is written completely or not at all.
    let texts = texts(&store, "b-1").await;
    assert!(texts == ["first"] || texts == ["first", "second"], "{texts:?}");
}

/// If the store cannot connect again, it reports an unknown outcome. Sending the same commit
/// later shows what happened.
pub(crate) async fn without_another_connection_the_outcome_is_unknown(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let proxy = Proxy::to(cluster.port());
    let config = database.config_on_port(proxy.port());
    let store = PostgresStore::builder().pool(pool(&config, 1)).unwrap();
    store.migrate().await.unwrap();
    let mut results = Vec::new();
    for CutPost { booking, key, cut } in cut_posts() {
        post_alone(&store, booking, "first").await;
        let question = message(booking, QUESTION).with_key(key);
        let lost = post_commit(head(&store, booking).await.as_ref(), question);
        proxy.cut_next(cut);
        proxy.redirect_to(0);
        let outcome = commit(&store, lost.clone()).await;
        assert_eq!(outcome_name(&outcome), "unknown", "{booking}");
        let error = commit(&store, lost.clone()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "it was not sent: {error:?}");
        proxy.redirect_to(cluster.port());
        let messages = texts(&store, booking).await.len();
        results.push((messages, outcome_name(&commit(&store, lost).await)));
        assert_eq!(texts(&store, booking).await, ["first", QUESTION], "{booking}");
    }
    let expected = [(1, "committed"), (1, "committed"), (2, "key taken"), (2, "conflict")];
    assert_eq!(results, expected);
}

/// The proxy cuts the connection after any byte, in either direction.
pub(crate) async fn a_message_with_a_key_is_stored_once_wherever_the_connection_is_cut(
    cluster: &Cluster,
) {
    let database = Database::on(cluster.admin()).await;
    let proxy = Proxy::to(cluster.port());
    let store = migrated_store(&database.config_on_port(proxy.port())).await;
    post_alone(&store, "b-1", "0").await;
    for turn in 1..=60_u32 {
        let (text, key) = (turn.to_string(), format!("k-{turn}"));
        let found = head(&store, "b-1").await;
        let lost = post_commit(found.as_ref(), message("b-1", &text).with_key(&*key));
        proxy.cut_next(Cut::Bytes(usize::try_from(turn * 23).unwrap()));
        match commit(&store, lost).await {
            Ok(CommitOutcome::Committed(_)) => {}
            Ok(CommitOutcome::KeyTaken { message, .. }) => {
                assert_eq!(message.message.body().unwrap().as_str(), text);
            }
            other => panic!("{turn}: {other:?}"),
        }
        let stored = texts(&store, "b-1").await;
        assert_eq!((stored.len(), stored.last()), (turn as usize + 1, Some(&text)));
    }
    assert!(proxy.cuts() > 30, "only {} connections were cut", proxy.cuts());
}

/// An administrator closes the connection while its commit waits for another commit.
pub(crate) async fn a_connection_that_is_closed_during_a_commit_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    // In a transaction the server reads its activity once, so this needs two connections.
    let (blocker, observer) = (database.connect().await, database.connect().await);
    for key in [None, Some("k-1")] {
        let booking = key.unwrap_or("b-1");
        blocker.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
        let close = async {
            wait_for_number(&observer, LOCK_WAITS, 1).await;
            let waiting = "SELECT max(pid)::bigint FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let pid = query_number(&observer, waiting).await;
            let terminate = format!("SELECT pg_terminate_backend({pid})::integer::bigint");
            assert_eq!(query_number(&observer, &terminate).await, 1);
            // The next attempt, on another connection, waits for the same lock.
            let backend = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
            wait_for_number(&observer, &backend, 0).await;
            wait_for_number(&observer, LOCK_WAITS, 1).await;
            blocker.batch_execute("COMMIT").await.unwrap();
        };
        let second = message(booking, "second").with_key(key);
        let (outcome, ()) = join(post(&store, second), close).await;
        assert_eq!(outcome_name(&outcome), "committed", "{outcome:?}");
        let texts = texts(&store, booking).await;
        assert_eq!(texts.iter().filter(|text| *text == "second").count(), 1);
    }
}

/// A replica or a demoted primary is read-only: nothing is written, and the outcome is known.
pub(crate) async fn a_read_only_server_is_unavailable(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config();
    let store = migrated_store(&config).await;
    post_alone(&store, "b-1", "first").await;
    let direct = database.connect().await;
    let alter_role = async |change: &str| {
        direct.batch_execute(&format!("ALTER ROLE CURRENT_USER {change}")).await.unwrap();
    };
    alter_role("SET default_transaction_read_only = on").await;
    let pool = pool(&config, 10);
    let read_only = PostgresStore::new(pool.clone());
    for key in [None, Some("k-1")] {
        let second = message("b-1", "second").with_key(key);
        assert_eq!(outcome_name(&post(&read_only, second).await), "unavailable");
        // The pool would keep the connection, because it still works.
        assert_eq!(pool.status().size, 0, "the store keeps no read-only connection");
    }
    assert_eq!(texts(&read_only, "b-1").await, ["first"]);
    // The pool has more connections than a call tries.
    fill(&pool).await;
    alter_role("RESET default_transaction_read_only").await;
    post_alone(&read_only, "b-1", "second").await;
}

/// Makes a pool of ten open all its connections.
async fn fill(pool: &Pool) {
    drop(join_all((0..10).map(|_| pool.get())).await);
    assert_eq!(pool.status().available, 10);
}

/// A server can disappear without closing its connections, for example when its machine
/// crashes or a firewall drops its state. Each connection then looks alive until it is used.
/// The pool has more dead connections than a call tries.
pub(crate) async fn a_pool_of_dead_connections_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let proxy = Proxy::to(cluster.port());
    let pool = pool(&database.config_on_port(proxy.port()), 10);
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    post_alone(&store, "b-1", "first").await;
    let id = thread_id(LOCATION, "b-1");
    for writes in [false, true] {
        let found = head(&store, "b-1").await;
        let second = post_commit(found.as_ref(), message("b-1", "second"));
        fill(&pool).await;
        proxy.close_server_side();
        if writes {
            assert_eq!(outcome_name(&commit(&store, second).await), "committed");
        } else {
            store.thread(&id).await.unwrap();
        }
        assert_eq!(pool.status().size, 1, "the call discarded all dead connections");
    }
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

pub(crate) async fn a_server_that_cannot_be_reached_is_unavailable(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let proxy = Proxy::to(cluster.port());
    proxy.redirect_to(0);
    let store = PostgresStore::new(pool(&database.config_on_port(proxy.port()), 4));
    assert_eq!(outcome_name(&post(&store, message("b-1", "first")).await), "unavailable");
    let error = store.migrate().await.unwrap_err();
    assert_eq!(error.to_string(), "the database is unavailable");
}

/// A server that fails reports an error before it closes the connection. If it could not
/// flush its log to a full disk, it may find the commit in the log when it starts again. After
/// an error that is not fatal, the server has rolled the statement back.
pub(crate) async fn a_server_that_fails_fatally_leaves_the_outcome_unknown(_: &Cluster) {
    // A pooler may omit the field V, which has the severity in English.
    for (error, expected) in [
        ("SPANIC\0VPANIC\0C53100\0Mno space left\0", "unknown"),
        ("SPANIK\0VPANIC\0C53100\0Mkein Platz\0", "unknown"),
        ("SFATAL\0C58000\0Mserver conn crashed?\0", "unknown"),
        ("SERROR\0VERROR\0C53100\0Mno space left\0", "unavailable"),
        ("SERROR\0C53200\0Mout of memory\0", "unavailable"),
    ] {
        let port = failing_server(error);
        let config = Config::new().host("127.0.0.1").port(port).user("desk").clone();
        // Without a prepared statement the first response answers the commit.
        let store = PostgresStore::builder().unnamed_statements(true);
        let store = store.pool(pool(&config, 4)).unwrap();
        let first = message("b-1", "first").with_key("k-1");
        let outcome = commit(&store, post_commit(None, first)).await;
        assert_eq!(outcome_name(&outcome), expected, "{error:?}: {outcome:?}");
    }
}

/// Starts a server that accepts every client and answers every statement with this error.
fn failing_server(error: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let length = u8::try_from(4 + error.len() + 1).unwrap();
    let error = [&[b'E', 0, 0, 0, length], error.as_bytes(), b"\0", READY].concat();
    // The thread ends with the program.
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let authenticated = [b"R\0\0\0\x08\0\0\0\0", READY].concat();
            for response in [authenticated, error.clone()] {
                let read = client.read(&mut [0; 1 << 13]).unwrap();
                assert!(read > 0, "the client closed the connection");
                client.write_all(&response).unwrap();
            }
        }
    });
    port
}

/// The message that ends a response: the server is ready for the next statement.
const READY: &[u8] = b"Z\0\0\0\x05I";

pub(crate) async fn the_first_call_after_a_restart_works(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config_on_port(cluster.port());
    for unnamed in [false, true] {
        let store = PostgresStore::builder().unnamed_statements(unnamed);
        let store = store.pool(pool(&config, 8)).unwrap();
        store.migrate().await.unwrap();
        let booking = if unnamed { "b-2" } else { "b-1" };
        post_alone(&store, booking, "first").await;
        for crash in [false, true] {
            let id = thread_id(LOCATION, booking);
            // This opens all eight connections.
            join_all((0..8).map(|_| store.thread(&id))).await;
            let found = head(&store, booking).await;
            if crash {
                cluster.crash();
                cluster.start_again();
            } else {
                cluster.restart();
            }
            let second = post_commit(found.as_ref(), message(booking, "second"));
            assert_eq!(outcome_name(&commit(&store, second).await), "committed");
            join_all((0..8).map(|_| async { store.thread(&id).await.unwrap() })).await;
        }
        assert_eq!(texts(&store, booking).await, ["first", "second", "second"]);
    }
}

/// The URL has several hosts, and the store uses the host that accepts writes.
pub(crate) async fn a_promoted_replica_is_found(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let name = database.name().to_owned();
    migrated_store(&database.config()).await;
    let mut replica = cluster.replica(Listen::OnPort);
    // Dropping the database waits for the replica, so the replica must be dropped later.
    let _database = database;
    let url = format!(
        "postgres://{name}:{name}@127.0.0.1:{},127.0.0.1:{}/{name}?target_session_attrs=read-write",
        replica.port(),
        cluster.port()
    );
    let store = PostgresStore::connect(&url).unwrap();
    store.migrate().await.unwrap();
    post_alone(&store, "b-1", "first").await;
    cluster.crash();
    assert_eq!(outcome_name(&post(&store, message("b-1", "second")).await), "unavailable");
    replica.promote();
    post_alone(&store, "b-1", "second").await;
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}
