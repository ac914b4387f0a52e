//! The number of round trips of each operation.

use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::ThreadStore;
use frontdesk::{Draft, FrontDesk};
use frontdesk_postgres::PostgresStore;
use tokio_postgres::SimpleQueryMessage;

use crate::fixtures::{LOCATION, commit_alone, head, message, pool, post_all_commit};
use crate::postgres::{Cluster, Database};
use crate::proxy::Proxy;
use crate::support::{booking, booking_id, key, location_id, participant_id};

/// Counts the round trips since the last call.
fn counter(proxy: &Proxy) -> impl FnMut() -> u32 {
    let mut counted = proxy.round_trips();
    move || {
        let before = std::mem::replace(&mut counted, proxy.round_trips());
        counted - before
    }
}

/// Uses one connection, on which the second pass finds all statements prepared. Repeats the
/// test with unnamed statements.
pub(crate) async fn a_post_takes_two_round_trips_and_an_idle_poll_one(cluster: &Cluster) {
    for unnamed in [false, true] {
        let database = Database::on(cluster.admin()).await;
        let proxy = Proxy::to(cluster.port());
        let pool = pool(&database.config_on_port(proxy.port()), 1);
        let store =
            PostgresStore::builder().unnamed_statements(unnamed).pool(pool.clone()).unwrap();
        store.migrate().await.unwrap();
        let desk = FrontDesk::new(store);
        let ann = desk
            .customer(location_id(LOCATION), booking_id("b-1"), participant_id("c-1"))
            .starting_with(booking("b-1"));
        let kim = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
        let mut round_trips = counter(&proxy);

        for is_prepared in [false, true] {
            ann.send(Draft::new("Is there room?")).await.unwrap();
            let without_key = round_trips();
            let draft = Draft::new("Please?").with_key(key(&format!("k-{is_prepared}")));
            ann.send(draft).await.unwrap();
            let with_key = round_trips();
            kim.reply(&booking("b-1").id, "Yes, there is.").await.unwrap();
            let reply = round_trips();
            let inbox = kim.inbox(&PageRequest::first(50)).await.unwrap();
            let list = round_trips();
            let OperatorPoll::Update(update) = kim.poll(&inbox.cursor, None).await.unwrap() else {
                panic!("a new cursor does not start over");
            };
            assert!(update.is_empty());
            let operator_poll = round_trips();
            let conversation = ann.open().await.unwrap();
            round_trips();
            ann.poll(conversation.cursor()).await.unwrap();
            let customer_poll = round_trips();
            if is_prepared {
                let counts = [without_key, with_key, reply, list, operator_poll, customer_poll];
                assert_eq!(counts, [2, 2, 2, 1, 1, 1], "unnamed: {unnamed}");
            }
        }
        // Behind a pooler the next transaction would not find a prepared statement.
        let prepared = "SELECT statement FROM pg_prepared_statements";
        let prepared = pool.get().await.unwrap().simple_query(prepared).await.unwrap();
        let any_prepared = prepared.iter().any(|row| matches!(row, SimpleQueryMessage::Row(_)));
        assert_eq!(any_prepared, !unnamed);
    }
}

pub(crate) async fn a_commit_of_many_messages_takes_one_round_trip(cluster: &Cluster) {
    for unnamed in [false, true] {
        let database = Database::on(cluster.admin()).await;
        let proxy = Proxy::to(cluster.port());
        let pool = pool(&database.config_on_port(proxy.port()), 1);
        let store = PostgresStore::builder().unnamed_statements(unnamed).pool(pool).unwrap();
        store.migrate().await.unwrap();
        let mut round_trips = counter(&proxy);
        for batch in 1..=3 {
            let keys: Vec<String> = (0..100).map(|at| format!("k-{batch}-{at}")).collect();
            let messages: Vec<_> =
                keys.iter().map(|key| message("b-1", "text").with_key(&**key)).collect();
            let found = head(&store, "b-1").await;
            round_trips();
            commit_alone(&store, post_all_commit(found.as_ref(), &messages)).await;
            let count = round_trips();
            // The first batch also inserts the location, and the second prepares the
            // statement for a thread that exists.
            if batch == 3 {
                assert_eq!(count, 1, "unnamed: {unnamed}");
            }
        }
        let locations = store.locations(None, 10).await.unwrap().value;
        assert_eq!(locations[0].revision.get(), 3);
    }
}
