//! A pooler between the store and its server.

use frontdesk::desk::{MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::{Draft, FrontDesk, MessageBody};
use frontdesk_postgres::PostgresStore;
use futures::future::join_all;

use crate::fixtures::{LOCATION, build_store, pool, wait_for_number};
use crate::postgres::pgbouncer::SERVER_CONNECTIONS;
use crate::postgres::{Cluster, Database, Pooler, connect};
use crate::support::{booking, booking_id, key, location_id, participant_id};

const CLIENTS: usize = 8;
const MESSAGES: usize = 25;

/// In transaction mode a client gets a connection for one statement, and may get another
/// connection for the next statement.
pub(crate) async fn a_pooler_may_give_each_transaction_another_connection(
    cluster: &Cluster,
    pooler: Pooler,
) {
    let database = Database::on(cluster.admin()).await;
    let unnamed = PostgresStore::builder().unnamed_statements(true);
    let pool = pool(&database.config_on_port(pooler.port()), CLIENTS);
    let store = unnamed.clone().pool(pool).unwrap();
    store.migrate().await.unwrap();
    let desk = FrontDesk::new(store);
    let clients = (0..CLIENTS).map(|client| {
        let desk = desk.clone();
        tokio::spawn(async move { send_and_poll(&desk, &booking_of(client)).await })
    });
    for client in join_all(clients).await {
        client.unwrap();
    }

    let config = database.admin_config();
    let connections = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let expected = i64::try_from(SERVER_CONNECTIONS).unwrap();
    wait_for_number(&connect(&config).await, connections, expected).await;
    let desk = FrontDesk::new(build_store(unnamed, &config).await);
    let operator = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
    for client in 0..CLIENTS {
        let booking = booking_id(&booking_of(client));
        let history = operator.history(&booking, None, MAX_PAGE).await.unwrap();
        let bodies = history.messages.iter().filter_map(|message| message.body());
        let texts: Vec<_> = bodies.map(MessageBody::as_str).collect();
        assert_eq!(texts, (0..MESSAGES).map(text_of).collect::<Vec<_>>());
    }
}

fn booking_of(client: usize) -> String {
    format!("b-{client}")
}

fn text_of(message: usize) -> String {
    format!("message {message}")
}

/// Sends each message twice with the same key, and polls until it arrives.
async fn send_and_poll(desk: &FrontDesk, booked: &str) {
    let customer = desk
        .customer(location_id(LOCATION), booking_id(booked), participant_id("c-1"))
        .starting_with(booking(booked));
    let operator = desk.operator(location_id(LOCATION), participant_id("u-1"), None);
    let mut cursor = operator.inbox(&PageRequest::first(MAX_PAGE)).await.unwrap().cursor;
    let mut list = InboxList::new();
    for message in 0..MESSAGES {
        let draft = Draft::new(text_of(message)).with_key(key(&message.to_string()));
        for is_replay in [false, true] {
            let sent = customer.send(draft.clone()).await.unwrap();
            let expected = (u32::try_from(message).unwrap() + 1, is_replay);
            assert_eq!((sent.number().get(), sent.is_replayed()), expected);
        }
        let OperatorPoll::Update(update) = operator.poll(&cursor, None).await.unwrap() else {
            panic!("the poll started over")
        };
        update.apply_to(&mut list);
        cursor = update.cursor;
        let thread = list.iter().find(|thread| thread.id().booking.as_str() == booked).unwrap();
        assert_eq!(thread.message_count() as usize, message + 1);
    }
}
