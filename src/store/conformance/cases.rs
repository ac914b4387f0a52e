//! The cases, each a function of its own, and the table of them.

use std::pin::Pin;

use super::factory::Host;
use super::report::Failure;
use super::{commits, erasure, feed, history, identity, inbox, keys, racing, sequences, stage};

/// A case that is running.
pub type Verdict<'h> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'h>>;

/// One clause of the contract, as a program.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk::store::conformance::{CASES, Each, Host, Verdict, each};
///
/// let factory: Each<fn() -> MemoryStore> = each(MemoryStore::new);
/// let host: &dyn Host = &factory;
/// let case = CASES.iter().find(|case| case.name == "keys_are_compared_by_bytes").unwrap();
/// let running: Verdict<'_> = (case.run)(host);
/// assert_eq!(futures::executor::block_on(running), Ok(()));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// Its name, which says what holds.
    pub name: &'static str,
    /// The words of [`ThreadStore`](crate::store::ThreadStore)'s docs that it tests.
    pub clause: &'static str,
    /// Runs it on a fresh store.
    pub run: for<'h> fn(&'h dyn Host) -> Verdict<'h>,
}

/// The one table of cases: everything that is made once a case is made from it.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_conformance_case {
    ($then:path, $($passed:tt)*) => {
        $then! {
            $($passed)*

            commits a_thread_is_created_once_under_many_racers
            "if what is stored is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with what is stored";

            commits one_of_many_commits_from_the_same_revision_wins
            "To be correct, a store must, as one atomic step";

            commits a_conflict_writes_nothing_and_brings_what_is_stored
            "if what is stored is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with what is stored";

            commits a_taken_key_wins_over_a_conflict_and_brings_its_message
            "write nothing and return KeyTaken with that message. This comes first, before a conflict";

            commits a_commit_is_all_or_nothing_and_every_index_agrees_after_it
            "bring the inbox, the unread threads, the unread number and the feed to the same state in the same step";

            commits a_dropped_commit_has_happened_wholly_or_not_at_all
            "A commit whose future was dropped has happened wholly or not at all";

            commits revisions_of_a_location_only_rise
            "Each commit takes a value above all that were taken before";

            racing an_answer_is_one_snapshot_while_writers_run
            "Everything in one answer is as of one moment";

            racing a_read_begun_after_an_acknowledged_commit_sees_it
            "A read that begins after a commit was acknowledged sees it";

            racing a_feed_never_misses_a_late_commit
            "once a reader has seen revision r, nothing at or below r appears later";

            racing a_feed_brings_each_thread_to_its_final_state
            "return each thread and tombstone whose revision is above since, once, in its latest state, in the order of revisions";

            feed a_thread_changed_twice_is_one_change
            "return each thread and tombstone whose revision is above since, once, in its latest state";

            feed changes_respect_the_limit_and_say_whether_there_is_more
            "say whether there is more than limit";

            feed changes_since_the_newest_revision_or_a_later_one_are_none
            "for a since at or above the newest revision, return no changes";

            feed any_limit_is_taken
            "Methods take any limit, usize::MAX too";

            feed an_unknown_location_answers_empty
            "create nothing for an id or a location it does not know";

            history history_gives_the_numbers_of_a_range_from_either_end
            "return the messages whose numbers are in range, both ends included, at most limit, starting from the end that direction starts from and in its order";

            history history_of_an_unknown_erased_or_empty_thread_is_empty
            "return nothing for an unknown or erased thread, an empty range or a limit of 0";

            history history_is_of_the_present_life
            "return only messages of the thread's present life";

            inbox inbox_is_newest_first_then_by_the_bytes_of_the_booking
            "newest Thread::active_at first, equal times by the bytes of the booking id";

            inbox reading_and_rebooking_do_not_move_a_thread
            "in the order of positions";

            inbox inbox_pages_of_every_size_give_the_whole_inbox
            "return the threads whose InboxPosition is after after (from the top: None), in the order of positions, at most limit";

            inbox inbox_pages_neither_skip_nor_repeat_while_threads_move
            "return the threads whose InboxPosition is after after";

            inbox idle_since_gives_what_was_last_active_then_or_earlier
            "return the threads whose InboxPosition is after after";

            inbox unread_counts_threads_with_an_unread_customer_message
            "return the location's unread number (U4) and newest revision";

            keys keys_are_told_apart_by_thread_side_and_author
            "tell keys apart by thread, side and author";

            keys keys_are_compared_by_bytes
            "ids and keys are compared by bytes";

            erasure erasing_removes_messages_keys_and_the_place_in_the_inbox
            "remove every message and every key of the thread, so that none of their bytes can be read again through the store";

            erasure an_erased_thread_is_a_tombstone_in_the_feed_and_where_it_was
            "return the tombstone of an erased thread";

            erasure erasing_an_unread_thread_takes_it_off_the_unread_number
            "bring the inbox, the unread threads, the unread number and the feed to the same state in the same step";

            erasure an_erased_threads_keys_are_free_again
            "forget the keys of an erased thread";

            erasure an_erased_thread_starts_anew_from_the_next_number
            "replace what is stored by next at that revision";

            erasure who_slept_through_an_erasure_ends_right
            "return each thread and tombstone whose revision is above since, once, in its latest state";

            identity locations_never_see_each_other
            "Nothing of one location is ever seen in, or changed by, a call about another";

            identity ids_are_compared_by_bytes
            "ids and keys are compared by bytes";

            identity texts_come_back_byte_for_byte
            "Texts byte for byte";

            identity times_come_back_to_the_microsecond
            "times to the microsecond";

            identity a_head_comes_back_whole
            "ids, counts and marks as they were written";

            identity what_other_versions_and_limits_wrote_is_read_back
            "what a newer version of this crate or a larger limit let in too";

            sequences random_sequences_come_to_what_the_model_says
            "To be correct, a store must";

            commits what_was_acknowledged_is_there_after_reopening
            "A store that outlives its process has, opened again, everything that was acknowledged";
        }
    };
}

macro_rules! table {
    ($($topic:ident $name:ident $clause:literal;)+) => {
        /// The table that [`run_all`](super::run_all) goes through and
        /// [`conformance_tests!`](crate::conformance_tests) makes tests of.
        pub const CASES: &[Case] = &[
            $(Case { name: stringify!($name), clause: $clause, run: |host| Box::pin($name(host)) },)+
        ];

        $(
            #[doc = concat!("> ", $clause)]
            ///
            /// # Errors
            ///
            #[doc = "[`Failure`] when the store does not keep this clause."]
            pub async fn $name(host: &dyn Host) -> Result<(), Failure> {
                stage::run(host, |stage| Box::pin($topic::$name(stage))).await
            }
        )+
    };
}

crate::__for_each_conformance_case!(table,);

/// One test for each case of [`store::conformance`](crate::store::conformance),
/// with the attribute of the host's test harness.
///
/// The second argument makes a [`Factory`](crate::store::conformance::Factory), anew
/// for each test. A new version of this crate may have more cases, and then makes
/// more tests.
///
/// ```
/// mod memory {
///     use frontdesk::store::{MemoryStore, conformance};
///
///     frontdesk::conformance_tests!(
///         #[tokio::test(flavor = "multi_thread")],
///         conformance::each(MemoryStore::new)
///     );
/// }
/// ```
///
/// Where the harness has no tests that are async, `run_all` in one test does.
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
#[macro_export]
macro_rules! conformance_tests {
    ($(#[$attribute:meta])+, $factory:expr $(,)?) => {
        $crate::__for_each_conformance_case! {
            $crate::__conformance_test_functions,
            [$(#[$attribute])+] [$factory]
        }
    };
}

/// The test functions that [`conformance_tests!`] makes.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test_functions {
    ($attributes:tt $factory:tt $($topic:ident $name:ident $clause:literal;)+) => {
        $($crate::__conformance_test_function!($attributes $factory $name);)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test_function {
    ([$($attribute:tt)+] [$factory:expr] $name:ident) => {
        $($attribute)+
        async fn $name() {
            let factory = $factory;
            let case = $crate::store::conformance::cases::$name(&factory);
            if let ::core::result::Result::Err(failure) = case.await {
                ::core::panic!("{failure}");
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CASES;

    /// Docs as running text: links are their words.
    fn words_of(docs: &str) -> String {
        let lines = docs.lines().filter_map(|line| line.trim().strip_prefix("///"));
        let text = lines.map(str::trim).collect::<Vec<_>>().join(" ");
        let mut words = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("](") {
            words.push_str(before);
            rest = after.split_once(')').map_or("", |(_, after)| after);
        }
        words.push_str(rest);
        words.replace(['[', ']', '`', '*'], "")
    }

    #[test]
    fn each_clause_is_in_the_traits_docs() {
        let docs = words_of(include_str!("../../store.rs"));
        for case in CASES {
            assert!(docs.contains(case.clause), "{} quotes {:?}", case.name, case.clause);
        }
    }

    #[test]
    fn each_case_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), CASES.len());
    }
}
