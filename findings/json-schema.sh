#!/usr/bin/env bash
# crates.io schemars 1.2.3, utoipa 6.0.0, serde 1.0.229, serde_json 1.0.154; PyPI jsonschema 4.26.0.
#
# Both generators promise to follow serde's attributes. Each schema was generated from a small type
# and given documents; jsonschema's verdict stands beside serde's:
#
# - utoipa ignores `rename_all_fields`: its schema requires `last_number` where serde reads and
#   writes `lastNumber`.
# - utoipa describes a `#[serde(transparent)]` struct with a named field as an object.
# - utoipa keeps the Rust name of a field with different names for writing and reading; schemars
#   has the name for reading.
# - utoipa ignores `deny_unknown_fields` of a tagged enum. schemars closes all variants, but serde
#   itself accepts unknown fields in a variant without fields.
# - `#[serde(other)]` is a list of the known names for both, so validation refuses the very values
#   that the attribute is for.
# - Numbers: a schema's "integer" accepts 1.0, which serde_json refuses for u64, and utoipa gives
#   u8 no maximum.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: docs/json.md describes the JSON by hand, and tests compare serde's output with
# it; a host that generates schemas of its own wrapper types checks them with real documents.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install jsonschema==4.26.0

mkdir -p rust/src
cat > rust/Cargo.toml <<'END'
[package]
name = "table"
version = "0.0.0"
edition = "2021"
[dependencies]
schemars = "=1.2.3"
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
utoipa = "=6.0.0"
END
cat > rust/src/main.rs <<'RS'
use schemars::{schema_for, JsonSchema};
use serde::{de::DeserializeOwned, Deserialize};
use utoipa::{PartialSchema, ToSchema};

#[derive(Deserialize, JsonSchema, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(dead_code)]
enum Renamed {
    MessageAdded { last_number: u64 },
}

#[derive(Deserialize, JsonSchema, ToSchema)]
#[serde(transparent)]
#[allow(dead_code)]
struct Transparent {
    text: String,
}

#[derive(Deserialize, JsonSchema, ToSchema)]
#[allow(dead_code)]
struct TwoNames {
    #[serde(rename(serialize = "written", deserialize = "read"))]
    field: u32,
}

#[derive(Deserialize, JsonSchema, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code)]
enum Closed {
    Added { number: u64 },
    Erased,
}

#[derive(Deserialize, JsonSchema, ToSchema)]
enum Status {
    Confirmed,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize, JsonSchema, ToSchema)]
#[allow(dead_code)]
struct Numbers {
    wide: u64,
    byte: u8,
}

fn show<T: DeserializeOwned + JsonSchema + PartialSchema>(name: &str, documents: &[&str]) {
    let schemars = serde_json::to_string(&schema_for!(T)).unwrap();
    let utoipa = serde_json::to_string(&T::schema()).unwrap();
    for document in documents {
        let serde = serde_json::from_str::<T>(document).is_ok();
        println!("{name}\t{document}\t{serde}\t{schemars}\t{utoipa}");
    }
}

fn main() {
    show::<Renamed>("rename_all_fields", &[
        r#"{"type":"messageAdded","lastNumber":1}"#,
        r#"{"type":"messageAdded","last_number":1}"#,
    ]);
    show::<Transparent>("transparent", &[r#""a""#, r#"{"text":"a"}"#]);
    show::<TwoNames>("two names", &[r#"{"read":1}"#, r#"{"field":1}"#]);
    show::<Closed>("deny_unknown_fields", &[
        r#"{"type":"added","number":1,"x":1}"#,
        r#"{"type":"erased","x":1}"#,
    ]);
    show::<Status>("other", &[r#""Confirmed""#, r#""Moved""#]);
    show::<Numbers>("numbers", &[r#"{"wide":1.0,"byte":1}"#, r#"{"wide":1,"byte":256}"#]);
}
RS
cargo build -q --manifest-path rust/Cargo.toml --target-dir target

cat > verdicts.py <<'PY'
import json, sys
from jsonschema import Draft202012Validator
for line in sys.stdin:
    name, document, serde, schemars, utoipa = line.rstrip("\n").split("\t")
    valid = [Draft202012Validator(json.loads(schema)).is_valid(json.loads(document)) for schema in (schemars, utoipa)]
    answers = zip(("serde", "schemars", "utoipa"), (serde == "true", *valid))
    print(name, document, *(f"{who}:{'accepts' if accepts else 'refuses'}" for who, accepts in answers))
PY

target/debug/table | venv/bin/python verdicts.py > seen
cat > expected <<'END'
rename_all_fields {"type":"messageAdded","lastNumber":1} serde:accepts schemars:accepts utoipa:refuses
rename_all_fields {"type":"messageAdded","last_number":1} serde:refuses schemars:refuses utoipa:accepts
transparent "a" serde:accepts schemars:accepts utoipa:refuses
transparent {"text":"a"} serde:refuses schemars:refuses utoipa:accepts
two names {"read":1} serde:accepts schemars:accepts utoipa:refuses
two names {"field":1} serde:refuses schemars:refuses utoipa:accepts
deny_unknown_fields {"type":"added","number":1,"x":1} serde:refuses schemars:refuses utoipa:accepts
deny_unknown_fields {"type":"erased","x":1} serde:accepts schemars:refuses utoipa:accepts
other "Confirmed" serde:accepts schemars:accepts utoipa:accepts
other "Moved" serde:accepts schemars:refuses utoipa:refuses
numbers {"wide":1.0,"byte":1} serde:refuses schemars:accepts utoipa:accepts
numbers {"wide":1,"byte":256} serde:refuses schemars:refuses utoipa:accepts
END
diff -u expected seen || { echo "CHANGED: generated schemas and serde agree on other documents now" >&2; exit 1; }
echo "OK: schemas of schemars and utoipa differ from what serde reads"
