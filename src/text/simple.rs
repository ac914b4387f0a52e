//! Texts of characters that are shown as typed and are grapheme clusters by
//! themselves: most messages. Where their previews end is told without segmenting
//! them, in a twentieth of the time for English and a fifth for Chinese.

use super::Preview;

/// How much of a text is looked at: behind a space at the cut there may be nothing
/// that is shown.
const LOOKED_AT: usize = Preview::MAX_CLUSTERS + 2;

/// Where the preview of `text` ends; `None` when it has to be segmented.
pub(super) fn end_of_preview(text: &str) -> Option<usize> {
    if is_ascii_line(text) {
        return Some(text.len().min(Preview::MAX_CLUSTERS));
    }
    let mut cut = None;
    let mut after_space = true;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let is_space = c == ' ';
        let is_odd = if is_space { after_space } else { !is_simple(c) };
        if is_odd {
            return None;
        }
        if count == Preview::MAX_CLUSTERS {
            cut = Some(at);
        }
        if cut.is_some() && !is_space {
            return cut;
        }
        after_space = is_space;
    }
    if after_space { None } else { Some(text.len()) }
}

/// Whether what is looked at are visible ASCII characters with single spaces
/// between them. In u8 arithmetic on a block of fixed size, which the compiler
/// makes vector instructions of.
fn is_ascii_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut block = [b'x'; LOOKED_AT];
    let some = bytes.len().min(LOOKED_AT);
    block[..some].copy_from_slice(&bytes[..some]);
    let odd = |byte: u8| u8::from(byte.wrapping_sub(b' ') > b'~' - b' ');
    let space = |byte: u8| u8::from(byte == b' ');
    let odd = block.iter().fold(0, |any, &byte| any | odd(byte));
    let spaces = block.iter().zip(&block[1..]).fold(0, |any, (&a, &b)| any | space(a) & space(b));
    odd | spaces == 0 && !text.starts_with(' ') && !text.ends_with(' ')
}

/// Whether a character is visible, is not joined to another simple one by any
/// rule of UAX #29, and is what most messages are made of.
fn is_simple(c: char) -> bool {
    matches!(c,
        '!'..='~'
        | '\u{C0}'..='\u{2FF}' // Latin
        | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}' // Greek, Cyrillic
        | '\u{2010}'..='\u{2027}' // dashes, quotation marks
        | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30A0}'..='\u{30FF}' // Japanese
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' // Chinese
        | '\u{AC00}'..='\u{D7A3}' // Korean
        | '\u{FF01}'..='\u{FF9D}' // wide forms
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::chars;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    /// T7: around the cut, what is told of a simple text is what its clusters tell.
    #[test]
    fn t7_a_simple_text_is_cut_where_its_clusters_say() {
        for letter in ["a", "é", "漢"] {
            for len in 76..86 {
                for space in 74..len {
                    let mut letters = vec![letter; len];
                    letters[space] = " ";
                    for end in ["", "!", " ", "  ", "\n", "\u{301}", "\u{FEFF}"] {
                        let text = letters.concat() + end;
                        let clusters: Vec<&str> = text.graphemes(true).collect();
                        let Some(told) = end_of_preview(&text) else { continue };
                        let fits = clusters.len() <= Preview::MAX_CLUSTERS;
                        let kept = if fits { &clusters[..] } else { &clusters[..80] };
                        assert_eq!(told, kept.concat().len(), "{letter} {len} {space} {end:?}");
                        assert!(!fits || !text.ends_with([' ', '\n']), "{letter} {len} {space}");
                        // Something that is shown is cut off.
                        assert!(!clusters[kept.len()..].concat().trim().is_empty() || fits);
                    }
                }
            }
        }
        assert_eq!(end_of_preview(&"a".repeat(80)), Some(80));
        assert_eq!(end_of_preview(&(" ".to_owned() + &"a".repeat(9))), None);
    }

    /// T7: a simple character is shown as typed, and between two of them UAX #29
    /// has a boundary whichever they are: beside one of each kind that joins
    /// another, and beside its own kind.
    #[test]
    fn t7_simple_characters_are_shown_and_do_not_join() {
        for c in ('\0'..=char::MAX).filter(|&c| is_simple(c)) {
            assert_eq!(chars::one_line(&c.to_string()), c.to_string());
            for other in [c, ' ', 'a', '漢', '가', '각'] {
                for pair in [[c, other], [other, c]] {
                    let clusters = String::from_iter(pair).graphemes(true).count();
                    assert_eq!(clusters, 2, "U+{:04X} U+{:04X}", pair[0] as u32, pair[1] as u32);
                }
            }
        }
    }

    /// T7: of a simple text it is told where its preview ends, however long it is.
    #[test]
    fn t7_the_end_is_told_of_every_simple_text() {
        for words in ["See you at nine!", "Até às nove.", "Увидимся в девять!", "明天九点见。"]
        {
            for times in [1, 5, 6, 50] {
                let text = vec![words; times].join(" ");
                let end = text.char_indices().nth(80).map_or(text.len(), |(at, _)| at);
                assert_eq!(end_of_preview(&text), Some(end), "{text}");
            }
        }
    }

    proptest! {
        /// T7: a text is an ASCII line when what is looked at is one by its definition.
        #[test]
        fn t7_an_ascii_line_is_its_definition(
            text in "( ?[!a~]{1,9}){0,20} ?|[ -~]{70,90}|[ !~\\n\u{1F}\u{7F}é]{0,9}|a{79,83}[ é]{0,3}",
        ) {
            let looked_at: String = text.chars().take(LOOKED_AT).collect();
            let is_visible = looked_at.chars().all(|c| c == ' ' || c.is_ascii_graphic());
            let spaces_are_single = !looked_at.contains("  ") && !text.starts_with(' ');
            let expected = is_visible && spaces_are_single && !text.ends_with(' ');
            prop_assert_eq!(is_ascii_line(&text), expected);
        }
    }
}
