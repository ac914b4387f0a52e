//! What people send to break a page is shown as they typed it, and does nothing (T5).

use std::fs;

use frontdesk::{BodyError, MessageBody};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::driver::Driver;
use crate::host::Host;
use crate::payloads::IDS;
use crate::story::{HELLO, Message, Row, Shown, Story};
use crate::watched::Policy;

/// The example with these conversations, and where its team reads them.
fn host_of(stories: &[Story]) -> (Host, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: String = stories.iter().map(Story::line).collect();
    fs::write(file.path(), lines).unwrap();
    let host = Host::start(&["--poll-ms", "300", "--import", file.path().to_str().unwrap()]);
    let team = format!("{}/desk/imported", origin(&host));
    (host, team)
}

fn origin(host: &Host) -> &str {
    &host.operators[..host.operators.find("/desk/").unwrap()]
}

impl Browser {
    /// What one of the functions of `hostile.js` answers in the page.
    async fn read<T: DeserializeOwned>(&self, function: &str, with: &[Value]) -> T {
        let functions = include_str!("hostile.js");
        self.ask(&format!("{functions}\nreturn {function}(...arguments)"), with).await
    }
}

fn stories(texts: &[String]) -> Vec<Story> {
    let texts = texts.iter().enumerate();
    let hostile = texts.map(|(at, text)| Story::new(format!("s-{at}"), text));
    // The last of them, so that it stands on top.
    hostile.chain([Story::new("harmless", HELLO)]).collect()
}

fn ids(stories: &[Story]) -> Value {
    stories.iter().map(|story| story.id.as_str()).collect()
}

/// T5, T6, T7: in the list, whether the server made it or the page, a name, a title, an
/// activity, a code, a status and a preview read as the crate has them.
pub(crate) async fn every_text_reads_back_in_the_list(driver: &Driver, texts: &[String]) {
    let stories = stories(texts);
    let (_host, team) = host_of(&stories);
    let maya = driver.watched(Policy::Kept).await;
    maya.go(&team).await;
    maya.appears(".conversation").await;

    // The server shows the 20 newest: those that were just answered with the text.
    for few in stories.chunks(19).map(|few| few.iter().chain(stories.last())) {
        let texts: Vec<_> = few.clone().map(Story::sendable).collect();
        let ids: Vec<_> = few.clone().map(|story| story.id.as_str()).collect();
        let rows: Vec<Row> = maya.read("reply", &[json!(ids), json!(texts)]).await;
        for story in few {
            let row = rows.iter().find(|row| row.booking == story.id);
            story.is_in(row.unwrap(), &rows[0]);
        }
    }

    maya.go(&team).await;
    maya.until("the list is there to its end".to_owned(), async || {
        let script = "const list = document.querySelector('#list-scroll'); \
            list.scrollTop = list.scrollHeight; return document.querySelectorAll('.row').length";
        maya.ask::<usize>(script, &[]).await == stories.len()
    })
    .await;
    let rows: Vec<Row> = maya.read("(() => rows(document))", &[]).await;
    for story in &stories {
        story.is_in(rows.iter().find(|row| row.booking == story.id).unwrap(), &rows[0]);
    }
    maya.nothing_happened(false).await;
    maya.close().await;
}

/// T5, T6: the same above and in a conversation that an operator opens, and on the
/// customer's page as the server makes it.
pub(crate) async fn every_text_reads_back_in_its_conversation(driver: &Driver, texts: &[String]) {
    let stories = stories(texts);
    let (_host, team) = host_of(&stories);
    let maya = driver.watched(Policy::Kept).await;
    maya.go(&team).await;
    maya.appears(".conversation").await;
    let harmless: Vec<Shown> = maya.read("open", &[json!(["harmless"])]).await;
    for few in stories.chunks(100) {
        let shown: Vec<Shown> = maya.read("open", &[ids(few)]).await;
        few.iter().zip(&shown).for_each(|(story, shown)| story.is_on(shown, &harmless[0]));
    }
    let harmless: Vec<Shown> = maya.read("portals", &[json!(["harmless"])]).await;
    for few in stories.chunks(100) {
        let shown: Vec<Shown> = maya.read("portals", &[ids(few)]).await;
        for (story, shown) in few.iter().zip(&shown) {
            story.is_on(shown, &harmless[0]);
            assert_eq!(shown.title, format!("{} – Imported", story.booking.activity.as_str()));
        }
    }
    maya.nothing_happened(false).await;
    maya.close().await;
}

/// T5: what both sides send reads back on both pages, where polls bring it, though
/// nothing would keep a script from running that came along.
pub(crate) async fn what_both_sides_send_reads_back(driver: &Driver, texts: &[String]) {
    let host = Host::start(&["--poll-ms", "100"]);
    let maya = driver.watched(Policy::Ignored).await;
    let ann = driver.watched(Policy::Ignored).await;
    maya.go(&format!("{}#booking=k7q2-xh41-09", host.operators)).await;
    maya.appears("#chat[data-state=open] .message").await;
    ann.go(&host.customers).await;
    ann.appears(".message").await;
    let before: Vec<Message> = ann.read("(() => messages(document))", &[]).await;

    let mut expected = Vec::new();
    for (side, browser, path) in
        [("customer", &ann, "/messages"), ("operator", &maya, "/threads/k7q2-xh41-09/messages")]
    {
        for texts in texts.chunks(200) {
            let answers: Vec<Value> = browser.read("send", &[json!(path), json!(texts)]).await;
            for (text, answer) in texts.iter().zip(answers) {
                match MessageBody::new(text) {
                    Ok(body) => {
                        assert_eq!(answer["text"], body.as_str());
                        assert_eq!(answer["html"], body.to_html().to_string());
                        expected.push((side.to_owned(), body.as_str().to_owned()));
                    }
                    // Why is said, and none of the words.
                    Err(why) => assert_eq!(answer["detail"], why.to_string()),
                }
            }
        }
    }

    for browser in [&maya, &ann] {
        browser
            .until("the polls have brought all".to_owned(), async || {
                let script = "return document.querySelectorAll('.message[data-number]').length";
                browser.ask::<usize>(script, &[]).await == before.len() + expected.len()
            })
            .await;
        let shown: Vec<Message> = browser.read("(() => messages(document))", &[]).await;
        let said = shown[before.len()..].iter().map(|it| (it.side.clone(), it.text.clone()));
        assert_eq!(said.collect::<Vec<_>>(), expected);
        assert!(shown.iter().all(|message| message.shape == before[0].shape));
        browser.nothing_happened(true).await;
    }
    maya.close().await;
    ann.close().await;
}

/// T2 to T4: what is no message stays in the box; the page says why, and shows nothing.
pub(crate) async fn what_is_refused_stays_in_the_box(driver: &Driver, texts: &[String]) {
    let host = Host::start(&["--poll-ms", "300"]);
    for address in [format!("{}#booking=k7q2-xh41-09", host.operators), host.customers.clone()] {
        let browser = driver.watched(Policy::Kept).await;
        browser.go(&address).await;
        browser.appears("#chat[data-state=open] .message").await;
        let before = browser.texts(".message .text").await;
        let too_long = "<b>".repeat(MessageBody::DEFAULT_MAX_CHARS / 3 + 1);
        let refused =
            texts.iter().chain([&too_long]).filter(|text| MessageBody::new(text).is_err());
        // What looks empty to the page itself is not sent at all.
        for text in refused.filter(|text| !looks_empty(text)) {
            browser.paste("#draft", text).await;
            browser.click("#send").await;
            browser.appears("#send-error").await;
            let why = match MessageBody::new(text).unwrap_err() {
                BodyError::Blank => "There is nothing in the message.",
                BodyError::Control { .. } => "holds a character that cannot be sent.",
                _ => "The message is too long.",
            };
            let said = browser.text("#send-error").await;
            assert!(said.contains(why), "{text:?}: {said}");
            assert_eq!(
                browser.value("#draft").await,
                text.replace("\r\n", "\n").replace('\r', "\n")
            );
            assert_eq!(browser.texts(".message .text").await, before);
        }
        browser.nothing_happened(true).await;
        browser.close().await;
    }
}

fn looks_empty(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
}

/// T5: the same typed by hand: sent, shown at once, and after a reload by the server.
pub(crate) async fn what_is_typed_reads_back(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "300"]);
    let typed = [
        "<img src=x onerror=__hit=1>",
        "&lt;b&gt; &amp; \"'",
        "</textarea><script>__hit=1</script>",
    ];
    for address in [format!("{}#booking=m4zp-77qa-31", host.operators), host.customers.clone()] {
        let browser = driver.watched(Policy::Ignored).await;
        browser.go(&address).await;
        browser.appears("#chat[data-state=open] .message").await;
        let mut texts = browser.texts(".message .text").await;
        for text in typed {
            browser.type_into("#draft", &format!("{text}\n")).await;
            texts.push(text.to_owned());
        }
        for _ in 0..2 {
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            browser.shows(".message[data-number] .text", &texts).await;
            browser.reload().await;
        }
        browser.nothing_happened(false).await;
        browser.close().await;
    }
}

/// I1: an id with markup in it, or one that scripts have a meaning for, is an id like
/// any other: its row links to it, it opens, and its customer's page is there.
pub(crate) async fn an_id_is_only_an_id(driver: &Driver) {
    let story = |id: &&str| Story::new(*id, &format!("About {id}"));
    let stories: Vec<_> = IDS.iter().map(story).chain([Story::new("harmless", HELLO)]).collect();
    let (host, team) = host_of(&stories);
    let maya = driver.watched(Policy::Ignored).await;
    maya.go(&team).await;
    maya.appears(".conversation").await;
    let list: Vec<Row> = maya.read("(() => rows(document))", &[]).await;
    let made: Vec<Row> = maya.read("(async () => rows(await parsed(location.href)))", &[]).await;
    for (story, id) in stories.iter().zip(IDS) {
        let [row, made] = [&list, &made].map(|rows| {
            let row = rows.iter().find(|row| row.booking == *id).unwrap();
            story.is_in(row, &rows[0]);
            row
        });
        assert_eq!(row.link, format!("#booking={id}"));
        assert_eq!(made.link, row.link);
    }
    let shown: Vec<Shown> = maya.read("open", &[ids(&stories)]).await;
    stories.iter().zip(&shown).for_each(|(story, page)| story.is_on(page, shown.last().unwrap()));
    let made: Vec<Shown> = maya.read("portals", &[ids(&stories)]).await;
    stories.iter().zip(&made).for_each(|(story, page)| story.is_on(page, made.last().unwrap()));
    let ann = driver.watched(Policy::Ignored).await;
    for story in &stories {
        let portal: String = maya.read("portal", &[json!(story.id)]).await;
        ann.go(&format!("{}{portal}", origin(&host))).await;
        ann.shows("#activity", &[story.booking.activity.as_str()]).await;
        let texts: Vec<_> = story.messages().into_iter().map(|(_, text)| text).collect();
        ann.shows(".message .text", &texts).await;
    }
    for browser in [maya, ann] {
        browser.nothing_happened(false).await;
        browser.close().await;
    }
}

/// An address that is no conversation's is said to be none, and the list lives on.
pub(crate) async fn a_bad_address_leaves_the_list(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "300"]);
    let maya = driver.watched(Policy::Kept).await;
    for address in ["#booking=%", "#booking=%E0%A4%A", "#booking=%F0%9F", "#booking=%00"] {
        maya.go(&format!("{}{address}", host.operators)).await;
        maya.shows("#nothing-title", &["This conversation is no longer there."]).await;
        maya.appears(".conversation .relative[data-said]").await;
    }
    maya.close().await;
}
