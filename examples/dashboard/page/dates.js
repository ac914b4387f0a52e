// Texts that become outdated on an open page: relative times and the headings "Today" and
// "Yesterday". The server makes all of them, in the location's zone and the page's language.

import { setText, today } from './dom.js';
import { call } from './api.js';

const REFRESH_INTERVAL = 60_000;
let refreshedAt = Date.now();

/** Asks the server for current texts, at most once a minute. */
export async function refreshDates() {
  if (Date.now() - refreshedAt < REFRESH_INTERVAL) return;
  refreshedAt = Date.now();
  const times = [...document.querySelectorAll('time.relative-time')];
  const waits = [...document.querySelectorAll('time.waiting-time')].filter((time) => time.dateTime);
  const sections = [...document.querySelectorAll('.date-section')];
  const answer = await call('POST', '/dates', {
    times: [...new Set(times.map((time) => time.dateTime))],
    waits: [...new Set(waits.map((time) => time.dateTime))],
    dates: [...new Set([...sections.map((section) => section.dataset.date), today.date])],
  });
  for (const time of times) setText(time, answer.times[time.dateTime] ?? time.textContent);
  for (const time of waits) setText(time, answer.waits[time.dateTime] ?? time.textContent);
  for (const section of sections) {
    setText(section.querySelector('.date-heading span'), answer.dates[section.dataset.date]);
  }
  today.date = answer.today;
}
