#!/usr/bin/env bash
# npm telegram-escape 1.1.1, @vlad-yakovlev/telegram-md 2.1.0 and telegram-format 3.1.0; PyPI
# pyTelegramBotAPI 4.37.1, aiogram 3.31.0, python-telegram-bot 22.8 and telegram-markdown-text 0.5.0.
#
# Six texts of customers, escaped for a notification in Telegram's MarkdownV2 by seven libraries and read
# as the Bot API says: a backslash makes the next ASCII letter plain, and 18 letters without one are refused
# or are marks. The backslash is not one of the 18; another sentence says that it usually has to be escaped.
#
# - telegram-escape and telegram-md leave a customer's backslash alone: "C:\new\plan" arrives as
#   "C:newplan", and the full stop in "Is \. right?" is no longer escaped.
# - pyTelegramBotAPI takes a backslash that is before a letter of the list for an escape: ¯\_(ツ)_/¯
#   arrives without its arm, and "a\\b" with one backslash.
# - aiogram, python-telegram-bot, telegram-markdown-text and telegram-format are right.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: texts are raw (T5), so a host escapes them once for each channel. For Telegram it
# sends plain text without a parse mode, or tests the escaping with a backslash.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install aiogram==3.31.0 python-telegram-bot==22.8 pyTelegramBotAPI==4.37.1 \
  telegram-markdown-text==0.5.0
npm --silent init -y >/dev/null
npm --silent install telegram-escape@1.1.1 telegram-format@3.1.0 @vlad-yakovlev/telegram-md@2.1.0 >/dev/null

cat > texts.json <<'JSON'
["¯\\_(ツ)_/¯", "C:\\new\\plan", "Is \\. right?", "a\\\\b", "1. at nine (5-6 people)!", "`x` *y* _z_"]
JSON
cat > escape.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
from aiogram.utils.text_decorations import markdown_decoration
from telebot.formatting import escape_markdown as telebot_escape
from telegram.helpers import escape_markdown
from telegram_markdown_text import PlainText

escapes = {
    "aiogram": markdown_decoration.quote,
    "python-telegram-bot": lambda text: escape_markdown(text, version=2),
    "pyTelegramBotAPI": telebot_escape,
    "telegram-markdown-text": lambda text: PlainText(text).escaped_text(),
}
for text in json.load(open("texts.json")):
    for name, escape in escapes.items():
        print(json.dumps([text, name, escape(text)]))
PY
cat > escape.mjs <<'JS'
import fs from 'node:fs';
import escapes from 'telegram-escape';
import { markdownv2 } from 'telegram-format';
import { md } from '@vlad-yakovlev/telegram-md';
for (const text of JSON.parse(fs.readFileSync('texts.json', 'utf8'))) {
  console.log(JSON.stringify([text, 'telegram-escape', escapes.escapeMarkdown(text)]));
  console.log(JSON.stringify([text, 'telegram-format', markdownv2.escape(text)]));
  console.log(JSON.stringify([text, 'telegram-md', md.build(md`${text}`)]));
}
JS
cat > show.py <<'PY'
import json

def shown(escaped):
    """Returns what a person reads, by the section "MarkdownV2 style" of the Bot API."""
    text, letters = "", iter(escaped)
    for letter in letters:
        if letter == "\\":
            letter = next(letters, "")
            if not letter or letter > "~":
                text += "\\"
        elif letter in "_*[]()~`>#+-=|{}.!":
            return f"refused, or marked, at {letter}"
        text += letter
    return text

seen = {}
for line in open("escaped"):
    text, name, escaped = json.loads(line)
    read = shown(escaped)
    seen.setdefault(text, {}).setdefault("the same" if read == text else read, []).append(name)
for text, readings in seen.items():
    for read, names in readings.items():
        print(text, read, ", ".join(names), sep=" | ")
PY
{ venv/bin/python escape.py; node escape.mjs; } > escaped
python3 show.py > seen
cat > expected <<'END'
¯\_(ツ)_/¯ | the same | aiogram, python-telegram-bot, telegram-markdown-text, telegram-format
¯\_(ツ)_/¯ | ¯_(ツ)_/¯ | pyTelegramBotAPI
¯\_(ツ)_/¯ | refused, or marked, at _ | telegram-escape, telegram-md
C:\new\plan | the same | aiogram, python-telegram-bot, pyTelegramBotAPI, telegram-markdown-text, telegram-format
C:\new\plan | C:newplan | telegram-escape, telegram-md
Is \. right? | the same | aiogram, python-telegram-bot, telegram-markdown-text, telegram-format
Is \. right? | Is . right? | pyTelegramBotAPI
Is \. right? | refused, or marked, at . | telegram-escape, telegram-md
a\\b | the same | aiogram, python-telegram-bot, telegram-markdown-text, telegram-format
a\\b | a\b | pyTelegramBotAPI, telegram-escape, telegram-md
1. at nine (5-6 people)! | the same | aiogram, python-telegram-bot, pyTelegramBotAPI, telegram-markdown-text, telegram-escape, telegram-format, telegram-md
`x` *y* _z_ | the same | aiogram, python-telegram-bot, pyTelegramBotAPI, telegram-markdown-text, telegram-escape, telegram-format, telegram-md
END
diff -u expected seen || { echo "CHANGED: a library escapes texts for Telegram differently now" >&2; exit 1; }
echo "OK: three of seven libraries do not escape backslashes for Telegram, and texts lose letters or are refused"
