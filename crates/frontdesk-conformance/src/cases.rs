//! The cases. Each is a function and an entry of the table [`CASES`].

mod batches;
mod boundaries;
mod commits;
mod concurrency;
mod durability;
mod epoch;
mod erasure;
mod faults;
mod feed;
mod heads;
mod history;
mod inbox;
mod isolation;
mod key_expiry;
mod keys;
mod links;
mod locations;
mod neighbours;
mod polls;
mod random_operations;
mod redaction;
mod round_trips;
mod scale;
mod waiting;

use std::pin::Pin;

use crate::factory::DynFactory;
use crate::failure::Failure;
use crate::harness;
use crate::outcome::CaseOutcome;

/// The future of a running case.
pub type CaseFuture<'f> = Pin<Box<dyn Future<Output = Result<CaseOutcome, Failure>> + Send + 'f>>;

/// A test of one clause of the contract.
///
/// ```
/// use frontdesk::store::MemoryStore;
/// use frontdesk_conformance::cases::{CASES, Case, CaseFuture};
/// use frontdesk_conformance::{CaseOutcome, DynFactory, FromFn, from_fn};
///
/// let factory: FromFn<fn() -> MemoryStore> = from_fn(MemoryStore::new);
/// let factory: &dyn DynFactory = &factory;
/// let with_name = |case: &&Case| case.name == "keys_are_compared_by_bytes";
/// let case: &Case = CASES.iter().find(with_name).expect("a case with this name");
/// let running: CaseFuture<'_> = (case.run)(factory);
/// assert_eq!(futures::executor::block_on(running), Ok(CaseOutcome::Passed));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Case {
    /// The name, which states the tested behavior.
    pub name: &'static str,
    /// The tested clause, quoted from the docs of
    /// [`ThreadStore`](frontdesk::store::ThreadStore).
    pub clause: &'static str,
    /// Runs the case on a fresh store.
    pub run: for<'f> fn(&'f dyn DynFactory) -> CaseFuture<'f>,
}

/// Passes all cases to another macro: topic, name and clause of each.
///
/// The table, the case functions and the host's tests are all made from this list.
#[doc(hidden)]
#[macro_export]
macro_rules! __for_each_conformance_case {
    ($then:path, $($passed:tt)*) => {
        $then! {
            $($passed)*

            commits concurrent_creations_of_one_thread_commit_once
            "if the stored state is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with the stored state";

            commits one_of_many_commits_from_one_revision_succeeds
            "To be correct, a store must, as one atomic step";

            commits a_conflict_writes_nothing_and_returns_the_stored_state
            "if the stored state is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with the stored state";

            commits a_taken_key_is_reported_before_a_conflict
            "write nothing and return KeyTaken with the index of the first such message and the stored message. This check comes before the check for a conflict";

            commits every_read_agrees_after_each_commit
            "update the inbox, the unread and waiting threads, the counts of both and the change feed in the same step";

            commits a_dropped_commit_is_written_completely_or_not_at_all
            "A commit whose future was dropped has happened completely or not at all";

            commits revisions_of_a_location_always_increase
            "Each commit takes a value above all values taken before";

            commits a_commit_without_a_change_still_writes_its_state
            "otherwise take the location's next revision, replace the stored state by next at that revision";

            batches a_commit_adds_any_number_of_messages
            "for new messages: add all messages with this revision, and their keys";

            batches every_message_has_the_revision_of_its_commit
            "for new messages: add all messages with this revision, and their keys";

            batches a_taken_key_is_reported_with_its_index
            "write nothing and return KeyTaken with the index of the first such message and the stored message";

            batches a_batch_with_a_taken_key_writes_nothing
            "if a message of the commit has a key that a stored message of the same thread, role and author has: write nothing";

            concurrency each_answer_is_one_snapshot_under_concurrent_writes
            "Everything in one answer is as of one moment";

            concurrency a_read_after_an_acknowledged_commit_sees_it
            "A read that begins after a commit was acknowledged sees it";

            concurrency the_feed_never_misses_a_late_commit
            "once a reader has seen revision r, nothing at or below r appears later";

            concurrency the_feed_brings_each_thread_to_its_final_state
            "return each thread, link and tombstone whose revision is above since, once, in its latest state, in the order of revisions";

            feed a_thread_changed_twice_appears_once_in_the_feed
            "return each thread, link and tombstone whose revision is above since, once, in its latest state";

            feed changes_return_at_most_the_limit_and_report_more
            "say if there are more than limit";

            feed changes_since_the_newest_or_a_later_revision_are_empty
            "for a since at or above the newest revision, return no changes";

            feed every_limit_is_accepted
            "Methods accept any limit, usize::MAX included";

            history messages_are_a_range_from_either_end
            "return the messages whose numbers are in the range, both ends included, in the order of the direction, and at most the first limit in this order";

            history an_unknown_erased_or_empty_thread_has_no_messages
            "return nothing for an unknown, linked or erased thread, an empty range or a limit of 0";

            history messages_belong_to_the_current_generation
            "return only messages of the thread's present generation";

            inbox the_inbox_is_ordered_by_activity_then_booking_bytes
            "newest Thread::active_at first, equal times by the bytes of the booking id";

            inbox marking_and_refreshing_do_not_move_a_thread
            "in the order of positions";

            inbox inbox_pages_of_every_size_cover_the_whole_inbox
            "return the threads whose InboxPosition is after the given one (None: from the top), in the order of positions, at most limit";

            inbox inbox_pages_skip_and_repeat_nothing_while_threads_move
            "return the threads whose InboxPosition is after the given one";

            inbox idle_since_lists_threads_last_active_then_or_earlier
            "return the threads whose InboxPosition is after the given one";

            inbox the_unread_number_counts_threads_with_unread_customer_messages
            "its newest revision, the number of unread threads (U4) and the number of waiting threads";

            waiting the_waiting_list_is_ordered_by_time_then_booking_bytes
            "the longest waiting first, equal times by the bytes of the booking id";

            waiting waiting_pages_of_every_size_cover_the_whole_list
            "return only those with Thread::waiting_since, in the order of WaitingPosition";

            waiting the_waiting_number_counts_the_waiting_threads
            "its newest revision, the number of unread threads (U4) and the number of waiting threads";

            keys keys_are_unique_per_thread_role_and_author
            "distinguish keys by thread, role and author";

            keys keys_are_compared_by_bytes
            "ids and keys are compared by bytes";

            keys one_of_many_commits_with_one_key_succeeds
            "write nothing and return KeyTaken with the index of the first such message and the stored message. This check comes before the check for a conflict";

            keys a_key_does_not_depend_on_name_text_or_time
            "if a message of the commit has a key that a stored message of the same thread, role and author has: write nothing";

            keys similar_authors_and_keys_are_distinct
            "distinguish keys by thread, role and author";

            key_expiry forget_keys_removes_the_keys_of_older_messages
            "only keys of this location whose message was sent before before";

            key_expiry forget_keys_keeps_the_keys_of_imported_messages
            "and is not imported";

            key_expiry forget_keys_removes_at_most_the_limit
            "remove at most limit keys";

            key_expiry a_retry_with_a_forgotten_key_is_a_new_message
            "A retry with a forgotten key is a new message";

            heads heads_are_returned_in_the_order_of_the_ids
            "return what thread returns for each id, in the order of the ids asked for";

            heads heads_answers_the_highest_number_of_ids
            "Reads the states of up to MAX_HEADS ids of one location";

            links a_link_is_a_head_without_messages
            "return the tombstone of an erased thread and the link of a linked id";

            links a_link_is_neither_overwritten_nor_overwrites
            "if the stored state is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with the stored state";

            links a_thread_keeps_the_snapshot_of_a_linked_booking
            "replace the stored state by next at that revision";

            redaction redacting_removes_the_text_and_keeps_the_rest
            "remove the message's text, so that none of its bytes can be read through the store, and set the message's redaction ordinal; number, ordinal, role, author, time, flags, revision and key stay";

            redaction a_conflicting_redaction_writes_nothing
            "write nothing and return Conflict with the stored state";

            redaction a_redacted_message_still_answers_its_key
            "find a redacted message by its key";

            redaction redacted_messages_are_listed_by_ordinal
            "return the redacted messages whose redaction ordinal is above the given ordinal, in the order of redaction ordinals, at most limit";

            redaction a_redacted_last_message_has_no_preview
            "replace the stored state by next at that revision";

            redaction redacting_an_author_removes_only_their_names
            "remove the author's name from their messages in the range";

            erasure erasing_removes_messages_keys_and_list_entries
            "remove every message and every key of the thread, so that none of their bytes can be read through the store";

            erasure an_erased_thread_is_a_tombstone_with_its_last_number
            "return the tombstone of an erased thread";

            erasure erasing_an_unread_thread_lowers_the_unread_number
            "update the inbox, the unread and waiting threads, the counts of both and the change feed in the same step";

            erasure keys_of_an_erased_thread_can_be_used_again
            "forget the keys of an erased thread";

            erasure an_erased_thread_restarts_at_the_next_number
            "replace the stored state by next at that revision";

            erasure a_reader_that_missed_an_erasure_catches_up
            "return each thread, link and tombstone whose revision is above since, once, in its latest state";

            locations locations_are_listed_in_the_order_of_their_bytes
            "return the locations whose ids are after after (None: from the first), in the order of the bytes of their ids, at most limit";

            locations a_location_is_listed_from_its_first_commit
            "Reads the locations that have had a commit, with their newest revisions";

            locations changed_locations_leave_out_no_late_commit
            "leave out only locations of which no commit became visible since the answer that contained the token since (None: leave out none), and return the others as locations does";

            isolation locations_are_isolated
            "A call about one location never sees or changes anything of another";

            isolation an_unknown_location_reads_as_empty
            "create nothing for an id or a location that it does not know";

            isolation ids_are_compared_by_bytes
            "ids and keys are compared by bytes";

            round_trips texts_round_trip_byte_for_byte
            "Texts come back byte for byte";

            round_trips times_round_trip_to_the_microsecond
            "times to the microsecond";

            round_trips every_field_of_a_head_round_trips
            "ids, counts, flags and marks unchanged";

            round_trips parts_of_a_booking_can_be_removed
            "ids, counts, flags and marks unchanged";

            round_trips message_flags_round_trip
            "ids, counts, flags and marks unchanged";

            round_trips data_of_other_versions_and_limits_is_read_back
            "This includes values that a newer version of this crate or a larger limit admitted";

            boundaries message_numbers_cross_the_limits_of_integer_types
            "ids, counts, flags and marks unchanged";

            boundaries revisions_cross_the_limits_of_number_types
            "Values stay below 2^53";

            neighbours erasing_a_thread_leaves_its_neighbours
            "remove every message and every key of the thread, so that none of their bytes can be read through the store";

            neighbours ids_that_differ_in_one_place_are_distinct
            "ids and keys are compared by bytes";

            neighbours a_commit_of_an_earlier_generation_conflicts
            "if the stored state is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with the stored state";

            scale a_long_thread_is_read_and_erased_completely
            "remove every message and every key of the thread, so that none of their bytes can be read through the store";

            scale more_than_1000_keys_are_forgotten_in_one_step
            "say if there are more such keys";

            scale a_large_location_is_listed_and_counted_completely
            "its newest revision, the number of unread threads (U4) and the number of waiting threads";

            polls an_empty_poll_costs_the_same_in_a_large_location
            "answer with one small read when nothing changed";

            faults a_connection_lost_before_a_commit_is_reported_correctly
            "StoreErrorKind describes when to use each kind";

            faults a_connection_lost_after_a_commit_is_reported_correctly
            "StoreErrorKind describes when to use each kind";

            faults a_serialization_failure_is_not_a_conflict
            "if the stored state is not at the commit's expected revision (None: nothing is stored): write nothing and return Conflict with the stored state";

            faults a_damaged_row_is_an_error_and_hides_nothing
            "StoreErrorKind describes when to use each kind";

            epoch every_answer_has_the_same_epoch
            "The epoch changes when the engine may have lost acknowledged commits, and never otherwise";

            epoch a_commit_of_another_epoch_conflicts
            "if the commit names an epoch that is not the store's epoch at the moment of the write: write nothing and return Conflict with the stored state";

            random_operations random_operations_match_the_model
            "To be correct, a store must";

            durability acknowledged_commits_survive_reopening
            "If the data of a store outlives the process, the store has every acknowledged commit when it is opened again";
        }
    };
}

macro_rules! table {
    ($($topic:ident $name:ident $clause:literal;)+) => {
        /// All cases, in the order in which [`run_all`](crate::run_all) runs them.
        /// [`conformance_tests!`](crate::conformance_tests) makes a test of each.
        pub const CASES: &[Case] = &[
            $(Case { name: stringify!($name), clause: $clause, run: |factory| Box::pin($name(factory)) },)+
        ];

        $(
            #[doc = concat!("Tests the clause \"", $clause, "\".")]
            ///
            /// # Errors
            ///
            /// [`Failure`] if the store does not satisfy the clause.
            pub async fn $name(factory: &dyn DynFactory) -> Result<CaseOutcome, Failure> {
                harness::run(factory, |harness| Box::pin($topic::$name(harness))).await
            }
        )+
    };
}

crate::__for_each_conformance_case!(table,);

/// Makes one test for each case, with the attribute of the host's test harness.
///
/// A test whose case needs an ability that the factory lacks prints a line `not run: ...` and
/// passes. The second argument is an expression that makes a [`Factory`](crate::Factory). Each test
/// evaluates it. A later version of this crate may have more cases and then makes more
/// tests.
///
/// ```
/// mod memory {
///     use frontdesk::store::MemoryStore;
///     use frontdesk_conformance::{conformance_tests, from_fn};
///
///     conformance_tests!(
///         #[tokio::test(flavor = "multi_thread")],
///         from_fn(MemoryStore::new)
///     );
/// }
/// ```
///
/// If the test harness has no async tests, call [`run_all`](crate::run_all) in one test.
#[macro_export]
macro_rules! conformance_tests {
    ($(#[$attribute:meta])+, $factory:expr $(,)?) => {
        $crate::__for_each_conformance_case! {
            $crate::__conformance_test_functions,
            [$(#[$attribute])+] [$factory]
        }
    };
}

/// Makes the test functions of [`conformance_tests!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test_functions {
    ($attributes:tt $factory:tt $($topic:ident $name:ident $clause:literal;)+) => {
        $($crate::__conformance_test_function!($attributes $factory $name);)+
    };
}

/// Makes one test function of [`conformance_tests!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_test_function {
    ([$($attribute:tt)+] [$factory:expr] $name:ident) => {
        $($attribute)+
        async fn $name() {
            let factory = $factory;
            match $crate::cases::$name(&factory).await {
                ::core::result::Result::Ok($crate::CaseOutcome::NotRun { reason, .. }) => {
                    ::std::println!("not run: {}: {reason}", ::core::stringify!($name));
                }
                ::core::result::Result::Ok(_) => {}
                ::core::result::Result::Err(failure) => ::core::panic!("{failure}"),
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::CASES;

    /// Returns doc comments as plain text without markup. Each link is replaced by its label.
    fn plain_text(source: &str) -> String {
        let lines = source.lines().filter_map(|line| line.trim().strip_prefix("///"));
        let joined = lines.map(str::trim).collect::<Vec<_>>().join(" ");
        let mut text = String::new();
        let mut rest = joined.as_str();
        while let Some((label, target)) = rest.split_once("](") {
            text.push_str(label);
            rest = target.split_once(')').map_or("", |(_, after)| after);
        }
        text.push_str(rest);
        text.replace(['[', ']', '`', '*'], "")
    }

    #[test]
    fn every_clause_is_in_the_docs_of_the_trait() {
        let docs = plain_text(include_str!("../../../src/store/thread_store.rs"));
        for case in CASES {
            assert!(docs.contains(case.clause), "{} quotes {:?}", case.name, case.clause);
        }
    }
}
