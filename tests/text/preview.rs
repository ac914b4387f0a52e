//! Previews of generated bodies (T7).

use frontdesk::{MessageBody, Preview};
use proptest::prelude::*;
use proptest::sample::select;

use crate::reference;
use crate::strategies::{fill, piece, stored_body_text};

/// Returns the text of a stored body's preview, and `true` if the preview was cut.
pub(crate) fn preview_of(text: &str) -> (String, bool) {
    let preview = Preview::of(&MessageBody::from_stored(text).unwrap());
    (preview.as_str().to_owned(), preview.is_cut())
}

proptest! {
    /// T7: a preview equals the reference.
    #[test]
    fn t7_a_preview_equals_the_reference(text in stored_body_text()) {
        prop_assert_eq!(preview_of(&text), reference::preview(&text));
    }

    /// T7: a preview equals the reference if the text is about as long as the 4,096 bytes that are
    /// read.
    #[test]
    fn t7_a_preview_equals_the_reference_at_the_read_limit(
        dropped in select(&["\u{202E}", " ", "\n", "\u{2066} ", "\u{3000}"][..]),
        bytes_before_limit in 0..120_usize,
        clusters in prop::collection::vec(piece(), 1..60),
    ) {
        let start = "a".to_owned() + &fill(dropped, 4096 - bytes_before_limit);
        let text = start + &clusters.concat();
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        prop_assert_eq!(preview_of(&text), reference::preview(&text));
    }

    /// T7: a preview equals the reference if the limit in bytes is reached before the limit in
    /// grapheme clusters.
    #[test]
    fn t7_a_preview_equals_the_reference_at_the_limit_in_bytes(
        marks in 10..60_usize,
        clusters in 20..80_usize,
        last in 0..1200_usize,
        rest in stored_body_text(),
    ) {
        let cluster = |marks| format!("a{}", "\u{301}".repeat(marks));
        let text = cluster(marks).repeat(clusters) + &cluster(last) + &rest;
        prop_assert_eq!(preview_of(&text), reference::preview(&text));
    }

    /// T7: a preview is a single line within its limits, does not end with a space, and
    /// displays an ellipsis exactly if it was cut.
    #[test]
    fn t7_a_preview_is_within_its_limits(text in stored_body_text()) {
        let preview = Preview::of(&MessageBody::from_stored(&*text).unwrap());
        let shown = preview.as_str();
        prop_assert!(shown.len() <= 2048 && reference::clusters(shown).len() <= 80);
        prop_assert!(!shown.chars().any(|c| c.is_control() || c.is_whitespace() && c != ' '));
        prop_assert_eq!(reference::trim(shown), shown);
        let ellipsis = if preview.is_cut() { "…" } else { "" };
        prop_assert_eq!(preview.to_string(), format!("{shown}{ellipsis}"));
    }

    /// T7: a preview does not depend on the text after the first 4,096 bytes.
    #[test]
    fn t7_the_text_after_the_read_limit_is_not_read(
        text in stored_body_text(),
        (rest, other_rest) in (stored_body_text(), stored_body_text()),
    ) {
        let mut start = fill(&text, 4096);
        while start.len() > 4096 {
            start.pop();
        }
        let start = start + "\u{10FFFF}";
        prop_assert!(start.len() > 4096);
        prop_assert_eq!(preview_of(&(start.clone() + &rest)), preview_of(&(start + &other_rest)));
    }
}
