use importer::export::Format;

use crate::samples::{file, left_out, lines, read_error, read_one, sample, settings};

#[test]
fn public_comments_are_kept_with_the_text_of_their_html() {
    let conversation = read_one(Format::Zendesk, &[sample("zendesk.json")], &settings(&[]));
    assert_eq!(conversation.id, "zendesk", "the answer has no id of the ticket");
    assert_eq!(
        lines(&conversation),
        [
            "1001 2026-07-29T20:00:00Z customer 71/Ines Moro: Can we bring a dog & a <cat>?\n\n\
             See the rules (https://boats.example/rules).",
            "1002 2026-07-29T20:01:00Z operator* 9/Kim: We got your question.",
            "1007 2026-07-29T20:05:00Z operator 9/Kim: The card ▇▇▇▇ is not needed.",
        ]
    );
    assert_eq!(conversation.left_out, left_out(1, 1, 1, 1));
}

#[test]
fn a_file_of_tickets_has_a_conversation_for_each_line() {
    let files = [sample("zendesk-tickets.jsonl")];
    let conversations = Format::Zendesk.read(&files, &settings(&[])).unwrap();
    let found: Vec<_> =
        conversations.iter().map(|it| (it.id.as_str(), it.subject.as_str())).collect();
    assert_eq!(found, [("35", "Dogs on board"), ("36", "Parking")]);
    assert_eq!(lines(&conversations[0]), ["1 2026-07-29T20:00:00Z customer 71/-: Dogs?"]);
}

/// Without the users, an agent looks like another customer.
#[test]
fn an_author_of_an_unknown_role_is_refused_unless_the_caller_names_the_team() {
    let json = r#"{"id":35,"requester_id":71,"comments":[{"id":1,"author_id":9,"public":true,
        "created_at":"2026-07-29T20:00:00Z","body":"Hi"}]}"#;
    let error = read_error(Format::Zendesk, json, &settings(&[])).to_string();
    assert!(error.contains("include=users"), "{error}");
    let conversation = read_one(Format::Zendesk, &[file(json)], &settings(&["9"]));
    assert_eq!(lines(&conversation), ["1 2026-07-29T20:00:00Z operator 9/-: Hi"]);
}

#[test]
fn a_comment_without_the_mark_of_notes_is_refused() {
    let json = r#"{"id":35,"requester_id":71,"comments":[{"id":1,"author_id":71,
        "created_at":"2026-07-29T20:00:00Z","body":"Hi"}]}"#;
    let error = read_error(Format::Zendesk, json, &settings(&[])).to_string();
    assert!(error.contains("has no field \"public\", line 2"), "{error}");
}
