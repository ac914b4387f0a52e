//! Making previews.
//!
//! The baseline splits the whole message into grapheme clusters and joins the first 80. It
//! neither drops characters nor collapses whitespace. The lower bound is a copy of the first
//! 80 characters. In rows about long texts both candidates run `Preview::of`: the baseline on a
//! text of 200 bytes, the other candidate on a text of 64 KB of the same kind.

use std::hint::black_box;
use std::sync::Arc;

use frontdesk::{MessageBody, Preview};
use frontdesk_benches::harness::{Bench, time_each};
use frontdesk_benches::messages::{CHINESE, ENGLISH, body, real, repeated};
use unicode_segmentation::UnicodeSegmentation;

/// The length of an average message in bytes.
const SHORT: usize = 200;
/// A length far above the number of bytes that a preview reads.
const LONG: usize = 64 * 1024;

/// Texts whose grapheme clusters have more than one `char`.
const SEQUENCES: [(&str, &str); 3] = [
    ("emoji", "👨‍👩‍👧‍👦 👍🏽 2️⃣ 🏳️‍🌈 👩🏿‍🚒 ❤️ #️⃣ "),
    ("Hindi", "नमस्ते, क्या हम शनिवार की शाम के लिए अपनी बुकिंग बदल सकते हैं? "),
    ("flags", "🇳🇱🇩🇪🇫🇷🇯🇵🇧🇷🇰🇪"),
];

/// Typical texts that a preview must change or that are not entirely Latin.
const MIXED: [(&str, &str); 2] = [
    (
        "lines",
        "Hi there,\n\nWe would like to  move our tour to Sunday.\nIs that  possible?\n\n\nThanks,\nAnn",
    ),
    ("an emoji at the end", "Thank you so much, see you on Saturday at the harbour then! 👍🏽"),
];

/// A sentence in each of ten scripts.
const SCRIPTS: [(&str, &str); 10] = [
    ("English", "Can we move our booking to Saturday evening, and bring two more people? "),
    ("Cyrillic", "Можно ли перенести нашу бронь на субботу вечером и взять ещё двоих? "),
    ("Greek", "Μπορούμε να μεταφέρουμε την κράτησή μας για το Σάββατο το βράδυ; "),
    ("Arabic", "هل يمكننا نقل حجزنا إلى مساء السبت وإحضار شخصين آخرين؟ "),
    ("Hebrew", "האם אפשר להעביר את ההזמנה שלנו לשבת בערב ולהביא עוד שני אנשים? "),
    ("Chinese", "我们可以把预订改到星期六晚上,并且再多带两个人来吗?"),
    ("Japanese", "予約を土曜日の夜に変更して、あと二人を連れて行くことはできますか。"),
    ("Korean", "예약을 토요일 저녁으로 옮기고 두 명을 더 데려가도 될까요? "),
    ("Thai", "เราขอเลื่อนการจองไปเป็นเย็นวันเสาร์และพาคนมาเพิ่มอีกสองคนได้ไหม "),
    ("Hindi", "क्या हम अपनी बुकिंग शनिवार शाम को कर सकते हैं और दो लोग और ला सकते हैं? "),
];

/// The slowest texts: a beginning, a part that is repeated, and an end.
const WORST: [(&str, [&str; 3]); 9] = [
    ("one cluster", ["e", "\u{301}\u{323}", ""]),
    ("spaces", ["a", " ", "b"]),
    ("bidirectional controls", ["a", "\u{202E}\u{2066}\u{200F}", "b"]),
    ("flags", ["", "🇳🇱🇩🇪", ""]),
    ("Hindi conjuncts", ["", "क\u{94D}ष\u{94D}", "क"]),
    ("Hangul jamo", ["", "\u{1100}", "\u{1161}\u{11A8}"]),
    ("ZWJ emoji", ["", "👩\u{200D}", "👩"]),
    ("Prepend characters", ["", "\u{600}", "1"]),
    ("emoji modifiers", ["", "\u{1F3FD}\u{1F3FF}", ""]),
];

fn main() {
    let mut bench = Bench::from_args();
    let max_messages = if bench.is_measuring() { usize::MAX } else { 100 };
    for (name, file, limit) in [("English", ENGLISH, 0.06), ("Chinese", CHINESE, 0.35)] {
        if let Some(bodies) = real(file, max_messages) {
            row(&mut bench, &format!("previews of real {name}"), &bodies, limit);
        }
    }
    for (name, text) in SEQUENCES {
        for (size, bytes) in [("200 B", SHORT), ("1 KB", 1024)] {
            let bodies = [body(&repeated(text, bytes))];
            row(&mut bench, &format!("preview of {name}, {size}"), &bodies, 1.1);
        }
    }
    for (name, text) in MIXED {
        row(&mut bench, &format!("preview of {name}"), &[body(text)], None);
    }
    for (name, sentence) in SCRIPTS {
        long_row(&mut bench, &format!("preview of long {name}"), ["", sentence, ""], 2.0);
    }
    for (name, parts) in WORST {
        long_row(&mut bench, &format!("preview of the worst {name}"), parts, 25.0);
    }
    bench.finish();
}

/// Compares `Preview::of` with the baseline and the lower bound on all bodies.
fn row(bench: &mut Bench, name: &str, bodies: &[MessageBody], limit: impl Into<Option<f64>>) {
    bench.row(name, |row| {
        bodies.iter().for_each(check);
        let prefixes: Vec<&str> = bodies.iter().map(first_chars).collect();
        row.ours("Preview::of", limit, time_each(|| map_each(bodies, Preview::of)));
        row.baseline("all clusters, 80 joined", time_each(|| map_each(bodies, baseline)));
        row.lower_bound(
            "a copy",
            time_each(move || map_each(&prefixes, |text| Arc::<str>::from(*text))),
        );
    });
}

/// Compares a text of 64 KB with a text of 200 bytes.
fn long_row(bench: &mut Bench, name: &str, parts: [&str; 3], limit: f64) {
    let [short, long] = [SHORT, LONG].map(|bytes| assemble(parts, bytes));
    bench.row(name, |row| {
        check(&short);
        check(&long);
        row.ours("64 KB", limit, time_each(|| map_each([&long], Preview::of)));
        row.baseline("200 B", time_each(|| map_each([&short], Preview::of)));
        row.lower_bound("a copy", time_each(|| map_each([first_chars(&long)], Arc::<str>::from)));
    });
}

/// Returns a message of at most `bytes` bytes whose middle part is repeated.
fn assemble([start, repeat, end]: [&str; 3], bytes: usize) -> MessageBody {
    let middle = repeated(repeat, bytes - start.len() - end.len());
    body(&format!("{start}{middle}{end}"))
}

/// Calls `map` on each body and drops the results.
fn map_each<B, T>(bodies: impl IntoIterator<Item = B>, map: impl Fn(B) -> T) {
    for body in bodies {
        black_box(map(black_box(body)));
    }
}

/// Returns the preview that a host application would make.
fn baseline(body: &MessageBody) -> String {
    let clusters = body.as_str().graphemes(true).collect::<Vec<_>>();
    clusters.iter().take(Preview::MAX_CLUSTERS).copied().collect()
}

/// Returns the first 80 characters.
fn first_chars(body: &MessageBody) -> &str {
    let text = body.as_str();
    let end = text.char_indices().nth(Preview::MAX_CLUSTERS).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Asserts that `Preview::of` and the baseline match their definitions. If the message is a
/// single line of at most `Preview::MAX_BYTES` bytes, both previews must be equal, except for
/// the characters that [`trim_end`] removes.
fn check(body: &MessageBody) {
    let preview = Preview::of(body);
    let (text, cut) = preview_by_definition(body.as_str());
    assert_eq!((preview.as_str(), preview.is_cut()), (&*text, cut), "{:?}", body.as_str());
    let shown = baseline(body);
    assert!(body.as_str().starts_with(&shown));
    assert!(shown.graphemes(true).count() <= Preview::MAX_CLUSTERS);
    if single_line(body.as_str()) == body.as_str() && body.as_str().len() <= Preview::MAX_BYTES {
        assert_eq!(preview.as_str(), trim_end(&shown));
    }
}

/// Returns the text of a preview, and `true` if the text is cut, as rule T7 defines them.
fn preview_by_definition(text: &str) -> (String, bool) {
    let read = repeated(text, text.len().min(Preview::MAX_READ_BYTES));
    let line = single_line(&read);
    let mut clusters: Vec<&str> = line.graphemes(true).collect();
    let mut cut = read.len() < text.len();
    if cut {
        // The last cluster may continue after the bytes that were read.
        clusters.pop();
    } else {
        clusters = trim_end(&line).graphemes(true).collect();
    }
    let mut shown = String::new();
    for (count, cluster) in clusters.into_iter().enumerate() {
        if count == Preview::MAX_CLUSTERS || shown.len() + cluster.len() > Preview::MAX_BYTES {
            cut = true;
            break;
        }
        shown += cluster;
    }
    (trim_end(&shown).to_owned(), cut)
}

/// Drops control and bidirectional formatting characters and collapses whitespace.
fn single_line(text: &str) -> String {
    let shown = |c: &char| {
        !matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            && (!c.is_control() || c.is_whitespace())
    };
    let kept: String = text.chars().filter(shown).collect();
    let mut line = String::new();
    for c in kept.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.trim_start_matches([' ', '\u{FEFF}']).to_owned()
}

fn trim_end(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
}
