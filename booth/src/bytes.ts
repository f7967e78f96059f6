// Byte strings: integers are little-endian (spec/encoding.md#notation), text is UTF-8.
import { FormatError } from "./errors.ts";

export { bytesToHex as toHex, concatBytes as concat } from "@noble/hashes/utils.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as UTF-8. FormatError for a lone surrogate, which has none. */
export function utf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new FormatError("text holds a lone surrogate");
  return new TextEncoder().encode(text);
}

/** The text that UTF-8 bytes are; FormatError for other bytes. */
export function decodeUtf8(data: Uint8Array, what: string): string {
  try {
    return UTF8.decode(data);
  } catch {
    throw new FormatError(`${what}: not UTF-8`);
  }
}

/** The bytes of lower-case hexadecimal digits, `size` bytes of them. */
export function fromHex(text: string, size: number, what: string): Uint8Array {
  if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * size) {
    throw new FormatError(`${what}: not ${2 * size} lower-case hex digits`);
  }
  return Uint8Array.from({ length: size }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** An integer of `size` bytes, little-endian. */
export function littleEndian(value: number | bigint, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let rest = BigInt(value);
  for (let at = 0; at < size; at++, rest >>= 8n) out[at] = Number(rest & 255n);
  if (rest !== 0n) throw new FormatError(`${value} does not fit ${size} bytes`);
  return out;
}

export const u8 = (value: number): Uint8Array => littleEndian(value, 1);
export const u16 = (value: number): Uint8Array => littleEndian(value, 2);

/** The integer that little-endian bytes are. */
export function fromLittleEndian(data: Uint8Array): bigint {
  let value = 0n;
  for (const byte of data.slice().reverse()) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Whether two byte strings are the same. Not for secrets: it stops at the first difference. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return compare(one, other) === 0;
}

/** Negative, zero or positive, as byte strings stand in ascending order. */
export function compare(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    if (one[at] !== other[at]) return one[at]! - other[at]!;
  }
  return one.length - other.length;
}

/** Bytes cut into rows of `width`; FormatError when they are not whole rows. */
export function rows(data: Uint8Array, width: number, what = "bytes"): Uint8Array[] {
  if (data.length % width) throw new FormatError(`${what}: ${data.length} bytes are not rows of ${width}`);
  return Array.from({ length: data.length / width }, (_, at) => data.subarray(width * at, width * (at + 1)));
}
