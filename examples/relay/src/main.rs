//! Runs the worker, or shows the deliveries that receivers have refused for good:
//!
//! ```sh
//! cargo run -p relay -- settings.json
//! cargo run -p relay -- settings.json failed
//! cargo run -p relay -- settings.json retry
//! ```

use std::fs;

use frontdesk::FrontDesk;
use frontdesk::desk::{Clock as _, SystemClock};
use frontdesk_sqlite::SqliteStore;
use relay::Outcome;
use relay::outbox::Outbox;
use relay::settings::Settings;
use relay::worker::Worker;

fn main() -> Outcome {
    let usage = "usage: relay SETTINGS.json [failed | retry]";
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or(usage)?;
    let settings: Settings = serde_json::from_str(&fs::read_to_string(path)?)?;
    match arguments.next().as_deref() {
        None => {
            let desk = FrontDesk::new(SqliteStore::open(&settings.store)?);
            Worker::new(desk, settings).run()
        }
        Some("failed") => {
            for failed in Outbox::open(&settings.outbox)?.failed()? {
                println!("{failed}");
            }
            Ok(())
        }
        Some("retry") => {
            let now = SystemClock.now().unix_micros();
            let count = Outbox::open(&settings.outbox)?.retry_failed(now)?;
            println!("{count} deliveries are sent again");
            Ok(())
        }
        Some(_) => Err(usage.into()),
    }
}
