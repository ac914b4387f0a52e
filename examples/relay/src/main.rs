//! Runs the worker: `cargo run -p relay -- settings.json`.

use std::fs;

use frontdesk::FrontDesk;
use frontdesk_sqlite::SqliteStore;
use relay::Outcome;
use relay::settings::Settings;
use relay::worker::Worker;

fn main() -> Outcome {
    let path = std::env::args().nth(1).ok_or("usage: relay SETTINGS.json")?;
    let settings: Settings = serde_json::from_str(&fs::read_to_string(path)?)?;
    let desk = FrontDesk::new(SqliteStore::open(&settings.store)?);
    Worker::new(desk, settings).run()
}
