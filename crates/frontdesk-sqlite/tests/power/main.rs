//! Tests with processes: killed while they write, racing on one file, on a disk that is full or
//! read-only, and on a disk that loses power.
//!
//! Each test runs this program again as a child process. `FRONTDESK_CRASHES` sets the number
//! of kills; the default is 5. `FRONTDESK_POWER_CUTS` sets the number of power cuts; the default
//! is 200. `FRONTDESK_STRESS_SECONDS` sets the length of the stress test; the default is 5.

mod child;
mod crash;
mod disk;
mod expected;
mod histories;
mod power_cut;
mod race;
mod recording;
#[path = "../../../../tests/support/rng.rs"]
mod rng;
mod script;
mod small_disk;
mod stress;
#[path = "../../../../tests/support/mod.rs"]
mod support;
mod system_call;
mod verify;
mod writers;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if run_child() {
        return ExitCode::SUCCESS;
    }
    let tests = vec![
        Trial::test("acknowledged_messages_survive_a_kill", crash::survives_kills),
        Trial::test("racing_processes_lose_nothing", race::loses_nothing),
        Trial::test("processes_open_a_new_file_at_once", race::opens_at_once),
        Trial::test(
            "stress_in_several_processes_is_strictly_serializable",
            stress::is_serializable,
        ),
        Trial::ignorable_test("a_full_disk_is_an_error_and_loses_nothing", small_disk::full),
        Trial::ignorable_test("a_read_only_file_is_refused", small_disk::read_only),
        Trial::ignorable_test(
            "acknowledged_commits_survive_a_power_cut",
            power_cut::loses_nothing_at_full,
        ),
        Trial::ignorable_test(
            "p7_a_power_cut_at_normal_undoes_only_the_last_commits",
            power_cut::loses_last_commits_at_normal,
        ),
        Trial::ignorable_test(
            "power_cuts_on_a_disk_that_ignores_syncs_break_the_file",
            power_cut::finds_ignored_syncs,
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// Runs the role of a child process. Returns `false` in the parent process.
fn run_child() -> bool {
    let Some((role, file)) = child::role() else { return false };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match role.as_str() {
        writers::ROLE => runtime.block_on(writers::write(&file)),
        recording::PARENT_ROLE => recording::start_processes(&file),
        recording::ROLE => runtime.block_on(recording::run_scripts(&file)),
        stress::ROLE => runtime.block_on(stress::run(&file)),
        small_disk::FULL_ROLE => runtime.block_on(small_disk::fill(&file)),
        small_disk::READ_ONLY_ROLE => runtime.block_on(small_disk::open_read_only(&file)),
        other => panic!("unknown role: {other}"),
    }
    true
}
