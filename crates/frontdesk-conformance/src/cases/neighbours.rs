use frontdesk::store::{CommitOutcome, KeyQuery};

use crate::commit_builders::{
    Base, TestMessage, erase_commit, post_commit, redact_commit, start_commit,
};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{LOCATION, at, customer, key, number};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

/// Ids that are prefixes of each other, or patterns that match each other.
const NEIGHBOURS: [&str; 9] = ["b-1", "b-10", "b-100", "b", "b_1", "b%", "%", "_-1", "b-1%"];

/// Pairs of letters that are equal when their case is ignored, each with a letter beyond ASCII.
const CASE_PAIRS: [[&str; 2]; 8] = [
    ["É", "é"],
    ["Ж", "ж"],
    ["Σ", "σ"],
    ["ϐ", "Β"],
    ["Ÿ", "ÿ"],
    ["Ａ", "ａ"],
    ["𐐀", "𐐨"],
    ["\u{212A}", "k"],
];

pub(super) async fn erasing_a_thread_leaves_its_neighbours(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let ann = customer("c-1");
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&key("once"));
    for booking in NEIGHBOURS {
        tracked.send(booking, &hello).await?;
    }
    for booking in NEIGHBOURS {
        tracked.erase(booking).await?;
        let during = |failure: Failure| failure.during(format_args!("after erasing {booking}"));
        tracked.check().await.map_err(during)?;
        tracked.send(booking, &hello).await?;
    }
    tracked.check().await
}

pub(super) async fn ids_that_differ_in_one_place_are_distinct(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    // Ids of 128 characters that differ in the last one, and letters that differ in case.
    let long = ["y", "z"].map(|end| "x".repeat(127) + end);
    let mut pairs = vec![long.each_ref().map(String::as_str)];
    pairs.extend(CASE_PAIRS);
    for pair in pairs {
        let mut locations = pair.map(|location| TrackedLocation::new(store, location));
        for location in &mut locations {
            for booking in pair {
                // Both authors send both keys to both threads.
                let messages: Vec<TestMessage> = pair
                    .iter()
                    .flat_map(|author| pair.map(|used| (author, used)))
                    .map(|(author, used)| {
                        let message = TestMessage::new(&customer(author), "Hello!", at(0));
                        message.with_key(&key(used))
                    })
                    .collect();
                location.send_all(booking, &messages).await?;
            }
        }
        for location in &locations {
            location.check().await?;
        }
    }
    Ok(())
}

pub(super) async fn a_commit_of_an_earlier_generation_conflicts(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, id) = (customer("c-1"), tracked.id("b-1"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&key("once"));
    // Both generations have the same sequence of commits.
    tracked.start("b-1", 0).await?;
    let started = tracked.stored("b-1").cloned();
    tracked.send("b-1", &hello).await?;
    let posted = tracked.stored("b-1").cloned();
    tracked.erase("b-1").await?;
    let erased = tracked.stored("b-1").cloned();
    tracked.start("b-1", 0).await?;
    let late = TestMessage::new(&ann, "Is anybody there?", at(1)).with_key(&key("late"));
    for round in 1..=2 {
        let commits = [
            ("a message", post_commit(Base::new(&id, started.as_ref()), &late)),
            ("a second message", post_commit(Base::new(&id, posted.as_ref()), &late)),
            ("a redaction", redact_commit(posted.as_ref(), number(1))),
            ("an erasure", erase_commit(posted.as_ref())),
            ("a restart", start_commit(Base::new(&id, erased.as_ref()), at(0))),
        ];
        for (commit_name, commit) in commits {
            let outcome = store.commit(commit).await?;
            let expected = CommitOutcome::Conflict(tracked.stored("b-1").cloned());
            let operation =
                format!("{commit_name} from the first generation of {id}, attempt {round}");
            check_eq(&outcome, &expected, operation)?;
            tracked.check().await?;
        }
        let late_key = key("late");
        let found = store.message_by_key(&KeyQuery::new(&id, &ann, &late_key)).await?;
        check_eq(&found, &None, format_args!("the message of {late_key:?} in {id}"))?;
        if round == 1 {
            tracked.send("b-1", &hello).await?;
        }
    }
    Ok(())
}
