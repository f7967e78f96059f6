// What is longer than an entry stands in the log in parts, before the entry that closes it (spec/entries.md#bundles).
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, equal, toHex } from "../bytes.ts";
import type { Payload } from "../protocol/entry.ts";

/** Gathers one author's parts until a closing entry names them; several may name the same. */
export class Bundles {
  readonly #counts = new Map<string, number>();
  readonly #parts = new Map<string, Uint8Array>();

  /** Of two parts with one digest and index the first counts; the first of a bundle says how many there are. */
  add({ digest, index, count, data }: Payload<"part">): void {
    const bundle = toHex(digest);
    if (!this.#counts.has(bundle)) this.#counts.set(bundle, count);
    const part = `${bundle} ${index}`;
    if (!this.#parts.has(part)) this.#parts.set(part, data);
  }

  /** The bundle; undefined where parts are missing, or are not what was named. */
  read(digest: Uint8Array): Uint8Array | undefined {
    const bundle = toHex(digest);
    const pieces: Uint8Array[] = [];
    for (let index = 0; index < (this.#counts.get(bundle) ?? 0); index++) {
      const piece = this.#parts.get(`${bundle} ${index}`);
      if (!piece) return undefined;
      pieces.push(piece);
    }
    const whole = concat(...pieces);
    return pieces.length && equal(sha256(whole), digest) ? whole : undefined;
  }
}
