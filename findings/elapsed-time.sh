#!/usr/bin/env bash
# PyPI pendulum 3.3.0, arrow 1.4.0 and timeago 1.0.16; humanize 4.17.0 was right.
#
# A message and a later moment, both in Berlin, where clocks were set back on 2026-10-25. Four libraries
# say how long ago the message was. A guess says that types with a zone count elapsed time. In fact
# three of the four subtract the readings of the clock:
#
# - Sent at 02:50 summer time and read 20 minutes later, at 02:10: "in 40 minutes". The values of arrow
#   and pendulum also compare and sort in the wrong order, as those of Python's own datetime do.
# - pendulum contradicts itself: `total_seconds()` of the same difference is 1200.
# - Sent 24 hours and 30 minutes before: "23 hours ago".
# - With the same times in UTC, all four are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: W1 and W6. Elapsed times are computed from UTC, and zones only give dates. A host
# in Python converts the times of the views, which carry the zone's offset, to UTC before it compares.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install pendulum==3.3.0 arrow==1.4.0 timeago==1.0.16 humanize==4.17.0 tzdata==2026.6

cat > table.py <<'PY'
import datetime, zoneinfo
import arrow, humanize, pendulum, timeago

UTC, BERLIN = datetime.timezone.utc, zoneinfo.ZoneInfo("Europe/Berlin")
PAIRS = {
    "20 minutes": ("2026-10-25T00:50:00+00:00", "2026-10-25T01:10:00+00:00"),
    "24.5 hours": ("2026-10-24T14:30:00+00:00", "2026-10-25T15:00:00+00:00"),
}
for name, pair in PAIRS.items():
    for zone, zone_name in ((UTC, "UTC"), (BERLIN, "Europe/Berlin")):
        sent, now = (datetime.datetime.fromisoformat(time).astimezone(zone) for time in pair)
        pendulums = [pendulum.parse(time).in_timezone(zone_name) for time in pair]
        arrows = [arrow.get(time).to(zone_name) for time in pair]
        print(name, zone_name, sep=" | ")
        print("  pendulum", pendulums[0].diff_for_humans(pendulums[1]), (pendulums[1] - pendulums[0]).total_seconds(), pendulums == sorted(pendulums))
        print("  arrow", arrows[0].humanize(arrows[1]), (arrows[1] - arrows[0]).total_seconds(), arrows == sorted(arrows))
        print("  timeago", timeago.format(sent, now))
        print("  humanize", humanize.naturaltime(sent, when=now))
PY

venv/bin/python table.py > seen
cat > expected <<'END'
20 minutes | UTC
  pendulum 20 minutes before 1200.0 True
  arrow 20 minutes ago 1200.0 True
  timeago 20 minutes ago
  humanize 20 minutes ago
20 minutes | Europe/Berlin
  pendulum 40 minutes after 1200.0 False
  arrow in 40 minutes -2400.0 False
  timeago in 40 minutes
  humanize 20 minutes ago
24.5 hours | UTC
  pendulum 1 day before 88200.0 True
  arrow a day ago 88200.0 True
  timeago 1 day ago
  humanize a day ago
24.5 hours | Europe/Berlin
  pendulum 23 hours before 88200.0 True
  arrow 23 hours ago 84600.0 True
  timeago 23 hours ago
  humanize a day ago
END
diff -u expected seen || { echo "CHANGED: a library computes elapsed times differently now" >&2; exit 1; }
echo "OK: three of four Python libraries call a message of 20 minutes ago one in 40 minutes, where clocks were set back"
