use importer::export::{DateOrder, ExportFile, Format};

use crate::samples::{left_out, lines, local_settings, read_error, read_one, sample, settings};

#[test]
fn messages_with_a_text_are_kept_with_their_last_text() {
    let conversation = read_one(Format::Telegram, &[sample("telegram.json")], &settings(&[]));
    assert_eq!(conversation.id, "4411");
    assert_eq!(conversation.customer_name.as_deref(), Some("Ines Moro"));
    assert_eq!(
        lines(&conversation),
        [
            "2 2026-07-29T21:00:00Z customer user4411/Ines Moro: Can we bring a dog & a <cat>?\n\
             Or\u{B}two?",
            "3 2026-07-29T21:01:00Z operator user7/Harbour Boats: See the rules \
             (https://boats.example/rules) or https://boats.example!",
            "5 2026-07-29T21:03:00Z customer user4411/-: our dog",
        ]
    );
    assert_eq!(conversation.left_out, left_out(0, 2, 0, 1));
}

#[test]
fn only_chats_with_people_are_read_from_the_export_of_an_account() {
    let files = [sample("telegram-account.json")];
    let settings = local_settings(&[], "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::Telegram, &files, &settings);
    let expected = ["2 2026-10-25T00:30:00Z customer user4411/Ines Moro: old form"];
    assert_eq!(lines(&conversation), expected);
    assert_eq!(conversation.remarks.len(), 1);
    assert!(conversation.remarks[0].contains("exists twice"), "{:?}", conversation.remarks);
}

#[test]
fn a_local_time_needs_the_zone_of_the_computer() {
    let json = r#"{"name":"Ines Moro","type":"personal_chat","id":1,"messages":[{"id":2,
        "type":"message","date":"2026-07-29T23:00:00","from_id":"user1","text":"Hi"}]}"#;
    let error = read_error(Format::Telegram, json, &settings(&[])).to_string();
    assert!(error.contains("message 2 has only a local time"), "{error}");
}

#[test]
fn a_group_needs_the_names_of_the_team() {
    let json = r#"{"name":"Trip","type":"private_group","id":1,"messages":[{"id":2,
        "type":"message","date_unixtime":"1785358800","from":"Kim","from_id":"user7",
        "text":"Hi"}]}"#;
    let error = read_error(Format::Telegram, json, &settings(&[])).to_string();
    assert!(error.contains("--operator"), "{error}");
    let file = crate::samples::file(json);
    let conversation = read_one(Format::Telegram, &[file], &settings(&["Kim"]));
    assert_eq!(lines(&conversation), ["2 2026-07-29T21:00:00Z operator user7/Kim: Hi"]);
}

fn chat(kind: &str, messages: &[u32], author: &str) -> ExportFile {
    let message = |id: &u32| {
        format!(
            r#"{{"id":{id},"type":"message","date_unixtime":"1785358800",{author}"text":"m{id}"}}"#
        )
    };
    let messages: Vec<String> = messages.iter().map(message).collect();
    let messages = messages.join(",");
    crate::samples::file(&format!(
        r#"{{"name":"Ines Moro","type":"{kind}","id":9,"messages":[{messages}]}}"#
    ))
}

#[test]
fn a_message_that_two_files_of_a_chat_contain_is_kept_once() {
    let author = r#""from_id":"user9","#;
    let files = [chat("personal_chat", &[1, 2], author), chat("personal_chat", &[2, 3], author)];
    let conversation = read_one(Format::Telegram, &files, &settings(&[]));
    let texts: Vec<&str> = conversation.messages.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["m1", "m2", "m3"]);
}

/// Telegram counts the ids of people, groups and supergroups separately.
#[test]
fn chats_of_two_kinds_with_the_same_id_are_refused() {
    let author = r#""from_id":"user9","#;
    let files = [chat("private_supergroup", &[1], author), chat("personal_chat", &[1], author)];
    let error = Format::Telegram.read(&files, &settings(&["Kim"])).unwrap_err().to_string();
    assert!(error.contains("the id 9 belongs to two chats of different kinds"), "{error}");
    let files = [chat("private_supergroup", &[1], author), chat("public_supergroup", &[1], author)];
    assert_eq!(read_one(Format::Telegram, &files, &settings(&["Kim"])).messages.len(), 1);
}

#[test]
fn a_message_without_an_author_is_not_the_team() {
    let file = chat("personal_chat", &[1], "");
    let conversation = read_one(Format::Telegram, &[file], &settings(&[]));
    assert_eq!(lines(&conversation), ["1 2026-07-29T21:00:00Z customer unknown/-: m1"]);
}
