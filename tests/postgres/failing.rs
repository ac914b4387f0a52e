//! Connections and servers that fail: nothing is written twice, nothing is guessed,
//! and the next call works.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use deadpool_postgres::Pool;
use frontdesk::store::{
    Commit, CommitOutcome, Filter, PostgresStore, Revision, StoreError, StoreErrorKind,
    ThreadState, ThreadStore,
};
use futures::future::join_all;
use tokio_postgres::Config;

use crate::doubts;
use crate::postgres::{Cluster, Database, Listen, connect};
use crate::proxy::{Cut, Proxy};
use crate::stage::{
    HERE, WAITS, head, made, number, pool, post, posted, saying, soon, store, texts,
};
use crate::support::{place, thread_id};

pub(crate) fn kind(outcome: &Result<CommitOutcome, StoreError>) -> &'static str {
    match outcome {
        Ok(CommitOutcome::Committed(_)) => "committed",
        Ok(CommitOutcome::Conflict(_)) => "conflict",
        Ok(CommitOutcome::KeyTaken(message)) => {
            assert_eq!(message.body().as_str(), "Is there room?");
            "key taken"
        }
        Err(error) => match error.kind() {
            StoreErrorKind::OutcomeUnknown => "unknown",
            StoreErrorKind::Unavailable => "unavailable",
            other => panic!("{other:?}: {error:?}"),
        },
    }
}

/// A message that is sent again is computed from what is there now, so that only its
/// key is in the way; in a partition, PostgreSQL names that instead of the table.
pub(crate) async fn a_key_that_is_taken_is_told_where_nothing_else_is_in_the_way(
    cluster: &Cluster,
) {
    for builder in [PostgresStore::builder(), PostgresStore::builder().partitions(3)] {
        let database = Database::on(cluster.admin()).await;
        let store = made(builder, &database.config()).await;
        for expected in ["committed", "key taken"] {
            let outcome = post(&store, "b-1", "Is there room?", Some("k-1")).await;
            assert_eq!(kind(&outcome), expected, "{outcome:?}");
        }
        assert_eq!(texts(&store, "b-1").await, ["Is there room?"]);
    }
}

/// Whoever has a line next would wait for the answer that is still to come.
pub(crate) async fn who_gives_up_leaves_no_busy_line_behind(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = PostgresStore::new(pool(&database.config(), 1));
    store.migrate().await.unwrap();
    posted(&store, "b-1", "first").await;
    let (blocking, watching) = (database.connect().await, database.connect().await);
    blocking.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
    let waiting = store.clone();
    let waiting = tokio::spawn(async move { post(&waiting, "b-1", "second", None).await });
    soon(&watching, WAITS, 1).await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());

    let asked = tokio::time::timeout(Duration::from_secs(60), texts(&store, "b-1")).await;
    assert_eq!(asked.expect("the line is busy"), ["first"]);
    blocking.batch_execute("COMMIT").await.unwrap();
    soon(&watching, WAITS, 0).await;
    // It may have happened, once and wholly.
    let texts = texts(&store, "b-1").await;
    assert!(texts == ["first"] || texts == ["first", "second"], "{texts:?}");
}

/// Where no connection is to be had any more, nothing is guessed; later the same
/// commit, with its key, says what had happened.
pub(crate) async fn without_a_way_back_the_outcome_is_unknown(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    let config = database.config_on_port(line.port());
    let store = PostgresStore::builder().pool(pool(&config, 1)).unwrap();
    store.migrate().await.unwrap();
    let mut came = Vec::new();
    for (booked, key, cut) in doubts::lines() {
        let booked = &booked.replace(", ", "-").replace(' ', "-");
        posted(&store, booked, "first").await;
        let commit = saying(head(&store, booked).await.as_ref(), booked, "Is there room?", key);
        line.cut_next(cut);
        line.lead_to(0);
        let outcome = store.commit(commit.clone()).await;
        assert_eq!(kind(&outcome), "unknown", "{booked}");
        let error = store.commit(commit.clone()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "it was not sent: {error:?}");
        line.lead_to(cluster.port());
        came.push((texts(&store, booked).await.len(), kind(&store.commit(commit).await)));
        assert_eq!(texts(&store, booked).await, ["first", "Is there room?"], "{booked}");
    }
    assert_eq!(came, [(1, "committed"), (1, "committed"), (2, "key taken"), (2, "conflict")]);
}

/// Whichever byte is the last, in whichever direction.
pub(crate) async fn wherever_a_line_is_cut_a_keyed_message_is_stored_once(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    let store = store(&database.config_on_port(line.port())).await;
    posted(&store, "b-1", "0").await;
    for turn in 1..=60_u32 {
        let (text, key) = (turn.to_string(), format!("k-{turn}"));
        let commit = saying(head(&store, "b-1").await.as_ref(), "b-1", &text, Some(&key));
        line.cut_next(Cut::Bytes(usize::try_from(turn * 23).unwrap()));
        match store.commit(commit).await {
            Ok(CommitOutcome::Committed(_)) => {}
            Ok(CommitOutcome::KeyTaken(message)) => assert_eq!(message.body().as_str(), text),
            other => panic!("{turn}: {other:?}"),
        }
        let said = texts(&store, "b-1").await;
        assert_eq!((said.len(), said.last()), (turn as usize + 1, Some(&text)));
    }
    assert!(line.cuts() > 30, "only {} were cut", line.cuts());
}

/// An administrator ends the connection while its commit waits for another.
pub(crate) async fn a_connection_ended_in_the_middle_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    posted(&store, "b-1", "first").await;
    // Within a transaction the server's activity is looked up once.
    let (direct, watching) = (database.connect().await, database.connect().await);
    for key in [None, Some("k-1")] {
        let booked = key.unwrap_or("b-1");
        direct.batch_execute("BEGIN; SELECT FROM frontdesk.location FOR UPDATE").await.unwrap();
        let ending = async {
            soon(&watching, WAITS, 1).await;
            let end = "SELECT max(pid)::bigint FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let ended = number(&watching, end).await;
            let end = format!("SELECT pg_terminate_backend({ended})::integer::bigint");
            assert_eq!(number(&watching, &end).await, 1);
            // The next attempt, of another connection, stands in the same line.
            let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {ended}");
            soon(&watching, &gone, 0).await;
            soon(&watching, WAITS, 1).await;
            direct.batch_execute("COMMIT").await.unwrap();
        };
        let (outcome, ()) =
            futures::future::join(post(&store, booked, "second", key), ending).await;
        assert_eq!(kind(&outcome), "committed", "{outcome:?}");
        assert_eq!(texts(&store, booked).await.iter().filter(|text| *text == "second").count(), 1);
    }
}

/// A replica or a demoted primary: nothing is written, and nothing is in doubt.
pub(crate) async fn a_read_only_server_is_unavailable(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config();
    let store = store(&config).await;
    posted(&store, "b-1", "first").await;
    let direct = database.connect().await;
    let on_role = async |change: &str| {
        direct.batch_execute(&format!("ALTER ROLE CURRENT_USER {change}")).await.unwrap();
    };
    on_role("SET default_transaction_read_only = on").await;
    let lines = pool(&config, 10);
    let reading = PostgresStore::new(lines.clone());
    for key in [None, Some("k-1")] {
        assert_eq!(kind(&post(&reading, "b-1", "second", key).await), "unavailable");
        // The line itself is as good as ever; only the store knows to part with it.
        assert_eq!(lines.status().size, 0, "none that failed is kept");
    }
    assert_eq!(texts(&reading, "b-1").await, ["first"]);
    // More of them than a call tries.
    fill(&lines).await;
    on_role("RESET default_transaction_read_only").await;
    posted(&reading, "b-1", "second").await;
}

/// Has a pool of ten open all of them.
async fn fill(lines: &Pool) {
    drop(join_all((0..10).map(|_| lines.get())).await);
    assert_eq!(lines.status().available, 10);
}

/// Where a server goes without a word (a crash of its machine, a firewall that forgot),
/// each line looks alive until it is used. There are more of them than a call tries.
pub(crate) async fn a_pool_of_dead_lines_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    let lines = pool(&database.config_on_port(line.port()), 10);
    let store = PostgresStore::new(lines.clone());
    store.migrate().await.unwrap();
    posted(&store, "b-1", "first").await;
    let id = thread_id(HERE, "b-1");
    for writes in [false, true] {
        let found = store.thread(&id).await.unwrap();
        let commit = saying(found.as_ref(), "b-1", "second", None);
        fill(&lines).await;
        line.forget_all();
        if writes {
            assert_eq!(kind(&store.commit(commit).await), "committed");
        } else {
            store.thread(&id).await.unwrap();
        }
        // It has found out for all of them.
        assert_eq!(lines.status().size, 1);
    }
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

pub(crate) async fn a_server_that_is_not_there_is_unavailable(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let line = Proxy::to(cluster.port());
    line.lead_to(0);
    let nowhere = PostgresStore::new(pool(&database.config_on_port(line.port()), 4));
    assert_eq!(kind(&post(&nowhere, "b-1", "first", None).await), "unavailable");
    let error = nowhere.migrate().await.unwrap_err();
    assert_eq!(error.to_string(), "the database is unavailable");
}

/// A server that breaks down tells why before it hangs up. If that is a log that it
/// cannot flush to a full disk, it may find the commit there when it is back. What is
/// only an error was taken back.
pub(crate) async fn a_server_that_breaks_down_leaves_a_doubt(_: &Cluster) {
    // A pooler may leave out the second way of saying how grave it is.
    for (said, expected) in [
        ("SPANIC\0VPANIC\0C53100\0Mno space left\0", "unknown"),
        ("SPANIK\0VPANIC\0C53100\0Mkein Platz\0", "unknown"),
        ("SFATAL\0C58000\0Mserver conn crashed?\0", "unknown"),
        ("SERROR\0VERROR\0C53100\0Mno space left\0", "unavailable"),
        ("SERROR\0C53200\0Mout of memory\0", "unavailable"),
    ] {
        let port = saying_only(said);
        let config = Config::new().host("127.0.0.1").port(port).user("desk").clone();
        // Everything is sent at once, so that the first answer may be to the commit.
        let store = PostgresStore::builder().unnamed_statements(true);
        let store = store.pool(pool(&config, 4)).unwrap();
        let outcome = store.commit(saying(None, "b-1", "first", Some("k-1"))).await;
        assert_eq!(kind(&outcome), expected, "{said:?}: {outcome:?}");
    }
}

/// A server that lets everybody in, and has this error for an answer.
fn saying_only(error: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let length = u8::try_from(4 + error.len() + 1).unwrap();
    let answer = [&[b'E', 0, 0, 0, length], error.as_bytes(), b"\0", READY].concat();
    // Ends with the program.
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let answer = [[b"R\0\0\0\x08\0\0\0\0", READY].concat(), answer.clone()];
            for says in answer {
                let heard = client.read(&mut [0; 1 << 13]).unwrap();
                assert!(heard > 0, "hung up on");
                client.write_all(&says).unwrap();
            }
        }
    });
    port
}

/// What ends an answer: the server waits for the next statement.
const READY: &[u8] = b"Z\0\0\0\x05I";

/// Where transactions are serializable, whoever waits for another is taken back.
pub(crate) async fn serialization_failures_are_tried_again(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let change = "ALTER ROLE CURRENT_USER SET default_transaction_isolation = 'serializable'";
    database.connect().await.batch_execute(change).await.unwrap();
    let store = made(PostgresStore::builder(), &database.config()).await;
    writers(&store, 8, 15).await;

    // For certain: ours waits for a row that is then another than it has seen.
    posted(&store, "b-9", "first").await;
    let (direct, watching) = (database.connect().await, database.connect().await);
    direct.batch_execute("BEGIN; UPDATE frontdesk.location SET unread = unread").await.unwrap();
    let changing = async {
        soon(&watching, WAITS, 1).await;
        direct.batch_execute("COMMIT").await
    };
    let (outcome, changed) =
        futures::future::join(post(&store, "b-9", "second", None), changing).await;
    assert_eq!(kind(&outcome), "committed", "{outcome:?}");
    changed.expect("it was first");
    assert_eq!(texts(&store, "b-9").await, ["first", "second"]);
}

/// Somebody who locks the other way round.
pub(crate) async fn deadlocks_are_tried_again(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    posted(&store, "b-1", "first").await;
    let (mut admin, watching) = (cluster.admin(), database.connect().await);
    let direct = connect(admin.dbname(database.config().get_dbname().unwrap())).await;
    // So that ours looks for a deadlock first, and gives way.
    direct.batch_execute("SET deadlock_timeout = '60s'").await.unwrap();
    direct.batch_execute("BEGIN; SELECT FROM frontdesk.thread FOR UPDATE").await.unwrap();
    let locking = async {
        soon(&watching, WAITS, 1).await;
        direct.batch_execute("SELECT FROM frontdesk.location FOR UPDATE; COMMIT").await
    };
    let (outcome, locked) =
        futures::future::join(post(&store, "b-1", "second", None), locking).await;
    assert_eq!(kind(&outcome), "committed", "{outcome:?}");
    locked.expect("ours gave way");
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}

/// Every writer gets through, and nothing of a stale snapshot leaks into a count.
async fn writers(store: &PostgresStore, writers: usize, each: usize) {
    let tasks = (0..writers).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut conflicts = 0;
            for turn in 0..each {
                // Two threads for all, and one that is erased in between.
                let booked = format!("b-{}", (writer + turn) % 3);
                loop {
                    let found = head(&store, &booked).await;
                    let live = found.as_ref().and_then(|found| found.state.live());
                    let commit = match (live, &found) {
                        (Some(thread), Some(stored)) if turn % 5 == 4 => {
                            Commit::new(ThreadState::Erased(thread.erase()), Some(stored))
                        }
                        _ => saying(found.as_ref(), &booked, &format!("{writer}-{turn}"), None),
                    };
                    match store.commit(commit).await.unwrap() {
                        CommitOutcome::Committed(_) => break,
                        CommitOutcome::Conflict(_) => conflicts += 1,
                        CommitOutcome::KeyTaken(message) => panic!("{message:?}"),
                    }
                }
            }
            conflicts
        })
    });
    let conflicts: u32 = join_all(tasks).await.into_iter().map(Result::unwrap).sum();
    assert!(conflicts > 0, "nobody met");

    let here = place(HERE);
    let feed = store.changes(&here, Revision::ZERO, usize::MAX).await.unwrap();
    assert_eq!(feed.revision.get(), (writers * each) as u64, "each commit took one revision");
    let unread = store.threads(&here, None, usize::MAX, Filter::Unread).await.unwrap();
    assert_eq!(feed.unread, unread.threads.len() as u64);
    for stored in &feed.changed {
        let booked = stored.state.id().booking.as_str();
        let count = stored.state.live().map_or(0, |thread| thread.message_count() as usize);
        assert_eq!(texts(store, booked).await.len(), count, "{booked}");
    }
}

pub(crate) async fn writers_of_one_thread_leave_exact_counts(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let database = Database::on(cluster.admin()).await;
        let mut builder = PostgresStore::builder();
        if let Some(partitions) = partitions {
            builder = builder.partitions(partitions);
        }
        let store = builder.pool(pool(&database.config(), 16)).unwrap();
        store.migrate().await.unwrap();
        writers(&store, 16, 40).await;
    }
}

pub(crate) async fn the_first_call_after_a_restart_works(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let config = database.config_on_port(cluster.port());
    for unnamed in [false, true] {
        let store = PostgresStore::builder().unnamed_statements(unnamed);
        let store = store.pool(pool(&config, 8)).unwrap();
        store.migrate().await.unwrap();
        let booked = if unnamed { "b-2" } else { "b-1" };
        posted(&store, booked, "first").await;
        for crash in [false, true] {
            let id = thread_id(HERE, booked);
            // All eight are open.
            join_all((0..8).map(|_| store.thread(&id))).await;
            let found = head(&store, booked).await;
            if crash {
                cluster.crash();
                cluster.start_again();
            } else {
                cluster.restart();
            }
            let commit = saying(found.as_ref(), booked, "second", None);
            assert_eq!(kind(&store.commit(commit).await), "committed");
            join_all((0..8).map(|_| async { store.thread(&id).await.unwrap() })).await;
        }
        assert_eq!(texts(&store, booked).await, ["first", "second", "second"]);
    }
}

/// Several hosts in the URL, and the one that takes writes.
pub(crate) async fn a_replica_that_was_promoted_is_found(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let name = database.config().get_dbname().unwrap().to_owned();
    store(&database.config()).await;
    let mut replica = cluster.replica(Listen::OnPort);
    // Goes before the replica does, which dropping it waits for.
    let _database = database;
    let url = format!(
        "postgres://{name}:{name}@127.0.0.1:{},127.0.0.1:{}/{name}?target_session_attrs=read-write",
        replica.port(),
        cluster.port()
    );
    let store = PostgresStore::connect(&url).unwrap();
    store.migrate().await.unwrap();
    posted(&store, "b-1", "first").await;
    cluster.crash();
    assert_eq!(kind(&post(&store, "b-1", "second", None).await), "unavailable");
    replica.promote();
    posted(&store, "b-1", "second").await;
    assert_eq!(texts(&store, "b-1").await, ["first", "second"]);
}
