//! Tests of the loop in which a use case reads a thread, applies a transition and commits. The
//! tasks run under a model checker, which decides at each call of the store which task continues.
//! Over correct stores, the assertions of every scenario hold. In each store with a race, the
//! checker finds the race.

mod explore;
mod follower;
mod scenarios;
mod seeded;
#[path = "../support/mod.rs"]
mod support;
mod switching;

use std::sync::Arc;

use frontdesk::store::{MemoryStore, ThreadStore};

use explore::{explore, explore_until_failure};
use seeded::{Race, SeededStore};
use support::naive::NaiveStore;
use switching::switching;

/// Explores a scenario over the correct stores.
macro_rules! explore_correct_stores {
    ($scenario:path) => {
        explore(|| $scenario(Arc::new(switching(MemoryStore::new()))));
        explore(|| $scenario(Arc::new(switching(NaiveStore::new()))));
    };
}

/// I3, U2: in every schedule, messages are numbered without gaps, no message is lost or duplicated,
/// and the counters of both sides are exact.
#[test]
fn i3_no_schedule_leaves_a_gap_or_loses_a_message() {
    explore_correct_stores!(scenarios::three_writers_send_into_one_thread);
}

/// I2, I4: in every schedule, three sends with the same idempotency key store one message in one
/// thread.
#[test]
fn i4_no_schedule_stores_a_key_twice() {
    explore_correct_stores!(scenarios::one_key_is_sent_three_times);
}

/// I5: in every schedule, imports and a live message store each message once, in the order of the
/// list, and an import that came too late says what was stored.
#[test]
fn i5_no_schedule_loses_a_message_of_an_import() {
    explore_correct_stores!(scenarios::a_customer_writes_during_imports);
}

/// U1, U3: in every schedule, reading marks exactly the returned messages as read, and no mark
/// moves back.
#[test]
fn u3_no_schedule_marks_what_was_not_returned() {
    explore_correct_stores!(scenarios::an_operator_reads_while_a_customer_writes);
}

/// L3: in every schedule, an erased number is not used again.
#[test]
fn l3_no_schedule_reuses_an_erased_number() {
    explore_correct_stores!(scenarios::a_thread_is_erased_during_writes);
}

/// I2: in every schedule, a link and a first message for the linked booking end in one thread, or
/// linking says that the booking has a thread.
#[test]
fn i2_no_schedule_gives_a_linked_booking_a_second_thread() {
    explore_correct_stores!(scenarios::a_booking_is_linked_during_writes);
}

/// T9: in every schedule, polls bring each redaction to an open conversation.
#[test]
fn t9_no_schedule_hides_a_redaction_from_a_poll() {
    explore_correct_stores!(scenarios::messages_are_redacted_during_polls);
}

/// P1, P2, P3: in every schedule, clients that poll or follow the feed miss nothing, and each
/// answer is one snapshot.
#[test]
fn p1_no_schedule_hides_a_commit_from_a_client() {
    explore_correct_stores!(scenarios::dashboards_poll_during_writes);
}

/// The checker finds each seeded race in the scenario that the race breaks. It finds no failure in
/// the same store without the race.
#[test]
fn each_seeded_race_is_found() {
    fn store(race: Option<Race>) -> Arc<dyn ThreadStore> {
        Arc::new(SeededStore::new(race))
    }
    macro_rules! assert_found {
        ($race:ident, $scenario:path) => {
            explore(|| $scenario(store(None)));
            let run = explore_until_failure(|| $scenario(store(Some(Race::$race))));
            let run = run.unwrap_or_else(|| panic!("the race {} was not found", stringify!($race)));
            println!("{}: found in run {run}", stringify!($race));
        };
    }
    assert_found!(ComparesThenWrites, scenarios::three_writers_send_into_one_thread);
    assert_found!(KeyAfterMessage, scenarios::one_key_is_sent_three_times);
    assert_found!(FeedInTwoReads, scenarios::dashboards_poll_during_writes);
    assert_found!(UnreadCountedSeparately, scenarios::dashboards_poll_during_writes);
    assert_found!(RevisionBeforeVisible, scenarios::dashboards_poll_during_writes);
}
