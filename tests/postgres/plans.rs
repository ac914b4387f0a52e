//! What the server makes of the statements, as it was sent them.

use std::collections::BTreeSet;

use frontdesk::store::{
    Commit, Direction, Filter, PostgresStore, Revision, ThreadState, ThreadStore,
};
use frontdesk::{Role, ThreadId};
use regex::Regex;
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::{Cluster, Database};
use crate::stage::{HERE, WHOLE, head, pool, post, posted, renaming};
use crate::support::{key, place, thread_id, who};

/// A statement that a store has prepared.
struct Prepared {
    text: String,
    /// `EXECUTE` with parameters of the right types.
    execute: String,
}

/// Does everything that a store can be asked to do.
async fn all_there_is(store: &PostgresStore) {
    let id: ThreadId = thread_id(HERE, "b-1");
    // A location and a thread that are new, and an older one.
    posted(store, "b-1", "first").await;
    let _ = post(store, "b-1", "second", Some("k-1")).await.unwrap();
    let _ = post(store, "b-1", "second", Some("k-1")).await.unwrap();
    let _ = post(store, "b-2", "first", Some("k-1")).await.unwrap();
    let found = head(store, "b-1").await.unwrap();
    let _ = store.commit(renaming(&found, "Whales")).await.unwrap();
    store.threads(&id.location, None, 50, Filter::All).await.unwrap();
    store.threads(&id.location, None, 50, Filter::Unread).await.unwrap();
    store.changes(&id.location, Revision::ZERO, 50).await.unwrap();
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        store.messages(&id, WHOLE, 50, direction).await.unwrap();
    }
    store.message_by_key(&id, Role::Customer, &who("c-1"), &key("k-1")).await.unwrap();
    let found = head(store, "b-1").await.unwrap();
    let erased = ThreadState::Erased(found.state.live().unwrap().erase());
    let _ = store.commit(Commit::new(erased, Some(&found))).await.unwrap();
    // A thread that an operator starts has no message.
    let start = frontdesk::Thread::start(
        place("there"),
        crate::support::booking("b-3"),
        crate::support::at(0),
        frontdesk::MessageNumber::START,
    );
    let started = Commit::new(ThreadState::Live(start.unwrap()), None);
    let _ = store.commit(started).await.unwrap();
}

/// A filled table, and the statements that one connection has prepared.
async fn prepared(
    cluster: &Cluster,
    partitions: Option<u16>,
) -> (Database, deadpool_postgres::Object, Vec<Prepared>) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let mut builder = PostgresStore::builder();
    if let Some(partitions) = partitions {
        builder = builder.partitions(partitions);
    }
    let store = builder.pool(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    all_there_is(&store).await;
    // Afterwards, since these are no threads that could be read.
    database.connect().await.batch_execute(FILLING).await.unwrap();
    let line = pool.get().await.unwrap();
    let all = "SELECT name, statement, parameter_types::text[] FROM pg_prepared_statements \
               WHERE statement LIKE '%frontdesk%' AND NOT statement LIKE '%schema_version%'";
    let statements = line.simple_query(all).await.unwrap();
    let statements = statements.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            let name = row.get(0).unwrap().to_owned();
            let values = row.get(2).unwrap().trim_matches(['{', '}']).split(',');
            let values: Vec<_> = values
                .enumerate()
                .map(|(at, kind)| match (at, kind) {
                    (0, _) => "'here'",
                    (1, "text") => "'b-77'",
                    (_, "text") => "'x'",
                    (_, "bigint") => "77",
                    (_, "boolean") => "true",
                    (_, other) => panic!("a parameter of type {other}"),
                })
                .collect();
            let execute = format!("EXECUTE {name} ({})", values.join(", "));
            Some(Prepared { text: row.get(1).unwrap().to_owned(), execute })
        }
        _ => None,
    });
    let statements: Vec<_> = statements.collect();
    // Nine of them do not depend on the commit; of the others at least these five:
    // starting with and without a message, adding one with and without a key, erasing.
    assert!(statements.len() >= 14, "only {} statements were prepared", statements.len());
    (database, line, statements)
}

const FILLING: &str = "
    INSERT INTO frontdesk.location SELECT 'l-' || n, 9, 9 FROM generate_series(1, 40000) n;
    INSERT INTO frontdesk.thread (location, booking, revision, last_number, newest_first, awaits)
        SELECT l, 'x-' || n, n + 1000, 1, -n, n % 100 = 0
        FROM generate_series(1, 20000) n, (VALUES ('here'), ('l-1'), ('l-2')) AS l (l);
    INSERT INTO frontdesk.message
        SELECT l, 'x-' || n / 10, n, n, 0, 'c-1', NULL, 'text', n
        FROM generate_series(1, 20000) n, (VALUES ('here'), ('l-1'), ('l-2')) AS l (l);
    INSERT INTO frontdesk.idempotency_key
        SELECT l, 'x-' || n / 10, 0, 'c-1', 'k-' || n, n
        FROM generate_series(1, 20000) n, (VALUES ('here'), ('l-1'), ('l-2')) AS l (l);
    ANALYZE;
";

/// The plan of a statement, one step a line.
async fn plan(line: &deadpool_postgres::Object, explain: &str) -> String {
    let steps =
        line.simple_query(explain).await.unwrap_or_else(|error| panic!("{explain}: {error:?}"));
    let steps = steps.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    steps.collect::<Vec<_>>().join("\n")
}

pub(crate) async fn each_statement_finds_its_rows_by_an_index(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let (_database, line, statements) = prepared(cluster, partitions).await;
        for mode in ["force_custom_plan", "force_generic_plan"] {
            line.batch_execute(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
            for Prepared { text, execute } in &statements {
                let plan = plan(&line, &format!("EXPLAIN (COSTS OFF) {execute}")).await;
                assert!(!plan.contains("Seq Scan on"), "{mode}: {text}\n{plan}");
                let scans = plan.lines().filter(|step| step.contains("Index Cond"));
                for scan in scans {
                    assert!(scan.contains("(location = "), "{text}: {scan}");
                }
            }
        }
    }
}

/// One location is in one partition, and the others' are not even opened for reading.
pub(crate) async fn each_statement_touches_one_partition(cluster: &Cluster) {
    let (_database, line, statements) = prepared(cluster, Some(16)).await;
    let partition = Regex::new(r" on (?:location|thread|message|idempotency_key)_(\d+)").unwrap();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        line.batch_execute(&format!("SET plan_cache_mode = {mode}; BEGIN")).await.unwrap();
        for Prepared { text, execute, .. } in &statements {
            let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {execute}");
            line.batch_execute("SAVEPOINT one").await.unwrap();
            let plan = plan(&line, &explain).await;
            line.batch_execute("ROLLBACK TO one").await.unwrap();
            let touched: BTreeSet<&str> = plan
                .lines()
                .filter(|step| step.contains("Scan") && !step.contains("never executed"))
                .filter_map(|step| Some(partition.captures(step)?.get(1)?.as_str()))
                .collect();
            assert!(touched.len() <= 1, "{mode}: {text}\n{plan}");
            if mode == "force_custom_plan" {
                let named: BTreeSet<&str> = partition
                    .captures_iter(&plan)
                    .map(|found| found.get(1).unwrap().as_str())
                    .collect();
                assert!(named.len() <= 1, "{text}\n{plan}");
            }
        }
        line.batch_execute("ROLLBACK").await.unwrap();
    }
}

pub(crate) async fn the_sql_stays_in_one_location_and_needs_nothing_special(cluster: &Cluster) {
    let (_database, _line, statements) = prepared(cluster, None).await;
    let tables = Regex::new(r#"(?:FROM|JOIN|UPDATE|INTO) "frontdesk"\.\w+ "#).unwrap();
    for Prepared { text, .. } in &statements {
        let named = tables.find_iter(text).count();
        let bound = text.matches("location = $1").count() + text.matches("SELECT $1").count();
        assert!(
            named > 0 && bound >= named,
            "{bound} of {named} tables are of one location: {text}"
        );
    }

    let special = Regex::new(
        r"(?i)\b(sequence|serial|identity|nextval|pg_\w*advisory\w*|listen|notify|trigger|extension|function|now\(|current_timestamp|random)\b",
    );
    let special = special.unwrap();
    for partitions in [None, Some(16)] {
        let builder = PostgresStore::builder();
        let builder = partitions.map_or(builder.clone(), |count| builder.partitions(count));
        let migrations = builder.migrations().unwrap().join("\n");
        let texts = statements.iter().map(|statement| statement.text.as_str());
        for sql in texts.chain([migrations.as_str()]) {
            assert!(special.find(sql).is_none(), "{:?} in {sql}", special.find(sql));
        }
        for index in migrations.lines().filter(|line| line.contains("INDEX")) {
            assert!(index.contains("(location, "), "{index}");
        }
        assert_eq!(migrations.matches("PRIMARY KEY (location").count(), 4);
        assert_eq!(migrations.matches("PRIMARY KEY").count(), 4);
    }
}

/// P2: where a location has many threads, the server still has one plan for all polls,
/// and does not plan each anew.
pub(crate) async fn an_idle_poll_is_not_planned_each_time(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    let many = "
        INSERT INTO frontdesk.location SELECT 'l-' || n, 1000, 0 FROM generate_series(1, 100) n;
        INSERT INTO frontdesk.thread (location, booking, revision, last_number, newest_first)
            SELECT 'l-' || l, 'b-' || n, n, 1, -n
            FROM generate_series(1, 100) l, generate_series(1, 1000) n;
        ANALYZE";
    database.connect().await.batch_execute(many).await.unwrap();

    let newest = Revision::try_from(1_000).unwrap();
    for poll in 1..=20 {
        let asked = store.changes(&place(&format!("l-{poll}")), newest, 50).await.unwrap();
        assert_eq!((asked.revision, asked.changed.len()), (newest, 0));
    }
    let plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements \
                 WHERE generic_plans + custom_plans = 20";
    let plans = pool.get().await.unwrap().query_one(plans, &[]).await.unwrap();
    // The first five times it tries what a plan for one poll alone would be worth.
    assert_eq!((plans.get::<_, i64>(0), plans.get::<_, i64>(1)), (15, 5));
}
