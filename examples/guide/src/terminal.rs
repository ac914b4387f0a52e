//! Views of the library, printed in a terminal of 80 columns.

use std::io::{self, Write};
use std::iter;

use frontdesk::view::{
    CustomerHistoryView, DateSection, Entry, Header, InboxRow, OperatorConversationView,
};
use frontdesk::{MessageBody, Role, SingleLine};
use textwrap::core::display_width;
use textwrap::wrap;

/// Width of the output, in columns, between margins of two columns.
const WIDTH: usize = 76;
/// Maximum width of a message. It is smaller than [`WIDTH`], so that one can see whether a message
/// is on the left (by the customer) or on the right (by an operator).
const MESSAGE_WIDTH: usize = 50;

/// Prints a horizontal rule with a title at its left end and a text at its right end.
///
/// # Errors
///
/// Writing failed.
pub fn print_heading(out: &mut impl Write, title: &str, right: &str) -> io::Result<()> {
    let right = if right.is_empty() { String::new() } else { format!(" {right}") };
    let rule = WIDTH.saturating_sub(display_width(title) + 1 + display_width(&right));
    writeln!(out, "\n  {title} {}{right}\n", "─".repeat(rule))
}

/// Prints a paragraph.
///
/// # Errors
///
/// Writing failed.
pub fn print_paragraph(out: &mut impl Write, text: &str) -> io::Result<()> {
    wrap(text, WIDTH).iter().try_for_each(|line| writeln!(out, "  {line}"))
}

/// Prints a name and, in a column beside it, a text.
///
/// # Errors
///
/// Writing failed.
pub fn print_field(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    const NAME: usize = 16;
    for (index, line) in wrap(text, WIDTH - NAME).iter().enumerate() {
        writeln!(out, "  {:<NAME$}{line}", if index == 0 { name } else { "" })?;
    }
    Ok(())
}

/// Prints the rows of an inbox.
///
/// # Errors
///
/// Writing failed.
pub fn print_inbox(out: &mut impl Write, rows: &[InboxRow]) -> io::Result<()> {
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let badge = row.badge.text().map(|text| format!("({text})")).unwrap_or_default();
        let title = format!("{} · {}", row.customer, row.activity);
        let first = justify(&title, &format!("{} {badge:>4}", row.relative));
        writeln!(out, "  {}", first.trim_end())?;
        let details = [Some(&row.short_code), row.booking_date.as_ref(), Some(&row.status_label)];
        writeln!(out, "  {}", truncate(&join(&details, " · "), WIDTH))?;
        if let Some(preview) = &row.preview {
            let arrow = if row.last_from == Some(Role::Operator) { "→ " } else { "" };
            writeln!(out, "  {}", truncate(&format!("{arrow}{preview}"), WIDTH))?;
        }
    }
    Ok(())
}

/// Prints a conversation as an operator sees it: the booking and the messages.
///
/// # Errors
///
/// Writing failed.
pub fn print_operator_conversation(
    out: &mut impl Write,
    conversation: &OperatorConversationView,
) -> io::Result<()> {
    print_header(out, &conversation.header)?;
    print_operator_messages(out, conversation)
}

/// Prints the messages of an operator's view without the booking, for the messages that a poll
/// adds.
///
/// # Errors
///
/// Writing failed.
pub fn print_operator_messages(
    out: &mut impl Write,
    conversation: &OperatorConversationView,
) -> io::Result<()> {
    print_sections(out, &conversation.sections)
}

/// Prints a conversation as its customer sees it: the booking and the messages.
///
/// # Errors
///
/// Writing failed.
pub fn print_customer_conversation(
    out: &mut impl Write,
    conversation: &CustomerHistoryView,
) -> io::Result<()> {
    if let Some(header) = &conversation.header {
        print_header(out, header)?;
    }
    print_sections(out, &conversation.sections)
}

fn print_header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    print_paragraph(out, &format!("{} · {} · {}", header.customer, header.activity, header.code))?;
    let start = join(&[header.date.as_ref(), header.time.as_ref()], ", ");
    let start = (!start.is_empty()).then(|| SingleLine::new(start));
    let details = [start.as_ref(), header.duration.as_ref(), Some(&header.status_label)];
    print_paragraph(out, &join(&details, " · "))
}

/// Joins the texts that are present.
fn join(texts: &[Option<&SingleLine>], separator: &str) -> String {
    let present: Vec<_> = texts.iter().flatten().map(|text| text.as_str()).collect();
    present.join(separator)
}

fn print_sections(
    out: &mut impl Write,
    sections: &[DateSection<impl AsRef<Entry>>],
) -> io::Result<()> {
    for section in sections {
        let heading = format!(" {} ", section.heading);
        let rule = WIDTH.saturating_sub(display_width(&heading));
        let (before, after) = ("─".repeat(rule / 2), "─".repeat(rule - rule / 2));
        writeln!(out, "\n  {before}{heading}{after}")?;
        for entry in &section.entries {
            print_message(out, entry.as_ref())?;
        }
    }
    Ok(())
}

/// Prints a customer's message on the left and an operator's on the right.
fn print_message(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    let read = if entry.read { " · read" } else { "" };
    let sender = format!("{} · {}{read}", entry.sender, entry.time);
    let text = entry.text.as_ref().map_or("(removed)", MessageBody::as_str);
    let lines = wrap(text, MESSAGE_WIDTH);
    writeln!(out)?;
    for line in iter::once(sender.as_str()).chain(lines.iter().map(AsRef::as_ref)) {
        match entry.side {
            Role::Customer => writeln!(out, "  {line}")?,
            Role::Operator => writeln!(out, "  {}", justify("", line))?,
        }
    }
    Ok(())
}

/// Returns a line with one text at each end. If there is too little room, the left text is
/// cut.
fn justify(left: &str, right: &str) -> String {
    let left = truncate(left, WIDTH.saturating_sub(display_width(right) + 1));
    let gap = WIDTH.saturating_sub(display_width(&left) + display_width(right));
    format!("{left}{}{right}", " ".repeat(gap))
}

/// Returns the text if it fits into `columns`. If not, returns its beginning and `…`.
fn truncate(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let lines = wrap(text, columns.saturating_sub(1));
    let first = lines.first().map_or("", |line| line.trim_end_matches('…'));
    format!("{first}…")
}
