//! Links, full dates and the printed transcript of a conversation.

use std::iter::once;

use frontdesk::Role;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::import_file::ImportFile;
use crate::injection_probe::{ContentSecurityPolicy, ExpectedErrors};
use crate::server::Server;

const TEXT: &str = "See https://example.com/a?b=1&amp;c=2, example.org, mail ann@example.org or \
    <b>call</b> +1 808 555-0123, (808) 555-0199. Not javascript:alert(1), K7Q2-XH41-09, 2026-11-28, \
    10:30-12:00 or 45.00";

async fn links(browser: &Browser, css: &str) -> Vec<(String, String, String)> {
    let script = "return [...document.querySelectorAll(`${arguments[0]} a`)]\
        .map((link) => [link.getAttribute('href'), link.textContent, link.rel])";
    browser.execute(script, &[json!(css)]).await
}

/// Addresses and phone numbers in a message are links, on both pages, also in a text that the server
/// rendered. The text reads back as typed.
pub(crate) async fn addresses_in_messages_are_links(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let ann = driver.probe(ContentSecurityPolicy::Enforced).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    ann.paste("#draft", TEXT).await;
    ann.click("#send").await;
    let last = ".message[data-number='7'] .text";
    for url in
        [None, Some(server.customer_url.clone()), Some(server.conversation_url("k7q2-xh41-09"))]
    {
        if let Some(url) = url {
            ann.goto(&url).await;
        }
        ann.wait_texts(last, &[TEXT]).await;
        let found = links(&ann, last).await;
        let targets: Vec<_> = found.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
        assert_eq!(
            targets,
            [
                ("https://example.com/a?b=1&amp;c=2", "https://example.com/a?b=1&amp;c=2"),
                ("https://example.org", "example.org"),
                ("mailto:ann@example.org", "ann@example.org"),
                ("tel:+18085550123", "+1 808 555-0123"),
                ("tel:8085550199", "(808) 555-0199"),
            ]
        );
        assert!(found.iter().all(|link| link.2 == "noopener nofollow ugc"), "{found:?}");
    }
    ann.assert_no_injection(ExpectedErrors::None).await;
    ann.close().await;
}

/// W4: the time of a message has the full date and the offset of the location's zone as a tooltip. A
/// fact without a value is hidden, and a fact with a value is shown after a reload too.
pub(crate) async fn a_time_has_its_full_date_and_facts_are_complete(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "100"]);
    let browser = driver.browser(DESKTOP).await;
    for url in [server.conversation_url("k7q2-xh41-09"), server.customer_url.clone()] {
        browser.goto(&url).await;
        for _ in 0..2 {
            browser.wait_visible("#chat[data-state=open] .message .time[title]").await;
            let title = browser.attributes(".message .time", "title").await.remove(0).unwrap();
            let instant = browser.attributes(".message .time", "datetime").await.remove(0).unwrap();
            let day = instant[8..10].trim_start_matches('0').to_owned();
            assert!(title.contains(&instant[..4]) && title.contains(&day), "{title} {instant}");
            assert!(title.ends_with("(UTC-10:00)"), "{title}");
            for fact in ["#code", "#date", "#time", "#duration"] {
                assert!(browser.is_visible(fact).await, "{fact}");
            }
            assert!(!browser.is_visible("#lastDate").await);
            assert!(
                !browser.attributes("meta[name=description]", "content").await[0]
                    .as_deref()
                    .unwrap()
                    .is_empty()
            );
            browser.reload().await;
        }
    }
    browser.close().await;
}

/// The transcript of a long conversation has all its messages and as many sheets as they need.
pub(crate) async fn a_printed_transcript_has_all_messages(driver: &Driver) {
    const COUNT: usize = 230;
    let authors = [Role::Customer, Role::Operator].into_iter().cycle().take(COUNT);
    let file = ImportFile::new().with("long", authors).with("short", once(Role::Customer));
    let server = Server::start(&["--poll-ms", "100", "--import", file.path()]);
    let kim = driver.browser(DESKTOP).await;
    kim.goto(&format!("{}/desk/imported#booking=long", server.origin())).await;
    kim.wait_visible("#chat[data-state=open] .message").await;
    kim.execute::<Value>("window.print = () => { window.isPrinted = true }", &[]).await;
    kim.click("#print").await;
    let is_printed = async || kim.execute("return window.isPrinted === true", &[]).await;
    kim.wait_until("the transcript is printed".into(), is_printed).await;
    assert_eq!(kim.texts(".message[data-number]").await.len(), COUNT);
    let pages = kim.devtools.printed_pages().await;
    assert!(pages >= 8, "{COUNT} messages on {pages} pages");
    // On paper nothing scrolls, and nothing invites to write.
    kim.devtools.command("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    let is_whole = "const log = document.getElementById('log');\
        return log.clientHeight === log.scrollHeight && log.scrollHeight > 4000";
    assert!(kim.execute::<bool>(is_whole, &[]).await);
    for css in ["#composer", "#inbox", ".top-bar"] {
        assert!(!kim.is_visible(css).await, "{css}");
    }
    kim.close().await;
}

/// A notification says who wrote, and only while nobody looks at the page. It never has the text.
pub(crate) async fn a_notification_says_who_wrote(driver: &Driver) {
    const RECORD: &str = "window.notes = [];
        window.Notification = class extends EventTarget {
            static permission = 'granted';
            static requestPermission = async () => 'granted';
            constructor(title, options) { super(); window.notes.push(title + JSON.stringify(options)); }
        }";
    let server = Server::start(&["--poll-ms", "100"]);
    let (kim, ann) = (driver.browser(DESKTOP).await, driver.browser(DESKTOP).await);
    kim.devtools.add_init_script(RECORD).await;
    kim.goto(&server.team_url).await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    kim.click(".switch:has(#notify)").await;
    let send = async |text: &str| {
        ann.paste("#draft", text).await;
        ann.click("#send").await;
        kim.wait_texts("[data-booking=k7q2-xh41-09] .preview", &[text]).await;
        kim.execute::<Vec<String>>("return window.notes", &[]).await
    };
    assert_eq!(send("The first secret").await, Vec::<String>::new());
    kim.execute::<Value>("document.hasFocus = () => false", &[]).await;
    let notes = send("The second secret").await;
    assert!(notes.len() == 1 && notes[0].starts_with("New messages from: Ann Lee"), "{notes:?}");
    assert!(!notes[0].contains("secret"), "{notes:?}");
    // The choice survives a reload, and can be taken back.
    kim.reload().await;
    kim.wait_until("the choice is kept".into(), async || {
        kim.execute("return document.getElementById('notify').checked", &[]).await
    })
    .await;
    kim.click(".switch:has(#notify)").await;
    kim.execute::<Value>("document.hasFocus = () => false", &[]).await;
    assert_eq!(send("The third secret").await, Vec::<String>::new());
    kim.close().await;
    ann.close().await;
}
