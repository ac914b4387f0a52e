// Dates and times as text. The server makes those that become outdated on an open page: relative
// times and the headings "Today" and "Yesterday". It uses the location's zone and the page's language.

import { setText, today } from './dom.js';

const REFRESH_INTERVAL = 60_000;
let refreshedAt = Date.now();

/** Asks the server for current texts, at most once a minute. */
export async function refreshDates(api, conversation) {
  if (Date.now() - refreshedAt < REFRESH_INTERVAL) return;
  refreshedAt = Date.now();
  const times = [...document.querySelectorAll('time.relative-time')];
  const waits = [...document.querySelectorAll('time.waiting-time')].filter((time) => time.dateTime);
  const sections = [...document.querySelectorAll('.date-section')];
  const answer = await api.dates({
    times: [...new Set(times.map((time) => time.dateTime))],
    waits: [...new Set(waits.map((time) => time.dateTime))],
    dates: [...new Set([...sections.map((section) => section.dataset.date), today.date])],
  });
  for (const time of times) setText(time, answer.times[time.dateTime] ?? time.textContent);
  for (const time of waits) setText(time, answer.waits[time.dateTime] ?? time.textContent);
  for (const section of sections) {
    setText(section.querySelector('.date-heading span'), answer.dates[section.dataset.date]);
  }
  conversation.updateHeadings(answer.dates);
  today.date = answer.today;
}

const options = { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' };
const format = new Intl.DateTimeFormat(document.documentElement.lang, options);

/** Returns the full date and time of an instant in the location's zone, with the zone's offset. */
export function fullTime(instant) {
  const [local, offset] = [instant.slice(0, 19), /(Z|[+-]\d\d:\d\d)$/.exec(instant)?.[0]];
  return `${format.format(new Date(`${local}Z`))} (UTC${offset === 'Z' ? '' : offset})`;
}
