//! `PostgresStore` beyond the storage contract: its tables, lost connections and servers,
//! round trips, query plans, and what its errors contain.

mod changed_locations;
mod contention;
mod corruption;
mod distribution;
mod failover;
mod fixtures;
mod importing;
mod key_lookup;
mod key_migration;
mod log_redaction;
mod migrations;
mod move_location;
mod pooler;
#[path = "../support/postgres/mod.rs"]
mod postgres;
#[path = "../../../../tests/support/proxy.rs"]
mod proxy;
mod query_plans;
mod reconnect;
mod round_trips;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod tls;
mod unknown_outcome;
mod upgrade;

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Completion, Trial};
use postgres::{Cluster, Listen, NoServer, citus, pgbouncer};

/// The server of the tests that do not damage it. It starts with the first test that needs it
/// and stops when `main` returns.
type SharedCluster = Arc<LazyLock<Result<Cluster, NoServer>>>;

#[expect(clippy::too_many_lines, reason = "it is a list of all tests")]
fn main() -> ExitCode {
    let shared: SharedCluster = Arc::new(LazyLock::new(|| Cluster::start(Listen::OnPort)));
    let mut tests = Vec::new();
    macro_rules! on_shared_server {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let cluster = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || match &**cluster {
                Ok(cluster) => Ok(run($module::$test(cluster))),
                Err(error) => error.outcome(),
            }));
        )+)+};
    }
    macro_rules! on_own_server {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, || match Cluster::start(Listen::OnPort) {
                Ok(cluster) => Ok(run($module::$test(cluster))),
                Err(error) => error.outcome(),
            }));
        )+)+};
    }
    macro_rules! behind_pooler {
        ($($module:ident: $($test:ident),+;)+) => {$($(
            let cluster = Arc::clone(&shared);
            let name = concat!(stringify!($module), "::", stringify!($test));
            tests.push(Trial::ignorable_test(name, move || {
                let cluster = match &**cluster {
                    Ok(cluster) => cluster,
                    Err(error) => return error.outcome(),
                };
                match pgbouncer::start(cluster) {
                    Ok(pooler) => Ok(run($module::$test(cluster, pooler))),
                    Err(error) => error.outcome(),
                }
            }));
        )+)+};
    }
    on_shared_server! {
        changed_locations:
            a_commit_that_becomes_visible_late_is_in_the_next_list,
            a_location_without_a_commit_leaves_the_list;
        contention:
            a_taken_key_is_found_if_nothing_else_conflicts,
            the_first_taken_key_of_several_messages_is_found,
            serialization_failures_are_retried,
            deadlocks_are_retried,
            missing_intermediate_results_of_citus_are_retried,
            concurrent_writers_leave_exact_counts;
        corruption:
            lost_and_outdated_prepared_statements_cost_no_error,
            the_last_attempt_needs_no_prepared_statement,
            a_connection_left_in_a_failed_transaction_costs_no_error;
        distribution:
            a_database_without_citus_is_refused,
            invalid_layouts_are_refused;
        importing:
            i5_an_interrupted_import_continues_on_the_server,
            i5_concurrent_imports_store_each_message_once;
        key_lookup:
            i4_a_message_of_another_author_does_not_have_the_key;
        key_migration:
            an_interrupted_migration_of_keys_continues,
            stores_write_during_the_migration_of_keys,
            a_role_that_owns_no_table_moves_the_keys,
            the_sql_as_text_moves_all_keys,
            a_large_database_migrates_while_a_store_writes;
        log_redaction:
            errors_and_debug_output_contain_no_text,
            what_was_erased_is_in_no_row;
        migrations:
            ten_stores_create_the_tables_at_the_same_time,
            a_second_migration_changes_nothing,
            a_newer_schema_is_refused_with_both_versions,
            another_number_of_partitions_is_refused,
            schemas_of_any_name_are_separate,
            the_sql_as_text_does_everything_that_migrating_does,
            a_schema_that_exists_needs_no_right_on_the_database,
            tables_of_another_program_are_refused,
            an_encoding_that_cannot_store_every_text_is_refused,
            ids_are_ordered_by_bytes_in_a_database_of_any_collation;
        move_location:
            a_location_moves_completely_and_no_other_changes,
            a_write_during_the_copy_is_rejected_and_writes_nothing,
            a_location_closes_once_and_replaces_no_other,
            a_move_can_be_undone_and_reversed;
        query_plans:
            every_statement_finds_its_rows_by_an_index,
            every_statement_in_a_location_uses_one_partition,
            a_poll_without_changes_is_not_planned_each_time,
            the_sql_stays_in_one_location_and_uses_plain_tables;
        reconnect:
            without_another_connection_the_outcome_is_unknown,
            a_message_with_a_key_is_stored_once_wherever_the_connection_is_cut,
            a_connection_that_is_closed_during_a_commit_costs_no_error,
            a_read_only_server_is_unavailable,
            a_pool_of_dead_connections_costs_no_error,
            a_dropped_call_leaves_no_busy_connection_in_the_pool,
            a_server_that_cannot_be_reached_is_unavailable,
            a_server_that_fails_fatally_leaves_the_outcome_unknown;
        round_trips:
            a_post_takes_two_round_trips_and_an_idle_poll_one,
            a_commit_of_many_messages_takes_one_round_trip;
        unknown_outcome:
            a_lost_commit_is_written_at_most_once,
            a_lost_commit_of_several_messages_is_written_at_most_once,
            a_post_to_a_thread_that_was_erased_since_has_an_unknown_outcome,
            a_lost_erasure_is_unknown_if_the_thread_was_started_since,
            a_lost_refresh_is_unknown_if_another_commit_followed,
            a_lost_redaction_is_not_mistaken_for_another;
        upgrade:
            a_database_of_schema_1_reads_the_same_after_the_migration,
            partitioned_tables_of_schema_1_read_the_same_after_the_migration;
    }
    on_own_server! {
        contention:
            a_replay_leaves_no_error_in_the_log_of_the_server;
        failover:
            p7_polls_miss_nothing_after_a_failover_that_lost_commits,
            p7_polls_miss_nothing_after_cancelled_waits_for_a_standby,
            p7_a_commit_computed_before_the_failover_conflicts,
            p7_a_call_that_spans_the_failover_starts_again,
            p7_two_standbys_promoted_to_one_timeline_have_different_epochs,
            a_standby_refuses_every_call;
        reconnect:
            the_first_call_after_a_restart_works,
            a_promoted_replica_is_found;
        tls:
            nothing_is_sent_without_tls_to_a_server_that_requires_it;
    }
    behind_pooler! {
        pooler:
            a_pooler_may_give_each_transaction_another_connection;
    }
    if let Some(url) = citus::url("the tests of the store") {
        macro_rules! on_citus {
            ($($module:ident: $($test:ident),+;)+) => {$($(
                let coordinator = url.clone();
                let name = concat!(stringify!($module), "::", stringify!($test));
                tests.push(Trial::ignorable_test(name, move || match citus::config(&coordinator) {
                    Ok(coordinator) => Ok(run($module::$test(coordinator))),
                    Err(error) => error.outcome(),
                }));
            )+)+};
        }
        on_citus! {
            distribution:
                tables_that_are_not_distributed_are_refused,
                tables_that_are_distributed_are_refused_without_the_setting,
                the_sql_as_text_distributes_the_tables,
                tables_of_one_server_are_distributed_with_their_rows,
                migrate_creates_missing_functions,
                commits_leave_no_plans_in_the_memory_of_a_worker,
                p7_a_worker_with_a_new_timeline_changes_the_epoch;
            query_plans:
                every_statement_in_a_location_is_one_task_on_citus;
        }
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn run(test: impl Future<Output = ()>) -> Completion {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(4).enable_all().build().unwrap().block_on(test);
    Completion::Completed
}
