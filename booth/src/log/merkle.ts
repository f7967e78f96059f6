// Merkle trees over SHA-256 and their proofs (RFC 6962, 2.1; RFC 9162, 2.1.3). Sizes are bigints: a log's may
// be up to 2^63 - 1.
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, equal } from "../bytes.ts";
import { VerificationError } from "../errors.ts";

export const HASH = 32;
export const LARGEST = (1n << 63n) - 1n;
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(0), entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(Uint8Array.of(1), left, right));
}

/** The root over neighbouring subtrees of one height, the last of which may be smaller. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let row = [...hashes];
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) above.push(nodeHash(row[at]!, row[at + 1]!));
    if (row.length % 2) above.push(row.at(-1)!); // an odd last hash is carried up
    row = above;
  }
  return row[0] ?? EMPTY_ROOT;
}

/** VerificationError unless `leaf` is leaf number `index` of the tree (RFC 9162, 2.1.3.2). */
export function checkInclusion(
  leaf: Uint8Array,
  index: bigint,
  size: bigint,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (index >= size) throw refuse(`there is no leaf ${index} in a tree of size ${size}`);
  let node = leaf;
  let at = index;
  let last = size - 1n;
  for (const beside of proof) {
    if (last === 0n) throw refuse("too many hashes");
    if (at & 1n || at === last) {
      node = nodeHash(beside, node);
      // A right edge is carried up unchanged until it has a left neighbour.
      for (; !(at & 1n); at >>= 1n) last >>= 1n;
    } else {
      node = nodeHash(node, beside);
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw refuse("too few hashes");
  if (!equal(node, root)) throw refuse(`leaf ${index} is not under the root of size ${size}`);
}

/** The hashes beside the path of leaf `index` of `hashes`, neighbouring subtrees of one height, upwards. */
export function inclusionProof(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length <= 1) return [];
  let middle = 1;
  while (2 * middle < hashes.length) middle *= 2;
  const [left, right] = [hashes.slice(0, middle), hashes.slice(middle)];
  return index < middle
    ? [...inclusionProof(index, left), rootOf(right)]
    : [...inclusionProof(index - middle, right), rootOf(left)];
}

function refuse(message: string): VerificationError {
  return new VerificationError("log", "board", `inclusion proof: ${message}`);
}
