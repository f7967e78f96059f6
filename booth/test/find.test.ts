// A ballot is found by its tracker in a log of several bundles, and no more of it is read than has to be.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { find, findWhereSaid, trackerOf } from "../src/client/ballots.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { checkInclusion, leafHash, rootOf } from "../src/log/merkle.ts";
import { parseReceipt } from "../src/log/proof.ts";
import { filesOf, siteOf } from "./logs.ts";

const SIZE = 600;
const BALLOT = 17;
const entries = Array.from({ length: SIZE }, (_, at) =>
  Uint8Array.of(0x86, 1, BALLOT, at >> 8, at & 255, ...new Uint8Array(80)),
);
const leaves = entries.map(leafHash);
const FILES = filesOf(entries);

/** A referendum whose server says `place` of every tracker, and the bundles that were read. */
function served(place: string | undefined): { referendum: Referendum; read: string[] } {
  const { site, pin, bundles } = siteOf(entries, FILES, (path) =>
    path.startsWith("trackers/") ? new Response(place ?? null, { status: place ? 200 : 404 }) : undefined,
  );
  return { referendum: { site, pin, definition: { lengths: [] } } as unknown as Referendum, read: bundles };
}

for (const at of [0, 255, 300, 511, 599]) {
  test(`entry ${at} is read where the server says that it is, and nothing else`, async () => {
    const { referendum, read } = served(`{"index":${at}}`);
    const found = await findWhereSaid(referendum, trackerOf(entries[at]!));
    assert.equal(found!.index, at);
    assert.equal(read.length, 1);
    const { hashes } = parseReceipt(found!.receipt);
    checkInclusion(leaves[at]!, BigInt(at), BigInt(SIZE), hashes, rootOf(leaves));
  });
}

test("the log is read until the ballot is there, from where it may be on", async () => {
  const tracker = trackerOf(entries[300]!);
  for (const [from, bundles] of [[0, ["000", "001"]], [256, ["001"]]] as const) {
    const { referendum, read } = served(undefined);
    assert.equal((await find(referendum, tracker, from)).found!.index, 300);
    assert.deepEqual(read, bundles);
  }
  const { referendum } = served(undefined);
  assert.deepEqual(await find(referendum, new Uint8Array(32)), { found: undefined, size: SIZE });
});

test("a server that does not know, or points elsewhere, finds nothing; another form is refused", async () => {
  for (const place of [undefined, '{"index":0}', `{"index":${SIZE}}`]) {
    assert.equal(await findWhereSaid(served(place).referendum, trackerOf(entries[300]!)), undefined);
  }
  for (const place of ["{}", '{"index":-1}', '{"index": 1}', '{"index":1,"more":1}', "no"]) {
    const found = findWhereSaid(served(place).referendum, trackerOf(entries[300]!));
    await assert.rejects(found, { name: "FormatError" });
  }
});
