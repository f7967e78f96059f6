// Bytes as words that people type and compare (spec/cards.md#twelve-words).
import { sha256 } from "@noble/hashes/sha2.js";

import list from "../../../spec/bip39/english.txt";
import { FormatError } from "../errors.ts";

/** The English list of BIP-39: 2,048 words, each of 11 bits. */
export const WORDS: readonly string[] = list.trimEnd().split("\n");
const PLACES = new Map(WORDS.map((word, place) => [word, place]));
const SECRET = 16;

/** Whether the list has a word. */
export const isWord = (word: string): boolean => PLACES.has(word);

/** A card's secret (16 bytes) and the first 4 bits of its SHA-256 as twelve words. */
export function toWords(secret: Uint8Array): string {
  if (secret.length !== SECRET)
    throw new FormatError(`a card's secret has ${SECRET} bytes, not ${secret.length}`);
  return spell(bits(secret) + checksum(secret));
}

/** The secret that twelve words spell; FormatError names the place of what is wrong, never a word. */
export function fromWords(text: string): Uint8Array {
  const spelt = text.split(" ");
  if (spelt.length !== 12)
    throw new FormatError(`card: ${spelt.length} words between single spaces instead of 12`);
  const found = spelt.map((word, at) => {
    const place = PLACES.get(word);
    if (place === undefined) throw new FormatError(`card: word ${at + 1} is not in the list`);
    return place.toString(2).padStart(11, "0");
  });
  const all = found.join("");
  const secret = Uint8Array.from({ length: SECRET }, (_, at) =>
    Number.parseInt(all.slice(8 * at, 8 * at + 8), 2),
  );
  if (checksum(secret) !== all.slice(8 * SECRET)) {
    throw new FormatError("card: the words do not fit together: one is wrong, or their order");
  }
  return secret;
}

/** The first 66 bits of a hash of 32 bytes, to be compared by eye (spec/cards.md#six-words). */
export function sixWords(hash: Uint8Array): string {
  if (hash.length !== 32) throw new FormatError(`a hash has 32 bytes, not ${hash.length}`);
  return spell(bits(hash).slice(0, 66));
}

const bits = (data: Uint8Array): string =>
  Array.from(data, (byte) => byte.toString(2).padStart(8, "0")).join("");

const checksum = (secret: Uint8Array): string => bits(sha256(secret)).slice(0, 4);

/** A word for every 11 bits. */
function spell(all: string): string {
  return (all.match(/.{11}/g) ?? []).map((piece) => WORDS[Number.parseInt(piece, 2)]).join(" ");
}
