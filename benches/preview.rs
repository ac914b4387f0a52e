//! Making previews.
//!
//! The obvious way splits the whole message into clusters and joins the first 80;
//! it neither drops nor joins whitespace. Nothing can be faster than a copy of
//! the first 80 characters. Where both contestants of a row are the crate's, the
//! obvious one has the short message of a kind, and the other the longest.

mod contest;
mod messages;

use std::sync::Arc;

use contest::{Bench, each};
use frontdesk::{MessageBody, Preview};
use messages::{CHINESE, ENGLISH, body, real, repeated};
use unicode_segmentation::UnicodeSegmentation;

/// A message that is neither long nor short.
const SHORT: usize = 200;
/// Far more than a preview reads.
const LONG: usize = 64 * 1024;

/// What takes more than one `char` to a cluster.
const SEQUENCES: [(&str, &str); 3] = [
    ("emoji", "👨‍👩‍👧‍👦 👍🏽 2️⃣ 🏳️‍🌈 👩🏿‍🚒 ❤️ #️⃣ "),
    ("Hindi", "नमस्ते, क्या हम शनिवार की शाम के लिए अपनी बुकिंग बदल सकते हैं? "),
    ("flags", "🇳🇱🇩🇪🇫🇷🇯🇵🇧🇷🇰🇪"),
];

/// What people type that a line cannot show as it is, and what is not all Latin.
const MIXED: [(&str, &str); 2] = [
    (
        "lines",
        "Hi there,\n\nWe would like to  move our tour to Sunday.\nIs that  possible?\n\n\nThanks,\nAnn",
    ),
    ("an emoji at the end", "Thank you so much, see you on Saturday at the harbour then! 👍🏽"),
];

/// A sentence in each of the scripts.
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

/// What costs most to look at: what stands once, again and again, and once more.
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
    let at_most = if bench.is_whole() { usize::MAX } else { 100 };
    for (name, file, ratio) in [("English", ENGLISH, 0.06), ("Chinese", CHINESE, 0.35)] {
        if let Some(bodies) = real(file, at_most) {
            row(&mut bench, &format!("previews of real {name}"), &bodies, ratio);
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
        growth(&mut bench, &format!("preview of long {name}"), ["", sentence, ""], 2.0);
    }
    for (name, parts) in WORST {
        growth(&mut bench, &format!("preview of the worst {name}"), parts, 25.0);
    }
    bench.finish();
}

/// All of `bodies`, against the obvious way and the limit.
fn row(bench: &mut Bench, name: &str, bodies: &[MessageBody], at_most: impl Into<Option<f64>>) {
    bench.row(name, |row| {
        bodies.iter().for_each(check);
        let starts: Vec<&str> = bodies.iter().map(start).collect();
        row.ours("Preview::of", at_most, each(|| of_each(bodies, Preview::of)));
        row.obvious("all clusters, 80 joined", each(|| of_each(bodies, obvious)));
        row.limit("a copy", each(move || of_each(&starts, |start| Arc::<str>::from(*start))));
    });
}

/// How much longer a text of 64 KB takes than one of 200 B.
fn growth(bench: &mut Bench, name: &str, parts: [&str; 3], at_most: f64) {
    let [short, long] = [SHORT, LONG].map(|bytes| long(parts, bytes));
    bench.row(name, |row| {
        check(&short);
        check(&long);
        row.ours("64 KB", at_most, each(|| of_each([&long], Preview::of)));
        row.obvious("200 B", each(|| of_each([&short], Preview::of)));
        row.limit("a copy", each(|| of_each([start(&long)], Arc::<str>::from)));
    });
}

/// The message that begins and ends as it should, and is as long in between as
/// `bytes` let it be.
fn long([begin, again, end]: [&str; 3], bytes: usize) -> MessageBody {
    let between = repeated(again, bytes - begin.len() - end.len());
    body(&format!("{begin}{between}{end}"))
}

/// Makes what is made of each. None is kept, as a list drops a row that changed.
fn of_each<B, T>(bodies: impl IntoIterator<Item = B>, make: impl Fn(B) -> T) {
    for body in bodies {
        std::hint::black_box(make(std::hint::black_box(body)));
    }
}

/// What a host would write.
fn obvious(body: &MessageBody) -> String {
    let clusters = body.as_str().graphemes(true).collect::<Vec<_>>();
    clusters.iter().take(Preview::MAX_CLUSTERS).copied().collect()
}

/// The first 80 characters.
fn start(body: &MessageBody) -> &str {
    let text = body.as_str();
    let end = text.char_indices().nth(Preview::MAX_CLUSTERS).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Both ways show what their definitions say, and the same where a message is on
/// one line already.
fn check(body: &MessageBody) {
    let preview = Preview::of(body);
    let (text, cut) = defined(body.as_str());
    assert_eq!((preview.as_str(), preview.is_cut()), (&*text, cut), "{:?}", body.as_str());
    let shown = obvious(body);
    assert!(body.as_str().starts_with(&shown));
    assert!(shown.graphemes(true).count() <= Preview::MAX_CLUSTERS);
    if one_line(body.as_str()) == body.as_str() && body.as_str().len() <= Preview::MAX_BYTES {
        assert_eq!(preview.as_str(), trim_end(&shown));
    }
}

/// T7 as the rules say it: the text of a preview, and whether it was cut.
fn defined(whole: &str) -> (String, bool) {
    let read = repeated(whole, whole.len().min(Preview::MAX_READ_BYTES));
    let line = one_line(&read);
    let mut clusters: Vec<&str> = line.graphemes(true).collect();
    let mut cut = read.len() < whole.len();
    if cut {
        // It may go on in what was not read.
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

/// Without what reorders a line, and with one space for each run of whitespace.
fn one_line(text: &str) -> String {
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
