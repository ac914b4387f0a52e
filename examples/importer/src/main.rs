//! The command line of the importer.

mod arguments;
mod history;
mod import;
mod location;
mod progress;
mod replay;
mod report;
mod self_check;
mod simulated_dashboard;
mod statistics;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use importer::booking_map::BookingMap;
use importer::export::ExportFile;
use importer::input::{Input, Times};
use importer::threads::Threads;
use lexopt::Parser;

use crate::arguments::{Command, Export, HELP, Job};
use crate::history::History;
use crate::import::Import;

/// The exit code for invalid arguments or input, by convention of Unix shells.
const USAGE_ERROR: u8 = 2;

/// The conversations of the files.
enum Conversations {
    /// Conversations without times, which are sent message by message.
    Untimed(Input),
    /// Conversations with times, and the input if it is in the importer's own form.
    Timed(Threads, Option<Input>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let job = match arguments::parse(Parser::from_env()) {
        Ok(Command::Import(job)) => job,
        Ok(Command::Help) => return exit_code(print_help()),
        Err(error) => return usage_error(&format!("{error}\nTry --help.")),
    };
    let conversations = match read(&job) {
        Ok(conversations) => conversations,
        Err(error) => return usage_error(&error),
    };
    let store = match job.store.open(job.options.workers).await {
        Ok(store) => store,
        Err(error) => return usage_error(&error),
    };
    let mut out = io::stdout().lock();
    exit_code(match conversations {
        Conversations::Timed(threads, input) => {
            let Job { location, options, .. } = *job;
            let workers = options.workers;
            let history = History { threads: &threads, input: input.as_ref(), location, workers };
            history.import(store, &mut out).await
        }
        Conversations::Untimed(input) => match Import::new(store, job.options).await {
            Ok(import) => import.run(&input, &mut out).await,
            Err(error) => Err(error),
        },
    })
}

fn read(job: &Job) -> Result<Conversations, String> {
    if let Some(Export { format, settings, bookings, marks }) = &job.export {
        let bookings = bookings.as_deref().map(BookingMap::read).transpose()?;
        let files = job.paths.iter().map(|path| ExportFile::read(path));
        let files: Result<Vec<_>, _> = files.collect();
        let conversations = files.and_then(|files| format.read(&files, settings));
        let conversations = conversations.map_err(|error| error.to_string())?;
        let mut threads = Threads::from_export(*format, conversations, bookings.as_ref())?;
        threads.set_marks(*marks);
        return Ok(Conversations::Timed(threads, None));
    }
    let input = Input::read(&job.paths)?;
    match input.times() {
        Times::None => Ok(Conversations::Untimed(input)),
        Times::All => {
            let threads = Threads::from_input(&input).map_err(|error| error.to_string())?;
            Ok(Conversations::Timed(threads, Some(input)))
        }
        Times::Some => {
            Err("some conversations have times and others have none: import them separately".into())
        }
    }
}

fn print_help() -> Result<bool, Box<dyn Error>> {
    io::stdout().lock().write_all(HELP.as_bytes())?;
    Ok(true)
}

fn exit_code(result: Result<bool, Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of the output, such as `head`, closed the pipe. This is not a failure.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("importer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage_error(reason: &str) -> ExitCode {
    eprintln!("importer: {reason}");
    ExitCode::from(USAGE_ERROR)
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
