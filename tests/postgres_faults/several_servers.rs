//! Several servers, each with some of the locations.

use frontdesk::LocationId;
use frontdesk::store::{Changes, PostgresStore, Revision, ThreadStore};

use crate::faults::{Faults, Gate};
use crate::office::{PLACES, moved, store};
use crate::postgres::{Cluster, Database, Listen};
use crate::routing::Routing;
use crate::support::place;
use crate::verdict::assert_nothing_is_lost;

/// P1, P2, I3, I4: the same through a store that only looks up where a location lives.
/// What holds for each server holds for all of them, and each has its own locations and
/// no other.
pub(crate) async fn crash(first: Cluster) {
    let mut faults = Faults::new();
    let [second, third] = [(); 2].map(|()| Cluster::start(Listen::OnPort).unwrap());
    let mut servers = [first, second, third];
    let mut databases = Vec::new();
    for server in &mut servers {
        server.trust();
        databases.push(Database::on(server.admin()).await);
    }
    let url = |at: usize, port: u16| {
        let name = databases[at].config().get_dbname().unwrap().to_owned();
        format!("postgres://{name}:{name}@127.0.0.1:{port}/{name}")
    };
    let direct = [0, 1, 2].map(|at| url(at, servers[at].port()));
    for url in &direct {
        PostgresStore::connect(url).unwrap().migrate().await.unwrap();
    }
    let gates = [0, 1, 2].map(|at| Gate::to(&servers[at]));
    let processes =
        faults.processes(|process| (0..3).map(|at| url(at, gates[at].port(process))).collect());

    for (at, until) in [25, 50, 75].into_iter().enumerate() {
        let all: Vec<_> = servers.iter().zip(&databases).collect();
        faults.storm(&gates, &all, until).await;
        faults.crash(&mut servers[at]);
    }
    let all: Vec<_> = servers.iter().zip(&databases).collect();
    faults.storm(&gates, &all, 100).await;

    processes.hear(1);
    let said = processes.finish();
    faults.happened(&gates, 3, 0);
    assert_nothing_is_lost(&*store(&direct), &said).await;
    assert_lives_at_home(&direct).await;
}

/// A location is on the server that it is looked for on, and each server has one.
async fn assert_lives_at_home(urls: &[String]) {
    let routing =
        Routing::new(urls.iter().map(|url| store(std::slice::from_ref(url))).collect(), moved());
    let mut homes = vec![0; urls.len()];
    for here in PLACES.map(place) {
        let home = routing.home(&here);
        homes[home] += 1;
        for (at, url) in urls.iter().enumerate() {
            assert_eq!(is_there(url, &here).await, at == home, "{here} on server {at}");
        }
    }
    assert_eq!(homes, [1, 2, 1]);
}

async fn is_there(url: &str, here: &LocationId) -> bool {
    let store = PostgresStore::connect(url).unwrap();
    store.changes(here, Revision::ZERO, 1).await.unwrap() != Changes::default()
}
