#!/usr/bin/env bash
# npm dayjs 1.11.23 with its plugins; date-fns 4.4.0 with @date-fns/tz 1.5.0, moment-timezone 0.6.6 and
# luxon 3.7.2 agreed with the calendar. Node's own zone was Los Angeles.
#
# "Today", "Yesterday" or earlier, for a message and the present in the zone of a location. A guess says
# that a value of `dayjs.tz` stays in its zone. Of five usual ways with dayjs, one is right:
#
# - `calendar()` compares with the start of the day in the program's zone: a message of yesterday in
#   Tokyo is "Today". Even with the present in the location's zone as its argument, `calendar` is wrong
#   on the days on which Lisbon changes its clocks.
# - `isToday()` and `isYesterday()` compare the date in the location with the date in the program's zone.
# - The difference of two starts of a day is one day instead of two after the day of 23 hours, because
#   `diff` divides by 24 hours.
# - Right: `isSame(present, 'day')`, and the same with `present.subtract(1, 'day')`.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: W4 and W5. The views contain finished headings, so that a page needs no date library
# for headings.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install dayjs@1.11.23 date-fns@4.4.0 @date-fns/tz@1.5.0 moment-timezone@0.6.6 luxon@3.7.2 >/dev/null
export TZ=America/Los_Angeles

cat > table.cjs <<'JS'
const dateFns = require('date-fns');
const { tz } = require('@date-fns/tz');
const dayjs = require('dayjs');
const { DateTime, Settings } = require('luxon');
const moment = require('moment-timezone');

for (const plugin of ['utc', 'timezone', 'calendar', 'isToday', 'isYesterday']) dayjs.extend(require(`dayjs/plugin/${plugin}`));
const SystemDate = Date;
function at(now, compute) {
  const present = new SystemDate(now).getTime();
  globalThis.Date = class extends SystemDate {
    constructor(...parts) { super(...(parts.length ? parts : [present])); }
    static now() { return present; }
  };
  Settings.now = () => present;
  try { return compute(); } finally { globalThis.Date = SystemDate; }
}
const words = { sameDay: '[Today]', lastDay: '[Yesterday]', lastWeek: '[earlier]', sameElse: '[earlier]', nextDay: '[later]', nextWeek: '[later]' };
const word = (days) => ['Today', 'Yesterday'][days] ?? 'earlier';
const cases = [
  ['Tokyo', 'Asia/Tokyo', '2026-11-27T14:30:00Z', '2026-11-28T03:00:00Z', 'Yesterday'],
  ['Tokyo, evening', 'Asia/Tokyo', '2026-11-27T23:30:00Z', '2026-11-28T14:00:00Z', 'Today'],
  ['Lisbon, 23 hours', 'Europe/Lisbon', '2026-03-28T23:30:00Z', '2026-03-29T23:30:00Z', 'earlier'],
  ['Lisbon, 25 hours', 'Europe/Lisbon', '2026-10-24T23:30:00Z', '2026-10-25T23:30:00Z', 'Today'],
];
for (const [name, zone, message, now, right] of cases) {
  const answers = at(now, () => {
    const sent = dayjs(message).tz(zone);
    const present = dayjs().tz(zone);
    return {
      'dayjs calendar': sent.calendar(null, words),
      'dayjs calendar of the present': sent.calendar(present, words),
      'dayjs isToday': sent.isToday() ? 'Today' : sent.isYesterday() ? 'Yesterday' : 'earlier',
      'dayjs diff': word(present.startOf('day').diff(sent.startOf('day'), 'day')),
      'dayjs isSame': word([0, 1].find((days) => sent.isSame(present.subtract(days, 'day'), 'day')) ?? 2),
      'date-fns isToday': dateFns.isToday(message, { in: tz(zone) }) ? 'Today' : dateFns.isYesterday(message, { in: tz(zone) }) ? 'Yesterday' : 'earlier',
      'date-fns calendar days': word(dateFns.differenceInCalendarDays(new Date(), message, { in: tz(zone) })),
      'moment-timezone calendar': moment(message).tz(zone).calendar(null, words),
      'luxon relative calendar': { today: 'Today', yesterday: 'Yesterday' }[DateTime.fromISO(message, { zone }).toRelativeCalendar({ unit: 'days' })] ?? 'earlier',
    };
  });
  console.log(`${name}, ${right}, not so for: ${Object.entries(answers).filter(([, answer]) => answer !== right).map(([call, answer]) => `${call} (${answer})`).join(', ') || 'none'}`);
}
JS

node table.cjs > seen
cat > expected <<'END'
Tokyo, Yesterday, not so for: dayjs calendar (Today), dayjs isToday (Today)
Tokyo, evening, Today, not so for: dayjs calendar (Yesterday)
Lisbon, 23 hours, earlier, not so for: dayjs calendar (Yesterday), dayjs calendar of the present (Yesterday), dayjs isToday (Yesterday), dayjs diff (Yesterday)
Lisbon, 25 hours, Today, not so for: dayjs calendar (Yesterday), dayjs calendar of the present (Yesterday)
END
diff -u expected seen || { echo "CHANGED: a date library names days differently now" >&2; exit 1; }
echo "OK: four of five ways with dayjs find another day than the calendar of the location"
