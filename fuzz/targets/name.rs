//! T6: names and other single-line texts are cleaned as the reference implementation says.
#![no_main]

use frontdesk::{DisplayName, SingleLine};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod reference;

fuzz_target!(|text: &str| {
    let line = SingleLine::new(text);
    assert_eq!(line.as_str(), reference::single_line(text));
    let name = DisplayName::new(text);
    assert_eq!(name.as_ref().map(DisplayName::as_str), reference::name(text).as_deref());
    if let Some(name) = name {
        assert_eq!(
            DisplayName::new(name.as_str()),
            Some(name),
            "a cleaned name changes when it is cleaned again"
        );
    }
});
