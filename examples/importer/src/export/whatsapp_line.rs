//! The first line of an entry in a WhatsApp export: date, time and author.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use regex::{Captures, Regex};

use super::settings::DateOrder;

/// Pattern of iPhones: `[27/11/26, 18:05:09] Ann: ...`.
static BRACKETS: LazyLock<Option<Regex>> = LazyLock::new(|| header(r"\[", r"\]\s"));
/// Pattern of Android phones: `27/11/26, 6:05 PM - Ann: ...`.
static DASH: LazyLock<Option<Regex>> = LazyLock::new(|| header("", r"\s-\s"));

/// Returns the pattern of a first line. `\s` matches U+202F and U+00A0, which stand before "PM".
fn header(start: &str, end: &str) -> Option<Regex> {
    let date = r"([0-9]{1,4})([-/.])\s?([0-9]{1,2})[-/.]\s?([0-9]{1,4})\.?";
    let time = r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2}))?(?:\s?([AaPp])\.?\s?[Mm]\.?)?";
    Regex::new(&format!(r"^[\u{{200E}}\u{{200F}}]*{start}{date},?\s{time}{end}(?s:(.*))$")).ok()
}

/// The way in which a phone writes date and time. All entries of one export have the same form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) has_brackets: bool,
    separator: char,
    /// Number of digits of the longest number of the date: 2 or 4.
    year_digits: usize,
    has_seconds: bool,
    is_twelve_hour: bool,
}

/// The first line of an entry.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    pub(crate) form: Form,
    date: [&'a str; 3],
    time: [&'a str; 3],
    half_of_day: Option<char>,
    /// Everything after the time.
    pub(crate) rest: &'a str,
}

impl<'a> Header<'a> {
    /// Parses a line that begins with a date and a time. Their values are not checked yet.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let find = |regex: &'static LazyLock<Option<Regex>>| regex.as_ref()?.captures(line);
        let (has_brackets, captures) = match find(&BRACKETS) {
            Some(captures) => (true, captures),
            None => (false, find(&DASH)?),
        };
        let text = |group| captures.get(group).map_or("", |found| found.as_str());
        let date = [text(1), text(3), text(4)];
        let form = Form {
            has_brackets,
            separator: text(2).chars().next()?,
            year_digits: date.iter().map(|number| number.len()).max().unwrap_or_default(),
            has_seconds: !text(7).is_empty(),
            is_twelve_hour: !text(8).is_empty(),
        };
        let time = [text(5), text(6), text(7)];
        let half_of_day = text(8).chars().next().map(|c| c.to_ascii_lowercase());
        Some(Self { form, date, time, half_of_day, rest: rest(&captures) })
    }

    /// Returns the local time, or `None` if the date or the time does not exist.
    pub(crate) fn local_time(&self, order: DateOrder) -> Option<DateTime> {
        let [a, b, c] = self.date;
        let (day, month, year) = match order {
            DateOrder::DayMonthYear => (a, b, c),
            DateOrder::MonthDayYear => (b, a, c),
            DateOrder::YearMonthDay => (c, b, a),
        };
        let century = match year.len() {
            2 => 2000,
            4 => 0,
            _ => return None,
        };
        let year = century + year.parse::<i16>().ok()?;
        let date = Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
        let [hour, minute, second] = self.time;
        let hour: i8 = hour.parse().ok()?;
        let hour = match self.half_of_day {
            None => hour,
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some(half) => hour % 12 + if half == 'p' { 12 } else { 0 },
        };
        let second = if second.is_empty() { 0 } else { second.parse().ok()? };
        let time = Time::new(hour, minute.parse().ok()?, second, 0).ok()?;
        Some(date.to_datetime(time))
    }
}

fn rest<'a>(captures: &Captures<'a>) -> &'a str {
    captures.get(9).map_or("", |found| found.as_str())
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::{DateOrder, Header};

    #[test]
    fn dates_and_times_of_many_phones_are_read() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (line, order) in [
            ("3/6/18, 13:55 - a: m", DayMonthYear),
            ("6/3/18, 1:55 PM - a: m", MonthDayYear),
            ("6/3/18, 1:55\u{202F}PM - a: m", MonthDayYear),
            ("3/6/18, 1:55\u{202F}pm - a: m", DayMonthYear),
            ("3/6/2018 1:55 p.\u{A0}m. - a: m", DayMonthYear),
            ("03-06-2018, 01.55 PM - a: m", DayMonthYear),
            ("03.06.18, 13:55 - a: m", DayMonthYear),
            ("2018-06-03, 13:55 - a: m", YearMonthDay),
            ("[03.06.18, 13:55:00] a: m", DayMonthYear),
            ("[3/6/18 1:55:00 p. m.] a: m", DayMonthYear),
            ("\u{200E}[2018/06/03, 13:55:00] a: m", YearMonthDay),
            ("[03/06/2018, 1:55:00\u{202F}PM] a: m", DayMonthYear),
            ("3. 6. 2018, 13.55 - a: m", DayMonthYear),
        ] {
            let header = Header::parse(line).unwrap_or_else(|| panic!("no header: {line}"));
            let expected = Some(datetime(2018, 6, 3, 13, 55, 0, 0));
            assert_eq!(header.local_time(order), expected, "{line}");
            assert_eq!(header.rest, "a: m", "{line}");
        }
    }

    #[test]
    fn noon_and_midnight_have_the_number_12() {
        for (line, hour) in [("1/2/26, 12:05 AM - a: m", 0), ("1/2/26, 12:05 PM - a: m", 12)] {
            let found = Header::parse(line).unwrap().local_time(DateOrder::DayMonthYear).unwrap();
            assert_eq!(found.hour(), hour, "{line}");
        }
    }

    #[test]
    fn a_date_or_time_that_does_not_exist_is_no_local_time() {
        for line in ["27/11/26, 10:00 - a: m", "1/2/26, 13:05 PM - a: m", "1/2/26, 24:00 - a: m"] {
            assert_eq!(Header::parse(line).unwrap().local_time(DateOrder::MonthDayYear), None);
        }
    }

    #[test]
    fn a_line_without_date_and_time_is_no_header() {
        for line in ["hello", "2016-04-29 10:30:00", "3/6/18", "3/6/18, 13:55", "[3/6/18] a: m"] {
            assert!(Header::parse(line).is_none(), "{line}");
        }
    }
}
