#!/usr/bin/env bash
# npm linkifyjs 4.4.0 and linkify-it 6.1.0; PyPI linkify-it-py 2.2.0 and bleach 6.4.0;
# crates.io linkify 0.11.0.
#
# Five linkifiers were given the same texts. No two agree on all of them:
#
# - Directly after Thai or Chinese letters, where no space is customary, both linkify-it find no
#   link at all. The three others find one that swallows the Thai or Chinese text behind it. After
#   a Chinese letter, bleach leaves out the https:// and links to http:// instead.
# - Only linkify-it 6.1.0 ends a link at Chinese, Arabic and Hindi punctuation and at closing
#   curved quotes. The Python package of the same name, a port of an older version, does not.
# - linkify-it 6.1.0 no longer links "example.com" by default. Those that do link "10.30.Me" and
#   codes like "K7Q2-XH41.ai".
# - bleach does not link hosts with letters outside ASCII. linkifyjs and linkify-it-py link
#   https:// with such a host, but no mail address there. linkify-it-py cuts no link out of
#   o'neil@example.com at all.
# - Given encoded text, all put a part of "&gt;" into the address: bleach ">", the four others
#   "&gt" without the semicolon.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the library makes no links. The dashboard gives linkifyjs the raw text and never
# encoded text (T5). A host tests its linkifier with the languages of its customers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install linkify-it-py==2.2.0 bleach==6.4.0
npm --silent init -y >/dev/null
npm --silent install linkifyjs@4.4.0 linkify-it@6.1.0 >/dev/null

cat > texts <<'END'
ดูที่https://example.com/aได้เลย
见https://example.com/a。谢谢
请看 https://example.com/a，谢谢
“https://example.com/a”
زر https://example.com/a، شكرا
देखें https://example.com/a।
at 10.30.Me too
code K7Q2-XH41.ai
see example.com
o'neil@example.com
info@müller.example
https://müller.example/x
&lt;https://example.com/a&gt; ok
END

cat > table.cjs <<'JS'
const fs = require('fs');
const linkify = require('linkifyjs');
const { LinkifyIt } = require('linkify-it');
const it = LinkifyIt ? new LinkifyIt() : new (require('linkify-it'))();
const find = {
  linkifyjs: (text) => linkify.find(text).map((link) => link.value),
  'linkify-it': (text) => (it.match(text) || []).map((link) => link.text),
};
for (const name of Object.keys(find)) {
  for (const text of fs.readFileSync('texts', 'utf8').trim().split('\n')) {
    console.log(`${name} | ${text} | ${find[name](text).join(' ') || '-'}`);
  }
}
JS

cat > table.py <<'PY'
import html, re
import linkify_it, bleach.linkifier
it = linkify_it.LinkifyIt()
linker = bleach.linkifier.Linker(callbacks=[], parse_email=True)
find = {
    "linkify-it-py": lambda text: [link.text for link in it.match(text) or []],
    # bleach reads and writes HTML, so this shows the href, decoded once.
    "bleach": lambda text: [html.unescape(href) for href in re.findall('href="([^"]*)"', linker.linkify(text))],
}
for name in find:
    for text in open("texts", encoding="utf-8").read().strip().split("\n"):
        print(f"{name} | {text} | {' '.join(find[name](text)) or '-'}")
PY

mkdir -p rust/src
cat > rust/Cargo.toml <<'END'
[package]
name = "table"
version = "0.0.0"
edition = "2021"
[dependencies]
linkify = "=0.11.0"
END
cat > rust/src/main.rs <<'RS'
fn main() {
    let finder = linkify::LinkFinder::new();
    for text in std::fs::read_to_string("texts").unwrap().trim().split('\n') {
        let links: Vec<_> = finder.links(text).map(|link| link.as_str()).collect();
        let links = if links.is_empty() { "-".into() } else { links.join(" ") };
        println!("linkify (Rust) | {text} | {links}");
    }
}
RS
cargo build -q --manifest-path rust/Cargo.toml --target-dir target

{ node table.cjs; venv/bin/python table.py; target/debug/table; } > seen
cat > expected <<'END'
linkifyjs | ดูที่https://example.com/aได้เลย | https://example.com/aได้เลย
linkifyjs | 见https://example.com/a。谢谢 | https://example.com/a。谢谢
linkifyjs | 请看 https://example.com/a，谢谢 | https://example.com/a，谢谢
linkifyjs | “https://example.com/a” | https://example.com/a”
linkifyjs | زر https://example.com/a، شكرا | https://example.com/a،
linkifyjs | देखें https://example.com/a। | https://example.com/a।
linkifyjs | at 10.30.Me too | 10.30.Me
linkifyjs | code K7Q2-XH41.ai | K7Q2-XH41.ai
linkifyjs | see example.com | example.com
linkifyjs | o'neil@example.com | o'neil@example.com
linkifyjs | info@müller.example | -
linkifyjs | https://müller.example/x | https://müller.example/x
linkifyjs | &lt;https://example.com/a&gt; ok | https://example.com/a&gt
linkify-it | ดูที่https://example.com/aได้เลย | -
linkify-it | 见https://example.com/a。谢谢 | -
linkify-it | 请看 https://example.com/a，谢谢 | https://example.com/a
linkify-it | “https://example.com/a” | https://example.com/a
linkify-it | زر https://example.com/a، شكرا | https://example.com/a
linkify-it | देखें https://example.com/a। | https://example.com/a
linkify-it | at 10.30.Me too | -
linkify-it | code K7Q2-XH41.ai | -
linkify-it | see example.com | -
linkify-it | o'neil@example.com | o'neil@example.com
linkify-it | info@müller.example | info@müller.example
linkify-it | https://müller.example/x | https://müller.example/x
linkify-it | &lt;https://example.com/a&gt; ok | https://example.com/a&gt
linkify-it-py | ดูที่https://example.com/aได้เลย | -
linkify-it-py | 见https://example.com/a。谢谢 | -
linkify-it-py | 请看 https://example.com/a，谢谢 | https://example.com/a，谢谢
linkify-it-py | “https://example.com/a” | https://example.com/a”
linkify-it-py | زر https://example.com/a، شكرا | https://example.com/a،
linkify-it-py | देखें https://example.com/a। | https://example.com/a।
linkify-it-py | at 10.30.Me too | 10.30.Me
linkify-it-py | code K7Q2-XH41.ai | K7Q2-XH41.ai
linkify-it-py | see example.com | example.com
linkify-it-py | o'neil@example.com | -
linkify-it-py | info@müller.example | -
linkify-it-py | https://müller.example/x | https://müller.example/x
linkify-it-py | &lt;https://example.com/a&gt; ok | https://example.com/a&gt
bleach | ดูที่https://example.com/aได้เลย | https://example.com/aได้เลย
bleach | 见https://example.com/a。谢谢 | http://example.com/a。谢谢
bleach | 请看 https://example.com/a，谢谢 | https://example.com/a，谢谢
bleach | “https://example.com/a” | https://example.com/a”
bleach | زر https://example.com/a، شكرا | https://example.com/a،
bleach | देखें https://example.com/a। | https://example.com/a।
bleach | at 10.30.Me too | http://10.30.Me
bleach | code K7Q2-XH41.ai | http://K7Q2-XH41.ai
bleach | see example.com | http://example.com
bleach | o'neil@example.com | mailto:o%27neil@example.com
bleach | info@müller.example | -
bleach | https://müller.example/x | -
bleach | &lt;https://example.com/a&gt; ok | https://example.com/a>
linkify (Rust) | ดูที่https://example.com/aได้เลย | https://example.com/aได้เลย
linkify (Rust) | 见https://example.com/a。谢谢 | https://example.com/a。谢谢
linkify (Rust) | 请看 https://example.com/a，谢谢 | https://example.com/a，谢谢
linkify (Rust) | “https://example.com/a” | https://example.com/a”
linkify (Rust) | زر https://example.com/a، شكرا | https://example.com/a،
linkify (Rust) | देखें https://example.com/a। | https://example.com/a।
linkify (Rust) | at 10.30.Me too | -
linkify (Rust) | code K7Q2-XH41.ai | -
linkify (Rust) | see example.com | -
linkify (Rust) | o'neil@example.com | o'neil@example.com
linkify (Rust) | info@müller.example | info@müller.example
linkify (Rust) | https://müller.example/x | https://müller.example/x
linkify (Rust) | &lt;https://example.com/a&gt; ok | https://example.com/a&gt
END
diff -u expected seen || { echo "CHANGED: a linkifier finds other links now" >&2; exit 1; }
echo "OK: five linkifiers find different links in the same 13 texts"
