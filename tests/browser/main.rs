//! The dashboard example in a real browser: what operators and customers see and do.
//!
//! It needs Chromium and `chromedriver` on the `PATH`. Where there is none a test is
//! ignored and says so; with `CI=true` or `FRONTDESK_REQUIRE_BROWSER=1` it fails.

mod access;
mod browser;
mod contrast;
mod conversation;
mod customers;
mod dates;
mod devtools;
mod driver;
#[path = "../support/example.rs"]
mod example;
mod host;
mod hostile;
mod languages;
mod layout;
mod lines;
mod panel;
mod payloads;
mod pictures;
mod places;
mod polling;
#[path = "../support/proxy.rs"]
mod proxy;
mod sending;
#[path = "../support/shared_data.rs"]
mod shared_data;
mod story;
mod together;
mod watched;

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Completion, Trial};

use driver::{Driver, NoBrowser};

/// It starts with the first test that asks, and stops when `main` returns.
type Shared = Arc<LazyLock<Result<Driver, NoBrowser>>>;

fn main() -> ExitCode {
    let shared: Shared = Arc::new(LazyLock::new(Driver::start));
    let mut tests = Vec::new();
    macro_rules! tests {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let driver = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match &**driver {
                Ok(driver) => Ok(run($module::$test(driver))),
                Err(error) => error.outcome(),
            }));
        )+)+};
    }
    tests! {
        panel:
            a_row_tells_what_a_conversation_is_about,
            only_unread_conversations_can_be_listed,
            a_conversation_starts_from_a_booking;
        conversation:
            an_open_conversation_tells_who_said_what_when,
            marking_unread_is_seen_by_the_whole_team,
            a_phone_shows_the_list_or_the_conversation;
        customers:
            a_customer_has_one_booking_on_a_phone,
            a_customers_badge_counts_what_they_have_not_seen;
        together:
            two_operators_and_a_customer_write_to_each_other,
            all_see_each_message_once_and_in_one_order;
        sending:
            enter_sends_and_shift_enter_breaks_the_line,
            a_message_is_there_at_once_and_once,
            a_message_on_its_way_holds_up_nothing,
            what_waits_to_be_sent_stays_in_its_conversation,
            words_that_were_given_up_can_be_sent_later,
            a_refused_message_stays_with_its_reason;
        lines:
            a_message_that_did_not_leave_is_sent_again,
            a_message_whose_answer_was_lost_is_not_doubled,
            what_is_shown_stays_without_a_server,
            a_page_waits_for_a_server_that_is_away;
        polling:
            pages_poll_as_often_as_they_are_told;
        access:
            an_operator_needs_no_mouse_and_no_eyes,
            a_customer_needs_no_mouse_and_no_eyes;
        contrast:
            the_teams_page_is_legible,
            the_customers_page_is_legible;
        layout:
            nothing_jumps_when_messages_arrive;
        hostile:
            what_is_typed_reads_back,
            an_id_is_only_an_id,
            a_bad_address_leaves_the_list;
        languages:
            the_pages_speak_german,
            right_to_left_stays_in_its_place,
            the_box_turns_with_what_is_written;
        pictures:
            both_pages_on_each_screen_in_each_theme;
        places:
            viewers_elsewhere_see_the_locations_dates;
    }
    // Those that need the file of naughty strings.
    macro_rules! tests_with_texts {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let driver = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match (&**driver, payloads::all()) {
                (Err(error), _) => error.outcome(),
                (_, Err(missing)) => missing.outcome(),
                (Ok(driver), Ok(texts)) => Ok(run($module::$test(driver, &texts))),
            }));
        )+)+};
    }
    tests_with_texts! {
        hostile:
            every_text_reads_back_in_the_list,
            every_text_reads_back_in_its_conversation,
            what_both_sides_send_reads_back,
            what_is_refused_stays_in_the_box;
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn run(test: impl Future<Output = ()>) -> Completion {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap().block_on(test);
    Completion::Completed
}
