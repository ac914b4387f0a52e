//! Which characters the text rules speak of, and the one-line form that names
//! and previews share.

use unicode_segmentation::UnicodeSegmentation;

/// Characters that show nothing: `Default_Ignorable_Code_Point` and the general
/// category Cf, without `Prepended_Concatenation_Mark` (U+0600 and its kind,
/// which are visible). Unicode 17.0, `DerivedCoreProperties.txt` and
/// `UnicodeData.txt`; ascending, both ends included.
const INVISIBLE: [(char, char); 18] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFA0}', '\u{FFA0}'),
    ('\u{FFF0}', '\u{FFFB}'),
    ('\u{13430}', '\u{1343F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0000}', '\u{E0FFF}'),
];

/// What is trimmed at the ends of a text (T1): Unicode `White_Space` and the
/// byte order mark.
pub(super) fn is_trimmed(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// The `Bidi_Control` characters: they would reorder the line they are shown in.
pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a reader would see anything of `text` (T2).
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

fn is_invisible(c: char) -> bool {
    let after = INVISIBLE.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= INVISIBLE[after - 1].1
}

/// `text` on one line: control and bidirectional formatting characters dropped,
/// whitespace runs made one space, trimmed at the start (T6, T7). A space may be
/// left at the end, for whoever knows whether the text goes on.
pub(super) fn one_line(text: &str) -> String {
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

/// Drops what T1 trims from the end of `line`.
pub(super) fn trim_end(line: &mut String) {
    line.truncate(line.trim_end_matches(is_trimmed).len());
}

/// Where to cut `line` so that at most `clusters` extended grapheme clusters
/// (UAX #29) and `bytes` bytes stay; the whole length when all of it fits.
pub(super) fn cut_at(line: &str, clusters: usize, bytes: usize) -> usize {
    line.grapheme_indices(true)
        .enumerate()
        .find(|&(n, (at, cluster))| n == clusters || at + cluster.len() > bytes)
        .map_or(line.len(), |(_, (at, _))| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// T2: the table is Unicode's, as the `regex` crate knows it.
    #[test]
    fn t2_the_invisible_characters_are_those_of_unicode() {
        let of_unicode = regex::Regex::new(r"^[[\p{DI}\p{Cf}]--\p{PCM}]$").unwrap();
        for c in '\0'..=char::MAX {
            let expected = of_unicode.is_match(c.encode_utf8(&mut [0; 4]));
            assert_eq!(is_invisible(c), expected, "U+{:04X}", u32::from(c));
        }
    }

    /// T6, T7: the characters dropped from a line are Unicode's `Bidi_Control`.
    #[test]
    fn t6_the_bidi_controls_are_those_of_unicode() {
        let of_unicode = regex::Regex::new(r"^\p{Bidi_Control}$").unwrap();
        for c in '\0'..=char::MAX {
            let expected = of_unicode.is_match(c.encode_utf8(&mut [0; 4]));
            assert_eq!(is_bidi_control(c), expected, "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        /// T6, T7: a line is one line, and making it twice changes nothing.
        #[test]
        fn t6_one_line_is_idempotent(text in "[a \\n\\t\u{FEFF}\u{202E}\u{0}\u{301}é👍🏽]{0,40}|\\PC*") {
            let mut line = one_line(&text);
            prop_assert_eq!(&one_line(&line), &line);
            trim_end(&mut line);
            prop_assert_eq!(&one_line(&line), &line);
            prop_assert!(!line.contains("  ") && !line.chars().any(char::is_control));
            prop_assert_eq!(line.trim_matches(is_trimmed), &line);
        }
    }
}
