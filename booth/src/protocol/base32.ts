// Base32 of RFC 4648, section 6, upper case, without padding; bits that hold nothing are zero.
import { FormatError } from "../errors.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Eight characters for every five bytes. */
export function encodeBase32(data: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of data) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
    held &= 255;
  }
  return bits ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** The bytes of a text; FormatError for one that is not written back the same. */
export function decodeBase32(text: string): Uint8Array {
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
  if (bits >= 5 || held & ((1 << bits) - 1)) throw new FormatError("base32: characters or bits too many");
  return Uint8Array.from(out);
}
