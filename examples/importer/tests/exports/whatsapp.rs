use importer::export::{DateOrder, ExportFile, Format};

use crate::samples::{left_out, lines, local_settings, read_error, read_one, sample, settings};

const TEAM: &[&str] = &["Harbour Boats"];

#[test]
fn an_export_of_an_android_phone_is_read() {
    let files = [sample("WhatsApp Chat with Ines Moro.txt")];
    let settings = local_settings(TEAM, "America/New_York", DateOrder::MonthDayYear);
    let conversation = read_one(Format::WhatsApp, &files, &settings);
    assert_eq!(conversation.id, "WhatsApp Chat with Ines Moro");
    assert_eq!(
        lines(&conversation),
        [
            "2026-11-27T18:05:00/customer/1 2026-11-27T23:05:00Z customer \
             Ines Moro/Ines Moro: Can we bring a dog & a <cat>?",
            "2026-11-27T18:05:00/customer/2 2026-11-27T23:05:00Z customer \
             Ines Moro/Ines Moro: They are:\n\n- calm\n\
             [27.11.26, 18:00:00] Otto: a line from another phone",
            "2026-11-27T18:06:00/operator/1 2026-11-27T23:06:00Z operator \
             Harbour Boats/Harbour Boats: Yes: in the small boat",
            "2026-11-27T18:07:00/customer/3 2026-11-27T23:07:00Z customer \
             Ines Moro/Ines Moro: our dog",
            "2026-11-28T00:01:00/customer/1 2026-11-28T05:01:00Z customer \
             Ines Moro/Ines Moro: Thanks",
        ]
    );
    assert_eq!(conversation.left_out, left_out(0, 2, 1, 1));
    let [remark] = &conversation.remarks[..] else { panic!("{:?}", conversation.remarks) };
    assert!(remark.contains("Moro.txt:12: was read as a system line"), "{remark}");
}

/// The hour from 02:00 to 03:00 exists twice on this day.
#[test]
fn an_export_of_an_iphone_is_read_and_a_doubled_hour_is_reported() {
    let settings = local_settings(&["~ Harbour Boats"], "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::WhatsApp, &[sample("_chat.txt")], &settings);
    assert_eq!(
        lines(&conversation),
        [
            "2026-10-25T02:30:10/customer/1 2026-10-25T00:30:10Z customer \
             Ines Moro/Ines Moro: first",
            "2026-10-25T02:10:00/operator/1 2026-10-25T01:10:00Z operator \
             ~Harbour Boats/Harbour Boats: later, although the clock shows less",
            "2026-10-25T03:00:00/customer/1 2026-10-25T02:00:00Z customer \
             Ines Moro/Ines Moro: after the change",
        ]
    );
    assert_eq!(conversation.left_out, left_out(0, 2, 1, 2));
    let lines: Vec<&str> = conversation
        .remarks
        .iter()
        .filter_map(|it| it.split(": local time exists").next())
        .collect();
    let expected = [2, 3, 4, 5].map(|line| format!("tests/exports/samples/_chat.txt:{line}"));
    assert_eq!(lines, expected);
}

#[test]
fn a_time_that_the_clock_skipped_is_reported() {
    let file = ExportFile::new("a.txt", "[29.03.26, 02:30:00] Harbour Boats: Hi");
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::WhatsApp, &[file], &settings);
    assert!(conversation.remarks[0].contains("does not exist in the zone"));
    assert_eq!(conversation.messages[0].sent_at.to_string(), "2026-03-29T01:30:00Z");
}

#[test]
fn zone_order_and_team_must_be_stated() {
    let text = "27/11/26, 18:05 - Harbour Boats: Hi";
    let complete = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    for (settings, expected) in [
        (settings(TEAM), "needs --zone and --date-order"),
        (local_settings(&[], "Europe/Berlin", DateOrder::DayMonthYear), "needs --operator"),
        (
            local_settings(&["Harbor Boats"], "Europe/Berlin", DateOrder::DayMonthYear),
            "has no message of an author whom --operator names",
        ),
        (
            local_settings(TEAM, "Europe/Berlin", DateOrder::MonthDayYear),
            "made-up.json:1: has no valid time, if the order of the date is month, day, year",
        ),
    ] {
        let error = read_error(Format::WhatsApp, text, &settings).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let file = crate::samples::file(text);
    assert_eq!(read_one(Format::WhatsApp, &[file], &complete).messages.len(), 1);
}

#[test]
fn a_file_that_does_not_begin_with_a_date_is_refused() {
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    for (text, expected) in [
        ("", "is empty"),
        ("PK\u{3}\u{4}", "made-up.json:1: does not begin with a date and a time"),
        ("\n٢٧/١١/٢٦, 18:05 - Ines: Hi", "made-up.json:2: does not begin"),
    ] {
        let error = read_error(Format::WhatsApp, text, &settings).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// The name of the file is the conversation's id, and iPhones name every export `_chat.txt`.
#[test]
fn files_of_the_same_name_are_refused() {
    let text = "27/11/26, 18:05 - Harbour Boats: Hi";
    let files =
        ["ines/_chat.txt", "otto/_chat.txt"].map(|path| ExportFile::new(path, text.as_bytes()));
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    let error = Format::WhatsApp.read(&files, &settings).unwrap_err().to_string();
    assert!(error.starts_with("otto/_chat.txt: has the same name, _chat, as "), "{error}");
    assert!(error.contains("ines/_chat.txt"), "{error}");
}

/// Reads messages of one minute, and returns the side and the author's id of each.
fn authors(authors: &[&str], operators: &[&str]) -> Vec<String> {
    let lines: Vec<String> =
        authors.iter().map(|author| format!("27/11/26, 18:05 - {author}: Hi\n")).collect();
    let settings = local_settings(operators, "Europe/Berlin", DateOrder::DayMonthYear);
    let file = crate::samples::file(&lines.concat());
    let conversation = read_one(Format::WhatsApp, &[file], &settings);
    let messages = conversation.messages.iter();
    messages.map(|it| format!("{:?} {}", it.role, it.author_id)).collect()
}

#[test]
fn a_name_that_its_author_chose_is_not_the_same_name_of_the_team() {
    let names = ["Harbour Boats", "~ Harbour Boats", "~\u{202F}Harbour Boats", "\u{200E}~Kim"];
    let customers = ["Customer ~Harbour Boats", "Customer ~Harbour Boats", "Customer ~Kim"];
    assert_eq!(authors(&names, TEAM)[0], "Operator Harbour Boats");
    assert_eq!(authors(&names, TEAM)[1..], customers);
    let found = authors(&names, &["~Kim"]);
    assert_eq!(found[0], "Customer Harbour Boats");
    assert_eq!(found[3], "Operator ~Kim");
    assert_eq!(authors(&names, &["~ Kim"]), found);
}

#[test]
fn a_name_can_contain_quotes_and_a_quoted_colon_ends_no_name() {
    let names = [
        "Harbour Boats",
        "Ines \"Skipper\" Moro",
        "Ines \u{201C}Skipper\u{201D} Moro",
        "You changed the subject to \"Trip: day 2\"",
        "You changed the subject from \"Dogs\" to \"Trip: day 2\"",
    ];
    let expected = [
        "Operator Harbour Boats",
        "Customer Ines \"Skipper\" Moro",
        "Customer Ines \u{201C}Skipper\u{201D} Moro",
    ];
    assert_eq!(authors(&names, TEAM), expected);
}

/// A lone quotation mark in a name is no quotation, also if a text of the same author contains
/// another one.
#[test]
fn a_name_can_contain_a_lone_quotation_mark() {
    let text = "27/11/26, 18:05 - Ines 6\" Moro: the \"small boat\"\n\
                27/11/26, 18:06 - Ines 6\" Moro: or the big one?\n\
                27/11/26, 18:06 - Ines 6\" Moro: It has 8\" more.\n\
                27/11/26, 18:07 - Harbour \"Boats: the \"big\"\n\
                27/11/26, 18:08 - You changed the subject to \"Trip: day 2\"\n\
                27/11/26, 18:08 - You changed the subject to \"Trip: 6\" or 8\".\n\
                27/11/26, 18:09 - Otto \u{201C}the cat: I am late";
    let settings = local_settings(&["Harbour \"Boats"], "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::WhatsApp, &[crate::samples::file(text)], &settings);
    let authors: Vec<&str> = conversation.messages.iter().map(|it| &*it.author_id).collect();
    let ines = "Ines 6\" Moro";
    assert_eq!(authors, [ines, ines, ines, "Harbour \"Boats", "Otto \u{201C}the cat"]);
    assert_eq!(conversation.left_out, left_out(0, 2, 0, 0));
    assert_eq!(
        conversation.remarks,
        [5, 6].map(|line| format!(
            "made-up.json:{line}: was read as a system line, because the colon can be inside of a \
             quotation"
        ))
    );
}

#[test]
fn a_line_with_an_impossible_date_belongs_to_the_text_and_is_reported() {
    let text = "02/11/26, 18:05 - Ines: see\n31/02/26, 10:00 - x\n03/11/26, 25:00 - y\n\
                02/11/26, 18:06 - Harbour Boats: ok";
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::WhatsApp, &[crate::samples::file(text)], &settings);
    let texts: Vec<&str> = conversation.messages.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["see\n31/02/26, 10:00 - x\n03/11/26, 25:00 - y", "ok"]);
    let lines: Vec<&str> =
        conversation.remarks.iter().filter_map(|it| it.split(" has ").next()).collect();
    assert_eq!(lines, ["made-up.json:2:", "made-up.json:3:"]);
}

/// Otherwise, in the wrong order, each message after the twelfth day would become a text line.
#[test]
fn a_date_of_the_other_order_is_a_text_line_only_if_another_date_proves_the_order() {
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::MonthDayYear);
    let text = "02/11/26, 18:05 - Harbour Boats: Hi\n13/11/26, 10:00 - Ines: Hi";
    let error = read_error(Format::WhatsApp, text, &settings).to_string();
    assert!(error.starts_with("made-up.json:2: has no valid time"), "{error}");
    let text = format!("{text}\n11/14/26, 10:00 - Ines: Hi");
    let conversation = read_one(Format::WhatsApp, &[crate::samples::file(&text)], &settings);
    assert_eq!(conversation.messages.len(), 2);
    assert_eq!(conversation.remarks.len(), 1);
}

#[test]
fn each_side_counts_its_own_messages_of_a_minute() {
    let text = "27/11/26, 18:05 - Ines: a\n27/11/26, 18:05 - Harbour Boats: b\n\
                27/11/26, 18:05 - Ines: c\n27/11/26, 18:05 - Harbour Boats: d";
    let settings = local_settings(TEAM, "Europe/Berlin", DateOrder::DayMonthYear);
    let conversation = read_one(Format::WhatsApp, &[crate::samples::file(text)], &settings);
    let ids: Vec<&str> =
        conversation.messages.iter().filter_map(|it| it.external_id.get(20..)).collect();
    assert_eq!(ids, ["customer/1", "operator/1", "customer/2", "operator/2"]);
}
