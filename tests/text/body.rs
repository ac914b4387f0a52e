//! Typed texts and message bodies (T1 to T4).

use frontdesk::MessageBody;
use proptest::prelude::*;
use proptest::sample::select;

use crate::reference;
use crate::strategies::{any_text, text_without_control_characters};

/// The line breaks that become `\n` in a body (T1).
const LINE_BREAKS: [&str; 7] = ["\r\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"];

proptest! {
    /// T1 to T4: a text becomes the expected body, or is rejected with the error of a rule that it
    /// breaks.
    #[test]
    fn t1_t2_t3_t4_a_text_becomes_a_body_or_is_rejected(
        text in any_text(),
        limit in 0..6000_usize,
    ) {
        match (MessageBody::with_limit(&text, limit), reference::body(&text, limit)) {
            (Ok(body), Ok(expected)) => prop_assert_eq!(body.as_str(), expected),
            (Err(error), Err(is_expected)) => prop_assert!(is_expected(&error), "{}", error),
            (actual, expected) => {
                prop_assert!(false, "{:?}, the text is valid: {}", actual, expected.is_ok());
            }
        }
    }

    /// T1, I4: texts that differ only in their kind of line breaks and in surrounding
    /// whitespace match the same body, and other texts do not.
    #[test]
    fn t1_i4_an_input_matches_exactly_the_body_that_it_becomes(
        text in text_without_control_characters(),
        before in "[ \t\n\r\u{85}\u{FEFF}\u{3000}]{0,4}",
        after in "[ \t\n\r\u{2029}\u{FEFF}]{0,4}",
        line_break in select(&LINE_BREAKS[..]),
        other in text_without_control_characters(),
    ) {
        let Ok(body) = MessageBody::with_limit(&text, usize::MAX) else { return Ok(()) };
        let variant = format!("{before}{}{after}", body.as_str().replace('\n', line_break));
        prop_assert!(body.matches_input(&text) && body.matches_input(&variant));
        let is_same = reference::normalized(&other) == body.as_str();
        prop_assert_eq!(body.matches_input(&other), is_same);
        let longer = format!("{}.", body.as_str());
        prop_assert!(!body.matches_input(&longer));
    }
}
