//! Imports of history (I5).

use frontdesk::Timestamp;
use frontdesk::store::ThreadStore;
use futures::future::join_all;

use crate::fixtures::migrated_store;
use crate::postgres::{Cluster, Database};
use crate::support::fixture::Fixture;
use crate::support::importing::{history, import};

/// I5, I4: an import of several commits continues. It stores what an import into a `MemoryStore`
/// stores. Its keys stay when old keys are forgotten.
pub(crate) async fn i5_an_interrupted_import_continues_on_the_server(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let fixture = Fixture::over(migrated_store(&database.config()).await);
    let whole = import("b-1").messages(history(2_100)).waiting();
    let mut part = whole.clone();
    part.messages.truncate(1_200);
    assert_eq!(fixture.admin().import(&part).await.unwrap().stored, 1_200);

    let imported = fixture.admin().import(&whole).await.unwrap();
    assert_eq!((imported.stored, imported.already_stored), (900, 1_200));
    let expected = Fixture::new();
    expected.admin().import(&whole).await.unwrap();
    assert_eq!(fixture.thread("b-1").await, expected.thread("b-1").await);
    assert_eq!(fixture.messages("b-1").await, expected.messages("b-1").await);

    let (location, all) = (&fixture.location, usize::MAX);
    let forgotten = fixture.store.forget_keys(location, Timestamp::MAX, all).await.unwrap().value;
    assert_eq!(forgotten.removed, 0);
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
