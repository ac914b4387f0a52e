//! Keys of different authors whose digests are equal in their first 8 bytes.

use frontdesk::store::{KeyQuery, ThreadStore};
use frontdesk::{Draft, FrontDesk, Participant};

use crate::fixtures::{LOCATION, migrated_store};
use crate::postgres::{Cluster, Database};
use crate::support::{booking, booking_id, key, location_id, participant_id, thread_id};

/// I4: a message of another author or of the other side is not found, although its digest is that of
/// the key.
pub(crate) async fn i4_a_message_of_another_author_does_not_have_the_key(cluster: &Cluster) {
    let database = Database::on(cluster.admin()).await;
    let store = migrated_store(&database.config()).await;
    let desk = FrontDesk::new(store.clone());
    let customer = |id| {
        let desk = desk.customer(location_id(LOCATION), booking_id("b-1"), participant_id(id));
        desk.starting_with(booking("b-1"))
    };
    let ann = customer("c-9");
    ann.send(Draft::new("Hello").with_key(key("k-1"))).await.unwrap();
    let operator = desk.operator(location_id(LOCATION), participant_id("c-9"), None);
    operator.reply(&booking_id("b-1"), "Hello!").await.unwrap();
    customer("c-8").send("Hello, too").await.unwrap();

    let direct = database.connect().await;
    direct
        .batch_execute(
            "UPDATE frontdesk.message SET key_digest = (
                 SELECT key_digest FROM frontdesk.message WHERE number = 1
             ) WHERE number > 1;
             UPDATE frontdesk.message SET key_digest = NULL WHERE number = 1;",
        )
        .await
        .unwrap();
    let (thread, author) =
        (thread_id(LOCATION, "b-1"), Participant::customer(participant_id("c-9"), None));
    let key = key("k-1");
    let found = store.message_by_key(&KeyQuery::new(&thread, &author, &key)).await.unwrap();
    assert_eq!(found.value, None);
    let sent = ann.send(Draft::new("Hello again").with_key(key)).await.unwrap();
    assert_eq!((sent.number().get(), sent.is_replayed()), (4, false));
}
