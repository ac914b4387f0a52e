//! A front desk at work.
//!
//! Without arguments it acts out a day of messages around two bookings; with
//! files of conversations it imports them while a dashboard polls, into memory, or
//! into a file or a server, where an import that was interrupted goes on. See `--help`.

mod check;
mod clock;
mod columns;
mod dashboard;
mod guide;
mod import;
mod input;
mod progress;
mod storage;
mod tally;
mod terminal;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use frontdesk::desk::MAX_PAGE;
use lexopt::{Arg, Parser, ValueExt};

use crate::import::Options;
use crate::input::Input;
use crate::storage::Storage;

const HELP: &str = "\
Usage: front_desk                     acts out a day at the desk
       front_desk PATH.. [OPTION..]   imports conversations

  PATH           a file with one conversation a line:
                 {\"id\": \"..\", \"about\": [\"..\"],
                  \"turns\": [{\"from\": \"customer\" | \"operator\", \"text\": \"..\"}, ..]}
                 and, if known, the booking's \"code\", \"customer\" and \"status\"
  --store STORE  where they are kept: memory, which is gone at the end;
                 sqlite:PATH, a file; or postgres://USER:PASSWORD@HOST/DATABASE,
                 a server. In a file or a server an import that was interrupted
                 goes on; they need the feature sqlite or postgres (memory)
  --workers N    how many conversations are sent from at once, 1 to 64
                 (8 with postgres, otherwise 1)
  --locations N  how many locations they are spread over, 1 to 1000 (4)
  --page N       how many threads an inbox page has, 1 to 200 (10)
  -h, --help     this text
";

/// What a caller did wrong, as shells have it.
const USAGE: u8 = 2;

enum Command {
    Help,
    Guide,
    Import { paths: Vec<PathBuf>, storage: Storage, options: Options },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = match command(Parser::from_env()) {
        Ok(command) => command,
        Err(error) => return refuse(&format!("{error}\nTry --help.")),
    };
    let mut out = io::stdout().lock();
    let done = match command {
        Command::Help => out.write_all(HELP.as_bytes()).map(|()| true).map_err(Into::into),
        Command::Guide => guide::act(&mut out).await.map(|()| true),
        Command::Import { paths, storage, options } => {
            let input = match Input::read(&paths) {
                Ok(input) => input,
                Err(error) => return refuse(&error),
            };
            match storage.open(options.workers).await {
                Ok(store) => import::run(&input, store, &options, &mut out).await,
                Err(error) => return refuse(&error),
            }
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads, `head` for one, has seen enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("front_desk: {error}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(reason: &str) -> ExitCode {
    eprintln!("front_desk: {reason}");
    ExitCode::from(USAGE)
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn command(mut args: Parser) -> Result<Command, lexopt::Error> {
    let (mut paths, mut storage) = (Vec::new(), None);
    let (mut workers, mut locations, mut page) = (None, None, None);
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("store") => storage = Some(Storage::named(&args.value()?)?),
            Arg::Long("workers") => workers = Some(number(&mut args, "--workers", 64)?),
            Arg::Long("locations") => locations = Some(number(&mut args, "--locations", 1_000)?),
            Arg::Long("page") => page = Some(number(&mut args, "--page", MAX_PAGE)?),
            Arg::Value(path) => paths.push(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    match (paths.is_empty(), &storage, workers.or(locations).or(page)) {
        (true, None, None) => Ok(Command::Guide),
        (true, ..) => Err("--store, --workers, --locations and --page need a PATH".into()),
        (false, ..) => {
            let storage = storage.unwrap_or_default();
            let options = Options {
                locations: locations.unwrap_or(4),
                page: page.unwrap_or(10),
                workers: workers.unwrap_or(storage.workers()),
            };
            Ok(Command::Import { paths, storage, options })
        }
    }
}

fn number(args: &mut Parser, option: &str, max: usize) -> Result<usize, lexopt::Error> {
    let number = args.value()?.parse()?;
    if (1..=max).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{option} is a number from 1 to {max}, not {number}").into())
    }
}
