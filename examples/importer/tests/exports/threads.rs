use frontdesk::Role;
use frontdesk::import::ImportMark;
use importer::booking_map::BookingMap;
use importer::export::{ExportedConversation, ExportedMessage, Format};
use importer::input::Marks;
use importer::threads::Threads;

use crate::samples::{left_out, time};

fn message(id: &str, role: Role, at: &str) -> ExportedMessage {
    ExportedMessage {
        role,
        author_id: "12".to_owned(),
        author_name: Some("Ines Moro".to_owned()),
        sent_at: time(at),
        text: "Hi".to_owned(),
        external_id: id.to_owned(),
        is_automatic: false,
    }
}

fn conversations() -> Vec<ExportedConversation> {
    let conversation = |id: &str, messages| ExportedConversation {
        id: id.to_owned(),
        messages,
        left_out: left_out(1, 0, 0, 0),
        ..ExportedConversation::default()
    };
    vec![
        conversation("35", vec![message("1", Role::Customer, "2026-07-29T20:00:00Z")]),
        conversation("36", vec![message("2", Role::Operator, "2026-07-29T19:00:00Z")]),
    ]
}

#[test]
fn a_conversation_becomes_an_enquiry_with_its_own_id() {
    let threads = Threads::from_export(Format::Zendesk, conversations(), None).unwrap();
    let [first, second] = &threads.imports[..] else { panic!("{:?}", threads.imports) };
    assert_eq!(first.booking.id.as_str(), "zendesk-35");
    assert_eq!(second.booking.id.as_str(), "zendesk-36");
    let name =
        |booking: &frontdesk::Booking| booking.customer_name.as_ref().map(ToString::to_string);
    assert_eq!(name(&first.booking).as_deref(), Some("Ines Moro"));
    assert_eq!(name(&second.booking), None, "an operator's name is not the customer's name");
    let (key, message) = &first.messages[0];
    assert_eq!(key.as_str(), "zendesk-35/1");
    assert_eq!(message.author.id.as_str(), "zendesk-12");
    assert_eq!(threads.left_out, left_out(2, 0, 0, 0));
}

#[test]
fn conversations_of_one_booking_become_one_thread_in_the_order_of_time() {
    let bookings = BookingMap::parse(br#"{"35":"b-1","36":"b-1","99":"b-2"}"#).unwrap();
    let threads = Threads::from_export(Format::Zendesk, conversations(), Some(&bookings)).unwrap();
    let [thread] = &threads.imports[..] else { panic!("{:?}", threads.imports) };
    assert_eq!(thread.booking.id.as_str(), "b-1");
    let keys: Vec<&str> = thread.messages.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["zendesk-36/2", "zendesk-35/1"]);
    assert_eq!((threads.conversations, threads.not_assigned), (2, 0));
}

#[test]
fn only_assigned_conversations_are_imported() {
    let bookings = BookingMap::parse(br#"{"36":"b-1"}"#).unwrap();
    let threads = Threads::from_export(Format::Zendesk, conversations(), Some(&bookings)).unwrap();
    assert_eq!((threads.message_count(), threads.not_assigned), (1, 1));
    assert_eq!(threads.left_out, left_out(1, 0, 0, 0), "of the imported conversation only");
}

#[test]
fn an_assignment_to_something_that_is_no_booking_id_is_refused() {
    for json in [r#"{"36":"b 1"}"#, r#"{"36":1}"#, "[]", ""] {
        assert!(BookingMap::parse(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn ids_contain_no_whitespace() {
    let mut conversations = conversations();
    conversations.truncate(1);
    conversations[0].id = "WhatsApp Chat with  Ines".to_owned();
    conversations[0].messages[0].author_id = "Ines \u{A0}Moro".to_owned();
    let threads = Threads::from_export(Format::WhatsApp, conversations, None).unwrap();
    let id = threads.imports[0].booking.id.as_str();
    assert!(id.starts_with("whatsapp-WhatsApp-Chat-with-Ines-"), "{id}");
    let author = threads.imports[0].messages[0].1.author.id.as_str();
    assert!(author.starts_with("whatsapp-Ines-Moro-"), "{author}");
}

/// Names of files can differ only in whitespace and hyphens.
#[test]
fn conversations_with_similar_ids_stay_separate() {
    let mut conversations = conversations();
    conversations[0].id = "Chat with Ines".to_owned();
    conversations[1].id = "Chat-with-Ines".to_owned();
    conversations[0].messages[0].external_id = "1".to_owned();
    conversations[1].messages[0].external_id = "1".to_owned();
    let threads = Threads::from_export(Format::WhatsApp, conversations.clone(), None).unwrap();
    let counts: Vec<usize> = threads.imports.iter().map(|import| import.messages.len()).collect();
    assert_eq!(counts, [1, 1]);

    let bookings = BookingMap::parse(br#"{"Chat with Ines":"b-1","Chat-with-Ines":"b-1"}"#);
    let bookings = bookings.unwrap();
    let threads = Threads::from_export(Format::WhatsApp, conversations, Some(&bookings)).unwrap();
    let [(first, _), (second, _)] = &threads.imports[0].messages[..] else { panic!() };
    assert_ne!(first, second, "the messages have one key");
}

/// Each of the letters takes two bytes, so the name of a file can be longer than an id.
#[test]
fn conversations_with_long_ids_stay_separate() {
    let mut conversations = conversations();
    conversations[0].id = "Чат с Инес ".repeat(8);
    conversations[1].id = "Чат с Инес ".repeat(9);
    let mut second = message("2", Role::Customer, "2026-07-29T20:01:00Z");
    second.author_id = "Инес ".repeat(20);
    conversations[0].messages.push(second);
    let threads = Threads::from_export(Format::WhatsApp, conversations, None).unwrap();
    let [first, second] = &threads.imports[..] else { panic!("{:?}", threads.imports) };
    assert!(first.booking.id.as_str().starts_with("whatsapp-Чат-с-Инес-Чат-с"));
    let longer = if first.messages.len() == 2 { first } else { second };
    let [(key, _), (other_key, _)] = &longer.messages[..] else { panic!("{longer:?}") };
    assert_ne!(key, other_key);
}

#[test]
fn all_threads_of_an_export_get_the_same_marks() {
    let mut threads = Threads::from_export(Format::Zendesk, conversations(), None).unwrap();
    let is_plain = |import: &frontdesk::import::ThreadImport| {
        import.read[Role::Operator] == ImportMark::Everything && !import.waiting
    };
    assert!(threads.imports.iter().all(is_plain));
    let until = ImportMark::Until(time("2026-07-29T19:30:00Z"));
    threads.set_marks(Marks { operators: until, waiting: true, ..Marks::default() });
    for import in &threads.imports {
        let read = [import.read[Role::Operator], import.read[Role::Customer]];
        assert_eq!((read, import.waiting), ([until, ImportMark::Everything], true));
    }
}
