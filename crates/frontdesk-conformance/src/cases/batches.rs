use frontdesk::store::{CommitOutcome, KeyQuery, StoredMessage};
use frontdesk::{Message, Participant, Role};

use crate::commit_builders::{Base, TestMessage, batch_commit, messages_of};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, all_messages, at, customer, key, operator};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

/// The highest number of messages in one commit.
const MAX: usize = frontdesk::store::MAX_COMMIT_MESSAGES;

/// Returns messages of both sides in turn. The last message and every seventh message have a key.
fn batch(count: usize, prefix: &str) -> Vec<TestMessage> {
    let authors = [customer("c-1"), operator("u-1")];
    let message = |index: usize| {
        let message = TestMessage::new(&authors[index % 2], &format!("Message {index}"), at(0));
        if index.is_multiple_of(7) || index + 1 == count {
            message.with_key(&key(&format!("{prefix}-{index}")))
        } else {
            message
        }
    };
    (0..count).map(message).collect()
}

pub(super) async fn a_commit_adds_any_number_of_messages(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    for count in [0, 1, 2, MAX] {
        let booking = format!("b-{count}");
        let id = tracked.id(&booking);
        for round in ["first", "second"] {
            let messages = batch(count, round);
            let commit = batch_commit(Base::new(&id, tracked.stored(&booking)), &messages);
            let numbers: Vec<_> = messages_of(&commit).iter().map(Message::number).collect();
            tracked.commit(commit).await?;
            let stored = store.messages(&all_messages(&id)).await?;
            let added = stored.iter().map(|stored| stored.message.number());
            let added: Vec<_> = added.skip(stored.len().saturating_sub(count)).collect();
            check_eq(
                &added,
                &numbers,
                format_args!("the numbers of the {round} {count} messages"),
            )?;
            check_eq(&stored, &tracked.model.history(&id), format_args!("the messages of {id}"))?;
        }
    }
    tracked.check().await
}

pub(super) async fn every_message_has_the_revision_of_its_commit(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let id = tracked.id("b-1");
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    let mut expected = vec![tracked.send("b-1", &hello).await?.revision];
    tracked.mark_read("b-1", Role::Operator).await?;
    let batch = batch(3, "batch");
    expected.extend(tracked.send_all("b-1", &batch).await?.iter().map(|sent| sent.revision));
    tracked.post("b-2", &ann, 1).await?;
    expected.push(tracked.post("b-1", &ann, 2).await?.revision);
    let stored = store.messages(&all_messages(&id)).await?;
    let revisions: Vec<_> = stored.iter().map(|stored| stored.revision).collect();
    check_eq(&revisions, &expected, "the revisions of the messages")?;

    let by_key = store.message_by_key(&KeyQuery::new(&id, &ann, &once)).await?;
    let by_key = by_key.map(|stored| stored.revision);
    check_eq(&by_key.as_ref(), &expected.first(), "the revision of the message of a key")?;
    let retry = batch_commit(Base::new(&id, tracked.stored("b-1")), &[hello]);
    let outcome = store.commit(retry).await?;
    let taken = CommitOutcome::KeyTaken { index: 0, message: stored[0].clone() };
    check_eq(&outcome, &taken, "a retry of the first message")
}

pub(super) async fn a_taken_key_is_reported_with_its_index(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let id = tracked.id("b-1");
    let (ann, bob, team) = (customer("c-1"), customer("c-2"), operator("c-1"));
    let with_key = |author: &Participant, text: &str| {
        TestMessage::new(author, text, at(0)).with_key(&key(text))
    };
    let mut sent: Vec<StoredMessage> = Vec::new();
    for text in ["k-1", "k-2", "k-3"] {
        sent.push(tracked.send("b-1", &with_key(&ann, text)).await?);
    }
    let older = tracked.stored("b-1").cloned();
    tracked.post("b-1", &ann, 0).await?;
    let (new, keyless) = (with_key(&ann, "k-4"), TestMessage::new(&ann, "x", at(0)));
    // The same keys of other authors are free.
    let others = [with_key(&bob, "k-1"), with_key(&team, "k-1")];
    let start = [new, keyless.clone()].into_iter().chain(others).collect::<Vec<_>>();
    for (taken, index) in
        [(vec!["k-2"], 4), (vec!["k-3", "k-1"], 4), (vec!["k-5", "k-2", "k-3"], 5)]
    {
        let mut messages = start.clone();
        messages.extend(taken.iter().map(|text| with_key(&ann, text)));
        messages.push(keyless.clone());
        let first = sent.iter().find(|sent| sent.message.body() == Some(&messages[index].body));
        let expected = CommitOutcome::KeyTaken {
            index,
            message: first.expect("the message of a taken key").clone(),
        };
        for stored in [tracked.stored("b-1"), older.as_ref(), None] {
            let commit = batch_commit(Base::new(&id, stored), &messages);
            let outcome = store.commit(commit).await?;
            check_eq(&outcome, &expected, format_args!("a commit with the taken keys {taken:?}"))?;
        }
        tracked.check().await?;
    }
    // The same commit without the taken keys succeeds.
    tracked.send_all("b-1", &start).await?;
    tracked.check().await
}

pub(super) async fn a_batch_with_a_taken_key_writes_nothing(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let id = tracked.id("b-1");
    let mut messages = batch(MAX, "new");
    let last = messages.pop().expect("a last message");
    let first = tracked.send("b-1", &last).await?;
    messages.push(last);
    let commit = batch_commit(Base::new(&id, tracked.stored("b-1")), &messages);
    let outcome = store.commit(commit).await?;
    let expected = CommitOutcome::KeyTaken { index: MAX - 1, message: first };
    check_eq(&outcome, &expected, "a commit whose last message has a taken key")?;
    tracked.check().await?;
    for message in &messages[..MAX - 1] {
        let Some(key) = &message.key else { continue };
        let found = store.message_by_key(&KeyQuery::new(&id, &message.author, key)).await?;
        check_eq(&found, &None, "a key of a commit that was refused")?;
    }
    messages.pop();
    tracked.send_all("b-1", &messages).await?;
    tracked.check().await
}
