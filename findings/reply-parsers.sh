#!/usr/bin/env bash
# PyPI email-reply-parser 0.5.12 and mail-parser-reply 1.36 with all of its languages; npm
# email-reply-parser 2.3.9, node-email-reply-parser 0.1.4 and planer 1.2.0 with jsdom 29.1.1.
#
# Answers to a mail about a booking, read by five libraries that remove the quoted mail. A guess says
# that a library that fails leaves too much. In fact each of the five also removes what the customer
# wrote:
#
# - Of a text that begins with "On Monday your colleague wrote:", nothing is left in PyPI
#   email-reply-parser. Of the German form of the sentence, nothing is left in planer.
# - A line of the customer's that begins with "From:" ends the text in three libraries, a line of
#   dashes in two, a line that begins with "-- " and a word in one, and "Sent from my hotel" in one.
# - "> 10 people is OK?", which a customer typed, is removed by three.
# - None of the five removes the line above the quote in all nine languages that were tried. The
#   Finnish, Polish and Chinese lines stay in each. Only mail-parser-reply removes the Japanese line.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: a message is the whole text that a person wrote (T1), and the library reads no mails.
# A host that accepts answers by mail keeps the original mail beside the part that a parser leaves.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install email-reply-parser==0.5.12 mail-parser-reply==1.36
npm --silent init -y >/dev/null
npm --silent install email-reply-parser@2.3.9 node-email-reply-parser@0.1.4 planer@1.2.0 jsdom@29.1.1 >/dev/null

cat > mails.json <<'JSON'
{
  "own-wrote": "On Monday your colleague wrote:\nbring a jacket. Is this still true?",
  "own-schrieb": "Am Montag schrieb ich schon:\nwir kommen um neun. Geht das?",
  "own-from": "We changed our plan.\nFrom: Harbour\nTo: Island\nDate: March 20\nIs it possible?",
  "own-dashes": "Two options:\n---\nA: nine\nB: ten",
  "own-list": "We need:\n- two seats\n-- and a pram",
  "own-sent": "Hi,\nSent from my hotel yesterday a parcel to you. Did it arrive?",
  "own-quote": "> 10 people is OK?\nWe are 12.",
  "de": "Ja.\n\nAm Mo., 16. Nov. 2026 um 09:05 Uhr schrieb Harbour Boats <desk@example.com>:\n\n> Neun Uhr?\n",
  "fr": "Oui.\n\nLe lun. 16 nov. 2026 à 09:05, Harbour Boats <desk@example.com> a écrit :\n\n> Neuf heures ?\n",
  "es": "Sí.\n\nEl lun, 16 nov 2026 a las 9:05, Harbour Boats (<desk@example.com>) escribió:\n\n> ¿A las nueve?\n",
  "it": "Sì.\n\nIl giorno lun 16 nov 2026 alle ore 09:05 Harbour Boats <desk@example.com> ha scritto:\n\n> Alle nove?\n",
  "pt": "Sim.\n\nEm seg., 16 de nov. de 2026 às 09:05, Harbour Boats <desk@example.com> escreveu:\n\n> Às nove?\n",
  "fi": "Kyllä.\n\nma 16. marrask. 2026 klo 9.05 Harbour Boats (desk@example.com) kirjoitti:\n\n> Yhdeksältä?\n",
  "pl": "Tak.\n\npon., 16 lis 2026 o 09:05 Harbour Boats <desk@example.com> napisał(a):\n\n> O dziewiątej?\n",
  "ja": "はい。\n\n2026年11月16日(月) 9:05 Harbour Boats <desk@example.com>:\n\n> 九時でよろしいですか。\n",
  "zh": "好的。\n\nHarbour Boats <desk@example.com> 于2026年11月16日周一 09:05写道：\n\n> 九点可以吗?\n"
}
JSON

cat > read.py <<'PY'
import json
from email_reply_parser import EmailReplyParser
from mailparser_reply import EmailReplyParser as LanguagesParser

languages = ["en", "cs", "da", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh"]
mails = json.load(open("mails.json", encoding="utf-8"))
read = json.load(open("read.json", encoding="utf-8"))
read["email-reply-parser (PyPI)"] = {name: EmailReplyParser.parse_reply(mail) for name, mail in mails.items()}
read["mail-parser-reply"] = {
    name: LanguagesParser(languages=languages).parse_reply(text=mail) for name, mail in mails.items()
}
for library, answers in sorted(read.items()):
    for name, mail in mails.items():
        answer = answers[name].strip()
        if name.startswith("own-"):
            if answer != mail:
                print(library, name, json.dumps(answer), sep=" | ")
    header_stays = [name for name in mails if "-" not in name and answers[name].strip() != mails[name].split("\n")[0]]
    print(library, "header stays", *header_stays)
PY
cat > read.cjs <<'JS'
const fs = require('fs');
const { default: EmailReplyParser } = require('email-reply-parser');
const { JSDOM } = require('jsdom');
const parseReply = require('node-email-reply-parser');
const planer = require('planer');

const parsers = {
  'email-reply-parser (npm)': (mail) => new EmailReplyParser().read(mail).getVisibleText(),
  'node-email-reply-parser': (mail) => parseReply(mail, true),
  planer: (mail) => planer.extractFrom(mail, 'text/plain', new JSDOM().window.document),
};
const mails = Object.entries(JSON.parse(fs.readFileSync('mails.json', 'utf8')));
fs.writeFileSync('read.json', JSON.stringify(Object.fromEntries(Object.entries(parsers).map(([library, parse]) =>
  [library, Object.fromEntries(mails.map(([name, mail]) => [name, parse(mail)]))]))));
JS

node read.cjs
venv/bin/python read.py > seen
cat > expected <<'END'
email-reply-parser (PyPI) | own-wrote | ""
email-reply-parser (PyPI) | own-from | "We changed our plan."
email-reply-parser (PyPI) | own-quote | "We are 12."
email-reply-parser (PyPI) header stays de fr es it pt fi pl ja zh
email-reply-parser (npm) | own-dashes | "Two options:"
email-reply-parser (npm) | own-sent | "Hi,"
email-reply-parser (npm) | own-quote | "We are 12."
email-reply-parser (npm) header stays fi pl ja zh
mail-parser-reply | own-from | "We changed our plan."
mail-parser-reply header stays es pt fi pl zh
node-email-reply-parser | own-dashes | "Two options:"
node-email-reply-parser | own-list | "We need:\n- two seats"
node-email-reply-parser | own-quote | "We are 12."
node-email-reply-parser header stays fi pl ja zh
planer | own-schrieb | ""
planer | own-from | "We changed our plan."
planer header stays es it pt fi pl ja zh
END
diff -u expected seen || { echo "CHANGED: a parser of answers by mail keeps other parts now" >&2; exit 1; }
echo "OK: each of five parsers of answers by mail removes text that the customer wrote, and leaves quotes in some language"
