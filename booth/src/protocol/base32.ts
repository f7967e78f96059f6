// Base32 of RFC 4648, section 6, upper case, for whole groups of five bytes: no padding, no unused bits.
import { FormatError } from "../errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Eight characters for every five bytes. */
export function encodeBase32(data: Uint8Array): string {
  if (data.length % 5) throw new FormatError(`base32: ${data.length} bytes are not whole groups of five`);
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of data) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= 255;
  }
  return text;
}

/** The bytes of whole groups of eight characters; FormatError for anything else. */
export function decodeBase32(text: string): Uint8Array {
  if (text.length % 8)
    throw new FormatError(`base32: ${text.length} characters are not whole groups of eight`);
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) throw new FormatError("base32: a character is not in the alphabet");
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >> bits) & 255);
    }
  }
  return Uint8Array.from(out);
}
