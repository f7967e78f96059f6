// Long messages from one screen to another, as a row of QR codes (README.md#from-screen-to-screen): each holds
// `PSEPHOS-P-<its number>/<how many>-<base32>`. The message's length leads, so that the last group can be filled up.
import { concat, littleEndian } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";

/** Bytes of a part: a code of 320 characters and a few more is read by any camera. */
const PART = 200;
const FORM = /^PSEPHOS-P-([1-9]\d{0,2})\/([1-9]\d{0,2})-([A-Z2-7]+)$/;

/** The codes' texts, at least one. */
export function splitParts(message: Uint8Array): string[] {
  const whole = concat(littleEndian(message.length, 4), message);
  const padded = concat(whole, new Uint8Array((5 - (whole.length % 5)) % 5));
  const count = Math.ceil(padded.length / PART);
  return Array.from({ length: count }, (_, at) => {
    const piece = encodeBase32(padded.subarray(PART * at, PART * (at + 1)));
    return `PSEPHOS-P-${at + 1}/${count}-${piece}`;
  });
}

/** Gathers parts, in any order and again and again, until the message is whole. */
export class Gathering {
  readonly #parts = new Map<number, string>();
  #count = 0;

  /** How many of how many parts are there. */
  get progress(): readonly [number, number] {
    return [this.#parts.size, this.#count];
  }

  /** The message, once all parts were seen; FormatError for a text that is no part, or one of another row. */
  add(text: string): Uint8Array | undefined {
    const [, number, count, piece] = FORM.exec(text) ?? [];
    if (!number || !count || !piece || Number(number) > Number(count))
      throw new FormatError("code: not a part");
    const known = this.#parts.get(Number(number));
    if ((this.#count && this.#count !== Number(count)) || (known && known !== piece)) {
      throw new FormatError("code: a part of something else; begin again");
    }
    this.#count = Number(count);
    this.#parts.set(Number(number), piece);
    if (this.#parts.size < this.#count) return undefined;
    return this.#message();
  }

  #message(): Uint8Array {
    const numbers = Array.from({ length: this.#count }, (_, at) => at + 1);
    const padded = concat(...numbers.map((number) => decodeBase32(this.#parts.get(number)!)));
    const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0, true);
    if (padded.length < 5 || length + 4 > padded.length || padded.length - length - 4 > 4) {
      throw new FormatError("code: the parts do not make a message");
    }
    return padded.slice(4, 4 + length);
  }
}
