#!/usr/bin/env bash
# crates.io mail-threading 0.1.3, mail-parser 0.11.9 and mailparse 0.18.0; PyPI threadweave 0.1.0 and
# flanker 0.9.11; npm mailparser 3.14.2 and postal-mime 4.0.0.
#
# Mails about bookings, grouped into threads by their headers and subjects. A guess says that answers
# stay together and that a code in the subject keeps two bookings apart.
#
# - The base subject of RFC 5256 drops what stands in brackets, so "[K7Q2-XH41] Your booking" and
#   "[M3PD-TT90] Your booking" have the same one. With its defaults, mail-threading puts the two
#   customers into one thread. mail-parser's thread_name drops "Ref:" and "I:", too, but no "回复：".
# - An In-Reply-To with a comment, or with two ids, is valid. mail-threading and threadweave take the
#   whole field as one id, so that the answer becomes a thread of its own.
# - A comment in References: mailparser makes ids of its words, "<mail>" and "<of>". Two answers to
#   different mails, each with the same comment, then have common ancestors, and threadweave puts them
#   into one thread. mailparse reads no id at all. mail-parser and flanker are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: I2. A thread is a booking's, and nothing is found by subject. A host that accepts
# answers by mail gives each booking its own Reply-To address, which nobody has to guess from headers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install threadweave==0.1.0 flanker==0.9.11
npm --silent init -y >/dev/null
npm --silent install mailparser@3.14.2 postal-mime@4.0.0 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "threads"
version = "0.0.0"
edition = "2021"
[dependencies]
chrono = "0.4"
mail-parser = "=0.11.9"
mail-threading = "=0.1.3"
mailparse = "=0.18.0"
serde_json = "1"
END

cat > fields.json <<'JSON'
{
  "comment": "<a@example.com> (your mail of Monday)",
  "two": "<a@example.com>\r\n <b@example.com>",
  "other comment": "<b@example.com> (your mail of Monday)"
}
JSON
cat > mails.json <<'JSON'
{
  "two bookings": [["a", "", "", "Your booking"], ["b", "", "", "Your booking"]],
  "two codes": [["a", "", "", "[K7Q2-XH41] Your booking"], ["b", "", "", "[M3PD-TT90] Your booking"]],
  "reply": [["a", "", "", "Nine?"], ["b", "<a@example.com>", "", "Re: At nine"]],
  "reply with a comment": [["a", "", "", "Nine?"], ["b", "<a@example.com> (your mail of Monday)", "", "Re: At nine"]],
  "reply to two": [["a", "", "", "Nine?"], ["b", "<a@example.com> <z@example.com>", "", "Re: At nine"]]
}
JSON

cat > read.cjs <<'JS'
const fs = require('fs');
const { simpleParser } = require('mailparser');
const PostalMime = require('postal-mime');
(async () => {
  const read = {};
  for (const [name, field] of Object.entries(JSON.parse(fs.readFileSync('fields.json', 'utf8')))) {
    const mail = `From: ann@example.com\r\nReferences: ${field}\r\n\r\nYes.\r\n`;
    for (const [reader, { references }] of [['mailparser', await simpleParser(mail)], ['postal-mime', await PostalMime.default.parse(mail)]]) {
      console.log(`${reader} | ${name} | ${JSON.stringify(references)}`);
      if (reader === 'mailparser') read[name] = references;
    }
  }
  fs.writeFileSync('references.json', JSON.stringify(read));
})();
JS
cat > src/main.rs <<'RS'
use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use mail_threading::{thread_messages, Message};

fn main() {
    let fields: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read("fields.json").unwrap()).unwrap();
    for (name, field) in &fields {
        let mail = format!("References: {field}\r\n\r\nYes.\r\n");
        let message = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        println!("mail-parser | {name} | {:?}", message.references().as_text_list());
        println!("mailparse | {name} | {:?}", mailparse::msgidparse(field).map(|ids| ids.to_vec()).ok());
    }
    for subject in ["[K7Q2-XH41] Your booking", "Ref: K7Q2-XH41", "I: nine o'clock", "回复：预订"] {
        let mail = format!("Subject: {subject}\r\n\r\nYes.\r\n");
        let message = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        println!("mail-parser | {subject} | {:?}", message.thread_name());
    }
    let mails: BTreeMap<String, Vec<[String; 4]>> = serde_json::from_slice(&std::fs::read("mails.json").unwrap()).unwrap();
    for (name, mails) in mails {
        let mails: Vec<_> = mails
            .into_iter()
            .map(|[id, in_reply_to, _, subject]| Message {
                message_id: Some(format!("<{id}@example.com>")),
                id,
                in_reply_to: Some(in_reply_to).filter(|field| !field.is_empty()),
                references: Vec::new(),
                date: Utc.with_ymd_and_hms(2026, 11, 16, 9, 5, 0).unwrap(),
                subject,
            })
            .collect();
        println!("mail-threading | {name} | {}", thread_messages(&mails).iter().map(|thread| thread.messages.join("+")).collect::<Vec<_>>().join(", "));
    }
}
RS
cat > read.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
import flanker.mime
from threadweave import Message, thread_messages

for name, field in json.load(open("fields.json")).items():
    mail = flanker.mime.from_string(f"References: {field}\r\n\r\nYes.\r\n")
    print("flanker", name, mail.references, sep=" | ")

def ids(container):
    own = [container.message.message_id] if container.message else []
    return own + [id for child in container.children for id in ids(child)]

def show(name, messages, **options):
    threads = thread_messages(messages, **options)
    print("threadweave", name, ", ".join("+".join(sorted(id[1] for id in ids(thread))) for thread in threads), sep=" | ")

for name, mails in json.load(open("mails.json")).items():
    show(name, [Message(message_id=f"<{id}@example.com>", in_reply_to=parent, subject=subject) for id, parent, _, subject in mails])
references = json.load(open("references.json"))
show("references of mailparser", [Message(f"<{id}@example.com>", None, references[name]) for id, name in (("c", "comment"), ("d", "other comment"))])
PY

{ node read.cjs; cargo run --quiet; venv/bin/python read.py 2> python.log || cat python.log >&2; } > seen
cat > expected <<'END'
mailparser | comment | ["<a@example.com>","<(your>","<mail>","<of>","<Monday)>"]
postal-mime | comment | "<a@example.com> (your mail of Monday)"
mailparser | two | ["<a@example.com>","<b@example.com>"]
postal-mime | two | "<a@example.com> <b@example.com>"
mailparser | other comment | ["<b@example.com>","<(your>","<mail>","<of>","<Monday)>"]
postal-mime | other comment | "<b@example.com> (your mail of Monday)"
mail-parser | comment | Some(["a@example.com"])
mailparse | comment | None
mail-parser | other comment | Some(["b@example.com"])
mailparse | other comment | None
mail-parser | two | Some(["a@example.com", "b@example.com"])
mailparse | two | Some(["a@example.com", "b@example.com"])
mail-parser | [K7Q2-XH41] Your booking | Some("Your booking")
mail-parser | Ref: K7Q2-XH41 | Some("K7Q2-XH41")
mail-parser | I: nine o'clock | Some("nine o'clock")
mail-parser | 回复：预订 | Some("回复：预订")
mail-threading | reply | a+b
mail-threading | reply to two | a, b
mail-threading | reply with a comment | a, b
mail-threading | two bookings | a+b
mail-threading | two codes | a+b
flanker | comment | ['a@example.com']
flanker | two | ['a@example.com', 'b@example.com']
flanker | other comment | ['b@example.com']
threadweave | two bookings | a, b
threadweave | two codes | a, b
threadweave | reply | a+b
threadweave | reply with a comment | a, b
threadweave | reply to two | a, b
threadweave | references of mailparser | c+d
END
diff -u expected seen || { echo "CHANGED: a library puts mails into other threads now" >&2; exit 1; }
echo "OK: one library joins two bookings whose codes are in brackets, two lose answers, and one makes ids of the words of a comment"
