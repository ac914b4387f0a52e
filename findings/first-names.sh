#!/usr/bin/env bash
# crates.io human_name 2.0.4; PyPI nameparser 2.6.0; npm another-name-parser 0.1.0, humanname 0.2.2,
# humanparser 2.7.0, parse-full-name 1.2.7, split-human-name 2.0.13 and initials 3.1.2.
#
# The first name for "Hello Ann,", taken from twelve names of bookings by seven libraries, and initials. A
# guess says that a parser that does not understand a name returns it as it is.
#
# - human_name returns decomposed letters: "José" has five code points and is not equal to the stored name.
#   Of 𠮷田 花 it keeps 𠮷 and 花: a letter of the name is gone. "Ines" and 김민준 are no names.
# - parse-full-name finds no first name in "Ines", "Van Lee" and 김민준, and another-name-parser none in
#   "Do An". For "Vi Lee" it returns "Lee", since "Vi" is a Roman number.
# - nameparser takes "King" for a title, and humanname says "Ann Ben" for "Ann & Ben Lee".
# - "Mrs. Lee" is greeted as nothing, as "Lee" or as "Mrs.".
# - split-human-name changes "Ann Lee (for Ben)" to "Ann Lee (For", and initials returns "for Ben" for it.
#   The initials of 𠮷田 花 begin with half a letter.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T6. A display name is one text that is stored and shown as it came. A host that
# greets customers uses the name as it is.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install nameparser==2.6.0
npm --silent init -y >/dev/null
npm --silent install another-name-parser@0.1.0 humanname@0.2.2 humanparser@2.7.0 parse-full-name@1.2.7 split-human-name@2.0.13 \
  initials@3.1.2 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "names"
version = "0.0.0"
edition = "2021"
[dependencies]
human_name = "=2.0.4"
serde_json = "1"
END

cat > names.txt <<'END'
Ines
José Ruiz
Do An
Vi Lee
Van Lee
King Lee
Mrs. Lee
Ann & Ben Lee
Maria del Carmen Soto
Ann Lee (for Ben)
𠮷田 花
김민준
END
cat > src/main.rs <<'RS'
fn main() {
    for name in include_str!("../names.txt").lines() {
        let parsed = human_name::Name::parse(name);
        let first = parsed.as_ref().and_then(human_name::Name::given_name);
        println!("{}", serde_json::json!([name, "human_name", first]));
        if let Some(whole) = parsed.map(|name| name.display_first_last().into_owned()).filter(|whole| whole != name) {
            println!("{}", serde_json::json!([name, "human_name, whole name", whole]));
        }
    }
}
RS
cat > read.py <<'PY'
import json
from nameparser import HumanName

for name in open("names.txt").read().splitlines():
    print(json.dumps([name, "nameparser", HumanName(name).first]))
PY
cat > read.cjs <<'JS'
const fs = require('fs');
const another = require('another-name-parser');
const humanname = require('humanname');
const humanparser = require('humanparser');
const initials = require('initials');
const { parseFullName } = require('parse-full-name');
const split = require('split-human-name');
const readers = {
  'another-name-parser': (name) => another(name).first,
  humanname: (name) => humanname.parse(name).firstName,
  humanparser: (name) => humanparser.parseName(name).firstName,
  'parse-full-name': (name) => parseFullName(name).first,
  'split-human-name': (name) => split(name).firstName,
};
for (const name of fs.readFileSync('names.txt', 'utf8').trim().split('\n')) {
  for (const [reader, first] of Object.entries(readers)) console.log(JSON.stringify([name, reader, first(name) ?? null]));
}
for (const name of ['Ann Lee (for Ben)', '𠮷田 花']) console.log(JSON.stringify([name, 'initials', initials(name)]));
JS
cat > show.py <<'PY'
import json, unicodedata

rows = [json.loads(line) for line in open("read")]
for name in open("names.txt").read().splitlines():
    seen = {}
    for row_name, reader, first in rows:
        if row_name == name:
            first = first or "nothing"
            seen.setdefault(first if unicodedata.is_normalized("NFC", first) and first.isprintable() else ascii(first), []).append(reader)
    for first, readers in seen.items():
        print(name, first, ", ".join(readers), sep=" | ")
PY
{ cargo run --quiet; venv/bin/python read.py; node read.cjs; } > read
python3 show.py > seen
cat > expected <<'END'
Ines | nothing | human_name, parse-full-name
Ines | Ines | nameparser, another-name-parser, humanname, humanparser, split-human-name
José Ruiz | 'Jose\u0301' | human_name
José Ruiz | 'Jose\u0301 Ruiz' | human_name, whole name
José Ruiz | José | nameparser, another-name-parser, humanname, humanparser, parse-full-name, split-human-name
Do An | Do | human_name, nameparser, humanname, humanparser, parse-full-name, split-human-name
Do An | nothing | another-name-parser
Vi Lee | Vi | human_name, nameparser, humanname, humanparser, parse-full-name, split-human-name
Vi Lee | Lee | another-name-parser
Van Lee | Van | human_name, nameparser, another-name-parser, humanname, humanparser, split-human-name
Van Lee | nothing | parse-full-name
King Lee | King | human_name, another-name-parser, humanname, humanparser, parse-full-name, split-human-name
King Lee | Lee | nameparser
Mrs. Lee | nothing | human_name, nameparser, humanparser, parse-full-name
Mrs. Lee | Lee | another-name-parser, humanname
Mrs. Lee | Mrs. | split-human-name
Ann & Ben Lee | Ann | human_name, another-name-parser, humanparser
Ann & Ben Lee | Ann Ben | human_name, whole name, humanname
Ann & Ben Lee | Ann & Ben | nameparser, parse-full-name, split-human-name
Maria del Carmen Soto | Maria | human_name, nameparser, humanname, humanparser, parse-full-name
Maria del Carmen Soto | Maria del | another-name-parser
Maria del Carmen Soto | Maria del Carmen | split-human-name
Ann Lee (for Ben) | Ann | human_name, nameparser, another-name-parser, humanparser, parse-full-name
Ann Lee (for Ben) | Ann Lee | human_name, whole name, humanname
Ann Lee (for Ben) | Ann Lee (For | split-human-name
Ann Lee (for Ben) | for Ben | initials
𠮷田 花 | 𠮷 | human_name
𠮷田 花 | 𠮷 花 | human_name, whole name
𠮷田 花 | 花 | nameparser
𠮷田 花 | 𠮷田 | another-name-parser, humanname, humanparser, parse-full-name, split-human-name
𠮷田 花 | '\ud842\u82b1' | initials
김민준 | nothing | human_name, parse-full-name
김민준 | 민준 | nameparser
김민준 | 김민준 | another-name-parser, humanname, humanparser, split-human-name
END
diff -u expected seen || { echo "CHANGED: a library finds other first names now" >&2; exit 1; }
echo "OK: seven libraries find other first names, three find none in common names, and one returns decomposed letters"
