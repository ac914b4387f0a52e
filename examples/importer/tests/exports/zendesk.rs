use importer::export::{ExportFile, Format};

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

/// Without the ticket's id, the name of the file is the conversation's id.
#[test]
fn files_of_the_same_name_in_two_folders_are_refused_without_the_id_of_a_ticket() {
    let page = |ticket: &str, comment: u32| {
        format!(
            r#"{{{ticket}"comments":[{{"id":{comment},"author_id":71,"public":true,
            "created_at":"2026-07-29T20:00:00Z","body":"Hi"}}],
            "users":[{{"id":71,"role":"end-user"}}]}}"#
        )
    };
    let read = |first: &str, second: &str, ticket: &str| {
        let files =
            [ExportFile::new(first, page(ticket, 1)), ExportFile::new(second, page(ticket, 2))];
        Format::Zendesk.read(&files, &settings(&[]))
    };
    let error = read("1/comments.json", "2/comments.json", "").unwrap_err().to_string();
    assert!(error.starts_with("2/comments.json: has the same name, comments, as "), "{error}");
    for (second, ticket) in [("2/comments.json", "\"id\":35,"), ("1/comments.jsonl", "")] {
        let found = read("1/comments.json", second, ticket).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].messages.len(), 2);
    }
}

#[test]
fn a_comment_that_two_files_contain_is_kept_once() {
    let files = [sample("zendesk-tickets.jsonl"), sample("zendesk-tickets.jsonl")];
    let found = Format::Zendesk.read(&files, &settings(&[])).unwrap();
    let counts: Vec<usize> = found.iter().map(|it| it.messages.len()).collect();
    assert_eq!(counts, [1, 1]);
}
