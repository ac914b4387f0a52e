#!/usr/bin/env bash
# npm mailparser 3.14.2, postal-mime 4.0.0, letterparser 0.1.8 and emailjs-mime-parser 2.0.7; PyPI
# mail-parser 4.8.0 and flanker 0.9.11; Python 3.11's email; crates.io mail-parser 0.11.9 and mailparse
# 0.18.0; then PyPI email-reply-parser 0.5.12.
#
# A mail of the type `text/plain; format=flowed` (RFC 3676) ends its soft line breaks with a space, or, with
# `delsp=yes`, with a space that is not part of the text. A line that begins with a space, ">" or "From"
# gets a space in front, which the reader removes. Nine readers:
#
# - Six leave all of that to their caller: lines break where the sender's program
#   broke them, a Japanese word gets a space and a line break, and " From" keeps its space.
# - postal-mime and emailjs-mime-parser join the lines, but leave the marks of quoted lines in the middle:
#   "> Do you have a > question?". mailparser is right.
# - The readers that remove the space turn " > 10 people is OK?", which the customer typed, into
#   a quoted line for every program behind them: email-reply-parser then removes it. With the readers that
#   leave the space, the sentence stays. letterparser trims the whole text, with the same effect.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a message is the whole text (T1), and line breaks stay as they came. A host that
# accepts mails joins soft line breaks itself, after it has cut quotes off, and keeps the original mail.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install mail-parser==4.8.0 flanker==0.9.11 \
  email-reply-parser==0.5.12
npm --silent init -y >/dev/null
npm --silent install mailparser@3.14.2 postal-mime@4.0.0 letterparser@0.1.8 emailjs-mime-parser@2.0.7 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "flowed"
version = "0.0.0"
edition = "2021"
[dependencies]
mail-parser = "=0.11.9"
mailparse = "=0.18.0"
serde_json = "1"
END

cat > mails.py <<'PY'
import json

CASES = {
    "soft": ("", "We come with two children and the \ndog."),
    "delsp": ("; delsp=yes", "犬も一緒に行っ \nていいですか。"),
    "stuffed": ("", " > 10 people is OK?\n From noon."),
    "quote": ("", "> Do you have a \n> question?\nNo."),
    "signature": ("", "Yes.\n-- \nAnn"),
}
HEAD = (
    "From: Ann Lee <ann@example.com>\r\nTo: desk@example.com\r\nSubject: Nine?\r\nMessage-ID: <a@example.com>\r\n"
    "Date: Mon, 16 Nov 2026 09:05:00 +0000\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
)
json.dump(
    {
        name: f"{HEAD}Content-Type: text/plain; charset=utf-8; format=flowed{parameter}\r\n\r\n{text}\r\n".replace("\r", "").replace("\n", "\r\n")
        for name, (parameter, text) in CASES.items()
    },
    open("mails.json", "w"),
)
PY
cat > read.py <<'PY'
import email, email.policy, json, sys, warnings
warnings.simplefilter("ignore")
import flanker.mime, mailparser
from email_reply_parser import EmailReplyParser

mails = json.load(open("mails.json"))
readers = {
    "email (Python)": lambda mail: email.message_from_bytes(mail, policy=email.policy.default).get_content(),
    "mail-parser (PyPI)": lambda mail: mailparser.parse_from_bytes(mail).text_plain[0],
    "flanker": lambda mail: flanker.mime.from_string(mail).body,
}
read = {reader: {name: of(mail.encode()) for name, mail in mails.items()} for reader, of in readers.items()}
read |= json.load(open("node.json")) | json.load(open("rust.json"))
for name in mails:
    seen = {}
    for reader, texts in read.items():
        text = texts[name].replace("\r\n", "\n").rstrip("\n")
        seen.setdefault(json.dumps(text, ensure_ascii=False), []).append(reader)
    for text, names in seen.items():
        print(name, text, ", ".join(names), sep=" | ")
        if name == "stuffed":
            print("  reply", json.dumps(EmailReplyParser.parse_reply(json.loads(text)), ensure_ascii=False), sep=" | ")
PY
cat > read.cjs <<'JS'
const fs = require('fs');
const { default: parseMime } = require('emailjs-mime-parser');
const letterparser = require('letterparser');
const { simpleParser } = require('mailparser');
const PostalMime = require('postal-mime');

const readers = {
  mailparser: async (mail) => (await simpleParser(mail)).text,
  'postal-mime': async (mail) => (await PostalMime.default.parse(mail)).text,
  letterparser: async (mail) => letterparser.extract(mail).text,
  'emailjs-mime-parser': async (mail) => Buffer.from(parseMime(Buffer.from(mail)).content).toString(),
};
(async () => {
  const read = {};
  for (const [reader, of] of Object.entries(readers)) {
    read[reader] = {};
    for (const [name, mail] of Object.entries(JSON.parse(fs.readFileSync('mails.json', 'utf8')))) read[reader][name] = await of(mail);
  }
  fs.writeFileSync('node.json', JSON.stringify(read));
})();
JS
cat > src/main.rs <<'RS'
use std::collections::BTreeMap;

fn main() {
    let mails: BTreeMap<String, String> = serde_json::from_slice(&std::fs::read("mails.json").unwrap()).unwrap();
    let mut read: BTreeMap<&str, BTreeMap<&String, String>> = BTreeMap::new();
    for (name, mail) in &mails {
        let message = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
        read.entry("mail-parser (crate)").or_default().insert(name, message.body_text(0).unwrap().into_owned());
        let message = mailparse::parse_mail(mail.as_bytes()).unwrap();
        read.entry("mailparse").or_default().insert(name, message.get_body().unwrap());
    }
    std::fs::write("rust.json", serde_json::to_vec(&read).unwrap()).unwrap();
}
RS

python3 mails.py
node read.cjs
cargo run --quiet
venv/bin/python read.py > seen 2> python.log || { cat python.log >&2; exit 1; }
cat > expected <<'END'
soft | "We come with two children and the \ndog." | email (Python), mail-parser (PyPI), flanker, letterparser, mail-parser (crate), mailparse
soft | "We come with two children and the dog." | mailparser, postal-mime, emailjs-mime-parser
delsp | "犬も一緒に行っ \nていいですか。" | email (Python), mail-parser (PyPI), flanker, letterparser, mail-parser (crate), mailparse
delsp | "犬も一緒に行っていいですか。" | mailparser, postal-mime, emailjs-mime-parser
stuffed | " > 10 people is OK?\n From noon." | email (Python), mail-parser (PyPI), flanker, mail-parser (crate), mailparse
  reply | "> 10 people is OK?\n From noon."
stuffed | "> 10 people is OK?\nFrom noon." | mailparser, postal-mime, emailjs-mime-parser
  reply | "From noon."
stuffed | "> 10 people is OK?\n From noon." | letterparser
  reply | "From noon."
quote | "> Do you have a \n> question?\nNo." | email (Python), mail-parser (PyPI), flanker, letterparser, mail-parser (crate), mailparse
quote | "> Do you have a question?\nNo." | mailparser
quote | "> Do you have a > question?\nNo." | postal-mime, emailjs-mime-parser
signature | "Yes.\n-- \nAnn" | email (Python), mail-parser (PyPI), flanker, mailparser, postal-mime, letterparser, emailjs-mime-parser, mail-parser (crate), mailparse
END
diff -u expected seen || { echo "CHANGED: a reader of mails treats flowed text differently now" >&2; exit 1; }
echo "OK: six of nine readers keep soft line breaks, two leave quote marks inside sentences, and right ones make a sentence a quote"
