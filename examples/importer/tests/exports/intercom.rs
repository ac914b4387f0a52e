use importer::export::{ExportFile, Format};

use crate::samples::{file, left_out, lines, read_error, read_one, sample, settings};

#[test]
fn the_source_and_all_parts_with_a_public_body_are_kept() {
    let conversation = read_one(Format::Intercom, &[sample("intercom.json")], &settings(&[]));
    assert_eq!(conversation.id, "51");
    assert_eq!(
        lines(&conversation),
        [
            "source 2026-07-29T20:00:00Z customer 6762f1/Ines Moro: Can we bring a dog & a <cat>?",
            "62 2026-07-29T20:00:30Z operator* 5/Otto: Please see the rules \
             (https://boats.example/rules).\n\nBye",
            "64 2026-07-29T20:00:50Z operator 274/Kim: Let me pass you on.",
            "66 2026-07-29T20:01:00Z operator 274/Kim: This is settled.",
            "67 2026-07-29T20:01:10Z customer 6762f1/Ines Moro: One more question",
        ]
    );
    assert_eq!(conversation.left_out, left_out(1, 3, 1, 1));
}

#[test]
fn parts_that_the_api_did_not_return_are_reported() {
    let conversation = read_one(Format::Intercom, &[sample("intercom.json")], &settings(&[]));
    let expected = "conversation 51 lacks its 3 oldest parts, because the API returns at most 500";
    assert_eq!(conversation.remarks, [expected]);
}

/// With `display_as=plaintext` the API returns texts instead of HTML.
#[test]
fn a_plain_text_stays_as_it_is() {
    let json = r#"{"id":"51","created_at":1785355200,"source":{"body":"a &amp; b","author":
        {"type":"user","id":"1"}},"conversation_parts":{"conversation_parts":[]}}"#;
    let conversation = read_one(Format::Intercom, &[file(json)], &settings(&[]));
    assert_eq!(lines(&conversation), ["source 2026-07-29T20:00:00Z customer 1/-: a &amp; b"]);
}

/// The list of conversations contains no parts.
#[test]
fn the_list_of_conversations_is_refused() {
    let conversation = r#"{"id":"51","created_at":1785355200,"source":{"body":"Hi","author":
        {"type":"user","id":"1"}}}"#;
    for json in [conversation, &format!("{{\"conversations\":[{conversation}]}}")] {
        let error = read_error(Format::Intercom, json, &settings(&[])).to_string();
        assert!(error.contains("has no field"), "{error}");
    }
}

fn answer(updated_at: u32, parts: &[(u32, &str)], total_count: usize) -> ExportFile {
    let part = |(id, body): &(u32, &str)| {
        format!(
            r#"{{"id":{id},"part_type":"comment","body":"{body}","created_at":1785355200,
            "author":{{"type":"user","id":"1"}},"redacted":{}}}"#,
            body.is_empty()
        )
    };
    let parts: Vec<String> = parts.iter().map(part).collect();
    file(&format!(
        r#"{{"id":"51","created_at":1785355200,"updated_at":{updated_at},"source":{{"body":"a",
        "author":{{"type":"user","id":"1"}}}},"conversation_parts":{{"total_count":{total_count},
        "conversation_parts":[{}]}}}}"#,
        parts.join(",")
    ))
}

/// A part that was edited or redacted meanwhile has the state of the newest answer.
#[test]
fn answers_for_one_conversation_are_joined() {
    let old = || answer(1_785_355_300, &[(1, "b"), (2, "c"), (3, "secret")], 3);
    let new = || answer(1_785_355_400, &[(2, "c2"), (3, ""), (4, "d")], 5);
    for files in [[old(), new()], [new(), old()]] {
        let conversation = read_one(Format::Intercom, &files, &settings(&[]));
        let texts: Vec<&str> = conversation.messages.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c2", "d"]);
        assert_eq!(conversation.left_out, left_out(0, 0, 1, 0));
        assert_eq!(conversation.remarks.len(), 1);
        assert!(conversation.remarks[0].contains("lacks its 1 oldest parts"));
    }
}

#[test]
fn a_message_of_the_ai_agent_is_automatic() {
    let json = r#"{"id":"51","created_at":1785355200,"source":{"body":"a","author":
        {"type":"admin","id":"1","from_ai_agent":true}},"conversation_parts":
        {"conversation_parts":[]}}"#;
    let conversation = read_one(Format::Intercom, &[file(json)], &settings(&[]));
    assert_eq!(lines(&conversation), ["source 2026-07-29T20:00:00Z operator* 1/-: a"]);
}
