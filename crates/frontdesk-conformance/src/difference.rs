//! The first difference between two values, found in their `Debug` output.

use std::fmt::Debug;

/// The longest `Debug` output that is shown whole.
const MAX_WHOLE: usize = 100;
/// The longest value of a field that is shown.
const MAX_VALUE: usize = 70;

/// The part of two values that differs, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) expected: String,
    pub(crate) actual: String,
}

impl Difference {
    /// Compares two values. Short values are shown whole. Of longer ones, the first field that
    /// differs is shown with its path and its booking. Returns `None` if the outputs are equal.
    pub(crate) fn between<T: Debug + ?Sized>(expected: &T, actual: &T) -> Option<Self> {
        let [whole_expected, whole_actual] = [format!("{expected:?}"), format!("{actual:?}")];
        if whole_expected == whole_actual {
            return None;
        }
        if [&whole_expected, &whole_actual].iter().all(|text| text.chars().count() <= MAX_WHOLE) {
            return Some(Self { expected: whole_expected, actual: whole_actual });
        }
        let [expected, actual] = [format!("{expected:#?}"), format!("{actual:#?}")];
        let [expected, actual] = [DebugLines::of(&expected), DebugLines::of(&actual)];
        let at = expected.first_difference(&actual);
        let at_text = expected.first_different_char(&actual, at);
        Some(Self {
            expected: expected.describe(at, at_text),
            actual: actual.describe(at, at_text),
        })
    }
}

/// Cuts a text after `limit` characters.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The lines of an indented `Debug` output.
struct DebugLines<'a>(Vec<&'a str>);

impl<'a> DebugLines<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.lines().collect())
    }

    fn first_difference(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        let equal = pairs.take_while(|(a, b)| a == b).count();
        // If one output is the start of the other, the last common line is its closing bracket.
        equal.min(self.0.len().min(other.0.len()).saturating_sub(1))
    }

    /// Returns the position of the first different character in the value of a line.
    fn first_different_char(&self, other: &Self, at: usize) -> usize {
        let [a, b] = [self, other].map(|lines| value_of(lines.0[at]));
        a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
    }

    /// Describes the value at a line: its path, the value, and the booking that it belongs to.
    fn describe(&self, at: usize, at_text: usize) -> String {
        let line = self.0[at].trim();
        let is_end = line.starts_with([']', '}', ')']);
        let value = if is_end { "nothing".to_owned() } else { self.value(at, at_text) };
        let booking = self.booking(at).filter(|booking| !value.contains(booking));
        let booking = booking.map(|booking| format!(" ({booking})")).unwrap_or_default();
        match self.path(at) {
            path if path.is_empty() => value + &booking,
            path => format!("{path}: {value}{booking}"),
        }
    }

    /// Returns the value that starts at a line, on one line and shortened.
    fn value(&self, at: usize, at_text: usize) -> String {
        let line = self.0[at];
        if !line.ends_with(['{', '(', '[']) {
            let value = value_of(line);
            let skipped =
                if value.chars().count() > MAX_VALUE { at_text.saturating_sub(20) } else { 0 };
            let shown: String = value.chars().skip(skipped).collect();
            let start = if skipped > 0 { "…" } else { "" };
            return shorten(&format!("{start}{shown}"), MAX_VALUE);
        }
        let inside = self.block(at).iter().map(|inner| inner.trim());
        let closing = match line.chars().next_back() {
            Some('{') => "}",
            Some('[') => "]",
            _ => ")",
        };
        let parts: Vec<&str> = std::iter::once(value_of(line)).chain(inside).collect();
        let whole = parts.join(" ").trim_end_matches(',').to_owned() + closing;
        shorten(&whole.replace("( ", "(").replace("[ ", "["), MAX_VALUE)
    }

    /// Returns the names and indexes of the values that contain a line, such as
    /// `changed[2].state.totals`.
    fn path(&self, at: usize) -> String {
        let mut labels = Vec::new();
        let mut inner = at;
        while let Some(outer) = self.enclosing(inner) {
            let is_list = self.0[outer].ends_with('[');
            match field_of(self.0[inner]) {
                Some(field) => labels.push(format!(".{field}")),
                None if is_list => labels.push(format!("[{}]", self.index_in(outer, inner))),
                None => {}
            }
            inner = outer;
        }
        labels.reverse();
        labels.concat().trim_start_matches('.').to_owned()
    }

    /// Returns the line that opens the value around a line.
    fn enclosing(&self, at: usize) -> Option<usize> {
        let level = indent(self.0[at]);
        (0..at).rev().find(|&line| indent(self.0[line]) < level)
    }

    fn index_in(&self, list: usize, at: usize) -> usize {
        let level = indent(self.0[at]);
        let starts =
            |line: &&&str| indent(line) == level && !line.trim().starts_with([']', '}', ')']);
        self.0[list + 1..at].iter().filter(starts).count()
    }

    /// Returns the lines inside the value that a line opens.
    fn block(&self, at: usize) -> &[&'a str] {
        let inner = &self.0[at + 1..];
        let level = indent(self.0[at]);
        let length = inner.iter().take_while(|line| indent(line) > level).count();
        &inner[..length]
    }

    /// Returns the booking of the value that contains a line, as a field of `Debug` output.
    fn booking(&self, at: usize) -> Option<String> {
        let mut around = Some(at);
        while let Some(outer) = around {
            // The elements of a list can have different bookings.
            let mut list = self.0[outer].ends_with('[').then_some(0);
            for line in self.block(outer) {
                if list.is_none_or(|list| indent(line) <= list) {
                    list = line.ends_with('[').then(|| indent(line));
                    if line.trim().starts_with("booking: \"") {
                        return Some(line.trim().trim_end_matches(',').to_owned());
                    }
                }
            }
            around = self.enclosing(outer);
        }
        None
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the name of the field that a line starts.
fn field_of(line: &str) -> Option<&str> {
    let (name, _) = line.trim().split_once(": ")?;
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

/// Returns a line without the name of its field and the comma at its end.
fn value_of(line: &str) -> &str {
    let line = line.trim().trim_end_matches(',');
    match field_of(line) {
        Some(field) => &line[field.len() + 2..],
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_difference<T: Debug>(expected: &T, actual: &T, texts: [&str; 2]) {
        let difference = Difference::between(expected, actual).expect("a difference");
        assert_eq!([difference.expected.as_str(), difference.actual.as_str()], texts);
    }

    #[derive(Debug, Clone)]
    #[expect(dead_code, reason = "only `Debug` reads the fields")]
    struct Row {
        id: Id,
        text: String,
        numbers: Option<Vec<u32>>,
    }

    #[derive(Debug, Clone)]
    #[expect(dead_code, reason = "only `Debug` reads the fields")]
    struct Id {
        location: &'static str,
        booking: &'static str,
    }

    fn rows() -> Vec<Row> {
        let row = |booking| Row {
            id: Id { location: "harbour", booking },
            text: "x".repeat(500),
            numbers: Some(vec![1, 2, 3]),
        };
        ["b-1", "b-2", "b-3"].map(row).to_vec()
    }

    #[test]
    fn short_values_are_shown_whole() {
        assert_difference(&[1, 2], &[1, 3], ["[1, 2]", "[1, 3]"]);
        assert_eq!(Difference::between("same", "same"), None);
    }

    #[test]
    fn a_long_value_shows_the_field_that_differs_with_its_booking() {
        let mut actual = rows();
        actual[1].numbers = Some(vec![1, 7, 3]);
        let texts =
            ["[1].numbers[1]: 2 (booking: \"b-2\")", "[1].numbers[1]: 7 (booking: \"b-2\")"];
        assert_difference(&rows(), &actual, texts);
    }

    #[test]
    fn a_long_text_shows_the_place_that_differs() {
        let mut actual = rows();
        actual[2].text.replace_range(400..401, "y");
        let difference = Difference::between(&rows(), &actual).expect("a difference");
        assert!(difference.actual.starts_with("[2].text: …xxx"), "{}", difference.actual);
        assert!(difference.actual.contains("xyx"), "{}", difference.actual);
        assert!(difference.actual.chars().count() < 120, "{}", difference.actual);
    }

    #[test]
    fn a_missing_element_is_shown_as_nothing() {
        let actual = rows()[..2].to_vec();
        let difference = Difference::between(&rows(), &actual).expect("a difference");
        assert!(difference.expected.starts_with("[2]: Row {"), "{}", difference.expected);
        assert_eq!(difference.actual, "nothing");
    }
}
