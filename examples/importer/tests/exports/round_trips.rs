//! An export that is written from invented messages gives the same messages back.

use frontdesk::{Role, Timestamp};
use importer::export::{DateOrder, ExportFile, Format, ReadSettings};
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::samples::{local_settings, read_one, settings};

const TEAM: &str = "Harbour Boats";

/// A message as its author sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    role: Role,
    sent_at: Timestamp,
    text: String,
}

/// Messages with ascending times in whole seconds of 2026.
fn messages(text: impl Strategy<Value = String>, step: u32) -> impl Strategy<Value = Vec<Written>> {
    let message = (any::<bool>(), 0..40_000 / step, text);
    vec(message, 1..20).prop_map(move |messages| {
        let mut seconds = 1_767_225_600;
        messages
            .into_iter()
            .map(|(is_operator, pause, text)| {
                seconds += i64::from(pause * step);
                let role = if is_operator { Role::Operator } else { Role::Customer };
                let sent_at = Timestamp::from_unix_seconds(seconds).unwrap();
                Written { role, sent_at, text }
            })
            .collect()
    })
}

/// Texts with a visible character.
fn any_text() -> impl Strategy<Value = String> {
    (any::<String>(), "[a-z<&>\"\\\\]").prop_map(|(text, visible)| format!("{text}{visible}"))
}

/// Texts of several lines of which none looks like a text of WhatsApp.
fn chat_text() -> impl Strategy<Value = String> {
    vec("[a-z][a-zäß: \"&<-]{0,30}[a-z]|[🚣\u{200D}é]{1,4}", 1..4)
        .prop_map(|lines| lines.join("\n"))
}

fn read_back(format: Format, content: String, settings: &ReadSettings) -> Vec<Written> {
    let file = ExportFile::new("chat", content);
    let conversation = read_one(format, &[file], settings);
    assert_eq!(conversation.left_out.total(), 0);
    let messages = conversation.messages.into_iter();
    messages.map(|it| Written { role: it.role, sent_at: it.sent_at, text: it.text }).collect()
}

fn unix_seconds(message: &Written) -> i64 {
    message.sent_at.unix_micros() / 1_000_000
}

fn is_operator(message: &Written) -> bool {
    message.role == Role::Operator
}

/// Writes the export of a phone whose clock shows the time of `zone`.
fn whatsapp(messages: &[Written], zone: &TimeZone, is_iphone: bool) -> String {
    let entries = messages.iter().map(|message| {
        let at = jiff::Timestamp::from_second(unix_seconds(message)).unwrap();
        let at = at.to_zoned_datetime(zone.clone());
        let author = if is_operator(message) { TEAM } else { "Ines Moro" };
        let text = &message.text;
        if is_iphone {
            format!("[{}] {author}: {text}\r\n", at.strftime("%d.%m.%y, %H:%M:%S"))
        } else {
            let date = at.strftime("%-d/%-m/%y");
            let time = at.strftime("%-I:%M\u{202F}%p");
            format!("{date}, {time} - {author}: {text}\n")
        }
    });
    let export: String = entries.collect();
    export.trim_end_matches(['\r', '\n']).to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatsapp_gives_back_the_messages(
        messages in messages(chat_text(), 60),
        is_iphone in any::<bool>(),
        // A zone without changes of the clock.
        zone in prop::sample::select(vec!["Asia/Kolkata", "UTC", "Pacific/Honolulu"]),
    ) {
        let settings = local_settings(&[TEAM], zone, DateOrder::DayMonthYear);
        prop_assume!(messages.iter().any(is_operator));
        let export = whatsapp(&messages, settings.zone.as_ref().unwrap(), is_iphone);
        prop_assert_eq!(read_back(Format::WhatsApp, export, &settings), messages);
    }

    #[test]
    fn chatwoot_gives_back_the_messages(messages in messages(any_text(), 1)) {
        let payload: Vec<_> = messages.iter().enumerate().map(|(index, it)| json!({
            "id": index,
            "conversation_id": 1,
            "message_type": i32::from(is_operator(it)),
            "created_at": unix_seconds(it),
            "private": false,
            "content": it.text,
        })).collect();
        let export = json!({ "payload": payload }).to_string();
        prop_assert_eq!(read_back(Format::Chatwoot, export, &settings(&[])), messages);
    }

    /// Telegram writes control characters in its own way.
    #[test]
    fn telegram_gives_back_the_messages(messages in messages(any_text(), 1)) {
        let entries: Vec<_> = messages.iter().enumerate().map(|(index, it)| json!({
            "id": index,
            "type": "message",
            "date_unixtime": unix_seconds(it).to_string(),
            "from_id": if is_operator(it) { "user7" } else { "user1" },
            "text": it.text,
        })).collect();
        let chat = json!({ "type": "personal_chat", "id": 1, "messages": entries });
        let export = chat.to_string().replace("\\u00", "\\x");
        prop_assert_eq!(read_back(Format::Telegram, export, &settings(&[])), messages);
    }

    /// The text of the HTML is the text that was encoded, but for the whitespace that HTML joins.
    #[test]
    fn intercom_gives_back_the_messages(
        messages in messages("[!-~äß🚣]{1,20}( [!-~äß🚣]{1,20}){0,5}", 1)
    ) {
        let body = |text: &str| format!("<p>{}</p>", frontdesk::EncodedHtml::encode(text));
        let author = |it: &Written| json!({
            "type": if is_operator(it) { "admin" } else { "user" },
            "id": "1",
        });
        let parts: Vec<_> = messages[1..].iter().enumerate().map(|(index, it)| json!({
            "id": index,
            "part_type": "comment",
            "body": body(&it.text),
            "created_at": unix_seconds(it),
            "author": author(it),
        })).collect();
        let export = json!({
            "id": 1,
            "created_at": unix_seconds(&messages[0]),
            "source": { "body": body(&messages[0].text), "author": author(&messages[0]) },
            "conversation_parts": { "conversation_parts": parts },
        });
        let found = read_back(Format::Intercom, export.to_string(), &settings(&[]));
        prop_assert_eq!(found, messages);
    }
}
