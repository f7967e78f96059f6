// Schnorr signatures by cards and token keys, with the key inside the hash (spec/proofs.md#signature).
import { concat, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import {
  decodeKey,
  decodePoint,
  decodeScalar,
  encodeScalar,
  GENERATOR,
  multiply,
  multiplyPublic,
} from "./group.ts";
import type { Purpose } from "./labels.ts";
import { Randomness } from "./randomness.ts";
import { Transcript } from "./transcript.ts";

export const SIGNATURE = 64;

/** A key pair: the scalar, and its multiple of the generator, encoded. */
export interface KeyPair {
  readonly secret: bigint;
  readonly key: Uint8Array;
}

export function keyPair(secret: bigint): KeyPair {
  return { secret, key: multiply(GENERATOR, secret).toBytes() };
}

/** Sign a hash of 32 bytes; `seed` is 32 random bytes. */
export function sign(purpose: Purpose, pair: KeyPair, message: Uint8Array, seed: Uint8Array): Uint8Array {
  const random = new Randomness(seed, "signature", pair.secret, utf8(purpose), pair.key, message);
  const k = random.scalar();
  const nonce = multiply(GENERATOR, k).toBytes();
  const e = challenge(purpose, pair.key, nonce, message);
  return concat(nonce, encodeScalar(k + e * pair.secret));
}

/** Whether a signature is the key's; FormatError when signature or key are not of their one form. */
export function signatureHolds(
  purpose: Purpose,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE) throw new FormatError(`signature: ${signature.length} bytes, not 64`);
  const nonce = decodePoint(signature.subarray(0, 32), "signature");
  const z = decodeScalar(signature.subarray(32), "signature");
  const e = challenge(purpose, key, signature.subarray(0, 32), message);
  return multiplyPublic(GENERATOR, z).equals(nonce.add(multiplyPublic(decodeKey(key, "key"), e)));
}

function challenge(purpose: Purpose, key: Uint8Array, nonce: Uint8Array, message: Uint8Array): bigint {
  const transcript = new Transcript("signature").append("purpose", utf8(purpose)).append("key", key);
  return transcript.append("nonce", nonce).append("message", message).challenge("challenge");
}
