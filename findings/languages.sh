#!/usr/bin/env bash
# npm accept-language 3.0.20, accept-language-negotiator 1.2.1, accept-language-parser 1.5.0,
# bcp-47-match 2.0.3, @fluent/langneg 0.7.0, @formatjs/intl-localematcher 0.10.1, @hapi/accept 6.0.3 and
# @phensley/locale-matcher 1.14.0; crates.io fluent-langneg 0.14.2.
#
# Nine libraries choose among en, nb, pt, pt-BR, zh-Hans, zh-Hant, sr and sr-Latn for the header
# Accept-Language. Only accept-language-parser and @hapi/accept agree on all five headers:
#
# - Chrome in Taiwan sends "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7". Three choose Chinese in the letters of the
#   mainland, three English, and three Chinese in the letters of Taiwan. Fluent's two libraries differ.
# - "sr-Latn-RS,sr;q=0.9" gets Cyrillic letters from six, though Serbian in Latin letters is offered.
# - "no", which older phones send for Norwegian, finds nb in one.
# - Fluent's libraries choose English for "en;q=0.5,pt" and also for "en;q=0", which refuses English.
#   Their documentation says that they use the order alone.
# - bcp-47-match and @phensley/locale-matcher choose pt for "pt-BR", because it is before pt-BR in the list.
# - accept-language-negotiator sorts the caller's own list, so that the first language, a usual
#   default, is another one after the first request.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: the library negotiates nothing. A host names the Localization of each view, from its
# own list of tags that includes zh-TW, zh-HK and no, and lets people choose.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install accept-language@3.0.20 accept-language-negotiator@1.2.1 accept-language-parser@1.5.0 bcp-47-match@2.0.3 \
  @fluent/langneg@0.7.0 @formatjs/intl-localematcher@0.10.1 @hapi/accept@6.0.3 @phensley/locale-matcher@1.14.0 >/dev/null
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "languages"
version = "0.0.0"
edition = "2021"
[dependencies]
fluent-langneg = "=0.14.2"
END

cat > headers.txt <<'END'
zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7
sr-Latn-RS,sr;q=0.9,en;q=0.5
no-NO,no;q=0.9,en;q=0.5
en;q=0.5,pt
en;q=0,pt-BR
END
cat > src/main.rs <<'RS'
use fluent_langneg::{convert_vec_str_to_langids_lossy, negotiate_languages, parse_accepted_languages, NegotiationStrategy};

fn main() {
    let offered = convert_vec_str_to_langids_lossy(["en", "nb", "pt", "pt-BR", "zh-Hans", "zh-Hant", "sr", "sr-Latn"]);
    for header in include_str!("../headers.txt").lines() {
        let accepted = parse_accepted_languages(header);
        let chosen = negotiate_languages(&accepted, &offered, Some(&offered[0]), NegotiationStrategy::Lookup);
        println!("{header} | {} | fluent-langneg (crate)", chosen[0]);
    }
}
RS
cat > choose.mjs <<'JS'
import fs from 'node:fs';
import { acceptedLanguages, negotiateLanguages } from '@fluent/langneg';
import { match } from '@formatjs/intl-localematcher';
import accept from '@hapi/accept';
import { LocaleMatcher } from '@phensley/locale-matcher';
import acceptLanguage from 'accept-language';
import negotiator from 'accept-language-negotiator';
import parser from 'accept-language-parser';
import { lookup } from 'bcp-47-match';

const offered = () => ['en', 'nb', 'pt', 'pt-BR', 'zh-Hans', 'zh-Hant', 'sr', 'sr-Latn'];
acceptLanguage.languages(offered());
const ranges = (header) => parser.parse(header).map(({ code, script, region }) => [code, script, region].filter(Boolean).join('-'));
const choosers = {
  'accept-language': (header) => acceptLanguage.get(header),
  'accept-language-negotiator': (header) => negotiator.lookup(header, offered(), 'en'),
  'accept-language-parser': (header) => parser.pick(offered(), header),
  'bcp-47-match': (header) => lookup(offered(), ranges(header)),
  '@fluent/langneg': (header) => negotiateLanguages(acceptedLanguages(header), offered(), { strategy: 'lookup', defaultLocale: 'en' })[0],
  '@formatjs/intl-localematcher': (header) => match(ranges(header), offered(), 'en'),
  '@hapi/accept': (header) => accept.language(header, offered()),
  '@phensley/locale-matcher': (header) => new LocaleMatcher(offered().join(', ')).match(ranges(header).join(', ')).locale.id,
};
for (const header of fs.readFileSync('headers.txt', 'utf8').trim().split('\n')) {
  for (const [name, choose] of Object.entries(choosers)) console.log(`${header} | ${choose(header) || 'nothing'} | ${name}`);
}
const own = ['en', 'fi', 'pt-BR', 'sv'];
negotiator.lookup('fi', own, 'en');
console.log(`the caller's list after accept-language-negotiator | ${own.join(' ')}`);
JS
{ node choose.mjs; cargo run --quiet; } > chosen
awk -F ' \\| ' 'NF < 3 { print; next } { key = $1 " | " $2; if (!(key in of)) order[++count] = key; of[key] = of[key] (of[key] ? ", " : "") $3 } END { for (place = 1; place <= count; place++) print order[place] " | " of[order[place]] }' chosen > seen
cat > expected <<'END'
the caller's list after accept-language-negotiator | pt-BR en fi sv
zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7 | en | accept-language, accept-language-negotiator, bcp-47-match
zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7 | zh-Hans | accept-language-parser, @hapi/accept, fluent-langneg (crate)
zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7 | zh-Hant | @fluent/langneg, @formatjs/intl-localematcher, @phensley/locale-matcher
sr-Latn-RS,sr;q=0.9,en;q=0.5 | sr-Latn | accept-language, @formatjs/intl-localematcher, @phensley/locale-matcher
sr-Latn-RS,sr;q=0.9,en;q=0.5 | sr | accept-language-negotiator, accept-language-parser, bcp-47-match, @fluent/langneg, @hapi/accept, fluent-langneg (crate)
no-NO,no;q=0.9,en;q=0.5 | en | accept-language, accept-language-negotiator, accept-language-parser, bcp-47-match, @fluent/langneg, @hapi/accept, @phensley/locale-matcher, fluent-langneg (crate)
no-NO,no;q=0.9,en;q=0.5 | nb | @formatjs/intl-localematcher
en;q=0.5,pt | pt | accept-language, accept-language-negotiator, accept-language-parser, bcp-47-match, @formatjs/intl-localematcher, @hapi/accept, @phensley/locale-matcher
en;q=0.5,pt | en | @fluent/langneg, fluent-langneg (crate)
en;q=0,pt-BR | pt-BR | accept-language, accept-language-negotiator, accept-language-parser, @formatjs/intl-localematcher, @hapi/accept
en;q=0,pt-BR | pt | bcp-47-match, @phensley/locale-matcher
en;q=0,pt-BR | en | @fluent/langneg, fluent-langneg (crate)
END
diff -u expected seen || { echo "CHANGED: a library chooses other languages now" >&2; exit 1; }
echo "OK: nine libraries choose two forms of Chinese or English for Taiwan, and one sorts its caller's list"
