/// A bug, and the case that must find it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BugEntry {
    pub(crate) bug: Bug,
    pub(crate) case: &'static str,
    /// The test that finds the bug. If it is not the case over one instance, that case passes.
    pub(crate) found_by: FoundBy,
}

/// The test that must find a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundBy {
    /// The case over one instance.
    OneInstance,
    /// The case over two instances.
    TwoInstances,
    /// More and longer random sequences than those of the case.
    RandomSequences,
}

macro_rules! found_by {
    () => {
        FoundBy::OneInstance
    };
    (two_instances) => {
        FoundBy::TwoInstances
    };
    (random_sequences) => {
        FoundBy::RandomSequences
    };
}

/// Defines the bugs, each with the case that must find it.
macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident => $case:ident $(($mode:ident))?,)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Bug {
            $($(#[$doc])* $bug,)+
        }

        pub(crate) const BUGS: &[BugEntry] = &[$(BugEntry {
            bug: Bug::$bug,
            case: stringify!($case),
            found_by: found_by!($($mode)?),
        },)+];
    };
}

bugs! {
    // Commits

    /// A commit that expects no stored head overwrites an existing head.
    CreateOverwrites => concurrent_creations_of_one_thread_commit_once,
    /// The expected revision is compared before the lock is taken.
    LostUpdate => one_of_many_commits_from_one_revision_succeeds,
    /// The messages are written although the head conflicts.
    MessagesOnConflict => a_conflict_writes_nothing_and_returns_the_stored_state,
    /// A conflict is returned without the stored head.
    ConflictWithoutState => a_conflict_writes_nothing_and_returns_the_stored_state,
    /// A commit that expects no stored head overwrites a tombstone.
    TombstoneIsNoState => a_conflict_writes_nothing_and_returns_the_stored_state,
    /// A conflict is reported before a taken key.
    ConflictBeforeKey => a_taken_key_is_reported_before_a_conflict,
    /// A taken key returns the first message of the thread.
    KeyReturnsFirstMessage => a_taken_key_is_reported_before_a_conflict,
    /// The keys are written after the commit. A caller that drops the future can prevent this.
    KeysAfterCommit => a_dropped_commit_is_written_completely_or_not_at_all,
    /// A commit that is dropped at its third await leaves its head without the messages.
    DroppedLeavesHalf => a_dropped_commit_is_written_completely_or_not_at_all,
    /// The number of unread threads rises with new messages and never falls.
    UnreadNotLowered => every_read_agrees_after_each_commit,
    /// The newest revision is taken from the live threads, so an erasure's revision can be used
    /// again.
    RevisionReused => revisions_of_a_location_always_increase,
    /// A commit of the stored state is acknowledged and not written.
    UnchangedSkipped => a_commit_without_a_change_still_writes_its_state,

    // Several messages in one commit

    /// Only the first message of a commit is written.
    FirstMessageOnly => a_commit_adds_any_number_of_messages,
    /// Only the key of the first message is written.
    FirstKeyOnly => a_commit_adds_any_number_of_messages,
    /// A message is returned with the revision of its thread.
    RevisionOfThread => every_message_has_the_revision_of_its_commit,
    /// The last taken key of a commit is reported.
    LastTakenKey => a_taken_key_is_reported_with_its_index,
    /// The index of a taken key counts only the messages with keys.
    IndexAmongKeys => a_taken_key_is_reported_with_its_index,
    /// Only the key of the first message is checked.
    FirstKeyChecked => a_batch_with_a_taken_key_writes_nothing,
    /// The messages before the one with a taken key are written.
    MessagesBeforeTakenKey => a_batch_with_a_taken_key_writes_nothing,
    /// The messages of one commit become visible one after another.
    MessagesInSteps => each_answer_is_one_snapshot_under_concurrent_writes,

    // Concurrency and the feed

    /// The revision is taken before the transaction.
    RevisionOutside => the_feed_never_misses_a_late_commit,
    /// A page and its counts are read one after the other.
    TwoReads => each_answer_is_one_snapshot_under_concurrent_writes,
    /// The heads are read one after the other.
    HeadsOneByOne => each_answer_is_one_snapshot_under_concurrent_writes,
    /// Each commit takes two connections one after the other. With many commits at the same time,
    /// each holds one connection and waits for the other.
    PoolDeadlocks => one_of_many_commits_from_one_revision_succeeds,
    /// Reads come from a copy that is one commit behind.
    StaleReads => a_read_after_an_acknowledged_commit_sees_it,
    /// The feed includes the revision of the cursor.
    SinceInclusive => changes_since_the_newest_or_a_later_revision_are_empty,
    /// The feed lists a thread once for each change instead of once.
    FeedRepeats => a_thread_changed_twice_appears_once_in_the_feed,
    /// A page of the feed that is exactly full reports more.
    MoreWhenFull => changes_return_at_most_the_limit_and_report_more,
    /// The feed starts with the highest revisions.
    FeedBackwards => the_feed_brings_each_thread_to_its_final_state,
    /// The feed has no tombstones.
    FeedWithoutTombstones => an_erased_thread_is_a_tombstone_with_its_last_number,
    /// Limits are truncated to 32 bits.
    LimitWraps => every_limit_is_accepted,

    // Messages

    /// The end of a range is excluded.
    RangeHalfOpen => messages_are_a_range_from_either_end,
    /// A query for the newest messages returns the oldest ones in reverse order.
    NewestOfOldest => messages_are_a_range_from_either_end,
    /// The messages of an erased thread stay until it restarts.
    MessagesOfErased => an_unknown_erased_or_empty_thread_has_no_messages,
    /// The messages of an earlier generation return with the next one.
    MessagesOfEarlierGenerations => messages_belong_to_the_current_generation,

    // Lists

    /// Bookings are in descending order where times are equal.
    TiesBackwards => the_inbox_is_ordered_by_activity_then_booking_bytes,
    /// Bookings are compared without letter case where times are equal.
    TiesByLetters => the_inbox_is_ordered_by_activity_then_booking_bytes,
    /// The inbox is ordered by the last change instead of the last activity.
    OrderedByChange => marking_and_refreshing_do_not_move_a_thread,
    /// A page includes the thread at its position.
    AfterInclusive => inbox_pages_of_every_size_cover_the_whole_inbox,
    /// Only the time of a position is compared, so threads with the same time are skipped.
    AfterByTime => inbox_pages_skip_and_repeat_nothing_while_threads_move,
    /// A page has one thread more than the limit.
    PageTooLong => inbox_pages_of_every_size_cover_the_whole_inbox,
    /// The limit is applied before the unread threads are selected.
    SelectedAfterLimit => inbox_pages_of_every_size_cover_the_whole_inbox,
    /// The list of unread threads has all threads.
    UnreadListsAll => the_unread_number_counts_threads_with_unread_customer_messages,
    /// The number of unread threads counts messages instead of threads.
    UnreadCountsMessages => the_unread_number_counts_threads_with_unread_customer_messages,
    /// A position without a booking is after all threads of its time.
    IdleExclusive => idle_since_lists_threads_last_active_then_or_earlier,
    /// The waiting threads are in inbox order.
    WaitingInInboxOrder => the_waiting_list_is_ordered_by_time_then_booking_bytes,
    /// The latest waiting thread comes first.
    WaitingBackwards => the_waiting_list_is_ordered_by_time_then_booking_bytes,
    /// Only the time of a waiting position is compared.
    WaitingAfterByTime => waiting_pages_of_every_size_cover_the_whole_list,
    /// A page of waiting threads includes the thread at its position.
    WaitingInclusive => waiting_pages_of_every_size_cover_the_whole_list,
    /// The feed counts only the waiting threads on its page.
    WaitingOfPage => the_waiting_number_counts_the_waiting_threads,
    /// Erasing a thread does not decrease the number of waiting threads.
    EraseLeavesWaiting => the_waiting_number_counts_the_waiting_threads,

    // Keys

    /// A key is unique in its location.
    KeyOfLocation => keys_are_unique_per_thread_role_and_author,
    /// Two authors with the same id in different roles share their keys.
    KeyWithoutRole => keys_are_unique_per_thread_role_and_author,
    /// Keys are trimmed and compared without letter case.
    KeyFolded => keys_are_compared_by_bytes,
    /// The keys are looked up before the transaction.
    KeysBeforeTransaction => one_of_many_commits_with_one_key_succeeds,
    /// A key belongs to an author's name.
    KeyOfName => a_key_does_not_depend_on_name_text_or_time,
    /// A key counts as free if the new message is 30 days later.
    KeyExpires => a_key_does_not_depend_on_name_text_or_time,
    /// Authors are compared as numbers if they are numbers.
    AuthorsAsNumbers => similar_authors_and_keys_are_distinct,
    /// Author and key are joined by two colons.
    KeysJoined => similar_authors_and_keys_are_distinct,
    /// Only a hash of 32 bits of a key is stored.
    KeysHashed => similar_authors_and_keys_are_distinct,
    /// A message that was sent exactly at the given time loses its key.
    ForgetInclusive => forget_keys_removes_the_keys_of_older_messages,
    /// Forgetting keys takes a revision.
    ForgetTakesRevision => forget_keys_removes_the_keys_of_older_messages,
    /// The keys of imported messages are forgotten.
    ForgetImported => forget_keys_keeps_the_keys_of_imported_messages,
    /// All old keys are forgotten at once.
    ForgetUnbounded => forget_keys_removes_at_most_the_limit,
    /// A call that removes the last old keys and reaches the limit reports more.
    ForgetMoreWhenFull => forget_keys_removes_at_most_the_limit,
    /// A forgotten key is still taken for commits.
    ForgottenStillTaken => a_retry_with_a_forgotten_key_is_a_new_message,
    /// The keys of all locations are forgotten.
    ForgetEverywhere => locations_are_isolated,

    // Heads and links

    /// The heads are in the order of the bookings.
    HeadsSorted => heads_are_returned_in_the_order_of_the_ids,
    /// An id that is asked for twice is answered once.
    HeadsDistinct => heads_are_returned_in_the_order_of_the_ids,
    /// Only live threads are among the heads.
    HeadsOfLive => heads_are_returned_in_the_order_of_the_ids,
    /// At most 100 heads are read.
    HeadsCapped => heads_answers_the_highest_number_of_ids,
    /// A link is not in the feed.
    FeedWithoutLinks => a_link_is_a_head_without_messages,
    /// A linked id has the messages of its target.
    MessagesOfTarget => a_link_is_a_head_without_messages,
    /// A commit that expects no stored head overwrites a link.
    LinkOverwritten => a_link_is_neither_overwritten_nor_overwrites,

    /// The snapshot of a linked booking gets the id of the thread's own booking.
    LinkedBookingLost => a_thread_keeps_the_snapshot_of_a_linked_booking,

    // Redaction

    /// The preview of a redacted last message stays.
    RedactionKeepsPreview => a_redacted_last_message_has_no_preview,

    /// The text of a redacted message stays.
    RedactionKeepsText => redacting_removes_the_text_and_keeps_the_rest,
    /// A read by key still returns the text of a redacted message.
    RedactionLeavesText => a_redacted_message_still_answers_its_key,
    /// A redacted message is deleted.
    RedactionDeletes => redacting_removes_the_text_and_keeps_the_rest,
    /// A redacted message gets the revision of the redaction.
    RedactionTakesRevision => redacting_removes_the_text_and_keeps_the_rest,
    /// A redacted message loses its key.
    RedactionForgetsKey => a_redacted_message_still_answers_its_key,
    /// The text is removed although the head conflicts.
    RedactionOnConflict => a_conflicting_redaction_writes_nothing,
    /// Redacted messages are listed by number.
    RedactedByNumber => redacted_messages_are_listed_by_ordinal,
    /// The list of redacted messages includes the given ordinal.
    RedactedInclusive => redacted_messages_are_listed_by_ordinal,
    /// An author's name is removed from all messages of the thread.
    NameRemovedEverywhere => redacting_an_author_removes_only_their_names,
    /// The name is also removed from the author with the same id in the other role.
    NameRemovedInBothRoles => redacting_an_author_removes_only_their_names,

    // Erasure

    /// Erasing leaves the keys.
    EraseLeavesKeys => keys_of_an_erased_thread_can_be_used_again,
    /// A read by key still returns the messages of an erased thread.
    EraseLeavesMessages => erasing_removes_messages_keys_and_list_entries,
    /// Erasing deletes the head.
    EraseDeletesHead => an_erased_thread_restarts_at_the_next_number,
    /// Erasing a thread does not decrease the number of unread threads.
    EraseLeavesUnread => erasing_an_unread_thread_lowers_the_unread_number,
    /// A restarted thread is not in the feed.
    RestartNotInFeed => a_reader_that_missed_an_erasure_catches_up,

    // Locations and ids

    /// The inbox has the threads of all locations.
    InboxOfAll => locations_are_isolated,
    /// The revision counts the commits of all locations.
    RevisionOfAll => locations_are_isolated,
    /// A read creates its location.
    ReadCreatesLocation => an_unknown_location_reads_as_empty,
    /// Locations are ordered without letter case.
    LocationsByLetters => locations_are_listed_in_the_order_of_their_bytes,
    /// A page of locations includes the location at its position.
    LocationsInclusive => locations_are_listed_in_the_order_of_their_bytes,
    /// A location whose threads are all erased is not listed.
    LocationsOfLive => locations_are_listed_in_the_order_of_their_bytes,
    /// A list of changed locations with a token contains only the locations after its first one.
    ChangedLocationMissing => changed_locations_leave_out_no_late_commit,
    /// A refused commit creates its location.
    ConflictCreatesLocation => a_location_is_listed_from_its_first_commit,
    /// Bookings are compared without letter case.
    IdsFolded => ids_are_compared_by_bytes,
    /// Location and booking are joined by a slash.
    IdsJoined => ids_are_compared_by_bytes,

    // Round trips

    /// Texts are trimmed on reading.
    TextTrimmed => data_of_other_versions_and_limits_is_read_back,
    /// Accents are composed.
    TextComposed => texts_round_trip_byte_for_byte,
    /// Texts are cut at the default limit.
    TextCut => texts_round_trip_byte_for_byte,
    /// Times are truncated to milliseconds.
    TimesTruncated => times_round_trip_to_the_microsecond,
    /// The furthest number of a read mark is not stored.
    FurthestLost => every_field_of_a_head_round_trips,
    /// The number of redactions is not stored.
    RedactionsLost => every_field_of_a_head_round_trips,
    /// A booking without a start is read with the start 1970-01-01.
    StartInvented => every_field_of_a_head_round_trips,
    /// The short code of a booking is not stored.
    ShortCodeLost => every_field_of_a_head_round_trips,
    /// The version of a booking is not stored.
    BookingVersionLost => every_field_of_a_head_round_trips,
    /// The version of a booking is stored in 53 bits.
    BookingVersionRounded => every_field_of_a_head_round_trips,
    /// An update keeps the stored value of each column that is NULL in the new head.
    RemovedPartsKept => parts_of_a_booking_can_be_removed,
    /// A body is checked on reading as if it was new.
    BodyCheckedAgain => data_of_other_versions_and_limits_is_read_back,
    /// The automatic flag is not stored.
    AutomaticLost => message_flags_round_trip,
    /// A redacted message loses its flags.
    RedactionClearsFlags => message_flags_round_trip,

    // Boundaries and neighbours

    /// Message numbers are stored in 16 bits.
    NumbersIn16Bits => message_numbers_cross_the_limits_of_integer_types,
    /// Message numbers are stored as floating-point numbers of 32 bits.
    NumbersAsFloats => message_numbers_cross_the_limits_of_integer_types,
    /// Revisions are stored as floating-point numbers of 32 bits.
    RevisionsAsFloats => revisions_cross_the_limits_of_number_types,
    /// Revisions are stored in 32 bits.
    RevisionsIn32Bits => revisions_cross_the_limits_of_number_types,
    /// The counter continues above the highest revision, and the revision is truncated.
    RevisionsUnbounded => revisions_cross_the_limits_of_number_types,
    /// Erasing deletes the messages of all threads whose booking begins with that of the thread.
    EraseByPrefix => erasing_a_thread_leaves_its_neighbours,
    /// Erasing uses the booking as a pattern of LIKE.
    EraseByPattern => erasing_a_thread_leaves_its_neighbours,
    /// Bookings are cut after 100 characters.
    IdsCut => ids_that_differ_in_one_place_are_distinct,
    /// The letter case of characters beyond ASCII is ignored in bookings.
    IdsFoldedBeyondAscii => ids_that_differ_in_one_place_are_distinct,
    /// A commit compares the number of commits in the present generation instead of the revision.
    VersionOfGeneration => a_commit_of_an_earlier_generation_conflicts,

    // Long threads and large locations

    /// Only the keys of the last 1,000 messages of a thread are found.
    KeysCapped => a_long_thread_is_read_and_erased_completely,
    /// Erasing deletes at most 1,000 keys.
    EraseKeysCapped => a_long_thread_is_read_and_erased_completely,
    /// At most 1,000 keys are forgotten, and the answer does not report more.
    ForgetCapped => more_than_1000_keys_are_forgotten_in_one_step,
    /// The unread threads are counted up to 1,000.
    UnreadCapped => a_large_location_is_listed_and_counted_completely,
    /// A page has at most 1,000 threads.
    PageCapped => a_large_location_is_listed_and_counted_completely,
    /// A tombstone is deleted after 1,000 commits.
    TombstonesExpire => a_large_location_is_listed_and_counted_completely,

    // Faults and costs

    /// A lost connection is reported as `Unavailable`, although the commit was written.
    UnavailableThoughWritten => a_connection_lost_after_a_commit_is_reported_correctly,
    /// A commit whose connection was lost is acknowledged without a second attempt.
    LostCommitAcknowledged => a_connection_lost_before_a_commit_is_reported_correctly,
    /// A lost connection is an error of the kind `Other`.
    LostIsOther => a_connection_lost_before_a_commit_is_reported_correctly,
    /// A serialization failure is reported as a conflict.
    ConflictForDeadlock => a_serialization_failure_is_not_a_conflict,
    /// A read of a damaged row panics.
    PanicOnDamagedRow => a_damaged_row_is_an_error_and_hides_nothing,
    /// A damaged row is left out.
    DamagedRowHidden => a_damaged_row_is_an_error_and_hides_nothing,
    /// A poll reads all heads.
    PollScans => an_empty_poll_costs_the_same_in_a_large_location,

    // The whole store

    /// The answer for an unknown thread has no epoch.
    NoEpochForUnknown => every_answer_has_the_same_epoch,
    /// The epoch of a commit is not compared.
    EpochIgnored => a_commit_of_another_epoch_conflicts,
    /// The epoch of a commit is not compared if nothing is stored under the id.
    EpochIgnoredForNewId => a_commit_of_another_epoch_conflicts,
    /// Only the lower 32 bits of the epoch are compared.
    EpochTruncated => a_commit_of_another_epoch_conflicts,
    /// A commit of another epoch conflicts although its key is taken.
    EpochBeforeKey => a_commit_of_another_epoch_conflicts,
    /// A restarted thread that was read and marked unread again is not listed as unread.
    RestartedStaysRead => random_operations_match_the_model,
    /// The keys are not durable.
    KeysNotDurable => acknowledged_commits_survive_reopening,
    /// After reopening, the counter continues from the newest live thread.
    CounterNotDurable => acknowledged_commits_survive_reopening,

    // Random sequences

    /// A customer's mark that moves back ends the wait of a thread without redacted messages.
    MarkEndsWait => random_operations_match_the_model (random_sequences),

    // Two instances

    /// Each instance caches the heads that it read or wrote.
    HeadsCached => every_read_agrees_after_each_commit (two_instances),
    /// Each instance counts revisions itself after it read the counter once.
    CounterCached => revisions_of_a_location_always_increase (two_instances),
    /// Each instance looks keys up only among those that it wrote.
    KeysCached => a_taken_key_is_reported_before_a_conflict (two_instances),
    /// Each instance caches the number of unread threads between its own commits.
    UnreadCached => the_unread_number_counts_threads_with_unread_customer_messages (two_instances),
    /// Commits are serialized by a lock that belongs to one instance.
    LockOfInstance => one_of_many_commits_from_one_revision_succeeds (two_instances),
    /// The second instance reads from a copy that is one commit behind.
    ReadsFromReplica => a_read_after_an_acknowledged_commit_sees_it (two_instances),
}
