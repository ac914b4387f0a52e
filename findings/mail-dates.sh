#!/usr/bin/env bash
# crates.io mailparse 0.18.0, mail-parser 0.11.9, chrono 0.4.45, time 0.3.55 and jiff 0.2.46; npm
# mailparser 3.14.2, postal-mime 4.0.0 and letterparser 0.1.8; PyPI mail-parser 4.8.0; Python 3.11's email.
#
# The Date of a mail, read by ten readers. The machine's zone is Tokyo's, and the right answer is always
# 08:05 in UTC.
#
# - RFC 5322 needs no seconds. mailparse takes the zone "+0100" for 100 seconds: "09:05 +0100" becomes
#   09:06:40 in UTC, without an error. It refuses "Mon,16 Nov", which needs no space.
# - "A" is a zone of one letter, which RFC 5322 reads as "-0000". mailparser (npm) returns the time at which
#   it reads the mail, without a mark. mailparse returns 09:05. postal-mime and letterparser return the
#   text or an invalid date.
# - "-0000" is a time in UTC that says nothing about the sender's zone. Python's date has no zone then, so
#   that its `timestamp()` depends on the machine: in Tokyo it is nine hours off.
# - chrono, jiff, time and both mail-parsers are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a message that a mail brings gets the time at which it arrives (W2 and W3). An import
# from mails (I5) reads the dates with one of the five, and looks for dates of today before it begins.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install mail-parser==4.8.0
npm --silent init -y >/dev/null
npm --silent install mailparser@3.14.2 postal-mime@4.0.0 letterparser@0.1.8 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "dates"
version = "0.0.0"
edition = "2021"
[dependencies]
chrono = "=0.4.45"
jiff = "=0.2.46"
mail-parser = "=0.11.9"
mailparse = "=0.18.0"
time = { version = "=0.3.55", features = ["parsing"] }
END
export TZ=Asia/Tokyo

cat > dates.txt <<'END'
Mon, 16 Nov 2026 09:05:00 +0100 (CET)
Mon, 16 Nov 2026 09:05 +0100
Mon,16 Nov 2026 09:05:00 +0100
Mon, 16 Nov 2026 08:05:00 -0000
Mon, 16 Nov 2026 08:05:00 A
END

cat > src/main.rs <<'RS'
use chrono::DateTime;
use time::{format_description::well_known::Rfc2822, OffsetDateTime};

fn main() {
    for date in include_str!("../dates.txt").lines() {
        let mail = format!("Date: {date}\r\n\r\nYes.\r\n");
        let message = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        let seconds = [
            ("mailparse", mailparse::dateparse(date).ok()),
            ("mail-parser (crate)", message.date().map(|date| date.to_timestamp())),
            ("chrono", DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp())),
            ("time", OffsetDateTime::parse(date, &Rfc2822).ok().map(|date| date.unix_timestamp())),
            ("jiff", jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().as_second())),
        ];
        for (reader, seconds) in seconds {
            let seen = seconds.map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap().format("%F %T").to_string());
            println!("{date} | {} | {reader}", seen.as_deref().unwrap_or("error"));
        }
    }
}
RS
cat > read.cjs <<'JS'
const fs = require('fs');
const letterparser = require('letterparser');
const { simpleParser } = require('mailparser');
const PostalMime = require('postal-mime');
(async () => {
  for (const date of fs.readFileSync('dates.txt', 'utf8').trim().split('\n')) {
    const mail = `Date: ${date}\r\n\r\nYes.\r\n`;
    const read = {
      mailparser: (await simpleParser(mail)).date,
      'postal-mime': (await PostalMime.default.parse(mail)).date,
      letterparser: letterparser.extract(mail).date,
    };
    for (const [reader, value] of Object.entries(read)) {
      const time = new Date(value);
      const seen = Date.now() - time < 60_000 ? 'now' : isNaN(time) ? 'error' : time.toISOString().slice(0, 19).replace('T', ' ');
      console.log(`${date} | ${seen} | ${reader}`);
    }
  }
})();
JS
cat > read.py <<'PY'
import email, email.policy, warnings
from datetime import datetime, timezone
warnings.simplefilter("ignore")
import mailparser

for date in open("dates.txt").read().splitlines():
    mail = f"Date: {date}\r\n\r\nYes.\r\n"
    read = {
        "email (Python)": email.message_from_string(mail, policy=email.policy.default)["Date"].datetime,
        "mail-parser (PyPI)": mailparser.parse_from_string(mail).date,
    }
    for reader, time in read.items():
        seen = f"{datetime.fromtimestamp(time.timestamp(), timezone.utc):%F %T}" if time else "error"
        print(date, seen, reader, sep=" | ")
PY

{ cargo run --quiet; node read.cjs; venv/bin/python read.py; } | LC_ALL=C sort > read
awk -F ' \\| ' '{ of[$1 " | " $2] = of[$1 " | " $2] (of[$1 " | " $2] ? ", " : "") $3 } END { for (key in of) print key " | " of[key] }' read | LC_ALL=C sort > seen
cat > expected <<'END'
Mon, 16 Nov 2026 08:05:00 -0000 | 2026-11-15 23:05:00 | email (Python)
Mon, 16 Nov 2026 08:05:00 -0000 | 2026-11-16 08:05:00 | chrono, jiff, letterparser, mail-parser (PyPI), mail-parser (crate), mailparse, mailparser, postal-mime, time
Mon, 16 Nov 2026 08:05:00 A | 2026-11-15 23:05:00 | email (Python)
Mon, 16 Nov 2026 08:05:00 A | 2026-11-16 08:05:00 | chrono, jiff, mail-parser (PyPI), mail-parser (crate), time
Mon, 16 Nov 2026 08:05:00 A | 2026-11-16 09:05:00 | mailparse
Mon, 16 Nov 2026 08:05:00 A | error | letterparser, postal-mime
Mon, 16 Nov 2026 08:05:00 A | now | mailparser
Mon, 16 Nov 2026 09:05 +0100 | 2026-11-16 08:05:00 | chrono, email (Python), jiff, letterparser, mail-parser (PyPI), mail-parser (crate), mailparser, postal-mime, time
Mon, 16 Nov 2026 09:05 +0100 | 2026-11-16 09:06:40 | mailparse
Mon, 16 Nov 2026 09:05:00 +0100 (CET) | 2026-11-16 08:05:00 | chrono, email (Python), jiff, letterparser, mail-parser (PyPI), mail-parser (crate), mailparse, mailparser, postal-mime, time
Mon,16 Nov 2026 09:05:00 +0100 | 2026-11-16 08:05:00 | chrono, email (Python), jiff, letterparser, mail-parser (PyPI), mail-parser (crate), mailparser, postal-mime, time
Mon,16 Nov 2026 09:05:00 +0100 | error | mailparse
END
diff -u expected seen || { echo "CHANGED: a reader of mails finds other times now" >&2; exit 1; }
echo "OK: one reader takes a zone for seconds, one returns the current time, one depends on the zone of the machine"
