//! Several servers, each with some of the locations.

use frontdesk::LocationId;
use frontdesk::store::{Changes, Revision, ThreadStore};
use frontdesk_postgres::PostgresStore;

use crate::checker::{assert_nothing_is_lost, assert_start_overs};
use crate::fault_injector::{FaultInjector, ServerProxies};
use crate::postgres::{Cluster, Database, Listen};
use crate::sharded_store::ShardedStore;
use crate::support::location_id;
use crate::worker::LOCATIONS;
use crate::worker_config::{shard_overrides, store};

/// P1, P2, I3, I4: a sharded store keeps the promises of its shards. Each server contains its
/// own locations and no other.
pub(crate) async fn test(first: Cluster) {
    let mut faults = FaultInjector::new();
    let [second, third] = [(); 2].map(|()| Cluster::start(Listen::OnPort).unwrap());
    let mut servers = [first, second, third];
    let mut databases = Vec::new();
    for server in &mut servers {
        server.trust();
        databases.push(Database::on(server.admin()).await);
    }
    let url = |server: usize, port: u16| {
        let name = databases[server].name();
        format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}")
    };
    let direct = [0, 1, 2].map(|server| url(server, servers[server].port()));
    for url in &direct {
        PostgresStore::connect(url).unwrap().migrate().await.unwrap();
    }
    let proxies = [0, 1, 2].map(|server| ServerProxies::to(&servers[server]));
    let urls_of =
        |process| (0..3).map(|server| url(server, proxies[server].port(process))).collect();
    let workers = faults.start_workers(urls_of);

    for (server, percent) in [25, 50, 75].into_iter().enumerate() {
        let all: Vec<_> = servers.iter().zip(&databases).collect();
        faults.disturb_until(percent, &proxies, &all).await;
        faults.crash_and_restart(&mut servers[server]);
    }
    let all: Vec<_> = servers.iter().zip(&databases).collect();
    faults.disturb_until(100, &proxies, &all).await;

    workers.wait_for_acknowledged(1);
    let reports = workers.finish();
    faults.assert_happened(&proxies, 3, 0);
    assert_start_overs(&reports, 0);
    assert_nothing_is_lost(store(&direct), &reports, faults.histories).await;
    assert_locations_are_on_their_servers(&direct).await;
}

/// Asserts that each location is on its own server only, and that each server has a location.
async fn assert_locations_are_on_their_servers(urls: &[String]) {
    let shards = urls.iter().map(|url| store(std::slice::from_ref(url))).collect();
    let sharded = ShardedStore::new(shards, shard_overrides());
    let mut counts = vec![0; urls.len()];
    for location in LOCATIONS.map(location_id) {
        let shard = sharded.shard_index(&location);
        counts[shard] += 1;
        for (server, url) in urls.iter().enumerate() {
            let found = contains(url, &location).await;
            assert_eq!(found, server == shard, "{location} on server {server}");
        }
    }
    assert_eq!(counts, [1, 2, 1]);
}

async fn contains(url: &str, location: &LocationId) -> bool {
    let store = PostgresStore::connect(url).unwrap();
    let changes = store.changes(location, Revision::ZERO, 1).await.unwrap().value;
    changes != Changes::default()
}
