use frontdesk::Role;
use frontdesk::inbox::InboxPosition;
use frontdesk::store::{
    Changes, CommitOutcome, KeyQuery, MessageQuery, Revision, ThreadList, ThreadPage, ThreadQuery,
    ThreadState, VersionedThread,
};

use crate::commit_builders::{Base, TestMessage, post_commit, thread_after};
use crate::failure::{CaseResult, check_eq};
use crate::fixtures::{
    ALL_NUMBERS, BOTH_ORDERS, LISTS, LOCATION, NO_LIMIT, at, customer, key, separators, thread_id,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

pub(super) async fn locations_are_isolated(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut harbour = TrackedLocation::new(store, "harbour");
    let mut lake = TrackedLocation::new(store, "lake");
    let (ann, once) = (customer("c-1"), key("once"));
    let hello = TestMessage::new(&ann, "Hello!", at(0)).with_key(&once);
    harbour.send("b-1", &hello).await?;
    lake.check().await?;
    lake.send("b-1", &hello).await?;
    lake.post("b-1", &ann, 5).await?;
    lake.set_waiting("b-1", Some(at(5))).await?;
    harbour.check().await?;
    lake.check().await?;

    // A position of one location is valid in the other.
    let after = InboxPosition::of(lake.thread("b-1"));
    let query = ThreadQuery::new(&harbour.location, ThreadList::All(Some(&after)), NO_LIMIT);
    let page = store.threads(&query).await?;
    let expected = harbour.model.threads(&query);
    check_eq(&page, &expected, "a page after a position of another location")?;

    // Commits to one location do not change the revision of the other.
    for _ in 0..5 {
        lake.start("b-2", 6).await?;
        lake.erase("b-2").await?;
    }
    let feed = store.changes(&harbour.location, harbour.newest(), NO_LIMIT).await?;
    let expected = harbour.model.changes(&harbour.location, harbour.newest(), NO_LIMIT);
    check_eq(&feed, &expected, "the feed after commits to another location")?;

    lake.forget_keys(at(1), NO_LIMIT).await?;
    harbour.check().await?;
    harbour.redact("b-1", 1).await?;
    lake.check().await?;
    harbour.mark_read("b-1", Role::Operator).await?;
    harbour.erase("b-1").await?;
    harbour.check().await?;
    lake.check().await
}

pub(super) async fn an_unknown_location_reads_as_empty(harness: &Harness<'_>) -> CaseResult {
    let store = harness.store();
    let mut lake = TrackedLocation::new(store, "lake");
    let (ann, once) = (customer("c-1"), key("k"));
    lake.post("b-1", &ann, 0).await?;
    let id = thread_id(LOCATION, "b-1");
    for _ in 0..2 {
        check_eq(&store.thread(&id).await?, &None, "`thread` of an unknown location")?;
        let heads = store.heads(&id.location, std::slice::from_ref(&id.booking)).await?;
        check_eq(&heads, &Vec::new(), "`heads` of an unknown location")?;
        let all = BOTH_ORDERS.map(|order| order(&id, ALL_NUMBERS, NO_LIMIT));
        for query in all.into_iter().chain([MessageQuery::redacted_after(&id, 0, NO_LIMIT)]) {
            let found = store.messages(&query).await?;
            check_eq(&found, &Vec::new(), "`messages` of an unknown location")?;
        }
        let found = store.message_by_key(&KeyQuery::new(&id, &ann, &once)).await?;
        check_eq(&found, &None, "`message_by_key` of an unknown location")?;
        for since in [Revision::ZERO, Revision::MAX] {
            let feed = store.changes(&id.location, since, NO_LIMIT).await?;
            check_eq(&feed, &Changes::default(), "`changes` of an unknown location")?;
        }
        for list in LISTS {
            let page = store.threads(&ThreadQuery::new(&id.location, list, NO_LIMIT)).await?;
            check_eq(&page, &ThreadPage::default(), "`threads` of an unknown location")?;
        }
        let forgotten = store.forget_keys(&id.location, at(9), NO_LIMIT).await?;
        let forgotten = (forgotten.removed, forgotten.more);
        check_eq(&forgotten, &(0, false), "`forget_keys` of an unknown location")?;
        let invented = ThreadState::Live(thread_after(Base::new(&id, None), at(0)));
        let invented = VersionedThread::new(lake.newest(), invented);
        let message = TestMessage::new(&ann, "x", at(0));
        let commit = post_commit(Base::new(&id, Some(&invented)), &message);
        let outcome = store.commit(commit).await?;
        let operation = "a commit that expects a thread in an unknown location";
        check_eq(&outcome, &CommitOutcome::Conflict(None), operation)?;
        let locations = store.locations(None, NO_LIMIT).await?;
        let expected = lake.model.locations(None, NO_LIMIT);
        check_eq(&locations, &expected, "the locations after reading an unknown one")?;
    }
    let mut harbour = TrackedLocation::new(store, LOCATION);
    harbour.post("b-1", &ann, 0).await?;
    harbour.check().await?;
    lake.check().await
}

pub(super) async fn ids_are_compared_by_bytes(harness: &Harness<'_>) -> CaseResult {
    let similar =
        ["k", "K", "é", "e\u{301}", "e", "ｅ", "ss", "ß", "%", "_", "\\", "'", "/", "a/b"];
    let mut all = Vec::new();
    for location in similar {
        let mut tracked = TrackedLocation::new(harness.store(), location);
        for booking in similar {
            tracked.post(booking, &customer(location), 0).await?;
        }
        all.push(tracked);
    }
    // Ids that collations treat as equal, and characters outside the Basic Multilingual
    // Plane.
    let mut tracked = TrackedLocation::new(harness.store(), LOCATION);
    for booking in ["a", "a\u{200D}", "a\u{AD}", "😀", "🎉"] {
        tracked.post(booking, &customer(booking), 0).await?;
    }
    all.push(tracked);
    // Pairs of ids that are equal once they are joined.
    for (pair, separator) in separators().enumerate() {
        let start = format!("p{pair}");
        for (location, booking) in
            [(&start, format!("q{separator}r")), (&format!("{start}{separator}q"), "r".to_owned())]
        {
            let mut tracked = TrackedLocation::new(harness.store(), location);
            tracked.post(&booking, &customer("c-1"), 0).await?;
            all.push(tracked);
        }
    }
    // Ids of 128 bytes that differ in the last byte.
    let longest = ["é", "è"].map(|last| "é".repeat(63) + last);
    for location in &longest {
        let mut tracked = TrackedLocation::new(harness.store(), location);
        for id in &longest {
            let message = TestMessage::new(&customer(id), "Hello!", at(0)).with_key(&key(id));
            tracked.send(id, &message).await?;
        }
        all.push(tracked);
    }
    for tracked in &all {
        tracked.check().await?;
    }
    Ok(())
}
