//! What the file is worth when its process is killed, when another process writes
//! to it too, when the disk is full and when it may only be read.
//!
//! Each test runs this program again as the process that has the bad luck.
//! `FRONTDESK_CRASHES` says how many times one is killed, 5 where it says nothing.

mod check;
mod child;
mod crash;
mod disk;
mod race;
#[path = "../support/mod.rs"]
mod support;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if child::run() {
        return ExitCode::SUCCESS;
    }
    let tests = vec![
        Trial::test("what_was_acknowledged_survives_a_kill", crash::survives_a_kill),
        Trial::test("processes_that_race_lose_nothing", race::loses_nothing),
        Trial::test("processes_open_a_new_file_at_once", race::opens_at_once),
        Trial::ignorable_test("a_full_disk_is_an_error_and_harms_nothing", disk::full),
        Trial::ignorable_test("a_file_that_cannot_be_written_is_refused", disk::read_only),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
