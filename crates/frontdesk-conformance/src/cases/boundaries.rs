use frontdesk::record::ThreadRecord;
use frontdesk::store::{Commit, CommitOutcome, MessageQuery, Revision, ThreadState};
use frontdesk::{LastMessage, MessageNumber, Preview, Role, Thread};

use crate::commit_builders::{Base, TestMessage, record_commit, start_commit};
use crate::failure::{CaseResult, Failure, check_eq};
use crate::fixtures::{
    BOTH_ORDERS, LOCATION, NO_LIMIT, at, booking, customer, key, number, revision,
};
use crate::harness::Harness;
use crate::tracked_location::TrackedLocation;

/// Numbers at which an integer or floating-point type of a database ends. The last one is the
/// highest number of a message.
const LIMITS: [u32; 5] = [1 << 8, 1 << 15, 1 << 16, 1 << 24, (1 << 31) - 1];

/// Revisions at which a type of a database ends. The last one is the highest revision.
const REVISION_LIMITS: [u64; 3] = [1 << 24, 1 << 32, (1 << 53) - 1];

/// Writes a thread whose last number is `last`, without its messages.
async fn write_thread_with_last_number(
    tracked: &mut TrackedLocation,
    name: &str,
    last: u32,
) -> CaseResult {
    let thread = Thread::start(tracked.location.clone(), booking(name), at(0));
    let mut record = ThreadRecord::from(thread);
    record.messages.customer = i64::from(last);
    record.redactions = i64::from(last);
    let preview = Preview::from_stored("Hello!", false).expect("a valid preview");
    record.last = Some(LastMessage::new(Role::Customer, at(0), preview));
    tracked.commit(record_commit(None, record)).await?;
    Ok(())
}

pub(super) async fn message_numbers_cross_the_limits_of_integer_types(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    let mut tracked = TrackedLocation::new(store, LOCATION);
    for limit in LIMITS {
        let name = format!("b-{limit}");
        let id = tracked.id(&name);
        let during = |failure: Failure| failure.during(format_args!("numbers near {limit}"));
        write_thread_with_last_number(&mut tracked, &name, limit - 3).await.map_err(during)?;
        // Numbers from limit - 2 to limit + 2, or to the highest number.
        let numbers = limit - 2..=limit.saturating_add(2).min(MessageNumber::MAX.get());
        let messages: Vec<TestMessage> = numbers
            .clone()
            .map(|number| {
                let message = TestMessage::new(&customer("c-1"), "Hello!", at(1));
                message.with_key(&key(&format!("k-{number}")))
            })
            .collect();
        let sent = tracked.send_all(&name, &messages).await.map_err(during)?;
        tracked.check().await.map_err(during)?;
        for order in BOTH_ORDERS {
            for range in [number(limit - 1)..=number(limit), number(limit)..=MessageNumber::MAX] {
                let operation = format!("the messages {range:?} of {id}");
                let query = order(&id, range, NO_LIMIT);
                let found = store.messages(&query).await.map_err(during)?;
                check_eq(&found, &tracked.model.messages(&query), operation)?;
            }
        }
        let found = store.messages(&MessageQuery::one(&id, number(limit))).await.map_err(during)?;
        check_eq(&found, &sent[2..3].to_vec(), format_args!("message {limit} of {id}"))?;
        tracked.mark_read(&name, Role::Operator).await.map_err(during)?;
        tracked.redact(&name, limit - 1).await.map_err(during)?;
        tracked.redact(&name, limit).await.map_err(during)?;
        tracked.check().await.map_err(during)?;
        for after in [limit - 3, limit - 2, limit - 1] {
            let query = MessageQuery::redacted_after(&id, after, NO_LIMIT);
            let found = store.messages(&query).await.map_err(during)?;
            let operation = format!("the messages of {id} redacted after {after}");
            check_eq(&found, &tracked.model.messages(&query), operation)?;
        }
        tracked.erase(&name).await.map_err(during)?;
        if limit < MessageNumber::MAX.get() {
            tracked.post(&name, &customer("c-1"), 2).await.map_err(during)?;
        }
        tracked.check().await.map_err(during)?;
    }
    Ok(())
}

pub(super) async fn revisions_cross_the_limits_of_number_types(
    harness: &Harness<'_>,
) -> CaseResult {
    let store = harness.store();
    for limit in REVISION_LIMITS {
        let mut tracked = TrackedLocation::new(store, &format!("location-{limit}"));
        // Five commits lead to the limit.
        let before = revision(limit - 5);
        if !harness.begin_at(&tracked.location, before).await {
            harness.not_run("the factory cannot begin at a high revision");
            return Ok(());
        }
        let during = |failure: Failure| failure.during(format_args!("revisions near {limit}"));
        let ann = customer("c-1");
        let first = tracked.post("b-1", &ann, 0).await.map_err(during)?.revision;
        let operation = format!("the first revision after {before:?}");
        check_eq(&first, &revision(limit - 4), operation)?;
        tracked.post("b-2", &ann, 0).await.map_err(during)?;
        tracked.redact("b-1", 1).await.map_err(during)?;
        tracked.mark_read("b-2", Role::Operator).await.map_err(during)?;
        tracked.check().await.map_err(during)?;
        tracked.erase("b-1").await.map_err(during)?;
        tracked.check().await.map_err(during)?;
        for since in (limit - 6..limit).map(revision) {
            let feed = store.changes(&tracked.location, since, NO_LIMIT).await.map_err(during)?;
            let expected = tracked.model.changes(&tracked.location, since, NO_LIMIT);
            check_eq(&feed, &expected, format_args!("the changes since {since:?}"))?;
        }
        if limit == Revision::MAX.get() {
            check_that_no_revision_is_left(&mut tracked, harness).await?;
        } else {
            tracked.post("b-1", &ann, 1).await.map_err(during)?;
            tracked.post("b-2", &ann, 1).await.map_err(during)?;
        }
        tracked.check().await.map_err(during)?;
    }
    Ok(())
}

/// Checks that a location at the highest revision takes no more commits.
async fn check_that_no_revision_is_left(
    tracked: &mut TrackedLocation,
    harness: &Harness<'_>,
) -> CaseResult {
    check_eq(&tracked.newest(), &Revision::MAX, "the newest revision")?;
    let new_id = tracked.id("b-3");
    let live = tracked.stored("b-2");
    let same = Commit::new(ThreadState::Live(tracked.thread("b-2").clone()), live);
    for commit in [start_commit(Base::new(&new_id, None), at(0)), same] {
        let operation = format!("a commit to {} at the highest revision", commit.id());
        let outcome: Result<CommitOutcome, _> = harness.store().try_commit(commit).await;
        if let Ok(outcome) = outcome {
            return Err(Failure::new(operation, "an error", format_args!("{outcome:?}")));
        }
    }
    Ok(())
}
