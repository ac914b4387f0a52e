//! The command line of the importer.

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
use std::path::PathBuf;
use std::process::ExitCode;

use frontdesk::desk::MAX_PAGE;
use importer::input::Input;
use importer::store_config::StoreConfig;
use lexopt::{Arg, Parser, ValueExt};

use crate::import::{Import, Options};

const HELP: &str = "\
Usage: importer PATH.. [OPTION..]

Imports conversations into a store while simulated dashboards poll it, prints
statistics and checks the result.

  PATH           a file with one conversation in each line:
                 {\"id\": \"..\", \"about\": [\"..\"],
                  \"turns\": [{\"from\": \"customer\" | \"operator\", \"text\": \"..\"}, ..]}
                 optionally with the booking's \"code\", \"customer\" and \"status\"
  --store STORE  the store: memory, whose content is lost at the end;
                 sqlite:PATH, a file; or postgres://USER:PASSWORD@HOST/DATABASE,
                 a server. In a file or on a server, an interrupted import
                 continues with the next run (default: memory)
  --workers N    number of messages that are sent at the same time, 1 to 64
                 (default: 8 with postgres, otherwise 1)
  --locations N  number of locations that get the conversations, 1 to 1000
                 (default: 4)
  --page N       number of threads in an inbox page, 1 to 200 (default: 10)
  -h, --help     print this text
";

/// The exit code for invalid arguments or input, by convention of Unix shells.
const USAGE_ERROR: u8 = 2;

enum Command {
    Help,
    Import { paths: Vec<PathBuf>, store: StoreConfig, options: Options },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = match parse_arguments(Parser::from_env()) {
        Ok(command) => command,
        Err(error) => return usage_error(&format!("{error}\nTry --help.")),
    };
    let mut out = io::stdout().lock();
    let result = match command {
        Command::Help => out.write_all(HELP.as_bytes()).map(|()| true).map_err(Into::into),
        Command::Import { paths, store, options } => {
            let input = match Input::read(&paths) {
                Ok(input) => input,
                Err(error) => return usage_error(&error),
            };
            let store = match store.open(options.workers).await {
                Ok(store) => store,
                Err(error) => return usage_error(&error),
            };
            match Import::new(store, options).await {
                Ok(import) => import.run(&input, &mut out).await,
                Err(error) => Err(error),
            }
        }
    };
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

fn parse_arguments(mut args: Parser) -> Result<Command, lexopt::Error> {
    let (mut paths, mut store) = (Vec::new(), None);
    let (mut workers, mut locations, mut page_size) = (None, None, None);
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("store") => store = Some(StoreConfig::parse(&args.value()?)?),
            Arg::Long("workers") => workers = Some(parse_number(&mut args, "--workers", 64)?),
            Arg::Long("locations") => {
                locations = Some(parse_number(&mut args, "--locations", 1_000)?);
            }
            Arg::Long("page") => page_size = Some(parse_number(&mut args, "--page", MAX_PAGE)?),
            Arg::Value(path) => paths.push(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    if paths.is_empty() {
        return Err("at least one PATH is needed".into());
    }
    let store = store.unwrap_or_default();
    let options = Options {
        locations: locations.unwrap_or(4),
        page_size: page_size.unwrap_or(10),
        workers: workers.unwrap_or(store.default_workers()),
    };
    Ok(Command::Import { paths, store, options })
}

fn parse_number(args: &mut Parser, option: &str, max: usize) -> Result<usize, lexopt::Error> {
    let number = args.value()?.parse()?;
    if (1..=max).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{option} takes a number from 1 to {max}, not {number}").into())
    }
}
