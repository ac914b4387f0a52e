#!/usr/bin/env bash
# crates.io ammonia 4.2.5, html-escape 0.3.1, htmlescape 0.3.1 and htmlize 1.1.0; Python 3.11's html.
#
# Four Rust crates encode and decode texts as an old inbox stores them:
#
# - ammonia::clean_text, which sounds like a sanitizer, also encodes spaces, slashes, "=" and
#   backticks: a sentence gets about twice as long.
# - htmlescape cannot decode &apos;, which ammonia and htmlize write, nor &AMP;: it returns an error.
# - A browser and Python read &#146; as a curved apostrophe, since old Windows programs meant it so.
#   Only htmlize does that. html-escape and htmlescape return the control character U+0092.
# - "caf&eacute" without its semicolon and "?a=1&copy=2" are references for a browser. Python and
#   htmlize decode them, html-escape leaves them alone, and htmlescape returns an error.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: docs/moving-in.md decodes with html-escape, which never reads a reference into a
# plain address, and lets T3 turn the control character into what it meant.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "references"
version = "0.0.0"
edition = "2021"
[dependencies]
ammonia = "=4.2.5"
html-escape = "=0.3.1"
htmlescape = "=0.3.1"
htmlize = { version = "=1.1.0", features = ["unescape"] }
END
cat > src/main.rs <<'RS'
fn main() {
    let text = "it's a/b=`c` d";
    println!("encode: {}", ammonia::clean_text(text));
    println!("encode: {}", html_escape::encode_safe(text));
    println!("encode: {}", htmlescape::encode_minimal(text));
    println!("encode: {}", htmlize::escape_all_quotes(text));
    for text in ["&apos;", "&AMP;", "&#146;", "caf&eacute", "?a=1&copy=2"] {
        println!(
            "{text} {:?} {:?} {:?}",
            html_escape::decode_html_entities(text),
            htmlescape::decode_html(text).ok(),
            htmlize::unescape(text),
        );
    }
}
RS
cargo run --quiet > found
python3 -c '
import html
print([html.unescape(text) for text in ["&apos;", "&AMP;", "&#146;", "caf&eacute", "?a=1&copy=2"]])
' >> found

cat > expected <<'END'
encode: it&apos;s&#32;a&#47;b&#61;&grave;c&grave;&#32;d
encode: it&#x27;s a&#x2F;b=`c` d
encode: it&#x27;s a/b=`c` d
encode: it&apos;s a/b=`c` d
&apos; "'" None "'"
&AMP; "&" None "&"
&#146; "\u{92}" Some("\u{92}") "’"
caf&eacute "caf&eacute" None "café"
?a=1&copy=2 "?a=1&copy=2" None "?a=1©=2"
["'", '&', '’', 'café', '?a=1©=2']
END
diff expected found || { echo "CHANGED: a crate encodes or decodes HTML in another way" >&2; exit 1; }
echo "OK: three crates decode the same old texts in three ways, and a sanitizer encodes spaces"
