//! Checks the recorded histories of several processes.
//!
//! ```sh
//! check-history FILE...
//! ```
//!
//! The exit code is 0 if the history of each location is strictly serializable, 1 if it is
//! not, and 2 if the files cannot be read.

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    use frontdesk_conformance::history::{History, check};
    use std::error::Error;

    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: check-history FILE...");
        return ExitCode::from(2);
    }
    match History::read(files) {
        Ok(history) => {
            let report = check(&history);
            println!("{report}");
            if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("{error}{}", cause.unwrap_or_default());
            ExitCode::from(2)
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("check-history needs the monotonic clock of a Unix system");
    ExitCode::from(2)
}
