#!/usr/bin/env bash
# PyPI icalendar 7.3.0, recurring-ical-events 3.8.2, icalevents 0.3.1, ics 0.7.3 and vobject 0.9.9;
# npm node-ical 0.27.2, ical.js 2.2.1 and ical 0.8.0. The programs' own time zone was New York.
#
# A stay of two nights in Berlin, from Saturday 2026-10-24 16:00 (14:00 UTC) to Monday. The clock is
# set back on Sunday.
#
# - RFC 5545: P2D ends on Monday at 16:00 (15:00 UTC), and PT48H 48 hours later (14:00 UTC). No
#   reader of the eight does both. Four return 14:00 UTC for P2D too, so the guest leaves at 15:00.
#   Three return 15:00 UTC for PT48H too. ical knows no duration, and the event has no end.
# - A file defines its zones itself (VTIMEZONE). If the name of the zone is not in the time-zone
#   database, node-ical ignores the definition and reads the time in the zone of the program, and
#   ics reads the time as UTC. For a name as Outlook writes, "W. Europe Standard Time", only ics
#   does so, because node-ical knows these names.
# - ical reads the times of every zone, even "Europe/Berlin", in the zone of the program.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: W8. A booking has a start in UTC and a duration in exact seconds, and its nights
# are counted in the location's calendar. A host that imports bookings from calendar files asks for
# DTEND and computes the seconds itself.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalendar==7.3.0 recurring-ical-events==3.8.2 \
  icalevents==0.3.1 ics==0.7.3 vobject==0.9.9
npm --silent init -y >/dev/null
npm --silent install node-ical@0.27.2 ical.js@2.2.1 ical@0.8.0 >/dev/null
export TZ=America/New_York

mkdir stays
# Writes one stay: name, zone, end or duration.
stay() {
  printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//example// BEGIN:VTIMEZONE "TZID:$2" \
    BEGIN:DAYLIGHT TZNAME:CEST TZOFFSETFROM:+0100 TZOFFSETTO:+0200 DTSTART:19700329T020000 \
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU' END:DAYLIGHT \
    BEGIN:STANDARD TZNAME:CET TZOFFSETFROM:+0200 TZOFFSETTO:+0100 DTSTART:19701025T030000 \
    'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU' END:STANDARD END:VTIMEZONE \
    BEGIN:VEVENT UID:b-1@example.com DTSTAMP:20260101T000000Z "DTSTART;TZID=$2:20261024T160000" "$3" \
    SUMMARY:Stay END:VEVENT END:VCALENDAR | sed 's/$/\r/' > "stays/$1.ics"
}
stay 1-days Europe/Berlin DURATION:P2D
stay 2-hours Europe/Berlin DURATION:PT48H
stay 3-own-name Harbour 'DTEND;TZID=Harbour:20261026T110000'
stay 4-outlook 'W. Europe Standard Time' 'DTEND;TZID=W. Europe Standard Time:20261026T110000'

cat > read.py <<'PY'
import datetime, logging, pathlib, warnings
import icalendar, ics, recurring_ical_events, vobject
from icalevents import icalparser

logging.disable()
warnings.simplefilter("ignore")
YEAR = [datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc) for year in (2026, 2027)]

def text(time):
    if time.tzinfo is None:
        return f"{time:%d %H:%M} without zone"
    return f"{time.astimezone(datetime.timezone.utc):%d %H:%M} UTC"

def read_icalendar(data):
    event = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    return event.start, event.end

def read_recurring_ical_events(data):
    event = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(*YEAR)[0]
    return event.start, event.end

def read_icalevents(data):
    event = icalparser.parse_events(data, start=YEAR[0], end=YEAR[1])[0]
    return event.start, event.end

def read_ics(data):
    event = next(iter(ics.Calendar(data).events))
    return event.begin.datetime, event.end.datetime

def read_vobject(data):
    event = vobject.readOne(data).vevent
    start = event.dtstart.value
    return start, event.dtend.value if hasattr(event, "dtend") else start + event.duration.value

for path in sorted(pathlib.Path("stays").iterdir()):
    for reader in (read_icalendar, read_recurring_ical_events, read_icalevents, read_ics, read_vobject):
        start, end = reader(path.read_bytes().decode())
        print(path.stem, reader.__name__[5:].replace("_", "-"), text(start), text(end), sep=" | ")
PY
cat > read.mjs <<'JS'
import fs from 'node:fs';
import ical from 'ical';
import nodeIcal from 'node-ical';
import ICAL from 'ical.js';

const text = (date) => (date ? `${date.toISOString().slice(8, 16).replace('T', ' ')} UTC` : 'none');
const zoned = (time) => (time.zone.tzid === 'floating' ? `${time.toString().slice(8, 16).replace('T', ' ')} without zone` : text(time.toJSDate()));
const first = (events) => Object.values(events).find((event) => event.type === 'VEVENT');
for (const file of fs.readdirSync('stays').sort()) {
  const data = fs.readFileSync(`stays/${file}`, 'utf8');
  const show = (reader, start, end) => console.log([file.slice(0, -4), reader, start, end].join(' | '));
  for (const [reader, library] of [['node-ical', nodeIcal.sync], ['ical', ical]]) {
    const event = first(library.parseICS(data));
    show(reader, text(event.start), text(event.end));
  }
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(data)).getFirstSubcomponent('vevent'));
  show('ical.js', zoned(event.startDate), zoned(event.endDate));
}
JS

{ venv/bin/python read.py; node read.mjs; } | LC_ALL=C sort > seen
cat > expected <<'END'
1-days | ical | 24 20:00 UTC | none
1-days | ical.js | 24 14:00 UTC | 26 15:00 UTC
1-days | icalendar | 24 14:00 UTC | 26 14:00 UTC
1-days | icalevents | 24 14:00 UTC | 26 14:00 UTC
1-days | ics | 24 14:00 UTC | 26 15:00 UTC
1-days | node-ical | 24 14:00 UTC | 26 14:00 UTC
1-days | recurring-ical-events | 24 14:00 UTC | 26 14:00 UTC
1-days | vobject | 24 14:00 UTC | 26 15:00 UTC
2-hours | ical | 24 20:00 UTC | none
2-hours | ical.js | 24 14:00 UTC | 26 15:00 UTC
2-hours | icalendar | 24 14:00 UTC | 26 14:00 UTC
2-hours | icalevents | 24 14:00 UTC | 26 14:00 UTC
2-hours | ics | 24 14:00 UTC | 26 15:00 UTC
2-hours | node-ical | 24 14:00 UTC | 26 14:00 UTC
2-hours | recurring-ical-events | 24 14:00 UTC | 26 14:00 UTC
2-hours | vobject | 24 14:00 UTC | 26 15:00 UTC
3-own-name | ical | 24 20:00 UTC | 26 15:00 UTC
3-own-name | ical.js | 24 14:00 UTC | 26 10:00 UTC
3-own-name | icalendar | 24 14:00 UTC | 26 10:00 UTC
3-own-name | icalevents | 24 14:00 UTC | 26 10:00 UTC
3-own-name | ics | 24 16:00 UTC | 26 11:00 UTC
3-own-name | node-ical | 24 20:00 UTC | 26 15:00 UTC
3-own-name | recurring-ical-events | 24 14:00 UTC | 26 10:00 UTC
3-own-name | vobject | 24 14:00 UTC | 26 10:00 UTC
4-outlook | ical | 24 20:00 UTC | 26 15:00 UTC
4-outlook | ical.js | 24 14:00 UTC | 26 10:00 UTC
4-outlook | icalendar | 24 14:00 UTC | 26 10:00 UTC
4-outlook | icalevents | 24 14:00 UTC | 26 10:00 UTC
4-outlook | ics | 24 16:00 UTC | 26 11:00 UTC
4-outlook | node-ical | 24 14:00 UTC | 26 10:00 UTC
4-outlook | recurring-ical-events | 24 14:00 UTC | 26 10:00 UTC
4-outlook | vobject | 24 14:00 UTC | 26 10:00 UTC
END
diff -u expected seen || { echo "CHANGED: a calendar library reads a stay differently now" >&2; exit 1; }
echo "OK: none of eight iCalendar readers ends both P2D and PT48H correctly across a clock change"
