//! The list of locations that may have changed.

use std::time::{Duration, Instant};

use frontdesk::store::{ChangeToken, ThreadStore};
use frontdesk_postgres::PostgresStore;

use crate::fixtures::{builder_with_partitions, commit_alone, pool};
use crate::postgres::{Cluster, Database};
use crate::support::{at, booking, location_id};

/// Maximum time until the transactions of other tests have ended.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Makes a store with a thread at two locations.
async fn store_with_two_locations(database: &Database) -> PostgresStore {
    let store = builder_with_partitions(None).pool(pool(&database.config(), 2)).unwrap();
    store.migrate().await.unwrap();
    for location in ["harbour", "lake"] {
        start(&store, location, "b-1").await;
    }
    store
}

async fn start(store: &PostgresStore, location: &str, id: &str) {
    let thread = frontdesk::Thread::start(location_id(location), booking(id), at(0));
    let state = frontdesk::store::ThreadState::Live(thread);
    commit_alone(store, frontdesk::store::Commit::new(state, None)).await;
}

/// Returns the locations that changed since a token, and the next token.
async fn changed(
    store: &PostgresStore,
    since: Option<ChangeToken>,
) -> (Vec<String>, Option<ChangeToken>) {
    let found = store.changed_locations(since, None, 10).await.unwrap().value;
    let ids = found.locations.iter().map(|entry| entry.location.to_string());
    (ids.collect(), found.next)
}

/// Gives numbers to this many transactions.
async fn use_transactions(database: &Database, count: u32) {
    let sql = format!(
        "DO $$ BEGIN FOR step IN 1..{count} LOOP PERFORM pg_current_xact_id(); COMMIT; \
         END LOOP; END $$"
    );
    database.connect().await.batch_execute(&sql).await.unwrap();
}

/// A commit takes its number early and becomes visible after a list and after many other
/// transactions.
pub(crate) async fn a_commit_that_becomes_visible_late_is_in_the_next_list(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store_with_two_locations(&database).await;
    use_transactions(&database, 600).await;
    let late = database.connect().await;
    let begin = "BEGIN; UPDATE frontdesk.location SET revision = revision + 1, \
                 changed = pg_current_xact_id()::text::bigint >> 8 WHERE location = 'lake'";
    late.batch_execute(begin).await.unwrap();
    use_transactions(&database, 600).await;
    let (_, since) = changed(&store, None).await;
    use_transactions(&database, 600).await;
    late.batch_execute("COMMIT").await.unwrap();
    let listed = changed(&store, since).await.0;
    assert!(listed.contains(&"lake".to_owned()), "{listed:?}");
}

pub(crate) async fn a_location_without_a_commit_leaves_the_list(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store_with_two_locations(&database).await;
    let (all, since) = changed(&store, None).await;
    assert_eq!(all, ["harbour", "lake"]);
    assert!(since.is_some(), "the store knows which locations change");
    // A transaction that still runs in another database of the server holds the token back.
    let start_of_wait = Instant::now();
    let since = loop {
        use_transactions(&database, 300).await;
        let (_, since) = changed(&store, None).await;
        let (listed, since) = changed(&store, since).await;
        if listed.is_empty() {
            break since;
        }
        assert!(start_of_wait.elapsed() < TIMEOUT, "the list still has {listed:?}");
    };
    start(&store, "lake", "b-2").await;
    assert_eq!(changed(&store, since).await.0, ["lake"]);
    // An unknown token selects too much, never too little.
    assert_eq!(changed(&store, Some(ChangeToken::new(u64::MAX))).await.0.len(), 2);
}
