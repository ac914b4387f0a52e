//! Imports of history (I5).

use futures::future::join_all;

use crate::fixtures::migrated_store;
use crate::postgres::{Cluster, Database};
use crate::support::fixture::Fixture;
use crate::support::importing::{history, import};
use crate::support::interrupted_import::check_interrupted_import;

/// I5: an import of several commits continues over new connections.
pub(crate) async fn i5_an_interrupted_import_continues_on_the_server(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    check_interrupted_import(async || migrated_store(&database.config()).await).await;
}

/// I5: many imports at the same time, two of each list, store each message once.
pub(crate) async fn i5_concurrent_imports_store_each_message_once(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let fixture = Fixture::over(migrated_store(&database.config()).await);
    let lists: Vec<_> =
        (0..24).map(|list| import(&format!("b-{}", list / 2)).messages(history(20))).collect();
    let admin = fixture.admin();
    let imports = join_all(lists.iter().map(|list| admin.import(list))).await;
    let stored: usize = imports.into_iter().map(|imported| imported.unwrap().stored).sum();
    assert_eq!(stored, 12 * 20);
    for thread in 0..12 {
        assert_eq!(fixture.messages(&format!("b-{thread}")).await.len(), 20);
    }
}
