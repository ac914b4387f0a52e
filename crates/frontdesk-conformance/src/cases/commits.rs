use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use frontdesk::store::{Commit, CommitOutcome, KeyQuery, Revision, ThreadState, VersionedThread};
use frontdesk::{BookingStatus, Role, ThreadId};

use crate::commit_builders::{
    Base, TestMessage, batch_commit, erase_commit, expect_committed, post_commit, redact_commit,
    start_commit, thread_after,
};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{
    LOCATION, NO_LIMIT, at, booking, customer, key, number, operator, revision, thread_id,
};
use crate::harness::{Harness, Step};
use crate::model::Model;
use crate::recording_store::RecordingStore;
use crate::tracked_location::TrackedLocation;

pub(super) async fn concurrent_creations_of_one_thread_commit_once(
    harness: &Harness<'_>,
) -> CaseResult {
    let id = thread_id(LOCATION, "b-1");
    let mut writers: Vec<Step<'static, _>> = Vec::new();
    for writer in 0..50 {
        let (store, id) = (Arc::clone(harness.store()), id.clone());
        writers.push(Box::pin(async move {
            let message = TestMessage::new(&customer(&format!("c-{writer}")), "Hello!", at(writer));
            let commit = post_commit(Base::new(&id, None), &message);
            Ok((store.commit(commit.clone()).await?, commit))
        }));
    }
    let outcomes = harness.run_concurrently(writers).await?;
    let stored = harness.store().thread(&id).await?;
    let mut model = Model::default();
    let mut successes = 0;
    for (outcome, commit) in outcomes {
        if let CommitOutcome::Committed(revision) = outcome {
            model.apply(commit, revision)?;
            successes += 1;
        } else {
            let expected = CommitOutcome::Conflict(stored.clone());
            check_eq(&outcome, &expected, "the outcome of a writer that lost")?;
        }
    }
    check_eq(&successes, &1, "the writers of 50 that created the thread")?;
    model.check(harness.store(), &id.location).await
}

pub(super) async fn one_of_many_commits_from_one_revision_succeeds(
    harness: &Harness<'_>,
) -> CaseResult {
    let id = thread_id(LOCATION, "b-1");
    let mut model = Model::default();
    let first = start_commit(Base::new(&id, None), at(0));
    let revision = expect_committed(harness.store().commit(first.clone()).await?)?;
    model.apply(first, revision)?;
    for round in 1..=8 {
        let mut writers: Vec<Step<'static, _>> = Vec::new();
        for writer in 0..12 {
            let message = TestMessage::new(&customer(&format!("c-{writer}")), "Hello!", at(0));
            let commit = post_commit(Base::new(&id, model.head(&id)), &message);
            let store = Arc::clone(harness.store());
            writers
                .push(Box::pin(async move { Ok((store.commit(commit.clone()).await?, commit)) }));
        }
        let mut successes = 0;
        for (outcome, commit) in harness.run_concurrently(writers).await? {
            if let CommitOutcome::Committed(revision) = outcome {
                model.apply(commit, revision)?;
                successes += 1;
            }
        }
        check_eq(&successes, &1, format_args!("the writers of round {round} that succeeded"))?;
        model.check(harness.store(), &id.location).await?;
    }
    Ok(())
}

pub(super) async fn a_conflict_writes_nothing_and_returns_the_stored_state(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (busy, erased, unused) = (tracked.id("busy"), tracked.id("erased"), tracked.id("unused"));
    let ann = customer("c-1");
    tracked.post("busy", &ann, 0).await?;
    let older = tracked.stored("busy").cloned();
    tracked.post("busy", &ann, 1).await?;
    let newer = tracked.stored("busy").cloned();
    tracked.post("erased", &ann, 2).await?;
    let before_erasure = tracked.stored("erased").cloned();
    tracked.erase("erased").await?;
    let tombstone = tracked.stored("erased").cloned();

    let state = newer.as_ref().expect("a thread").state.clone();
    let ahead = VersionedThread::new(Revision::MAX, state);
    let invented = ThreadState::Live(thread_after(Base::new(&unused, None), at(0)));
    let invented = VersionedThread::new(Revision::MAX, invented);
    let unused_key = key("k-1");
    let post = |id, stored, key: Option<_>| {
        let message = TestMessage { key, ..TestMessage::new(&ann, "x", at(9)) };
        post_commit(Base::new(id, stored), &message)
    };
    let batch = |id, stored| {
        let messages = vec![TestMessage::new(&ann, "x", at(9)); 1_000];
        batch_commit(Base::new(id, stored), &messages)
    };
    let mut commits = vec![
        ("erasing from an older revision", erase_commit(older.as_ref()), &newer),
        ("redacting from an older revision", redact_commit(older.as_ref(), number(1)), &newer),
        ("starting a thread that exists", start_commit(Base::new(&busy, None), at(9)), &newer),
        ("1,000 messages from an older revision", batch(&busy, older.as_ref()), &newer),
        ("1,000 messages to an erased thread", batch(&erased, before_erasure.as_ref()), &tombstone),
    ];
    for key in [None, Some(unused_key.clone())] {
        let post = |id, stored| post(id, stored, key.clone());
        commits.extend([
            ("creating a thread that exists", post(&busy, None), &newer),
            ("posting from an older revision", post(&busy, older.as_ref()), &newer),
            ("posting from a future revision", post(&busy, Some(&ahead)), &newer),
            ("posting to an erased thread", post(&erased, before_erasure.as_ref()), &tombstone),
            ("creating an erased thread", post(&erased, None), &tombstone),
            ("posting to a thread that never existed", post(&unused, Some(&invented)), &None),
        ]);
    }
    for (operation, commit, stored) in commits {
        let outcome = store.commit(commit).await?;
        check_eq(&outcome, &CommitOutcome::Conflict(stored.clone()), operation)?;
        let after = |failure: Failure| failure.during(format_args!("after {operation}"));
        tracked.check().await.map_err(after)?;
        let found = store.thread(&unused).await?;
        check_eq(&found, &None, "a thread that was never created").map_err(after)?;
    }
    for id in [busy, erased, unused] {
        let found = store.message_by_key(&KeyQuery::new(&id, &ann, &unused_key)).await?;
        check_eq(&found, &None, "the key of commits that conflicted")?;
    }
    Ok(())
}

pub(super) async fn a_taken_key_is_reported_before_a_conflict(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let id = tracked.id("b-1");
    let (ann, once) = (customer("c-1"), key("once"));
    tracked.post("b-1", &ann, 0).await?;
    let earlier = tracked.stored("b-1").cloned();
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    let first = tracked.send("b-1", &hello).await?;
    let after_first = tracked.stored("b-1").cloned();
    tracked.post("b-1", &operator("u-1"), 2).await?;
    let current = tracked.stored("b-1").cloned();
    let bases = [
        ("a retry that expects no thread", None),
        ("a retry from before the message", earlier),
        ("a retry from the message's own revision", after_first),
        ("a retry from the current revision", current),
    ];
    for (operation, stored) in bases {
        for text in ["Hello!", "Something else"] {
            let message = TestMessage::new(&ann, text, at(9)).with_key(&once);
            let commit = post_commit(Base::new(&id, stored.as_ref()), &message);
            let outcome = harness.store().commit(commit).await?;
            let expected = CommitOutcome::KeyTaken { index: 0, message: first.clone() };
            check_eq(&outcome, &expected, operation)?;
            tracked.check().await?;
        }
    }
    Ok(())
}

pub(super) async fn every_read_agrees_after_each_commit(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let (ann, bob, team) = (customer("c-1"), customer("c-2"), operator("u-1"));
    let once = key("k-1");
    let keyed = |author, text| TestMessage::new(author, text, at(0)).with_key(&once);
    tracked.check().await?;
    tracked.start("b-1", 10).await?;
    tracked.check().await?;
    tracked.post("b-2", &ann, 20).await?;
    tracked.check().await?;
    tracked.send("b-1", &keyed(&ann, "One")).await?;
    tracked.check().await?;
    tracked.post("b-1", &bob, 30).await?;
    tracked.check().await?;
    tracked.mark_read("b-1", Role::Operator).await?;
    tracked.check().await?;
    let first = tracked.send("b-1", &keyed(&team, "Two")).await?.message;
    tracked.check().await?;
    tracked.mark_read("b-1", Role::Customer).await?;
    tracked.check().await?;
    tracked.update("b-1", |thread| thread.mark_unread(Role::Customer, &first, at(31))).await?;
    tracked.check().await?;
    let cancelled = booking("b-2").with_status(BookingStatus::Cancelled);
    tracked.update("b-2", |thread| thread.update_booking(&cancelled.clone().into())).await?;
    tracked.check().await?;
    tracked.set_waiting("b-2", Some(at(20))).await?;
    tracked.check().await?;
    tracked.link("b-3", "b-1").await?;
    tracked.check().await?;
    let batch = [TestMessage::new(&bob, "Three", at(40)), TestMessage::new(&team, "Four", at(41))];
    tracked.send_all("b-1", &batch).await?;
    tracked.check().await?;
    tracked.redact("b-1", 2).await?;
    tracked.check().await?;
    tracked.erase("b-1").await?;
    tracked.check().await?;
    tracked.start("b-1", 50).await?;
    tracked.check().await?;
    tracked.send("b-1", &keyed(&team, "Five")).await?;
    tracked.check().await?;
    tracked.erase("b-2").await?;
    tracked.check().await
}

pub(super) async fn a_dropped_commit_is_written_completely_or_not_at_all(
    harness: &Harness<'_>,
) -> CaseResult {
    /// More polls than a commit of any known store needs.
    const MAX_POLLS: usize = 200;
    /// Number of rounds for each number of polls, because a drop can race with the store.
    const ROUNDS: usize = 4;
    let mut dropped_commits = DroppedCommits::new(harness);
    for polls in 0..MAX_POLLS {
        let mut ended = 0;
        for _ in 0..ROUNDS {
            ended += usize::from(dropped_commits.drop_after(polls).await?);
        }
        if ended == ROUNDS {
            break;
        }
    }
    Ok(())
}

/// A thread whose commits are dropped before they end.
struct DroppedCommits<'a> {
    store: &'a RecordingStore,
    id: ThreadId,
    model: Model,
    round: i64,
}

impl<'a> DroppedCommits<'a> {
    fn new(harness: &'a Harness<'_>) -> Self {
        let id = thread_id(LOCATION, "b-1");
        Self { store: harness.store(), id, model: Model::default(), round: 0 }
    }

    /// Drops a commit after some polls and checks that it is written completely or not at all.
    /// Returns `true` if the commit ended before.
    async fn drop_after(&mut self, polls: usize) -> CaseResult<bool> {
        self.round += 1;
        let (ann, bob, now) = (customer("c-1"), customer("c-2"), at(self.round));
        let keys = [1, 2].map(|message| key(&format!("k-{}-{message}", self.round)));
        let messages =
            keys.each_ref().map(|key| TestMessage::new(&ann, "Hello!", now).with_key(key));
        let stored = self.model.head(&self.id).cloned();
        let base = Base::new(&self.id, stored.as_ref());
        let dropped = batch_commit(base, &messages);
        let operation =
            format!("the commit after commit {} was dropped at poll {polls}", self.round);
        let during = |failure: Failure| failure.during(&operation);
        let outcome = poll_at_most(polls, self.store.commit(dropped.clone())).await;
        let ended = outcome.is_some();
        if let Some(outcome) = outcome {
            self.model.apply(dropped, expect_committed(outcome?)?)?;
        } else {
            // The store may still be writing. A second commit from the same revision
            // decides which of the two is written.
            let second = post_commit(base, &TestMessage::new(&bob, "Good morning!", now));
            match self.store.commit(second.clone()).await? {
                CommitOutcome::Committed(revision) => self.model.apply(second, revision)?,
                CommitOutcome::Conflict(Some(current)) if polls > 0 => {
                    check_eq(&current.state, dropped.next(), &operation)?;
                    self.model.apply(dropped, current.revision)?;
                }
                other => {
                    let expected = "Committed, or a conflict with the dropped commit";
                    return Err(Failure::new(operation, expected, format!("{other:?}")));
                }
            }
        }
        self.model.check(self.store, &self.id.location).await.map_err(during)?;
        for key in &keys {
            let query = KeyQuery::new(&self.id, &ann, key);
            let found = self.store.message_by_key(&query).await?;
            let expected = self.model.message_by_key(&query);
            check_eq(
                &found,
                &expected,
                format_args!("the message of {key:?} of a dropped commit"),
            )?;
        }
        Ok(ended)
    }
}

/// Polls a future each time it is woken, and drops it after `polls` polls. Returns its output if
/// it ended before.
async fn poll_at_most<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let mut polled = false;
        let output = poll_fn(|context| {
            if polled {
                return Poll::Ready(None);
            }
            polled = true;
            future.as_mut().poll(context).map(Some)
        });
        if let Some(output) = output.await {
            return Some(output);
        }
    }
    None
}

pub(super) async fn revisions_of_a_location_always_increase(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let ann = customer("c-1");
    for step in 0..5 {
        // The model checks that each revision is above the one before it.
        tracked.start("b-1", step).await?;
        tracked.post("b-2", &ann, step).await?;
        tracked.erase("b-1").await?;
    }
    let feed = harness.store().changes(&tracked.location, revision(0), NO_LIMIT).await?;
    check_eq(&feed.counts.revision, &tracked.newest(), "the newest revision")
}

pub(super) async fn a_commit_without_a_change_still_writes_its_state(
    harness: &Harness<'_>,
) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    tracked.post("b-1", &customer("c-1"), 0).await?;
    let before = tracked.newest();
    let same = tracked.stored("b-1").cloned().expect("a thread");
    let revision = tracked.commit(Commit::new(same.state.clone(), Some(&same))).await?;
    let feed = harness.store().changes(&tracked.location, before, NO_LIMIT).await?;
    let expected = vec![VersionedThread::new(revision, same.state)];
    check_eq(&feed.changed, &expected, "the feed after a commit of the same state")?;
    tracked.check().await
}
