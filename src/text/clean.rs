//! Cleaning of single-line texts, for names and previews.

use unicode_segmentation::UnicodeSegmentation;

use super::chars::{is_bidi_control, is_trimmed};

/// Puts `text` on one line (T6, T7).
///
/// Drops control characters and bidirectional formatting characters, replaces each
/// whitespace run by one space and trims the start. The result can end with a space, because
/// only the caller knows if more text follows.
pub(super) fn single_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !(c.is_control() || is_bidi_control(c) || line.is_empty() && is_trimmed(c)) {
            line.push(c);
        }
    }
    line
}

/// Drops the trailing characters of `line` that T1 trims: whitespace and the byte order mark.
pub(super) fn trim_end(line: &mut String) {
    line.truncate(line.trim_end_matches(is_trimmed).len());
}

/// Returns the length of the longest prefix of `line` that has at most `clusters`
/// extended grapheme clusters (UAX #29) and `bytes` bytes and ends between grapheme clusters.
pub(super) fn prefix_len(line: &str, clusters: usize, bytes: usize) -> usize {
    line.grapheme_indices(true)
        .enumerate()
        .find(|&(count, (start, cluster))| count == clusters || start + cluster.len() > bytes)
        .map_or(line.len(), |(_, (start, _))| start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// T6, T7: cleaning returns one line, and cleaning it again changes nothing.
        #[test]
        fn t6_cleaning_is_idempotent(
            text in "[a \\n\\t\u{FEFF}\u{202E}\u{0}\u{301}é👍🏽]{0,40}|\\PC*",
        ) {
            let mut line = single_line(&text);
            prop_assert_eq!(&single_line(&line), &line);
            trim_end(&mut line);
            prop_assert_eq!(&single_line(&line), &line);
            prop_assert!(!line.contains("  ") && !line.chars().any(char::is_control));
            prop_assert_eq!(line.trim_matches(is_trimmed), &line);
        }
    }
}
