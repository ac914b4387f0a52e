//! Encoding text for HTML.
//!
//! There is no obvious way: hosts use a crate, and ratios are to the fastest.
//! The crates differ in what they encode. Each is checked against a table of its
//! own, and those without `/` or `'` have less to do, most of all in English with
//! its apostrophes. Nothing can be faster than a copy of what comes out.

mod contest;
mod messages;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use contest::{Bench, Row, each};
use frontdesk::{Html, MessageBody};
use messages::{CHINESE, Dice, ENGLISH, real};

/// What becomes of which character.
type Table = [(char, &'static str)];

const AS_OURS: &Table = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#x27;"),
    ('/', "&#x2f;"),
];
const HTML_ESCAPE: &Table = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#x27;"),
    ('/', "&#x2F;"),
];
const ASKAMA: &Table =
    &[('&', "&#38;"), ('<', "&#60;"), ('>', "&#62;"), ('"', "&#34;"), ('\'', "&#39;")];
/// And of pulldown-cmark-escape.
const TERA: &Table =
    &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
const MAUD: &Table = &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")];

/// How many characters of a hundred need encoding.
const SHARES: [(&str, usize); 4] = [("plain", 0), ("1%", 1), ("5%", 5), ("all specials", 100)];
/// How long the texts are.
const SIZES: [(&str, usize); 4] =
    [("40 B", 40), ("200 B", 200), ("2 KB", 2 * 1024), ("64 KB", 64 * 1024)];
const ASCII: &[char] = &['a', 'e', 'i', 'n', 'o', 'r', 's', 't', ' ', ',', '.', '0', '7', 'K'];
const JAPANESE: &[char] = &['予', '約', 'を', 'の', '夜', 'に', '、', '変', '更', '。'];
const EMOJI: &[char] = &['👍', '😀', '🎉', '🚒', '🌈', '🐕'];

fn main() {
    let mut bench = Bench::from_args();
    let (at_most, all) = if bench.is_whole() { (usize::MAX, 64 * 1024) } else { (100, 2 * 1024) };
    for (name, file) in [("English", ENGLISH), ("Chinese", CHINESE)] {
        if let Some(bodies) = real(file, at_most) {
            let texts: Vec<&str> = bodies.iter().map(MessageBody::as_str).collect();
            into_one_buffer(&mut bench, &format!("encode real {name}"), &texts, 1.0);
            each_its_own(&mut bench, &format!("encode real {name}, each its own"), &bodies);
        }
    }
    for (kind, letters, sizes, shares) in [
        ("ASCII", ASCII, &SIZES[..], &SHARES[..]),
        ("Japanese", JAPANESE, &SIZES[2..3], &[SHARES[0], SHARES[2]]),
        ("emoji", EMOJI, &SIZES[2..3], &[SHARES[0], SHARES[2]]),
    ] {
        for &(share, percent) in shares {
            for &(size, bytes) in sizes {
                let texts = made(letters, percent, bytes, all);
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let ratio = if percent == 0 { 1.0 } else { 1.4 };
                let name = format!("encode {kind}, {size}, {share}");
                into_one_buffer(&mut bench, &name, &texts, ratio);
            }
        }
    }
    bench.finish();
}

/// Texts of `bytes` each, `all` of them together, with the specials where they
/// fall: a single short text would be learnt by heart.
fn made(letters: &[char], percent: usize, bytes: usize, all: usize) -> Vec<String> {
    let mut dice = Dice::new();
    let specials: Vec<char> = AS_OURS.iter().map(|&(special, _)| special).collect();
    let mut text = || {
        let mut text = String::with_capacity(bytes);
        loop {
            let choices = if dice.below(100) < percent { &specials } else { letters };
            let next = dice.pick(choices);
            if text.len() + next.len_utf8() > bytes {
                return text;
            }
            text.push(next);
        }
    };
    (0..all.div_ceil(bytes)).map(|_| text()).collect()
}

/// Each text into a buffer that is used again, as pages are built.
fn into_one_buffer(bench: &mut Bench, name: &str, texts: &[&str], at_most: f64) {
    bench.row(name, |row| {
        row.ours("Html::encode_into", at_most, encode(texts, AS_OURS, Html::encode_into));
        peers(row, texts);
        let encoded: Vec<String> = texts.iter().map(|text| naive(text, AS_OURS)).collect();
        let mut html = String::new();
        row.limit(
            "a copy",
            each(move || {
                for text in &encoded {
                    html.clear();
                    html.push_str(black_box(text));
                    black_box(&html);
                }
            }),
        );
    });
}

fn peers<'a>(row: &mut Row<'a>, texts: &'a [&str]) {
    row.peer(
        "html-escape",
        encode(texts, HTML_ESCAPE, |text, html: &mut String| {
            html_escape::encode_safe_to_string(text, html);
        }),
    );
    row.peer(
        "askama_escape",
        encode(texts, ASKAMA, |text, html: &mut String| {
            askama_escape::escape_html(html, text).unwrap();
        }),
    );
    row.peer(
        "pulldown-cmark-escape",
        encode(texts, TERA, |text, html: &mut String| {
            pulldown_cmark_escape::escape_html(html, text).unwrap();
        }),
    );
    row.peer(
        "tera",
        encode(texts, TERA, |text, html: &mut Vec<u8>| {
            tera::escape_html(text, html).unwrap();
        }),
    );
    row.peer(
        "minijinja",
        encode(texts, AS_OURS, |text, html: &mut String| {
            write!(html, "{}", minijinja::HtmlEscape(text)).unwrap();
        }),
    );
    row.peer(
        "maud",
        encode(texts, MAUD, |text, html: &mut String| {
            maud::Escaper::new(html).write_str(text).unwrap();
        }),
    );
    row.peer("v_htmlescape 0.17", encode(texts, AS_OURS, v_htmlescape_0_17::escape_string));
}

/// What is encoded into: not every crate takes a `String`.
trait Buffer: Default {
    fn clear(&mut self);
    fn bytes(&self) -> &[u8];
}

impl Buffer for String {
    fn clear(&mut self) {
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Buffer for Vec<u8> {
    fn clear(&mut self) {
        self.clear();
    }

    fn bytes(&self) -> &[u8] {
        self
    }
}

/// Times encoding all `texts`, one after the other, by a way that does as its
/// table says.
fn encode<'a, B: Buffer + 'a>(
    texts: &'a [&str],
    table: &Table,
    encode: impl Fn(&str, &mut B) + 'a,
) -> impl FnMut(u32) -> Duration + 'a {
    let mut html = B::default();
    for text in texts {
        html.clear();
        encode(text, &mut html);
        assert_eq!(html.bytes(), naive(text, table).as_bytes());
    }
    each(move || {
        for text in texts {
            html.clear();
            encode(black_box(text), &mut html);
            black_box(html.bytes());
        }
    })
}

/// Each text into one of its own that is dropped again, and which is the old one
/// when nothing in it needs encoding. Where a crate has no such form, a host
/// encodes into a new `String`; tera writes only bytes.
fn each_its_own(bench: &mut Bench, name: &str, bodies: &[MessageBody]) {
    bench.row(name, |row| {
        row.ours("to_html", 1.0, own(bodies, AS_OURS, MessageBody::to_html));
        row.peer(
            "html-escape",
            own(bodies, HTML_ESCAPE, |body| html_escape::encode_safe(body.as_str())),
        );
        row.peer(
            "askama_escape",
            own(bodies, ASKAMA, |body| {
                new(body, |text, html| askama_escape::escape_html(html, text).unwrap())
            }),
        );
        row.peer(
            "pulldown-cmark-escape",
            own(bodies, TERA, |body| {
                new(body, |text, html| pulldown_cmark_escape::escape_html(html, text).unwrap())
            }),
        );
        row.peer(
            "minijinja",
            own(bodies, AS_OURS, |body| {
                new(body, |text, html| write!(html, "{}", minijinja::HtmlEscape(text)).unwrap())
            }),
        );
        row.peer(
            "maud",
            own(bodies, MAUD, |body| {
                new(body, |text, html| maud::Escaper::new(html).write_str(text).unwrap())
            }),
        );
        row.peer(
            "v_htmlescape 0.17",
            own(bodies, AS_OURS, |body| new(body, v_htmlescape_0_17::escape_string)),
        );
        let ready: Vec<Ready> = bodies.iter().map(ready).collect();
        row.limit("a copy", each(move || ready.iter().for_each(|one| drop(black_box(one.give())))));
    });
}

fn new(body: &MessageBody, encode: impl Fn(&str, &mut String)) -> Cow<'_, str> {
    let mut html = String::with_capacity(body.as_str().len());
    encode(body.as_str(), &mut html);
    Cow::Owned(html)
}

/// Times encoding each of `bodies` by a way that does as its table says.
fn own<'a, T: ToString + 'a>(
    bodies: &'a [MessageBody],
    table: &Table,
    encode: impl Fn(&'a MessageBody) -> T + 'a,
) -> impl FnMut(u32) -> Duration + 'a {
    for body in bodies {
        assert_eq!(encode(body).to_string(), naive(body.as_str(), table));
    }
    each(move || {
        for body in bodies {
            black_box(encode(black_box(body)));
        }
    })
}

/// A text that is encoded already.
enum Ready {
    Shared(Arc<str>),
    Copied(String),
}

fn ready(body: &MessageBody) -> Ready {
    let encoded = naive(body.as_str(), AS_OURS);
    if encoded == body.as_str() { Ready::Shared(encoded.into()) } else { Ready::Copied(encoded) }
}

impl Ready {
    fn give(&self) -> Arc<str> {
        match self {
            Self::Shared(text) => Arc::clone(text),
            Self::Copied(text) => text.as_str().into(),
        }
    }
}

/// A table's encoding by its definition, a character at a time.
fn naive(text: &str, table: &Table) -> String {
    let mut html = String::new();
    for c in text.chars() {
        match table.iter().find(|&&(special, _)| special == c) {
            Some((_, reference)) => html.push_str(reference),
            None => html.push(c),
        }
    }
    html
}
