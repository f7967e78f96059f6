// What the log tells of enrolment, on small logs with two registrars.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, utf8 } from "../src/bytes.ts";
import { Enrolments } from "../src/client/enrolments.ts";
import { showReceipt } from "../src/client/receipts.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { ENTRY } from "../src/crypto/labels.ts";
import { bodyHash, decodeEntry, decodeMessage, encodeBody, type Payload, seal, type TypeName } from "../src/protocol/entry.ts";
import type { Region } from "../src/protocol/excerpts.ts";
import { joinMessages, readReceipts } from "../src/protocol/receipts.ts";
import { periodOf } from "../src/protocol/relays.ts";
import { filesOf, siteOf } from "./logs.ts";

const ELECTION = new Uint8Array(32).fill(9);
const party = (number: number) => {
  const secret = new Uint8Array(32).fill(number);
  return { name: `Register ${number}`, key: ed25519.getPublicKey(secret), secret };
};
const [LEAD, OTHER, BOARD, ORGANISER] = [1, 2, 3, 4].map(party) as [Party, Party, Party, Party];
type Party = ReturnType<typeof party>;
const definition = {
  ...{ registrars: [LEAD, OTHER], board: BOARD, organiser: ORGANISER, decoys: 4, relays: [], hold: 0 },
  ...{ hash: new Uint8Array(32).fill(8), regions: [{ id: "athens" }], whole: { closes: [500] }, lengths: [] },
};
const REGION = { index: 0, closes: 500, days: [[1_000, 2_000]] } as unknown as Region;

function entry<T extends TypeName>(type: T, payload: Payload<T>, { key, secret }: Party): Uint8Array {
  const body = encodeBody(type, payload, ELECTION, key);
  return seal(body, ed25519.sign(concat(utf8(ENTRY), body), secret), 200_000);
}

type Closing = "roll" | "batch" | "issued";

/** A bundle of one part, and what closes it. */
function bundle<T extends Closing>(type: T, rest: Omit<Payload<T>, "digest">, content: Uint8Array, by: Party) {
  const digest = sha256(content);
  const part = { digest, index: 0, count: 1, data: content };
  return [entry("part", part, by), entry(type, { ...rest, digest } as unknown as Payload<T>, by)];
}

const row = (first: number, size: number): Uint8Array => concat(Uint8Array.of(first), new Uint8Array(size - 1));
const CARD = row(5, 384);
const NOBODY = new Uint8Array(32);
const VOTER = row(7, 32);
const rolls = [LEAD, OTHER].flatMap((by) => bundle("roll", { region: 0, size: 1 }, VOTER, by));
const batch = bundle("batch", { region: 0, batch: 1, cards: 1, last: 0 }, CARD, LEAD);
const endorse = entry("endorse", { region: 0, batch: 1, entry: bodyHash(decodeEntry(batch[1]!).body) }, OTHER);
const objection = (by: Party) =>
  entry(
    "objection",
    {
      ...{ entry: bodyHash(decodeEntry(batch[1]!).body), subject: "batch 1", language: "en", text: "Not admitted." },
      attachment: new Uint8Array(),
    },
    by,
  );
const last = bundle("batch", { region: 0, batch: 2, cards: 0, last: 1 }, new Uint8Array(), LEAD);
const agreed = entry("endorse", { region: 0, batch: 2, entry: bodyHash(decodeEntry(last[1]!).body) }, OTHER);
const issued = (by: Party, hash = VOTER) =>
  bundle("issued", { region: 0, secrets: new Uint8Array(64), size: 1 }, hash, by);
const open = entry("open", { region: 0, day: 1 }, BOARD);
const WHOLE = [...rolls, ...batch, endorse, ...last, agreed, ...issued(LEAD), ...issued(OTHER), open];
const BALLOT = Uint8Array.of(0x86, 1, 17, ...new Uint8Array(80));

/** What a log with these entries tells, witnessed at a time; of it at most so many bytes are read. */
function told(entries: readonly Uint8Array[], now = 100, most?: number) {
  const { site, pin, bundles } = siteOf(entries, filesOf(entries), () => undefined, now);
  const referendum = { site, pin, definition, election: ELECTION } as unknown as Referendum;
  return { enrolments: new Enrolments(referendum, most), referendum, bundles };
}

test("cards of batches in effect, voters of rolls and the end of enrolment are in the log", async () => {
  const { enrolments } = told(WHOLE);
  assert.equal(enrolments.hasCard(0, CARD.slice(0, 32)), undefined); // nothing was read
  await enrolments.update();
  assert.equal(enrolments.hasCard(0, CARD.slice(0, 32)), true);
  assert.deepEqual(enrolments.recordOf(0, CARD.slice(0, 32)), sha256(CARD));
  assert.equal(enrolments.hasCard(0, NOBODY), false);
  for (const registrar of [1, 2]) {
    assert.equal(enrolments.hasVoter(registrar, 0, VOTER), true);
    assert.equal(enrolments.hasVoter(registrar, 0, NOBODY), false);
    assert.equal(enrolments.issuedTo(registrar, 0, VOTER), true);
  }
  assert.equal(enrolments.over(REGION), 500);
});

test("a batch that not all have endorsed has no card in effect, and the region waits for who is missing", async () => {
  const steps: [Uint8Array[], number[]][] = [
    [rolls.slice(0, 2), [2]],
    [rolls, [1]],
    [[...rolls, ...batch], [2]],
    [[...rolls, ...batch, objection(OTHER)], [1, 2]],
    [[...rolls, objection(OTHER), ...batch], [2]],
    [[...rolls, ...batch, objection(BOARD)], [2]],
    [[...rolls, ...batch, endorse], [1]],
    [[...rolls, ...batch, endorse, ...last, agreed], [1, 2]],
    [[...rolls, ...batch, endorse, ...last, agreed, ...issued(OTHER)], [1]],
    [WHOLE, []],
  ];
  for (const [entries, waited] of steps) {
    const { enrolments } = told(entries, 1_000);
    await enrolments.update();
    assert.equal(enrolments.hasCard(0, CARD.slice(0, 32)), entries.includes(endorse));
    assert.deepEqual(enrolments.waitsFor(REGION), waited);
  }
  const early = told(rolls, 999).enrolments;
  await early.update();
  assert.deepEqual(early.waitsFor(REGION), []);
});

test("another batch of the same number takes the place of the first, and its endorsement", async () => {
  const other = bundle("batch", { region: 0, batch: 1, cards: 1, last: 0 }, row(6, 384), LEAD);
  const { enrolments } = told([...rolls, ...batch, ...other, endorse]);
  await enrolments.update();
  assert.equal(enrolments.hasCard(0, CARD.slice(0, 32)), false);
  assert.equal(enrolments.hasCard(0, row(6, 32)), false);
});

test("enrolment is open until it closes, by the witnesses' clocks", async () => {
  for (const [now, over] of [
    [499, undefined],
    [500, 500],
  ] as const) {
    const { enrolments } = told(rolls, now);
    await enrolments.update();
    assert.equal(enrolments.over(REGION), over);
  }
});

test("of a log that is too long only the beginning is read, and nothing is believed beforehand", async () => {
  const many = [...Array<Uint8Array>(300).fill(BALLOT), ...WHOLE];
  for (const [most, known] of [
    [0, undefined],
    [2 ** 20, false],
  ] as const) {
    const { enrolments, bundles } = told(many, 100, most);
    await enrolments.update();
    assert.equal(enrolments.hasCard(0, NOBODY), known);
    assert.equal(enrolments.hasVoter(1, 0, NOBODY), known);
    assert.equal(bundles.length, known === undefined ? 1 : 2);
  }
});

test("what is read does not depend on who is looked for, and is read once", async () => {
  const { enrolments, bundles } = told(WHOLE);
  await Promise.all([enrolments.update(), enrolments.update()]);
  const read = [...bundles];
  enrolments.hasCard(0, CARD.slice(0, 32));
  enrolments.hasCard(0, NOBODY);
  await enrolments.update(); // every region has opened: nothing can follow
  assert.deepEqual(bundles, read);
});

function message<T extends TypeName>(type: T, payload: Payload<T>, by: Party): Uint8Array {
  return entry(type, payload, by);
}

test("receipts are held against the log: there, waiting, missing, or something else in their place", async () => {
  const receipt = (card: Uint8Array, record: Uint8Array, number = 1) =>
    message("card-receipt", { region: 0, card, record, batch: number }, OTHER);
  const right = receipt(CARD.slice(0, 32), sha256(CARD));
  const cases: [Uint8Array[], Uint8Array, string][] = [
    [WHOLE, right, "there"],
    [rolls, right, "waits"],
    [[...rolls, ...batch, endorse], receipt(NOBODY, NOBODY), "waits"], // the next batch may have it
    [WHOLE, receipt(NOBODY, NOBODY, 9), "missing"], // there is no other
    [WHOLE, receipt(CARD.slice(0, 32), NOBODY), "other"],
    [rolls, message("token-receipt", { region: 0, hash: VOTER }, LEAD), "waits"],
    [WHOLE, message("token-receipt", { region: 0, hash: VOTER }, LEAD), "there"],
    [WHOLE, message("token-receipt", { region: 0, hash: NOBODY }, LEAD), "missing"],
  ];
  for (const [entries, data, standing] of cases) {
    const { enrolments, referendum } = told(entries);
    await enrolments.update();
    const [read] = readReceipts(data);
    assert.equal(showReceipt(referendum, enrolments, read!).standing, standing);
  }
  const forged = message("card-receipt", { region: 0, card: NOBODY, record: NOBODY, batch: 1 }, BOARD);
  const { enrolments, referendum } = told(WHOLE);
  assert.throws(() => showReceipt(referendum, enrolments, decodeMessage(forged)), { name: "VerificationError" });
  assert.equal(readReceipts(joinMessages([right, right])).length, 2);
  assert.throws(() => readReceipts(concat(right, right)), { name: "FormatError" });
});

test("periods are those of the specification", () => {
  assert.deepEqual(periodOf([100], 30, 99), [70, 100]);
  assert.deepEqual(periodOf([100], 30, 70), [70, 100]);
  assert.deepEqual(periodOf([100], 30, 69), [40, 70]);
  assert.deepEqual(periodOf([100], 30, 100), undefined);
  assert.deepEqual(periodOf([100, 180], 30, 179), [150, 180]);
  assert.deepEqual(periodOf([100, 180], 30, 120), [100, 150]); // the first has what is left
  assert.deepEqual(periodOf([100, 120], 30, 110), [100, 120]); // nearer to each other than a period is long
});
