//! T5: encoding gives the same result as a replacement character by character, and an HTML
//! parser turns the encoded text back into the raw text.
#![no_main]

use frontdesk::MessageBody;
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod reference;

fn encode_by_character(text: &str) -> String {
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
    assert_eq!(html, encode_by_character(body.as_str()));
    reference::assert_read_back([(body.as_str(), html)]);
});
