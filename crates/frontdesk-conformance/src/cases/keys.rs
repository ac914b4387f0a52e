use frontdesk::Participant;
use frontdesk::store::{CommitOutcome, KeyQuery};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, at, customer, key, operator, separators};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

fn with_key(author: &Participant, used: &str) -> TestMessage {
    TestMessage::new(author, "Hello!", at(0)).with_key(&key(used))
}

pub(super) async fn keys_are_unique_per_thread_role_and_author(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    // The same ids on both sides.
    let authors = [customer("x-1"), operator("x-1"), customer("x-2"), operator("x-2")];
    let (once, never) = (key("once"), key("never"));
    for booking in ["b-1", "b-2"] {
        let id = tracked.id(booking);
        for author in &authors {
            let found = store.message_by_key(&KeyQuery::new(&id, author, &once)).await?;
            let Participant { role, id: author_id, .. } = author;
            check_eq(&found, &None, format_args!("a key of {role} {author_id} in {id}"))?;
            tracked.send(booking, &with_key(author, "once")).await?;
            let found = store.message_by_key(&KeyQuery::new(&id, author, &never)).await?;
            check_eq(&found, &None, "a key that was never used")?;
        }
    }
    let other = customer("x-3");
    tracked.post("b-1", &other, 0).await?;
    let id = tracked.id("b-1");
    let found = store.message_by_key(&KeyQuery::new(&id, &other, &once)).await?;
    check_eq(&found, &None, "the key of an author who used none")?;
    // Authors and keys that are equal once they are joined, in either order.
    for separator in separators() {
        let (start, end) = (format!("p{separator}q"), format!("q{separator}r"));
        for (author, used) in [("p", &*end), (&*start, "r"), ("r", &*start), (&*end, "p")] {
            tracked.send("b-3", &with_key(&customer(author), used)).await?;
        }
    }
    let long = "x".repeat(127);
    for author in ["X-1", "x-1\u{AD}", "é", "e\u{301}", &format!("{long}y"), &format!("{long}z")] {
        tracked.send("b-3", &with_key(&customer(author), "once")).await?;
    }
    tracked.check().await
}

pub(super) async fn keys_are_compared_by_bytes(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, id) = (customer("c-1"), tracked.id("b-1"));
    let long = "k".repeat(128);
    let keys = [
        "k",
        "K",
        "k ",
        "k\u{A0}",
        " k",
        "ké",
        "ke\u{301}",
        "ke",
        "0",
        "00",
        "%",
        "_",
        &long[1..],
        &long,
    ];
    let mut sent = Vec::new();
    for used in keys {
        sent.push((used, tracked.send("b-1", &with_key(&ann, used)).await?));
    }
    for (used, message) in sent {
        let found = store.message_by_key(&KeyQuery::new(&id, &ann, &key(used))).await?;
        let expected = Some(message.clone());
        check_eq(&found, &expected, format_args!("the message of the key {used:?}"))?;
        let base = Base::new(&id, tracked.stored("b-1"));
        let outcome = store.commit(post_commit(base, &with_key(&ann, used))).await?;
        let expected = CommitOutcome::KeyTaken { index: 0, message };
        check_eq(&outcome, &expected, format_args!("a retry with the key {used:?}"))?;
    }
    Ok(())
}
