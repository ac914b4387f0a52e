//! Instruction counts of single operations.
//!
//! Other load on the machine does not change the counts, so they can be compared between commits.
//! The program runs itself under `valgrind --tool=callgrind`, once with many repetitions of an
//! operation and once with none. The result is the difference of the two counts, divided by the
//! number of repetitions.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use frontdesk::desk::{InboxPage, PageRequest};
use frontdesk::store::MemoryStore;
use frontdesk::{Draft, MessageBody, Preview};
use frontdesk_benches::workload::{self, ClockedDesk, LOCATION, LocationHandles};
use futures::executor::block_on;

/// The operations and their numbers of repetitions.
const OPERATIONS: [(&str, usize); 10] = [
    ("post", MAX_POSTS),
    ("page", 1_000),
    ("poll", 10_000),
    ("poll-one-change", 10_000),
    ("preview-english", 2_000),
    ("preview-chinese", 2_000),
    ("encode-english", 10_000),
    ("encode-chinese", 10_000),
    ("body-english", 10_000),
    // The trailing space prevents the check for plain texts.
    ("body-english-untrimmed", 10_000),
];
const MAX_POSTS: usize = 10_000;
/// The option whose arguments are an operation and its number of repetitions.
const RUN: &str = "--run";
/// The number of threads of the location.
const THREADS: usize = 1_000;

const ENGLISH: &str = "Hi! We're four adults & two kids (<7). Could we come half an hour earlier, \
    at nine instead of half past? We would also like to bring a small dog.";
const CHINESE: &str = "你好，我们一共四个大人和两个孩子，想问一下能不能提前半个小时到，九点而不是九点半？\
    另外我们还想带一只小狗，请问可以吗？需要额外付费的话请提前告诉我们，谢谢！";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == RUN) {
        run(&arguments[at + 1], arguments[at + 2].parse()?);
        return Ok(());
    }
    // Cargo passes `--bench` only for a measurement.
    if !arguments.iter().any(|argument| argument == "--bench") {
        for (operation, _) in OPERATIONS {
            run(operation, 1);
        }
        return Ok(());
    }
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    if !valgrind.is_ok_and(|status| status.success()) {
        println!("not run: valgrind is not installed");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    println!("| operation | instructions |\n|---|---|");
    for (operation, times) in OPERATIONS {
        let count = |times| count_instructions(folder.path(), operation, times);
        println!("| {operation} | {} |", (count(times)? - count(0)?) / times as u64);
    }
    Ok(())
}

/// Returns the number of instructions of a whole run of this program.
fn count_instructions(folder: &Path, operation: &str, times: usize) -> Result<u64, Box<dyn Error>> {
    let out = folder.join("callgrind.out");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args([RUN, operation, &times.to_string()])
        .status()?;
    let output = fs::read_to_string(out)?;
    let total = output.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.filter(|_| status.success()).ok_or("callgrind printed no total")?;
    Ok(total.parse()?)
}

fn run(operation: &str, times: usize) {
    match operation {
        "preview-english" => preview(ENGLISH, times),
        "preview-chinese" => preview(CHINESE, times),
        "encode-english" => encode(ENGLISH, times),
        "encode-chinese" => encode(CHINESE, times),
        "body-english" => validate(ENGLISH, times),
        "body-english-untrimmed" => validate(&format!("{ENGLISH} "), times),
        _ => block_on(run_on_desk(operation, times)),
    }
}

fn preview(text: &str, times: usize) {
    let body = MessageBody::new(text).expect("the text is valid");
    (0..times).for_each(|_| _ = black_box(Preview::of(black_box(&body))));
}

fn validate(text: &str, times: usize) {
    (0..times).for_each(|_| _ = black_box(MessageBody::new(black_box(text))));
}

fn encode(text: &str, times: usize) {
    let body = MessageBody::new(text).expect("the text is valid");
    (0..times).for_each(|_| _ = black_box(black_box(&body).to_html()));
}

async fn run_on_desk(operation: &str, times: usize) {
    let location = ClockedDesk::new(MemoryStore::new()).handles(LOCATION, THREADS);
    for number in 0..2 * THREADS {
        location.post(number).await;
    }
    let before_last = page(&location).await.cursor;
    location.post(2 * THREADS).await;
    let cursor = if operation == "poll" { page(&location).await.cursor } else { before_last };
    // Every run makes all drafts, even a run without repetitions, so that the difference between
    // two runs counts only the sending.
    let mut drafts = (2 * THREADS + 1..).zip(drafts());
    for _ in 0..times {
        match operation {
            "post" => {
                let (number, draft) = drafts.next().expect("there is a draft for each post");
                let (thread, role) = workload::thread_and_role(number, THREADS);
                location.send(thread, role, workload::time(number), draft).await;
            }
            "page" => _ = black_box(page(&location).await),
            _ => {
                let update = location.operator.poll(&cursor, None).await;
                black_box(update.expect("the cursor is valid"));
            }
        }
    }
}

fn drafts() -> Vec<Draft> {
    (2 * THREADS + 1..).take(MAX_POSTS).map(workload::draft).collect()
}

async fn page(location: &LocationHandles) -> InboxPage {
    location.operator.inbox(&PageRequest::first(50)).await.expect("the store answers")
}
