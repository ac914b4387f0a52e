//! The dashboard in a real browser.
//!
//! The tests need Chromium with `chromedriver`, Firefox with `geckodriver`, and `WebKitWebDriver` with
//! Xvfb, on the `PATH`. If a program is missing, each test of its engine is ignored and gives the
//! reason. With `CI=true` or `FRONTDESK_REQUIRE_BROWSER=1`,
//! each test fails instead.

mod accessibility;
mod axe;
mod browser;
mod concurrent_clients;
mod conditional_reply;
mod connection_loss;
mod contrast;
mod conversation;
mod customer_page;
mod devtools;
mod display;
mod driver;
mod driver_process;
mod engine;
mod expected_dates;
mod german;
mod hostile_text;
mod import_file;
mod inbox_list;
mod injection_probe;
mod layout;
mod messaging_switch;
mod opening;
mod payloads;
mod polling;
#[path = "../../../../tests/support/proxy.rs"]
mod proxy;
mod removal;
mod right_to_left;
mod screenshots;
mod sending;
#[path = "../support/server.rs"]
mod server;
#[path = "../../../../tests/support/shared_data.rs"]
mod shared_data;
mod small_windows;
mod templates;
mod text_fixture;
mod time_zones;
mod touch;
mod transcript;
mod unread_messages;
mod waiting;

use std::env;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Completion, Trial};

use driver::{BrowserMissing, Driver, RUNTIME};
use engine::Engine;

/// The driver of one engine. The first test starts it, and it stops when `main` returns.
type SharedDriver = Arc<LazyLock<Result<Driver, BrowserMissing>>>;

const CHROMIUM: &[Engine] = &[Engine::Chromium];
const ALL_ENGINES: &[Engine] = &[Engine::Chromium, Engine::Firefox, Engine::WebKit];
/// The engines in which a test can change the settings of the user. `WebKit` also uses its connections
/// in another order than a test of lost responses expects.
const WITHOUT_WEBKIT: &[Engine] = &[Engine::Chromium, Engine::Firefox];

/// Returns the engines of tests that need no tool of Chromium: with `FRONTDESK_ALL_BROWSERS=1` all
/// of them, else Chromium, which keeps the ordinary run short.
fn chosen(engines: &'static [Engine]) -> &'static [Engine] {
    let is_long = env::var("FRONTDESK_ALL_BROWSERS").is_ok_and(|value| value == "1");
    if is_long { engines } else { CHROMIUM }
}

#[expect(clippy::too_many_lines, reason = "the table of all tests")]
fn main() -> ExitCode {
    let shared = |start: fn() -> Result<Driver, BrowserMissing>| -> SharedDriver {
        Arc::new(LazyLock::new(start))
    };
    let chromium = shared(|| Driver::new(Engine::Chromium));
    let firefox = shared(|| Driver::new(Engine::Firefox));
    let web_kit = shared(|| Driver::new(Engine::WebKit));
    let driver_of = |engine| match engine {
        Engine::Chromium => &chromium,
        Engine::Firefox => &firefox,
        Engine::WebKit => &web_kit,
    };
    let mut tests = Vec::new();
    macro_rules! tests {
        ($engines:expr; $($module:ident: $($test:ident),+;)+) => {$($(for &engine in $engines {
            let driver = Arc::clone(driver_of(engine));
            let name = test_name(engine, stringify!($module), stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match &**driver {
                Ok(driver) => Ok(run($module::$test(driver))),
                Err(error) => error.outcome(),
            }));
        })+)+};
    }
    // The pages once failed in one engine in what these tests do.
    tests! {
        ALL_ENGINES;
        opening:
            a_failed_opening_is_tried_again;
        small_windows:
            a_status_is_shown_in_full;
        transcript:
            a_time_has_its_full_date_and_facts_are_complete;
    }
    tests! {
        WITHOUT_WEBKIT;
        small_windows:
            lines_grow_with_the_font_size_of_the_user,
            states_are_visible_with_forced_colours;
    }
    tests! {
        chosen(WITHOUT_WEBKIT);
        connection_loss:
            a_retry_after_a_lost_response_adds_no_second_message;
        axe:
            no_page_violates_a_rule_of_axe;
    }
    tests! {
        chosen(ALL_ENGINES);
        opening:
            back_does_not_reopen_a_closed_conversation,
            a_limited_list_keeps_the_open_conversation,
            an_unsent_text_is_marked_in_the_list_and_shared_by_tabs;
        touch:
            keys_of_an_input_method_send_and_close_nothing,
            the_box_fits_its_text_after_a_resize;
        inbox_list:
            a_row_shows_the_booking_the_preview_and_the_badge,
            the_list_can_be_limited_to_unread_conversations,
            a_conversation_can_be_started_for_a_booking,
            a_message_in_another_conversation_is_announced;
        waiting:
            the_waiting_list_begins_with_the_longest_wait,
            scrolling_loads_the_whole_waiting_list,
            an_automatic_reply_is_marked_and_ends_no_wait;
        unread_messages:
            a_line_is_above_the_first_unread_message,
            a_long_backlog_begins_at_its_first_message,
            nothing_is_read_in_a_window_without_the_focus,
            a_message_below_the_visible_part_stays_unread;
        removal:
            a_removed_message_shows_a_label_on_both_pages;
        conditional_reply:
            a_reply_that_missed_a_message_is_kept_and_can_be_sent_anyway;
        messaging_switch:
            a_label_replaces_the_box_while_messaging_is_off;
        conversation:
            a_conversation_shows_senders_dates_and_receipts,
            marking_as_unread_affects_the_whole_team;
        customer_page:
            the_badge_counts_unread_messages;
        concurrent_clients:
            two_operators_and_a_customer_write_to_each_other,
            all_clients_show_each_message_once_in_the_same_order;
        sending:
            enter_sends_and_shift_enter_inserts_a_line_break,
            a_message_appears_at_once_and_only_once,
            polls_continue_while_a_message_is_being_sent,
            a_queued_message_stays_in_its_conversation,
            a_discarded_text_can_be_sent_as_a_new_message,
            a_rejected_message_stays_in_the_box_with_its_reason;
        connection_loss:
            an_unsent_message_is_sent_again_with_enter,
            pages_recover_when_the_server_returns;
        german:
            both_pages_switch_to_german;
        right_to_left:
            right_to_left_texts_leave_their_neighbours_in_place,
            the_box_follows_the_direction_of_its_text;
    }
    tests! {
        CHROMIUM;
        inbox_list:
            a_click_opens_the_row_under_the_pressed_pointer;
        touch:
            enter_breaks_the_line_on_a_touch_screen;
        small_windows:
            messages_and_box_fit_into_a_low_window,
            both_views_of_a_phone_have_landmarks_and_a_skip_link;
        transcript:
            addresses_in_messages_are_links,
            a_printed_transcript_has_all_messages,
            a_notification_says_who_wrote;
        conversation:
            a_phone_shows_the_list_or_the_conversation;
        customer_page:
            a_customer_sees_one_booking_on_a_phone;
        connection_loss:
            a_conversation_stays_without_a_connection;
        polling:
            pages_poll_at_the_configured_interval;
        accessibility:
            the_team_page_works_by_keyboard_and_screen_reader,
            the_customer_page_works_by_keyboard_and_screen_reader;
        contrast:
            the_team_page_has_sufficient_contrast,
            the_customer_page_has_sufficient_contrast;
        layout:
            nothing_moves_when_messages_arrive;
        hostile_text:
            typed_markup_reads_back,
            ids_with_markup_work_like_other_ids,
            an_invalid_address_leaves_the_list_usable;
        screenshots:
            both_pages_render_on_each_screen_in_each_theme;
        time_zones:
            viewers_in_other_zones_see_the_locations_dates;
    }
    // These tests also need the file `naughty-strings.json`.
    macro_rules! tests_with_payloads {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let driver = Arc::clone(&chromium);
            let name = test_name(Engine::Chromium, stringify!($module), stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match (&**driver, payloads::chosen()) {
                (Err(error), _) => error.outcome(),
                (_, Err(missing)) => missing.outcome(),
                (Ok(driver), Ok(texts)) => Ok(run($module::$test(driver, &texts))),
            }));
        )+)+};
    }
    tests_with_payloads! {
        hostile_text:
            every_text_reads_back_in_the_list,
            every_text_reads_back_in_its_conversation,
            sent_texts_read_back_on_both_pages,
            rejected_texts_stay_in_the_box;
        templates:
            every_text_reads_back_in_each_template_engine;
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// Returns the name of a test, which begins with the engine.
fn test_name(engine: Engine, module: &str, test: &str) -> String {
    format!("{engine}::{module}::{test}")
}

fn run(test: impl Future<Output = ()>) -> Completion {
    RUNTIME.block_on(test);
    Completion::Completed
}
