// What a card's QR code holds: its secret, and where it votes (spec/cards.md#qr-code).
import { concat, fromLittleEndian, u16 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";

export const PREFIX = "PSEPHOS-1-";
const CHARACTERS = 80;

export interface CardText {
  readonly election: Uint8Array;
  readonly region: number;
  readonly secret: Uint8Array;
}

/** The 90 characters, all of which QR codes have in their alphanumeric mode. */
export function encodeCardText({ election, region, secret }: CardText): string {
  return PREFIX + encodeBase32(concat(election, u16(region), secret));
}

/** FormatError for a text that no card has; it holds nothing of the text. */
export function parseCardText(text: string): CardText {
  if (!text.startsWith(PREFIX)) throw new FormatError(`card: does not begin with ${PREFIX}`);
  const encoded = text.slice(PREFIX.length);
  if (encoded.length !== CHARACTERS)
    throw new FormatError(`card: ${encoded.length} characters, not ${CHARACTERS}`);
  const data = decodeBase32(encoded);
  return {
    election: data.slice(0, 32),
    region: Number(fromLittleEndian(data.subarray(32, 34))),
    secret: data.slice(34),
  };
}
