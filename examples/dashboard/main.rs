//! A host application to click, and to copy: the team's Conversations page and a
//! customer's page for one booking, over the crate's handles.
//!
//! ```sh
//! cargo run --example dashboard
//! ```
//!
//! It prints where the two pages are. See `--help`. What a real host has and this
//! one stubs is said where it is: the login (`login.rs`), the bookings (`demo.rs`).

mod dates;
mod demo;
mod german;
mod guard;
mod host;
#[path = "../front_desk/input.rs"]
#[expect(dead_code, reason = "front_desk tells more about what it has read")]
mod input;
mod language;
mod link;
mod login;
mod notice;
mod operator;
mod page;
mod portal;
mod problem;
#[path = "../front_desk/storage.rs"]
#[expect(dead_code, reason = "front_desk has several workers where that is worth it")]
mod storage;

use std::error::Error;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::routing::get;
use axum::{Router, middleware};
use frontdesk::FrontDesk;
use frontdesk::desk::POLL_INTERVAL;
use lexopt::{Arg, Parser, ValueExt};
use tokio::net::TcpListener;

use crate::host::Host;
use crate::input::Input;
use crate::link::Links;
use crate::storage::Storage;

const HELP: &str = "\
Usage: dashboard [PORT] [OPTION..]

Serves the team's and a customer's page on 127.0.0.1 and prints where.

  PORT           which port; 0 picks a free one (8080)
  --store STORE  where conversations are kept: memory, which is gone at the end;
                 sqlite:PATH, a file; or postgres://USER:PASSWORD@HOST/DATABASE,
                 a server. They need the feature sqlite or postgres (memory)
  --import PATH  conversations for a location of their own, one a line as
                 front_desk takes them; may be given more than once
  --poll-ms N    how often the pages ask for news, in milliseconds from 50 (7500)
  -h, --help     this text

FRONTDESK_LINK_KEY  signs the customers' links; without it a random key does,
                    and links end with the program
";

/// To a server, if conversations are kept in one.
const CONNECTIONS: usize = 16;

/// How long the answers that are on their way may take at the end.
const GRACE: Duration = Duration::from_secs(3);

/// What a caller did wrong, as shells have it.
const USAGE: u8 = 2;

struct Options {
    port: u16,
    storage: Storage,
    imports: Vec<PathBuf>,
    poll: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(Parser::from_env()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("dashboard: {error}\nTry --help.");
            return ExitCode::from(USAGE);
        }
    };
    match serve(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dashboard: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut args: Parser) -> Result<Option<Options>, lexopt::Error> {
    let (storage, imports) = (Storage::default(), Vec::new());
    let mut options = Options { port: 8080, storage, imports, poll: POLL_INTERVAL };
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("store") => options.storage = Storage::named(&args.value()?)?,
            Arg::Long("import") => options.imports.push(args.value()?.into()),
            Arg::Long("poll-ms") => {
                options.poll = Duration::from_millis(args.value()?.parse::<u64>()?.max(50));
            }
            Arg::Value(port) => options.port = port.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

async fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    trace();
    let store = options.storage.open(CONNECTIONS).await?;
    let mut locations = demo::locations(Arc::clone(&store)).await?;
    if !options.imports.is_empty() {
        let input = Input::read(&options.imports)?;
        for bad in &input.bad_lines {
            eprintln!("dashboard: {} {}", bad.place, bad.reason);
        }
        locations.push(demo::import(Arc::clone(&store), &input).await?);
    }

    let mut desk = FrontDesk::builder(store).listener(notice::received);
    if matches!(options.storage, Storage::Memory) {
        // Each start is another life of what is kept in memory: pages that are
        // still open start over (P7).
        desk = desk.epoch(SystemTime::UNIX_EPOCH.elapsed()?.as_secs());
    }
    let desk = desk.build();
    let host = Host { desk, locations, links: Links::from_env()?, poll: options.poll };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let first = &host.locations[0];
    let portal = host.links.portal(&first.id, &first.bookings[0].id);
    let mut out = io::stdout().lock();
    writeln!(out, "team      http://{address}{}", first.page())?;
    writeln!(out, "customer  http://{address}{portal}")?;
    out.flush()?;
    drop(out);

    let router = Router::new()
        .merge(operator::routes())
        .merge(portal::routes())
        .route("/assets/{file}", get(page::asset))
        .layer(middleware::from_fn(guard::watch))
        .with_state(Arc::new(host));
    let served = axum::serve(listener, router).with_graceful_shutdown(interrupted());
    tokio::select! {
        served = served.into_future() => served?,
        // Who has sent half a request is not waited for.
        () = async { interrupted().await; tokio::time::sleep(GRACE).await } => {}
    }
    Ok(())
}

/// Prints the desk's spans as they end, each with what came of it.
#[cfg(feature = "tracing")]
fn trace() {
    use tracing_subscriber::fmt::format::FmtSpan;

    tracing_subscriber::fmt()
        .with_env_filter("frontdesk=debug")
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(io::stderr)
        .init();
}

#[cfg(not(feature = "tracing"))]
fn trace() {}

async fn interrupted() {
    // Without a signal handler the program ends at once, which is as well.
    let _ = tokio::signal::ctrl_c().await;
}
