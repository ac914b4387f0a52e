// The order of rows.

const TIME = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Parsed times, because sorting a list parses each of its times many times. */
const parsed = new Map();
const MAX_PARSED = 10_000;

/** Compares two times of the server. They have microseconds, which `Date` cannot hold. */
export function compareTimes(one, other) {
  const [a, b] = [parse(one), parse(other)];
  return a.seconds - b.seconds || a.micros - b.micros;
}

function parse(time) {
  let value = parsed.get(time);
  if (!value) {
    const [, seconds, fraction = '', offset] = TIME.exec(time);
    value = { seconds: Date.parse(seconds + offset), micros: Number(fraction.padEnd(6, '0')) };
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(time, value);
  }
  return value;
}

const encoder = new TextEncoder();

/** Compares two ids by the bytes of their UTF-8 encoding. JavaScript compares texts by UTF-16 code
 *  units, which is another order. */
export function compareBytes(one, other) {
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  const index = a.findIndex((byte, index) => byte !== b[index]);
  return index < 0 ? a.length - b.length : a[index] - (b[index] ?? -1);
}
