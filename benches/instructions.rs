//! How many instructions operations take: a figure that a noisy machine does not
//! change, for comparing a commit with the one before it.
//!
//! The program runs itself under `valgrind --tool=callgrind`, once with so many
//! operations and once with none, and divides the difference.

mod content;

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use frontdesk::desk::{InboxPage, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk::{Draft, MessageBody, Preview};
use futures::executor::block_on;

use crate::content::{Desk, Place};

/// What is counted, and how often it is done for it.
const OPERATIONS: [(&str, usize); 8] = [
    ("post", 10_000),
    ("page", 1_000),
    ("poll", 10_000),
    ("poll-of-one", 10_000),
    ("preview-english", 2_000),
    ("preview-chinese", 2_000),
    ("encode-english", 10_000),
    ("encode-chinese", 10_000),
];
/// The argument before an operation and how often to do it.
const DO: &str = "--do";
/// How many threads the location has.
const THREADS: usize = 1_000;

const ENGLISH: &str = "Hi! We're four adults & two kids (<7). Could we come half an hour earlier, \
    at nine instead of half past? We would also like to bring a small dog.";
const CHINESE: &str = "你好，我们一共四个大人和两个孩子，想问一下能不能提前半个小时到，九点而不是九点半？\
    另外我们还想带一只小狗，请问可以吗？需要额外付费的话请提前告诉我们，谢谢！";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == DO) {
        perform(&arguments[at + 1], arguments[at + 2].parse()?);
        return Ok(());
    }
    // Without it Cargo only asks whether the bench runs.
    if !arguments.iter().any(|argument| argument == "--bench") {
        for (operation, _) in OPERATIONS {
            perform(operation, 1);
        }
        return Ok(());
    }
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !valgrind.is_ok_and(|status| status.success()) {
        println!("valgrind is not on this machine: no instructions were counted");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    println!("| operation | instructions |\n|---|---|");
    for (operation, times) in OPERATIONS {
        let count = |times| instructions(folder.path(), operation, times);
        println!("| {operation} | {} |", (count(times)? - count(0)?) / times as u64);
    }
    Ok(())
}

/// How many instructions the whole program takes to do it so often.
fn instructions(folder: &Path, operation: &str, times: usize) -> Result<u64, Box<dyn Error>> {
    let out = folder.join("callgrind.out");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args([DO, operation, &times.to_string()])
        .status()?;
    let counted = fs::read_to_string(out)?;
    let total = counted.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.filter(|_| status.success()).ok_or("callgrind counted nothing")?;
    Ok(total.parse()?)
}

fn perform(operation: &str, times: usize) {
    match operation {
        "preview-english" => preview(ENGLISH, times),
        "preview-chinese" => preview(CHINESE, times),
        "encode-english" => encode(ENGLISH, times),
        "encode-chinese" => encode(CHINESE, times),
        _ => block_on(at_the_desk(operation, times)),
    }
}

fn preview(text: &str, times: usize) {
    let body = MessageBody::new(text).expect("it is a message");
    (0..times).for_each(|_| _ = black_box(Preview::of(black_box(&body))));
}

fn encode(text: &str, times: usize) {
    let body = MessageBody::new(text).expect("it is a message");
    (0..times).for_each(|_| _ = black_box(black_box(&body).to_html()));
}

async fn at_the_desk(operation: &str, times: usize) {
    let place = Desk::new(MemoryStore::new()).place("harbour", THREADS);
    for number in 0..2 * THREADS {
        place.post(number).await;
    }
    let before_last = page(&place).await.cursor;
    place.post(2 * THREADS).await;
    let cursor = if operation == "poll" { page(&place).await.cursor } else { before_last };
    // Made before, also those that are not sent: what is counted is sending.
    let mut drafts = (2 * THREADS + 1..).zip(drafts());
    for _ in 0..times {
        match operation {
            "post" => {
                let (number, draft) = drafts.next().expect("there are enough");
                let (thread, role) = content::whose(number, THREADS);
                place.send(thread, role, content::time(number), draft).await;
            }
            "page" => _ = black_box(page(&place).await),
            _ => _ = black_box(place.team.poll(&cursor, None).await.expect("it can go on")),
        }
    }
}

/// Those of all posts.
fn drafts() -> Vec<Draft> {
    (2 * THREADS + 1..).take(OPERATIONS[0].1).map(content::draft).collect()
}

async fn page(place: &Place) -> InboxPage {
    place.team.inbox(&PageRequest::first(50)).await.expect("it is there")
}
