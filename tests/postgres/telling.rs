//! What a store tells of itself and of what went wrong: no words, no password.

use std::error::Error;

use frontdesk::store::{PostgresOpenError, PostgresStore, StoreErrorKind};
use frontdesk::{DisplayName, Draft, FrontDesk};

use crate::postgres::{Cluster, Database};
use crate::stage::{HERE, number, post, posted, store};
use crate::support::{booking, booking_id, key, place, who};

const MARKER: &str = "marker";

/// What an error says in all its causes, and to whoever debugs it.
fn all_of(error: &(dyn Error + 'static)) -> String {
    let mut said = format!("{error:?}");
    let mut cause = Some(error);
    while let Some(error) = cause {
        said = format!("{said}\n{error}\n{error:?}");
        cause = error.source();
    }
    said
}

/// PostgreSQL itself repeats the row that fails a check, and the key that is taken.
pub(crate) async fn errors_and_debug_tell_nobodys_words(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = store(&database.config()).await;
    posted(&store, "b-1", "first").await;
    let direct = database.connect().await;
    let check = "ALTER TABLE frontdesk.message ADD CHECK (body <> 'marker')";
    direct.batch_execute(check).await.unwrap();
    let theirs = "INSERT INTO frontdesk.message VALUES ('here', 'b-1', 2, 2, 0, 'c', '', 'x', 0)";
    let theirs_says = direct.batch_execute(
        "INSERT INTO frontdesk.message VALUES ('here', 'b-1', 9, 9, 0, 'c', '', 'marker', 0)",
    );
    assert!(format!("{:?}", theirs_says.await.unwrap_err()).contains(MARKER));

    let error = post(&store, "b-1", MARKER, Some(MARKER)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    let said = all_of(&error);
    assert!(!said.contains(MARKER), "{said}");
    assert_eq!(
        error.source().unwrap().to_string(),
        "PostgreSQL said 23514 (ERROR), table message, constraint message_body_check"
    );

    direct.batch_execute(theirs).await.unwrap();
    let error = post(&store, "b-1", "second", Some(MARKER)).await.unwrap_err();
    let said = all_of(&error);
    assert!(said.contains("message_pkey") && !said.contains(MARKER), "{said}");

    // The columns of a row that is not possible.
    direct.batch_execute("UPDATE frontdesk.thread SET status = E'marker\\t'").await.unwrap();
    let error = post(&store, "b-1", "third", None).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert_eq!(error.thread().unwrap().booking.as_str(), "b-1");
    assert!(!all_of(&error).contains(MARKER), "{}", all_of(&error));

    let store = PostgresStore::connect("postgres://desk:marker@nowhere.invalid/desk").unwrap();
    assert!(!format!("{store:?}").contains(MARKER), "{store:?}");
    let error =
        PostgresStore::connect("postgres://desk:marker@db:marker?marker=marker").unwrap_err();
    assert!(matches!(error, PostgresOpenError::Url));
    assert!(!all_of(&error).contains(MARKER), "{}", all_of(&error));
}

/// L3: of an erased thread no row has a word, a name or a key.
pub(crate) async fn what_was_erased_is_in_no_row(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let desk = FrontDesk::new(store(&database.config()).await);
    let booking = booking("b-1").with_customer_name(DisplayName::new("marker Lee"));
    let name = DisplayName::new("marker");
    let ann = desk.customer(place(HERE), booking, who("marker-c"), name.clone());
    ann.send(Draft::new("a marker").with_key(key("marker-k"))).await.unwrap();
    let kim = desk.operator(place(HERE), who("marker-u"), name);
    kim.reply(&booking_id("b-1"), "marker!").await.unwrap();

    let direct = database.connect().await;
    let rows = async |table: &str| {
        let of_it = format!("FROM frontdesk.{table} AS t");
        let all = number(&direct, &format!("SELECT count(*) {of_it}")).await;
        let with = format!("SELECT count(*) {of_it} WHERE t::text LIKE '%{MARKER}%'");
        (all, number(&direct, &with).await)
    };
    assert_eq!((rows("thread").await, rows("message").await), ((1, 1), (2, 2)));
    assert_eq!(rows("idempotency_key").await, (1, 1));
    assert!(desk.location(place(HERE)).erase(&booking_id("b-1")).await.unwrap());
    assert_eq!((rows("thread").await, rows("message").await), ((1, 0), (0, 0)));
    assert_eq!((rows("idempotency_key").await, rows("location").await), ((0, 0), (1, 0)));
}
