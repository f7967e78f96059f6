// The log against the vectors: notes, policies, checkpoints, receipts, bundles, tiles, roots.
import { strict as assert } from "node:assert";

import { toHex, utf8 } from "../src/bytes.ts";
import { leafHash, rootOf } from "../src/log/merkle.ts";
import { parseNote } from "../src/log/note.ts";
import { Policy } from "../src/log/policy.ts";
import { encodeReceipt, parseReceipt, verifyReceipt } from "../src/log/proof.ts";
import { parseBundle, tilePath } from "../src/log/tiles.ts";
import { hold, unhex } from "./vectors.ts";

hold("log/notes.json", {
  note: (v) => parseNote(v.note === null ? unhex(v.data) : utf8(v.note)).signatures.length > 0,
});

hold("log/policies.json", { policy: (v) => new Policy(v.policy) instanceof Policy });

hold("log/checkpoints.json", {
  checkpoint: (v) => new Policy(v.policy).verify(utf8(v.note)).checkpoint.size >= 0n,
});

hold("log/receipts.json", {
  receipt(v) {
    const receipt = parseReceipt(utf8(v.receipt));
    assert.deepEqual(encodeReceipt(receipt), utf8(v.receipt));
    return verifyReceipt(receipt, unhex(v.entry), new Policy(v.policy)).checkpoint.root.length === 32;
  },
});

hold("log/files.json", {
  bundle(v) {
    const entries = parseBundle(unhex(v.data), v.width, "bundle").map(toHex);
    assert.deepEqual(entries, v.entries);
    return true;
  },
  "tile-path": (v) =>
    tilePath({
      level: v.level === "entries" ? "entries" : Number(v.level),
      index: v.index,
      width: v.width,
    }) === v.path,
  root: (v) => toHex(rootOf(v.entries.map((entry: string) => leafHash(unhex(entry))))) === v.root,
});
