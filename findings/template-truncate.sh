#!/usr/bin/env bash
# crates.io askama 0.16.1, tera 1.20.1 and 2.4.0, minijinja-contrib 3.1.0 and liquid 0.26.11; PyPI jinja2
# 3.1.6, django 5.2.19 and python-liquid 2.3.6; npm nunjucks 3.2.4 and liquidjs 10.30.1.
#
# Four short texts, cut by the `truncate` of ten template engines to 10 (to 11 with django, which counts
# the ellipsis). A guess says "10 characters". In fact there are six units:
#
# - askama counts bytes: of a Thai text three letters stay, and of a Hindi text a part of a cluster.
# - tera 1.20.1 and the crate liquid count grapheme clusters. tera 2.4.0 counts code points, unless the
#   feature "unicode" is on, which any crate of the program can turn on. Neither change gives an error.
# - liquidjs and python-liquid count code points, nunjucks UTF-16 code units.
# - django counts code points without a combining class: the same Thai text gets longer, and the vowel
#   signs of Hindi, which have no class, count.
# - jinja2 and minijinja-contrib cut no text that is at most five code points longer, and ignore that
#   nothing is appended.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T7 and docs/json.md. A preview is cut once, when the message is written, and knows
# that it was cut. A template prints preview.text and, if preview.cut, an ellipsis, without `truncate`.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jinja2==3.1.6 django==5.2.19 python-liquid==2.3.6
npm --silent init -y >/dev/null
npm --silent install nunjucks@3.2.4 liquidjs@10.30.1 >/dev/null
export TZ=UTC

# The third text contains a character above U+FFFF, which is two code units in JavaScript.
cat > texts.json <<'JSON'
{ "thai": "จองทัวร์ท่าเรือ", "hindi": "क्षत्रिय समय पर", "rare": "我們住在𠮷野家旁邊的旅館", "short": "Harbour tour" }
JSON

cat > read.py <<'PY'
import json
import django, jinja2, liquid
from django.conf import settings
from django.template import Context, Template

settings.configure(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
django.setup()
engines = {
    "jinja2": lambda text: jinja2.Template("{{ text|truncate(10, true, '') }}").render(text=text),
    "django": lambda text: Template("{{ text|truncatechars:11 }}").render(Context({"text": text})).removesuffix("…"),
    "python-liquid": lambda text: liquid.Template("{{ text | truncate: 10, '' }}").render(text=text),
}
for name, render in engines.items():
    for case, text in json.load(open("texts.json", encoding="utf-8")).items():
        print(case, name, render(text), sep=" | ")
PY
cat > read.cjs <<'JS'
const { Liquid } = require('liquidjs');
const nunjucks = require('nunjucks');
const texts = JSON.parse(require('fs').readFileSync('texts.json', 'utf8'));
const liquid = new Liquid();
for (const [name, text] of Object.entries(texts)) {
  const show = (engine, output) => console.log(`${name} | ${engine} | ${output.toWellFormed?.() ?? output}`);
  show('nunjucks', nunjucks.renderString("{{ text|truncate(10, true, '') }}", { text }));
  show('liquidjs', liquid.parseAndRenderSync("{{ text | truncate: 10, '' }}", { text }));
}
JS
mkdir -p rust/src
cat > rust/Cargo.toml <<'END'
[package]
name = "read"
version = "0.0.0"
edition = "2024"
[features]
unicode = ["new_tera/unicode"]
[dependencies]
askama = "=0.16.1"
liquid = "=0.26.11"
minijinja = "=3.1.0"
minijinja-contrib = "=3.1.0"
serde_json = "1"
old_tera = { package = "tera", version = "=1.20.1", default-features = false, features = ["builtins"] }
new_tera = { package = "tera", version = "=2.4.0", default-features = false }
END
cat > rust/src/main.rs <<'RS'
use std::collections::BTreeMap;

use askama::Template;

#[derive(Template)]
#[template(source = "{{ text|truncate(10) }}", ext = "txt")]
struct Page<'a> {
    text: &'a str,
}

fn main() {
    let texts = std::fs::read_to_string("texts.json").unwrap();
    let texts: BTreeMap<String, String> = serde_json::from_str(&texts).unwrap();
    let mut minijinja = minijinja::Environment::new();
    minijinja_contrib::add_to_environment(&mut minijinja);
    let liquid = liquid::ParserBuilder::with_stdlib().build().unwrap();
    for (case, text) in &texts {
        let show = |engine: &str, output: String| println!("{case} | {engine} | {output}");
        let mut context = new_tera::Context::new();
        context.insert("text", text);
        let mut tera = new_tera::Tera::default();
        tera.add_raw_template("page.txt", "{{ text | truncate(length=10, end='') }}").unwrap();
        let output = tera.render("page.txt", &context).unwrap();
        if cfg!(feature = "unicode") {
            show("tera 2.4.0 with unicode", output);
            continue;
        }
        show("tera 2.4.0", output);
        let mut context = old_tera::Context::new();
        context.insert("text", text);
        show("tera 1.20.1", old_tera::Tera::one_off("{{ text | truncate(length=10, end='') }}", &context, false).unwrap());
        let output = Page { text }.render().unwrap();
        show("askama", output.trim_end_matches("...").to_owned());
        let context = minijinja::context! { text };
        show("minijinja-contrib", minijinja.render_str("{{ text|truncate(length=10, killwords=true, end='') }}", context).unwrap());
        let page = liquid.parse("{{ text | truncate: 10, '' }}").unwrap();
        show("liquid", page.render(&liquid::object!({ "text": text })).unwrap());
    }
}
RS
cargo build -q --manifest-path rust/Cargo.toml --target-dir target
target/debug/read > rust-seen
cargo build -q --manifest-path rust/Cargo.toml --target-dir target --features unicode
target/debug/read >> rust-seen

{ cat rust-seen; node read.cjs; venv/bin/python read.py; } | LC_ALL=C sort > seen
cat > expected <<'END'
hindi | askama | क्षत
hindi | django | क्षत्रिय समय
hindi | jinja2 | क्षत्रिय समय पर
hindi | liquid | क्षत्रिय समय पर
hindi | liquidjs | क्षत्रिय स
hindi | minijinja-contrib | क्षत्रिय समय पर
hindi | nunjucks | क्षत्रिय स
hindi | python-liquid | क्षत्रिय स
hindi | tera 1.20.1 | क्षत्रिय समय पर
hindi | tera 2.4.0 with unicode | क्षत्रिय समय पर
hindi | tera 2.4.0 | क्षत्रिय स
rare | askama | 我們住在
rare | django | 我們住在𠮷野家旁邊的
rare | jinja2 | 我們住在𠮷野家旁邊的旅館
rare | liquid | 我們住在𠮷野家旁邊的
rare | liquidjs | 我們住在𠮷野家旁邊的
rare | minijinja-contrib | 我們住在𠮷野家旁邊的旅館
rare | nunjucks | 我們住在𠮷野家旁邊
rare | python-liquid | 我們住在𠮷野家旁邊的
rare | tera 1.20.1 | 我們住在𠮷野家旁邊的
rare | tera 2.4.0 with unicode | 我們住在𠮷野家旁邊的
rare | tera 2.4.0 | 我們住在𠮷野家旁邊的
short | askama | Harbour to
short | django | Harbour to
short | jinja2 | Harbour tour
short | liquid | Harbour to
short | liquidjs | Harbour to
short | minijinja-contrib | Harbour tour
short | nunjucks | Harbour to
short | python-liquid | Harbour to
short | tera 1.20.1 | Harbour to
short | tera 2.4.0 with unicode | Harbour to
short | tera 2.4.0 | Harbour to
thai | askama | จองท
thai | django | จองทัวร์ท่า
thai | jinja2 | จองทัวร์ท่าเรือ
thai | liquid | จองทัวร์ท่าเรื
thai | liquidjs | จองทัวร์ท่
thai | minijinja-contrib | จองทัวร์ท่าเรือ
thai | nunjucks | จองทัวร์ท่
thai | python-liquid | จองทัวร์ท่
thai | tera 1.20.1 | จองทัวร์ท่าเรื
thai | tera 2.4.0 with unicode | จองทัวร์ท่าเรื
thai | tera 2.4.0 | จองทัวร์ท่
END
diff -u expected seen || { echo "CHANGED: a template engine cuts texts differently now" >&2; exit 1; }
echo "OK: truncate to 10 means six different units in ten template engines"
