// What people paste or save: the booth finds what the vectors say, as the command line does.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { lookAt, readPasted } from "../src/protocol/pasted.ts";
import { load, unhex } from "./vectors.ts";

for (const vector of load("pasted/pasted.json")) {
  test(vector.name, () => {
    const { pieces, slips } = "text" in vector ? lookAt(vector.text) : readPasted(unhex(vector.data));
    const found = pieces.map(({ kind, block }) => [kind, block ?? null]);
    assert.deepEqual(found, vector.pieces);
    const wrong = slips && [slips.count, slips.slips.map(({ place, typed, meant }) => [place, typed, meant])];
    assert.deepEqual(wrong ?? null, vector.slips);
  });
}
