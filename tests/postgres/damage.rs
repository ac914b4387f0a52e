//! What was changed behind the store's back: rows by hand, statements by a pooler.

use frontdesk::Role;
use frontdesk::store::{PostgresStore, StoreErrorKind, ThreadStore};

use crate::postgres::{Cluster, Database};
use crate::stage::{HERE, pool, post, posted, store, texts};
use crate::support::{key, thread_id, who};

/// A key whose message is gone would make a doubled message look new.
pub(crate) async fn a_key_without_its_message_is_corrupt(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    drop(post(&store, "b-1", "Is there room?", Some("k-1")).await.unwrap());
    database.connect().await.batch_execute("DELETE FROM frontdesk.message").await.unwrap();

    let id = thread_id(HERE, "b-1");
    let asked = store.message_by_key(&id, Role::Customer, &who("c-1"), &key("k-1")).await;
    let sent = post(&store, "b-1", "Is there room?", Some("k-1")).await;
    for error in [asked.unwrap_err(), sent.unwrap_err()] {
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error:?}");
        assert_eq!(error.thread(), Some(&id));
    }
}

/// So a pooler behaves that gives each transaction another connection, and so does a
/// migration that alters a table under a prepared statement.
pub(crate) async fn prepared_statements_that_are_gone_cost_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let lines = pool(&database.config(), 1);
    let store = PostgresStore::new(lines.clone());
    store.migrate().await.unwrap();
    let mut expected = Vec::new();
    for spoils in ["DEALLOCATE ALL", "ALTER TABLE frontdesk.message ALTER name TYPE varchar(600)"] {
        posted(&store, "b-1", "first").await;
        texts(&store, "b-1").await;
        lines.get().await.unwrap().batch_execute(spoils).await.unwrap();
        posted(&store, "b-1", "second").await;
        expected.extend(["first", "second"]);
        lines.get().await.unwrap().batch_execute(spoils).await.unwrap();
        assert_eq!(texts(&store, "b-1").await, expected, "{spoils}");
    }
}

/// A host that shares its pool may leave one so.
pub(crate) async fn a_line_left_in_a_failed_transaction_costs_no_error(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let lines = pool(&database.config(), 1);
    let store = PostgresStore::new(lines.clone());
    store.migrate().await.unwrap();
    let line = lines.get().await.unwrap();
    line.batch_execute("BEGIN; SELECT 1 / 0").await.unwrap_err();
    drop(line);
    posted(&store, "b-1", "first").await;
    assert_eq!(texts(&store, "b-1").await, ["first"]);
}
