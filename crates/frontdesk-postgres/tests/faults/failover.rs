//! One server and its synchronous replica.

use frontdesk_postgres::PostgresStore;

use crate::checker::{assert_nothing_is_lost, assert_start_overs};
use crate::fault_injector::{FaultInjector, ServerProxies};
use crate::postgres::{Cluster, Database, Listen};

/// P1, P2, P7, I3, I4: connections are cut and closed, the server crashes and restarts, and finally
/// its replica takes over. Every acknowledged message is stored once, all clients saw one history,
/// and their polls start over after the promotion.
pub(crate) async fn test(mut primary: Cluster) {
    let mut faults = FaultInjector::new();
    let database = Database::on(primary.admin()).await;
    primary.trust();
    // The replica copies this setting, and then reconnects soon after a crash of the primary.
    primary.sql("ALTER SYSTEM SET wal_retrieve_retry_interval = '100ms'");
    let mut replica = primary.replica(Listen::OnPort);
    // Dropping the database waits for the replica, so the replica must be dropped later.
    let database = database;
    let name = database.name().to_owned();
    let url = |ports: [u16; 2]| {
        let hosts = ports.map(|port| format!("127.0.0.1:{port}")).join(",");
        format!("postgres://{name}:{name}@{hosts}/{name}?target_session_attrs=read-write")
    };
    let direct = url([primary.port(), replica.port()]);
    PostgresStore::connect(&direct).unwrap().migrate().await.unwrap();
    let proxies = [ServerProxies::to(&primary), ServerProxies::to(&replica)];
    let url_of = |process| vec![url([0, 1].map(|server| proxies[server].port(process)))];
    let workers = faults.start_workers(url_of);

    faults.disturb_until(30, &proxies[..1], &[(&primary, &database)]).await;
    faults.crash_and_restart(&mut primary);
    faults.disturb_until(50, &proxies[..1], &[(&primary, &database)]).await;
    // A commit stays written if its connection is closed, or the server crashes, while it waits
    // for the replica. If the store sends the commit again, it can be acknowledged before the
    // replica has it. So these faults end here, and the replica catches up before it takes
    // over. Cuts continue, because the server does not end a wait for them.
    faults.wait_for_replica(&mut primary).await;
    faults.disturb_until(62, &proxies[..1], &[]).await;
    let before = workers.acknowledged();
    faults.fail_over(&mut primary, &mut replica);
    workers.wait_for_acknowledged(1);
    faults.disturb_until(100, &proxies[1..], &[(&replica, &database)]).await;

    workers.wait_for_acknowledged(1);
    println!("{before} messages were acknowledged before the replica took over");
    let reports = workers.finish();
    faults.assert_happened(&proxies, 1, 1);
    assert_start_overs(&reports, 1);
    let store = PostgresStore::connect(&direct).unwrap();
    assert_nothing_is_lost(store, &reports, faults.histories).await;
}
