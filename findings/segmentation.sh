#!/usr/bin/env bash
# crates.io unicode-segmentation 1.11.0, 1.12.0, 1.13.3 and bstr 1.14.0; PyPI regex 2026.11.19,
# wcwidth 0.9.4, uniseg 0.10.1, grapheme 0.6.0; npm graphemer 1.4.0 and grapheme-splitter 1.0.4.
#
# Grapheme clusters of ordinary words in Indic scripts, counted by ten engines. A guess says "new
# engines join conjuncts, old ones do not". In fact there are four answers, and they follow the
# version of Unicode and the script:
#
# - Hindi, Bengali and Malayalam conjuncts are one cluster from Unicode 15.1 on.
# - Khmer and Burmese ones and Javanese only from Unicode 17 on, so unicode-segmentation 1.12 and
#   uniseg join Hindi and not Khmer.
# - The Bengali vowel sign after a consonant sign joins only in Unicode 18, which only the two
#   Python packages regex and wcwidth have.
# - Sinhala, Kannada, Tamil and Punjabi are never joined, in no version.
# - bstr, grapheme, graphemer and grapheme-splitter, in their newest versions, join none at all.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: T7 and docs/json.md say that clients neither count nor cut again, and
# Cargo.toml names the first unicode-segmentation with the conjuncts that is not yanked.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install regex==2026.11.19 wcwidth==0.9.4 uniseg==0.10.1 grapheme==0.6.0
npm --silent init -y >/dev/null
npm --silent install graphemer@1.4.0 grapheme-splitter@1.0.4 >/dev/null

cat > words <<'END'
Hindi क्षत्रिय
Bengali ক্ষমা
Bengali-vowel অ্যাপ
Malayalam നന്മ
Khmer ស្ត្រី
Burmese ကမ္ဘာ
Javanese ꦏ꧀ꦱ
Sinhala ශ්‍රී
Kannada ಕ್ಷಮೆ
Tamil பக்ஷி
Punjabi ਪ੍ਰੇਮ
END

cat > count.py <<'PY'
import grapheme, regex, uniseg.graphemecluster, wcwidth
engines = {
    "regex": lambda word: regex.findall(r"\X", word),
    "wcwidth": wcwidth.iter_graphemes,
    "uniseg": uniseg.graphemecluster.grapheme_clusters,
    "grapheme": grapheme.graphemes,
}
for name, split in engines.items():
    words = [line.split() for line in open("words", encoding="utf-8")]
    print(name, *(f"{language}:{len(list(split(word)))}" for language, word in words))
PY

cat > count.cjs <<'JS'
const Graphemer = require('graphemer').default;
const Splitter = require('grapheme-splitter');
const words = require('fs').readFileSync('words', 'utf8').trim().split('\n').map((line) => line.split(' '));
for (const [name, engine] of [['graphemer', new Graphemer()], ['grapheme-splitter', new Splitter()]]) {
  console.log(name, ...words.map(([language, word]) => `${language}:${engine.countGraphemes(word)}`));
}
JS

mkdir -p rust/src
cat > rust/src/main.rs <<'RS'
use bstr::ByteSlice;
use segmentation::UnicodeSegmentation;

fn main() {
    let words = std::fs::read_to_string("words").unwrap();
    let words: Vec<_> = words.lines().map(|line| line.split_once(' ').unwrap()).collect();
    let show = |name: &str, count: &dyn Fn(&str) -> usize| {
        let counts: Vec<_> = words.iter().map(|(language, word)| format!("{language}:{}", count(word))).collect();
        println!("{name} {}", counts.join(" "));
    };
    if cfg!(feature = "bstr") {
        show("bstr", &|word| word.as_bytes().graphemes().count());
    }
    show(concat!("unicode-segmentation ", env!("SEGMENTATION")), &|word| {
        UnicodeSegmentation::graphemes(word, true).count()
    });
}
RS
# Cargo accepts only one version 1 of a crate in a program, so there are three programs.
for version in 1.11.0 1.12.0 1.13.3; do
  cat > rust/Cargo.toml <<END
[package]
name = "count"
version = "0.0.0"
edition = "2021"
[features]
bstr = []
[dependencies]
bstr = "=1.14.0"
segmentation = { package = "unicode-segmentation", version = "=$version" }
END
  rm -f rust/Cargo.lock
  features=()
  [ "$version" != 1.13.3 ] || features=(--features bstr)
  SEGMENTATION=$version cargo build -q --manifest-path rust/Cargo.toml --target-dir target "${features[@]}"
  target/debug/count >> rust-counts
done

{ cat rust-counts; venv/bin/python count.py; node count.cjs; } > seen
cat > expected <<'END'
unicode-segmentation 1.11.0 Hindi:5 Bengali:3 Bengali-vowel:3 Malayalam:3 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
unicode-segmentation 1.12.0 Hindi:3 Bengali:2 Bengali-vowel:3 Malayalam:2 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
bstr Hindi:5 Bengali:3 Bengali-vowel:3 Malayalam:3 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
unicode-segmentation 1.13.3 Hindi:3 Bengali:2 Bengali-vowel:3 Malayalam:2 Khmer:1 Burmese:3 Javanese:1 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
regex Hindi:3 Bengali:2 Bengali-vowel:2 Malayalam:2 Khmer:1 Burmese:3 Javanese:1 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
wcwidth Hindi:3 Bengali:2 Bengali-vowel:2 Malayalam:2 Khmer:1 Burmese:3 Javanese:1 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
uniseg Hindi:3 Bengali:2 Bengali-vowel:3 Malayalam:2 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
grapheme Hindi:5 Bengali:3 Bengali-vowel:3 Malayalam:3 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
graphemer Hindi:5 Bengali:3 Bengali-vowel:3 Malayalam:3 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
grapheme-splitter Hindi:5 Bengali:3 Bengali-vowel:3 Malayalam:3 Khmer:3 Burmese:4 Javanese:2 Sinhala:2 Kannada:3 Tamil:3 Punjabi:3
END
diff -u expected seen || { echo "CHANGED: an engine counts other grapheme clusters now" >&2; exit 1; }
echo "OK: ten engines give four different counts of grapheme clusters for the same words"
