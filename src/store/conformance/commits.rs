use std::sync::Arc;

use futures_util::FutureExt as _;

use super::cast::{HERE, MANY, at, booking, customer, key, operator, revision, thread_id};
use super::ledger::Ledger;
use super::model::Model;
use super::proposal::{committed, erasing, keyed, saying, starting, thread_after};
use super::report::{Failure, Outcome, holds, same};
use super::stage::{Running, Stage};
use crate::booking::BookingStatus;
use crate::participant::Role;
use crate::store::{CommitOutcome, Revision, Stored, ThreadState, ThreadStore as _};

pub(super) async fn a_thread_is_created_once_under_many_racers(stage: &Stage<'_>) -> Outcome {
    let id = thread_id(HERE, "b-1");
    let mut racers: Vec<Running<'static, _>> = Vec::new();
    for racer in 0..50 {
        let (store, id) = (Arc::clone(stage.store()), id.clone());
        racers.push(Box::pin(async move {
            let commit = saying(&id, None, &customer(&format!("c-{racer}")), "Hello!", at(racer));
            Ok((store.commit(commit.clone()).await?, commit))
        }));
    }
    let outcomes = stage.together(racers).await?;
    let stored = stage.store().thread(&id).await?;
    let mut model = Model::default();
    let mut winners = 0;
    for (outcome, commit) in outcomes {
        if let CommitOutcome::Committed(revision) = outcome {
            model.write(commit, revision)?;
            winners += 1;
        } else {
            same(&outcome, &CommitOutcome::Conflict(stored.clone()), "what a loser was told")?;
        }
    }
    same(&winners, &1, "how many of 50 racers created it")?;
    model.check(stage.store(), &id.location).await
}

pub(super) async fn one_of_many_commits_from_the_same_revision_wins(stage: &Stage<'_>) -> Outcome {
    let id = thread_id(HERE, "b-1");
    let mut model = Model::default();
    let first = starting(&id, None, at(0));
    let revision = committed(stage.store().commit(first.clone()).await?)?;
    model.write(first, revision)?;
    for round in 1..=8 {
        let mut racers: Vec<Running<'static, _>> = Vec::new();
        for racer in 0..12 {
            let author = customer(&format!("c-{racer}"));
            let commit = saying(&id, model.head(&id), &author, "Hello!", at(0));
            let store = Arc::clone(stage.store());
            racers.push(Box::pin(async move { Ok((store.commit(commit.clone()).await?, commit)) }));
        }
        let mut winners = 0;
        for (outcome, commit) in stage.together(racers).await? {
            if let CommitOutcome::Committed(revision) = outcome {
                model.write(commit, revision)?;
                winners += 1;
            }
        }
        same(&winners, &1, format_args!("the winners of round {round}"))?;
        model.check(stage.store(), &id.location).await?;
    }
    Ok(())
}

pub(super) async fn a_conflict_writes_nothing_and_brings_what_is_stored(
    stage: &Stage<'_>,
) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let (talk, gone, new) = (ledger.id("talk"), ledger.id("gone"), ledger.id("new"));
    let ann = customer("c-1");
    ledger.say("talk", &ann, 0).await?;
    let older = ledger.found("talk").cloned();
    ledger.say("talk", &ann, 1).await?;
    let newer = ledger.found("talk").cloned();
    ledger.say("gone", &ann, 2).await?;
    let before_erasure = ledger.found("gone").cloned();
    ledger.erase("gone").await?;
    let tombstone = ledger.found("gone").cloned();

    let mut ahead = newer.clone().expect("a thread");
    ahead.revision = Revision::MAX;
    let imagined = ThreadState::Live(thread_after(&new, None, at(0)));
    let nowhere = Stored { revision: ahead.revision, state: imagined };
    let from_elsewhere = [
        ("as if never used, but there", saying(&talk, None, &ann, "x", at(9)), &newer),
        ("from an older one", saying(&talk, older.as_ref(), &ann, "x", at(9)), &newer),
        ("from one not taken yet", saying(&talk, Some(&ahead), &ann, "x", at(9)), &newer),
        ("erasing from an older one", erasing(older.as_ref()), &newer),
        ("starting what is there", starting(&talk, None, at(9)), &newer),
        ("erased since", saying(&gone, before_erasure.as_ref(), &ann, "x", at(9)), &tombstone),
        ("erased, as if never used", saying(&gone, None, &ann, "x", at(9)), &tombstone),
        ("never used, as if it was", saying(&new, Some(&nowhere), &ann, "x", at(9)), &None),
    ];
    let unused = key("k-1");
    for (which, commit, stored) in from_elsewhere {
        let with_key = commit.message.is_some().then(|| keyed(commit.clone(), &unused));
        for commit in std::iter::once(commit.clone()).chain(with_key) {
            let outcome = store.commit(commit).await?;
            same(&outcome, &CommitOutcome::Conflict(stored.clone()), which)?;
            let after = |failure: Failure| failure.while_doing(format_args!("{which}, then"));
            ledger.check().await.map_err(after)?;
            let found = store.thread(&new).await?;
            same(&found, &None, "the thread that was never made").map_err(after)?;
        }
    }
    for id in [talk, gone, new] {
        let found = store.message_by_key(&id, ann.role, &ann.id, &unused).await?;
        same(&found, &None, "a key of commits that conflicted")?;
    }
    Ok(())
}

pub(super) async fn a_taken_key_wins_over_a_conflict_and_brings_its_message(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let id = ledger.id("b-1");
    let (ann, once) = (customer("c-1"), key("once"));
    ledger.say("b-1", &ann, 0).await?;
    let earlier = ledger.found("b-1").cloned();
    let first = ledger.say_with("b-1", &ann, "Hello!", &once).await?;
    let after_first = ledger.found("b-1").cloned();
    ledger.say("b-1", &operator("u-1"), 2).await?;
    let current = ledger.found("b-1").cloned();
    let from = [
        ("a retry from nothing", None),
        ("a retry from before it", earlier),
        ("a retry from its own revision", after_first),
        ("a retry from the current one", current),
    ];
    for (which, found) in from {
        for text in ["Hello!", "Something else"] {
            let commit = keyed(saying(&id, found.as_ref(), &ann, text, at(9)), &once);
            let outcome = stage.store().commit(commit).await?;
            same(&outcome, &CommitOutcome::KeyTaken(first.clone()), which)?;
            ledger.check().await?;
        }
    }
    Ok(())
}

pub(super) async fn a_commit_is_all_or_nothing_and_every_index_agrees_after_it(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let (ann, bob, team) = (customer("c-1"), customer("c-2"), operator("u-1"));
    let once = key("k-1");
    ledger.check().await?;
    ledger.start("b-1", 10).await?;
    ledger.check().await?;
    ledger.say("b-2", &ann, 20).await?;
    ledger.check().await?;
    ledger.say_with("b-1", &ann, "One", &once).await?;
    ledger.check().await?;
    ledger.say("b-1", &bob, 30).await?;
    ledger.check().await?;
    ledger.read("b-1", Role::Operator).await?;
    ledger.check().await?;
    let first = ledger.say_with("b-1", &team, "Two", &once).await?;
    ledger.check().await?;
    ledger.read("b-1", Role::Customer).await?;
    ledger.check().await?;
    ledger.change("b-1", |thread| thread.mark_unread(Role::Customer, &first, at(31))).await?;
    ledger.check().await?;
    let cancelled = booking("b-2").with_status(BookingStatus::Cancelled);
    ledger.change("b-2", |thread| thread.rebook(&cancelled)).await?;
    ledger.check().await?;
    ledger.say("b-1", &bob, 40).await?;
    ledger.check().await?;
    ledger.erase("b-1").await?;
    ledger.check().await?;
    ledger.start("b-1", 50).await?;
    ledger.check().await?;
    ledger.say_with("b-1", &team, "Three", &once).await?;
    ledger.check().await?;
    ledger.erase("b-2").await?;
    ledger.check().await
}

pub(super) async fn a_dropped_commit_has_happened_wholly_or_not_at_all(
    stage: &Stage<'_>,
) -> Outcome {
    let store = stage.store();
    let (id, ann, bob) = (thread_id(HERE, "b-1"), customer("c-1"), customer("c-2"));
    let mut model = Model::default();
    for round in 1..=20 {
        let found = model.head(&id).cloned();
        let once = key(&format!("k-{round}"));
        let dropped = keyed(saying(&id, found.as_ref(), &ann, "Hello!", at(round)), &once);
        let future = store.commit(dropped.clone());
        if round % 4 == 0 {
            drop(future);
        } else {
            // Begun, and dropped at its first await.
            drop(future.now_or_never());
        }
        // It may go on without its caller. Another commit from the same revision
        // settles which of the two it is.
        let settling = saying(&id, found.as_ref(), &bob, "Good morning!", at(round));
        match store.commit(settling.clone()).await? {
            CommitOutcome::Committed(revision) => model.write(settling, revision)?,
            CommitOutcome::Conflict(Some(stored)) if round % 4 != 0 => {
                same(&stored.state, &dropped.next, "the state that the dropped commit left")?;
                model.write(dropped, stored.revision)?;
            }
            other => {
                let expected = "it, or the commit before it, is committed";
                let what = format!("the commit after dropped commit {round}");
                return Err(Failure::new(what, expected, format!("{other:?}")));
            }
        }
        model.check(store, &id.location).await?;
        let by_key = store.message_by_key(&id, ann.role, &ann.id, &once).await?;
        let expected = model.sent_with(&id, ann.role, &ann.id, &once);
        same(&by_key, &expected, "the message of the dropped commit's key")?;
    }
    Ok(())
}

pub(super) async fn revisions_of_a_location_only_rise(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let ann = customer("c-1");
    for step in 0..5 {
        // The ledger looks at each.
        ledger.start("b-1", step).await?;
        ledger.say("b-2", &ann, step).await?;
        ledger.erase("b-1").await?;
    }
    let feed = stage.store().changes(&ledger.location, revision(0), MANY).await?;
    same(&feed.revision, &ledger.newest(), "the newest revision")
}

pub(super) async fn what_was_acknowledged_is_there_after_reopening(
    stage: &mut Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let (ann, once) = (customer("c-1"), key("once"));
    let mut first = ledger.say_with("b-1", &ann, "Hello!", &once).await?;
    for life in 0..3 {
        ledger.say("b-2", &ann, life).await?;
        ledger.erase("b-2").await?;
        let kept = ledger.close();
        // The last commit is an erasure, and the next takes a higher revision.
        if !stage.reopen().await {
            return Ok(());
        }
        ledger = Ledger::resume(stage.store(), kept);
        ledger.check().await?;
        let retry = keyed(saying(&ledger.id("b-1"), None, &ann, "Hello!", at(9)), &once);
        let outcome = stage.store().commit(retry).await?;
        same(&outcome, &CommitOutcome::KeyTaken(first.clone()), "a retry after reopening")?;
        let late = saying(&ledger.id("b-2"), None, &ann, "Hello!", at(9));
        let outcome = stage.store().commit(late).await?;
        let expected = CommitOutcome::Conflict(ledger.found("b-2").cloned());
        same(&outcome, &expected, "a commit as if an erased thread had never been")?;
        ledger.erase("b-1").await?;
        first = ledger.say_with("b-1", &ann, "Hello again!", &once).await?;
        ledger.check().await?;
    }
    let numbers = ledger.model.history(&ledger.id("b-1")).len();
    holds(numbers == 1, "the messages of the last life", "one", numbers)
}
