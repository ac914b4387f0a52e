//! The text rules T1 to T8 on real conversations and on hostile strings.
//!
//! The environment variable `FRONTDESK_DATA` names the folder of the data. The default is
//! `../shared/data` beside the workspace. If the file of a test is missing, the test is reported as
//! ignored, with the name of the file. With `CI=true`, the test fails instead.

use std::process::ExitCode;

use frontdesk::{DisplayName, MessageBody, Preview, SingleLine};
use libtest_mimic::{Arguments, Completion, Trial};

#[path = "support/text.rs"]
mod reference;
#[path = "support/shared_data.rs"]
mod shared_data;

fn main() -> ExitCode {
    let tests = vec![
        test("every_english_message_is_a_valid_body", "conversations-en.jsonl", |text| {
            // Two messages of the data set are empty, so they are rejected as blank (T2).
            let expected = Counts { conversations: 2_921, messages: 49_726, bodies: 49_724 };
            assert_eq!(check_conversations(text), expected);
        }),
        test("every_chinese_message_is_a_valid_body", "conversations-zh.jsonl", |text| {
            let expected = Counts { conversations: 500, messages: 8_476, bodies: 8_476 };
            assert_eq!(check_conversations(text), expected);
        }),
        test(
            "every_naughty_string_is_a_valid_body_or_is_rejected",
            "naughty-strings.json",
            |text| {
                let (accepted, rejected) = check_naughty_strings(text);
                println!("{accepted} strings are valid bodies, {rejected} are rejected");
                assert_eq!(accepted + rejected, 515);
            },
        ),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// Returns a test that checks a file of the shared data.
fn test(name: &str, file: &'static str, check: fn(&str)) -> Trial {
    Trial::ignorable_test(name, move || match shared_data::read(file) {
        Ok(text) => {
            check(&text);
            Ok(Completion::Completed)
        }
        Err(missing) => missing.outcome(),
    })
}

/// Counts of a file of conversations.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    conversations: usize,
    messages: usize,
    bodies: usize,
}

/// Checks the text rules T1 to T8 on each message of a file. Returns the numbers of conversations,
/// messages and valid bodies.
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

/// Checks that the crate accepts or rejects a text like the reference (T1 to T4). Returns the body,
/// or `None` if the text is rejected.
#[track_caller]
fn body(text: &str) -> Option<MessageBody> {
    match (MessageBody::new(text), reference::body(text, MessageBody::DEFAULT_MAX_CHARS)) {
        (Ok(body), Ok(expected)) => {
            assert_eq!(body.as_str(), expected);
            Some(body)
        }
        (Err(error), Err(is_expected)) => {
            assert!(is_expected(&error), "{text:?}: {error}");
            None
        }
        (actual, _) => panic!("{text:?}: unexpected result {actual:?}"),
    }
}

/// Returns the messages of a conversation, which is one line of a file.
fn turns(line: &str) -> Vec<String> {
    let conversation: serde_json::Value = serde_json::from_str(line).unwrap();
    let turns = conversation["turns"].as_array().unwrap();
    turns.iter().map(|turn| turn["text"].as_str().unwrap().to_owned()).collect()
}

/// Checks T5, T7 and T8: previews equal the reference, and an HTML parser and JSON return
/// bodies and previews unchanged.
fn check_bodies(bodies: &[MessageBody]) {
    let previews: Vec<Preview> = bodies.iter().map(Preview::of).collect();
    for (body, preview) in bodies.iter().zip(&previews) {
        assert_eq!(
            (preview.as_str().to_owned(), preview.is_cut()),
            reference::preview(body.as_str())
        );
    }
    reference::assert_read_back(
        bodies.iter().map(|body| (body.as_str(), body.to_html().to_string())),
    );
    // A preview that was not cut is nearly the same text as its body, so only cut previews are read
    // back from HTML.
    let cut: Vec<&Preview> = previews.iter().filter(|preview| preview.is_cut()).collect();
    let shown: Vec<String> = cut.iter().map(ToString::to_string).collect();
    let encoded = cut.iter().map(|preview| preview.to_html().to_string());
    reference::assert_read_back(shown.iter().map(String::as_str).zip(encoded));

    let json = serde_json::to_string(&(bodies, &previews)).unwrap();
    let actual: (Vec<MessageBody>, Vec<Preview>) = serde_json::from_str(&json).unwrap();
    assert_eq!(actual, (bodies.to_vec(), previews));
}

/// Checks the text rules T1 to T8 on each string as a body, a preview, a name and a single-line
/// text. Returns the number of valid bodies and of rejected strings.
fn check_naughty_strings(json: &str) -> (usize, usize) {
    let strings: Vec<String> = serde_json::from_str(json).unwrap();
    for text in &strings {
        let (line, name) = (SingleLine::new(text), DisplayName::new(text));
        assert_eq!(line.as_str(), reference::single_line(text));
        assert_eq!(name.as_ref().map(DisplayName::as_str), reference::name(text).as_deref());
        reference::assert_read_back([(line.as_str(), line.to_html().to_string())]);
        if let Some(name) = name {
            reference::assert_read_back([(name.as_str(), name.to_html().to_string())]);
        }
    }
    let bodies: Vec<MessageBody> = strings.iter().filter_map(|text| body(text)).collect();
    check_bodies(&bodies);
    (bodies.len(), strings.len() - bodies.len())
}
