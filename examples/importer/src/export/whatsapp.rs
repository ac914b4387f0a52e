//! The text file that WhatsApp exports for a chat.

use std::collections::{HashMap, HashSet};

use frontdesk::{Role, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::clean::clean_name;
use super::conversation::{ExportedConversation, ExportedMessage};
use super::file::{ExportError, ExportFile};
use super::local_time;
use super::settings::{DateOrder, ReadSettings};
use super::whatsapp_line::{Form, Header};
use super::whatsapp_text::{Content, classify};

/// The settings that this format needs.
struct Context<'a> {
    settings: &'a ReadSettings,
    zone: &'a TimeZone,
    order: DateOrder,
}

/// An entry: a message or a system line, with the lines that follow its first line.
struct Entry {
    line: usize,
    local: DateTime,
    text: String,
}

/// The entries of a file.
struct Entries {
    form: Form,
    list: Vec<Entry>,
    remarks: Vec<String>,
}

pub(crate) fn read(
    files: &[ExportFile],
    settings: &ReadSettings,
) -> Result<Vec<ExportedConversation>, ExportError> {
    let mut stems = HashMap::new();
    files
        .iter()
        .map(|file| {
            if let Some(other) = stems.insert(file.stem(), file) {
                return Err(file.same_stem(other));
            }
            let (Some(zone), Some(order)) = (&settings.zone, settings.date_order) else {
                return Err(file.error(
                    "needs --zone and --date-order, because WhatsApp writes local times in the \
                     order of the phone",
                ));
            };
            if settings.operators.is_empty() {
                return Err(file.error("needs --operator, because WhatsApp does not name the team"));
            }
            convert(file, &Context { settings, zone, order })
        })
        .collect()
}

fn convert(file: &ExportFile, context: &Context<'_>) -> Result<ExportedConversation, ExportError> {
    let text = std::str::from_utf8(file.content()).map_err(|_| file.error("is not UTF-8"))?;
    let Entries { form, list, remarks } = entries(file, text, context.order)?;
    let mut conversation =
        ExportedConversation { id: file.stem(), remarks, ..ExportedConversation::default() };
    let authors = clear_authors(&list, context.settings);
    let mut previous = None;
    let mut ids = IdCounter::default();
    let mut has_operator = false;
    for entry in list {
        let at = sent_at(file, &entry, context, previous, &mut conversation.remarks)?;
        previous = previous.max(Some(at));
        let Some((author, text)) = split_author(&entry.text) else {
            conversation.left_out.system_lines += 1;
            continue;
        };
        let author_id = author_id(author);
        if may_be_quotation(author, text) && !authors.contains(&author_id) {
            let problem =
                "was read as a system line, because the colon can be inside of a quotation";
            conversation.remarks.push(file.error_in_line(entry.line, problem).to_string());
            conversation.left_out.system_lines += 1;
            continue;
        }
        let author_name = author_id.trim_start_matches('~').to_owned();
        let is_operator =
            context.settings.operators.iter().any(|it| self::author_id(it) == author_id);
        has_operator |= is_operator;
        let role = if is_operator { Role::Operator } else { Role::Customer };
        let external_id = ids.next(entry.local, role);
        let left_out = &mut conversation.left_out;
        match classify(text, form.has_brackets) {
            Content::Text(text) if text.trim().is_empty() => left_out.without_text += 1,
            Content::Text(text) => conversation.messages.push(ExportedMessage {
                role,
                // WhatsApp exports no ids of authors.
                author_id,
                author_name: Some(author_name),
                sent_at: at,
                text,
                external_id,
                is_automatic: false,
            }),
            Content::Deleted => left_out.deleted += 1,
            Content::SystemLine => left_out.system_lines += 1,
            Content::Attachment => left_out.without_text += 1,
        }
    }
    if !has_operator {
        return Err(file.error("has no message of an author whom --operator names"));
    }
    Ok(conversation)
}

/// Splits the file into entries. Only a line in the form of the first line begins an entry, so that
/// a pasted line of another phone stays a part of the text. A line with an impossible date is also
/// a part of the text, unless the order of the date seems to be wrong.
fn entries(file: &ExportFile, text: &str, order: DateOrder) -> Result<Entries, ExportError> {
    let mut entries: Vec<Entry> = Vec::new();
    let (mut form, mut remarks) = (None, Vec::new());
    let (mut is_order_proved, mut fits_other_order) = (false, None);
    let invalid_time = |number| {
        let order = order.describe();
        let problem = format!("has no valid time, if the order of the date is {order}");
        file.error_in_line(number, &problem)
    };
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let header = Header::parse(line).filter(|it| *form.get_or_insert(it.form) == it.form);
        if let Some(header) = header {
            let other_order = header.local_time(order.with_day_and_month_exchanged());
            if let Some(local) = header.local_time(order) {
                is_order_proved |= other_order.is_none();
                entries.push(Entry { line: number, local, text: header.rest.to_owned() });
                continue;
            }
            if entries.is_empty() {
                return Err(invalid_time(number));
            }
            if other_order.is_some() {
                fits_other_order = fits_other_order.or(Some(number));
            }
            let problem = "has no valid time and was read as a part of the text before it";
            remarks.push(file.error_in_line(number, problem).to_string());
        }
        if let Some(entry) = entries.last_mut() {
            entry.text.push('\n');
            entry.text.push_str(line);
        } else if !line.trim().is_empty() {
            return Err(file.error_in_line(number, "does not begin with a date and a time"));
        }
    }
    if let Some(number) = fits_other_order.filter(|_| !is_order_proved) {
        return Err(invalid_time(number));
    }
    let form = form.ok_or_else(|| file.error("is empty"))?;
    Ok(Entries { form, list: entries, remarks })
}

fn sent_at(
    file: &ExportFile,
    entry: &Entry,
    context: &Context<'_>,
    previous: Option<Timestamp>,
    remarks: &mut Vec<String>,
) -> Result<Timestamp, ExportError> {
    let instant = local_time::instant(entry.local, context.zone, previous)
        .ok_or_else(|| file.error_in_line(entry.line, "has a time outside years 1 to 9999"))?;
    if let Some(doubt) = instant.doubt {
        remarks.push(file.error_in_line(entry.line, doubt.describe()).to_string());
    }
    Ok(instant.at)
}

/// Splits an entry into author and text at the first colon. A system line without a colon has no
/// author.
fn split_author(text: &str) -> Option<(&str, &str)> {
    let first_line = text.split('\n').next().unwrap_or_default();
    let end = match first_line.find(": ") {
        Some(end) => end,
        None => first_line.strip_suffix(':')?.len(),
    };
    let author = &text[..end];
    let rest = text[end + 1..].strip_prefix(' ').unwrap_or(&text[end + 1..]);
    (!author.is_empty()).then_some((author, rest))
}

/// Returns `true` if the colon between author and text can be inside of a quotation of a system
/// line, as in `You changed the subject to "Trip: day 2"`. A name can contain a lone quotation mark,
/// too.
fn may_be_quotation(author: &str, text: &str) -> bool {
    const MARKS: [char; 3] = ['"', '\u{201C}', '\u{201D}'];
    let is_odd = |text: &str| text.matches(MARKS).count() % 2 == 1;
    let line = text.split('\n').next().unwrap_or_default();
    is_odd(author) && (is_odd(line) || line.trim_end_matches(['.', ' ']).ends_with(MARKS))
}

/// Returns the ids of the authors whom `--operator` names, or who have an entry whose colon is not
/// inside of a quotation. Their other entries are not system lines.
fn clear_authors(list: &[Entry], settings: &ReadSettings) -> HashSet<String> {
    let entries = list.iter().filter_map(|entry| split_author(&entry.text));
    let clear = entries.filter(|(author, text)| !may_be_quotation(author, text));
    let operators = settings.operators.iter().map(String::as_str);
    clear.map(|(author, _)| author).chain(operators).map(author_id).collect()
}

/// Returns the name of an author as an id. A `~` is before a name that the author chose, so that it
/// differs from the name of a contact.
fn author_id(author: &str) -> String {
    let name = clean_name(author);
    match name.strip_prefix('~') {
        Some(chosen) => {
            format!("~{}", chosen.trim_start_matches(|c: char| c == '~' || c.is_whitespace()))
        }
        None => name,
    }
}

/// Makes the ids of messages, because WhatsApp exports none: local time, side, and the position
/// among the side's messages of that time. Deleted messages count, so that the ids in a later
/// export are the same.
#[derive(Default)]
struct IdCounter(HashMap<(DateTime, Role), u32>);

impl IdCounter {
    fn next(&mut self, local: DateTime, role: Role) -> String {
        let count = self.0.entry((local, role)).or_default();
        *count += 1;
        let side = if role == Role::Operator { "operator" } else { "customer" };
        format!("{local}/{side}/{count}")
    }
}
