#!/usr/bin/env bash
# PyPI icalendar 7.3.0, ics 0.7.3 and vobject 0.9.9; npm ical-generator 11.1.2, ics 3.12.0, ical.js 2.2.1
# and node-ical 0.27.2; crates.io icalendar 0.17.17 and ical 0.11.0.
#
# Five names of customers and businesses as the CN of an ATTENDEE, written by six libraries and read by
# seven. Since RFC 6868, a quotation mark in a parameter is written as ^'.
#
# - Only icalendar (PyPI) and ical.js read ^' back. For five readers the name is Ann ^'Red^' Lee. Each
#   pair of libraries keeps plain names, so tests do not show it.
# - ics (npm) writes \" instead, which seven readers refuse or cut. ics (PyPI) writes no quotes at all: of
#   its five names it reads one back itself, "Boats: North" as "Boats", and raises errors for three.
# - node-ical cuts a name at a semicolon, though it is in quotes: "Harbour Boats; Lisbon".
# - vobject raises an error for a name with a quotation mark.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T6 keeps quotation marks and semicolons in names, because people have them. A host
# that writes calendar files puts names into SUMMARY or DESCRIPTION, not into parameters.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install icalendar==7.3.0 ics==0.7.3 vobject==0.9.9
npm --silent init -y >/dev/null
npm --silent install ical-generator@11.1.2 ics@3.12.0 ical.js@2.2.1 node-ical@0.27.2 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "names"
version = "0.0.0"
edition = "2021"
[dependencies]
ical = "=0.11.0"
icalendar = "=0.17.17"
serde_json = "1"
END

cat > names.json <<'JSON'
["Ann \"Red\" Lee", "Harbour Boats; Lisbon", "Lee, Ann", "Boats: North", "Ann ^-^ Lee"]
JSON
cat > write.py <<'PY'
import json, warnings
from datetime import datetime, timezone
warnings.simplefilter("ignore")
import icalendar, ics, vobject

def with_icalendar(name):
    attendee = icalendar.vCalAddress("mailto:ann@example.com")
    attendee.params["CN"] = icalendar.vText(name)
    event = icalendar.Event()
    event.add("attendee", attendee, encode=False)
    return event.to_ical().decode()

def with_ics(name):
    event = ics.Event(begin=datetime(2026, 11, 20, 9, tzinfo=timezone.utc))
    event.attendees = [ics.Attendee("ann@example.com", common_name=name)]
    return str(event)

def with_vobject(name):
    event = vobject.newFromBehavior("vevent")
    attendee = event.add("attendee")
    attendee.value = "mailto:ann@example.com"
    attendee.cn_param = name
    return event.serialize(validate=False)

for writer, write in (("icalendar (PyPI)", with_icalendar), ("ics (PyPI)", with_ics), ("vobject", with_vobject)):
    for name in json.load(open("names.json")):
        try:
            print(json.dumps([writer, name, write(name)]))
        except vobject.base.VObjectError:
            print(json.dumps([writer, name, ""]))
PY
cat > write.cjs <<'JS'
const fs = require('fs');
const ICAL = require('ical.js').default ?? require('ical.js');
const { default: calendar } = require('ical-generator');
const ics = require('ics');
const email = 'ann@example.com';
const writers = {
  'ical-generator': (name) => {
    const feed = calendar();
    feed.createEvent({ start: new Date(0) }).createAttendee({ email, name });
    return feed.toString();
  },
  'ics (npm)': (name) => ics.createEvent({ start: [2026, 11, 20, 9, 0], duration: { hours: 1 }, attendees: [{ name, email }] }).value,
  'ical.js': (name) => {
    const attendee = new ICAL.Property('attendee');
    attendee.setParameter('cn', name);
    attendee.setValue(`mailto:${email}`);
    return attendee.toICALString();
  },
};
for (const [writer, write] of Object.entries(writers)) {
  for (const name of JSON.parse(fs.readFileSync('names.json', 'utf8'))) console.log(JSON.stringify([writer, name, write(name)]));
}
JS
cat > wrap.py <<'PY'
import json

rows = []
for line in open("written"):
    writer, name, text = json.loads(line)
    lines = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\r\n", "\n").split("\n")
    attendee = next((line for line in lines if line.startswith("ATTENDEE")), "")
    event = ["BEGIN:VEVENT", "UID:1@example.com", "DTSTAMP:20261116T090500Z", "DTSTART:20261120T090000Z", attendee, "END:VEVENT"]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//tour//EN", *event, "END:VCALENDAR", ""]
    rows.append([writer, name, attendee, "\r\n".join(lines)])
json.dump(rows, open("files.json", "w"))
PY
cat > read.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
import icalendar, ics, vobject

readers = {
    "icalendar (PyPI)": lambda text: icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["ATTENDEE"].params["CN"],
    "ics (PyPI)": lambda text: list(list(ics.Calendar(text).events)[0].attendees)[0].common_name,
    "vobject": lambda text: vobject.readOne(text).vevent.attendee.cn_param,
}
read = {}
for reader, of in readers.items():
    for writer, name, attendee, text in json.load(open("files.json")):
        if not attendee:
            continue
        try:
            seen = of(text)
        except Exception:
            seen = "error"
        read.setdefault((writer, name), {})[reader] = seen
for line in open("others"):
    writer, name, reader, seen = json.loads(line)
    read[writer, name][reader] = seen
groups = {}
for writer, name, attendee, _ in json.load(open("files.json")):
    written = attendee.partition("CN=")[2][: -len(":mailto:ann@example.com")] or "error"
    groups.setdefault((name, written), []).append(writer)
for (name, written), writers in groups.items():
    print(name, written, ", ".join(writers), sep=" | ")
    seen = {}
    for reader, value in read.get((writers[0], name), {}).items():
        if value != name:
            seen.setdefault(value, []).append(reader)
    for value, names in seen.items():
        print("  read as", value, ", ".join(names), sep=" | ")
PY
cat > read.cjs <<'JS'
const fs = require('fs');
const ICAL = require('ical.js').default ?? require('ical.js');
const nodeIcal = require('node-ical');
const readers = {
  'ical.js': (text) => new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent').getFirstProperty('attendee').getParameter('cn'),
  'node-ical': (text) => Object.values(nodeIcal.sync.parseICS(text)).find(({ type }) => type === 'VEVENT').attendee.params.CN,
};
for (const [writer, name, attendee, text] of JSON.parse(fs.readFileSync('files.json', 'utf8'))) {
  for (const [reader, of] of Object.entries(readers)) {
    if (!attendee) continue;
    let seen;
    try { seen = of(text); } catch { seen = 'error'; }
    console.log(JSON.stringify([writer, name, reader, seen ?? 'nothing']));
  }
}
JS
cat > src/main.rs <<'RS'
use icalendar::{Calendar, CalendarComponent, Component};

fn with_icalendar(text: &str) -> Option<String> {
    let calendar: Calendar = text.parse().ok()?;
    let event = calendar.components.iter().find_map(CalendarComponent::as_event)?;
    let attendees = event.multi_properties().get("ATTENDEE")?;
    Some(attendees.first()?.params().get("CN")?.value().to_owned())
}

fn with_ical(text: &str) -> Option<String> {
    let calendar = ical::IcalParser::new(text.as_bytes()).next()?.ok()?;
    let attendee = calendar.events.first()?.properties.iter().find(|property| property.name == "ATTENDEE")?.clone();
    Some(attendee.params?.into_iter().find(|(name, _)| name == "CN")?.1.join("+"))
}

fn main() {
    let files: Vec<[String; 4]> = serde_json::from_slice(&std::fs::read("files.json").unwrap()).unwrap();
    for [writer, name, attendee, text] in files {
        if attendee.is_empty() {
            continue;
        }
        for (reader, seen) in [("icalendar (crate)", with_icalendar(&text)), ("ical (crate)", with_ical(&text))] {
            println!("{}", serde_json::json!([writer, name, reader, seen.as_deref().unwrap_or("error")]));
        }
    }
}
RS

{ venv/bin/python write.py; node write.cjs; } > written
python3 wrap.py
{ node read.cjs; cargo run --quiet; } > others
venv/bin/python read.py > seen
cat > expected <<'END'
Ann "Red" Lee | "Ann ^'Red^' Lee" | icalendar (PyPI), ical-generator
  read as | Ann ^'Red^' Lee | ics (PyPI), vobject, node-ical, icalendar (crate), ical (crate)
Harbour Boats; Lisbon | "Harbour Boats; Lisbon" | icalendar (PyPI), vobject, ical-generator, ics (npm), ical.js
  read as | "Harbour Boats | node-ical
Lee, Ann | "Lee, Ann" | icalendar (PyPI), vobject, ical-generator, ics (npm), ical.js
Boats: North | "Boats: North" | icalendar (PyPI), vobject, ical-generator, ics (npm), ical.js
Ann ^-^ Lee | "Ann ^^-^^ Lee" | icalendar (PyPI), ical-generator
  read as | Ann ^^-^^ Lee | ics (PyPI), vobject, node-ical, icalendar (crate), ical (crate)
Ann "Red" Lee | Ann "Red" Lee | ics (PyPI)
  read as | error | icalendar (PyPI), ics (PyPI), vobject, node-ical
Harbour Boats; Lisbon | Harbour Boats\; Lisbon | ics (PyPI)
  read as | error | ics (PyPI), vobject, node-ical, ical (crate)
  read as | Harbour Boats\ | ical.js, icalendar (crate)
Lee, Ann | Lee\, Ann | ics (PyPI)
  read as | error | ics (PyPI)
  read as | Lee\ | vobject
  read as | Lee\, Ann | node-ical, icalendar (crate)
  read as | Lee\+ Ann | ical (crate)
Boats: North | Boats: North | ics (PyPI)
  read as | Boats | icalendar (PyPI), ics (PyPI), vobject, ical.js, node-ical, icalendar (crate), ical (crate)
Ann ^-^ Lee | Ann ^-^ Lee | ics (PyPI), vobject
Ann "Red" Lee | error | vobject
Ann "Red" Lee | "Ann \"Red\" Lee" | ics (npm)
  read as | error | icalendar (PyPI), ics (PyPI), vobject, node-ical, icalendar (crate)
  read as | Ann \ | ical.js, ical (crate)
Ann ^-^ Lee | "Ann ^-^ Lee" | ics (npm)
Ann "Red" Lee | Ann ^'Red^' Lee | ical.js
  read as | Ann ^'Red^' Lee | ics (PyPI), vobject, node-ical, icalendar (crate), ical (crate)
Ann ^-^ Lee | Ann ^^-^^ Lee | ical.js
  read as | Ann ^^-^^ Lee | ics (PyPI), vobject, node-ical, icalendar (crate), ical (crate)
END
diff -u expected seen || { echo "CHANGED: a library writes or reads names in calendar files differently now" >&2; exit 1; }
echo "OK: five of seven readers do not decode names with quotation marks, one cuts at semicolons, and two writers break files"
