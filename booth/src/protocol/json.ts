// The JSON of definitions, pins and results: a restriction of RFC 8785 (spec/encoding.md#json).
import { decodeUtf8, equal, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";

export type Json = { readonly [key: string]: Json } | readonly Json[] | string | number;

/** No document of the specification is half as deep. */
const DEEPEST = 32;

/** The one encoding; FormatError names, by path, what has none. */
export function encode(value: Json): Uint8Array {
  return utf8(write(value, "$"));
}

/** What a document says; FormatError unless its bytes are the one encoding of that. */
export function decode(document: Uint8Array): Json {
  const text = decodeUtf8(document, "JSON");
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatError("JSON: not well formed");
  }
  if (!equal(encode(value), document)) throw new FormatError("JSON: not the one encoding");
  return value;
}

function write(value: Json, path: string, depth = 0): string {
  if (depth >= DEEPEST && typeof value === "object") throw new FormatError("JSON: nested too deeply");
  if (typeof value === "string") return writeText(value, path);
  if (typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (Array.isArray(value))
    return `[${value.map((item, at) => write(item, `${path}[${at}]`, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) {
    throw new FormatError(`${path}: neither object, array, string nor integer`);
  }
  const members = Object.entries(value as Record<string, Json>).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return `{${members.map(([key, member]) => writeMember(key, member, path, depth)).join(",")}}`;
}

function writeMember(key: string, member: Json, path: string, depth: number): string {
  if (!/^[\x20-\x7e]+$/.test(key)) throw new FormatError(`${path}: a member name is not printable ASCII`);
  return `${JSON.stringify(key)}:${write(member, `${path}.${key}`, depth + 1)}`;
}

function writeText(text: string, path: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new FormatError(`${path}: lone surrogate`);
  return JSON.stringify(text);
}
