#!/usr/bin/env bash
# npm json-schema-to-typescript 16.0.0.
#
# Since JSON Schema 2019-09, a `$ref` can have siblings, so a field can refer to a named type and have
# a description of its own. One field of each form, and what the generated TypeScript has:
#
# - `$ref` alone: the named type.
# - `$ref` and `description`: the named type is lost (`string | null` is written out), and the
#   comment is the description of the type, not that of the field.
# - `allOf` with the `$ref`, and `description`: the named type and the description of the field.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: examples/dashboard/types/generate.mjs puts each described `$ref` into an `allOf`
# before it makes types.d.ts. schemars writes the second form.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm --silent init -y >/dev/null
npm --silent install json-schema-to-typescript@16.0.0 >/dev/null

cat > schema.json <<'END'
{
  "title": "Row", "type": "object", "additionalProperties": false,
  "required": ["plain", "described", "wrapped"],
  "properties": {
    "plain": { "$ref": "#/$defs/Badge" },
    "described": { "$ref": "#/$defs/Badge", "description": "Of the field." },
    "wrapped": { "allOf": [{ "$ref": "#/$defs/Badge" }], "description": "Of the field." }
  },
  "$defs": { "Badge": { "description": "Of the type.", "type": ["string", "null"] } }
}
END
cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';
const schema = JSON.parse(readFileSync('schema.json'));
const text = await compile(schema, 'Row', { bannerComment: '' });
const body = text.slice(text.indexOf('interface'));
for (const line of body.split('\n')) if (/Of the|;$/.test(line)) console.log(line.trim());
END
cat > expected <<'END'
plain: Badge;
* Of the type.
described: string | null;
* Of the field.
wrapped: Badge;
END
node run.mjs > seen
diff expected seen || { echo "CHANGED: the types of described references" >&2; exit 1; }
echo "OK json-schema-to-typescript loses the type and the description beside a reference"
