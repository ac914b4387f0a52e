//! The text rules on what people wrote, and on what they write to break things.
//!
//! The files are those of the shared data folder: `../shared/data` beside this
//! crate, or wherever `FRONTDESK_DATA` says. A test whose file is not there is
//! reported as ignored and names the file; with `CI=true` it fails.

use std::process::ExitCode;

use frontdesk::{DisplayName, MessageBody, OneLine, Preview};
use libtest_mimic::{Arguments, Completion, Trial};

#[path = "support/shared_data.rs"]
mod shared_data;
#[path = "support/text.rs"]
mod text_oracle;

use text_oracle as oracle;

fn main() -> ExitCode {
    let tests = vec![
        test("every_english_message_is_a_body_that_reads_back", "conversations-en.jsonl", |text| {
            // Two of them are published empty, and are refused as blank (T2).
            let expected = Counts { conversations: 2_921, messages: 49_726, bodies: 49_724 };
            assert_eq!(check_conversations(text), expected);
        }),
        test("every_chinese_message_is_a_body_that_reads_back", "conversations-zh.jsonl", |text| {
            let expected = Counts { conversations: 500, messages: 8_476, bodies: 8_476 };
            assert_eq!(check_conversations(text), expected);
        }),
        test("every_naughty_string_reads_back_or_is_refused", "naughty-strings.json", |text| {
            let (accepted, refused) = check_naughty(text);
            println!("{accepted} naughty strings are bodies, {refused} are refused by a rule");
            assert_eq!(accepted + refused, 515);
        }),
    ];
    let tests = tests.into_iter().chain(with_the_kit()).collect();
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// What needs the storage contract's kit.
#[cfg(feature = "conformance")]
fn with_the_kit() -> Vec<Trial> {
    use frontdesk::store::{MemoryStore, conformance};

    vec![test("a_store_gives_every_naughty_string_back", "naughty-strings.json", |text| {
        let strings: Vec<String> = serde_json::from_str(text).unwrap();
        let factory = conformance::each(MemoryStore::new);
        let given_back = conformance::these_texts_come_back(&factory, &strings);
        futures::executor::block_on(given_back).unwrap();
    })]
}

#[cfg(not(feature = "conformance"))]
fn with_the_kit() -> Vec<Trial> {
    Vec::new()
}

/// A test on a file of the shared data.
fn test(name: &str, file: &'static str, check: fn(&str)) -> Trial {
    Trial::ignorable_test(name, move || match shared_data::read(file) {
        Ok(text) => {
            check(&text);
            Ok(Completion::Completed)
        }
        Err(missing) => missing.outcome(),
    })
}

/// What a file of conversations holds.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    conversations: usize,
    messages: usize,
    bodies: usize,
}

/// T1 to T8 on each message of a file.
fn check_conversations(lines: &str) -> Counts {
    let mut counts = Counts::default();
    for line in lines.lines() {
        let turns = turns(line);
        let bodies: Vec<MessageBody> = turns.iter().filter_map(|text| body(text)).collect();
        check_bodies(&bodies);
        counts.conversations += 1;
        counts.messages += turns.len();
        counts.bodies += bodies.len();
    }
    println!("{counts:?}");
    counts
}

/// T1 to T4: the body that a text is by the rules, if it is one.
#[track_caller]
fn body(text: &str) -> Option<MessageBody> {
    match (MessageBody::new(text), oracle::body(text, MessageBody::DEFAULT_MAX_CHARS)) {
        (Ok(body), Ok(expected)) => {
            assert_eq!(body.as_str(), expected);
            Some(body)
        }
        (Err(error), Err(is_right)) => {
            assert!(is_right(&error), "{text:?}: {error}");
            None
        }
        (body, _) => panic!("{text:?} is {body:?}, against the rules"),
    }
}

fn turns(line: &str) -> Vec<String> {
    let conversation: serde_json::Value = serde_json::from_str(line).unwrap();
    let turns = conversation["turns"].as_array().unwrap();
    turns.iter().map(|turn| turn["text"].as_str().unwrap().to_owned()).collect()
}

/// T5, T7, T8: a body's preview is its definition, both read back on a page, and
/// both come back from JSON.
fn check_bodies(bodies: &[MessageBody]) {
    let previews: Vec<Preview> = bodies.iter().map(Preview::of).collect();
    for (body, preview) in bodies.iter().zip(&previews) {
        assert_eq!((preview.as_str().to_owned(), preview.is_cut()), oracle::preview(body.as_str()));
    }
    oracle::assert_read_back(bodies.iter().map(|body| (body.as_str(), body.to_html().to_string())));
    // The whole ones say little that their bodies do not.
    let cut: Vec<&Preview> = previews.iter().filter(|preview| preview.is_cut()).collect();
    let shown: Vec<String> = cut.iter().map(ToString::to_string).collect();
    let encoded = cut.iter().map(|preview| preview.to_html().to_string());
    oracle::assert_read_back(shown.iter().map(String::as_str).zip(encoded));

    let json = serde_json::to_string(&(bodies, &previews)).unwrap();
    let read: (Vec<MessageBody>, Vec<Preview>) = serde_json::from_str(&json).unwrap();
    assert_eq!(read, (bodies.to_vec(), previews));
}

/// T1 to T8 on each string, as a body, a preview, a name and a one-line text; how
/// many are bodies and how many are refused.
fn check_naughty(json: &str) -> (usize, usize) {
    let strings: Vec<String> = serde_json::from_str(json).unwrap();
    for text in &strings {
        let (line, name) = (OneLine::new(text), DisplayName::new(text));
        assert_eq!(line.as_str(), oracle::line(text));
        assert_eq!(name.as_ref().map(DisplayName::as_str), oracle::name(text).as_deref());
        oracle::assert_read_back([(line.as_str(), line.to_html().to_string())]);
        if let Some(name) = name {
            oracle::assert_read_back([(name.as_str(), name.to_html().to_string())]);
        }
    }
    let bodies: Vec<MessageBody> = strings.iter().filter_map(|text| body(text)).collect();
    check_bodies(&bodies);
    (bodies.len(), strings.len() - bodies.len())
}
