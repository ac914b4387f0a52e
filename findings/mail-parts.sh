#!/usr/bin/env bash
# npm mailparser 3.14.2, postal-mime 4.0.0 and letterparser 0.1.8; crates.io mail-parser 0.11.9; PyPI
# mail-parser 4.8.0; Python 3.11's email.
#
# The text of a customer's mail that has several parts. What comes out as "the text":
#
# - Phones put a picture between two parts of text. Python's get_body and body_text(0) of the crate return
#   the words in front of the picture. "Where are you?" behind it is lost.
# - A program sends an empty plain part beside the HTML with the text. All readers return an empty text, and
#   only `body` of PyPI mail-parser has the HTML.
# - An HTML part behind a plain part is text for mailparser, postal-mime and the crate's list of texts. The
#   others return the plain part alone.
# - A forwarded mail: postal-mime, letterparser and PyPI mail-parser append what another person wrote to
#   the customer's words, two of them without a mark.
# - A reaction of Gmail has a part for machines: letterparser adds its JSON to the text.
# - `body` of PyPI mail-parser joins all parts with "--- mail_boundary ---", also plain text and its
#   HTML form.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T1 and T2. A host that accepts mails walks the parts itself, takes the HTML where the
# plain text has nothing visible, and stops at message/rfc822.
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
name = "parts"
version = "0.0.0"
edition = "2021"
[dependencies]
mail-parser = "=0.11.9"
serde_json = "1"
END

cat > mails.py <<'PY'
import json

HEAD = "From: Ann <ann@example.com>\nTo: desk@example.com\nSubject: Nine?\nDate: Mon, 16 Nov 2026 09:05:00 +0000\nMIME-Version: 1.0\n"

def part(kind, body, headers=""):
    return f"Content-Type: {kind}\n{headers}\n{body}\n"

def multipart(kind, boundary, *parts):
    inner = "".join(f"--{boundary}\n{part}" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'

PLAIN, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
PICTURE = part("image/png", "iVBORw0KGgo=", "Content-Transfer-Encoding: base64\nContent-Disposition: inline; filename=map.png\n")
MAILS = {
    "picture in the middle": multipart("mixed", "a", part(PLAIN, "We are here:"), PICTURE, part(PLAIN, "Where are you?")),
    "HTML behind plain": multipart("mixed", "a", part(PLAIN, "See the table:"), part(HTML, "<p>Nine: <b>full</b></p>")),
    "empty plain": multipart("alternative", "a", part(PLAIN, ""), part(HTML, "<p>At nine?</p>")),
    "forwarded": multipart("mixed", "a", part(PLAIN, "See below."), part("message/rfc822", "From: ben@example.com\nSubject: Old\nContent-Type: text/plain\n\nOld text.")),
    "reaction": multipart("alternative", "a", part(PLAIN, "Ann reacted"), part("text/vnd.google.email-reaction+json; charset=utf-8", '{"version": 1}'), part(HTML, "<p>Ann reacted</p>")),
}
json.dump({name: (HEAD + mail).replace("\n", "\r\n") for name, mail in MAILS.items()}, open("mails.json", "w"))
PY
cat > read.cjs <<'JS'
const fs = require('fs');
const letterparser = require('letterparser');
const { simpleParser } = require('mailparser');
const PostalMime = require('postal-mime');
(async () => {
  for (const [name, mail] of Object.entries(JSON.parse(fs.readFileSync('mails.json', 'utf8')))) {
    for (const [reader, { text }] of [
      ['mailparser', await simpleParser(mail)],
      ['postal-mime', await PostalMime.default.parse(mail)],
      ['letterparser', letterparser.extract(mail)],
    ]) console.log(JSON.stringify([name, reader, text]));
  }
})();
JS
cat > src/main.rs <<'RS'
use std::collections::BTreeMap;

fn main() {
    let mails: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read("mails.json").unwrap()).unwrap();
    for (name, mail) in &mails {
        let message = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        println!("{}", serde_json::json!([name, "mail-parser (crate), first", message.body_text(0)]));
        let texts: Vec<_> = (0..message.text_body_count()).filter_map(|position| message.body_text(position)).collect();
        println!("{}", serde_json::json!([name, "mail-parser (crate), all", texts.join("+")]));
    }
}
RS
cat > read.py <<'PY'
import email, email.policy, json, logging, warnings
warnings.simplefilter("ignore")
logging.disable()
import mailparser

for name, mail in json.load(open("mails.json")).items():
    body = email.message_from_string(mail, policy=email.policy.default).get_body(("plain", "html"))
    print(json.dumps([name, "email (Python)", body and body.get_content()]))
    message = mailparser.parse_from_string(mail)
    print(json.dumps([name, "mail-parser (PyPI), text_plain", "+".join(message.text_plain)]))
    print(json.dumps([name, "mail-parser (PyPI), body", message.body]))
PY
cat > show.py <<'PY'
import json

rows = [json.loads(line) for line in open("read")]
for case in json.load(open("mails.json")):
    seen = {}
    for name, reader, text in rows:
        if name == case:
            text = (text or "").replace("\r\n", "\n").strip()
            seen.setdefault(text, []).append(reader)
    for text, readers in seen.items():
        print(case, json.dumps(text), ", ".join(readers), sep=" | ")
PY

python3 mails.py
{ node read.cjs; cargo run --quiet; venv/bin/python read.py; } > read
python3 show.py > seen
cat > expected <<'END'
picture in the middle | "We are here:\nWhere are you?" | mailparser, letterparser
picture in the middle | "We are here:\n\nWhere are you?" | postal-mime
picture in the middle | "We are here:" | mail-parser (crate), first, email (Python)
picture in the middle | "We are here:+Where are you?" | mail-parser (crate), all, mail-parser (PyPI), text_plain
picture in the middle | "We are here:\n--- mail_boundary ---\nWhere are you?" | mail-parser (PyPI), body
HTML behind plain | "See the table:\nNine: full" | mailparser
HTML behind plain | "See the table:\n\n\nNine: full" | postal-mime
HTML behind plain | "See the table:" | letterparser, mail-parser (crate), first, email (Python), mail-parser (PyPI), text_plain
HTML behind plain | "See the table:+Nine: full" | mail-parser (crate), all
HTML behind plain | "See the table:\n--- mail_boundary ---\n<p>Nine: <b>full</b></p>" | mail-parser (PyPI), body
empty plain | "" | mailparser, postal-mime, letterparser, mail-parser (crate), first, mail-parser (crate), all, email (Python), mail-parser (PyPI), text_plain
empty plain | "<p>At nine?</p>" | mail-parser (PyPI), body
forwarded | "See below." | mailparser, mail-parser (crate), first, mail-parser (crate), all, email (Python)
forwarded | "See below.\n\n\n------------------------\nFrom:    ben@example.com\nSubject: Old\n------------------------\n\nOld text." | postal-mime
forwarded | "See below.\nOld text." | letterparser
forwarded | "See below.+Old text." | mail-parser (PyPI), text_plain
forwarded | "See below.\n--- mail_boundary ---\nOld text." | mail-parser (PyPI), body
reaction | "Ann reacted" | mailparser, postal-mime, mail-parser (crate), first, mail-parser (crate), all, email (Python), mail-parser (PyPI), text_plain
reaction | "Ann reacted\n{\"version\": 1}" | letterparser
reaction | "Ann reacted\n--- mail_boundary ---\n<p>Ann reacted</p>\n--- mail_boundary ---\n{\"version\": 1}" | mail-parser (PyPI), body
END
diff -u expected seen || { echo "CHANGED: a reader of mails finds other texts now" >&2; exit 1; }
echo "OK: six readers of mails find different texts in mails with pictures, empty parts, forwarded mails and reactions"
