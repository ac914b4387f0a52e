//! Dates and times are those of the location, whatever the viewer's time zone is (W4).

use frontdesk::Timestamp;
use frontdesk::calendar::DateGroup;
use frontdesk::view::{English, ViewContext};
use serde::Deserialize;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::macros::{format_description, offset};
use time::{Date, OffsetDateTime, UtcOffset};

use crate::browser::{Browser, DESKTOP};
use crate::driver::Driver;
use crate::server::Server;

/// The demo's locations with their zones, which have no daylight saving.
const LOCATIONS: [(&str, UtcOffset); 2] = [("honolulu", offset!(-10)), ("dubai", offset!(+4))];

/// Zones of viewers, on both sides of the locations and of the date line.
const VIEWER_ZONES: [&str; 2] = ["Asia/Tokyo", "America/Sao_Paulo"];

/// The dates and times that a page shows, each with the instant or the date from which the text
/// was made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownDates {
    today: String,
    /// The instants and the times of messages.
    message_times: Vec<(String, String)>,
    /// The dates and the headings of sections.
    headings: Vec<(String, String)>,
    /// The section dates and the instants of messages.
    sections: Vec<(String, String)>,
    /// The instants of the last activity, in the list.
    active_at: Vec<String>,
    /// The start of the bookings and their dates, in the list.
    booking_dates: Vec<(String, String)>,
    /// The start of the open booking, with its date and time.
    booking_start: (String, String),
}

const READ_DATES: &str = "return (async () => {
    const all = (css) => [...document.querySelectorAll(css)];
    const api = document.querySelector('meta[name=api]').content;
    const headers = { 'Content-Type': 'application/json' };
    const call = async (path, method) => (await fetch(api + path, { method, headers })).json();
    const booking = new URLSearchParams(location.hash.slice(1)).get('booking');
    const rows = document.querySelector('#inbox') ? (await call('/inbox', 'GET')).rows : [];
    const startsAt = new Map(rows.map((row) => [row.booking, row.startsAt]));
    const shown = await (booking ? call('/threads/' + booking, 'POST') : call('/messages', 'GET'));
    const text = (id) => document.getElementById(id).textContent;
    const messages = all('.message[data-number]');
    const time = (item) => item.querySelector('.time');
    return {
        today: document.querySelector('meta[name=today]').content,
        messageTimes: messages.map((item) => [time(item).dateTime, time(item).textContent]),
        headings: all('.date-section').map((section) =>
            [section.dataset.date, section.querySelector('.date-heading span').textContent]),
        sections: messages.map((item) =>
            [item.closest('.date-section').dataset.date, time(item).dateTime]),
        activeAt: all('.conversation .relative-time').map((element) => element.dateTime),
        bookingDates: all('.conversation').filter((item) => startsAt.has(item.dataset.booking))
            .map((item) => [startsAt.get(item.dataset.booking),
                item.querySelector('.booking-date').textContent]),
        bookingStart: [shown.startsAt, text('date') + ' ' + text('time')],
    };
})()";

fn parse_date(text: &str) -> Date {
    Date::parse(text, format_description!("[year]-[month]-[day]")).unwrap()
}

impl ShownDates {
    async fn read(browser: &Browser) -> Self {
        browser.execute(READ_DATES, &[]).await
    }

    /// Asserts that all dates and times are those of a zone.
    fn assert_in_zone(&self, zone: UtcOffset) {
        let today = parse_date(&self.today);
        let noon = today.with_hms(12, 0, 0).unwrap().assume_offset(zone);
        let now: Timestamp =
            noon.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap().parse().unwrap();
        let context = ViewContext::new(&zone, &English, now);
        let local = |instant: &str| context.local(instant.parse().unwrap());

        let instants = self.message_times.iter().chain(&self.booking_dates);
        let instants = instants.chain([&self.booking_start]).map(|(instant, _)| instant);
        for instant in instants.chain(&self.active_at) {
            let instant = OffsetDateTime::parse(instant, &Rfc3339).unwrap();
            assert_eq!(instant.offset(), zone);
        }
        for (instant, shown) in &self.message_times {
            assert_eq!(*shown, context.time(local(instant)).as_str());
        }
        for (start, shown) in &self.booking_dates {
            assert_eq!(*shown, context.full_date(local(start).date()).as_str());
        }
        let (start, shown) = &self.booking_start;
        let start = local(start);
        assert_eq!(*shown, format!("{} {}", context.full_date(start.date()), context.time(start)));
        for (date, instant) in &self.sections {
            assert_eq!(local(instant).date(), parse_date(date));
        }
        for (date, shown) in &self.headings {
            let group = DateGroup::new(parse_date(date), today);
            assert_eq!(*shown, context.heading(group).as_str());
        }
    }
}

/// W4: viewers in two distant zones see the location's dates and times in the list, in a
/// conversation, in a message that was just sent, and on the customer's page. The same holds
/// after the page has refreshed its dates.
pub(crate) async fn viewers_in_other_zones_see_the_locations_dates(driver: &Driver) {
    let server = Server::start(&["--poll-ms", "300"]);
    let mut shown = Vec::new();
    for viewer_zone in VIEWER_ZONES {
        let browser = driver.browser(DESKTOP).await;
        browser.devtools.set_time_zone(viewer_zone).await;
        for (location, zone) in LOCATIONS {
            browser.goto(&server.team_url.replace("honolulu", location)).await;
            let script = "return Intl.DateTimeFormat().resolvedOptions().timeZone";
            assert_eq!(browser.execute::<String>(script, &[]).await, viewer_zone);
            browser.click(".conversation:nth-child(2) .row").await;
            browser.wait_visible("#chat[data-state=open] .message").await;
            browser.type_into("#draft", "What time is it?\n").await;
            let own = ".message[data-number]:last-child[data-side=operator]";
            browser.wait_visible(own).await;
            shown.push((location, zone, ShownDates::read(&browser).await));

            // Move the page's clock a minute ahead, so that the page refreshes its dates.
            let advance = "const now = Date.now; Date.now = () => now.call(Date) + 61_000; \
                const texts = document.querySelectorAll('.date-heading span, .relative-time'); \
                for (const element of texts) element.textContent = '?'";
            browser.execute::<Value>(advance, &[]).await;
            let is_refreshed = async || {
                let texts = browser.texts(".date-heading span, .relative-time").await;
                !texts.contains(&"?".to_owned())
            };
            browser.wait_until("the dates are refreshed".to_owned(), is_refreshed).await;
            shown.push((location, zone, ShownDates::read(&browser).await));
        }
        browser.goto(&server.customer_url).await;
        browser.wait_visible(".message").await;
        let (location, zone) = LOCATIONS[0];
        shown.push((location, zone, ShownDates::read(&browser).await));
        browser.close().await;
    }
    for (location, zone, dates) in &shown {
        assert!(!dates.message_times.is_empty() && !dates.headings.is_empty(), "{location}");
        dates.assert_in_zone(*zone);
    }
}
