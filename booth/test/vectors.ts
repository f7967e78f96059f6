// The vectors of the specification: every one that concerns a voter's device (vectors/README.md).
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromHex } from "../src/bytes.ts";

export interface Vector {
  readonly name: string;
  readonly kind: string;
  readonly valid: boolean;
  readonly [input: string]: any;
}

/** The vectors of a file under vectors/; tests run in booth/. */
export function load(path: string): Vector[] {
  return JSON.parse(readFileSync(`../vectors/${path}`, "utf8"));
}

export const unhex = (text: string): Uint8Array => fromHex(text, text.length / 2, "vector");

/** One way to refuse for everything: raising, or finding that something does not hold. */
export function hold(path: string, runners: Record<string, (vector: Vector) => boolean | Promise<boolean>>): void {
  const vectors = load(path);
  const kinds = new Set(vectors.map(({ kind }) => kind));
  test(`${path}: every runner has its vectors`, () => {
    for (const kind of Object.keys(runners)) assert.ok(kinds.has(kind), kind);
  });
  for (const vector of vectors.filter(({ kind }) => kind in runners)) {
    test(vector.name, async () => {
      assert.equal(await accepted(runners[vector.kind]!, vector), vector.valid);
    });
  }
}

async function accepted(run: (vector: Vector) => boolean | Promise<boolean>, vector: Vector): Promise<boolean> {
  try {
    return await run(vector);
  } catch (error) {
    const known = ["FormatError", "VerificationError"].includes((error as Error).name);
    if (vector.valid || !known) throw error; // a crash is no refusal
    return false;
  }
}
