//! Dates depend only on the zone that the caller passes (W4).

use std::env;
use std::process::Command;

use frontdesk::calendar::{LocalTime, TimeZone};
use frontdesk::view::{English, ViewContext};
use time::macros::offset;

use crate::zones::TransitionZone;
use crate::{at, group};

/// W4: the heading and the local time follow the zone argument, daylight saving included.
#[test]
fn w4_dates_follow_the_zone_argument() {
    let (now, sent) = (at("2027-03-15T10:30:00Z"), at("2027-03-15T09:59:00Z"));
    let heading_in = |zone: &dyn TimeZone| {
        let groups = group(&[(0, sent)], zone, now);
        ViewContext::new(zone, &English, now).heading(groups[0].0).as_str().to_owned()
    };
    let local = |zone: &dyn TimeZone| LocalTime::new(sent, zone).to_string();
    assert_eq!(heading_in(&offset!(UTC)), "Today");
    assert_eq!(heading_in(&offset!(+14)), "Yesterday");
    assert_eq!(local(&offset!(+14)), "2027-03-15T23:59:00+14:00");
    assert_eq!(local(&offset!(-10)), "2027-03-14T23:59:00-10:00");
    let transitions = vec![(at("2027-03-15T10:00:00Z"), offset!(+14))];
    let daylight_saving = TransitionZone::new(offset!(+13), transitions);
    assert_eq!(heading_in(&daylight_saving), "Yesterday");
    assert_eq!(local(&daylight_saving), "2027-03-15T22:59:00+13:00");
}

/// W4: the machine's own zone has no effect.
#[test]
fn w4_the_machines_own_zone_has_no_effect() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/Adak", "XYZ-13:30"] {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "zone_argument::w4_dates_follow_the_zone_argument"])
            .env("TZ", zone)
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && stdout.contains("1 passed"), "TZ={zone}: {stdout}");
    }
}
