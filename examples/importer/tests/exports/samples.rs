//! Reads a sample and shows its messages as lines.

use std::path::Path;

use frontdesk::{Role, Timestamp};
use importer::export::{
    DateOrder, ExportError, ExportFile, ExportedConversation, ExportedMessage, Format, LeftOut,
    ReadSettings, parse_zone,
};

pub(crate) fn sample(name: &str) -> ExportFile {
    ExportFile::read(&Path::new("tests/exports/samples").join(name)).unwrap()
}

pub(crate) fn file(content: &str) -> ExportFile {
    ExportFile::new("made-up.json", content)
}

pub(crate) fn settings(operators: &[&str]) -> ReadSettings {
    ReadSettings {
        operators: operators.iter().map(|&name| name.to_owned()).collect(),
        ..ReadSettings::default()
    }
}

/// Returns settings with a zone and an order of dates, such as `Europe/Berlin dmy`.
pub(crate) fn local_settings(operators: &[&str], zone: &str, order: DateOrder) -> ReadSettings {
    ReadSettings {
        zone: Some(parse_zone(zone).unwrap()),
        date_order: Some(order),
        ..settings(operators)
    }
}

#[track_caller]
pub(crate) fn read_one(
    format: Format,
    files: &[ExportFile],
    settings: &ReadSettings,
) -> ExportedConversation {
    let conversations = format.read(files, settings).unwrap();
    assert_eq!(conversations.len(), 1);
    conversations.into_iter().next().unwrap()
}

#[track_caller]
pub(crate) fn read_error(format: Format, content: &str, settings: &ReadSettings) -> ExportError {
    format.read(&[file(content)], settings).unwrap_err()
}

/// Shows each message as id, time, role, author's id and name, and text. A robot's message is marked
/// with an asterisk.
pub(crate) fn lines(conversation: &ExportedConversation) -> Vec<String> {
    conversation.messages.iter().map(line).collect()
}

fn line(message: &ExportedMessage) -> String {
    let role = match message.role {
        Role::Customer => "customer",
        Role::Operator => "operator",
    };
    let robot = if message.is_automatic { "*" } else { "" };
    let name = message.author_name.as_deref().unwrap_or("-");
    let (id, at) = (&message.external_id, message.sent_at);
    format!("{id} {at} {role}{robot} {}/{name}: {}", message.author_id, message.text)
}

pub(crate) fn left_out(
    private_notes: u64,
    system_lines: u64,
    deleted: u64,
    without_text: u64,
) -> LeftOut {
    LeftOut { deleted, system_lines, private_notes, without_text }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}
