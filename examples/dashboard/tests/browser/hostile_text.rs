//! Texts that try to break a page are shown as typed and have no effect (T5). A text *reads
//! back* if the page shows exactly the text that the rules make of it (T1 to T7).

use std::fs;

use frontdesk::{BodyError, MessageBody};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::driver::Driver;
use crate::injection_probe::{ContentSecurityPolicy, ExpectedErrors};
use crate::payloads::IDS;
use crate::server::Server;
use crate::text_fixture::{HELLO, ShownConversation, ShownMessage, ShownRow, TextFixture};

/// Starts a server with these conversations and returns it with the address of their list.
fn start_server(fixtures: &[TextFixture]) -> (Server, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: String = fixtures.iter().map(TextFixture::import_line).collect();
    fs::write(file.path(), lines).unwrap();
    let path = file.path().to_str().unwrap();
    let server = Server::start(&["--poll-ms", "300", "--import", path]);
    let list_url = format!("{}/desk/imported", server.origin());
    (server, list_url)
}

impl Browser {
    /// Calls a function of `read_page.js` in the page.
    async fn call<T: DeserializeOwned>(&self, function: &str, args: &[Value]) -> T {
        let functions = include_str!("read_page.js");
        self.execute(&format!("{functions}\nreturn {function}(...arguments)"), args).await
    }
}

/// Makes a fixture of each text, and a fixture of a harmless text at the end. The harmless
/// conversation is the newest, so it is the first row of the list.
fn fixtures(texts: &[String]) -> Vec<TextFixture> {
    let texts = texts.iter().enumerate();
    let hostile = texts.map(|(index, text)| TextFixture::new(format!("s-{index}"), text));
    hostile.chain([TextFixture::new("harmless", HELLO)]).collect()
}

fn ids(fixtures: &[TextFixture]) -> Value {
    fixtures.iter().map(|fixture| fixture.id.as_str()).collect()
}

#[track_caller]
fn row_of<'a>(rows: &'a [ShownRow], id: &str) -> &'a ShownRow {
    rows.iter().find(|row| row.booking == id).unwrap()
}

/// T5, T6, T7: a name, a title, an activity, a code, a status and a preview read back in the
/// list, both in the list that the server renders and in the list that the script renders.
pub(crate) async fn every_text_reads_back_in_the_list(driver: &Driver, texts: &[String]) {
    let fixtures = fixtures(texts);
    let (_server, list_url) = start_server(&fixtures);
    let maya = driver.probe(ContentSecurityPolicy::Enforced).await;
    maya.goto(&list_url).await;
    maya.wait_visible(".conversation").await;

    // The server renders only the 20 newest rows. So each group gets replies, which move it to
    // the top.
    for group in fixtures.chunks(19).map(|group| group.iter().chain(fixtures.last())) {
        let texts: Vec<_> = group.clone().map(TextFixture::valid_body).collect();
        let ids: Vec<_> = group.clone().map(|fixture| fixture.id.as_str()).collect();
        let rows: Vec<ShownRow> = maya.call("reply", &[json!(ids), json!(texts)]).await;
        for fixture in group {
            fixture.assert_row(row_of(&rows, &fixture.id), &rows[0]);
        }
    }

    maya.goto(&list_url).await;
    maya.wait_until("the whole list is loaded".to_owned(), async || {
        let script = "const list = document.querySelector('#list-scroll'); \
            list.scrollTop = list.scrollHeight; return document.querySelectorAll('.row').length";
        maya.execute::<usize>(script, &[]).await == fixtures.len()
    })
    .await;
    let rows: Vec<ShownRow> = maya.call("currentRows", &[]).await;
    for fixture in &fixtures {
        fixture.assert_row(row_of(&rows, &fixture.id), &rows[0]);
    }
    maya.assert_no_injection(ExpectedErrors::None).await;
    maya.close().await;
}

/// T5, T6: the same texts read back in the conversation that an operator opens, and on the
/// customer's page as the server renders it.
pub(crate) async fn every_text_reads_back_in_its_conversation(driver: &Driver, texts: &[String]) {
    let fixtures = fixtures(texts);
    let (_server, list_url) = start_server(&fixtures);
    let maya = driver.probe(ContentSecurityPolicy::Enforced).await;
    maya.goto(&list_url).await;
    maya.wait_visible(".conversation").await;
    let harmless: Vec<ShownConversation> = maya.call("open", &[json!(["harmless"])]).await;
    for group in fixtures.chunks(100) {
        let shown: Vec<ShownConversation> = maya.call("open", &[ids(group)]).await;
        for (fixture, shown) in group.iter().zip(&shown) {
            fixture.assert_conversation(shown, &harmless[0]);
        }
    }
    let harmless: Vec<ShownConversation> = maya.call("portals", &[json!(["harmless"])]).await;
    for group in fixtures.chunks(100) {
        let shown: Vec<ShownConversation> = maya.call("portals", &[ids(group)]).await;
        for (fixture, shown) in group.iter().zip(&shown) {
            fixture.assert_conversation(shown, &harmless[0]);
            assert_eq!(shown.title, format!("{} – Imported", fixture.booking.activity.as_str()));
        }
    }
    maya.assert_no_injection(ExpectedErrors::None).await;
    maya.close().await;
}

/// T5: the messages of both sides read back on both pages after a poll, even without the
/// content security policy.
pub(crate) async fn sent_texts_read_back_on_both_pages(driver: &Driver, texts: &[String]) {
    let server = Server::start(&["--poll-ms", "100"]);
    let maya = driver.probe(ContentSecurityPolicy::Bypassed).await;
    let ann = driver.probe(ContentSecurityPolicy::Bypassed).await;
    maya.goto(&server.conversation_url("k7q2-xh41-09")).await;
    maya.wait_visible("#chat[data-state=open] .message").await;
    ann.goto(&server.customer_url).await;
    ann.wait_visible(".message").await;
    let before: Vec<ShownMessage> = ann.call("currentMessages", &[]).await;

    let mut expected = Vec::new();
    for (side, browser, path) in
        [("customer", &ann, "/messages"), ("operator", &maya, "/threads/k7q2-xh41-09/messages")]
    {
        for group in texts.chunks(200) {
            let responses: Vec<Value> = browser.call("send", &[json!(path), json!(group)]).await;
            for (text, response) in group.iter().zip(responses) {
                match MessageBody::new(text) {
                    Ok(body) => {
                        assert_eq!(response["text"], body.as_str());
                        assert_eq!(response["html"], body.to_html().to_string());
                        expected.push((side.to_owned(), body.as_str().to_owned()));
                    }
                    // The error does not quote the text.
                    Err(error) => assert_eq!(response["detail"], error.to_string()),
                }
            }
        }
    }

    for browser in [&maya, &ann] {
        let is_complete = async || {
            let script = "return document.querySelectorAll('.message[data-number]').length";
            let messages: usize = browser.execute(script, &[]).await;
            messages == before.len() + expected.len()
        };
        browser.wait_until("polls have returned all messages".to_owned(), is_complete).await;
        let shown: Vec<ShownMessage> = browser.call("currentMessages", &[]).await;
        let texts = shown[before.len()..].iter().map(|it| (it.side.clone(), it.text.clone()));
        assert_eq!(texts.collect::<Vec<_>>(), expected);
        assert!(shown.iter().all(|message| message.structure == shown[0].structure));
        browser.assert_no_injection(ExpectedErrors::Rejections).await;
    }
    maya.close().await;
    ann.close().await;
}

/// T2 to T4: an invalid message stays in the box, and the page shows the reason and no new
/// message.
pub(crate) async fn rejected_texts_stay_in_the_box(driver: &Driver, texts: &[String]) {
    let server = Server::start(&["--poll-ms", "300"]);
    for url in [server.conversation_url("k7q2-xh41-09"), server.customer_url.clone()] {
        let browser = driver.probe(ContentSecurityPolicy::Enforced).await;
        browser.goto(&url).await;
        browser.wait_visible("#chat[data-state=open] .message").await;
        let before = browser.texts(".message .text").await;
        let too_long = "<b>".repeat(MessageBody::DEFAULT_MAX_CHARS / 3 + 1);
        let invalid = texts.iter().chain([&too_long]);
        let invalid = invalid.filter(|text| MessageBody::new(text).is_err());
        // The page does not send a text that is empty after JavaScript's `trim`.
        for text in invalid.filter(|text| !is_empty_for_javascript(text)) {
            browser.paste("#draft", text).await;
            browser.click("#send").await;
            browser.wait_visible("#send-error").await;
            let expected = match MessageBody::new(text).unwrap_err() {
                BodyError::Blank => "There is nothing in the message.",
                BodyError::Control { .. } => "holds a character that cannot be sent.",
                _ => "The message is too long.",
            };
            let shown = browser.text("#send-error").await;
            assert!(shown.contains(expected), "{text:?}: {shown}");
            let normalized = text.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(browser.value("#draft").await, normalized);
            assert_eq!(browser.texts(".message .text").await, before);
        }
        browser.assert_no_injection(ExpectedErrors::Rejections).await;
        browser.close().await;
    }
}

fn is_empty_for_javascript(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

/// T5: markup that is typed reads back when it is sent and, rendered by the server, after a
/// reload.
pub(crate) async fn typed_markup_reads_back(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "300"]);
    let typed = [
        "<img src=x onerror=__hit=1>",
        "&lt;b&gt; &amp; \"'",
        "</textarea><script>__hit=1</script>",
    ];
    for url in [server.conversation_url("m4zp-77qa-31"), server.customer_url.clone()] {
        let browser = driver.probe(ContentSecurityPolicy::Bypassed).await;
        browser.goto(&url).await;
        browser.wait_visible("#chat[data-state=open] .message").await;
        let mut texts = browser.texts(".message .text").await;
        for text in typed {
            browser.type_into("#draft", &format!("{text}\n")).await;
            texts.push(text.to_owned());
        }
        for _ in 0..2 {
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            browser.wait_texts(".message[data-number] .text", &texts).await;
            browser.reload().await;
        }
        browser.assert_no_injection(ExpectedErrors::None).await;
        browser.close().await;
    }
}

/// I1: an id with markup, or with a meaning in JavaScript, works like any other id. The row
/// links to the conversation, and the customer's page works.
pub(crate) async fn ids_with_markup_work_like_other_ids(driver: &Driver) {
    let hostile = IDS.iter().map(|id| TextFixture::new(*id, &format!("About {id}")));
    let fixtures: Vec<_> = hostile.chain([TextFixture::new("harmless", HELLO)]).collect();
    let (server, list_url) = start_server(&fixtures);
    let maya = driver.probe(ContentSecurityPolicy::Bypassed).await;
    maya.goto(&list_url).await;
    maya.wait_visible(".conversation").await;
    let current: Vec<ShownRow> = maya.call("currentRows", &[]).await;
    let server_rendered: Vec<ShownRow> = maya.call("serverRenderedRows", &[]).await;
    for (fixture, id) in fixtures.iter().zip(IDS) {
        for rows in [&current, &server_rendered] {
            let row = row_of(rows, id);
            fixture.assert_row(row, &rows[0]);
            assert_eq!(row.link, format!("#booking={id}"));
        }
    }
    for function in ["open", "portals"] {
        let shown: Vec<ShownConversation> = maya.call(function, &[ids(&fixtures)]).await;
        for (fixture, page) in fixtures.iter().zip(&shown) {
            fixture.assert_conversation(page, shown.last().unwrap());
        }
    }
    let ann = driver.probe(ContentSecurityPolicy::Bypassed).await;
    for fixture in &fixtures {
        let portal: String = maya.call("portal", &[json!(fixture.id)]).await;
        ann.goto(&format!("{}{portal}", server.origin())).await;
        ann.wait_texts("#activity", &[fixture.booking.activity.as_str()]).await;
        let texts: Vec<_> = fixture.messages().into_iter().map(|(_, text)| text).collect();
        ann.wait_texts(".message .text", &texts).await;
    }
    for browser in [maya, ann] {
        browser.assert_no_injection(ExpectedErrors::None).await;
        browser.close().await;
    }
}

/// An address without a valid booking shows an error in place of the conversation, and the
/// list still works.
pub(crate) async fn an_invalid_address_leaves_the_list_usable(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "300"]);
    let maya = driver.probe(ContentSecurityPolicy::Enforced).await;
    for booking in ["%", "%E0%A4%A", "%F0%9F", "%00"] {
        maya.goto(&server.conversation_url(booking)).await;
        maya.wait_texts("#no-selection-title", &["This conversation is no longer there."]).await;
        maya.wait_visible(".conversation .relative-time[data-row-text]").await;
    }
    maya.close().await;
}
