//! A server that is reached by TLS only.

use std::error::Error;

use deadpool_postgres::{Manager, Pool};
use frontdesk::desk::{OperatorPoll, PageRequest};
use frontdesk::store::{PostgresOpenError, PostgresStore};
use frontdesk::{FrontDesk, LocationId};
use rcgen::{Certificate, CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::postgres::{Cluster, Database};
use crate::stage::{HERE, number, pool};
use crate::support::{booking, place, who};

/// Of the test's own lines, those with TLS, or those without.
const LINES: &str = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
    WHERE datname = current_database() AND client_addr IS NOT NULL AND ssl = ";

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

/// A store that goes where a certificate is known, and nowhere else.
fn trusting(certificate: &Certificate, config: &Config) -> PostgresStore {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let config = config.clone().ssl_mode(SslMode::Require).clone();
    let manager = Manager::new(config, MakeRustlsConnect::new(tls));
    PostgresStore::new(Pool::builder(manager).build().unwrap())
}

pub(crate) async fn nothing_goes_unencrypted_where_the_server_wants_tls(mut cluster: Cluster) {
    let database = Database::on(cluster.admin()).await;
    let (certified, another) = (certificate(), certificate());
    cluster.demand_tls(&certified.cert.pem(), &certified.signing_key.serialize_pem());
    let config = database.config_on_port(cluster.port());

    let store = trusting(&certified.cert, &config);
    store.migrate().await.unwrap();
    let desk = FrontDesk::new(store);
    posts_and_polls(&desk, place(HERE)).await;
    let direct = database.connect().await;
    assert!(number(&direct, &format!("{LINES} true")).await > 0);
    assert_eq!(number(&direct, &format!("{LINES} false")).await, 0);

    // 28000: no rule of the server's lets it in.
    let plain = PostgresStore::new(pool(&config, 1));
    assert!(refused(&plain).await.contains("28000"));
    // Whoever answers in the server's place is not told the password.
    let deceived = trusting(&another.cert, &config);
    assert!(refused(&deceived).await.contains("TLS handshake"), "{}", refused(&deceived).await);
}

async fn posts_and_polls(desk: &FrontDesk, location: LocationId) {
    let team = desk.operator(location.clone(), who("u-1"), None);
    let cursor = team.inbox(&PageRequest::first(10)).await.unwrap().cursor;
    let customer = desk.customer(location, booking("b-1"), who("c-1"), None);
    customer.send("Is there room?").await.unwrap();
    let OperatorPoll::Update(update) = team.poll(&cursor, None).await.unwrap() else {
        panic!("it started over")
    };
    assert_eq!((update.threads.len(), update.unread), (1, 1));
}

/// Why a store's database cannot be reached.
async fn refused(store: &PostgresStore) -> String {
    match store.migrate().await.unwrap_err() {
        error @ PostgresOpenError::Unavailable(_) => error.source().unwrap().to_string(),
        other => panic!("{other:?}"),
    }
}
