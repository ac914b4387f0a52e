use super::cast::{HERE, MANY, WHOLE, at, customer, key, number, operator};
use super::ledger::Ledger;
use super::proposal::saying;
use super::report::{Outcome, same};
use super::stage::Stage;
use crate::store::{Direction, Filter, Stored, ThreadState, ThreadStore as _};
use crate::thread::Tombstone;

pub(super) async fn erasing_removes_messages_keys_and_the_place_in_the_inbox(
    stage: &Stage<'_>,
) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let (ann, team, once) = (customer("c-1"), operator("u-1"), key("once"));
    ledger.say_with("b-1", &ann, "Hello!", &once).await?;
    ledger.say_with("b-1", &team, "Hi!", &once).await?;
    ledger.say("b-1", &ann, 3).await?;
    ledger.say("b-2", &ann, 4).await?;
    // More than databases do at a time where nobody says how much.
    for _ in 0..260 {
        ledger.say("b-1", &ann, 5).await?;
    }
    let id = ledger.id("b-1");
    let found = store.messages(&id, WHOLE, MANY, Direction::OldestFirst).await?;
    same(&found.len(), &263, "how many messages there were")?;
    ledger.erase("b-1").await?;
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        let found = store.messages(&id, WHOLE, MANY, direction).await?;
        same(&found, &Vec::new(), "the messages of an erased thread")?;
    }
    for author in [&ann, &team] {
        let found = store.message_by_key(&id, author.role, &author.id, &once).await?;
        same(&found, &None, "the message of an erased thread's key")?;
    }
    for filter in [Filter::All, Filter::Unread] {
        let page = store.threads(&ledger.location, None, MANY, filter).await?;
        let expected = ledger.model.page(&ledger.location, None, MANY, filter);
        same(&page, &expected, format_args!("{filter:?} without the erased thread"))?;
    }
    ledger.check().await
}

pub(super) async fn an_erased_thread_is_a_tombstone_in_the_feed_and_where_it_was(
    stage: &Stage<'_>,
) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let ann = customer("c-1");
    ledger.say("b-1", &ann, 1).await?;
    ledger.say("b-1", &ann, 2).await?;
    ledger.say("b-2", &ann, 3).await?;
    let before = ledger.newest();
    let revision = ledger.erase("b-1").await?;
    let id = ledger.id("b-1");
    let tombstone = Tombstone { id: id.clone(), last: number(2) };
    let stored = Stored { revision, state: ThreadState::Erased(tombstone) };
    let found = store.thread(&id).await?;
    same(&found.as_ref(), &Some(&stored), "what is stored of an erased thread")?;
    let feed = store.changes(&ledger.location, before, MANY).await?;
    same(&feed.changed, &vec![stored], "the changes since before the erasure")?;
    ledger.check().await
}

pub(super) async fn erasing_an_unread_thread_takes_it_off_the_unread_number(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let ann = customer("c-1");
    ledger.say("b-1", &ann, 1).await?;
    ledger.say("b-2", &ann, 2).await?;
    for (booking, left) in [("b-1", 1), ("b-2", 0)] {
        ledger.erase(booking).await?;
        let page = stage.store().threads(&ledger.location, None, MANY, Filter::All).await?;
        let feed = stage.store().changes(&ledger.location, ledger.newest(), 1).await?;
        same(&(page.unread, feed.unread), &(left, left), "the unread number, asked in two ways")?;
    }
    ledger.start("b-1", 3).await?;
    ledger.check().await?;
    ledger.say("b-1", &ann, 4).await?;
    ledger.check().await
}

pub(super) async fn an_erased_threads_keys_are_free_again(stage: &Stage<'_>) -> Outcome {
    let store = stage.store();
    let mut ledger = Ledger::new(store, HERE);
    let (ann, once, id) = (customer("c-1"), key("once"), ledger.id("b-1"));
    ledger.say_with("b-1", &ann, "Hello!", &once).await?;
    for _ in 0..2 {
        ledger.erase("b-1").await?;
        ledger.start("b-1", 2).await?;
        let found = store.message_by_key(&id, ann.role, &ann.id, &once).await?;
        same(&found, &None, "a key of an earlier life")?;
        ledger.say_with("b-1", &ann, "Hello again!", &once).await?;
        ledger.check().await?;
    }
    Ok(())
}

pub(super) async fn an_erased_thread_starts_anew_from_the_next_number(
    stage: &Stage<'_>,
) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let ann = customer("c-1");
    ledger.say("b-1", &ann, 0).await?;
    ledger.say("b-1", &operator("u-1"), 1).await?;
    for life in 1..=3 {
        ledger.erase("b-1").await?;
        ledger.check().await?;
        // From what is stored, not from what was written there.
        let id = ledger.id("b-1");
        let found = stage.store().thread(&id).await?;
        let again = saying(&id, found.as_ref(), &ann, "Hello again!", at(2));
        let numbered = again.message.as_ref().map(|new| new.message.number());
        same(&numbered, &Some(number(2 + life)), "the first number of the next life")?;
        ledger.commit(again).await?;
        ledger.check().await?;
    }
    Ok(())
}

pub(super) async fn who_slept_through_an_erasure_ends_right(stage: &Stage<'_>) -> Outcome {
    let mut ledger = Ledger::new(stage.store(), HERE);
    let ann = customer("c-1");
    ledger.say("b-1", &ann, 0).await?;
    ledger.say("b-2", &ann, 0).await?;
    // Here it falls asleep, with messages 1 of both.
    let asleep = ledger.newest();
    ledger.erase("b-1").await?;
    ledger.say("b-1", &ann, 5).await?;
    ledger.erase("b-2").await?;
    let feed = stage.store().changes(&ledger.location, asleep, MANY).await?;
    same(&feed, &ledger.model.changes(&ledger.location, asleep, MANY), "what it missed")?;
    let first = feed.changed.iter().find_map(|stored| {
        let live = stored.state.live()?;
        Some(live.first_number())
    });
    same(&first, &Some(number(2)), "the first number, below which it forgets what it has")?;
    let (id, from) = (ledger.id("b-1"), number(2));
    let newer = from..=*WHOLE.end();
    let found = stage.store().messages(&id, newer, MANY, Direction::OldestFirst).await?;
    same(&found, &ledger.model.history(&id), "the messages after those it has")
}
