use frontdesk::store::{
    AuthorRedaction, Commit, CommitOutcome, Revision, StoreError, StoreErrorKind, ThreadList,
    ThreadQuery, ThreadState, ThreadStore,
};
use frontdesk::{Participant, Role};

use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, expect_committed, post_commit, redact_commit,
};
use crate::failure::{CaseResult, Failure, check, check_eq};
use crate::fault::Fault;
use crate::fixtures::{LOCATION, NO_LIMIT, all_messages, at, customer, key, number, thread_id};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

const NO_FAULT: &str = "the factory cannot cause this fault";

/// A commit during which a fault happens.
struct FaultyCommit {
    name: &'static str,
    commit: fn(&TrackedLocation) -> Commit,
}

fn post(tracked: &TrackedLocation, keys: &[Option<&str>]) -> Commit {
    let message = |used: Option<&str>| {
        let message = TestMessage::new(&customer("c-1"), "Is there parking?", at(1));
        TestMessage { key: used.map(key), ..message }
    };
    let messages: Vec<TestMessage> = keys.iter().copied().map(message).collect();
    batch_commit(Base::new(&tracked.id("b-1"), tracked.stored("b-1")), &messages)
}

const FAULTY_COMMITS: [FaultyCommit; 7] = [
    FaultyCommit { name: "a message with a key", commit: |tracked| post(tracked, &[Some("k-1")]) },
    FaultyCommit { name: "a message without a key", commit: |tracked| post(tracked, &[None]) },
    FaultyCommit {
        name: "three messages",
        commit: |tracked| post(tracked, &[None, Some("k-2"), Some("k-3")]),
    },
    FaultyCommit {
        name: "a read mark",
        commit: |tracked| {
            let messages = tracked.model.history(&tracked.id("b-1"));
            let message = &messages.last().expect("a message").message;
            let next = tracked.thread("b-1").mark_read(Role::Operator, message, at(2));
            let next = ThreadState::Live(next.expect("an unread message"));
            Commit::new(next, tracked.stored("b-1"))
        },
    },
    FaultyCommit {
        name: "a redaction",
        commit: |tracked| redact_commit(tracked.stored("b-1"), number(1)),
    },
    FaultyCommit {
        name: "a redaction of an author",
        commit: |tracked| {
            let state = ThreadState::Live(tracked.thread("b-1").clone());
            let Participant { role, id: author, .. } = customer("c-1");
            let redaction = AuthorRedaction { role, author, messages: number(1)..=number(1) };
            let commit = Commit::new(state, tracked.stored("b-1"));
            commit.with_author_redaction(redaction).expect("messages of the thread")
        },
    },
    FaultyCommit { name: "an erasure", commit: |tracked| erase_commit(tracked.stored("b-1")) },
];

/// Causes a fault during commits of each kind. There is no other writer, so the outcome is never
/// a conflict, and an error must agree with what is stored afterwards.
async fn check_commits_during(harness: &Harness<'_>, fault: Fault) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let id = tracked.id("b-1");
    tracked.post("b-1", &customer("c-1"), 0).await?;
    for FaultyCommit { name, commit } in FAULTY_COMMITS {
        let commit = commit(&tracked);
        if !harness.fault(&fault).await {
            harness.not_run(NO_FAULT);
            return Ok(());
        }
        let outcome = store.try_commit(commit.clone()).await;
        let operation = format!("{name} to {id} during {fault:?}");
        let before = tracked.stored("b-1").cloned();
        let stored = store.thread(&id).await?;
        let stored_revision = stored.as_ref().map(|stored| stored.revision);
        let written = (stored_revision != before.as_ref().map(|stored| stored.revision))
            .then_some(stored_revision)
            .flatten();
        let revision = match outcome {
            Ok(CommitOutcome::Committed(revision)) => Some(revision),
            // The store sent the commit again and found the messages of its first attempt.
            Ok(CommitOutcome::KeyTaken { .. }) if written.is_some() => written,
            Ok(outcome) => {
                let expected = "Committed, or an error of the kind Unavailable or OutcomeUnknown";
                return Err(Failure::new(operation, expected, format_args!("{outcome:?}")));
            }
            Err(error) => {
                check_error(&error, written, &operation)?;
                written
            }
        };
        let during = |failure: Failure| failure.during(&operation);
        if let Some(revision) = revision {
            tracked.model.apply(commit, revision)?;
        }
        tracked.check().await.map_err(during)?;
        if tracked.stored("b-1").and_then(|stored| stored.state.live()).is_none() {
            tracked.post("b-1", &customer("c-1"), 3).await.map_err(during)?;
        }
    }
    // The keys of the commits are stored once.
    check_retries(&mut tracked, harness).await
}

/// Checks that the kind of an error agrees with what was written.
fn check_error(error: &StoreError, written: Option<Revision>, operation: &str) -> CaseResult {
    match (error.kind(), written) {
        (StoreErrorKind::OutcomeUnknown, _) | (StoreErrorKind::Unavailable, None) => Ok(()),
        (kind, Some(revision)) => {
            let actual = format!("{kind:?}, although the commit was written at {revision:?}");
            Err(Failure::new(operation, "OutcomeUnknown or Committed", actual))
        }
        (_, None) => {
            let expected = "an error of the kind Unavailable or OutcomeUnknown";
            let Failure { actual, .. } = Failure::from_store_error("commit", error);
            Err(Failure::new(operation, expected, actual))
        }
    }
}

/// Sends a message again after a fault.
async fn check_retries(tracked: &mut TrackedLocation, harness: &Harness<'_>) -> CaseResult {
    let id = tracked.id("b-1");
    let again = TestMessage::new(&customer("c-1"), "Hello?", at(4)).with_key(&key("again"));
    let first = tracked.send("b-1", &again).await?;
    let retry = post_commit(Base::new(&id, None), &again);
    let outcome = harness.store().commit(retry).await?;
    let expected = CommitOutcome::KeyTaken { index: 0, message: first };
    check_eq(&outcome, &expected, format_args!("a retry with \"again\" to {id} after the faults"))?;
    tracked.check().await
}

pub(super) async fn a_connection_lost_before_a_commit_is_reported_correctly(
    harness: &Harness<'_>,
) -> CaseResult {
    check_commits_during(harness, Fault::LostBeforeCommit).await
}

pub(super) async fn a_connection_lost_after_a_commit_is_reported_correctly(
    harness: &Harness<'_>,
) -> CaseResult {
    check_commits_during(harness, Fault::LostAfterCommit).await
}

pub(super) async fn a_serialization_failure_is_not_a_conflict(harness: &Harness<'_>) -> CaseResult {
    check_commits_during(harness, Fault::SerializationFailure).await
}

/// Fails if a read of a damaged row returns anything but an error of the kind `Corrupt`.
fn check_corrupt<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
    operation: &str,
) -> CaseResult<StoreError> {
    const EXPECTED: &str = "an error of the kind Corrupt";
    match result {
        Err(error) if error.kind() == StoreErrorKind::Corrupt => Ok(error),
        Err(error) => {
            let Failure { actual, .. } = Failure::from_store_error("read", &error);
            Err(Failure::new(operation, EXPECTED, actual))
        }
        Ok(answer) => Err(Failure::new(operation, EXPECTED, format_args!("{answer:?}"))),
    }
}

pub(super) async fn a_damaged_row_is_an_error_and_hides_nothing(
    harness: &Harness<'_>,
) -> CaseResult {
    // The damaged thread cannot be read again, so the harness must not record it.
    let store: &dyn ThreadStore = harness.store().unrecorded();
    let failed = |error: StoreError| Failure::from_store_error("commit", &error);
    let (damaged, healthy) = (thread_id(LOCATION, "damaged"), thread_id(LOCATION, "healthy"));
    let hello = TestMessage::new(&customer("c-1"), "Hello!", at(0)).with_key(&key("once"));
    for id in [&damaged, &healthy] {
        let commit = post_commit(Base::new(id, None), &hello);
        expect_committed(store.commit(commit).await.map_err(failed)?.value)?;
    }
    if !harness.fault(&Fault::DamagedRow(damaged.clone())).await {
        harness.not_run(NO_FAULT);
        return Ok(());
    }
    let location = &damaged.location;
    let error = check_corrupt(store.thread(&damaged).await, "`thread` of a damaged head")?;
    let operation = "the thread that the error about a damaged head names";
    check_eq(&error.thread(), &Some(&damaged), operation)?;
    let bookings = [healthy.booking.clone(), damaged.booking.clone()];
    check_corrupt(store.heads(location, &bookings).await, "`heads` with a damaged head")?;
    let all = ThreadQuery::new(location, ThreadList::All(None), NO_LIMIT);
    check_corrupt(store.threads(&all).await, "`threads` with a damaged head")?;
    let changes = store.changes(location, Revision::ZERO, NO_LIMIT).await;
    check_corrupt(changes, "`changes` with a damaged head")?;
    let late = TestMessage::new(&customer("c-2"), "Hi!", at(1));
    let create = store.commit(post_commit(Base::new(&damaged, None), &late)).await;
    check_corrupt(create, "creating a thread whose head is damaged")?;

    let during = |error: StoreError| {
        Failure::from_store_error("a read of another thread", &error).during("a damaged row")
    };
    let head = store.thread(&healthy).await.map_err(during)?.value;
    let commit = post_commit(Base::new(&healthy, head.as_ref()), &late);
    expect_committed(store.commit(commit).await.map_err(during)?.value)?;
    let messages = store.messages(&all_messages(&healthy)).await.map_err(during)?.value;
    check(messages.len() == 2, || {
        let operation = "the number of messages of a thread beside a damaged one";
        Failure::new(operation, 2, messages.len())
    })
}
