//! The inbox and a conversation, drawn for a terminal of 80 columns.

use std::io::{self, Write};

use frontdesk::Role;
use frontdesk::view::{CustomerConversation, DateSection, Entry, Header};
use frontdesk::view::{InboxRow, OperatorConversation};

use textwrap::core::display_width as width;
use textwrap::wrap;

use crate::columns::{fitted, spread};

/// What is drawn, between margins of two columns.
const WIDTH: usize = 76;
/// How wide a message may get, so that left and right stay apart.
const BUBBLE: usize = 50;

/// What stands above a part of the output.
pub(crate) fn heading(out: &mut impl Write, title: &str, right: &str) -> io::Result<()> {
    let right = if right.is_empty() { String::new() } else { format!(" {right}") };
    let rule = WIDTH.saturating_sub(width(title) + 1 + width(&right));
    writeln!(out, "\n  {title} {}{right}\n", "─".repeat(rule))
}

/// A line of plain text.
pub(crate) fn note(out: &mut impl Write, text: &str) -> io::Result<()> {
    wrap(text, WIDTH).iter().try_for_each(|line| writeln!(out, "  {line}"))
}

/// Something that is `named`, indented under its name.
pub(crate) fn fact(out: &mut impl Write, name: &str, text: &str) -> io::Result<()> {
    const NAME: usize = 14;
    for (at, line) in wrap(text, WIDTH - NAME).iter().enumerate() {
        writeln!(out, "  {:<NAME$}{line}", if at == 0 { name } else { "" })?;
    }
    Ok(())
}

/// The Conversations panel.
pub(crate) fn inbox(out: &mut impl Write, rows: &[InboxRow]) -> io::Result<()> {
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let badge = row.badge.text().map(|text| format!("({text})")).unwrap_or_default();
        let (who, when) = (format!("{} · {}", row.customer, row.activity), &row.relative);
        let top = spread(&who, &format!("{when} {badge:>4}"), WIDTH);
        writeln!(out, "  {}", top.trim_end())?;
        let about = format!("{} · {} · {}", row.short_code, row.booking_date, row.status_label);
        writeln!(out, "  {}", fitted(&about, WIDTH))?;
        if let Some(preview) = &row.preview {
            let arrow = if row.last_from == Some(Role::Operator) { "→ " } else { "" };
            writeln!(out, "  {}", fitted(&format!("{arrow}{preview}"), WIDTH))?;
        }
    }
    Ok(())
}

/// A conversation as the team sees it.
pub(crate) fn for_operator(out: &mut impl Write, shown: &OperatorConversation) -> io::Result<()> {
    header(out, &shown.header)?;
    news(out, shown)
}

/// The same without what stands above it: what a poll has brought.
pub(crate) fn news(out: &mut impl Write, shown: &OperatorConversation) -> io::Result<()> {
    sections(out, &shown.sections)
}

/// A conversation as its customer sees it.
pub(crate) fn for_customer(out: &mut impl Write, shown: &CustomerConversation) -> io::Result<()> {
    header(out, &shown.header)?;
    sections(out, &shown.sections)
}

fn header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    note(out, &format!("{} · {} · {}", header.customer, header.activity, header.code))?;
    let duration = header.duration.as_ref().map(|duration| format!(" · {duration}"));
    let (date, time, status) = (&header.date, &header.time, &header.status_label);
    note(out, &format!("{date}, {time}{} · {status}", duration.unwrap_or_default()))
}

fn sections(out: &mut impl Write, sections: &[DateSection<impl AsRef<Entry>>]) -> io::Result<()> {
    for section in sections {
        let heading = format!(" {} ", section.heading);
        let rule = WIDTH.saturating_sub(width(&heading));
        let (before, after) = ("─".repeat(rule / 2), "─".repeat(rule - rule / 2));
        writeln!(out, "\n  {before}{heading}{after}")?;
        for message in &section.entries {
            bubble(out, message.as_ref())?;
        }
    }
    Ok(())
}

/// One message: the customer's on the left, replies on the right.
fn bubble(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    let read = if entry.read { " · read" } else { "" };
    let from = format!("{} · {}{read}", entry.sender, entry.time);
    let lines = wrap(entry.text.as_str(), BUBBLE);
    writeln!(out)?;
    std::iter::once(from.as_str()).chain(lines.iter().map(AsRef::as_ref)).try_for_each(|line| {
        match entry.side {
            Role::Customer => writeln!(out, "  {line}"),
            Role::Operator => writeln!(out, "  {}", spread("", line, WIDTH)),
        }
    })
}
