// Provers' randomness: hedged, so that a seed that repeats or is guessed does not alone betray a secret.
import { shake256 } from "@noble/hashes/sha3.js";

import { concat, fromLittleEndian, littleEndian, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { encodeScalar, reduce } from "./group.ts";

const SEED = 32;

/** A stream of random bytes from a fresh seed, the secret that it protects and the statement it is for. */
export class Randomness {
  readonly #stream = shake256.create();

  /** `seed` is 32 random bytes, drawn for this call; `secret` a scalar; `statement` all that is public. */
  constructor(seed: Uint8Array, use: string, secret: bigint, ...statement: Uint8Array[]) {
    if (seed.length !== SEED) throw new FormatError(`a seed has ${SEED} bytes, not ${seed.length}`);
    for (const part of [utf8(use), seed, encodeScalar(secret), ...statement]) {
      this.#stream.update(concat(littleEndian(part.length, 8), part));
    }
  }

  /** The next `size` bytes. */
  bytes(size: number): Uint8Array {
    return this.#stream.xof(size);
  }

  /** The next scalar, from 64 bytes. */
  scalar(): bigint {
    return reduce(fromLittleEndian(this.bytes(64)));
  }

  scalars(count: number): bigint[] {
    return Array.from({ length: count }, () => this.scalar());
  }
}
