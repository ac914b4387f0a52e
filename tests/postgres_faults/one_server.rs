//! One server and its synchronous replica.

use frontdesk::store::PostgresStore;

use crate::faults::{Faults, Gate};
use crate::postgres::{Cluster, Database, Listen};
use crate::verdict::assert_nothing_is_lost;

/// P1, P2, I3, I4: connections are cut and ended, the server crashes and comes back, and
/// at last its replica takes over. All that was acknowledged is there once, and everybody
/// saw one history.
pub(crate) async fn fails_over(mut primary: Cluster) {
    let mut faults = Faults::new();
    let database = Database::on(primary.admin()).await;
    primary.trust();
    // Copied by the replica, which is to come back as soon as the primary does.
    primary.sql("ALTER SYSTEM SET wal_retrieve_retry_interval = '100ms'");
    let mut replica = primary.replica(Listen::OnPort);
    // Goes before the replica does, which dropping it waits for.
    let database = database;
    let name = database.config().get_dbname().unwrap().to_owned();
    let url = |ports: [u16; 2]| {
        let hosts = ports.map(|port| format!("127.0.0.1:{port}")).join(",");
        format!("postgres://{name}:{name}@{hosts}/{name}?target_session_attrs=read-write")
    };
    let direct = url([primary.port(), replica.port()]);
    PostgresStore::connect(&direct).unwrap().migrate().await.unwrap();
    let gates = [Gate::to(&primary), Gate::to(&replica)];
    let processes = faults.processes(|process| vec![url([0, 1].map(|at| gates[at].port(process)))]);

    faults.storm(&gates[..1], &[(&primary, &database)], 30).await;
    faults.crash(&mut primary);
    faults.storm(&gates[..1], &[(&primary, &database)], 50).await;
    // A commit whose connection is ended while it waits for the replica stands all the
    // same, and so does one that a crash came between; sent again, either can be
    // acknowledged before the replica has it. So these two are over, and known to the
    // replica, before it is needed. Cuts go on: they end no wait.
    faults.caught_up(&mut primary).await;
    faults.storm(&gates[..1], &[], 62).await;
    let before = processes.acknowledged();
    faults.fail_over(&mut primary, &mut replica);
    processes.hear(1);
    faults.storm(&gates[1..], &[(&replica, &database)], 100).await;

    processes.hear(1);
    println!("{before} messages were acknowledged before the replica took over");
    let said = processes.finish();
    faults.happened(&gates, 1, 1);
    assert_nothing_is_lost(&PostgresStore::connect(&direct).unwrap(), &said).await;
}
