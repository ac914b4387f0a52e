use std::path::PathBuf;

use frontdesk::LocationId;
use frontdesk::desk::MAX_PAGE;
use frontdesk::import::ImportMark;
use importer::export::{Format, ReadSettings, parse_zone};
use importer::input::Marks;
use importer::store_config::StoreConfig;
use lexopt::{Arg, Parser, ValueExt};

use crate::import::Options;

pub(crate) const HELP: &str = "\
Usage: importer PATH.. [OPTION..]

Imports conversations into a store.

  PATH           a file with one conversation in each line:
                 {\"id\": \"..\", \"about\": [\"..\"],
                  \"turns\": [{\"from\": \"customer\" | \"operator\", \"text\": \"..\",
                             \"at\": \"2026-07-29T20:15:00Z\"}, ..]}
                 optionally with the booking's \"code\", \"customer\" and \"status\", with
                 the parts that were read, \"readByOperators\" and \"readByCustomers\"
                 (a number of turns, or a time), and with \"waiting\": true if the
                 customer waits for an answer
  --store STORE  the store: memory, whose content is lost at the end;
                 sqlite:PATH, a file; or postgres://USER:PASSWORD@HOST/DATABASE,
                 a server. In a file or on a server, an interrupted import
                 continues with the next run (default: memory)
  --workers N    number of conversations or messages that are sent at the same
                 time, 1 to 64 (default: 8 with postgres, otherwise 1)
  -h, --help     print this text

Files without \"at\" are sent message by message, while simulated dashboards poll
the store; then the result is checked:

  --locations N  number of locations that get the conversations, 1 to 1000
                 (default: 4)
  --page N       number of threads in an inbox page, 1 to 200 (default: 10)

Conversations with times are imported with these times into one location:

  --location ID  the location (default: location-1)
  --from FORMAT  PATH is an export of another system: chatwoot, zendesk, intercom,
                 telegram or whatsapp. docs/exports.md says what each reader keeps
  --bookings PATH
                 a JSON object with the booking id of each conversation to import,
                 by the conversation's id. Without it, every conversation is
                 imported as an enquiry
  --operator NAME
                 name or id of an author who belongs to the team, with the ~ that
                 WhatsApp writes before some names; can be repeated
  --zone ZONE    time zone of local times, such as Europe/Lisbon
  --date-order ORDER
                 order of dates: dmy, mdy or ymd
  --team-read-until TIME
                 the team has read the messages until this time, such as
                 2026-07-29T20:15:00Z (default: everything)
  --customers-read-until TIME
                 the same for the customers
  --waiting      conversations wait for an answer if they end with customer messages
";

pub(crate) enum Command {
    Help,
    Import(Box<Job>),
}

/// The files to import and the store.
pub(crate) struct Job {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) store: StoreConfig,
    pub(crate) options: Options,
    /// The location of conversations with times.
    pub(crate) location: LocationId,
    /// The other system, or `None` for the importer's own form.
    pub(crate) export: Option<Export>,
}

/// The options of an export of another system.
pub(crate) struct Export {
    pub(crate) format: Format,
    pub(crate) settings: ReadSettings,
    pub(crate) bookings: Option<PathBuf>,
    pub(crate) marks: Marks,
}

pub(crate) fn parse(mut args: Parser) -> Result<Command, lexopt::Error> {
    let (mut paths, mut store, mut location) = (Vec::new(), None, None);
    let (mut workers, mut locations, mut page_size) = (None, None, None);
    let (mut format, mut settings, mut bookings) = (None, ReadSettings::default(), None);
    let mut marks = Marks::default();
    // An option that only exports use.
    let mut export_option = None;
    while let Some(arg) = args.next()? {
        if let Arg::Long(
            "bookings"
            | "operator"
            | "zone"
            | "date-order"
            | "team-read-until"
            | "customers-read-until"
            | "waiting",
        ) = arg
        {
            export_option = Some(arg_name(&arg));
        }
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
            Arg::Long("store") => store = Some(StoreConfig::parse(&args.value()?)?),
            Arg::Long("workers") => workers = Some(parse_number(&mut args, "--workers", 64)?),
            Arg::Long("locations") => {
                locations = Some(parse_number(&mut args, "--locations", 1_000)?);
            }
            Arg::Long("page") => page_size = Some(parse_number(&mut args, "--page", MAX_PAGE)?),
            Arg::Long("location") => location = Some(args.value()?.parse()?),
            Arg::Long("from") => format = Some(args.value()?.string()?.parse::<Format>()?),
            Arg::Long("bookings") => bookings = Some(args.value()?.into()),
            Arg::Long("operator") => settings.operators.push(args.value()?.string()?),
            Arg::Long("zone") => settings.zone = Some(parse_zone(&args.value()?.string()?)?),
            Arg::Long("date-order") => {
                settings.date_order = Some(args.value()?.string()?.parse()?);
            }
            Arg::Long("team-read-until") => {
                marks.operators = ImportMark::Until(args.value()?.parse()?);
            }
            Arg::Long("customers-read-until") => {
                marks.customers = ImportMark::Until(args.value()?.parse()?);
            }
            Arg::Long("waiting") => marks.waiting = true,
            Arg::Value(path) => paths.push(path.into()),
            other => return Err(other.unexpected()),
        }
    }
    if paths.is_empty() {
        return Err("at least one PATH is needed".into());
    }
    if let (None, Some(option)) = (format, export_option) {
        return Err(format!("{option} is an option of --from").into());
    }
    let store = store.unwrap_or_default();
    let options = Options {
        locations: locations.unwrap_or(4),
        page_size: page_size.unwrap_or(10),
        workers: workers.unwrap_or(store.default_workers()),
        is_lasting: store.is_lasting(),
    };
    let export = format.map(|format| Export { format, settings, bookings, marks });
    let location = match location {
        Some(location) => location,
        None => LocationId::new("location-1").map_err(|error| error.to_string())?,
    };
    Ok(Command::Import(Box::new(Job { paths, store, options, location, export })))
}

fn arg_name(arg: &Arg<'_>) -> String {
    match arg {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(_) | Arg::Value(_) => String::new(),
    }
}

fn parse_number(args: &mut Parser, option: &str, max: usize) -> Result<usize, lexopt::Error> {
    let number = args.value()?.parse()?;
    if (1..=max).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{option} takes a number from 1 to {max}, not {number}").into())
    }
}
