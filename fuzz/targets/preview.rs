//! T7: a preview is what the plain rules say, and within its bounds.
#![no_main]

use frontdesk::{MessageBody, Preview};
use libfuzzer_sys::fuzz_target;

#[path = "../../tests/support/text.rs"]
mod oracle;

fuzz_target!(|text: &str| {
    let Ok(body) = MessageBody::with_limit(text, usize::MAX) else { return };
    let preview = Preview::of(&body);
    let (expected, is_cut) = oracle::preview(body.as_str());
    assert_eq!((preview.as_str(), preview.is_cut()), (&*expected, is_cut));
    assert!(oracle::clusters(preview.as_str()).len() <= 80);
    assert!(preview.as_str().len() <= 2_048);
});
