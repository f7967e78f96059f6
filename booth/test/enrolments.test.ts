// What the log tells of enrolment, on whole records of the vectors.
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { Enrolments } from "../src/client/enrolments.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { parseBundle } from "../src/log/tiles.ts";
import { parseDefinition } from "../src/protocol/definition.ts";
import { as, decodeEntry, type Payload } from "../src/protocol/entry.ts";
import { filesOf, siteOf } from "./logs.ts";

const BUNDLES = "../vectors/records/whole/complete/record/tile/entries/000.p";
const [WIDTH] = readdirSync(BUNDLES);
const ENTRIES: readonly Uint8Array[] = parseBundle(
  new Uint8Array(readFileSync(`${BUNDLES}/${WIDTH}`)),
  Number(WIDTH),
  "vector",
);
const at = (type: "batch" | "issued" | "roll"): number =>
  ENTRIES.findIndex((entry) => as(decodeEntry(entry), type));
const firstPart = (digest: Uint8Array): Payload<"part"> =>
  ENTRIES.flatMap((entry) => as(decodeEntry(entry), "part")?.payload ?? []).find(
    (part) => Buffer.compare(part.digest, digest) === 0,
  )!;
const batch = as(decodeEntry(ENTRIES[at("batch")]!), "batch")!.payload;
const roll = as(decodeEntry(ENTRIES[at("roll")]!), "roll")!.payload;
const CARD = firstPart(batch.digest).data.slice(0, 32);
const VOTER = firstPart(roll.digest).data.slice(0, 32);
const BALLOT = Uint8Array.of(0x86, 1, 17, ...new Uint8Array(80));
const NOBODY = new Uint8Array(32);

/** A log with so many entries, of which at most so many bytes are read. */
function logOf(count: number, most?: number, from = ENTRIES): { enrolments: Enrolments; bundles: string[] } {
  const entries = from.slice(0, count);
  const { site, pin, bundles } = siteOf(entries, filesOf(entries));
  const definition = parseDefinition(as(decodeEntry(ENTRIES[0]!), "definition")!.payload.document);
  return { enrolments: new Enrolments({ site, pin, definition } as unknown as Referendum, most), bundles };
}

test("cards of batches, voters of rolls and the end of enrolment are found in the log", async () => {
  const { enrolments } = logOf(ENTRIES.length);
  await enrolments.update();
  assert.equal(enrolments.hasCard(batch.region, CARD), true);
  assert.equal(enrolments.hasCard(batch.region, NOBODY), false);
  assert.equal(enrolments.hasVoter(roll.region, VOTER), true);
  assert.equal(enrolments.hasVoter(roll.region, NOBODY), false);
  assert.ok(enrolments.over(batch.region));
});

test("before the last batch nothing is over, and a card may yet come", async () => {
  const { enrolments } = logOf(at("batch"));
  assert.equal(enrolments.hasCard(batch.region, CARD), undefined); // nothing was read
  await enrolments.update();
  assert.equal(enrolments.hasVoter(roll.region, VOTER), true);
  assert.equal(enrolments.hasCard(batch.region, CARD), false);
  assert.equal(enrolments.over(batch.region), undefined);
});

test("of a log that is too long only the beginning is read, and nothing is believed beforehand", async () => {
  const many = [...Array<Uint8Array>(300).fill(BALLOT), ...ENTRIES];
  for (const [most, known] of [
    [0, undefined],
    [2 ** 20, false],
  ] as const) {
    const { enrolments, bundles } = logOf(many.length, most, many);
    await enrolments.update();
    assert.equal(enrolments.hasCard(batch.region, NOBODY), known);
    assert.equal(enrolments.hasVoter(roll.region, NOBODY), known);
    assert.equal(enrolments.over(batch.region) !== undefined, known !== undefined);
    assert.equal(bundles.length, known === undefined ? 1 : 2);
  }
});

test("what is read does not depend on who is looked for, and is read once", async () => {
  const { enrolments, bundles } = logOf(ENTRIES.length);
  await Promise.all([enrolments.update(), enrolments.update()]);
  const read = [...bundles];
  enrolments.hasCard(batch.region, CARD);
  enrolments.hasCard(batch.region, NOBODY);
  await enrolments.update(); // every region is issued: nothing can follow
  assert.deepEqual(bundles, read);
});
