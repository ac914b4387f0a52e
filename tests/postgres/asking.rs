//! How often the server is asked.

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::PostgresStore;
use frontdesk::{Draft, FrontDesk};
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::{Cluster, Database};
use crate::proxy::Proxy;
use crate::stage::{HERE, pool};
use crate::support::{booking, key, place, who};

/// Each on one connection, where statements that can be prepared are, and counted in
/// both ways of sending them.
pub(crate) async fn a_post_takes_two_round_trips_and_an_idle_poll_one(cluster: &Cluster) {
    for unnamed in [false, true] {
        let database = Database::on(cluster.admin()).await;
        let line = Proxy::to(cluster.port());
        let lines = pool(&database.config_on_port(line.port()), 1);
        let store =
            PostgresStore::builder().unnamed_statements(unnamed).pool(lines.clone()).unwrap();
        store.migrate().await.unwrap();
        let desk = FrontDesk::new(store);
        let ann = desk.customer(place(HERE), booking("b-1"), who("c-1"), None);
        let kim = desk.operator(place(HERE), who("u-1"), None);
        let mut asked = line.round_trips();
        let mut since = || {
            let before = std::mem::replace(&mut asked, line.round_trips());
            asked - before
        };

        for warm in [false, true] {
            let turn = |text: &str| format!("{text}-{warm}");
            ann.send(Draft::new("Is there room?")).await.unwrap();
            let plain = since();
            ann.send(Draft::new("Please?").with_key(key(&turn("k")))).await.unwrap();
            let keyed = since();
            kim.reply(&booking("b-1").id, "Yes!").await.unwrap();
            let reply = since();
            let inbox = kim.inbox(&PageRequest::first(50)).await.unwrap();
            let listed = since();
            let OperatorPoll::Update(update) = kim.poll(&inbox.cursor, None).await.unwrap() else {
                panic!("a fresh cursor goes on");
            };
            assert!(update.is_empty());
            let polled = since();
            let visit = ann.visit().await.unwrap();
            since();
            ann.poll(visit.cursor()).await.unwrap();
            let asked_by_customer = since();
            if warm {
                let counts = [plain, keyed, reply, listed, polled, asked_by_customer];
                assert_eq!(counts, [2, 2, 2, 1, 1, 1], "unnamed: {unnamed}");
            }
        }
        // Behind a pooler the next transaction would not find what this one prepared.
        let left = "SELECT statement FROM pg_prepared_statements";
        let left = lines.get().await.unwrap().simple_query(left).await.unwrap();
        let left = left.iter().any(|said| matches!(said, SimpleQueryMessage::Row(_)));
        assert_eq!(left, !unnamed, "whether statements were prepared");
    }
}
