//! The store in PostgreSQL: how its tables are made, what it does when connections
//! and servers fail, how little it asks, and what it never tells.

mod asking;
mod damage;
mod doubts;
#[path = "../support/example.rs"]
mod example;
mod failing;
#[path = "../support/front_desk.rs"]
mod front_desk;
mod importing;
mod migrating;
mod moving;
mod plans;
mod pooling;
#[path = "../support/postgres/mod.rs"]
mod postgres;
#[path = "../support/proxy.rs"]
mod proxy;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod telling;
mod tls;

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Completion, Trial};
use postgres::bouncer::Bouncer;
use postgres::{Cluster, Listen, NoServer};

/// The server of the tests that harm none. It starts with the first that asks, and
/// stops when `main` returns.
type Shared = Arc<LazyLock<Result<Cluster, NoServer>>>;

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn main() -> ExitCode {
    let shared: Shared = Arc::new(LazyLock::new(|| Cluster::start(Listen::OnPort)));
    let mut tests = Vec::new();
    macro_rules! on_shared {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let cluster = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match &**cluster {
                Ok(cluster) => Ok(run($module::$test(cluster))),
                Err(error) => error.outcome(),
            }));
        )+)+};
    }
    macro_rules! on_own {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, || match Cluster::start(Listen::OnPort) {
                Ok(cluster) => Ok(run($module::$test(cluster))),
                Err(error) => error.outcome(),
            }));
        )+)+};
    }
    macro_rules! behind_bouncer {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let cluster = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || {
                let cluster = match &**cluster {
                    Ok(cluster) => cluster,
                    Err(error) => return error.outcome(),
                };
                match Bouncer::before(cluster) {
                    Ok(bouncer) => Ok(run($module::$test(cluster, bouncer))),
                    Err(error) => error.outcome(),
                }
            }));
        )+)+};
    }
    on_shared! {
        migrating:
            ten_stores_make_the_tables_at_once,
            migrating_again_changes_nothing,
            a_newer_schema_is_refused_with_both_versions,
            another_number_of_partitions_is_refused,
            schemas_of_any_name_do_not_see_each_other,
            the_sql_as_text_is_all_that_migrating_does,
            a_schema_that_exists_needs_no_right_on_the_database,
            somebody_elses_tables_are_refused,
            an_encoding_that_cannot_hold_every_text_is_refused,
            ids_are_ordered_by_bytes_whatever_the_database_orders_by;
        failing:
            a_key_that_is_taken_is_told_where_nothing_else_is_in_the_way,
            without_a_way_back_the_outcome_is_unknown,
            wherever_a_line_is_cut_a_keyed_message_is_stored_once,
            a_connection_ended_in_the_middle_costs_no_error,
            a_read_only_server_is_unavailable,
            a_pool_of_dead_lines_costs_no_error,
            who_gives_up_leaves_no_busy_line_behind,
            a_server_that_is_not_there_is_unavailable,
            a_server_that_breaks_down_leaves_a_doubt,
            serialization_failures_are_tried_again,
            deadlocks_are_tried_again,
            writers_of_one_thread_leave_exact_counts;
        importing:
            a_second_import_doubles_nothing,
            workers_send_at_once,
            an_import_that_was_killed_goes_on;
        moving:
            all_of_a_location_moves_and_nothing_else,
            who_writes_while_it_is_copied_is_refused_and_writes_nothing,
            a_location_is_closed_once_and_copied_over_none,
            a_location_can_stay_and_can_come_back;
        asking:
            a_post_takes_two_round_trips_and_an_idle_poll_one;
        plans:
            each_statement_finds_its_rows_by_an_index,
            each_statement_touches_one_partition,
            an_idle_poll_is_not_planned_each_time,
            the_sql_stays_in_one_location_and_needs_nothing_special;
        damage:
            a_key_without_its_message_is_corrupt,
            prepared_statements_that_are_gone_cost_no_error,
            a_line_left_in_a_failed_transaction_costs_no_error;
        doubts:
            a_lost_commit_is_never_written_twice,
            what_may_have_been_erased_since_is_not_known,
            an_erasure_that_was_lost_is_reported_as_it_was;
        telling:
            errors_and_debug_tell_nobodys_words,
            what_was_erased_is_in_no_row;
    }
    on_own! {
        failing:
            the_first_call_after_a_restart_works,
            a_replica_that_was_promoted_is_found;
        tls:
            nothing_goes_unencrypted_where_the_server_wants_tls;
    }
    behind_bouncer! {
        pooling:
            a_pooler_may_give_each_transaction_another_line;
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn run(test: impl Future<Output = ()>) -> Completion {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(4).enable_all().build().unwrap().block_on(test);
    Completion::Completed
}
