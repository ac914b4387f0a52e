//! Properties that all readers of JSON share.

use importer::export::Format;

use crate::samples::{file, read_error, read_one, settings};

const FORMATS: [Format; 4] =
    [Format::Chatwoot, Format::Zendesk, Format::Intercom, Format::Telegram];

#[test]
fn documents_can_follow_each_other_or_be_elements_of_an_array() {
    let page = |id: u32| {
        format!(
            r#"{{"payload":[{{"id":{id},"conversation_id":{id},"content":"Hi","message_type":0,
            "created_at":1785355200,"private":false}}]}}"#
        )
    };
    for content in [
        format!("{}{}", page(1), page(2)),
        format!("{}\n{}\n", page(1), page(2)),
        format!(" [{}, {}]", page(1), page(2)),
        format!("\u{FEFF}{}\r\n{}", page(1), page(2)),
    ] {
        let found = Format::Chatwoot.read(&[file(&content)], &settings(&[])).unwrap();
        let ids: Vec<&str> = found.iter().map(|conversation| conversation.id.as_str()).collect();
        assert_eq!(ids, ["1", "2"]);
    }
}

#[test]
fn an_error_has_the_line_and_no_value() {
    for format in FORMATS {
        let error = read_error(format, "{\n\"id\": secret}", &settings(&[])).to_string();
        assert_eq!(error, "made-up.json: is not valid JSON, line 2, column 7", "{format}");
        for (content, expected) in
            [("", "made-up.json: is empty"), ("[]", "made-up.json: is empty")]
        {
            assert_eq!(
                read_error(format, content, &settings(&[])).to_string(),
                expected,
                "{format}"
            );
        }
    }
    let json = r#"{"comments":[{"id":1,"author_id":1,"public":"secret"}]}"#;
    let error = read_error(Format::Zendesk, json, &settings(&[])).to_string();
    assert!(error.contains("has a field of a wrong type or value, line 1"), "{error}");
    assert!(!error.contains("secret"), "{error}");
}

/// Milliseconds in a field of seconds are out of the range of timestamps.
#[test]
fn a_time_of_another_unit_or_without_an_offset_is_refused() {
    for (time, expected) in [
        ("1785355200000", "timestamp is outside years 1 to 9999"),
        ("\"1785355200000\"", "timestamp is outside years 1 to 9999"),
        ("\"2026-07-29T20:00:00\"", "timestamp has no offset from UTC"),
        ("1785355200.5", "has a field of a wrong type or value"),
    ] {
        let json = format!(
            r#"{{"comments":[{{"id":1,"author_id":1,"public":true,"created_at":{time}}}]}}"#
        );
        let error = read_error(Format::Zendesk, &json, &settings(&[])).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// Only WhatsApp writes the name and the text into one line.
#[test]
fn a_name_in_json_can_contain_a_lone_quotation_mark() {
    let name = r#"Ines 6\" Moro"#;
    for (format, json) in [
        (
            Format::Chatwoot,
            format!(
                r#"{{"payload":[{{"id":1,"conversation_id":1,"content":"Hi","message_type":0,
                "created_at":1785355200,"private":false,"sender":{{"id":1,"name":"{name}"}}}}]}}"#
            ),
        ),
        (
            Format::Zendesk,
            format!(
                r#"{{"id":1,"comments":[{{"id":1,"author_id":1,"public":true,
                "created_at":1785355200,"body":"Hi"}}],
                "users":[{{"id":1,"name":"{name}","role":"end-user"}}]}}"#
            ),
        ),
        (
            Format::Intercom,
            format!(
                r#"{{"id":1,"created_at":1785355200,"source":{{"body":"Hi",
                "author":{{"type":"user","id":1,"name":"{name}"}}}},
                "conversation_parts":{{"conversation_parts":[]}}}}"#
            ),
        ),
        (
            Format::Telegram,
            format!(
                r#"{{"type":"personal_chat","id":1,"messages":[{{"id":1,"type":"message",
                "date_unixtime":"1785355200","from":"{name}","from_id":"user1","text":"Hi"}}]}}"#
            ),
        ),
    ] {
        let conversation = read_one(format, &[file(&json)], &settings(&[]));
        let [message] = &conversation.messages[..] else { panic!("{format}") };
        assert_eq!(message.author_name.as_deref(), Some("Ines 6\" Moro"), "{format}");
    }
}
