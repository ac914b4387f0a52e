//! A pooler between the store and its server.

use frontdesk::desk::{MAX_PAGE, OperatorPoll, PageRequest};
use frontdesk::inbox::InboxList;
use frontdesk::store::PostgresStore;
use frontdesk::{Draft, FrontDesk};
use futures::future::join_all;

use crate::postgres::bouncer::{Bouncer, LINES};
use crate::postgres::{Cluster, Database, connect};
use crate::stage::{HERE, made, pool, soon};
use crate::support::{booking, booking_id, key, place, who};

const CLIENTS: usize = 8;
const TURNS: usize = 25;

/// In transaction mode a client has a connection for a statement, and may have another
/// one for the next.
pub(crate) async fn a_pooler_may_give_each_transaction_another_line(
    cluster: &Cluster,
    bouncer: Bouncer,
) {
    let database = Database::on(cluster.admin()).await;
    let unnamed = PostgresStore::builder().unnamed_statements(true);
    let pooled = pool(&database.config_on_port(bouncer.port()), CLIENTS);
    let store = unnamed.clone().pool(pooled).unwrap();
    store.migrate().await.unwrap();
    let desk = FrontDesk::new(store);
    let talking = (0..CLIENTS).map(|client| {
        let desk = desk.clone();
        tokio::spawn(async move { talk(&desk, &booked(client)).await })
    });
    for talked in join_all(talking).await {
        talked.unwrap();
    }

    let mut config = cluster.admin();
    config.dbname(database.name());
    let lines = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    soon(&connect(&config).await, lines, i64::try_from(LINES).unwrap()).await;
    let desk = FrontDesk::new(made(unnamed, &config).await);
    let team = desk.operator(place(HERE), who("u-1"), None);
    for client in 0..CLIENTS {
        let booked = booking_id(&booked(client));
        let history = team.history(&booked, None, MAX_PAGE).await.unwrap();
        let texts: Vec<_> =
            history.messages.iter().map(|message| message.body().as_str()).collect();
        assert_eq!(texts, (0..TURNS).map(said).collect::<Vec<_>>());
    }
}

fn booked(client: usize) -> String {
    format!("b-{client}")
}

fn said(turn: usize) -> String {
    format!("turn {turn}")
}

/// Says everything twice, with a key, and polls until it has seen it.
async fn talk(desk: &FrontDesk, booked: &str) {
    let customer = desk.customer(place(HERE), booking(booked), who("c-1"), None);
    let team = desk.operator(place(HERE), who("u-1"), None);
    let mut cursor = team.inbox(&PageRequest::first(MAX_PAGE)).await.unwrap().cursor;
    let mut list = InboxList::new();
    for turn in 0..TURNS {
        let draft = Draft::new(said(turn)).with_key(key(&turn.to_string()));
        for is_again in [false, true] {
            let sent = customer.send(draft.clone()).await.unwrap();
            let expected = (u32::try_from(turn).unwrap() + 1, is_again);
            assert_eq!((sent.number().get(), sent.is_replayed()), expected);
        }
        let OperatorPoll::Update(update) = team.poll(&cursor, None).await.unwrap() else {
            panic!("it started over")
        };
        update.apply_to(&mut list);
        cursor = update.cursor;
        let ours = list.iter().find(|thread| thread.id().booking.as_str() == booked).unwrap();
        assert_eq!(ours.message_count() as usize, turn + 1);
    }
}
