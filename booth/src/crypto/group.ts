// The group ristretto255 and its scalars (RFC 9496; spec/encoding.md#group). One encoding each.
//
// Arithmetic is that of @noble/curves. JavaScript's big integers take time that depends on their values, so
// nothing here is constant-time as the Rust core is; SECURITY.md says so. What can be done is done: secrets
// are multiplied by fixed windows that make the same additions whatever the digits.
import { ristretto255 } from "@noble/curves/ed25519.js";

import { equal, fromLittleEndian, littleEndian } from "../bytes.ts";
import { FormatError } from "../errors.ts";

export type Point = InstanceType<typeof ristretto255.Point>;

/** The prime order of the group. */
export const ORDER: bigint = ristretto255.Point.Fn.ORDER;
export const IDENTITY: Point = ristretto255.Point.ZERO;
export const GENERATOR: Point = ristretto255.Point.BASE;

/** A number modulo the order, from 0. */
export function reduce(value: bigint): bigint {
  const rest = value % ORDER;
  return rest < 0n ? rest + ORDER : rest;
}

/** A point from its canonical 32 bytes; the identity is legal. FormatError names `what`. */
export function decodePoint(data: Uint8Array, what: string): Point {
  try {
    return ristretto255.Point.fromBytes(data);
  } catch {
    throw new FormatError(`${what}: not the canonical encoding of a point`);
  }
}

/** A key: a point that is not the identity. */
export function decodeKey(data: Uint8Array, what: string): Point {
  const point = decodePoint(data, what);
  if (point.is0()) throw new FormatError(`${what}: is the identity`);
  return point;
}

/** A scalar from 32 bytes, little-endian, below the order. */
export function decodeScalar(data: Uint8Array, what: string): bigint {
  const value = fromLittleEndian(data);
  if (data.length !== 32 || value >= ORDER) throw new FormatError(`${what}: not a canonical scalar`);
  return value;
}

/** The 32 bytes of a scalar, reduced. */
export function encodeScalar(value: bigint): Uint8Array {
  return littleEndian(reduce(value), 32);
}

/** scalar * point, for secret scalars: the same work for zero as for any other. */
export function multiply(point: Point, scalar: bigint): Point {
  const reduced = reduce(scalar);
  const product = point.multiply(reduced || 1n);
  return reduced ? product : IDENTITY;
}

/** scalar * point, for public scalars: faster, and its time shows them. */
export function multiplyPublic(point: Point, scalar: bigint): Point {
  return point.multiplyUnsafe(reduce(scalar));
}

/** A point ready for many multiplications: a table of its multiples is kept with it. */
export function withTable(point: Point): Point {
  return point.precompute(8, false);
}

let jointKey: { encoded: Uint8Array; point: Point } | undefined;

/** The trustees' joint key H with its table, which is made once for the key that is in use. */
export function decodeJointKey(data: Uint8Array): Point {
  if (!jointKey || !equal(jointKey.encoded, data)) {
    jointKey = { encoded: data.slice(), point: withTable(decodeKey(data, "joint key")) };
  }
  return jointKey.point;
}
