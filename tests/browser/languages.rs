//! The pages in German, and what is written from right to left.

use std::fs;

use frontdesk::{MessageBody, Preview};
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::host::Host;

const DAYS: &str = "(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), [0-9]{1,2}\\. \
    (Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)( [0-9]{4})?";

impl Browser {
    #[track_caller]
    fn each_is_like(&self, css: &str, pattern: &str) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        let pattern = regex::Regex::new(&format!("^({pattern})$")).unwrap();
        async move {
            let texts = self.texts(css).await;
            assert!(!texts.is_empty(), "{caller}: there is no {css}");
            for text in texts {
                assert!(pattern.is_match(&text), "{caller}: {css} shows {text:?}");
            }
        }
    }

    /// No text of the page itself is still in English.
    async fn speaks_german(&self) {
        let read = |json| serde_json::from_str::<serde_json::Map<String, Value>>(json).unwrap();
        let english = read(include_str!("../../examples/dashboard/page/en.json"));
        let german = read(include_str!("../../examples/dashboard/page/de.json"));
        // Its words, and what is said where a mouse rests, is read aloud or stands in a box.
        let script = "const theirs = '.text, .preview, .customer, .activity, .sender, #customer, #activity';
            const found = [document.title];
            for (const it of document.body.querySelectorAll('*')) {
                if (it.closest(theirs) || it.closest('template, #language')) continue;
                for (const of of it.childNodes) if (of.nodeType === 3) found.push(of.data);
                for (const name of ['title', 'placeholder', 'aria-label']) found.push(it.getAttribute(name) ?? '');
            }
            return [document.documentElement.lang, found.map((it) => it.trim()).filter((it) => it)]";
        let (lang, texts): (String, Vec<String>) = self.ask(script, &[]).await;
        assert_eq!(lang, "de");
        for (name, label) in english.iter().filter(|(name, label)| german[*name] != **label) {
            let label = label.as_str().unwrap().trim();
            assert!(!texts.iter().any(|text| text == label), "{name} is in English: {label}");
        }
    }
}

/// The pages switch to German, all of them and for good: words, dates and labels.
pub(crate) async fn the_pages_speak_german(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "300"]);
    let maya = driver.browser(DESKTOP).await;
    maya.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    maya.appears("#chat[data-state=open] .message").await;
    maya.click("#language").await;
    for _ in 0..2 {
        maya.appears("html[lang=de] #chat[data-state=open] .message").await;
        maya.appears(".conversation .relative[data-said]").await;
        maya.speaks_german().await;
        maya.shows("#start-button", &["Beginnen"]).await;
        maya.each_is_like(".divider span", &format!("Heute|Gestern|{DAYS}")).await;
        maya.each_is_like(".booking-date, #date", DAYS).await;
        maya.each_is_like(".message .time, #time", "[0-2][0-9]:[0-5][0-9]").await;
        maya.each_is_like(".relative", "jetzt|[0-9]+ (Min|Std|T|J)\\.").await;
        maya.each_is_like("#duration", "2 Std\\. 30 Min\\.").await;
        maya.each_is_like("#booking-status", "Bestätigt").await;
        maya.each_is_like(".status", "Bestätigt|Offen|Storniert|Abgeschlossen|on hold").await;
        maya.each_is_like("[data-booking=q8nb-51rs-20] .you", "Sie: ").await;
        maya.each_is_like("[data-booking=h5lk-63tt-88] .customer", "Gast").await;
        // The address says nothing of it: it is kept.
        maya.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
        maya.reload().await;
    }
    // What the page adds is German as well, and what it refuses.
    maya.type_into("#draft", "Aber gern!\n").await;
    maya.appears(".message[data-number]:last-child[data-side=operator]").await;
    maya.each_is_like(".day:last-child .divider span", "Heute").await;
    maya.paste("#draft", "\u{200b}").await;
    maya.click("#send").await;
    maya.shows("#send-error", &["Nicht gesendet. Die Nachricht ist leer."]).await;
    maya.shows("#send", &["Erneut senden"]).await;

    // The same person's other page.
    maya.go(&host.customers).await;
    maya.appears("html[lang=de] .message").await;
    maya.speaks_german().await;
    maya.each_is_like(".divider span", &format!("Heute|Gestern|{DAYS}")).await;
    maya.each_is_like("#date", DAYS).await;
    maya.click("#language").await;
    maya.appears("html[lang=en] .message").await;
    maya.reload().await;
    maya.appears("html[lang=en] .message").await;
    maya.close().await;
}

/// A sentence that a preview cuts, and a name, an activity and a code beside it.
const ARABIC: &str = "مرحبا، هل يوجد غرفة لتبديل الملابس بالقرب من المرسى؟ وهل يمكننا الدفع ببطاقة \
    Visa عند الوصول (45 $ للشخص)؟ شكرا جزيلا لكم";
const HEBREW: &str = "שלום, האם אפשר להביא עוגת יום הולדת על הסיפון? יש לנו 8 אורחים (Noa ועוד 7) \
    ונשמח לקבל תשובה בהקדם, תודה רבה";
const ENGLISH: &str = "Hello, is there a place to change near the pier? And can we pay with a Visa \
    card (45 $ a person) on arrival?";

/// Three people who differ in how they write only.
fn import() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines = [
        ("english", "Ann (2) Lee!", "Tour 5 (private)!", ENGLISH),
        ("arabic", "نور (2) الهاشمي!", "جولة 5 (خاصة)!", ARABIC),
        ("hebrew", "יעל (2) כהן!", "סיור 5 (פרטי)!", HEBREW),
    ];
    let lines = lines.map(|(id, customer, activity, text)| {
        let turns = [json!({ "from": "customer", "text": text })];
        let line = json!({ "id": id, "about": [activity], "code": "123AB-7", "customer": customer,
                           "status": "2 קבוצה", "turns": turns });
        format!("{line}\n")
    });
    fs::write(file.path(), lines.concat()).unwrap();
    file
}

/// Where the letters of a text are on the screen, and where its box is, in pixels.
#[derive(Debug, serde::Deserialize)]
struct Place {
    direction: String,
    /// The box: left, right.
    edges: (f64, f64),
    /// The first letter's middle, and the last one's.
    first: f64,
    last: f64,
    /// Whether there is more of it than the box has room for.
    clipped: bool,
}

impl Browser {
    async fn place(&self, css: &str) -> Place {
        self.appears(css).await;
        let script = "const it = document.querySelector(arguments[0]);
            const text = it.firstChild, box = it.getBoundingClientRect();
            const middle = (at) => {
                const range = document.createRange();
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                const { left, right } = range.getClientRects()[0];
                return (left + right) / 2;
            };
            return { direction: getComputedStyle(it).direction, edges: [box.left, box.right],
                first: middle(0), last: middle(text.length - 1), clipped: it.scrollWidth > it.clientWidth }";
        self.ask(script, &[json!(css)]).await
    }
}

impl Place {
    fn is_right_to_left(&self) -> bool {
        self.direction == "rtl" && self.first > self.last
    }
}

/// What is written from right to left stands so, and nothing beside it changes places:
/// a row, a header and a message are in the order that an English one has.
pub(crate) async fn right_to_left_stays_in_its_place(driver: &Driver) {
    let file = import();
    let path = file.path().to_str().unwrap();
    let host = Host::start(&["--poll-ms", "300", "--import", path]);
    let maya = driver.browser(DESKTOP).await;
    let team = host.operators.replace("honolulu", "imported");
    for booking in ["arabic", "hebrew", "english"] {
        let right_to_left = booking != "english";
        maya.go(&format!("{team}#booking={booking}")).await;
        maya.appears("#chat[data-state=open] .message").await;
        maya.appears(".conversation .relative[data-said]").await;
        let of = |css: &str| format!("[data-booking={booking}] {css}");

        // Each text has its own direction; the ends of one are at its own ends.
        for css in [&*of(".customer"), &of(".activity"), &of(".preview"), "#customer", "#activity"]
        {
            let place = maya.place(css).await;
            assert_eq!(place.is_right_to_left(), right_to_left, "{css}: {place:?}");
        }
        let sender = maya.place(".message .sender").await;
        assert_eq!(sender.is_right_to_left(), right_to_left, "{sender:?}");

        // Its lines begin on the right.
        let text = maya.place(".message .text").await;
        assert_eq!(text.direction, if right_to_left { "rtl" } else { "ltr" });
        let middle = f64::midpoint(text.edges.0, text.edges.1);
        assert_eq!(text.first > middle, right_to_left, "{text:?}");

        // A preview that is cut and has no room begins at its own beginning, and its end
        // is what is not there.
        let preview = maya.place(&of(".preview")).await;
        let body = MessageBody::new(&maya.text(".message .text").await).unwrap();
        let cut = Preview::of(&body);
        assert!(cut.is_cut() && preview.clipped);
        maya.shows(&of(".preview"), &[&cut.to_string()]).await;
        let (left, right) = preview.edges;
        assert!(left < preview.first && preview.first < right, "{preview:?}");
        let (begins, ends) = if right_to_left { (right, left) } else { (left, right) };
        assert!((begins - preview.first).abs() < 12.0, "{preview:?}");
        assert!(
            if right_to_left { preview.last < ends } else { preview.last > ends },
            "{preview:?}"
        );

        // The order of the parts, and of a code's letters.
        let mut parts = Vec::new();
        for css in [".customer", ".status", ".relative"] {
            parts.push(maya.place(&of(css)).await.edges);
        }
        in_order(&parts);
        parts.clear();
        for css in [".activity", ".code", ".booking-date"] {
            parts.push(maya.place(&of(css)).await.edges);
        }
        in_order(&parts);
        for css in [&*of(".code"), "#code"] {
            let code = maya.place(css).await;
            assert!(code.first < code.last, "{code:?}");
        }
        in_order(&[maya.place("#customer").await.edges, maya.place("#booking-status").await.edges]);

        // The customer's page.
        let portal = maya.attributes("#portal", "href").await.remove(0).unwrap();
        let origin = &team[..team.find("/desk").unwrap()];
        maya.go(&format!("{origin}{portal}")).await;
        for css in ["#activity", "#customer"] {
            let place = maya.place(css).await;
            assert_eq!(place.is_right_to_left(), right_to_left, "{css}: {place:?}");
        }
        in_order(&[maya.place("#activity").await.edges, maya.place("#booking-status").await.edges]);
        let text = maya.place(".message .text").await;
        assert_eq!(text.direction, if right_to_left { "rtl" } else { "ltr" });
    }
    maya.close().await;
}

/// From left to right, and none over another.
#[track_caller]
fn in_order(parts: &[(f64, f64)]) {
    assert!(parts.is_sorted_by(|one, next| one.1 <= next.0), "{parts:?}");
}

/// What somebody writes stands as it will be read, while they write it.
pub(crate) async fn the_box_turns_with_what_is_written(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "300"]);
    let guest = driver.browser(DESKTOP).await;
    guest.go(&host.customers).await;
    for (text, direction) in
        [("Hi 5", "ltr"), ("שלום 5!", "rtl"), ("مرحبا (5)", "rtl"), ("", "ltr")]
    {
        guest.paste("#draft", text).await;
        let script = "return getComputedStyle(document.querySelector('#draft')).direction";
        assert_eq!(guest.ask::<String>(script, &[]).await, direction, "{text}");
    }
    guest.close().await;
}
