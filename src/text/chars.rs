//! Character classes of the text rules.

/// Invisible characters: all characters with the property `Default_Ignorable_Code_Point` or the
/// general category Cf, except those with the property `Prepended_Concatenation_Mark` (U+0600 and
/// similar marks, which are visible). The blank Braille pattern U+2800 is invisible as well,
/// although Unicode has it among the symbols.
///
/// The ranges include both ends and are sorted. They are taken from Unicode 17.0,
/// `DerivedCoreProperties.txt` and `UnicodeData.txt`.
const INVISIBLE: [(char, char); 19] = [
    ('\u{AD}', '\u{AD}'),
    ('\u{34F}', '\u{34F}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{115F}', '\u{1160}'),
    ('\u{17B4}', '\u{17B5}'),
    ('\u{180B}', '\u{180F}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{206F}'),
    ('\u{2800}', '\u{2800}'),
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

/// Returns `true` if the character is trimmed at the ends of a text (T1): Unicode `White_Space`
/// and the byte order mark.
pub(super) fn is_trimmed(c: char) -> bool {
    c.is_whitespace() || c == '\u{FEFF}'
}

/// Returns `true` if the character is a line break that is replaced by `\n` (T1): CR, VT, FF, NEL,
/// LS or PS.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns `true` for a `Bidi_Control` character, which would reorder the text around it.
pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Returns `true` if `text` has no visible character (T2).
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Returns `true` if the character is invisible (T2), apart from whitespace.
pub(super) fn is_invisible(c: char) -> bool {
    let after = INVISIBLE.partition_point(|&(first, _)| first <= c);
    after > 0 && c <= INVISIBLE[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T2: the table agrees with the Unicode data of the `regex` crate.
    #[test]
    fn t2_invisible_characters_agree_with_unicode() {
        let unicode_class = regex::Regex::new(r"^[[\p{DI}\p{Cf}]--\p{PCM}]$").unwrap();
        for c in '\0'..=char::MAX {
            let expected = unicode_class.is_match(c.encode_utf8(&mut [0; 4])) || c == '\u{2800}';
            assert_eq!(is_invisible(c), expected, "U+{:04X}", u32::from(c));
        }
    }

    /// T6, T7: the bidirectional formatting characters are Unicode's `Bidi_Control`.
    #[test]
    fn t6_bidi_controls_agree_with_unicode() {
        let unicode_class = regex::Regex::new(r"^\p{Bidi_Control}$").unwrap();
        for c in '\0'..=char::MAX {
            let expected = unicode_class.is_match(c.encode_utf8(&mut [0; 4]));
            assert_eq!(is_bidi_control(c), expected, "U+{:04X}", u32::from(c));
        }
    }
}
