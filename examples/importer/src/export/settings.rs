use std::str::FromStr;

use jiff::tz::TimeZone;

/// The facts that an export does not contain and that the caller states.
#[derive(Debug, Clone, Default)]
pub struct ReadSettings {
    /// Names or ids of authors who belong to the team.
    pub operators: Vec<String>,
    /// The time zone of local times.
    pub zone: Option<TimeZone>,
    /// The order of day, month and year in dates.
    pub date_order: Option<DateOrder>,
}

/// The order of day, month and year in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year, as in 27/11/26.
    DayMonthYear,
    /// Month, day, year, as in 11/27/26.
    MonthDayYear,
    /// Year, month, day, as in 2026/11/27.
    YearMonthDay,
}

impl ReadSettings {
    /// Returns `true` if the caller named this author as a member of the team.
    pub(crate) fn is_operator(&self, id: &str, name: Option<&str>) -> bool {
        self.operators.iter().any(|it| it == id || Some(it.as_str()) == name)
    }
}

impl DateOrder {
    /// Returns the order for which a date of this order is most easily mistaken.
    pub(crate) fn with_day_and_month_exchanged(self) -> Self {
        match self {
            Self::DayMonthYear => Self::MonthDayYear,
            Self::MonthDayYear => Self::DayMonthYear,
            Self::YearMonthDay => Self::YearMonthDay,
        }
    }

    /// Returns the order in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::DayMonthYear => "day, month, year",
            Self::MonthDayYear => "month, day, year",
            Self::YearMonthDay => "year, month, day",
        }
    }
}

impl FromStr for DateOrder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "dmy" => Ok(Self::DayMonthYear),
            "mdy" => Ok(Self::MonthDayYear),
            "ymd" => Ok(Self::YearMonthDay),
            _ => Err("--date-order takes dmy, mdy or ymd"),
        }
    }
}

/// Finds a time zone by its name in the IANA database. The zone data is built into the program.
///
/// # Errors
///
/// The database has no zone of this name.
pub fn parse_zone(name: &str) -> Result<TimeZone, &'static str> {
    TimeZone::get(name).map_err(|_| "--zone takes the name of a time zone, such as Europe/Lisbon")
}
