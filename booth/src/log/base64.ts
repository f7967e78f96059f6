// Base64 of RFC 4648, section 4, padded: one encoding (spec/log.md#notes).
import { FormatError } from "../errors.ts";

export function encodeBase64(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  return btoa(text);
}

/** FormatError for anything but the one encoding of some bytes. */
export function decodeBase64(text: string, what: string): Uint8Array {
  let decoded = "";
  try {
    decoded = atob(text);
  } catch {
    throw new FormatError(`${what}: not base64`);
  }
  if (btoa(decoded) !== text) throw new FormatError(`${what}: not the one base64 encoding`);
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
}
