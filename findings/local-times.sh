#!/usr/bin/env bash
# npm luxon 3.7.2, dayjs 1.11.23, @date-fns/tz 1.5.0, date-fns-tz 3.2.0, spacetime 7.15.0, timezone 1.0.23,
# PGlite 0.5.17; PyPI pytz 2026.6, pendulum 3.3.0. temporal-polyfill 1.0.8, moment-timezone 0.6.6, js-joda
# 2.25.2, timezonecomplete 5.15.1; zoneinfo of Python 3.11, arrow 1.4.0, whenever 0.11.0 and dateutil 4.0.0
# were as expected.
#
# The start of a booking as a local time and a zone, when the clocks change. A guess says that a time that
# occurs twice is the first of the two, that a skipped one is moved forward (RFC 5545, Temporal), and that
# the answer follows from the time and the zone.
#
# - luxon and dayjs read a time that occurs twice with the offset of the present: the same booking starts
#   an hour later for a program that runs in January than for one that runs in July.
# - @date-fns/tz, date-fns-tz and spacetime answer by the zone of the program. In Sydney, @date-fns/tz
#   moves a time on Lord Howe Island by an hour, of which only 30 minutes were skipped.
# - date-fns-tz and spacetime move skipped times back. timezone returns null, which `new Date` takes for
#   1970.
# - pytz takes the second of two times in Berlin and the first in Dublin, where the winter has "is_dst".
#   pendulum takes the second, and so does PostgreSQL (documented).
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a booking's start is an instant, and the library never reads a local time. An
# importer in JavaScript converts with Temporal, moment-timezone or js-joda.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install tzdata==2026.6 pytz==2026.6 python-dateutil==4.0.0 pendulum==3.3.0 \
  arrow==1.4.0 whenever==0.11.0
npm --silent init -y >/dev/null
npm --silent install luxon@3.7.2 dayjs@1.11.23 moment-timezone@0.6.6 @date-fns/tz@1.5.0 date-fns-tz@3.2.0 date-fns@4.4.0 \
  spacetime@7.15.0 @js-joda/core@6.3.2 @js-joda/timezone@2.25.2 temporal-polyfill@1.0.8 timezonecomplete@5.15.1 \
  timezone@1.0.23 @electric-sql/pglite@0.5.17 >/dev/null

cat > cases <<'END'
2026-10-25T02:30 Europe/Berlin twice
2026-11-01T01:30 America/New_York twice
2026-10-25T01:30 Europe/Dublin twice
2026-03-29T02:30 Europe/Berlin skipped
2026-10-04T02:15 Australia/Lord_Howe skipped
END
cat > present.mjs <<'JS'
const present = new Date(process.env.PRESENT).getTime();
const SystemDate = Date;
globalThis.Date = class extends SystemDate {
  constructor(...parts) { super(...(parts.length ? parts : [present])); }
  static now() { return present; }
};
JS
cat > read.mjs <<'JS'
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { TZDate } from '@date-fns/tz';
import { PGlite } from '@electric-sql/pglite';
import { LocalDateTime, ZoneId } from '@js-joda/core';
import '@js-joda/timezone';
import { fromZonedTime } from 'date-fns-tz';
import dayjs from 'dayjs';
import dayjsTimezone from 'dayjs/plugin/timezone.js';
import dayjsUtc from 'dayjs/plugin/utc.js';
import { DateTime } from 'luxon';
import moment from 'moment-timezone';
import spacetime from 'spacetime';
import { Temporal } from 'temporal-polyfill';
import timezonecomplete from 'timezonecomplete';

dayjs.extend(dayjsUtc);
dayjs.extend(dayjsTimezone);
const timezone = createRequire(import.meta.url)('timezone/loaded');
const database = await PGlite.create();
const libraries = {
  temporal: (local, zone) => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds,
  'moment-timezone': (local, zone) => moment.tz(local, zone).valueOf(),
  'js-joda': (local, zone) => LocalDateTime.parse(local).atZone(ZoneId.of(zone)).toInstant().toEpochMilli(),
  timezonecomplete: (local, zone) => new timezonecomplete.DateTime(local, timezonecomplete.zone(zone)).unixUtcMillis(),
  PGlite: async (local, zone) => (await database.query('SELECT $1::timestamp AT TIME ZONE $2 AS moment', [local, zone])).rows[0].moment.getTime(),
  luxon: (local, zone) => DateTime.fromISO(local, { zone }).toMillis(),
  dayjs: (local, zone) => dayjs.tz(local, zone).valueOf(),
  '@date-fns/tz': (local, zone) => {
    const [year, month, day, hour, minute] = local.split(/\D/).map(Number);
    return new TZDate(year, month - 1, day, hour, minute, zone).getTime();
  },
  'date-fns-tz': (local, zone) => fromZonedTime(local, zone).getTime(),
  spacetime: (local, zone) => spacetime(local, zone).epoch,
  timezone: (local, zone) => timezone(local.replace('T', ' '), zone),
};
for (const line of fs.readFileSync('cases', 'utf8').trim().split('\n')) {
  const [local, zone] = line.split(' ');
  for (const [name, read] of Object.entries(libraries)) {
    console.log([line, name, new Date(await read(local, zone)).toISOString().slice(0, 16)].join('|'));
  }
}
process.exit(0);
JS
cat > read.py <<'PY'
import datetime, zoneinfo
import arrow, dateutil.tz, pendulum, pytz, whenever

parse = datetime.datetime.fromisoformat
libraries = {
    "zoneinfo": lambda local, zone: parse(local).replace(tzinfo=zoneinfo.ZoneInfo(zone)),
    "dateutil": lambda local, zone: parse(local).replace(tzinfo=dateutil.tz.gettz(zone)),
    "arrow": lambda local, zone: arrow.get(local, tzinfo=zone).datetime,
    "whenever": lambda local, zone: parse(whenever.PlainDateTime.parse_iso(local).assume_tz(zone, disambiguation="compatible").to_instant().format_iso()),
    "pytz": lambda local, zone: pytz.timezone(zone).localize(parse(local)),
    "pendulum": lambda local, zone: pendulum.parse(local, tz=zone),
}
for line in open("cases").read().splitlines():
    local, zone, _ = line.split()
    for name, read in libraries.items():
        print(line, name, read(local, zone).astimezone(datetime.timezone.utc).isoformat()[:16], sep="|")
PY
cat > table.mjs <<'JS'
import fs from 'node:fs';
// Case, then answer, then library, then the runs in which the library gave the answer.
const runs = fs.readdirSync('.').filter((name) => name.startsWith('run '));
const table = {};
for (const run of runs) {
  for (const line of fs.readFileSync(run, 'utf8').trim().split('\n')) {
    const [name, library, answer] = line.split('|');
    (((table[name] ??= {})[answer] ??= {})[library] ??= []).push(run.slice(4));
  }
}
for (const name of Object.keys(table).sort()) {
  console.log(name);
  for (const answer of Object.keys(table[name]).sort()) {
    const libraries = Object.entries(table[name][answer]).map(([library, inRuns]) => {
      const isOnly = Object.entries(table[name]).every(([other, found]) => other === answer || !found[library]);
      if (isOnly) return library;
      const [months, zones] = [0, 1].map((part) => [...new Set(inRuns.map((run) => run.split(' ')[part]))]);
      const named = [...(months.length < 2 ? months : []), ...(zones.length < 3 ? zones : [])];
      return `${library} (${named.sort().join(', ')})`;
    });
    console.log(`  ${answer}Z ${libraries.sort().join(', ')}`);
  }
}
JS

for zone in UTC Europe/Berlin Australia/Sydney; do
  for month in January July; do
    PRESENT="15 $month 2026 12:00 UTC" TZ=$zone node --import ./present.mjs read.mjs > "run $month ${zone#*/}"
  done
  PYTHONTZPATH='' TZ=$zone venv/bin/python read.py > "run Python ${zone#*/}"
done
node table.mjs > seen
cat > expected <<'END'
2026-03-29T02:30 Europe/Berlin skipped
  1970-01-01T00:00Z timezone
  2026-03-29T00:30Z date-fns-tz, spacetime
  2026-03-29T01:30Z @date-fns/tz, PGlite, arrow, dateutil, dayjs, js-joda, luxon, moment-timezone, pendulum, pytz, temporal, timezonecomplete, whenever, zoneinfo
2026-10-04T02:15 Australia/Lord_Howe skipped
  1970-01-01T00:00Z timezone
  2026-10-03T14:45Z spacetime (Sydney)
  2026-10-03T15:15Z date-fns-tz, spacetime (Berlin, UTC)
  2026-10-03T15:45Z @date-fns/tz (Berlin, UTC), PGlite, arrow, dateutil, dayjs, js-joda, luxon, moment-timezone, pendulum, pytz, temporal, timezonecomplete, whenever, zoneinfo
  2026-10-03T16:15Z @date-fns/tz (Sydney)
2026-10-25T01:30 Europe/Dublin twice
  2026-10-25T00:30Z @date-fns/tz (Berlin, Sydney), arrow, dateutil, dayjs (July), js-joda, luxon (July), moment-timezone, pytz, spacetime (Berlin), temporal, timezone, timezonecomplete, whenever, zoneinfo
  2026-10-25T01:30Z @date-fns/tz (UTC), PGlite, date-fns-tz, dayjs (January), luxon (January), pendulum, spacetime (Sydney, UTC)
2026-10-25T02:30 Europe/Berlin twice
  2026-10-25T00:30Z @date-fns/tz (Berlin, Sydney), arrow, dateutil, dayjs (July), js-joda, luxon (July), moment-timezone, temporal, timezone, timezonecomplete, whenever, zoneinfo
  2026-10-25T01:30Z @date-fns/tz (UTC), PGlite, date-fns-tz, dayjs (January), luxon (January), pendulum, pytz, spacetime
2026-11-01T01:30 America/New_York twice
  2026-11-01T05:30Z @date-fns/tz, arrow, date-fns-tz (Berlin, UTC), dateutil, dayjs (July), js-joda, luxon (July), moment-timezone, temporal, timezone, timezonecomplete, whenever, zoneinfo
  2026-11-01T06:30Z PGlite, date-fns-tz (Sydney), dayjs (January), luxon (January), pendulum, pytz, spacetime
END
diff -u expected seen || { echo "CHANGED: a library reads local times differently now" >&2; exit 1; }
echo "OK: five libraries read a local time by the present or by the program's zone, and two move skipped times back"
