#!/usr/bin/env bash
# PyPI linelog2py 0.1.6, kakao-chat-parser 0.0.1, kakaotalk-msg-preprocessor 0.13, kakaotalkparse 0.4,
# facebook-json-message-data-parser-public 1.1.0 and chatpack 0.1.0.
#
# Short chats as LINE, KakaoTalk, Messenger and Telegram export them. None of the six readers finds all
# messages as they were sent, and none reports a doubt:
#
# - LINE: linelog2py removes all quotation marks and empty lines. A date that a customer typed below an
#   empty line is removed from the text, and all later messages get this date.
# - KakaoTalk: kakao-chat-parser drops each message with a colon, such as "9:30에 가도 돼요?", drops
#   all lines but the first, removes spaces from names, and keeps no time of day.
# - KakaoTalk: kakaotalk-msg-preprocessor and kakaotalkparse lose the last message of each file.
#   kakaotalkparse reads Korean times as times of Saigon, two hours off, unless it is told otherwise,
#   and makes a message of each line.
# - Messenger: facebook-json-message-data-parser-public sorts the messages, which come newest first, by the
#   minute. Those of one minute stay in the wrong order: the answer is before the question.
# - Telegram: after somebody has deleted the account, the messages have no name. chatpack drops them, so
#   that only the answers are left. It reads the Messenger file as it is.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the importer reads none of these formats. Who converts one of them to the importer's
# own form counts the messages before and after, and looks at the last one (docs/exports.md).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install linelog2py==0.1.6 kakao-chat-parser==0.0.1 \
  kakaotalk-msg-preprocessor==0.13 kakaotalkparse==0.4 python-dateutil==2.9.0.post0 pytz==2026.6 \
  facebook-json-message-data-parser-public==1.1.0 chatpack==0.1.0
export TZ=UTC

cat > write.py <<'PY'
import json, pathlib

pathlib.Path("line.txt").write_text(
    "[LINE] アンとのトーク履歴\n保存日時：2026/11/28 18:00\n\n"
    "2026/11/16(月)\n"
    "09:05\tアン\t犬は\"大\"です\n"
    "09:06\tアン\t\"希望日:\n\n2026/12/01\nお願いします\"\n"
    "09:07\t港ボート\t[確認済み]\n"
)
MESSAGES = [("앤", "9:05", "9:30에 가도 돼요?"), ("하버 보트", "9:06", "네.\n네 명이죠?"), ("앤", "9:07", "네")]
pathlib.Path("kakao-windows.txt").write_text(
    "앤 님과 카카오톡 대화\r\n저장한 날짜 : 2026-11-28 18:00:00\r\n\r\n--------------- 2026년 11월 16일 월요일 ---------------\r\n"
    + "".join(f"[{name}] [오전 {time}] {text}\r\n" for name, time, text in MESSAGES),
    newline="",
)
pathlib.Path("kakao-android.txt").write_text(
    "앤 님과 카카오톡 대화\n저장한 날짜 : 2026년 11월 28일 오후 6:00\n\n\n2026년 11월 16일 오전 9:05\n"
    + "".join(f"2026년 11월 16일 오전 {time}, {name} : {text}\n" for name, time, text in MESSAGES)
)
pathlib.Path("kakao-ios.txt").write_text(
    "앤 님과 카카오톡 대화\n저장한 날짜 : 2026. 11. 28. 오후 6:00\n\n2026년 11월 16일 월요일\n"
    + "".join(f"2026. 11. 16. 오전 {time}, {name} : {text}\n" for name, time, text in MESSAGES)
)
# Meta writes the bytes of UTF-8 as one letter each, newest message first.
ROWS = [("Zoë", 20_000, "À neuf heures ?"), ("Harbour", 30_000, "Oui."), ("Harbour", 40_000, "À trois ?"), ("Zoë", 90_000, "Merci")]
def bytes_as_letters(text):
    return text.encode().decode("latin-1")
pathlib.Path("message_1.json").write_text(json.dumps({
    "participants": [{"name": "Harbour"}, {"name": bytes_as_letters("Zoë")}],
    "messages": [
        {"sender_name": bytes_as_letters(name), "timestamp_ms": 1_794_819_900_000 + offset, "content": bytes_as_letters(text)}
        for name, offset, text in reversed(ROWS)
    ],
    "title": bytes_as_letters("Zoë"),
    "thread_path": "inbox/zoe_1",
}))
pathlib.Path("result.json").write_text(json.dumps({
    "name": None, "type": "personal_chat", "id": 4411,
    "messages": [
        {"id": 1, "type": "message", "date": "2026-11-16T09:05:00", "date_unixtime": "1794819900",
         "from": None, "from_id": "user4411", "text": "Nine?", "text_entities": [{"type": "plain", "text": "Nine?"}]},
        {"id": 2, "type": "message", "date": "2026-11-16T09:06:00", "date_unixtime": "1794819960",
         "from": "Harbour", "from_id": "user77", "text": "Yes.", "text_entities": [{"type": "plain", "text": "Yes."}]},
    ],
}))
PY
cat > read.py <<'PY'
import json, warnings
warnings.simplefilter("ignore")
import chatpack, linelog2py
from facebook_json_message_data_parser_public.lib.decoder import decode_facebook_json, process_messages
from kakao_chat_parser import ChatParser
from kakaotalk_msg_preprocessor import kakaotalk_msg_preprocessor as preprocessor
from kakaotalkparse import KakaoTalkParse

def show(name, rows):
    for time, author, text in rows:
        print(name, str(time)[:25], author, json.dumps(text, ensure_ascii=False), sep=" | ")

show("linelog2py", [(m.time, m.username, m.textlines) for m in linelog2py.Reader.readFile("line.txt")])
show("kakao-chat-parser", [(m["date"], m["member"], m["message"]) for m in ChatParser("kakao-ios.txt").get_chat()])
for path in ("kakao-windows.txt", "kakao-android.txt"):
    kind = preprocessor.check_export_file_type(path)
    show(f"kakaotalk-msg-preprocessor {kind}", [(m["datetime"], m["user_name"], m["text"]) for m in preprocessor.parse(kind, path)])
parser = KakaoTalkParse()
parser.open("kakao-windows.txt")
show("kakaotalkparse", [(m["msgTime"], m["speaker"], m["message"]) for m in parser.parse()])
messages = process_messages(decode_facebook_json("message_1.json"))["messages"]
show("facebook-json-message-data-parser", [(m["timestamp"], m["sender_name"], m["content"]) for m in messages])
for platform, messages in (("Messenger", chatpack.parse_instagram("message_1.json")), ("Telegram", chatpack.parse_telegram("result.json"))):
    show(f"chatpack {platform}", [(m.timestamp, m.sender, m.content) for m in messages])
PY
python3 write.py
venv/bin/python read.py > seen
cat > expected <<'END'
linelog2py | 2026-11-16 09:05:00 | アン | ["犬は大です"]
linelog2py | 2026-11-16 09:06:00 | アン | ["希望日:", "お願いします"]
linelog2py | 2026-12-01 09:07:00 | 港ボート | ["[確認済み]"]
kakao-chat-parser | 2026-11-16 00:00:00 | 하버보트 | " 네."
kakao-chat-parser | 2026-11-16 00:00:00 | 앤 | " 네"
kakaotalk-msg-preprocessor window_ko | 2026-11-16 09:05:00 | 앤 | "9:30에 가도 돼요?"
kakaotalk-msg-preprocessor window_ko | 2026-11-16 09:06:00 | 하버 보트 | "네.\n네 명이죠?"
kakaotalk-msg-preprocessor android_ko | 2026-11-16 09:05:00 | 앤 | "9:30에 가도 돼요?"
kakaotalk-msg-preprocessor android_ko | 2026-11-16 09:06:00 | 하버 보트 | "네.\n네 명이죠?"
kakaotalkparse | 2026-11-16 09:05:00+07:00 | 앤 | "9:30에 가도 돼요?"
kakaotalkparse | 2026-11-16 09:06:00+07:00 | 하버 보트 | "네."
kakaotalkparse | 2026-11-16 09:06:00+07:00 | 하버 보트 | "네 명이죠?"
facebook-json-message-data-parser | 09:05 16/11/2026 | Harbour | "À trois ?"
facebook-json-message-data-parser | 09:05 16/11/2026 | Harbour | "Oui."
facebook-json-message-data-parser | 09:05 16/11/2026 | Zoë | "À neuf heures ?"
facebook-json-message-data-parser | 09:06 16/11/2026 | Zoë | "Merci"
chatpack Messenger | 2026-11-16T09:05:20+00:00 | Zoë | "À neuf heures ?"
chatpack Messenger | 2026-11-16T09:05:30+00:00 | Harbour | "Oui."
chatpack Messenger | 2026-11-16T09:05:40+00:00 | Harbour | "À trois ?"
chatpack Messenger | 2026-11-16T09:06:30+00:00 | Zoë | "Merci"
chatpack Telegram | 2026-11-16T09:06:00+00:00 | Harbour | "Yes."
END
diff -u expected seen || { echo "CHANGED: a reader of exported chats finds other messages now" >&2; exit 1; }
echo "OK: each of six readers of exported chats loses messages or letters, or changes the order or the time"
