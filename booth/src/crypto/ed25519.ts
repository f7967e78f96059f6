// Ed25519 of institutions, checked without cofactor as everywhere in Psephos (RFC 8032, 5.1.7; spec/log.md#notes).
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { concat, equal, fromLittleEndian } from "../bytes.ts";
import { ORDER } from "./group.ts";

const { Point } = ed25519;

/** Whether `key` signed `message`: R is exactly the encoding of s*B - k*A, with s below the order. */
export function ed25519Holds(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const s = fromLittleEndian(signature.subarray(32));
  if (s >= ORDER) return false;
  const k = fromLittleEndian(sha512(concat(signature.subarray(0, 32), key, message))) % ORDER;
  try {
    const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(key).multiplyUnsafe(k));
    return equal(expected.toBytes(), signature.subarray(0, 32));
  } catch {
    return false; // the key is no canonical point: nothing is its signature
  }
}

/** Whether 32 bytes are a canonical key that is not of small order (spec/definition.md#validity, 7). */
export function isEd25519Key(key: Uint8Array): boolean {
  try {
    return !Point.fromBytes(key).isSmallOrder();
  } catch {
    return false;
  }
}
