//! T6: names and the other one-line texts are cleaned as the plain rules say.
#![no_main]

use frontdesk::{DisplayName, OneLine};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod oracle;

fuzz_target!(|text: &str| {
    let line = OneLine::new(text);
    assert_eq!(line.as_str(), oracle::line(text));
    let name = DisplayName::new(text);
    assert_eq!(name.as_ref().map(DisplayName::as_str), oracle::name(text).as_deref());
    if let Some(name) = name {
        assert_eq!(DisplayName::new(name.as_str()), Some(name), "a clean name stays as it is");
    }
});
