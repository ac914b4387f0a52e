//! The server's plans for the statements that a store has prepared.

use std::collections::BTreeSet;

use deadpool_postgres::{Object, Pool};
use frontdesk::store::{
    AuthorRedaction, Commit, KeyQuery, MessageQuery, Redaction, Revision, ThreadList, ThreadQuery,
    ThreadState, ThreadStore,
};
use frontdesk::{BookingId, Link, Role, Thread};
use frontdesk_postgres::PostgresStore;
use regex::Regex;
use tokio_postgres::{Config, SimpleQueryMessage};

use crate::fixtures::{
    ALL_NUMBERS, LOCATION, activity_commit, builder_with_partitions, commit_alone, erase_commit,
    head, message, pool, post, post_all_commit, post_alone,
};
use crate::postgres::{Cluster, Database, citus, schema_prefix};
use crate::support::{
    at, booking, booking_id, customer, key, location_id, number, participant_id, thread_id,
};

/// A statement that a store has prepared.
struct Prepared {
    text: String,
    /// An `EXECUTE` of the statement with parameters of the right types.
    execute: String,
}

impl Prepared {
    /// Returns `true` for the two statements that are not inside of one location.
    fn is_list_of_locations(&self) -> bool {
        self.text.contains("location > $1")
    }
}

/// Makes the store prepare all its statements, except that a store on Citus has two statements for
/// some reads.
async fn run_every_statement(store: &PostgresStore) {
    write_every_shape(store).await;
    run_every_read(|| store.clone()).await;
    store.forget_keys(&location_id(LOCATION), at(0), 50).await.unwrap();
    let found = head(store, "b-1").await.unwrap();
    commit_alone(store, erase_commit(&found)).await;
}

/// Runs each read on a store that `store` returns.
async fn run_every_read(store: impl Fn() -> PostgresStore) {
    let location = location_id(LOCATION);
    for list in [ThreadList::All(None), ThreadList::Unread(None), ThreadList::Waiting(None)] {
        store().threads(&ThreadQuery::new(&location, list, 50)).await.unwrap();
    }
    store().changes(&location, Revision::ZERO, 50).await.unwrap();
    store().locations(None, 50).await.unwrap();
    store().changed_locations(None, None, 50).await.unwrap();
    let bookings: Vec<BookingId> = ["b-1", "b-2"].map(booking_id).into();
    store().heads(&location, &bookings).await.unwrap();
    let id = thread_id(LOCATION, "b-1");
    store().thread(&id).await.unwrap();
    for query in [
        MessageQuery::oldest_first(&id, ALL_NUMBERS, 50),
        MessageQuery::newest_first(&id, ALL_NUMBERS, 50),
        MessageQuery::redacted_after(&id, 0, 50),
    ] {
        store().messages(&query).await.unwrap();
    }
    store().message_by_key(&KeyQuery::new(&id, &customer("c-1"), &key("k-1"))).await.unwrap();
}

/// Makes commits of every shape, in new and known locations and threads.
async fn write_every_shape(store: &PostgresStore) {
    post_alone(store, "b-1", "first").await;
    for booking in ["b-1", "b-1", "b-2"] {
        // The key is taken the second time.
        let _ = post(store, message(booking, "second").with_key("k-1")).await.unwrap();
    }
    let several = |booking| [message(booking, "one").with_key("k-2"), message(booking, "two")];
    commit_alone(store, post_all_commit(None, &several("b-3"))).await;
    let found = head(store, "b-1").await;
    commit_alone(store, post_all_commit(found.as_ref(), &several("b-1"))).await;
    let found = head(store, "b-1").await.unwrap();
    commit_alone(store, activity_commit(&found, "Whales")).await;

    let found = head(store, "b-1").await.unwrap();
    let next = || Commit::new(found.state.clone(), Some(&found));
    let redaction = Redaction { number: number(1), ordinal: 1 };
    commit_alone(store, next().with_redaction(redaction).unwrap()).await;
    let found = head(store, "b-1").await.unwrap();
    let next = Commit::new(found.state.clone(), Some(&found));
    let author = participant_id("c-1");
    let messages = number(1)..=number(2);
    let redaction = AuthorRedaction { role: Role::Customer, author, messages };
    commit_alone(store, next.with_author_redaction(redaction).unwrap()).await;

    let link = Link::new(thread_id(LOCATION, "b-9"), booking_id("b-1"));
    commit_alone(store, Commit::new(ThreadState::Linked(link), None)).await;
    // A thread that an operator starts has no message.
    let started = Thread::start(location_id("there"), booking("b-3"), at(0));
    commit_alone(store, Commit::new(ThreadState::Live(started), None)).await;
}

/// Fills the tables. Returns the statements that one connection has prepared.
async fn prepare(cluster: &Cluster, partitions: Option<u16>) -> (Database, Object, Vec<Prepared>) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let store = builder_with_partitions(partitions).pool(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    run_every_statement(&store).await;
    // The store could not read these rows, so they are inserted afterwards.
    database.connect().await.batch_execute(ROWS).await.unwrap();
    let (connection, statements) = prepared_statements(&pool, "frontdesk").await;
    // 16 statements are the same for all commits. Commits have at least nine more. Five
    // insert a head: alone, with a message, with a message and its key, with several messages,
    // and as a link. Four update a head: alone, with a key, with several messages, and as an
    // erasure.
    assert!(statements.len() >= 25, "only {} statements were prepared", statements.len());
    (database, connection, statements)
}

/// Returns the statements on the tables of a schema that the connection of a pool has prepared.
async fn prepared_statements(pool: &Pool, schema: &str) -> (Object, Vec<Prepared>) {
    let connection = pool.get().await.unwrap();
    // Migrations and the first session of a timeline use the other statements.
    let sql = format!(
        "SELECT name, statement, parameter_types::text[] FROM pg_prepared_statements \
         WHERE statement LIKE '%\"{schema}\".%' AND NOT statement LIKE '%schema_version%' \
         AND NOT statement LIKE 'UPDATE \"{schema}\".epoch %'"
    );
    let rows = connection.simple_query(&sql).await.unwrap();
    let statements = rows.iter().filter_map(prepared).collect();
    (connection, statements)
}

fn prepared(row: &SimpleQueryMessage) -> Option<Prepared> {
    let SimpleQueryMessage::Row(row) = row else { return None };
    let name = row.get(0).unwrap();
    let types = row.get(2).unwrap().trim_matches(['{', '}']).split(',').enumerate();
    let values = types.map(|(at, sql_type)| match (at, sql_type) {
        (0, _) => "'here'",
        (1, "text") => "'b-77'",
        (_, "text") => "'x'",
        (_, "bigint") => "77",
        (_, "boolean") => "true",
        (_, "text[]") => "ARRAY['x', 'y']",
        (_, "bigint[]") => "ARRAY[77, 78]",
        (_, other) => panic!("a parameter of type {other}"),
    });
    let execute = format!("EXECUTE {name} ({})", values.collect::<Vec<_>>().join(", "));
    Some(Prepared { text: row.get(1).unwrap().to_owned(), execute })
}

const ROWS: &str = "
    INSERT INTO frontdesk.location (location, revision, unread)
        SELECT 'l-' || n, 9, 9 FROM generate_series(1, 40000) n;
    INSERT INTO frontdesk.thread
        (location, booking, revision, last_number, newest_first, unread, waiting_since)
        SELECT l, 'x-' || n, n + 1000, 1, -n, n % 100 = 0, CASE n % 100 WHEN 0 THEN n END
        FROM generate_series(1, 20000) n, (VALUES ('here'), ('l-1'), ('l-2')) AS l (l);
    INSERT INTO frontdesk.message
        (location, booking, number, ordinal, role, author, body, sent_at, redaction, key_digest)
        SELECT l, 'x-' || n / 10, n, n, 0, 'c-1', 'text', n, CASE n % 100 WHEN 0 THEN n END,
            hashint8extended(n, length(l))
        FROM generate_series(1, 20000) n, (VALUES ('here'), ('l-1'), ('l-2')) AS l (l);
    -- The server itself never analyzes the table `epoch`, which has one row.
    ANALYZE frontdesk.location, frontdesk.thread, frontdesk.message;
";

/// Returns a plan with one step in each line.
async fn plan(connection: &Object, explain: &str) -> String {
    let rows = connection.simple_query(explain).await;
    let rows = rows.unwrap_or_else(|error| panic!("{explain}: {error:?}"));
    let steps = rows.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    steps.collect::<Vec<_>>().join("\n")
}

/// The kinds of plans that the server can choose from.
const PLAN_MODES: [&str; 2] = ["force_custom_plan", "force_generic_plan"];

pub(crate) async fn every_statement_finds_its_rows_by_an_index(cluster: &Cluster) {
    for partitions in [None, Some(16)] {
        let (_database, connection, statements) = prepare(cluster, partitions).await;
        for mode in PLAN_MODES {
            connection.batch_execute(&format!("SET plan_cache_mode = {mode}")).await.unwrap();
            for statement in &statements {
                let Prepared { text, execute } = statement;
                let plan = plan(&connection, &format!("EXPLAIN (COSTS OFF) {execute}")).await;
                // The table `epoch` has one row.
                let scans = plan.matches("Seq Scan on").count();
                let of_epoch = plan.matches("Seq Scan on epoch").count();
                assert_eq!(scans, of_epoch, "{mode}: {text}\n{plan}");
                // A new id has no messages, so its commit looks up no keys.
                let is_of_new_id = text.contains("ON CONFLICT (location, booking) DO NOTHING");
                assert!(!is_of_new_id || !text.contains("m.key_digest ="), "{text}");
                // The outermost join, which adds the epoch, does not copy the rows of the answer.
                let copies = plan.lines().any(|step| step == "  ->  Materialize");
                assert!(!copies, "{mode}: {text}\n{plan}");
                if statement.is_list_of_locations() {
                    continue;
                }
                for scan in plan.lines().filter(|step| step.contains("Index Cond")) {
                    // The digest of a key contains the location.
                    let is_in_location =
                        scan.contains("(location = ") || scan.contains("(key_digest = ");
                    assert!(is_in_location, "{text}: {scan}");
                }
            }
        }
    }
}

/// Citus runs each statement inside of one location as one task on the worker that holds the
/// location, however often it was executed before.
pub(crate) async fn every_statement_in_a_location_is_one_task_on_citus(coordinator: Config) {
    let database = Database::existing(coordinator);
    let pool = pool(&database.config(), 1);
    let schema = format!("{}plans", schema_prefix());
    let builder = PostgresStore::builder().schema(&schema).distributed(citus::SHARDS);
    let store = || builder.clone().pool(pool.clone()).unwrap();
    let used = store();
    used.migrate().await.unwrap();
    run_every_statement(&used).await;
    // A store reads the epoch with its first read.
    run_every_read(store).await;
    let (connection, statements) = prepared_statements(&pool, &schema).await;
    // 13 reads of which nine have a second statement, a read of the counts, the insertion of a
    // location, and a function for each of seven kinds of commits.
    assert!(statements.len() >= 31, "only {} statements were prepared", statements.len());
    for statement in &statements {
        let Prepared { text, execute } = statement;
        // The server first compares five plans for the values with a plan for all values.
        for _ in 0..7 {
            let plan = plan(&connection, &format!("EXPLAIN (COSTS OFF) {execute}")).await;
            let is_one_task = plan.matches("Task Count: 1").count() == 1
                && plan.matches("Node: ").count() == 1
                && !plan.contains("Subplan");
            assert_ne!(is_one_task, statement.is_list_of_locations(), "{text}\n{plan}");
        }
    }
}

/// A statement inside of one location reads only the partition of that location.
pub(crate) async fn every_statement_in_a_location_uses_one_partition(cluster: &Cluster) {
    let (_database, connection, statements) = prepare(cluster, Some(16)).await;
    let partition = Regex::new(r" on (?:location|thread|message)_(\d+)").unwrap();
    for mode in PLAN_MODES {
        let begin = format!("SET plan_cache_mode = {mode}; BEGIN");
        connection.batch_execute(&begin).await.unwrap();
        let in_location = statements.iter().filter(|statement| !statement.is_list_of_locations());
        for Prepared { text, execute } in in_location {
            let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {execute}");
            connection.batch_execute("SAVEPOINT before").await.unwrap();
            let plan = plan(&connection, &explain).await;
            connection.batch_execute("ROLLBACK TO before").await.unwrap();
            let used: BTreeSet<&str> = plan
                .lines()
                .filter(|step| step.contains("Scan") && !step.contains("never executed"))
                .filter_map(|step| Some(partition.captures(step)?.get(1)?.as_str()))
                .collect();
            assert!(used.len() <= 1, "{mode}: {text}\n{plan}");
            if mode == "force_custom_plan" {
                let named: BTreeSet<&str> = partition
                    .captures_iter(&plan)
                    .map(|found| found.get(1).unwrap().as_str())
                    .collect();
                assert!(named.len() <= 1, "{text}\n{plan}");
            }
        }
        connection.batch_execute("ROLLBACK").await.unwrap();
    }
}

pub(crate) async fn the_sql_stays_in_one_location_and_uses_plain_tables(cluster: &Cluster) {
    let (_database, _connection, statements) = prepare(cluster, None).await;
    let tables = Regex::new(r#"(?:FROM|JOIN|UPDATE|INTO) "frontdesk"\.\w+ "#).unwrap();
    for statement in &statements {
        let text = &statement.text;
        let named = tables.find_iter(text).filter(|table| !table.as_str().contains("epoch"));
        let named = named.count();
        let bound = text.matches("location = $1").count()
            + text.matches("SELECT $1").count()
            + text.matches("VALUES ($1").count();
        assert!(
            named > 0 && (bound >= named || statement.is_list_of_locations()),
            "{bound} of {named} tables are restricted to one location: {text}"
        );
    }
    let lists = statements.iter().filter(|statement| statement.is_list_of_locations());
    assert_eq!(lists.count(), 2, "only two statements are not inside of one location");

    let special = Regex::new(
        r"(?i)\b(sequence|serial|identity|nextval|pg_\w*advisory\w*|listen|notify|trigger|extension|function|now\(|current_timestamp|random)\b",
    )
    .unwrap();
    for partitions in [None, Some(16)] {
        let migrations = builder_with_partitions(partitions).migrations().unwrap().join("\n");
        let texts = statements.iter().map(|statement| statement.text.as_str());
        for sql in texts.chain([migrations.as_str()]) {
            assert!(special.find(sql).is_none(), "{:?} in {sql}", special.find(sql));
        }
        for index in migrations.lines().filter(|line| line.contains("INDEX")) {
            // The digest of a key contains the location. The list of changed locations is not
            // inside of one location. Both indexes are not unique.
            let is_other = index.contains("(key_digest)") || index.contains("(changed)");
            let is_plain = is_other && index.starts_with("CREATE INDEX");
            assert!(index.contains("(location, ") || is_plain, "{index}");
        }
        // A new database gets the table of messages twice, and drops the first.
        assert_eq!(migrations.matches("PRIMARY KEY (location").count(), 5);
        assert_eq!(migrations.matches("PRIMARY KEY (timeline)").count(), 1);
        assert_eq!(migrations.matches("PRIMARY KEY").count(), 6);
    }
}

/// P2: in a location with many threads, the server uses one plan for all polls and does not
/// plan each poll anew.
pub(crate) async fn a_poll_without_changes_is_not_planned_each_time(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let pool = pool(&database.config(), 1);
    let store = PostgresStore::new(pool.clone());
    store.migrate().await.unwrap();
    let rows = "
        INSERT INTO frontdesk.location (location, revision, unread)
            SELECT 'l-' || n, 1000, 0 FROM generate_series(1, 100) n;
        INSERT INTO frontdesk.thread (location, booking, revision, last_number, newest_first)
            SELECT 'l-' || l, 'b-' || n, n, 1, -n
            FROM generate_series(1, 100) l, generate_series(1, 1000) n;
        ANALYZE";
    database.connect().await.batch_execute(rows).await.unwrap();

    // Without this call, the first poll would run twice: before and after the store stores the
    // token of the timeline.
    store.locations(None, 1).await.unwrap();
    let newest = Revision::try_from(1_000).unwrap();
    for poll in 1..=20 {
        let location = location_id(&format!("l-{poll}"));
        let changes = store.changes(&location, newest, 50).await.unwrap().value;
        assert_eq!((changes.counts.revision, changes.changed.len()), (newest, 0));
    }
    let plans = "SELECT generic_plans, custom_plans FROM pg_prepared_statements \
                 WHERE generic_plans + custom_plans = 20";
    let plans = pool.get().await.unwrap().query_one(plans, &[]).await.unwrap();
    // The server plans the first five executions anew to compare the costs.
    assert_eq!((plans.get::<_, i64>(0), plans.get::<_, i64>(1)), (15, 5));
}
