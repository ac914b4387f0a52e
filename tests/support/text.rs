//! A second implementation of the text rules (T1 to T7): slow, simple and written from the rules
//! alone. Tests compare the crate's output with the output of this implementation.
#![allow(dead_code, reason = "each test program uses only some of these functions")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use frontdesk::BodyError;
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation as _;

/// A pattern for whitespace and the characters that are invisible by T2.
const BLANK: &str = r"[\s[[\p{DI}\p{Cf}]--\p{PCM}]\x{2800}]";

/// A pattern for the characters that T1 trims: Unicode `White_Space` and U+FEFF.
const TRIMMED: &str = r"[\s\x{FEFF}]+";

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

fn remove(pattern: &Regex, text: &str) -> String {
    pattern.replace_all(text, "").into_owned()
}

/// Trims whitespace and U+FEFF at both ends (T1).
pub(crate) fn trim(text: &str) -> String {
    static START: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{TRIMMED}")));
    trim_end(&remove(&START, text))
}

/// Trims whitespace and U+FEFF at the end (T1).
pub(crate) fn trim_end(text: &str) -> String {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').to_owned()
}

/// T1: returns a typed text with its line breaks converted to `\n` and its ends trimmed.
pub(crate) fn normalized(text: &str) -> String {
    static BREAK: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\r\n|[\r\x{B}\x{C}\x{85}\x{2028}\x{2029}]"));
    trim(&BREAK.replace_all(text, "\n"))
}

/// T2: returns `true` if a text has no visible character.
pub(crate) fn is_blank(text: &str) -> bool {
    static BLANK_TEXT: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{BLANK}*$")));
    BLANK_TEXT.is_match(text)
}

/// T3: returns the first character that a body may not contain, and its byte offset.
pub(crate) fn forbidden(text: &str) -> Option<(usize, char)> {
    static FORBIDDEN: LazyLock<Regex> = LazyLock::new(|| regex(r"[\p{Cc}--[\n\t]]"));
    FORBIDDEN.find(text).map(|found| (found.start(), found.as_str().chars().next().unwrap()))
}

/// T1 to T4, T8: returns the body that a typed text becomes. If the text must be rejected, returns
/// a predicate for correct errors, because a text that breaks several rules has several correct
/// errors.
pub(crate) fn body(text: &str, limit: usize) -> Result<String, impl Fn(&BodyError) -> bool> {
    let text = normalized(text);
    let (blank, forbidden, len) = (is_blank(&text), forbidden(&text), text.len());
    let chars = text.chars().count();
    if !blank && forbidden.is_none() && chars <= limit && len <= 1 << 20 {
        return Ok(text);
    }
    Err(move |error: &BodyError| match *error {
        BodyError::Blank => blank,
        BodyError::Control { found, at } => forbidden == Some((at, found)),
        BodyError::TooLong { chars: n, limit: l } => chars > limit && (n, l) == (chars, limit),
        BodyError::TooLarge { bytes } => len > 1 << 20 && bytes == len,
        _ => false,
    })
}

/// T6, T7: returns a text as a single line, which may still end with a space.
fn one_line(text: &str) -> String {
    static DROPPED: LazyLock<Regex> = LazyLock::new(|| regex(r"[\p{Cc}--\s]|\p{Bidi_Control}"));
    static SPACES: LazyLock<Regex> = LazyLock::new(|| regex(r"\s+"));
    static START: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{BLANK}+")));
    remove(&START, &SPACES.replace_all(&remove(&DROPPED, text), " "))
}

/// Returns the extended grapheme clusters of a text (UAX #29).
pub(crate) fn clusters(text: &str) -> Vec<&str> {
    text.graphemes(true).collect()
}

/// Returns the first grapheme clusters that fit within both limits, trimmed at the end, and `true`
/// if all clusters fit.
fn cut(all: &[&str], max_clusters: usize, max_bytes: usize) -> (String, bool) {
    let mut kept = String::new();
    for cluster in all.iter().take(max_clusters) {
        if kept.len() + cluster.len() > max_bytes {
            break;
        }
        kept += cluster;
    }
    (trim_end(&kept), kept == all.concat())
}

/// T6: returns the single-line text that a text is cleaned to.
pub(crate) fn single_line(text: &str) -> String {
    cut(&clusters(&one_line(text)), 100, 512).0
}

/// T6: returns the display name that a text is cleaned to.
pub(crate) fn name(text: &str) -> Option<String> {
    Some(single_line(text)).filter(|line| !is_blank(line))
}

/// T7: returns the preview of a body, and `true` if it was cut.
///
/// If the body is longer than the part that is read, the last grapheme cluster of that part may be
/// incomplete. The preview then omits this cluster.
pub(crate) fn preview(body: &str) -> (String, bool) {
    let ends = body.char_indices().map(|(at, c)| at + c.len_utf8());
    let read = &body[..ends.take_while(|&end| end <= 4096).last().unwrap_or(0)];
    if read.len() == body.len() {
        let line = trim_end(&one_line(read));
        let (text, whole) = cut(&clusters(&line), 80, 2048);
        (text, !whole)
    } else {
        let line = one_line(read);
        let mut complete = clusters(&line);
        complete.pop();
        (cut(&complete, 80, 2048).0, true)
    }
}

/// T7: returns the preview of a body as it is displayed: with an ellipsis if it was cut.
pub(crate) fn preview_display(body: &str) -> String {
    let (text, cut) = preview(body);
    if cut { text + "…" } else { text }
}

/// A text that an HTML parser read back from three places of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadBack {
    pub(crate) content: String,
    pub(crate) double_quoted: String,
    pub(crate) single_quoted: String,
}

/// T5: asserts that an HTML parser reads each encoded text back as the raw text. Each item of
/// `texts` is a raw text and its encoding.
///
/// Each encoded text is put into element content and into an attribute value in double and in
/// single quotes. The page must contain nothing else. The raw texts must contain neither CR nor
/// NUL, which an HTML parser changes.
#[track_caller]
pub(crate) fn assert_read_back<'a>(texts: impl IntoIterator<Item = (&'a str, String)>) {
    let (texts, encoded): (Vec<&str>, Vec<String>) = texts.into_iter().unzip();
    let entries: Vec<String> = encoded
        .iter()
        .map(|html| format!("<p title=\"{html}\" lang='{html}'>{html}</p>"))
        .collect();
    let read = read_page(&format!("<!doctype html><body><div>{}</div>", entries.concat()));
    assert_eq!(read.len(), texts.len(), "the number of paragraphs");
    for (text, read) in texts.into_iter().zip(read) {
        assert_eq!(read.content, text, "the text as element content");
        assert_eq!(read.double_quoted, text, "the text in double quotes");
        assert_eq!(read.single_quoted, text, "the text in single quotes");
    }
}

/// Returns the paragraphs of a page that [`assert_read_back`] made. Panics if the page
/// contains anything else.
#[track_caller]
fn read_page(page: &str) -> Vec<ReadBack> {
    let mut options = html5ever::ParseOpts::default();
    options.tokenizer.discard_bom = false;
    let dom = html5ever::parse_document(RcDom::default(), options).one(page);
    let html = children(&dom.document).pop().unwrap();
    let [head, body] = &children(&html)[..] else {
        panic!("the page has more than a head and a body")
    };
    assert!(children(head).is_empty(), "the head is not empty");
    let [div] = &children(body)[..] else { panic!("the body has more than the div") };
    children(div).iter().map(read_paragraph).collect()
}

#[track_caller]
fn read_paragraph(p: &Handle) -> ReadBack {
    let NodeData::Element { name, attrs, .. } = &p.data else {
        panic!("the div has content that is not an element")
    };
    assert_eq!(&*name.local, "p");
    let attrs: Vec<(String, String)> = attrs
        .borrow()
        .iter()
        .map(|attr| (attr.name.local.to_string(), attr.value.to_string()))
        .collect();
    let [(title, double_quoted), (lang, single_quoted)] = &attrs[..] else {
        panic!("a paragraph does not have exactly two attributes")
    };
    assert_eq!((&**title, &**lang), ("title", "lang"));
    let content = match &children(p)[..] {
        [] => String::new(),
        [only] => match &only.data {
            NodeData::Text { contents } => text_of(contents),
            other => panic!("a paragraph contains {other:?} and not a text"),
        },
        _ => panic!("a paragraph contains more than one text"),
    };
    ReadBack { content, double_quoted: double_quoted.clone(), single_quoted: single_quoted.clone() }
}

fn text_of(contents: &RefCell<html5ever::tendril::StrTendril>) -> String {
    contents.borrow().to_string()
}

fn children(node: &Handle) -> Vec<Handle> {
    node.children.borrow().iter().map(Rc::clone).collect()
}
