//! The text rules T1 to T8 against their plain definitions, Unicode's own test
//! data and a browser's parser, on texts made to be nasty.

use frontdesk::{
    BodyError, Booking, BookingId, ConfirmationCode, DisplayName, Html, LineError, MessageBody,
    OneLine, Preview, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[path = "support/text.rs"]
mod text_oracle;

use text_oracle as oracle;

/// What nasty texts are put together from.
const PIECES: [&str; 72] = [
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
    "…", // letters of 1 to 4 bytes
    "e\u{301}",
    "\u{301}",
    "\u{20DD}",
    "\u{FE0F}",
    "Z\u{351}\u{36B}\u{343}", // marks
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "\u{200D}",
    "🏽",
    "❤\u{FE0F}",
    "🇳🇱",
    "🇳",
    "1\u{FE0F}\u{20E3}", // emoji
    "🏴\u{E0067}\u{E0062}\u{E007F}",
    "\u{E0041}", // tags
    "\u{1100}\u{1161}\u{11A8}",
    "\u{1100}",
    "\u{1161}",
    "\u{11A8}",
    "각", // Hangul
    "क\u{94D}ष",
    "क\u{94D}\u{200D}ष\u{93F}",
    "\u{94D}",
    "ക\u{D4D}ഷ", // conjuncts
    "\u{600}",
    "\u{6DD}",
    "\u{70F}",
    "\u{110BD}", // prepended marks
    "\u{202E}",
    "\u{202A}",
    "\u{2066}",
    "\u{2069}",
    "\u{61C}",
    "\u{200F}", // bidi controls
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
    "\u{3000}", // whitespace
    "\u{FEFF}",
    "\u{200B}",
    "\u{2060}",
    "\u{AD}",
    "\u{3164}",
    "\u{180E}", // nothing visible
    "\u{FFFE}",
    "\u{10FFFF}", // not characters
    "<b>",
    "&amp;amp;",
    "\"'/>",
    "</p><!--", // markup
];

/// A piece, most often one of the above.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{1,4}",
    ]
}

/// One piece, repeated until there are so many bytes.
fn filled(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes.div_ceil(piece.len()))
}

/// A piece repeated to the neighbourhood of a bound in bytes.
fn fill() -> impl Strategy<Value = String> {
    let near = select(&[512_usize, 2048, 4096][..]).prop_flat_map(|bound| bound - 60..bound + 20);
    (piece(), near).prop_map(|(piece, bytes)| filled(&piece, bytes))
}

/// Clusters of many bytes, so that bytes run out before clusters do.
fn fat() -> impl Strategy<Value = String> {
    (piece(), 3..60_usize, 1..90_usize)
        .prop_map(|(base, marks, n)| (base + &"\u{301}".repeat(marks)).repeat(n))
}

/// A text with little or nothing to see in it.
fn hardly_visible() -> impl Strategy<Value = String> {
    let invisible =
        ["\u{200B}", "\u{2060}", "\u{AD}", "\u{3164}", "\u{E0041}", "\u{FEFF}", "\u{202E}", " "];
    let visible = ["\u{600}", "\u{6DD}", "\u{70F}", "\u{110BD}", ".", "\u{2800}"];
    let part = prop_oneof![4 => select(invisible.to_vec()), 1 => select(visible.to_vec())];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// Any text, control characters included.
fn anything() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        20 => piece(),
        3 => (piece(), 2..90_usize).prop_map(|(piece, n)| piece.repeat(n)),
        1 => fill(),
        1 => fat(),
        1 => select(&["\0", "\u{7}", "\u{1B}[2J", "\u{7F}", "\u{9F}"][..]).prop_map(str::to_owned),
    ];
    let parts = prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat());
    prop_oneof![5 => parts, 1 => hardly_visible()]
}

/// Any text without the characters of T3.
fn nasty() -> impl Strategy<Value = String> {
    anything().prop_map(|text| {
        let typeable = |c: &char| !c.is_control() || c.is_whitespace();
        text.chars().filter(typeable).collect()
    })
}

/// What is a body already; its ends may be untrimmed, as T8 allows.
fn stored() -> impl Strategy<Value = String> {
    let far = (fill(), nasty()).prop_map(|(fill, rest)| fill + &rest);
    prop_oneof![4 => nasty(), 1 => far].prop_map(|text| {
        let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        Some(text.chars().filter(kept).collect::<String>())
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "a".to_owned())
    })
}

fn body_of(stored: &str) -> MessageBody {
    MessageBody::from_stored(stored).unwrap()
}

/// What the crate shows of a stored body, and whether it was cut.
fn shown(stored: &str) -> (String, bool) {
    let preview = Preview::of(&body_of(stored));
    (preview.as_str().to_owned(), preview.is_cut())
}

proptest! {
    /// T1 to T4: a text is the body that the rules make of it, or is refused by
    /// one that it breaks.
    #[test]
    fn t1_to_t4_a_text_is_a_body_or_is_refused_by_its_rule(text in anything(), limit in 0..6000_usize) {
        match (MessageBody::with_limit(&text, limit), oracle::body(&text, limit)) {
            (Ok(body), Ok(expected)) => prop_assert_eq!(body.as_str(), expected),
            (Err(error), Err(is_right)) => prop_assert!(is_right(&error), "{}", error),
            (body, expected) => {
                prop_assert!(false, "{:?}, by the rules valid: {}", body, expected.is_ok());
            }
        }
    }

    /// T1, I4: whoever typed the same with other line breaks and other spaces
    /// around it typed the same, and nobody else did.
    #[test]
    fn t1_texts_are_the_same_when_they_become_the_same_body(
        text in nasty(),
        (before, after) in ("[ \t\n\r\u{85}\u{FEFF}\u{3000}]{0,4}", "[ \t\n\r\u{2029}\u{FEFF}]{0,4}"),
        line_break in select(&["\r\n", "\r", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"][..]),
        other in nasty(),
    ) {
        let Ok(body) = MessageBody::with_limit(&text, usize::MAX) else { return Ok(()) };
        let again = format!("{before}{}{after}", body.as_str().replace('\n', line_break));
        prop_assert!(body.is_what_was_typed(&text) && body.is_what_was_typed(&again));
        let same = oracle::typed(&other) == body.as_str();
        prop_assert_eq!(body.is_what_was_typed(&other), same);
        let longer = format!("{}.", body.as_str());
        prop_assert!(!body.is_what_was_typed(&longer));
    }
}

/// What a browser reads of everything that the crate makes of one text, and what
/// it should read.
fn assert_everything_reads_back(text: &str) {
    let mut outputs = Vec::new();
    let line = OneLine::new(text);
    outputs.push((line.as_str().to_owned(), line.to_html()));
    let booking = Booking::new(BookingId::new("b-1").unwrap(), text, text, Timestamp::UNIX_EPOCH);
    outputs.push((booking.code.as_str().to_owned(), booking.code.to_html()));
    if let Some(name) = DisplayName::new(text) {
        outputs.push((name.as_str().to_owned(), name.to_html()));
    }
    if let Ok(body) = MessageBody::with_limit(text, usize::MAX) {
        outputs.push((body.as_str().to_owned(), body.to_html()));
        let preview = Preview::of(&body);
        outputs.push((preview.to_string(), preview.to_html()));
    }
    oracle::assert_read_back(outputs.iter().map(|(text, html)| (&**text, html.to_string())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// T5: what a body, a name, a one-line text and a preview say is read by a
    /// browser's parser as it is, and is no element and no attribute.
    #[test]
    fn t5_encoded_text_is_read_by_a_browser_as_what_it_says(text in nasty()) {
        assert_everything_reads_back(&text);
    }

    /// T5: the same for any text at all but CR, which HTML turns into a line
    /// feed, and NUL, which it drops; and at the end of a page as on its own.
    #[test]
    fn t5_any_text_but_cr_and_nul_is_read_as_what_it_says(text in anything()) {
        let text = text.replace(['\r', '\0'], "");
        let html = Html::encode(&text).to_string();
        let mut page = "<p>".to_owned();
        Html::encode_into(&text, &mut page);
        prop_assert_eq!(page.strip_prefix("<p>"), Some(&*html));
        oracle::assert_read_back([(&*text, html)]);
    }
}

/// What people type into a form to see what happens.
const TYPED: [&str; 16] = [
    "<b>",
    "&lt;",
    "&amp;amp;",
    "&#39;",
    "&#x27",
    "&notit;",
    "&copy",
    "</p><script>alert(1)</script>",
    "<!-- -->",
    "<![CDATA[ x ]]>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)",
    "a/b//c",
    "\u{202E}\u{FEFF}x",
    "{{7*7}} ${x}",
    "fish & chips",
];

/// T5: what they typed reads back as typed, on the page and through JSON, where
/// encoded text is a string.
#[test]
fn t5_what_was_typed_reads_back_as_typed() {
    for typed in TYPED {
        assert_everything_reads_back(typed);
        let body = MessageBody::new(typed).unwrap();
        let json = serde_json::to_value(body.to_html()).unwrap();
        assert_eq!(json, serde_json::Value::from(body.to_html().to_string()), "{typed}");
        let read: String = serde_json::from_value(json).unwrap();
        oracle::assert_read_back([(typed, read)]);
        assert_eq!(serde_json::to_value(&body).unwrap(), typed, "stored raw");
    }
}

proptest! {
    /// T1, T6: a text is the same by each of the ways to it.
    #[test]
    fn t6_a_text_is_the_same_by_every_way_to_it(text in anything()) {
        let line = OneLine::from(text.as_str());
        prop_assert_eq!(&line, &OneLine::new(&text));
        prop_assert_eq!((line.as_ref(), &*line.to_string()), (line.as_str(), line.as_str()));
        let code = ConfirmationCode::new(&text);
        prop_assert_eq!((code.as_ref(), &*code.to_string()), (line.as_str(), line.as_str()));
        if let Some(name) = DisplayName::new(&text) {
            prop_assert_eq!((name.as_ref(), &*name.to_string()), (name.as_str(), name.as_str()));
        }
        if let Ok(body) = MessageBody::new(&text) {
            prop_assert_eq!(body.as_ref(), body.as_str());
        }
    }

    /// T6: a one-line text is its definition.
    #[test]
    fn t6_a_line_is_its_definition(text in anything()) {
        let line = OneLine::new(&text);
        prop_assert_eq!(line.as_str(), oracle::line(&text));
    }

    /// T6: so is a name; nothing visible left is no name.
    #[test]
    fn t6_a_name_is_its_definition(text in anything()) {
        let name = DisplayName::new(&text);
        prop_assert_eq!(name.map(|name| name.as_str().to_owned()), oracle::name(&text));
    }

    /// T6: cleaning what is clean changes nothing.
    #[test]
    fn t6_cleaning_twice_changes_nothing(text in anything()) {
        let line = OneLine::new(&text);
        prop_assert_eq!(&OneLine::new(line.as_str()), &line);
        if let Some(name) = DisplayName::new(&text) {
            prop_assert_eq!(DisplayName::new(name.as_str()), Some(name));
        }
    }

    /// T6: a line is one line, trimmed, and within its bounds.
    #[test]
    fn t6_a_line_keeps_to_its_bounds(text in anything()) {
        let line = OneLine::new(&text);
        let line = line.as_str();
        prop_assert!(line.len() <= 512 && oracle::clusters(line).len() <= 100);
        prop_assert!(!line.chars().any(|c| c.is_control() || c.is_whitespace() && c != ' '));
        prop_assert!(!line.contains("  "));
        prop_assert_eq!(oracle::trim(line), line);
    }

    /// T6: first and last name given apart are one name, and either may be missing.
    #[test]
    fn t6_a_name_in_parts_is_the_name(first in anything(), last in anything()) {
        let (first, last) = (&first[..], &last[..]);
        prop_assert_eq!(
            DisplayName::from_parts(first, last),
            DisplayName::new(format!("{first} {last}"))
        );
        prop_assert_eq!(DisplayName::from_parts(first, ""), DisplayName::new(first));
        prop_assert_eq!(DisplayName::from_parts("", last), DisplayName::new(last));
    }

    /// T7: a preview is its definition.
    #[test]
    fn t7_a_preview_is_its_definition(text in stored()) {
        prop_assert_eq!(shown(&text), oracle::preview(&text));
    }

    /// T7: so it is when what is read ends inside of what would be shown.
    #[test]
    fn t7_a_preview_is_its_definition_at_the_bound_on_reading(
        dropped in select(&["\u{202E}", " ", "\n", "\u{2066} ", "\u{3000}"][..]),
        short_of_it in 0..120_usize,
        clusters in prop::collection::vec(piece(), 1..60),
    ) {
        let text = "a".to_owned() + &filled(dropped, 4096 - short_of_it) + &clusters.concat();
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        prop_assert_eq!(shown(&text), oracle::preview(&text));
    }

    /// T7: so it is when bytes run out before clusters do.
    #[test]
    fn t7_a_preview_is_its_definition_at_the_bound_on_holding(
        marks in 10..60_usize,
        clusters in 20..80_usize,
        last in 0..1200_usize,
        rest in stored(),
    ) {
        let cluster = |marks| format!("a{}", "\u{301}".repeat(marks));
        let text = cluster(marks).repeat(clusters) + &cluster(last) + &rest;
        prop_assert_eq!(shown(&text), oracle::preview(&text));
    }

    /// T7: a preview is one line, within its bounds, with no space at its end,
    /// and `Display` adds an ellipsis exactly when it was cut.
    #[test]
    fn t7_a_preview_keeps_to_its_bounds(text in stored()) {
        let preview = Preview::of(&body_of(&text));
        let shown = preview.as_str();
        prop_assert!(shown.len() <= 2048 && oracle::clusters(shown).len() <= 80);
        prop_assert!(!shown.chars().any(|c| c.is_control() || c.is_whitespace() && c != ' '));
        prop_assert_eq!(oracle::trim(shown), shown);
        let ellipsis = if preview.is_cut() { "…" } else { "" };
        prop_assert_eq!(preview.to_string(), format!("{shown}{ellipsis}"));
    }

    /// T7: what comes after the first 4,096 bytes is not read.
    #[test]
    fn t7_what_comes_after_the_bound_is_not_read(
        text in stored(),
        (one, other) in (stored(), stored()),
    ) {
        let mut head = filled(&text, 4096);
        while head.len() > 4096 {
            head.pop();
        }
        let head = head + "\u{10FFFF}";
        prop_assert!(head.len() > 4096);
        prop_assert_eq!(shown(&(head.clone() + &one)), shown(&(head + &other)));
    }
}

/// The cases of Unicode's own test of grapheme clusters: what is between two `÷`.
fn official() -> Vec<Vec<String>> {
    let code_point = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
    include_str!("data/GraphemeBreakTest.txt")
        .lines()
        .filter(|line| line.starts_with('÷'))
        .map(|line| line.trim_matches(['÷', ' ']).split(" ÷ "))
        .map(|clusters| clusters.map(|c| c.split(" × ").map(code_point).collect()).collect())
        .collect()
}

/// Those of them that a line shows as they are: without control characters and
/// runs of spaces.
fn official_lines() -> Vec<Vec<String>> {
    let shown = |text: &str| !text.chars().any(char::is_control) && !text.contains("  ");
    let (all, mut cases) = (official().len(), official());
    cases.retain(|clusters| shown(&clusters.concat()));
    println!("{} of {all} official cases can be shown on one line", cases.len());
    assert_eq!(all, 766, "the whole file");
    assert!(cases.len() >= 540, "{} cases", cases.len());
    cases
}

/// T7, T6: the cut falls at a `÷` of the official data, and at each of them when
/// it is the last that fits. U+200B stands on both sides of a case, because it
/// joins nothing; a space that is left at the cut goes.
#[test]
fn t7_a_cut_falls_at_every_break_of_the_official_data() {
    for clusters in official_lines() {
        for fits in 0..=clusters.len() {
            let before = |limit: usize| "a".repeat(limit - 1 - fits) + "\u{200B}";
            let after = clusters.concat() + "\u{200B}" + &"b".repeat(200);
            let kept = |limit| oracle::trim_end(&(before(limit) + &clusters[..fits].concat()));
            let cut = shown(&(before(80) + &after));
            assert_eq!(cut, (kept(80), true), "{clusters:?}, a preview of {fits} of them");
            let line = OneLine::new(before(100) + &after);
            assert_eq!(line.as_str(), kept(100), "{clusters:?}, a line of {fits} of them");
        }
    }
}

/// T7: copies of a case between letters are never cut where the official data
/// has a `×`.
#[test]
fn t7_a_cut_never_falls_inside_a_cluster_of_the_official_data() {
    for clusters in official_lines() {
        let copy = "b".to_owned() + &clusters.concat();
        let text = copy.repeat(82);
        let (cut, was_cut) = shown(&text);
        assert!(was_cut && text.starts_with(&cut), "{clusters:?}");
        // Next to the letter a mark may join it; inside the case Unicode says.
        let mut breaks = vec![0, 1, copy.len()];
        breaks.extend((1..clusters.len()).map(|n| 1 + clusters[..n].concat().len()));
        let space_gone = cut.len() + usize::from(text[cut.len()..].starts_with(' '));
        assert!(
            [cut.len(), space_gone].iter().any(|at| breaks.contains(&(at % copy.len()))),
            "{clusters:?} cut at {} of {}",
            cut.len() % copy.len(),
            copy.len()
        );
    }
}

/// T8 through JSON: `value` comes back as it was.
#[track_caller]
fn assert_survives_json<T: Serialize + DeserializeOwned + PartialEq>(value: &T) {
    let json = serde_json::to_string(value).unwrap();
    assert!(serde_json::from_str::<T>(&json).unwrap() == *value, "{json}");
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

proptest! {
    /// T8: whatever the crate writes it reads back as it was, as JSON and from a
    /// column.
    #[test]
    fn t8_what_is_written_is_read_back(text in anything()) {
        let line = OneLine::new(&text);
        assert_survives_json(&line);
        prop_assert_eq!(OneLine::from_stored(line.as_str()), Ok(line));
        if let Some(name) = DisplayName::new(&text) {
            assert_survives_json(&name);
            prop_assert_eq!(DisplayName::from_stored(name.as_str()), Ok(name));
        }
        if let Ok(body) = MessageBody::with_limit(&text, usize::MAX) {
            assert_survives_json(&body);
            prop_assert_eq!(MessageBody::from_stored(body.as_str()), Ok(body.clone()));
            let preview = Preview::of(&body);
            assert_survives_json(&preview);
            prop_assert_eq!(Preview::from_stored(preview.as_str(), preview.is_cut()), Ok(preview));
        }
    }

    /// T8: what could have been stored is read back unchanged, what could not is
    /// refused, and JSON and a column agree.
    #[test]
    fn t8_reading_back_takes_exactly_what_could_have_been_stored(text in anything()) {
        let control = text.char_indices().find(|(_, c)| c.is_control());
        let line = |max: usize| match control {
            Some((at, found)) => Err(LineError::Control { found, at }),
            None if text.len() > max => Err(LineError::TooLong { bytes: text.len(), limit: max }),
            None => Ok(text.clone()),
        };
        let body = match oracle::forbidden(&text) {
            Some((at, found)) => Err(BodyError::Control { found, at }),
            None if text.is_empty() => Err(BodyError::Blank),
            None => Ok(text.clone()),
        };
        let name = if text.is_empty() { Err(LineError::Empty) } else { line(512) };

        let stored = MessageBody::from_stored(&*text).map(|body| body.as_str().to_owned());
        prop_assert_eq!(stored, body.clone());
        let stored = OneLine::from_stored(&*text).map(|line| line.as_str().to_owned());
        prop_assert_eq!(stored, line(512));
        let stored = DisplayName::from_stored(&*text).map(|name| name.as_str().to_owned());
        prop_assert_eq!(stored, name.clone());
        let stored = Preview::from_stored(&*text, true).map(|line| line.as_str().to_owned());
        prop_assert_eq!(stored, line(2048));

        prop_assert_eq!(read(&text), MessageBody::from_stored(&*text).ok());
        prop_assert_eq!(read(&text), OneLine::from_stored(&*text).ok());
        prop_assert_eq!(read(&text), DisplayName::from_stored(&*text).ok());
        let json = serde_json::json!({ "text": text, "cut": true });
        let preview = serde_json::from_value(json).ok();
        prop_assert_eq!(preview, Preview::from_stored(&*text, true).ok());
    }
}
