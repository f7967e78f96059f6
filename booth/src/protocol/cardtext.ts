// What a card's QR code holds: its secret, and where it votes (spec/cards.md#qr-code).
import { concat, fromLittleEndian, u16 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { isAddress, readAddress, writeAddress } from "./address.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";

export const PREFIX = "PSEPHOS-1-";
const CHARACTERS = 80;
const SIZE = 50;

export interface CardText {
  readonly election: Uint8Array;
  readonly region: number;
  readonly secret: Uint8Array;
}

/** The 90 characters, all of which QR codes have in their alphanumeric mode. */
export const encodeCardText = (card: CardText): string => PREFIX + encodeBase32(bytesOf(card));

/** The address of the page on which to vote with it; `site` ends with `/`. */
export const cardAddress = (site: string, card: CardText): string => writeAddress(site, "c", bytesOf(card));

/** What an address or a text holds; FormatError, which holds nothing of it, for any other. */
export function readCardText(text: string): CardText {
  return isAddress(text) ? parseCardAddress(text) : parseCardText(text);
}

/** FormatError for an address that no card has. */
export function parseCardAddress(text: string): CardText {
  const data = readAddress(text, "c");
  if (data.length !== SIZE) throw new FormatError(`card: ${data.length} bytes, not ${SIZE}`);
  return cardOf(data);
}

/** FormatError for a text that no card has; it holds nothing of the text. */
export function parseCardText(text: string): CardText {
  if (!text.startsWith(PREFIX)) throw new FormatError(`card: does not begin with ${PREFIX}`);
  const encoded = text.slice(PREFIX.length);
  if (encoded.length !== CHARACTERS)
    throw new FormatError(`card: ${encoded.length} characters, not ${CHARACTERS}`);
  return cardOf(decodeBase32(encoded));
}

const bytesOf = ({ election, region, secret }: CardText): Uint8Array => concat(election, u16(region), secret);

function cardOf(data: Uint8Array): CardText {
  return {
    election: data.slice(0, 32),
    region: Number(fromLittleEndian(data.subarray(32, 34))),
    secret: data.slice(34),
  };
}
