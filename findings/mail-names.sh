#!/usr/bin/env bash
# Writers: crates.io lettre 0.11.23, mail-builder 0.4.4 and 2.0.1; Python 3.11.7's email; npm
# nodemailer 10.6.1. Readers: Python 3.11.7's email (policy "default") and npm mailparser 3.14.2.
#
# One long Thai display name, written by five libraries and read by two:
#
# - Every writer but mail-builder 0.4.4 splits the name into encoded words. In the sender's name or
#   in the same text as a subject, each of these four splits inside a grapheme cluster, so that a
#   vowel sign or a tone mark begins a word.
# - Python's reader puts a space between two encoded words of a display name, also for mails of
#   Python's own writer. It joins those of a subject correctly, so tests with subjects pass.
# - mail-builder 0.4.4 writes one encoded word of 160 bytes, in quotes, which RFC 2047 rules out
#   twice; both readers decode it all the same.
# - lettre writes no Message-ID, and an In-Reply-To without angle brackets stays without. The
#   other libraries but Python's, which has no call for either, add both.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: examples/relay sets Message-ID, writes the brackets of In-Reply-To, and cuts
# names to whole clusters before encoding (T7), never after it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install nodemailer@10.6.1 mailparser@3.14.2 >/dev/null
printf 'กัญญารัตน์ ศรีสวัสดิ์วงศ์ไพบูลย์กิจเจริญ' > name

mkdir -p rust/src
cat > rust/Cargo.toml <<'END'
[package]
name = "write"
version = "0.0.0"
edition = "2021"
[dependencies]
lettre = { version = "=0.11.23", default-features = false, features = ["builder"] }
old = { package = "mail-builder", version = "=0.4.4" }
new = { package = "mail-builder", version = "=2.0.1" }
END
cat > rust/src/main.rs <<'RS'
use std::fs;

fn main() {
    let name = fs::read_to_string("name").unwrap();
    let mail = lettre::Message::builder()
        .from(lettre::message::Mailbox::new(Some(name.clone()), "desk@example.com".parse().unwrap()))
        .to("ann@example.com".parse().unwrap())
        .in_reply_to("first@example.com".into())
        .subject(name.clone())
        .body(String::from("Hello"))
        .unwrap();
    fs::write("lettre.eml", mail.formatted()).unwrap();
    macro_rules! write {
        ($library:ident, $file:expr) => {
            let mail = $library::MessageBuilder::new()
                .from((name.as_str(), "desk@example.com"))
                .to("ann@example.com")
                .in_reply_to("first@example.com")
                .subject(name.as_str())
                .text_body("Hello");
            fs::write($file, mail.write_to_vec().unwrap()).unwrap();
        };
    }
    write!(old, "mail-builder-0.4.4.eml");
    write!(new, "mail-builder-2.0.1.eml");
}
RS
cargo build -q --manifest-path rust/Cargo.toml --target-dir target
target/debug/write

cat > write.cjs <<'JS'
const fs = require('fs');
const name = fs.readFileSync('name', 'utf8');
require('nodemailer').createTransport({ streamTransport: true, buffer: true }).sendMail({
  from: { name, address: 'desk@example.com' }, to: 'ann@example.com', inReplyTo: 'first@example.com', subject: name, text: 'Hello',
}).then((mail) => fs.writeFileSync('nodemailer.eml', mail.message));
JS
node write.cjs

cat > table.py <<'PY'
import base64, re, sys, unicodedata
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

name = open("name", encoding="utf-8").read()
mail = EmailMessage()
mail["From"] = Address(name, "desk", "example.com")
mail["Subject"] = name
mail.set_content("Hello")
open("python.eml", "wb").write(mail.as_bytes())

for writer in ("lettre", "mail-builder-0.4.4", "mail-builder-2.0.1", "nodemailer", "python"):
    data = open(f"{writer}.eml", "rb").read()
    def header(field):
        return re.search(rf"^{field}: (.*\n(?:[ \t].*\n)*)", data.decode().replace("\r", ""), re.M).group(1)
    def words(field):
        return [base64.b64decode(word).decode() for word in re.findall(r"=\?utf-8\?b\?([^?]*)\?=", header(field), re.I)]
    inside = any(unicodedata.category(word[0]) == "Mn" for word in words("From")[1:] + words("Subject")[1:])
    read = message_from_bytes(data, policy=policy.default)
    spaces = read["From"].addresses[0].display_name
    print(
        writer,
        f"words:{len(words('From'))}",
        f"begins-with-mark:{inside}",
        f"quoted:{header('From').startswith(chr(34))}",
        f"python-name:{'same' if spaces == name else 'spaces' if spaces.replace(' ', '') == name.replace(' ', '') else 'other'}",
        f"python-subject:{'same' if read['Subject'] == name else 'other'}",
        f"message-id:{'Message-ID' in read}",
        f"in-reply-to:{read['In-Reply-To']}",
    )
PY

cat > read.cjs <<'JS'
const fs = require('fs');
const { simpleParser } = require('mailparser');
const name = fs.readFileSync('name', 'utf8');
(async () => {
  for (const file of fs.readdirSync('.').filter((file) => file.endsWith('.eml')).sort()) {
    const mail = await simpleParser(fs.readFileSync(file));
    console.log('mailparser', file, mail.from.value[0].name === name ? 'same' : 'other');
  }
})();
JS

# Python's version is the machine's, and a newer one may join the words.
{ python3 table.py; node read.cjs; } > seen
cat > expected <<'END'
lettre words:3 begins-with-mark:True quoted:False python-name:spaces python-subject:same message-id:False in-reply-to:first@example.com
mail-builder-0.4.4 words:1 begins-with-mark:False quoted:True python-name:same python-subject:same message-id:True in-reply-to:<first@example.com>
mail-builder-2.0.1 words:3 begins-with-mark:True quoted:False python-name:spaces python-subject:same message-id:True in-reply-to:<first@example.com>
nodemailer words:4 begins-with-mark:True quoted:False python-name:spaces python-subject:same message-id:True in-reply-to:<first@example.com>
python words:3 begins-with-mark:True quoted:False python-name:spaces python-subject:same message-id:False in-reply-to:None
mailparser lettre.eml same
mailparser mail-builder-0.4.4.eml same
mailparser mail-builder-2.0.1.eml same
mailparser nodemailer.eml same
mailparser python.eml same
END
diff -u expected seen || { echo "CHANGED: a mail library writes or reads names differently now" >&2; exit 1; }
echo "OK: encoded display names are cut inside clusters by four of five writers, and Python's reader adds spaces"
