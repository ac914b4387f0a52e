//! T7: a preview equals the preview of the reference implementation and is within the limits.
#![no_main]

use frontdesk::{MessageBody, Preview};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod reference;

fuzz_target!(|text: &str| {
    let Ok(body) = MessageBody::with_limit(text, usize::MAX) else { return };
    let preview = Preview::of(&body);
    let (expected, is_cut) = reference::preview(body.as_str());
    assert_eq!((preview.as_str(), preview.is_cut()), (&*expected, is_cut));
    assert!(reference::clusters(preview.as_str()).len() <= 80);
    assert!(preview.as_str().len() <= 2_048);
});
