//! Texts in right-to-left scripts.

use std::fs;

use frontdesk::{MessageBody, Preview};
use serde::Deserialize;
use serde_json::json;

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::server::Server;

/// Messages that are longer than a preview.
const ARABIC: &str = "مرحبا، هل يوجد غرفة لتبديل الملابس بالقرب من المرسى 27؟ وهل يمكننا الدفع ببطاقة \
    Visa عند الوصول (45 $ للشخص)؟ شكرا جزيلا لكم";
const HEBREW: &str = "שלום, האם אפשר להביא עוגת יום הולדת על הסיפון? יש לנו 18 אורחים (Noa ועוד 7) \
    ונשמח לקבל תשובה בהקדם, תודה רבה";
const ENGLISH: &str = "Hello, is there a place to change near the pier? And can we pay with a Visa \
    card (45 $ a person) on arrival?";

/// Writes an import file with three conversations that differ only in the script.
fn write_import() -> tempfile::NamedTempFile {
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

/// The horizontal position of a text and of its box, in pixels.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextPosition {
    direction: String,
    /// The left and the right edge of the box.
    edges: (f64, f64),
    /// The middle of the first character, and of the last one.
    first: f64,
    last: f64,
    /// Is `true` if the text does not fit into the box.
    is_clipped: bool,
}

impl TextPosition {
    async fn of(browser: &Browser, css: &str) -> Self {
        browser.wait_visible(css).await;
        let script = "const element = document.querySelector(arguments[0]);
            const text = element.firstChild, box = element.getBoundingClientRect();
            const middle = (index) => {
                const range = document.createRange();
                range.setStart(text, index);
                range.setEnd(text, index + 1);
                const { left, right } = range.getClientRects()[0];
                return (left + right) / 2;
            };
            return { direction: getComputedStyle(element).direction, edges: [box.left, box.right],
                first: middle(0), last: middle(text.length - 1),
                isClipped: element.scrollWidth > element.clientWidth }";
        browser.execute(script, &[json!(css)]).await
    }

    fn is_right_to_left(&self) -> bool {
        self.direction == "rtl" && self.first > self.last
    }
}

/// Asserts that elements are in order from left to right and do not overlap.
async fn assert_left_to_right(browser: &Browser, elements: &[&str]) {
    let mut edges = Vec::new();
    for css in elements {
        edges.push(TextPosition::of(browser, css).await.edges);
    }
    let is_ordered = edges.is_sorted_by(|one, next| one.1 <= next.0);
    assert!(is_ordered, "{elements:?}: {edges:?}");
}

/// Right-to-left texts are shown in their direction. The parts of a row, of a header and of a
/// message have the same order as with English texts.
pub(crate) async fn right_to_left_texts_leave_their_neighbours_in_place(driver: &Driver) {
    let file = write_import();
    let path = file.path().to_str().unwrap();
    let server = Server::start(&["--poll-ms", "300", "--import", path]);
    let maya = driver.browser(DESKTOP).await;
    for booking in ["arabic", "hebrew", "english"] {
        let right_to_left = booking != "english";
        maya.goto(&format!("{}/desk/imported#booking={booking}", server.origin())).await;
        maya.wait_visible("#chat[data-state=open] .message").await;
        maya.wait_visible(".conversation .relative-time[data-row-text]").await;
        let in_row = |css: &str| format!("[data-booking={booking}] {css}");

        // Each text has its own direction.
        let (customer, activity) = (in_row(".customer"), in_row(".activity"));
        let preview = in_row(".preview");
        for css in [&*customer, &activity, &preview, "#customer", "#activity", ".message .sender"] {
            let position = TextPosition::of(&maya, css).await;
            assert_eq!(position.is_right_to_left(), right_to_left, "{css}: {position:?}");
        }

        // The lines of a message begin on the side where its script begins.
        let text = TextPosition::of(&maya, ".message .text").await;
        assert_eq!(text.direction, if right_to_left { "rtl" } else { "ltr" });
        let middle = f64::midpoint(text.edges.0, text.edges.1);
        assert_eq!(text.first > middle, right_to_left, "{text:?}");

        // A preview that does not fit shows its beginning, and its end is clipped.
        let position = TextPosition::of(&maya, &preview).await;
        let body = MessageBody::new(&maya.text(".message .text").await).unwrap();
        let expected = Preview::of(&body);
        assert!(expected.is_cut() && position.is_clipped);
        maya.wait_texts(&preview, &[&expected.to_string()]).await;
        let (left, right) = position.edges;
        assert!(left < position.first && position.first < right, "{position:?}");
        let start_edge = if right_to_left { right } else { left };
        assert!((start_edge - position.first).abs() < 12.0, "{position:?}");
        // WebKit puts the characters that do not fit at the ellipsis.
        let is_end_clipped =
            if right_to_left { position.last < left + 24.0 } else { position.last > right - 24.0 };
        assert!(is_end_clipped, "{position:?}");

        // Each number with several digits in a right-to-left preview is one box, so that no other
        // number is left where the preview ends.
        let boxes = "return [...document.querySelectorAll(`${arguments[0]} .number`)]\
            .filter((number) => getComputedStyle(number).display === 'inline-block')\
            .map((number) => number.textContent)";
        let boxes: Vec<String> = maya.execute(boxes, &[json!(&preview)]).await;
        let shown = expected.to_string();
        let numbers = shown.split(|character: char| !character.is_ascii_digit());
        let numbers: Vec<_> = numbers.filter(|number| number.len() > 1).collect();
        assert_eq!(boxes, if right_to_left { numbers } else { Vec::new() });

        // The parts of a row, and the characters of a code, are in order.
        let (status, time) = (in_row(".status"), in_row(".relative-time"));
        assert_left_to_right(&maya, &[&customer, &status, &time]).await;
        let (code, date) = (in_row(".code"), in_row(".booking-date"));
        assert_left_to_right(&maya, &[&activity, &code, &date]).await;
        for css in [&*code, "#code"] {
            let position = TextPosition::of(&maya, css).await;
            assert!(position.first < position.last, "{position:?}");
        }
        assert_left_to_right(&maya, &["#customer", "#booking-status"]).await;

        // The customer's page.
        let portal = maya.attributes("#portal", "href").await.remove(0).unwrap();
        maya.goto(&format!("{}{portal}", server.origin())).await;
        for css in ["#activity", "#customer"] {
            let position = TextPosition::of(&maya, css).await;
            assert_eq!(position.is_right_to_left(), right_to_left, "{css}: {position:?}");
        }
        assert_left_to_right(&maya, &["#activity", "#booking-status"]).await;
        let text = TextPosition::of(&maya, ".message .text").await;
        assert_eq!(text.direction, if right_to_left { "rtl" } else { "ltr" });
    }
    maya.close().await;
}

/// The input box has the direction of the text that is typed into it.
pub(crate) async fn the_box_follows_the_direction_of_its_text(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "300"]);
    let ann = driver.browser(DESKTOP).await;
    ann.goto(&server.customer_url).await;
    for (text, direction) in
        [("Hi 5", "ltr"), ("שלום 5!", "rtl"), ("مرحبا (5)", "rtl"), ("", "ltr")]
    {
        ann.paste("#draft", text).await;
        let script = "return getComputedStyle(document.querySelector('#draft')).direction";
        assert_eq!(ann.execute::<String>(script, &[]).await, direction, "{text}");
    }
    ann.close().await;
}
