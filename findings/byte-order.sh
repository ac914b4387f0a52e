#!/usr/bin/env bash
# SQLite of Python 3.11's sqlite3; npm memory-level 3.1.0, classic-level 3.0.0, lmdb 3.5.6 and
# fake-indexeddb 6.2.8; PyPI duckdb 2.0.0.
#
# Booking ids sorted by seven stores, all said to compare bytes or to be "lexicographic". The order of
# UTF-8 bytes is B, a, Ā (U+0100), 日 (U+65E5), ～ (U+FF5E), 𠮷 (U+20BB7).
#
# - A SQLite database with `PRAGMA encoding = 'UTF-16le'` compares the bytes of UTF-16, low byte first:
#   Ā (00 01) sorts before B (42 00), so even Latin names are out of order. "UTF-16" means UTF-16le on
#   most machines. The encoding belongs to the file, and every program that opens the file gets it.
# - UTF-16be sorts 𠮷 before ～, like the strings of JavaScript. So do memory-level with the storage
#   encoding "utf8", and IndexedDB.
# - memory-level with its default, which tests use in the place of classic-level, classic-level, lmdb
#   and duckdb have the order of UTF-8 bytes.
#
# Seen on 2026-11-28; the output was the line that begins with OK.
#
# Consequence here: L1 orders by the bytes of UTF-8, and docs/json.md warns about JavaScript's order.
# A store's database has to be UTF-8.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install duckdb==2.0.0
npm --silent init -y >/dev/null
npm --silent install memory-level@3.1.0 classic-level@3.0.0 lmdb@3.5.6 fake-indexeddb@6.2.8 >/dev/null

cat > table.py <<'PY'
import sqlite3, duckdb

IDS = ["日", "a", "𠮷", "Ā", "～", "B"]

def order(connection):
    connection.execute("CREATE TABLE head (booking TEXT PRIMARY KEY)")
    connection.executemany("INSERT INTO head VALUES (?)", [(id,) for id in IDS])
    return " ".join(id for (id,) in connection.execute("SELECT booking FROM head ORDER BY booking").fetchall())

print("bytes of UTF-8", " ".join(sorted(IDS, key=str.encode)), sep=" | ")
for encoding in ("UTF-8", "UTF-16le", "UTF-16be"):
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    print(f"sqlite {encoding}", order(connection), sep=" | ")
print("duckdb", order(duckdb.connect()), sep=" | ")
PY
cat > table.cjs <<'JS'
const { ClassicLevel } = require('classic-level');
const { IDBFactory } = require('fake-indexeddb');
const lmdb = require('lmdb');
const { MemoryLevel } = require('memory-level');

const ids = ['日', 'a', '𠮷', 'Ā', '～', 'B'];
const show = (name, order) => console.log(`${name} | ${order.join(' ')}`);
(async () => {
  for (const [name, level] of [
    ['memory-level', new MemoryLevel()],
    ['memory-level utf8', new MemoryLevel({ storeEncoding: 'utf8' })],
    ['classic-level', new ClassicLevel('level')],
  ]) {
    await level.batch(ids.map((key) => ({ type: 'put', key, value: '' })));
    show(name, await level.keys().all());
    await level.close();
  }
  const database = lmdb.open({ path: 'lmdb' });
  for (const id of ids) await database.put(id, 1);
  show('lmdb', [...database.getKeys()]);
  await database.close();
  show('indexeddb', await new Promise((resolve) => {
    const opening = new IDBFactory().open('desk');
    opening.onupgradeneeded = () => opening.result.createObjectStore('head');
    opening.onsuccess = () => {
      const heads = opening.result.transaction('head', 'readwrite').objectStore('head');
      for (const id of ids) heads.put(1, id);
      heads.getAllKeys().onsuccess = (event) => resolve(event.target.result);
    };
  }));
  show('javascript sort', [...ids].sort());
})();
JS

{ venv/bin/python table.py; node table.cjs; } > seen
cat > expected <<'END'
bytes of UTF-8 | B a Ā 日 ～ 𠮷
sqlite UTF-8 | B a Ā 日 ～ 𠮷
sqlite UTF-16le | Ā B 𠮷 ～ a 日
sqlite UTF-16be | B a Ā 日 𠮷 ～
duckdb | B a Ā 日 ～ 𠮷
memory-level | B a Ā 日 ～ 𠮷
memory-level utf8 | B a Ā 日 𠮷 ～
classic-level | B a Ā 日 ～ 𠮷
lmdb | B a Ā 日 ～ 𠮷
indexeddb | B a Ā 日 𠮷 ～
javascript sort | B a Ā 日 𠮷 ～
END
diff -u expected seen || { echo "CHANGED: a store sorts texts differently now" >&2; exit 1; }
echo "OK: a UTF-16 SQLite file, memory-level with utf8 and IndexedDB sort ids in other orders than UTF-8 bytes"
