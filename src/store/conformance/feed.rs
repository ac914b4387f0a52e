use super::cast::{HERE, MANY, WHOLE, at, customer, key, place, revision, thread_id};
use super::ledger::Ledger;
use super::proposal::{saying, thread_after};
use super::report::{Outcome, same};
use super::stage::Stage;
use crate::participant::Role;
use crate::store::{
    Changes, CommitOutcome, Direction, Filter, Revision, Stored, ThreadPage, ThreadState,
    ThreadStore as _,
};

pub(super) async fn a_thread_changed_twice_is_one_change(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let (ann, here) = (customer("c-1"), place(HERE));
    let first = ledger.start("b-1", 0).await?;
    ledger.say("b-2", &ann, 1).await?;
    ledger.say("b-1", &ann, 2).await?;
    ledger.read("b-1", Role::Operator).await?;
    for since in [Revision::ZERO, first, revision(first.get() + 1)] {
        let feed = stage.store().changes(&here, since, MANY).await?;
        let expected = ledger.model.changes(&here, since, MANY);
        same(&feed.changed, &expected.changed, format_args!("the changes since {since:?}"))?;
    }
    let before = ledger.newest();
    ledger.erase("b-1").await?;
    ledger.start("b-1", 3).await?;
    ledger.erase("b-1").await?;
    let feed = stage.store().changes(&here, before, MANY).await?;
    let expected: Vec<Stored> = ledger.found("b-1").cloned().into_iter().collect();
    same(&feed.changed, &expected, "the changes of a thread erased, begun and erased")
}

pub(super) async fn changes_respect_the_limit_and_say_whether_there_is_more(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    for booking in 0..8 {
        ledger.say(&format!("b-{booking}"), &customer("c-1"), 0).await?;
    }
    ledger.read("b-3", Role::Operator).await?;
    ledger.erase("b-5").await?;
    for since in (0..=ledger.newest().get()).map(revision) {
        let after = ledger.model.changes(&ledger.location, since, MANY).changed.len();
        for limit in (0..=after + 1).chain([MANY]) {
            let found = stage.store().changes(&ledger.location, since, limit).await?;
            let expected = ledger.model.changes(&ledger.location, since, limit);
            same(&found, &expected, format_args!("at most {limit} changes since {since:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn changes_since_the_newest_revision_or_a_later_one_are_none(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    ledger.say("b-1", &customer("c-1"), 0).await?;
    let newest = ledger.newest();
    for since in [newest, revision(newest.get() + 1), Revision::MAX.previous(), Revision::MAX] {
        for limit in [0, 1, MANY] {
            let found = stage.store().changes(&place(HERE), since, limit).await?;
            let expected =
                Changes { changed: Vec::new(), more: false, unread: 1, revision: newest };
            same(&found, &expected, format_args!("at most {limit} changes since {since:?}"))?;
        }
    }
    Ok(())
}

pub(super) async fn any_limit_is_taken(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let ann = customer("c-1");
    for booking in ["b-1", "b-2", "b-3"] {
        ledger.say(booking, &ann, 0).await?;
        ledger.say(booking, &ann, 1).await?;
    }
    let (here, id) = (place(HERE), ledger.id("b-2"));
    let large = [1 << 31, (1 << 32) + 1, i64::MAX.unsigned_abs(), u64::MAX];
    let large = large.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    for limit in [0, 1].into_iter().chain(large) {
        let what = |method| format!("`{method}` with the limit {limit}");
        for filter in [Filter::All, Filter::Unread] {
            let found = store.threads(&here, None, limit, filter).await?;
            same(&found, &ledger.model.page(&here, None, limit, filter), what("threads"))?;
        }
        let found = store.changes(&here, Revision::ZERO, limit).await?;
        same(&found, &ledger.model.changes(&here, Revision::ZERO, limit), what("changes"))?;
        for direction in [Direction::OldestFirst, Direction::NewestFirst] {
            let found = store.messages(&id, WHOLE, limit, direction).await?;
            same(&found, &ledger.model.slice(&id, &WHOLE, limit, direction), what("messages"))?;
        }
    }
    Ok(())
}

pub(super) async fn an_unknown_location_answers_empty(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut there = Ledger::new(store, "there");
    let ann = customer("c-1");
    there.say("b-1", &ann, 0).await?;
    let id = thread_id(HERE, "b-1");
    for _ in 0..2 {
        same(&store.thread(&id).await?, &None, "a thread of an unknown location")?;
        let found = store.messages(&id, WHOLE, MANY, Direction::OldestFirst).await?;
        same(&found, &Vec::new(), "messages of an unknown location")?;
        let found = store.message_by_key(&id, ann.role, &ann.id, &key("k")).await?;
        same(&found, &None, "a key of an unknown location")?;
        for since in [Revision::ZERO, Revision::MAX] {
            let found = store.changes(&id.location, since, MANY).await?;
            same(&found, &Changes::default(), "the feed of an unknown location")?;
        }
        for filter in [Filter::All, Filter::Unread] {
            let found = store.threads(&id.location, None, MANY, filter).await?;
            same(&found, &ThreadPage::default(), "the inbox of an unknown location")?;
        }
        let imagined = ThreadState::Live(thread_after(&id, None, at(0)));
        let elsewhere = Stored { revision: there.newest(), state: imagined };
        let commit = saying(&id, Some(&elsewhere), &ann, "x", at(0));
        let found = store.commit(commit).await?;
        same(&found, &CommitOutcome::Conflict(None), "a commit from what is not there")?;
    }
    let mut here = Ledger::new(store, HERE);
    here.say("b-1", &ann, 0).await?;
    here.check().await?;
    there.check().await
}
