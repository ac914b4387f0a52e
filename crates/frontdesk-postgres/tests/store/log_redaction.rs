//! Errors and debug output contain no text and no password, and erased texts are in no row.

use std::error::Error;

use frontdesk::store::StoreErrorKind;
use frontdesk::{DisplayName, Draft, FrontDesk};
use frontdesk_postgres::{PostgresOpenError, PostgresStore};

use crate::fixtures::{LOCATION, message, migrated_store, post, post_alone, query_number};
use crate::postgres::{Cluster, Database};
use crate::support::{booking, booking_id, key, location_id, participant_id};

/// A word that every secret of these tests contains.
const MARKER: &str = "marker";

/// Returns everything that an error and its causes print.
fn full_text(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error:?}");
    let mut cause = Some(error);
    while let Some(error) = cause {
        text = format!("{text}\n{error}\n{error:?}");
        cause = error.source();
    }
    text
}

/// PostgreSQL's own errors quote the row that violates a check, and the key that exists
/// already.
pub(crate) async fn errors_and_debug_output_contain_no_text(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    post_alone(&store, "b-1", "first").await;
    let direct = database.connect().await;
    let check = "ALTER TABLE frontdesk.message ADD CHECK (body <> 'marker')";
    direct.batch_execute(check).await.unwrap();
    let insert = |number: u32, body: &str| {
        format!(
            "INSERT INTO frontdesk.message \
             (location, booking, number, ordinal, role, author, name, body, sent_at) \
             VALUES ('here', 'b-1', {number}, {number}, 0, 'c', '', '{body}', 0)"
        )
    };
    let error_of_driver = direct.batch_execute(&insert(9, MARKER)).await.unwrap_err();
    assert!(format!("{error_of_driver:?}").contains(MARKER));

    let secret = message("b-1", MARKER).with_key(MARKER);
    let error = post(&store, secret).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    let text = full_text(&error);
    assert!(!text.contains(MARKER), "{text}");
    assert_eq!(
        error.source().unwrap().to_string(),
        "PostgreSQL error 23514 (ERROR), table message, constraint message_body_check"
    );

    direct.batch_execute(&insert(2, "x")).await.unwrap();
    let error = post(&store, message("b-1", "second").with_key(MARKER)).await.unwrap_err();
    let text = full_text(&error);
    assert!(text.contains("message_pkey") && !text.contains(MARKER), "{text}");

    // This row is invalid.
    direct.batch_execute("UPDATE frontdesk.thread SET status = E'marker\\t'").await.unwrap();
    let error = post(&store, message("b-1", "third")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert_eq!(error.thread().unwrap().booking.as_str(), "b-1");
    let text = full_text(&error);
    assert!(!text.contains(MARKER), "{text}");

    let store = PostgresStore::connect("postgres://desk:marker@nowhere.invalid/desk").unwrap();
    assert!(!format!("{store:?}").contains(MARKER), "{store:?}");
    let error =
        PostgresStore::connect("postgres://desk:marker@db:marker?marker=marker").unwrap_err();
    assert!(matches!(error, PostgresOpenError::Url));
    let text = full_text(&error);
    assert!(!text.contains(MARKER), "{text}");
}

/// L3: no row has a text, a name or a key of an erased thread.
pub(crate) async fn what_was_erased_is_in_no_row(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let desk = FrontDesk::new(migrated_store(&database.config()).await);
    let booking = booking("b-1").with_customer_name(DisplayName::new("marker Lee"));
    let name = DisplayName::new("marker");
    let ann = desk
        .customer(location_id(LOCATION), booking.id.clone(), participant_id("marker-c"))
        .starting_with(booking)
        .with_name(name.clone());
    ann.send(Draft::new("a marker").with_key(key("marker-k"))).await.unwrap();
    let kim = desk.operator(location_id(LOCATION), participant_id("marker-u"), name);
    kim.reply(&booking_id("b-1"), "marker!").await.unwrap();

    let direct = database.connect().await;
    // Returns the number of rows of a table, and the number of rows with the marker.
    let rows = async |table: &str| {
        let from = format!("FROM frontdesk.{table} AS t");
        let all = query_number(&direct, &format!("SELECT count(*) {from}")).await;
        let marked = format!("SELECT count(*) {from} WHERE t::text LIKE '%{MARKER}%'");
        (all, query_number(&direct, &marked).await)
    };
    assert_eq!((rows("thread").await, rows("message").await), ((1, 1), (2, 2)));
    let keys = "SELECT count(key_digest) FROM frontdesk.message WHERE body = 'a marker'";
    assert_eq!(query_number(&direct, keys).await, 1);
    assert!(desk.admin(location_id(LOCATION)).erase(&booking_id("b-1")).await.unwrap());
    assert_eq!((rows("thread").await, rows("message").await), ((1, 0), (0, 0)));
    assert_eq!(rows("location").await, (1, 0));
}
