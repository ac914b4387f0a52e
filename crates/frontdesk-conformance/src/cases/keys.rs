use std::sync::Arc;

use frontdesk::store::{CommitOutcome, KeyQuery};
use frontdesk::{DisplayName, Participant};

use crate::commit_builders::{Base, TestMessage, post_commit};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{LOCATION, at, customer, key, operator, separators};
use crate::harness::{Harness, Step};
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

pub(super) async fn one_of_many_commits_with_one_key_succeeds(harness: &Harness<'_>) -> CaseResult {
    const WRITERS: i64 = 12;
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let (ann, id) = (customer("c-1"), tracked.id("b-1"));
    tracked.start("b-1", 0).await?;
    for round in 1..=8 {
        let used = format!("k-{round}");
        let mut writers: Vec<Step<'static, _>> = Vec::new();
        for writer in 0..WRITERS {
            let message = TestMessage::new(&ann, "Hello!", at(writer)).with_key(&key(&used));
            let commit = post_commit(Base::new(&id, tracked.stored("b-1")), &message);
            let store = Arc::clone(store);
            writers
                .push(Box::pin(async move { Ok((store.commit(commit.clone()).await?, commit)) }));
        }
        let outcomes = harness.run_concurrently(writers).await?;
        let is_committed =
            |(outcome, _): &&(CommitOutcome, _)| matches!(outcome, CommitOutcome::Committed(_));
        let operation = format!("the commits of {WRITERS} with the key {used:?} that succeeded");
        check_eq(&outcomes.iter().filter(is_committed).count(), &1, operation)?;
        for (outcome, commit) in &outcomes {
            if let CommitOutcome::Committed(revision) = outcome {
                tracked.model.apply(commit.clone(), *revision)?;
            }
        }
        let first = tracked.model.message_by_key(&KeyQuery::new(&id, &ann, &key(&used)));
        let taken = CommitOutcome::KeyTaken { index: 0, message: first.expect("one message") };
        for (outcome, _) in &outcomes {
            if !matches!(outcome, CommitOutcome::Committed(_)) {
                check_eq(
                    outcome,
                    &taken,
                    format_args!("a commit that lost the race for {used:?}"),
                )?;
            }
        }
        tracked.check().await?;
    }
    Ok(())
}

pub(super) async fn a_key_does_not_depend_on_name_text_or_time(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    let id = tracked.id("b-1");
    for (author, used) in [(customer("c-1"), "once"), (operator("u-1"), "again")] {
        let message = TestMessage::new(&author, "Hello!", at(0)).with_key(&key(used));
        let first = tracked.send("b-1", &message).await?;
        let expected = CommitOutcome::KeyTaken { index: 0, message: first };
        for name in [None, DisplayName::new("Ann"), DisplayName::new("Ann, née Smith")] {
            // From the same second to 900 years later.
            for seconds in [0, 86_400, 31 * 86_400, 400 * 86_400, 900 * 365 * 86_400] {
                let mut author = author.clone();
                author.name.clone_from(&name);
                let retry = TestMessage::new(&author, "Something else", at(seconds));
                let base = Base::new(&id, tracked.stored("b-1"));
                let outcome = store.commit(post_commit(base, &retry.with_key(&key(used)))).await?;
                let operation =
                    format!("a retry with {used:?} to {id} as {name:?}, {seconds} s later");
                check_eq(&outcome, &expected, operation)?;
            }
        }
    }
    tracked.check().await
}

/// Texts that are equal as numbers, or that have the same hash.
const SIMILAR_TEXTS: [&str; 24] = [
    "7",
    "007",
    "7.0",
    "+7",
    "0x7",
    "7e0",
    "1000",
    "1e3",
    "9007199254740993",
    "9007199254740992",
    "18446744073709551616",
    "18446744073709551617",
    // FNV-1a of 32 bits.
    "declinate",
    "macallums",
    "altarage",
    "zinke",
    // CRC-32.
    "plumless",
    "buckeroo",
    // The hash of Java's strings.
    "Aa",
    "BB",
    // Words that spreadsheets and scripts convert.
    "NULL",
    "null",
    "true",
    "1",
];

/// Pairs of characters with which a store could join an author and a key.
const SEPARATORS: [&str; 14] =
    ["::", "--", "//", "||", "__", "##", "~~", "..", "++", "->", "=>", ":/", "|:", "\\\\"];

pub(super) async fn similar_authors_and_keys_are_distinct(harness: &Harness<'_>) -> CaseResult {
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    let with_author = |author: &str, used: &str| with_key(&customer(author), used);
    let as_authors = SIMILAR_TEXTS.map(|author| with_author(author, "once"));
    let as_keys = SIMILAR_TEXTS.map(|used| with_author("c-1", used));
    let joined = SEPARATORS.iter().flat_map(|separator| {
        let (start, end) = (format!("p{separator}q"), format!("q{separator}r"));
        [("p", &*end), (&*start, "r"), ("r", &*start), (&*end, "p")]
            .map(|(author, used)| with_author(author, used))
    });
    let messages: Vec<TestMessage> = as_authors.into_iter().chain(as_keys).chain(joined).collect();
    // Similar texts are next to each other, so the second commit has texts that are similar to
    // those of the first.
    for start in [0, 1] {
        let half: Vec<TestMessage> = messages.iter().skip(start).step_by(2).cloned().collect();
        tracked.send_all("b-1", &half).await?;
    }
    tracked.send_all("b-2", &messages).await?;
    tracked.check().await
}
