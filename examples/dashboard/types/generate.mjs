// Prints page/types.d.ts, which is made from the OpenAPI document that the first argument names.

import { readFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';

/** Puts a reference beside a description into `allOf`, because the generator drops such a reference. */
function wrapReferences(schema) {
  if (schema === null || typeof schema !== 'object') return schema;
  if (Array.isArray(schema)) return schema.map(wrapReferences);
  const { $ref, ...rest } = schema;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, wrapReferences(value)]));
  if ($ref === undefined) return inner;
  return Object.keys(inner).length ? { ...inner, allOf: [{ $ref }] } : { $ref };
}

const text = await readFile(process.argv[2], 'utf8');
const { schemas } = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')).components;
const types = await compile({ $defs: wrapReferences(schemas) }, 'Components', {
  additionalProperties: false,
  bannerComment: '// Types of the JSON, made from openapi.json by types/generate.mjs.\n',
  unreachableDefinitions: true,
  style: { singleQuote: true, printWidth: 100 },
});
// The generator adds a remark to each type, and an empty type for the document.
process.stdout.write(types
  .replace(/ \*\n \* This interface was referenced by [^]*?"\.\n/g, '')
  .replace(/\/\*\*\n \* This interface was referenced by [^]*?"\.\n \*\/\n/g, '')
  .replace(/export (interface|type) Components\b[^]*?\n?}\n/, ''));
