//! How much room text takes in a terminal.

use textwrap::core::display_width;

/// Two texts at the two ends of a line of `columns`; the left one gives way.
pub(crate) fn spread(left: &str, right: &str, columns: usize) -> String {
    let left = fitted(left, columns.saturating_sub(display_width(right) + 1));
    let gap = columns.saturating_sub(display_width(&left) + display_width(right));
    format!("{left}{}{right}", " ".repeat(gap))
}

/// The beginning of a text on one line of at most `columns`, with `…` if there is more.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let shorter = textwrap::wrap(text, columns.saturating_sub(1));
    let first = shorter.first().map_or("", |line| line.trim_end_matches('…'));
    format!("{first}…")
}
