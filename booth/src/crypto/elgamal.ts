// Exponential ElGamal: Enc_H(m; r) = (r*G, m*G + r*H), 64 bytes (spec/encoding.md#group).
import { concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { decodePoint, GENERATOR, IDENTITY, multiply, type Point } from "./group.ts";

export const CIPHERTEXT = 64;

export type Ciphertext = readonly [Point, Point];

/** The encryption of a bit with a randomness under the joint key. */
export function encrypt(key: Point, bit: number, randomness: bigint): Ciphertext {
  const message = bit ? GENERATOR : IDENTITY;
  return [multiply(GENERATOR, randomness), message.add(multiply(key, randomness))];
}

export function encodeCiphertext([first, second]: Ciphertext): Uint8Array {
  return concat(first.toBytes(), second.toBytes());
}

/** The ciphertext that 64 bytes are; the identity is legal in it. */
export function decodeCiphertext(data: Uint8Array, what: string): Ciphertext {
  if (data.length !== CIPHERTEXT) throw new FormatError(`${what}: ${data.length} bytes, not ${CIPHERTEXT}`);
  return [decodePoint(data.subarray(0, 32), what), decodePoint(data.subarray(32), what)];
}
