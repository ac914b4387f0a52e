/// How a store is broken, and the case that says so.
macro_rules! bugs {
    ($($(#[$doc:meta])* $bug:ident => $case:ident,)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Bug {
            $($(#[$doc])* $bug,)+
        }

        pub(crate) const BUGS: &[(Bug, &str)] = &[$((Bug::$bug, stringify!($case)),)+];
    };
}

bugs! {
    /// A first commit is not looked at for whether something is there.
    CreateOverwrites => a_thread_is_created_once_under_many_racers,
    /// The expected revision is compared before the lock is taken.
    LostUpdate => one_of_many_commits_from_the_same_revision_wins,
    /// The message is written though the head conflicted.
    MessageOnConflict => a_conflict_writes_nothing_and_brings_what_is_stored,
    /// A conflict brings nothing along.
    ConflictWithoutState => a_conflict_writes_nothing_and_brings_what_is_stored,
    /// A tombstone counts as nothing stored.
    TombstoneIsNoState => a_conflict_writes_nothing_and_brings_what_is_stored,
    /// A conflict is found before the key.
    ConflictBeforeKey => a_taken_key_wins_over_a_conflict_and_brings_its_message,
    /// A taken key brings the thread's first message.
    KeyBringsAnother => a_taken_key_wins_over_a_conflict_and_brings_its_message,
    /// The key is written when the commit is over, and its caller may be gone.
    KeyAfterCommit => a_dropped_commit_has_happened_wholly_or_not_at_all,
    /// The unread number is counted when messages come, not when they are read.
    UnreadNotLowered => a_commit_is_all_or_nothing_and_every_index_agrees_after_it,
    /// The revision is taken before the transaction.
    RevisionOutside => a_feed_never_misses_a_late_commit,
    /// The newest revision is that of the newest live thread, and is taken again.
    RevisionReused => revisions_of_a_location_only_rise,
    /// The page and the number beside it are read one after the other.
    TwoReads => an_answer_is_one_snapshot_while_writers_run,
    /// Reads come from a copy that is a commit behind.
    StaleReads => a_read_begun_after_an_acknowledged_commit_sees_it,
    /// The cursor's own revision is in the answer.
    SinceInclusive => changes_since_the_newest_revision_or_a_later_one_are_none,
    /// The feed has each change, not each thread.
    FeedRepeats => a_thread_changed_twice_is_one_change,
    /// `more` is said when the page is just full.
    MoreWhenFull => changes_respect_the_limit_and_say_whether_there_is_more,
    /// The highest revisions come first.
    FeedBackwards => a_feed_brings_each_thread_to_its_final_state,
    /// Tombstones are not in the feed.
    FeedWithoutTombstones => an_erased_thread_is_a_tombstone_in_the_feed_and_where_it_was,
    /// The limit is put into 32 bits.
    LimitWraps => any_limit_is_taken,
    /// Looking at a location makes it.
    ReadMakesLocation => an_unknown_location_answers_empty,
    /// The end of a range is not in it.
    RangeHalfOpen => history_gives_the_numbers_of_a_range_from_either_end,
    /// Newest first takes the oldest and turns them round.
    NewestOfOldest => history_gives_the_numbers_of_a_range_from_either_end,
    /// The messages stay until the thread begins anew.
    HistoryOfErased => history_of_an_unknown_erased_or_empty_thread_is_empty,
    /// The messages of an earlier life come back with the next.
    HistoryOfEarlierLives => history_is_of_the_present_life,
    /// Equal times are in the other order.
    TiesBackwards => inbox_is_newest_first_then_by_the_bytes_of_the_booking,
    /// Ids are compared without their letter case where times are equal.
    TiesByLetters => inbox_is_newest_first_then_by_the_bytes_of_the_booking,
    /// The inbox is in the order of the last change.
    OrderedByChange => reading_and_rebooking_do_not_move_a_thread,
    /// The thread that a page starts after is on it.
    AfterInclusive => inbox_pages_of_every_size_give_the_whole_inbox,
    /// Only the time is compared, so that threads of the same time are skipped.
    AfterByTime => inbox_pages_neither_skip_nor_repeat_while_threads_move,
    /// One thread more than the limit.
    PageTooLong => inbox_pages_of_every_size_give_the_whole_inbox,
    /// The filter is applied to the page, not before it.
    FilterAfterLimit => inbox_pages_of_every_size_give_the_whole_inbox,
    /// The filter is ignored.
    FilterIgnored => unread_counts_threads_with_an_unread_customer_message,
    /// Messages are counted, not threads.
    UnreadCountsMessages => unread_counts_threads_with_an_unread_customer_message,
    /// A position without a booking is taken for one after all of its time.
    IdleExclusive => idle_since_gives_what_was_last_active_then_or_earlier,
    /// A key is unique in its location.
    KeyOfLocation => keys_are_told_apart_by_thread_side_and_author,
    /// A key is of its author, whichever side they are on.
    KeyWithoutSide => keys_are_told_apart_by_thread_side_and_author,
    /// Keys are trimmed and compared without their letter case.
    KeyFolded => keys_are_compared_by_bytes,
    /// Erasing leaves the keys.
    EraseLeavesKeys => an_erased_threads_keys_are_free_again,
    /// Erasing leaves the messages where a key finds them.
    EraseLeavesMessages => erasing_removes_messages_keys_and_the_place_in_the_inbox,
    /// Erasing forgets the thread altogether.
    EraseForgets => an_erased_thread_starts_anew_from_the_next_number,
    /// Erasing leaves the unread number.
    EraseLeavesUnread => erasing_an_unread_thread_takes_it_off_the_unread_number,
    /// What was erased is left out of the feed once it begins anew.
    RestartNotInFeed => who_slept_through_an_erasure_ends_right,
    /// The inbox is of all locations.
    InboxOfAll => locations_never_see_each_other,
    /// The revision is the database's.
    RevisionOfAll => locations_never_see_each_other,
    /// Bookings are compared without their letter case.
    IdsFolded => ids_are_compared_by_bytes,
    /// Location and booking are one text with a slash.
    IdsJoined => ids_are_compared_by_bytes,
    /// Texts are trimmed on reading, once more.
    TextTrimmed => what_other_versions_and_limits_wrote_is_read_back,
    /// Texts are composed, as some databases do.
    TextComposed => texts_come_back_byte_for_byte,
    /// Texts are cut at the default limit.
    TextCut => texts_come_back_byte_for_byte,
    /// Times are kept to the millisecond.
    TimesTruncated => times_come_back_to_the_microsecond,
    /// The furthest mark is not kept.
    FurthestLost => a_head_comes_back_whole,
    /// Stored bodies are checked as if they were typed.
    BodyCheckedAgain => what_other_versions_and_limits_wrote_is_read_back,
    /// A thread begun anew, read and marked unread again, is not among the unread.
    MarkedInNextLife => random_sequences_come_to_what_the_model_says,
    /// Keys are not written to disk.
    KeysNotDurable => what_was_acknowledged_is_there_after_reopening,
    /// The counter begins at the newest live thread after reopening.
    CounterNotDurable => what_was_acknowledged_is_there_after_reopening,
}
