// One array of unsigned integers, byte strings and text: all the CBOR there is (spec/encoding.md#cbor).
import { concat, decodeUtf8, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";

export type Item = number | string | Uint8Array;

const UINT = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

/** The one encoding of an array of items; FormatError for an integer outside 0..2^53-1. */
export function encode(items: readonly Item[]): Uint8Array {
  return concat(head(ARRAY, items.length), ...items.map(encodeItem));
}

function encodeItem(item: Item): Uint8Array {
  if (typeof item === "number") {
    if (!Number.isSafeInteger(item) || item < 0)
      throw new FormatError(`integer ${item} is outside 0..2^53-1`);
    return head(UINT, item);
  }
  const data = typeof item === "string" ? utf8(item) : item;
  return concat(head(typeof item === "string" ? TEXT : BYTES, data.length), data);
}

/** Major type and value in the shortest form. */
function head(major: number, value: number): Uint8Array {
  const size = value < 24 ? 0 : value < 2 ** 8 ? 1 : value < 2 ** 16 ? 2 : value < 2 ** 32 ? 4 : 8;
  const out = new Uint8Array(1 + size);
  out[0] = (major << 5) | (size ? 24 + Math.log2(size) : value);
  for (let at = size, rest = value; at > 0; at--, rest = Math.floor(rest / 256)) out[at] = rest % 256;
  return out;
}

/** How many bytes an integer has, or what stands before a string of so many bytes. */
export const headLength = (value: number): number => head(UINT, value).length;

/** The items of the array that `data` is; FormatError for anything but its one encoding. */
export function decode(data: Uint8Array): Item[] {
  const top = readHead(data, 0);
  if (top.major !== ARRAY) throw new FormatError("CBOR is not an array");
  const items: Item[] = [];
  let at = top.end;
  for (let count = 0; count < top.value; count++) {
    const [item, end] = readItem(data, at);
    items.push(item);
    at = end;
  }
  if (at !== data.length) throw new FormatError(`${data.length - at} bytes follow the CBOR array`);
  return items;
}

interface Head {
  readonly major: number;
  readonly value: number;
  readonly end: number;
}

function readHead(data: Uint8Array, at: number): Head {
  const first = data[at];
  if (first === undefined) throw new FormatError(`CBOR ends early, at byte ${at}`);
  const major = first >> 5;
  const info = first & 31;
  if (info < 24) return { major, value: info, end: at + 1 };
  if (info > 27) throw new FormatError(`CBOR head at byte ${at} is not of definite length`);
  const end = at + 1 + 2 ** (info - 24);
  if (end > data.length) throw new FormatError(`CBOR ends early, at byte ${at}`);
  const value = data.subarray(at + 1, end).reduce((sum, byte) => sum * 256 + byte, 0);
  if (value > Number.MAX_SAFE_INTEGER) throw new FormatError(`CBOR head at byte ${at} is larger than 2^53-1`);
  if (head(major, value).length !== end - at)
    throw new FormatError(`CBOR head at byte ${at} is not the shortest`);
  return { major, value, end };
}

function readItem(data: Uint8Array, at: number): [Item, number] {
  const { major, value, end: start } = readHead(data, at);
  if (major === UINT) return [value, start];
  if (major !== BYTES && major !== TEXT) {
    throw new FormatError(`CBOR item at byte ${at} is of major type ${major}, not an integer, bytes or text`);
  }
  const end = start + value;
  if (end > data.length) throw new FormatError(`CBOR string at byte ${at} ends early`);
  const content = data.slice(start, end);
  return [major === BYTES ? content : decodeUtf8(content, `text at byte ${at}`), end];
}
