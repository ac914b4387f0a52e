// The order of rows.

const TIME = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Compares two times of the server. They have microseconds, which `Date` cannot hold. */
export function compareTimes(one, other) {
  const [a, b] = [parse(one), parse(other)];
  return a.seconds - b.seconds || a.micros - b.micros;
}

function parse(time) {
  const [, seconds, fraction = '', offset] = TIME.exec(time);
  return { seconds: Date.parse(seconds + offset), micros: Number(fraction.padEnd(6, '0')) };
}

const encoder = new TextEncoder();

/** Compares two ids by the bytes of their UTF-8 encoding. JavaScript compares texts by UTF-16 code
 *  units, which is another order. */
export function compareBytes(one, other) {
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  const index = a.findIndex((byte, index) => byte !== b[index]);
  return index < 0 ? a.length - b.length : a[index] - (b[index] ?? -1);
}
