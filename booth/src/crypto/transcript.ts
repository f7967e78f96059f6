// Fiat-Shamir transcripts: one running SHAKE128 state over labelled fields (spec/encoding.md#transcript).
import { shake128 } from "@noble/hashes/sha3.js";

import { concat, fromLittleEndian, littleEndian, u8, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { reduce } from "./group.ts";
import { type Label, PSEPHOS, type Protocol } from "./labels.ts";

export class Transcript {
  readonly #state = shake128.create();

  constructor(protocol: Protocol) {
    this.append(PSEPHOS, utf8(protocol));
  }

  /** Absorb a field. */
  append(label: Label, data: Uint8Array): this {
    const name = utf8(label);
    if (name.length < 1 || name.length > 255) throw new FormatError("a label has 1 to 255 characters");
    this.#state.update(concat(u8(name.length), name, littleEndian(data.length, 8), data));
    return this;
  }

  /** `size` bytes that depend on all that was absorbed; the transcript itself goes on. */
  squeeze(label: Label, size: number): Uint8Array {
    this.append(label, littleEndian(size, 8));
    return this.#state.clone().xof(size);
  }

  /** A scalar: 64 bytes, little-endian, modulo the order. */
  challenge(label: Label): bigint {
    return reduce(fromLittleEndian(this.squeeze(label, 64)));
  }

  /** `count` coefficients of a random combination: 1, then numbers of 16 bytes. */
  coefficients(label: Label, count: number): bigint[] {
    const others = Math.max(count - 1, 0);
    const data = others ? this.squeeze(label, 16 * others) : new Uint8Array();
    const found = Array.from({ length: others }, (_, at) =>
      fromLittleEndian(data.subarray(16 * at, 16 * (at + 1))),
    );
    return [1n, ...found].slice(0, count);
  }
}

/** `hash(protocol, (label, data), ..)`, 32 bytes. */
export function digest(protocol: Protocol, ...fields: [Label, Uint8Array][]): Uint8Array {
  const transcript = new Transcript(protocol);
  for (const [label, data] of fields) transcript.append(label, data);
  return transcript.squeeze("hash", 32);
}
