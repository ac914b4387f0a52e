//! A server that accepts only connections with TLS.

use std::error::Error;

use deadpool_postgres::{Manager, Pool};
use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::{FrontDesk, LocationId};
use frontdesk_postgres::{PostgresOpenError, PostgresStore};
use rcgen::{Certificate, CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::fixtures::{LOCATION, pool, query_number};
use crate::postgres::{Cluster, Database};
use crate::support::{booking, booking_id, location_id, participant_id};

/// Counts the TCP connections of the database, with or without TLS.
const TCP_CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_ssl \
    JOIN pg_stat_activity USING (pid) \
    WHERE datname = current_database() AND client_addr IS NOT NULL AND ssl = ";

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

/// Makes a store that connects only to a server with this certificate.
fn store_that_trusts(certificate: &Certificate, config: &Config) -> PostgresStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let config = config.clone().ssl_mode(SslMode::Require).clone();
    let manager = Manager::new(config, MakeRustlsConnect::new(tls));
    PostgresStore::new(Pool::builder(manager).build().unwrap())
}

pub(crate) async fn nothing_is_sent_without_tls_to_a_server_that_requires_it(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (certified, other) = (certificate(), certificate());
    cluster.require_tls(&certified.cert.pem(), &certified.signing_key.serialize_pem());
    let config = database.config_on_port(cluster.port());

    let store = store_that_trusts(&certified.cert, &config);
    store.migrate().await.unwrap();
    let desk = FrontDesk::new(store);
    post_and_poll(&desk, location_id(LOCATION)).await;
    let direct = database.connect().await;
    assert!(query_number(&direct, &format!("{TCP_CONNECTIONS} true")).await > 0);
    assert_eq!(query_number(&direct, &format!("{TCP_CONNECTIONS} false")).await, 0);

    // 28000: no rule of the server admits the connection.
    let plain = PostgresStore::new(pool(&config, 1));
    assert!(connect_error(&plain).await.contains("28000"));
    // A server with another certificate does not receive the password.
    let mistrusting = store_that_trusts(&other.cert, &config);
    let error = connect_error(&mistrusting).await;
    assert!(error.contains("TLS handshake"), "{error}");
}

async fn post_and_poll(desk: &FrontDesk, location: LocationId) {
    let operator = desk.operator(location.clone(), participant_id("u-1"), None);
    let cursor = operator.inbox(&PageRequest::first(10)).await.unwrap().cursor;
    let customer = desk
        .customer(location, booking_id("b-1"), participant_id("c-1"))
        .starting_with(booking("b-1"));
    customer.send("Is there room?").await.unwrap();
    let OperatorPoll::Update(update) = operator.poll(&cursor, None).await.unwrap() else {
        panic!("the poll started over")
    };
    assert_eq!((update.threads.len(), update.unread), (1, 1));
}

/// Returns the reason why a store cannot connect.
async fn connect_error(store: &PostgresStore) -> String {
    match store.migrate().await.unwrap_err() {
        error @ PostgresOpenError::Unavailable(_) => error.source().unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}
