use frontdesk::Timestamp;
use frontdesk::store::{CommitOutcome, KeyQuery};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, NO_LIMIT, at, customer, key, operator};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn forget_keys_removes_the_keys_of_older_messages(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let micro = std::time::Duration::from_micros(1);
    let times = [at(0), at(10).saturating_sub(micro), at(10), at(10).saturating_add(micro), at(20)];
    let authors = [customer("p-1"), operator("p-1"), customer("p-2")];
    for booking in ["b-1", "b-2"] {
        for (index, time) in times.into_iter().enumerate() {
            for (shift, author) in authors.iter().enumerate() {
                let message = TestMessage::new(author, "Hello!", time);
                // Every fourth message has no key.
                let message = match (index + shift) % 4 {
                    3 => message,
                    _ => message.with_key(&key(&format!("k-{index}"))),
                };
                tracked.send(booking, &message).await?;
            }
        }
    }
    tracked.check().await?;
    for before in [Timestamp::MIN, at(0), at(10), at(20), at(20), at(21), Timestamp::MAX] {
        tracked.forget_keys(before, NO_LIMIT).await?;
        // This step also checks that the revision of the location did not change.
        tracked.check().await.map_err(|failure| {
            failure.during(format_args!("after forgetting keys before {before}"))
        })?;
    }
    Ok(())
}

pub(super) async fn forget_keys_keeps_the_keys_of_imported_messages(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let (ann, kim) = (customer("c-1"), operator("u-1"));
    let message = |author, seconds: i64| {
        TestMessage::new(author, "Hello!", at(seconds)).with_key(&key(&format!("k-{seconds}")))
    };
    let messages = [
        message(&ann, 0).imported(),
        message(&ann, 1),
        message(&kim, 2).imported(),
        message(&kim, 3).imported().automatic(),
        message(&kim, 4).automatic(),
    ];
    tracked.send_all("b-1", &messages).await?;
    // A redacted message stays imported.
    tracked.redact("b-1", 1).await?;
    tracked.forget_keys(Timestamp::MAX, NO_LIMIT).await?;
    let id = tracked.id("b-1");
    for (message, kept) in messages.iter().zip([true, false, true, true, false]) {
        let key = message.key.as_ref().expect("a key");
        let found =
            harness.store().message_by_key(&KeyQuery::new(&id, &message.author, key)).await?;
        check_eq(&found.is_some(), &kept, format_args!("the answer to the key {key:?}"))?;
    }
    tracked.check().await
}

pub(super) async fn forget_keys_removes_at_most_the_limit(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let ann = customer("c-1");
    for step in 0..10 {
        let message = TestMessage::new(&ann, "Hello!", at(step));
        let message = message.with_key(&key(&format!("k-{step}")));
        tracked.send(&format!("b-{}", step % 3), &message).await?;
    }
    // Nine keys are old enough.
    for limit in [0, 4, 0, 4, 1, 0, 4] {
        tracked.forget_keys(at(9), limit).await?;
    }
    tracked.check().await?;
    tracked.forget_keys(Timestamp::MAX, usize::MAX).await?;
    tracked.check().await
}

pub(super) async fn a_retry_with_a_forgotten_key_is_a_new_message(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, id) = (customer("c-1"), tracked.id("b-1"));
    let old = TestMessage::new(&ann, "Hello!", at(0)).with_key(&key("old"));
    tracked.send("b-1", &old).await?;
    let recent = TestMessage::new(&ann, "Hello again!", at(10)).with_key(&key("recent"));
    let recent_sent = tracked.send("b-1", &recent).await?;
    tracked.forget_keys(at(10), NO_LIMIT).await?;
    let retry = post_commit(Base::new(&id, tracked.stored("b-1")), &recent);
    let outcome = store.commit(retry).await?;
    let expected = CommitOutcome::KeyTaken { index: 0, message: recent_sent };
    check_eq(&outcome, &expected, "a retry with a key that was kept")?;
    let sent_again = tracked.send("b-1", &old).await?;
    check_eq(&sent_again.message.number().get(), &3, "the number of the new message")?;
    tracked.check().await?;
    // From now on the store returns the new message for the key.
    let retry = post_commit(Base::new(&id, tracked.stored("b-1")), &old);
    let outcome = store.commit(retry).await?;
    let expected = CommitOutcome::KeyTaken { index: 0, message: sent_again };
    check_eq(&outcome, &expected, "a retry of the new message")
}
