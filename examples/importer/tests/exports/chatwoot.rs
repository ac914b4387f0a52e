use importer::export::Format;

use crate::samples::{file, left_out, lines, read_error, read_one, sample, settings};

#[test]
fn pages_are_joined_and_only_messages_to_the_other_side_are_kept() {
    let files = [sample("chatwoot.json"), sample("chatwoot-older-page.json")];
    let conversation = read_one(Format::Chatwoot, &files, &settings(&[]));
    assert_eq!(conversation.id, "41");
    assert_eq!(
        lines(&conversation),
        [
            "902 2026-07-29T20:00:00Z customer 12/Ines Moro: Can we bring a dog & a <cat>?",
            "903 2026-07-29T20:01:00Z operator 3/Kim: Yes, in the *small* boat.",
            "907 2026-07-29T20:01:30Z operator* robot/-: How did we do?",
            "909 2026-07-29T20:01:50Z operator* 3/Otto: We open at 8 AM.",
        ]
    );
    assert_eq!(conversation.left_out, left_out(1, 1, 1, 1));
}

/// Webhooks have words instead of numbers and RFC 3339 times instead of seconds.
#[test]
fn the_form_of_webhooks_is_read() {
    let json = r#"{"payload":[{"id":1,"conversation_id":2,"content":"Hi",
        "message_type":"incoming","created_at":"2026-07-29T20:00:00.000Z","private":false,
        "content_attributes":{},"sender":{"id":12,"name":"Ines Moro"}}]}"#;
    let conversation = read_one(Format::Chatwoot, &[file(json)], &settings(&[]));
    let expected = ["1 2026-07-29T20:00:00Z customer 12/Ines Moro: Hi"];
    assert_eq!(lines(&conversation), expected);
}

#[test]
fn a_message_without_the_mark_of_notes_is_refused() {
    let message = r#"{"id":1,"conversation_id":2,"content":"Hi","message_type":1,
        "created_at":1785355200}"#;
    let json = format!("{{\"payload\":[{message}]}}");
    let error = read_error(Format::Chatwoot, &json, &settings(&[])).to_string();
    assert!(error.contains("has no field \"private\""), "{error}");
}

/// The list of conversations contains only the last message of each.
#[test]
fn the_list_of_conversations_is_refused() {
    for json in [
        r#"{"data":{"meta":{},"payload":[{"id":41,"messages":[]}]}}"#,
        r#"{"payload":[{"id":41,"messages":[],"meta":{}}]}"#,
    ] {
        let error = read_error(Format::Chatwoot, json, &settings(&[])).to_string();
        assert!(error.contains("has no field"), "{error}");
    }
}

/// The API returns the newest page first, and times are whole seconds.
#[test]
fn ids_order_the_messages_of_one_second() {
    let page = |ids: [u32; 2]| {
        let message = |id: u32| {
            format!(
                r#"{{"id":{id},"conversation_id":2,"content":"m{id}","message_type":0,
                "created_at":1785355200,"private":false}}"#
            )
        };
        file(&format!("{{\"payload\":[{}]}}", ids.map(message).join(",")))
    };
    let conversation = read_one(Format::Chatwoot, &[page([10, 11]), page([8, 9])], &settings(&[]));
    let texts: Vec<&str> = conversation.messages.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["m8", "m9", "m10", "m11"]);
}
