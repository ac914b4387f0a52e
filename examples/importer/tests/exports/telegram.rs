use importer::export::{DateOrder, Format};

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
