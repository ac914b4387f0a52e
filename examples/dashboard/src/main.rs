//! Example: a host application with the team's page and a customer's page in the browser.
//!
//! ```sh
//! cargo run -p dashboard
//! cargo run -p dashboard -- --help
//! ```
//!
//! The program prints the addresses of both pages. Its code is meant to be copied.
//! `operator.rs` and `portal.rs` contain the HTTP handlers, which only translate between JSON
//! and the library's operator and customer desks. `page/` contains the pages. Two parts are
//! stubs: the login (`session.rs`) and the bookings (`demo.rs`).

mod dates;
mod demo;
mod german;
mod health;
mod language;
mod listener;
mod location;
#[cfg(test)]
mod openapi;
mod operator;
mod page;
mod parameters;
mod portal;
mod problem;
mod security;
mod session;
mod signed_link;
mod state;

use std::error::Error;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum::{Router, middleware};
use frontdesk::FrontDesk;
use frontdesk::desk::POLL_INTERVAL;
use importer::input::Input;
use importer::store_config::StoreConfig;
use lexopt::{Arg, Parser, ValueExt};
use tokio::net::TcpListener;

use crate::location::Location;
use crate::page::MIN_POLL_INTERVAL;
use crate::signed_link::LinkSigner;
use crate::state::AppState;

const HELP: &str = "\
Usage: dashboard [PORT] [OPTION..]

Serves the team's page and a customer's page on 127.0.0.1 and prints their addresses.

  PORT           the port; 0 chooses a free one (default: 8080)
  --store STORE  the store: memory, whose content is lost at the end;
                 sqlite:PATH, a file; or postgres://USER:PASSWORD@HOST/DATABASE,
                 a server (default: memory)
  --import PATH  a file of conversations, in the format of the example `importer`,
                 which are shown at a separate location: imported with their times
                 and read marks, or sent as new if no message has a time; can be
                 repeated
  --poll-ms N    milliseconds between two polls of a page, at least 50 (default: 7500)
  -h, --help     print this text

FRONTDESK_LINK_KEY  the key that signs the customers' links, at least 32 bytes; if this
                    variable is not set, the key is random, and the links become
                    invalid with the next start
";

/// Maximum number of connections to a PostgreSQL server.
const MAX_CONNECTIONS: usize = 16;

/// Time that open requests get to finish on shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// The exit code for invalid arguments, by convention of Unix shells.
const USAGE_ERROR: u8 = 2;

struct Options {
    port: u16,
    store: StoreConfig,
    imports: Vec<PathBuf>,
    poll_interval: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match parse_arguments(Parser::from_env()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("dashboard: {error}\nTry --help.");
            return ExitCode::from(USAGE_ERROR);
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

/// Parses the arguments. Returns `None` if they ask for the help.
fn parse_arguments(mut args: Parser) -> Result<Option<Options>, lexopt::Error> {
    let (store, imports) = (StoreConfig::default(), Vec::new());
    let mut options = Options { port: 8080, store, imports, poll_interval: POLL_INTERVAL };
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("store") => options.store = StoreConfig::parse(&args.value()?)?,
            Arg::Long("import") => options.imports.push(args.value()?.into()),
            Arg::Long("poll-ms") => {
                let interval = Duration::from_millis(args.value()?.parse()?);
                options.poll_interval = interval.max(MIN_POLL_INTERVAL);
            }
            Arg::Value(port) => options.port = port.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

async fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    print_spans();
    let store = options.store.open(MAX_CONNECTIONS).await?;
    let mut locations = demo::locations(Arc::clone(&store)).await?;
    if !options.imports.is_empty() {
        let input = Input::read(&options.imports)?;
        for line in &input.invalid_lines {
            eprintln!("dashboard: {} {}", line.place, line.reason);
        }
        locations.push(demo::import(Arc::clone(&store), &input).await?);
    }

    let desk = FrontDesk::builder(store).listener(listener::print_event).build();
    let links = LinkSigner::from_env()?;
    let state = AppState { desk, locations, links, poll_interval: options.poll_interval };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let location = &state.locations[0];
    let portal = state.links.portal_path(&location.id, &location.bookings[0].id);
    let mut out = io::stdout().lock();
    writeln!(out, "team      http://{address}{}", location.page_path())?;
    writeln!(out, "customer  http://{address}{portal}")?;
    for Location { id, zone_name, zone_source, .. } in state.locations.iter().map(AsRef::as_ref) {
        writeln!(out, "zone      {id}: {zone_name}, from {zone_source}")?;
    }
    out.flush()?;
    drop(out);

    let router = Router::new()
        .merge(operator::routes())
        .merge(portal::routes())
        .merge(health::routes())
        .route("/assets/{*file}", get(page::asset))
        .layer(middleware::from_fn(security::protect))
        .with_state(Arc::new(state));
    let server = axum::serve(listener, router).with_graceful_shutdown(interrupt());
    tokio::select! {
        result = server.into_future() => result?,
        // The graceful shutdown would wait forever for a client that sent half a request.
        () = async { interrupt().await; tokio::time::sleep(SHUTDOWN_TIMEOUT).await } => {}
    }
    Ok(())
}

/// Prints each `tracing` span of the library on standard error when the span ends, with the
/// outcome.
fn print_spans() {
    use tracing_subscriber::fmt::format::FmtSpan;

    tracing_subscriber::fmt()
        .with_env_filter("frontdesk=debug")
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(io::stderr)
        .init();
}

async fn interrupt() {
    // If no signal handler can be installed, the server stops at once.
    let _ = tokio::signal::ctrl_c().await;
}
