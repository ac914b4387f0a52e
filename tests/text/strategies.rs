//! Strategies that generate texts.

use proptest::prelude::*;
use proptest::sample::select;

/// Parts of generated texts.
const PIECES: [&str; 72] = [
    // Letters of 1 to 4 bytes.
    "a",
    "b",
    "Z",
    "é",
    "ß",
    "0",
    ".",
    "漢",
    "ا",
    "א",
    "𝒳",
    "…",
    // Marks.
    "e\u{301}",
    "\u{301}",
    "\u{20DD}",
    "\u{FE0F}",
    "Z\u{351}\u{36B}\u{343}",
    // Emoji.
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "\u{200D}",
    "🏽",
    "❤\u{FE0F}",
    "🇳🇱",
    "🇳",
    "1\u{FE0F}\u{20E3}",
    // Tags.
    "🏴\u{E0067}\u{E0062}\u{E007F}",
    "\u{E0041}",
    // Hangul.
    "\u{1100}\u{1161}\u{11A8}",
    "\u{1100}",
    "\u{1161}",
    "\u{11A8}",
    "각",
    // Conjuncts.
    "क\u{94D}ष",
    "क\u{94D}\u{200D}ष\u{93F}",
    "\u{94D}",
    "ക\u{D4D}ഷ",
    // Prepended marks.
    "\u{600}",
    "\u{6DD}",
    "\u{70F}",
    "\u{110BD}",
    // Bidi controls.
    "\u{202E}",
    "\u{202A}",
    "\u{2066}",
    "\u{2069}",
    "\u{61C}",
    "\u{200F}",
    // Whitespace.
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\u{B}",
    "\u{C}",
    "\u{85}",
    "\u{A0}",
    "\u{1680}",
    "\u{2028}",
    "\u{2029}",
    "\u{3000}",
    // Invisible characters.
    "\u{FEFF}",
    "\u{200B}",
    "\u{2060}",
    "\u{AD}",
    "\u{3164}",
    "\u{180E}",
    // Noncharacters.
    "\u{FFFE}",
    "\u{10FFFF}",
    // Markup.
    "<b>",
    "&amp;amp;",
    "\"'/>",
    "</p><!--",
];

/// Generates a part of a text, usually one of [`PIECES`].
pub(crate) fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{1,4}",
    ]
}

/// Repeats a piece until the text has at least `bytes` bytes.
pub(crate) fn fill(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes.div_ceil(piece.len()))
}

/// Generates one piece, repeated to a length near one of the limits in bytes.
fn text_near_a_byte_limit() -> impl Strategy<Value = String> {
    let bytes = select(&[512_usize, 2048, 4096][..]).prop_flat_map(|limit| limit - 60..limit + 20);
    (piece(), bytes).prop_map(|(piece, bytes)| fill(&piece, bytes))
}

/// Generates a text of grapheme clusters so long that the text reaches a limit in bytes before a
/// limit in the number of clusters.
fn long_clusters() -> impl Strategy<Value = String> {
    (piece(), 3..60_usize, 1..90_usize)
        .prop_map(|(base, marks, count)| (base + &"\u{301}".repeat(marks)).repeat(count))
}

/// Generates a text with few or no visible characters.
fn almost_blank_text() -> impl Strategy<Value = String> {
    let invisible =
        ["\u{200B}", "\u{2060}", "\u{AD}", "\u{3164}", "\u{E0041}", "\u{FEFF}", "\u{202E}", " "];
    let visible = ["\u{600}", "\u{6DD}", "\u{70F}", "\u{110BD}", ".", "\u{2800}"];
    let part = prop_oneof![4 => select(invisible.to_vec()), 1 => select(visible.to_vec())];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Generates any text, including control characters.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        20 => piece(),
        3 => (piece(), 2..90_usize).prop_map(|(piece, count)| piece.repeat(count)),
        1 => text_near_a_byte_limit(),
        1 => long_clusters(),
        1 => select(&["\0", "\u{7}", "\u{1B}[2J", "\u{7F}", "\u{9F}"][..]).prop_map(str::to_owned),
    ];
    let parts = prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat());
    prop_oneof![5 => parts, 1 => almost_blank_text()]
}

/// Generates any text without the control characters that a body may not contain (T3).
pub(crate) fn text_without_control_characters() -> impl Strategy<Value = String> {
    any_text().prop_map(|text| {
        let is_allowed = |c: &char| !c.is_control() || c.is_whitespace();
        text.chars().filter(is_allowed).collect()
    })
}

/// Generates a text that is valid as a stored body (T8). The text can begin or end with whitespace.
pub(crate) fn stored_body_text() -> impl Strategy<Value = String> {
    let long = (text_near_a_byte_limit(), text_without_control_characters())
        .prop_map(|(start, rest)| start + &rest);
    prop_oneof![4 => text_without_control_characters(), 1 => long].prop_map(|text| {
        let is_allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        let text: String = text.chars().filter(is_allowed).collect();
        if text.is_empty() { "a".to_owned() } else { text }
    })
}
