//! Dates and times on a page are those of the location, wherever it is looked at (W4).

use frontdesk::Timestamp;
use frontdesk::calendar::DateGroup;
use frontdesk::view::{English, Screen};
use serde::Deserialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, UtcOffset};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::host::Host;

/// The demo's locations, and their zones, which know no daylight saving.
const PLACES: [(&str, UtcOffset); 2] = [("honolulu", offset!(-10)), ("dubai", offset!(+4))];

/// Where it is looked at from: on either side of them and of the date line.
const VIEWERS: [&str; 2] = ["Asia/Tokyo", "America/Sao_Paulo"];

/// What a page says about time, each with the instant or the date that it is of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Labels {
    today: String,
    /// Instants and times of day.
    times: Vec<(String, String)>,
    /// Dates and what stands above their messages.
    days: Vec<(String, String)>,
    /// The days that messages are under, and their instants.
    under: Vec<(String, String)>,
    /// In the list: when something was last active.
    active: Vec<String>,
    /// When bookings start: their dates, and of the open one also the time.
    booked: Vec<(String, String)>,
    starts: Vec<(String, String)>,
}

const READ: &str = "return (async () => {
    const all = (css) => [...document.querySelectorAll(css)];
    const api = document.querySelector('meta[name=api]').content;
    const headers = { 'Content-Type': 'application/json' };
    const ask = async (path, method) => (await fetch(api + path, { method, headers })).json();
    const of = new URLSearchParams(location.hash.slice(1)).get('booking');
    const known = document.querySelector('#panel') ? (await ask('/inbox', 'GET')).rows : [];
    const startsAt = new Map(known.map((row) => [row.booking, row.startsAt]));
    const shown = await (of ? ask('/threads/' + of, 'POST') : ask('/messages', 'GET'));
    const text = (id) => document.getElementById(id).textContent;
    return {
        today: document.querySelector('meta[name=today]').content,
        times: all('.message[data-number] .time').map((it) => [it.dateTime, it.textContent]),
        days: all('.day').map((it) => [it.dataset.date, it.querySelector('.divider span').textContent]),
        under: all('.message[data-number]').map((it) =>
            [it.closest('.day').dataset.date, it.querySelector('.time').dateTime]),
        active: all('.conversation .relative').map((it) => it.dateTime),
        booked: all('.conversation').filter((it) => startsAt.has(it.dataset.booking)).map((it) =>
            [startsAt.get(it.dataset.booking), it.querySelector('.booking-date').textContent]),
        starts: [[shown.startsAt, text('date') + ' ' + text('time')]],
    };
})()";

impl Browser {
    async fn lives_in(&self, zone: &str) {
        self.devtools.ask("Emulation.setTimezoneOverride", json!({ "timezoneId": zone })).await;
    }

    async fn labels(&self) -> Labels {
        self.ask(READ, &[]).await
    }
}

impl Labels {
    /// W4, W5: all of it is as the crate has it in this zone.
    #[track_caller]
    fn are_of(&self, zone: UtcOffset) {
        let date = |text: &str| Date::parse(text, format_description!("[year]-[month]-[day]"));
        let today = date(&self.today).unwrap();
        let noon = today.with_hms(12, 0, 0).unwrap().assume_offset(zone);
        let now: Timestamp =
            noon.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap().parse().unwrap();
        let screen = Screen::new(&zone, &English, now);
        let instants = [&self.times, &self.booked, &self.starts].into_iter().flatten();
        for at in instants.map(|(at, _)| at).chain(&self.active) {
            let at = OffsetDateTime::parse(at, &Rfc3339).unwrap();
            assert_eq!(at.offset(), zone);
        }
        for (at, shown) in &self.times {
            let at = screen.local(at.parse().unwrap());
            assert_eq!(*shown, screen.time(at).as_str());
        }
        for (at, shown) in &self.booked {
            let at = screen.local(at.parse().unwrap());
            assert_eq!(*shown, screen.full_date(at.date()).as_str());
        }
        for (at, shown) in &self.starts {
            let at = screen.local(at.parse().unwrap());
            assert_eq!(*shown, format!("{} {}", screen.full_date(at.date()), screen.time(at)));
        }
        for (day, at) in &self.under {
            assert_eq!(screen.local(at.parse().unwrap()).date(), date(day).unwrap());
        }
        for (day, shown) in &self.days {
            let group = DateGroup::new(date(day).unwrap(), today);
            assert_eq!(*shown, screen.heading(group).as_str());
        }
    }
}

/// W4: two people at two ends of the world see one location's dates and times, in the
/// list, in a conversation, in what they just wrote, and on the customer's page; so they
/// do once the page has had them said anew.
pub(crate) async fn viewers_elsewhere_see_the_locations_dates(driver: &Driver) {
    let host = Host::start(&["--poll-ms", "300"]);
    let mut seen = Vec::new();
    for viewer in VIEWERS {
        let browser = driver.browser(DESKTOP).await;
        browser.lives_in(viewer).await;
        for (place, zone) in PLACES {
            let address = host.operators.replace("honolulu", place);
            browser.go(&address).await;
            let script = "return Intl.DateTimeFormat().resolvedOptions().timeZone";
            assert_eq!(browser.ask::<String>(script, &[]).await, viewer);
            browser.click(".conversation:nth-child(2) .row").await;
            browser.appears("#chat[data-state=open] .message").await;
            browser.type_into("#draft", "What time is it?\n").await;
            browser.appears(".message[data-number]:last-child[data-side=operator]").await;
            seen.push((place, zone, browser.labels().await));

            // A minute later for the page.
            let later = "const now = Date.now; Date.now = () => now.call(Date) + 61_000; \
                document.querySelectorAll('.divider span, .relative').forEach(it => { it.textContent = '?' })";
            browser.ask::<serde_json::Value>(later, &[]).await;
            browser
                .until("the dates are said anew".to_owned(), async || {
                    !browser.texts(".divider span, .relative").await.contains(&"?".to_owned())
                })
                .await;
            seen.push((place, zone, browser.labels().await));
        }
        browser.go(&host.customers).await;
        browser.appears(".message").await;
        let (place, zone) = PLACES[0];
        seen.push((place, zone, browser.labels().await));
        browser.close().await;
    }
    for (place, zone, labels) in &seen {
        assert!(!labels.times.is_empty() && !labels.days.is_empty(), "{place}");
        labels.are_of(*zone);
    }
}
