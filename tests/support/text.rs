//! The text rules once more, said as plainly as they can be: collect, then cut.
//!
//! Written from the rules alone and slow on purpose; what the crate does has to
//! equal it. Shared by the tests that need it, each of which uses a part.

#![allow(dead_code, reason = "each test target uses a part of it")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;

use frontdesk::BodyError;
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use regex::Regex;
use unicode_segmentation::UnicodeSegmentation as _;

/// What T1 trims: Unicode `White_Space` and the byte order mark.
const TRIMMED: &str = r"[\s\x{FEFF}]+";

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

fn without(what: &Regex, text: &str) -> String {
    what.replace_all(text, "").into_owned()
}

/// Drops from both ends what T1 trims.
pub(crate) fn trim(text: &str) -> String {
    static START: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{TRIMMED}")));
    trim_end(&without(&START, text))
}

/// Drops from the end what T1 trims.
pub(crate) fn trim_end(text: &str) -> String {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}').to_owned()
}

/// T1: what is left of what somebody typed.
pub(crate) fn typed(text: &str) -> String {
    static BREAK: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\r\n|[\r\x{B}\x{C}\x{85}\x{2028}\x{2029}]"));
    trim(&BREAK.replace_all(text, "\n"))
}

/// T2: whether nothing of it can be seen.
pub(crate) fn is_blank(text: &str) -> bool {
    static BLANK: LazyLock<Regex> = LazyLock::new(|| regex(r"^[\s[[\p{DI}\p{Cf}]--\p{PCM}]]*$"));
    BLANK.is_match(text)
}

/// T3: the first character that no body holds, and where.
pub(crate) fn forbidden(text: &str) -> Option<(usize, char)> {
    static FORBIDDEN: LazyLock<Regex> = LazyLock::new(|| regex(r"[\p{Cc}--[\n\t]]"));
    FORBIDDEN.find(text).map(|found| (found.start(), found.as_str().chars().next().unwrap()))
}

/// T1 to T4, T8: the body that `text` is, or whether `error` is a right answer to it.
pub(crate) fn body(text: &str, limit: usize) -> Result<String, impl Fn(&BodyError) -> bool> {
    let text = typed(text);
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

/// T6, T7: `text` on one line. A space may be left at the end.
fn shown(text: &str) -> String {
    static DROPPED: LazyLock<Regex> = LazyLock::new(|| regex(r"[\p{Cc}--\s]|\p{Bidi_Control}"));
    static SPACES: LazyLock<Regex> = LazyLock::new(|| regex(r"\s+"));
    static START: LazyLock<Regex> = LazyLock::new(|| regex(&format!("^{TRIMMED}")));
    without(&START, &SPACES.replace_all(&without(&DROPPED, text), " "))
}

/// The extended grapheme clusters of UAX #29.
pub(crate) fn clusters(text: &str) -> Vec<&str> {
    text.graphemes(true).collect()
}

/// As many clusters from the start as `clusters` and `bytes` let in, without what
/// is trimmed at the end; and whether that is all of them.
fn cut(all: &[&str], clusters: usize, bytes: usize) -> (String, bool) {
    let mut kept = String::new();
    for cluster in all.iter().take(clusters) {
        if kept.len() + cluster.len() > bytes {
            break;
        }
        kept += cluster;
    }
    (trim_end(&kept), kept == all.concat())
}

/// T6: the one-line text that `text` is cleaned to.
pub(crate) fn line(text: &str) -> String {
    cut(&clusters(&shown(text)), 100, 512).0
}

/// T6: the name that `text` is cleaned to.
pub(crate) fn name(text: &str) -> Option<String> {
    Some(line(text)).filter(|line| !is_blank(line))
}

/// T7: the preview of a body, and whether it was cut.
///
/// Of a body that goes on after the bound on reading, the last cluster that was
/// read may go on too, and is not shown.
pub(crate) fn preview(body: &str) -> (String, bool) {
    let ends = body.char_indices().map(|(at, c)| at + c.len_utf8());
    let read = &body[..ends.take_while(|&end| end <= 4096).last().unwrap_or(0)];
    if read.len() == body.len() {
        let line = trim_end(&shown(read));
        let (text, whole) = cut(&clusters(&line), 80, 2048);
        (text, !whole)
    } else {
        let line = shown(read);
        let mut known = clusters(&line);
        known.pop();
        (cut(&known, 80, 2048).0, true)
    }
}

/// T7: the preview as it is shown.
pub(crate) fn preview_shown(body: &str) -> String {
    let (text, cut) = preview(body);
    if cut { text + "…" } else { text }
}

/// Where an encoded text stands on a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReadBack {
    pub(crate) content: String,
    pub(crate) double_quoted: String,
    pub(crate) single_quoted: String,
}

/// T5: asserts that each text, encoded, is read by a browser's parser as what it
/// is, in element content and in both kinds of quoted attribute values, and that
/// nothing else comes to be on the page. Texts hold neither CR nor NUL.
#[track_caller]
pub(crate) fn assert_read_back<'a>(texts: impl IntoIterator<Item = (&'a str, String)>) {
    let (texts, encoded): (Vec<&str>, Vec<String>) = texts.into_iter().unzip();
    let entries: Vec<String> = encoded
        .iter()
        .map(|html| format!("<p title=\"{html}\" lang='{html}'>{html}</p>"))
        .collect();
    let read = read_page(&format!("<!doctype html><body><div>{}</div>", entries.concat()));
    assert_eq!(read.len(), texts.len(), "paragraphs");
    for (text, read) in texts.into_iter().zip(read) {
        assert_eq!(read.content, text, "as element content");
        assert_eq!(read.double_quoted, text, "in double quotes");
        assert_eq!(read.single_quoted, text, "in single quotes");
    }
}

/// The paragraphs of a page made by [`assert_read_back`], and nothing but them.
#[track_caller]
fn read_page(page: &str) -> Vec<ReadBack> {
    let mut options = html5ever::ParseOpts::default();
    options.tokenizer.discard_bom = false;
    let dom = html5ever::parse_document(RcDom::default(), options).one(page);
    let html = children(&dom.document).pop().unwrap();
    let [head, body] = &children(&html)[..] else { panic!("a head and a body") };
    assert!(children(head).is_empty(), "an empty head");
    let [div] = &children(body)[..] else { panic!("one div") };
    children(div).iter().map(read_paragraph).collect()
}

#[track_caller]
fn read_paragraph(p: &Handle) -> ReadBack {
    let NodeData::Element { name, attrs, .. } = &p.data else { panic!("an element") };
    assert_eq!(&*name.local, "p");
    let attrs: Vec<(String, String)> = attrs
        .borrow()
        .iter()
        .map(|attr| (attr.name.local.to_string(), attr.value.to_string()))
        .collect();
    let [(title, double_quoted), (lang, single_quoted)] = &attrs[..] else {
        panic!("two attributes")
    };
    assert_eq!((&**title, &**lang), ("title", "lang"));
    let content = match &children(p)[..] {
        [] => String::new(),
        [only] => match &only.data {
            NodeData::Text { contents } => text_of(contents),
            other => panic!("only text, not {other:?}"),
        },
        _ => panic!("one text"),
    };
    ReadBack { content, double_quoted: double_quoted.clone(), single_quoted: single_quoted.clone() }
}

fn text_of(contents: &RefCell<html5ever::tendril::StrTendril>) -> String {
    contents.borrow().to_string()
}

fn children(node: &Handle) -> Vec<Handle> {
    node.children.borrow().iter().map(Rc::clone).collect()
}
