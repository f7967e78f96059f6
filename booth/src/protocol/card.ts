// A voting card as a voter keeps it: a secret of 16 bytes and where it votes (spec/cards.md).
import { equal } from "../bytes.ts";
import { deriveCard } from "../crypto/card.ts";
import type { KeyPair } from "../crypto/schnorr.ts";
import { OtherReferendum } from "../errors.ts";
import { cardAddress, encodeCardText, readCardText } from "./cardtext.ts";
import { type Face, face, nameOf } from "./face.ts";
import { fromWords, toWords } from "./words.ts";

/** One card; nothing in it tells whether it counts. */
export interface Card {
  readonly election: Uint8Array;
  readonly region: number;
  readonly secret: Uint8Array;
  readonly pair: KeyPair;
}

/** The card of an election and a region with a secret; FormatError if there is none. */
export function makeCard(election: Uint8Array, region: number, secret: Uint8Array): Card {
  return { election, region, secret, pair: deriveCard(election, region, secret) };
}

/**
 * New cards, no two of one name and none of one that is `held`: people tell them apart by it. `secret` gives 16 fresh
 * random bytes.
 */
export function drawCards(
  election: Uint8Array,
  region: number,
  count: number,
  secret: () => Uint8Array,
  held: ReadonlySet<string> = new Set(),
): Card[] {
  const cards = new Map<string, Card>();
  while (cards.size < count) {
    const card = makeCard(election, region, secret());
    const name = nameOf(cardFace(card));
    if (!held.has(name)) cards.set(name, card);
  }
  return [...cards.values()];
}

/** The card whose QR code holds an address or a text; FormatError for that of no card, OtherReferendum for that of another election. */
export function scanCard(election: Uint8Array, text: string): Card {
  const found = readCardText(text);
  if (!equal(found.election, election)) throw new OtherReferendum("card: of another election");
  return makeCard(election, found.region, found.secret);
}

/** The card with twelve words, which do not tell where it votes. */
export function recallCard(election: Uint8Array, region: number, words: string): Card {
  return makeCard(election, region, fromWords(words));
}

/** What its QR code holds where no site is known. */
export const cardText = (card: Card): string => encodeCardText(card);

/** What its QR code holds: an address of the site, which ends with `/`. */
export const cardCode = (card: Card, site: string): string => cardAddress(site, card);

/** Its secret as twelve words. */
export const cardWords = (card: Card): string => toWords(card.secret);

/** Its name and picture. */
export const cardFace = (card: Card): Face => face(card.pair.key);
