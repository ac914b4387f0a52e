#!/usr/bin/env bash
# Writers and readers: PyPI icalendar 7.3.0 and ics 0.7.3; npm ical.js 2.2.1. Writers: npm ics 3.12.0
# and ical-generator 11.1.2. Readers: npm node-ical 0.27.2 and ical 0.8.0.
#
# The summary of an event, written by five iCalendar libraries and read by five:
#
# - Three of the five readers decode a backslash in two passes: "C:\new" comes back as "C:\", a line
#   break and "ew", from every writer. "\N" becomes a line break, too.
# - icalendar writes a typed "\N" as a line break, so every reader gets a line break.
# - node-ical loses a summary that contains U+2028: the event has no summary, without an error. The
#   other four readers return the text.
# - RFC 5545 recommends at most 75 bytes a line. npm ics counts UTF-16 code units, PyPI ics never
#   folds, and ical.js has one byte too many, so a Thai line has 233, 233 and 76 bytes. icalendar
#   and ical-generator begin a line with a combining mark. All five readers join all lines correctly.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the library writes no calendar files. A host that puts a preview or a message
# into one tests it with a backslash, and with a reader of another author. T1 turns U+2028 into a
# line feed when a message is written, so that no body contains it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalendar==7.3.0 ics==0.7.3
npm --silent init -y >/dev/null
npm --silent install ics@3.12.0 ical-generator@11.1.2 ical.js@2.2.1 node-ical@0.27.2 ical@0.8.0 >/dev/null
export TZ=UTC

mkdir files
printf 'Tickets are in C:\\new' > folder.txt
printf 'Gate \\N, left' > gate.txt
printf 'Nine or\342\200\250ten?' > separator.txt
printf 'จองทัวร์ท่าเรือสำหรับสองคนในวันเสาร์ที่ยี่สิบมีนาคมเวลาสิบโมงเช้าครับขอบคุณ' > thai.txt

cat > write.py <<'PY'
import datetime, pathlib
import icalendar, ics

start = datetime.datetime(2026, 3, 20, 10, tzinfo=datetime.timezone.utc)
for path in sorted(pathlib.Path(".").glob("*.txt")):
    text = path.read_bytes().decode()
    calendar, event = icalendar.Calendar(), icalendar.Event()
    for name, value in (("uid", "b-1@example.com"), ("dtstamp", start), ("dtstart", start), ("summary", text)):
        event.add(name, value)
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//example//example//")
    calendar.add_component(event)
    pathlib.Path(f"files/{path.stem}.icalendar.ics").write_bytes(calendar.to_ical())
    event = ics.Event(name=text, begin=start, uid="b-1@example.com")
    pathlib.Path(f"files/{path.stem}.ics-py.ics").write_bytes(ics.Calendar(events=[event]).serialize().encode())
PY
cat > write.mjs <<'JS'
import fs from 'node:fs';
import ics from 'ics';
import createCalendar from 'ical-generator';
import ICAL from 'ical.js';

for (const file of fs.readdirSync('.').filter((file) => file.endsWith('.txt'))) {
  const text = fs.readFileSync(file, 'utf8');
  const save = (writer, data) => fs.writeFileSync(`files/${file.slice(0, -4)}.${writer}.ics`, data);
  const time = { start: [2026, 3, 20, 10, 0], startInputType: 'utc', duration: { hours: 1 } };
  save('ics-js', ics.createEvent({ uid: 'b-1@example.com', title: text, ...time }).value);
  const calendar = createCalendar();
  calendar.createEvent({ id: 'b-1@example.com', start: new Date('2026-03-20T10:00:00Z'), summary: text });
  save('ical-generator', calendar.toString());
  const root = new ICAL.Component(['vcalendar', [], []]);
  const event = new ICAL.Component('vevent');
  root.addPropertyWithValue('version', '2.0');
  root.addPropertyWithValue('prodid', '-//example//example//');
  event.addPropertyWithValue('uid', 'b-1@example.com');
  event.addPropertyWithValue('dtstart', ICAL.Time.fromJSDate(new Date('2026-03-20T10:00:00Z'), true));
  event.addPropertyWithValue('summary', text);
  root.addSubcomponent(event);
  save('ical.js', root.toString());
}
JS
cat > read.mjs <<'JS'
import fs from 'node:fs';
import ical from 'ical';
import nodeIcal from 'node-ical';
import ICAL from 'ical.js';

const first = (events) => Object.values(events).find((event) => event.type === 'VEVENT');
for (const file of fs.readdirSync('files')) {
  const data = fs.readFileSync(`files/${file}`, 'utf8');
  fs.writeFileSync(`files/${file}.read.json`, JSON.stringify({
    'node-ical': first(nodeIcal.sync.parseICS(data)).summary ?? null,
    ical: first(ical.parseICS(data)).summary ?? null,
    'ical.js': new ICAL.Component(ICAL.parse(data)).getFirstSubcomponent('vevent').getFirstPropertyValue('summary'),
  }));
}
JS
cat > table.py <<'PY'
import json, pathlib, unicodedata
import icalendar, ics

for path in sorted(pathlib.Path("files").glob("*.ics")):
    case, writer = path.name.removesuffix(".ics").split(".", 1)
    text, data = pathlib.Path(f"{case}.txt").read_bytes().decode(), path.read_bytes()
    read = {
        "icalendar": str(icalendar.Calendar.from_ical(data).walk("VEVENT")[0]["SUMMARY"]),
        "ics-py": next(iter(ics.Calendar(data.decode()).events)).name,
        **json.loads(pathlib.Path(f"{path}.read.json").read_text()),
    }
    other = sorted(f"{reader}:{value!r}" for reader, value in read.items() if value != text)
    if case == "thai":
        lines = data.split(b"\r\n")
        marks = any(line[:1] == b" " and unicodedata.category(line.decode()[1]) == "Mn" for line in lines)
        other = [f"bytes:{max(map(len, lines))}", f"begins-with-mark:{marks}", *(other or ["all same"])]
    print(case, writer, *(other or ["all same"]), sep=" | ")
PY

venv/bin/python write.py
node write.mjs
node read.mjs
venv/bin/python table.py > seen
cat > expected <<'END'
folder | ical-generator | ical:'Tickets are in C:\\\new' | ics-py:'Tickets are in C:\\\new' | node-ical:'Tickets are in C:\\\new'
folder | ical.js | ical:'Tickets are in C:\\\new' | ics-py:'Tickets are in C:\\\new' | node-ical:'Tickets are in C:\\\new'
folder | icalendar | ical:'Tickets are in C:\\\new' | ics-py:'Tickets are in C:\\\new' | node-ical:'Tickets are in C:\\\new'
folder | ics-js | ical:'Tickets are in C:\\\new' | ics-py:'Tickets are in C:\\\new' | node-ical:'Tickets are in C:\\\new'
folder | ics-py | ical:'Tickets are in C:\\\new' | ics-py:'Tickets are in C:\\\new' | node-ical:'Tickets are in C:\\\new'
gate | ical-generator | ical:'Gate \\\n, left' | ics-py:'Gate \\\n, left' | node-ical:'Gate \\\n, left'
gate | ical.js | ical:'Gate \\\n, left' | ics-py:'Gate \\\n, left' | node-ical:'Gate \\\n, left'
gate | icalendar | ical.js:'Gate \n, left' | ical:'Gate \n, left' | icalendar:'Gate \n, left' | ics-py:'Gate \n, left' | node-ical:'Gate \n, left'
gate | ics-js | ical:'Gate \\\n, left' | ics-py:'Gate \\\n, left' | node-ical:'Gate \\\n, left'
gate | ics-py | ical:'Gate \\\n, left' | ics-py:'Gate \\\n, left' | node-ical:'Gate \\\n, left'
separator | ical-generator | node-ical:None
separator | ical.js | node-ical:None
separator | icalendar | node-ical:None
separator | ics-js | node-ical:None
separator | ics-py | node-ical:None
thai | ical-generator | bytes:74 | begins-with-mark:True | all same
thai | ical.js | bytes:76 | begins-with-mark:False | all same
thai | icalendar | bytes:74 | begins-with-mark:True | all same
thai | ics-js | bytes:233 | begins-with-mark:False | all same
thai | ics-py | bytes:233 | begins-with-mark:False | all same
END
diff -u expected seen || { echo "CHANGED: a calendar library writes or reads texts differently now" >&2; exit 1; }
echo "OK: three of five iCalendar readers turn a backslash and an n into a line break"
