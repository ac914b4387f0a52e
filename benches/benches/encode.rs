//! HTML encoding of message texts.
//!
//! Host applications encode with a crate, so there is no hand-written baseline, and the ratios
//! compare with the fastest peer. The crates encode different sets of characters, so the result
//! of each crate is checked against a table of its encodings. Crates that do not encode `/` or
//! `'` have less work, above all on English texts with their apostrophes. The lower bound is a
//! copy of the encoded text.

#[path = "../../tests/support/rng.rs"]
mod rng;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use frontdesk::{EncodedHtml, MessageBody};
use frontdesk_benches::harness::{Bench, Row, time_each};
use frontdesk_benches::messages::{CHINESE, ENGLISH, real};

use crate::rng::Rng;

/// The special characters of a crate and their encodings.
type Table = [(char, &'static str)];

const FRONTDESK: &Table = &[
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
/// The table of tera and pulldown-cmark-escape.
const TERA: &Table =
    &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")];
const MAUD: &Table = &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")];

/// The percentages of special characters.
const SHARES: [(&str, usize); 4] = [("plain", 0), ("1%", 1), ("5%", 5), ("all specials", 100)];
/// The lengths of the texts in bytes.
const SIZES: [(&str, usize); 4] =
    [("40 B", 40), ("200 B", 200), ("2 KB", 2 * 1024), ("64 KB", 64 * 1024)];
const ASCII: &[char] = &['a', 'e', 'i', 'n', 'o', 'r', 's', 't', ' ', ',', '.', '0', '7', 'K'];
const JAPANESE: &[char] = &['予', '約', 'を', 'の', '夜', 'に', '、', '変', '更', '。'];
const EMOJI: &[char] = &['👍', '😀', '🎉', '🚒', '🌈', '🐕'];

fn main() {
    let mut bench = Bench::from_args();
    let (max_messages, total_bytes) =
        if bench.is_measuring() { (usize::MAX, 64 * 1024) } else { (100, 2 * 1024) };
    for (name, file) in [("English", ENGLISH), ("Chinese", CHINESE)] {
        if let Some(bodies) = real(file, max_messages) {
            let texts: Vec<&str> = bodies.iter().map(MessageBody::as_str).collect();
            encode_into_one_buffer(&mut bench, &format!("encode real {name}"), &texts, 1.0);
            encode_into_new_buffers(
                &mut bench,
                &format!("encode real {name}, new buffers"),
                &bodies,
            );
        }
    }
    for (script, letters, sizes, shares) in [
        ("ASCII", ASCII, &SIZES[..], &SHARES[..]),
        ("Japanese", JAPANESE, &SIZES[2..3], &[SHARES[0], SHARES[2]]),
        ("emoji", EMOJI, &SIZES[2..3], &[SHARES[0], SHARES[2]]),
    ] {
        for &(share, percent) in shares {
            for &(size, bytes) in sizes {
                let texts = generate(letters, percent, bytes, total_bytes);
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let limit = if percent == 0 { 1.0 } else { 1.4 };
                let name = format!("encode {script}, {size}, {share}");
                encode_into_one_buffer(&mut bench, &name, &texts, limit);
            }
        }
    }
    bench.finish();
}

/// Returns random texts of `bytes` bytes each, with `total_bytes` bytes in total. With a single
/// short text, the processor's branch predictor would learn the positions of the special
/// characters.
fn generate(letters: &[char], percent: usize, bytes: usize, total_bytes: usize) -> Vec<String> {
    let mut rng = Rng::new(1);
    let specials: Vec<char> = FRONTDESK.iter().map(|&(special, _)| special).collect();
    let mut text = || {
        let mut text = String::with_capacity(bytes);
        loop {
            let choices = if rng.below::<usize>(100) < percent { &specials } else { letters };
            let next = rng.choose(choices);
            if text.len() + next.len_utf8() > bytes {
                return text;
            }
            text.push(next);
        }
    };
    (0..total_bytes.div_ceil(bytes)).map(|_| text()).collect()
}

/// Encodes each text into the same buffer, as when a page is built.
fn encode_into_one_buffer(bench: &mut Bench, name: &str, texts: &[&str], limit: f64) {
    bench.row(name, |row| {
        row.ours(
            "EncodedHtml::encode_into",
            limit,
            encode(texts, FRONTDESK, EncodedHtml::encode_into),
        );
        peers(row, texts);
        let encoded: Vec<String> =
            texts.iter().map(|text| encode_by_definition(text, FRONTDESK)).collect();
        let mut html = String::new();
        row.lower_bound(
            "a copy",
            time_each(move || {
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
        encode(texts, FRONTDESK, |text, html: &mut String| {
            write!(html, "{}", minijinja::HtmlEscape(text)).unwrap();
        }),
    );
    row.peer(
        "maud",
        encode(texts, MAUD, |text, html: &mut String| {
            maud::Escaper::new(html).write_str(text).unwrap();
        }),
    );
    row.peer("v_htmlescape 0.17", encode(texts, FRONTDESK, v_htmlescape_0_17::escape_string));
}

/// An output buffer. One crate writes bytes, and all others write a `String`.
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

/// Checks the results of `encode` against the table, then times `encode` on all texts.
fn encode<'a, B: Buffer + 'a>(
    texts: &'a [&str],
    table: &Table,
    encode: impl Fn(&str, &mut B) + 'a,
) -> impl FnMut(u32) -> Duration + 'a {
    let mut html = B::default();
    for text in texts {
        html.clear();
        encode(text, &mut html);
        assert_eq!(html.bytes(), encode_by_definition(text, table).as_bytes());
    }
    time_each(move || {
        for text in texts {
            html.clear();
            encode(black_box(text), &mut html);
            black_box(html.bytes());
        }
    })
}

/// Encodes each text into a new buffer. Some crates return the original text when nothing
/// needs encoding. With the other crates, a host application encodes into a new `String`.
/// tera is left out, because it writes only bytes.
fn encode_into_new_buffers(bench: &mut Bench, name: &str, bodies: &[MessageBody]) {
    bench.row(name, |row| {
        row.ours("to_html", 1.0, encode_new(bodies, FRONTDESK, MessageBody::to_html));
        row.peer(
            "html-escape",
            encode_new(bodies, HTML_ESCAPE, |body| html_escape::encode_safe(body.as_str())),
        );
        row.peer(
            "askama_escape",
            encode_new(bodies, ASKAMA, |body| {
                into_new_string(body, |text, html| askama_escape::escape_html(html, text).unwrap())
            }),
        );
        row.peer(
            "pulldown-cmark-escape",
            encode_new(bodies, TERA, |body| {
                into_new_string(body, |text, html| {
                    pulldown_cmark_escape::escape_html(html, text).unwrap();
                })
            }),
        );
        row.peer(
            "minijinja",
            encode_new(bodies, FRONTDESK, |body| {
                into_new_string(body, |text, html| {
                    write!(html, "{}", minijinja::HtmlEscape(text)).unwrap();
                })
            }),
        );
        row.peer(
            "maud",
            encode_new(bodies, MAUD, |body| {
                into_new_string(body, |text, html| {
                    maud::Escaper::new(html).write_str(text).unwrap();
                })
            }),
        );
        row.peer(
            "v_htmlescape 0.17",
            encode_new(bodies, FRONTDESK, |body| {
                into_new_string(body, v_htmlescape_0_17::escape_string)
            }),
        );
        let encoded: Vec<Encoded> = bodies.iter().map(Encoded::of).collect();
        row.lower_bound(
            "a copy",
            time_each(move || encoded.iter().for_each(|text| drop(black_box(text.copy())))),
        );
    });
}

fn into_new_string(body: &MessageBody, encode: impl Fn(&str, &mut String)) -> Cow<'_, str> {
    let mut html = String::with_capacity(body.as_str().len());
    encode(body.as_str(), &mut html);
    Cow::Owned(html)
}

/// Checks the results of `encode` against the table, then times `encode` on all bodies.
fn encode_new<'a, T: ToString + 'a>(
    bodies: &'a [MessageBody],
    table: &Table,
    encode: impl Fn(&'a MessageBody) -> T + 'a,
) -> impl FnMut(u32) -> Duration + 'a {
    for body in bodies {
        assert_eq!(encode(body).to_string(), encode_by_definition(body.as_str(), table));
    }
    time_each(move || {
        for body in bodies {
            black_box(encode(black_box(body)));
        }
    })
}

/// An encoded text. If the encoding changes nothing, copies share the memory of this text.
enum Encoded {
    Shared(Arc<str>),
    Copied(String),
}

impl Encoded {
    fn of(body: &MessageBody) -> Self {
        let encoded = encode_by_definition(body.as_str(), FRONTDESK);
        if encoded == body.as_str() { Self::Shared(encoded.into()) } else { Self::Copied(encoded) }
    }

    fn copy(&self) -> Arc<str> {
        match self {
            Self::Shared(text) => Arc::clone(text),
            Self::Copied(text) => text.as_str().into(),
        }
    }
}

/// Encodes a text character by character.
fn encode_by_definition(text: &str, table: &Table) -> String {
    let mut html = String::new();
    for c in text.chars() {
        match table.iter().find(|&&(special, _)| special == c) {
            Some((_, reference)) => html.push_str(reference),
            None => html.push(c),
        }
    }
    html
}
