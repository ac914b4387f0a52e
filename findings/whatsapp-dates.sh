#!/usr/bin/env bash
# npm whatsapp-chat-parser 4.0.2; PyPI whatstk 0.9.1 and chatpack 0.1.0.
#
# WhatsApp exports a chat with the phone's own date format and names no zone. Three parsers read
# the same short chats of two messages, and none of them reports a doubt:
#
# - A date with the year first (2026-02-01, as with Swedish or Canadian settings) is read as year,
#   day, month by two parsers: the chat of February 1 gets January 2.
# - "9:05 p. m." (Spanish phones) becomes 09:05 in whatstk and 21:05 in whatsapp-chat-parser.
# - The US order (2/1/26 with PM, February 1) is January 2 for these two. chatpack takes February 1
#   in the iPhone form and refuses the Android form.
# - chatpack appends an iPhone entry that begins with U+200E to the message before, so a message
#   is lost, and removes empty lines within a message.
# - A quoted line of another phone's form becomes a message of its own in
#   whatsapp-chat-parser.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the importer requires --zone and --date-order for WhatsApp, accepts only the
# form of the first line, and has its own reader (docs/exports.md).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install whatstk==0.9.1 chatpack==0.1.0
npm --silent init -y >/dev/null
npm --silent install whatsapp-chat-parser@4.0.2 >/dev/null
export TZ=UTC

mkdir chats
printf '2026-02-01, 21:05 - Ann: Hello\n2026-02-01, 21:06 - Ben: Hi' > chats/1-year-first.txt
printf '1/2/26, 9:05 p. m. - Ann: Hello\n1/2/26, 9:06 p. m. - Ben: Hi' > chats/2-spanish.txt
printf '[2/1/26, 9:05:11\u202fPM] Ann: Hello\n[2/1/26, 9:06:12\u202fPM] Ben: Hi' > chats/3-us-iphone.txt
printf '2/1/26, 9:05\u202fPM - Ann: Hello\n2/1/26, 9:06\u202fPM - Ben: Hi' > chats/4-us-android.txt
printf '[01.02.26, 21:05:11] Ann: A\n\nB\n\u200e[01.02.26, 21:06:12] Ben: C' > chats/5-marked.txt
printf '01/02/2026, 21:05 - Ann: See\n[31/01/2026, 20:00:00] Ben: Old\n01/02/2026, 21:06 - Ben: Yes' > chats/6-quoted.txt

cat > read.py <<'PY'
import json, pathlib, warnings
warnings.simplefilter("ignore")
import chatpack, whatstk

def whatstk_rows(path):
    return [(row.date, row.username, row.message) for row in whatstk.WhatsAppChat.from_source(path).df.itertuples()]

def chatpack_rows(path):
    return [(message.timestamp, message.sender, message.content) for message in chatpack.parse_whatsapp(path)]

for name, rows in (("whatstk", whatstk_rows), ("chatpack", chatpack_rows)):
    for path in sorted(pathlib.Path("chats").iterdir()):
        try:
            found = [f"{str(at)[:16].replace('T', ' ')} {who} {text!r}" for at, who, text in rows(str(path))]
        except (RuntimeError, ValueError):
            found = ["refused"]
        print(name, path.stem, *found, sep=" | ")
PY

cat > read.mjs <<'JS'
import fs from 'node:fs';
import { parseString } from 'whatsapp-chat-parser';
for (const file of fs.readdirSync('chats').sort()) {
  const found = parseString(fs.readFileSync(`chats/${file}`, 'utf8')).map(({ date, author, message }) =>
    `${date.toISOString().slice(0, 16).replace('T', ' ')} ${author} ${JSON.stringify(message)}`);
  console.log(['whatsapp-chat-parser', file.replace('.txt', ''), ...found].join(' | '));
}
JS

{ node read.mjs; venv/bin/python read.py; } > seen
cat > expected <<'END'
whatsapp-chat-parser | 1-year-first | 2026-01-02 21:05 Ann "Hello" | 2026-01-02 21:06 Ben "Hi"
whatsapp-chat-parser | 2-spanish | 2026-02-01 21:05 Ann "Hello" | 2026-02-01 21:06 Ben "Hi"
whatsapp-chat-parser | 3-us-iphone | 2026-01-02 21:05 Ann "Hello" | 2026-01-02 21:06 Ben "Hi"
whatsapp-chat-parser | 4-us-android | 2026-01-02 21:05 Ann "Hello" | 2026-01-02 21:06 Ben "Hi"
whatsapp-chat-parser | 5-marked | 2026-02-01 21:05 Ann "A\n\nB" | 2026-02-01 21:06 Ben "C"
whatsapp-chat-parser | 6-quoted | 2026-02-01 21:05 Ann "See" | 2026-01-31 20:00 Ben "Old" | 2026-02-01 21:06 Ben "Yes"
whatstk | 1-year-first | 2026-01-02 21:05 Ann 'Hello' | 2026-01-02 21:06 Ben 'Hi'
whatstk | 2-spanish | 2026-02-01 09:05 Ann 'Hello' | 2026-02-01 09:06 Ben 'Hi'
whatstk | 3-us-iphone | 2026-01-02 21:05 Ann 'Hello' | 2026-01-02 21:06 Ben 'Hi'
whatstk | 4-us-android | 2026-01-02 21:05 Ann 'Hello' | 2026-01-02 21:06 Ben 'Hi'
whatstk | 5-marked | 2026-02-01 21:05 Ann 'A\n\nB' | 2026-02-01 21:06 Ben 'C'
whatstk | 6-quoted | 2026-02-01 21:05 Ann 'See\n[31/01/2026, 20:00:00] Ben: Old' | 2026-02-01 21:06 Ben 'Yes'
chatpack | 1-year-first | refused
chatpack | 2-spanish | refused
chatpack | 3-us-iphone | 2026-02-01 21:05 Ann 'Hello' | 2026-02-01 21:06 Ben 'Hi'
chatpack | 4-us-android | refused
chatpack | 5-marked | 2026-02-01 21:05 Ann 'A\nB\n\u200e[01.02.26, 21:06:12] Ben: C'
chatpack | 6-quoted | 2026-02-01 21:05 Ann 'See\n[31/01/2026, 20:00:00] Ben: Old' | 2026-02-01 21:06 Ben 'Yes'
END
diff -u expected seen || { echo "CHANGED: a parser reads WhatsApp exports differently now" >&2; exit 1; }
echo "OK: three parsers of WhatsApp exports disagree on the dates and messages of short chats"
