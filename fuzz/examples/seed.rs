//! Writes the initial corpora: real messages and hostile strings for the fuzz targets that read
//! texts, and one value of each kind for those that read JSON or cursors.
//!
//! `fuzz/run` calls this program with the argument DATA. The folder DATA contains
//! `naughty-strings.json` and `conversations-*.jsonl`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use frontdesk::desk::PageRequest;
use frontdesk::record::ThreadRecord;
use frontdesk::store::MemoryStore;
use frontdesk::{Booking, BookingId, FrontDesk, LocationId, ParticipantId, Timestamp};
use futures::executor::block_on;
use serde_json::Value;

/// The approximate number of messages taken from each file. More messages would only slow the
/// fuzzer down.
const MESSAGES: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let data = PathBuf::from(env::args_os().nth(1).ok_or("usage: seed DATA")?);
    let texts = texts(&data)?;
    for target in ["body", "name", "preview", "html"] {
        write(target, texts.iter().map(String::as_bytes))?;
    }
    let (json, cursors) = values()?;
    write("json", json.iter().map(String::as_bytes))?;
    write("cursors", cursors.iter().map(String::as_bytes))?;
    println!("{} texts, {} values, {} cursors", texts.len(), json.len(), cursors.len());
    Ok(())
}

fn write<'a>(target: &str, seeds: impl Iterator<Item = &'a [u8]>) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (number, seed) in seeds.enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}

fn texts(data: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let naughty = fs::read_to_string(data.join("naughty-strings.json"))?;
    let mut texts: Vec<String> = serde_json::from_str(&naughty)?;
    for file in ["conversations-en.jsonl", "conversations-zh.jsonl"] {
        let mut messages = Vec::new();
        for line in fs::read_to_string(data.join(file))?.lines() {
            let conversation: Value = serde_json::from_str(line)?;
            let turns = conversation["turns"].as_array().into_iter().flatten();
            messages.extend(turns.filter_map(|turn| turn["text"].as_str().map(str::to_owned)));
        }
        let step = (messages.len() / MESSAGES).max(1);
        texts.extend(messages.into_iter().step_by(step));
    }
    Ok(texts)
}

/// Returns one value of each kind as JSON, and the cursors as text.
fn values() -> Result<(Vec<String>, Vec<String>), Box<dyn Error>> {
    let desk = FrontDesk::new(MemoryStore::new());
    let (harbour, at) = (LocationId::new("harbour")?, Timestamp::UNIX_EPOCH);
    let booking = Booking::new(BookingId::new("b-1")?, "K7Q2-XH41", "Harbour tour").with_start(at)
        .with_customer_name(frontdesk::DisplayName::new("Ann Lee"));
    let ann = desk
        .customer(harbour.clone(), booking.id.clone(), ParticipantId::new("c-9")?)
        .starting_with(booking.clone());
    let kim = desk.operator(harbour, ParticipantId::new("u-7")?, None);
    block_on(async {
        ann.send("Is there room?").await?;
        kim.reply(&booking.id, "Yes!").await?;
        let page = kim.inbox(&PageRequest::first(50)).await?;
        let opened = kim.open(&booking.id).await?;
        let opened_by_ann = ann.open().await?;
        let (thread, message) = (&opened.thread, &opened.messages[0]);
        let open = opened.open_thread();
        let json = [
            serde_json::to_string(&booking)?,
            serde_json::to_string(thread)?,
            serde_json::to_string(&ThreadRecord::from(thread.clone()))?,
            serde_json::to_string(message)?,
            serde_json::to_string(message.author())?,
            serde_json::to_string(thread.id())?,
            serde_json::to_string(&thread.erase())?,
            serde_json::to_string(&open)?,
            serde_json::to_string(&page.cursor)?,
            serde_json::to_string(&at)?,
            r#"{"body":"Hello","key":"k-1","seen":3}"#.to_owned(),
        ];
        let cursors = [page.cursor.to_string(), opened_by_ann.cursor().to_string()];
        Ok::<_, Box<dyn Error>>((json.to_vec(), cursors.to_vec()))
    })
}
