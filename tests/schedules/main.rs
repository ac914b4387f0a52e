//! The desk's loop of reading, asking a transition and committing, under a checker
//! that decides who goes on at each call of the store: on stores that are right, and
//! on stores with one race each, which it finds.

mod explore;
mod office;
mod seeded;
mod stories;
#[path = "../support/mod.rs"]
mod support;
mod switching;

use std::sync::Arc;

use frontdesk::store::{MemoryStore, ThreadStore};

use explore::{explore, explore_until_it_fails};
use seeded::{Bug, Seeded};
use support::naive::NaiveStore;
use switching::Switching;

/// Explores a story over the stores that are right.
macro_rules! explored {
    ($story:path) => {
        explore(|| $story(Arc::new(Switching::new(MemoryStore::new()))));
        explore(|| $story(Arc::new(Switching::new(NaiveStore::new()))));
    };
}

/// I3, U2: whoever goes first, messages are numbered without gaps, none is lost or
/// doubled, and both sides are counted exactly.
#[test]
fn i3_no_schedule_leaves_a_gap_or_loses_a_message() {
    explored!(stories::several_write_into_one_thread);
}

/// I4, I2: whoever goes first, one key is one message, in one thread.
#[test]
fn i4_no_schedule_stores_a_key_twice() {
    explored!(stories::one_key_is_sent_from_three_places);
}

/// U3, U1: whoever goes first, reading marks what was shown, and no mark goes back.
#[test]
fn u3_no_schedule_marks_what_was_not_shown() {
    explored!(stories::an_operator_reads_while_a_customer_writes);
}

/// L3: whoever goes first, an erased number is not used again.
#[test]
fn l3_no_schedule_uses_an_erased_number_again() {
    explored!(stories::a_thread_is_erased_while_others_write);
}

/// P1, P2, P3: whoever goes first, who polls and who follows the feed misses nothing,
/// and each answer is one picture.
#[test]
fn p1_no_schedule_hides_a_commit_from_who_polls() {
    explored!(stories::dashboards_poll_while_others_write);
}

/// The checker finds each race that it is shown, in the story that it spoils, and
/// nothing where there is none.
#[test]
fn each_seeded_race_is_found() {
    fn over(bug: Option<Bug>) -> Arc<dyn ThreadStore> {
        Arc::new(Seeded::new(bug))
    }
    macro_rules! found {
        ($bug:ident, $story:path) => {
            explore(|| $story(over(None)));
            let run = explore_until_it_fails(|| $story(over(Some(Bug::$bug))));
            let run = run.unwrap_or_else(|| panic!("{} was not found", stringify!($bug)));
            println!("{}: found by schedule {run}", stringify!($bug));
        };
    }
    found!(ComparesThenWrites, stories::several_write_into_one_thread);
    found!(KeyAfterTheMessage, stories::one_key_is_sent_from_three_places);
    found!(FeedInTwoReads, stories::dashboards_poll_while_others_write);
    found!(UnreadKeptApart, stories::dashboards_poll_while_others_write);
    found!(RevisionBeforeItShows, stories::dashboards_poll_while_others_write);
}
