// A ballot is found by its tracker in a log of several bundles, and no more of it is read than has to be.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { concat, utf8 } from "../src/bytes.ts";
import { find, findWhereSaid, trackerOf } from "../src/client/ballots.ts";
import { Site } from "../src/client/site.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { checkInclusion, leafHash, rootOf } from "../src/log/merkle.ts";
import { parseReceipt } from "../src/log/proof.ts";

const SIZE = 600;
const BALLOT = 17;
const entries = Array.from({ length: SIZE }, (_, at) =>
  Uint8Array.of(0x86, 1, BALLOT, at >> 8, at & 255, ...new Uint8Array(80)),
);
const leaves = entries.map(leafHash);
const bundle = (first: number) =>
  concat(...entries.slice(first, first + 256).flatMap((one) => [Uint8Array.of(0, one.length), one]));
const tile = (first: number) => concat(...leaves.slice(first, first + 256));

const FILES: Record<string, Uint8Array> = {
  checkpoint: utf8("a checkpoint"),
  "tile/0/000": tile(0),
  "tile/0/001": tile(256),
  "tile/0/002.p/88": tile(512),
  "tile/1/000.p/2": concat(rootOf(leaves.slice(0, 256)), rootOf(leaves.slice(256, 512))),
  "tile/entries/000": bundle(0),
  "tile/entries/001": bundle(256),
  "tile/entries/002.p/88": bundle(512),
};

/** A referendum whose server says `place` of every tracker, and the bundles that were read. */
function served(place: string | undefined): { referendum: Referendum; read: string[] } {
  const read: string[] = [];
  const http = async (url: URL): Promise<Response> => {
    const path = url.pathname.slice(1);
    if (path.startsWith("trackers/")) return new Response(place, { status: place ? 200 : 404 });
    const name = path.replace("log/", "");
    if (name.startsWith("tile/entries")) read.push(name.slice(13));
    return new Response(FILES[name] as Uint8Array<ArrayBuffer>, { status: FILES[name] ? 200 : 404 });
  };
  const verify = (note: Uint8Array) => ({
    checkpoint: { origin: "test", size: BigInt(SIZE), root: rootOf(leaves) },
    note,
    times: new Map(),
  });
  const site = new Site(new URL("https://vote.example/"), http, async () => {});
  return { referendum: { site, pin: { policy: { verify } } } as unknown as Referendum, read };
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
