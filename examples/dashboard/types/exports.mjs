// Prints each difference between what a module exports and what its types declare. The arguments are
// the module and the file with its types.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [modulePath, typesPath] = process.argv.slice(2);
const module = await import(pathToFileURL(modulePath));
const types = await readFile(typesPath, 'utf8');

function compare(place, exported, declared) {
  for (const name of exported) if (!declared.includes(name)) console.log(`${place}${name}: no type`);
  for (const name of declared) if (!exported.includes(name)) console.log(`${place}${name}: no code`);
}

const classes = new Map(
  [...types.matchAll(/^(?:export|declare) class (\w+)[^{]*\{\n([^]*?)^\}/gm)].map(([, name, body]) =>
    [name, [...body.matchAll(/^  (?:get )?(\w+)(?:<\w+>)?\(/gm)].map((found) => found[1])
      .filter((member) => member !== 'constructor')]));
const functions = [...types.matchAll(/^export function (\w+)/gm)].map((found) => found[1]);
const exportedClasses = [...types.matchAll(/^export class (\w+)/gm)].map((found) => found[1]);
compare('', Object.keys(module), [...functions, ...exportedClasses]);
for (const name of exportedClasses) {
  if (!module[name]) continue;
  const members = Object.getOwnPropertyNames(module[name].prototype);
  compare(`${name}.`, members.filter((member) => member !== 'constructor'), classes.get(name));
}
