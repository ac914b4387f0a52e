//! Cleaning of single-line texts, for names and previews.

use super::chars::{is_bidi_control, is_invisible, is_trimmed};
use super::clusters::cluster_indices;

/// Puts `text` on one line (T6, T7).
///
/// Drops control characters and bidirectional formatting characters, replaces each
/// whitespace run by one space, and drops whitespace and invisible characters at the start. The
/// result can end with a space, because only the caller knows if more text follows.
pub(super) fn single_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !(c.is_control() || is_bidi_control(c) || line.is_empty() && is_invisible(c)) {
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
    cluster_indices(line)
        .enumerate()
        .find(|&(count, (start, cluster))| count == clusters || start + cluster.len() > bytes)
        .map_or(line.len(), |(_, (start, _))| start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// T6, T7: invisible characters are dropped only before the first visible character.
    #[test]
    fn t6_t7_invisible_characters_are_dropped_at_the_start() {
        for (text, cleaned) in [
            ("\u{200B}\u{2060} \u{AD}\u{2800}Ann", "Ann"),
            ("\u{FE0F}\u{200D}\u{3164}\u{FEFF}Ann\u{200B}", "Ann\u{200B}"),
            ("\u{200B}", ""),
            // Joiners, variation selectors, tags and fillers inside a text stay.
            ("\u{200B}👩\u{200D}👧 ❤\u{FE0F}", "👩\u{200D}👧 ❤\u{FE0F}"),
            ("🏴\u{E0067}\u{E0062}\u{E007F}", "🏴\u{E0067}\u{E0062}\u{E007F}"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("가\u{115F}\u{1161}", "가\u{115F}\u{1161}"),
            ("\u{600}12", "\u{600}12"),
            ("⠓\u{2800}⠊", "⠓\u{2800}⠊"),
        ] {
            assert_eq!(single_line(text), cleaned, "{text:?}");
        }
    }

    proptest! {
        /// T6, T7: cleaning returns one line, and cleaning it again changes nothing.
        #[test]
        fn t6_cleaning_is_idempotent(
            text in "[a \\n\\t\u{FEFF}\u{202E}\u{0}\u{301}\u{200B}\u{200D}\u{FE0F}\u{2800}é👍🏽]{0,40}|\\PC*",
        ) {
            let mut line = single_line(&text);
            prop_assert_eq!(&single_line(&line), &line);
            trim_end(&mut line);
            prop_assert_eq!(&single_line(&line), &line);
            prop_assert!(!line.contains("  ") && !line.chars().any(char::is_control));
            prop_assert_eq!(line.trim_matches(is_trimmed), &line);
            prop_assert!(!line.starts_with(is_invisible));
        }
    }
}
