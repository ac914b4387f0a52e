//! The text check of the kit on the Big List of Naughty Strings.

#[path = "../../../tests/support/shared_data.rs"]
mod shared_data;

use std::process::ExitCode;

use frontdesk::store::MemoryStore;
use frontdesk_conformance::{check_text_round_trip, from_fn};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() -> ExitCode {
    let test = Trial::ignorable_test("t5_naughty_strings_round_trip", naughty_strings_round_trip);
    libtest_mimic::run(&Arguments::from_args(), vec![test]).exit_code()
}

fn naughty_strings_round_trip() -> Result<Completion, Failed> {
    let text = match shared_data::read("naughty-strings.json") {
        Ok(text) => text,
        Err(missing) => return missing.outcome(),
    };
    let strings: Vec<String> = serde_json::from_str(&text)?;
    let factory = from_fn(MemoryStore::new);
    let check = check_text_round_trip(&factory, &strings);
    futures::executor::block_on(check).map_err(|failure| failure.to_string())?;
    Ok(Completion::Completed)
}
