//! T5: what is encoded is the naive replacement, character by character, and a
//! browser's parser reads it back as what was typed.
#![no_main]

use frontdesk::MessageBody;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod oracle;

fn naively(text: &str) -> String {
    let encoded = text.chars().map(|c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#x27;".to_owned(),
        '/' => "&#x2f;".to_owned(),
        other => other.to_string(),
    });
    encoded.collect()
}

fuzz_target!(|text: &str| {
    let Ok(body) = MessageBody::with_limit(text, usize::MAX) else { return };
    let html = body.to_html().to_string();
    assert_eq!(html, naively(body.as_str()));
    oracle::assert_read_back([(body.as_str(), html)]);
});
