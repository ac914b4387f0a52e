#!/usr/bin/env bash
# PyPI python-messaging 0.5.13, python-gsmmodem-2025 0.1.3 and pdubuild 0.0.4; npm node-pdu 2.1.1; crates.io
# sms-pdu 1.1.0 (the part of huawei-modem that needs no modem) and gsm7 0.4.1.
#
# Short answers of a team, turned into text messages by five libraries and read as GSM 03.38 and 03.40
# say; and answers of customers, read by five libraries.
#
# - The euro sign is two septets, an escape and "e". Where a long text is cut between them,
#   python-messaging and sms-pdu send "25e" for "25€". In the same way, "[" becomes "<".
# - A letter outside the Basic Multilingual Plane, as in the Japanese name 𠮷田: python-messaging writes
#   five hex digits for it, so that octets are cut in half. sms-pdu cuts the letter in half between two
#   parts, and python-gsmmodem-2025 raises an error.
# - Septet 95 is the section sign. For python-gsmmodem-2025, node-pdu and pdubuild it is the grave accent:
#   "`" arrives as "§", and a customer's "§" is read as "`". node-pdu sends a space for "§".
# - Seven septets leave seven bits of their seventh octet. gsm7 reads them as "@". sms-pdu adds a "@" to the
#   second part of a long message, also where fewer bits are left.
# - A full part of pdubuild in UCS-2 has 141 octets. A message can have 140.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T3 repairs what a gateway delivers, but nothing can tell a "@" that nobody wrote. A
# host that notifies by text message sends fixed words and a link, not names or texts.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install python-messaging==0.5.13 python-gsmmodem-2025==0.1.3 pdubuild==0.0.4
npm --silent init -y >/dev/null
npm --silent install node-pdu@2.1.1 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "letters"
version = "0.0.0"
edition = "2021"
[dependencies]
gsm7 = "=0.4.1"
serde_json = "1"
sms-pdu = "=1.1.0"
END

cat > texts.py <<'PY'
import json

ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}

def packed(septets):
    bits = sum(septet << 7 * place for place, septet in enumerate(septets))
    return bits.to_bytes((7 * len(septets) + 7) // 8, "little")

def letters(septets):
    text, escaped = "", False
    for septet in septets:
        if septet == 27 and not escaped:
            escaped = True
            continue
        text += EXTENSION.get(septet, ALPHABET[septet]) if escaped else ALPHABET[septet]
        escaped = False
    return text

def read(wide, header, length, data):
    """Returns the text of one part."""
    skipped = data[0] + 1 if header else 0
    if wide:
        if length != len(data):
            return "(half an octet)"
        return "(too long)" if len(data) > 140 else data[skipped:].decode("utf-16-be", "replace")
    bits = int.from_bytes(data, "little")
    return letters([bits >> 7 * place & 127 for place in range((skipped * 8 + 6) // 7, length)])

def read_submit(pdu):
    if len(pdu) % 2:
        return "(half an octet)"
    octets = bytes.fromhex(pdu)
    octets = octets[octets[0] + 1 :]
    validity = {0: 0, 1: 7, 2: 1, 3: 7}[octets[0] >> 3 & 3]
    rest = octets[4 + (octets[2] + 1) // 2 + 1 :]
    return read(rest[0] == 8, octets[0] & 64, rest[1 + validity], rest[2 + validity :])

ANSWERS = {
    "euro": "." * 150 + "25€, on board",
    "name": "𠮷田と𠮷本",
    "long name": "。" * 66 + "𠮷田様です",
    "section": "§ 5",
    "grave": "`Anna`",
}
json.dump(ANSWERS, open("answers.json", "w"))

# A message of SMS-DELIVER, and a second part of two with the same letters.
CUSTOMER = {"customer seven": "at nine", "customer section": "§ 5"}
DELIVER = "00{:02X}0C91539101000000000062118210900000"
head = bytes([5, 0, 3, 9, 2, 2])
pdus = {}
for name, text in CUSTOMER.items():
    septets = [ALPHABET.index(letter) for letter in text]
    pdus[name] = (DELIVER.format(4) + f"{len(septets):02X}" + packed(septets).hex()).upper()
    part = head + (int.from_bytes(packed(septets), "little") << 1).to_bytes((7 * len(septets) + 8) // 8, "little")
    pdus[name + ", part 2"] = (DELIVER.format(0x44) + f"{7 + len(septets):02X}" + part.hex()).upper()
json.dump(pdus, open("pdus.json", "w"))
PY

cat > write.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
import gsmmodem.pdu, messaging.sms, pdubuild
from texts import ANSWERS

NUMBER = "+351910000000"

def pdubuild_parts(text):
    try:
        return list(pdubuild.build("", NUMBER, text, "gsm7"))
    except ValueError:
        return list(pdubuild.build("", NUMBER, text, "ucs2"))

def messaging_parts(text):
    return [part.pdu for part in messaging.sms.SmsSubmit(NUMBER, text).to_pdu()]

def gsmmodem_parts(text):
    return [str(part) for part in gsmmodem.pdu.encodeSmsSubmitPdu(NUMBER, text)]

written = {}
for name, parts in (("python-messaging", messaging_parts), ("python-gsmmodem-2025", gsmmodem_parts), ("pdubuild", pdubuild_parts)):
    for case, text in ANSWERS.items():
        try:
            written.setdefault(name, {})[case] = parts(text)
        except ValueError as error:
            written[name][case] = []
json.dump(written, open("python.json", "w"))

pdus = json.load(open("pdus.json"))
for case, pdu in pdus.items():
    print("python-messaging", case, ascii(messaging.sms.SmsDeliver(pdu).text), sep=" | ")
    print("python-gsmmodem-2025", case, ascii(gsmmodem.pdu.decodeSmsPdu(pdu)["text"]), sep=" | ")
PY
cat > src/main.rs <<'RS'
use std::collections::BTreeMap;
use std::io::Cursor;

use sms_pdu::gsm_encoding::GsmMessageData;
use sms_pdu::pdu::{DeliverPdu, MessageEncoding};

fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn main() {
    let texts = |file: &str| -> BTreeMap<String, String> { serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap() };
    let written: BTreeMap<_, Vec<_>> = texts("answers.json")
        .into_iter()
        .map(|(case, text)| {
            let parts = GsmMessageData::encode_message(&text);
            let part = |part: &GsmMessageData| (part.encoding == MessageEncoding::Ucs2, part.udh, part.user_data_len, part.bytes.clone());
            (case, parts.iter().map(part).collect())
        })
        .collect();
    std::fs::write("rust.json", serde_json::to_vec(&written).unwrap()).unwrap();
    for (case, pdu) in texts("pdus.json") {
        let pdu = octets(&pdu);
        let message = DeliverPdu::try_from(&pdu[..]).unwrap().get_message_data();
        println!("sms-pdu | {case} | {:?}", message.decode_message().unwrap().text);
        if !message.udh {
            let text: String = gsm7::Gsm7Reader::new(Cursor::new(&message.bytes)).map(Result::unwrap).collect();
            println!("gsm7 | {case} | {text:?}");
        }
    }
}
RS
cat > write.cjs <<'JS'
const fs = require('fs');
const { Submit, parse } = require('node-pdu');
const entries = (file) => Object.entries(JSON.parse(fs.readFileSync(file, 'utf8')));
fs.writeFileSync('node.json', JSON.stringify(Object.fromEntries(entries('answers.json').map(([name, text]) =>
  [name, new Submit('+351910000000', text).getPartStrings()]))));
for (const [name, pdu] of entries('pdus.json')) console.log(`node-pdu | ${name} | ${JSON.stringify(parse(pdu).data.getText())}`);
JS
cat > show.py <<'PY'
import json
from texts import ANSWERS, read, read_submit

written = {name: {case: [read_submit(pdu) for pdu in pdus] for case, pdus in cases.items()}
           for name, cases in [*json.load(open("python.json")).items(), ("node-pdu", json.load(open("node.json")))]}
written["sms-pdu"] = {case: [read(wide, header, length, bytes(data)) for wide, header, length, data in parts]
                      for case, parts in json.load(open("rust.json")).items()}
for name, cases in written.items():
    for case in ANSWERS:
        print(name, case, *[part.lstrip(".。") or "..." for part in cases[case]], sep=" | ")
PY

{
  venv/bin/python texts.py
  venv/bin/python write.py
  node write.cjs
  cargo run --quiet
  venv/bin/python show.py
} > seen
cat > expected <<'END'
python-messaging | customer seven | 'at nine'
python-gsmmodem-2025 | customer seven | 'at nine'
python-messaging | customer seven, part 2 | 'at nine'
python-gsmmodem-2025 | customer seven, part 2 | 'at nine'
python-messaging | customer section | '\xa7 5'
python-gsmmodem-2025 | customer section | '` 5'
python-messaging | customer section, part 2 | '\xa7 5'
python-gsmmodem-2025 | customer section, part 2 | '` 5'
node-pdu | customer seven | "at nine"
node-pdu | customer seven, part 2 | "at nine"
node-pdu | customer section | "` 5"
node-pdu | customer section, part 2 | "` 5"
sms-pdu | customer section | "§ 5"
gsm7 | customer section | "§ 5"
sms-pdu | customer section, part 2 | "§ 5@"
sms-pdu | customer seven | "at nine"
gsm7 | customer seven | "at nine@"
sms-pdu | customer seven, part 2 | "at nine@"
python-messaging | euro | 25 | e, on board
python-messaging | name | (half an octet)
python-messaging | long name | (half an octet) | 田様です
python-messaging | section | § 5
python-messaging | grave | `Anna`
python-gsmmodem-2025 | euro | 25 | €, on board
python-gsmmodem-2025 | name
python-gsmmodem-2025 | long name
python-gsmmodem-2025 | section | § 5
python-gsmmodem-2025 | grave | §Anna§
pdubuild | euro | (too long) | (too long) | 25€, on board
pdubuild | name | 𠮷田と𠮷本
pdubuild | long name | (too long) | 田様です
pdubuild | section | § 5
pdubuild | grave | §Anna§
node-pdu | euro | ... | ... | 25€, on board
node-pdu | name | 𠮷田と𠮷本
node-pdu | long name | ... | 𠮷田様です
node-pdu | section |   5
node-pdu | grave | §Anna§
sms-pdu | euro | 25 | e, on board
sms-pdu | name | 𠮷田と𠮷本
sms-pdu | long name | � | �田様です
sms-pdu | section | § 5
sms-pdu | grave | `Anna`
END
diff -u expected seen || { echo "CHANGED: a library writes or reads the letters of text messages differently now" >&2; exit 1; }
echo "OK: each of five libraries sends other letters than some text has, and four of five read other letters"
