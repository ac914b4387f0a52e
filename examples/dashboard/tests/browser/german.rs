//! The pages in German.

use std::panic::Location;

use regex::Regex;
use serde_json::{Map, Value};

use crate::browser::{Browser, DESKTOP, ENTER};
use crate::driver::Driver;
use crate::server::Server;

const DATE: &str = "(Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), [0-9]{1,2}\\. \
    (Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)( [0-9]{4})?";

impl Browser {
    /// Asserts that the text of each element matches a pattern.
    #[track_caller]
    fn assert_match(&self, css: &str, pattern: &str) -> impl Future<Output = ()> {
        let caller = Location::caller();
        let pattern = Regex::new(&format!("^({pattern})$")).unwrap();
        async move {
            let texts = self.texts(css).await;
            assert!(!texts.is_empty(), "{caller}: there is no {css}");
            for text in texts {
                assert!(pattern.is_match(&text), "{caller}: {css} has {text:?}");
            }
        }
    }

    /// Asserts that the page shows no English label: neither as text, nor as a tooltip, a
    /// placeholder or a label for screen readers.
    async fn assert_no_english_labels(&self) {
        let parse = |json| serde_json::from_str::<Map<String, Value>>(json).unwrap();
        let english = parse(include_str!("../../page/en.json"));
        let german = parse(include_str!("../../page/de.json"));
        let script = "const written =
                '.text, .preview, .customer, .activity, .sender, #customer, #activity';
            const texts = [document.title];
            for (const element of document.body.querySelectorAll('*')) {
                if (element.closest(written) || element.closest('template, #language')) continue;
                for (const node of element.childNodes) {
                    if (node.nodeType === 3) texts.push(node.data);
                }
                for (const name of ['title', 'placeholder', 'aria-label']) {
                    texts.push(element.getAttribute(name) ?? '');
                }
            }
            const trimmed = texts.map((text) => text.trim()).filter((text) => text);
            return [document.documentElement.lang, trimmed]";
        let (lang, texts): (String, Vec<String>) = self.execute(script, &[]).await;
        assert_eq!(lang, "de");
        for (name, label) in english.iter().filter(|(name, label)| german[*name] != **label) {
            let label = label.as_str().unwrap().trim();
            assert!(!texts.iter().any(|text| text == label), "{name} is in English: {label}");
        }
    }
}

/// The language link switches the inbox and the conversation to German. A cookie keeps the choice. Labels, dates,
/// times and status names are translated.
pub(crate) async fn both_pages_switch_to_german(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "300"]);
    let conversation = server.conversation_url("k7q2-xh41-09");
    let maya = driver.browser(DESKTOP).await;
    maya.goto(&conversation).await;
    maya.wait_visible("#chat[data-state=open] .message").await;
    maya.click("#language").await;
    for _ in 0..2 {
        maya.wait_visible("html[lang=de] #chat[data-state=open] .message").await;
        maya.wait_visible(".conversation .relative-time[data-row-text]").await;
        maya.assert_no_english_labels().await;
        maya.wait_texts("#start-button", &["Beginnen"]).await;
        maya.assert_match(".date-heading span", &format!("Heute|Gestern|{DATE}")).await;
        maya.assert_match(".booking-date, #date", DATE).await;
        maya.assert_match(".message .time, #time", "[0-2][0-9]:[0-5][0-9]").await;
        maya.assert_match(".relative-time", "jetzt|[0-9]+ (Min|Std|T|J)\\.").await;
        maya.assert_match("#duration", "2 Std\\. 30 Min\\.").await;
        maya.assert_match("#booking-status", "Bestätigt").await;
        maya.assert_match("#waiting", "wartet seit [0-9]+ (Min|Std)\\.").await;
        maya.assert_match(".status", "Bestätigt|Offen|Storniert|Abgeschlossen|on hold").await;
        maya.assert_match("[data-booking=q8nb-51rs-20] .you", "Sie: ").await;
        maya.assert_match("[data-booking=h5lk-63tt-88] .customer", "Gast").await;
        // The second pass opens an address without the language parameter, so that the cookie
        // decides.
        maya.goto(&conversation).await;
        maya.reload().await;
    }
    // Texts that the script adds are German too.
    maya.type_into("#draft", "Aber gern!\n").await;
    maya.wait_visible(".message[data-number]:last-child[data-side=operator]").await;
    maya.assert_match(".date-section:last-child .date-heading span", "Heute").await;
    let removal = "document.querySelector(\".message[data-number='3'] .remove\").focus()";
    maya.execute::<Value>(removal, &[]).await;
    maya.press(ENTER).await;
    maya.wait_visible("#remove-dialog").await;
    maya.assert_no_english_labels().await;
    maya.click("#remove").await;
    maya.wait_texts(".message[data-number='3'] .text", &["Nachricht entfernt"]).await;
    maya.paste("#draft", "\u{200b}").await;
    maya.click("#send").await;
    maya.wait_texts("#send-error", &["Nicht gesendet. Die Nachricht ist leer."]).await;
    maya.wait_texts("#send", &["Erneut senden"]).await;

    // The cookie applies to the customer's page in the same browser.
    maya.goto(&server.customer_url).await;
    maya.wait_visible("html[lang=de] .message").await;
    maya.assert_no_english_labels().await;
    maya.assert_match(".date-heading span", &format!("Heute|Gestern|{DATE}")).await;
    maya.assert_match("#date", DATE).await;
    maya.click("#language").await;
    maya.wait_visible("html[lang=en] .message").await;
    maya.reload().await;
    maya.wait_visible("html[lang=en] .message").await;
    maya.close().await;
}
