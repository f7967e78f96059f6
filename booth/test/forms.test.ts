// Everything with one encoding against the vectors: CBOR, entries, messages, definitions, pins, cards.
import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { toHex, utf8 } from "../src/bytes.ts";
import { cardFace, drawCards, makeCard } from "../src/protocol/card.ts";
import { encodeCardText, parseCardAddress, parseCardText } from "../src/protocol/cardtext.ts";
import * as cbor from "../src/protocol/cbor.ts";
import { bodyHash, decodeEntry, decodeMessage, encodeBody, type Entry, seal } from "../src/protocol/entry.ts";
import { ADJECTIVES, ANIMALS, COLOURS, face, nameOf, SHAPES } from "../src/protocol/face.ts";
import { parseInvitationAddress } from "../src/protocol/invitation.ts";
import * as json from "../src/protocol/json.ts";
import { parsePin } from "../src/protocol/pin.ts";
import { fromWords, sixWords, toWords } from "../src/protocol/words.ts";
import { readWhole } from "./definitions.ts";
import { hold, load, unhex, type Vector } from "./vectors.ts";

const KINDS: Record<string, (value: any) => cbor.Item> = { int: Number, str: String, bytes: unhex };

hold("cbor.json", {
  cbor(v) {
    const items = cbor.decode(unhex(v.data));
    assert.equal(toHex(cbor.encode(items)), v.data);
    if (v.items)
      assert.deepEqual(
        items,
        v.items.map(([kind, value]: [string, unknown]) => KINDS[kind]!(value)),
      );
    return true;
  },
});

function rewritten(entry: Entry, v: Vector): boolean {
  const body = encodeBody(entry.type, entry.payload, entry.referendum, entry.author);
  assert.equal(toHex(seal(body, entry.signature, v.data.length)), v.data);
  return !v.valid || toHex(bodyHash(entry.body)) === v.body_hash;
}

hold("entries/entries.json", {
  entry: (v) => rewritten(decodeEntry(unhex(v.data)), v),
  message: (v) => rewritten(decodeMessage(unhex(v.data)), v),
});

hold("definitions/pins.json", { pin: (v) => parsePin(utf8(v.pin)).definition.length === 32 });

const DEFINITIONS = new Map(load("definitions/definitions.json").map((v) => [v.name, v]));

/** A vector's document; where it has none, that of the one it mutates with members put in and taken out. */
function documentOf(v: Vector): Uint8Array {
  if (v.document !== null) return utf8(v.document);
  const value = JSON.parse(DEFINITIONS.get(v.mutates)!.document);
  const holder = (path: string[]): any => path.slice(0, -1).reduce((at, name) => at[name], value);
  for (const [path, member] of Object.entries(v.set)) {
    const names = path.split(".");
    holder(names)[names.at(-1)!] = member;
  }
  for (const names of v.remove.map((path: string) => path.split("."))) delete holder(names)[names.at(-1)!];
  return json.encode(value);
}

/** What is wrong where only the whole document shows it: a device reads these as if they were right. */
const OF_THE_WHOLE = [
  ...["merge-into-other-contests", "merge-in-a-circle", "regions.0.merge_into-3", "unused-contest", "unused-style"],
  ...["not-an-identifier", "with-more", "without-a-name", "with-no-region", "called-like-a-region", "twice"],
  ...["in-a-circle", "below-itself", "unknown-parent-of-one", "unknown-parent", "none"],
].map((name, at) => (at < 5 ? `definition/two-regions/${name}` : `definition/divisions/divisions-${name}`));

test("what is left to verifiers has vectors", () => {
  for (const name of OF_THE_WHOLE) assert.ok(DEFINITIONS.get(name)?.valid === false, name);
});

hold("definitions/definitions.json", {
  definition(v) {
    if (OF_THE_WHOLE.includes(v.name)) {
      assert.doesNotThrow(() => readWhole(documentOf(v)));
      return false;
    }
    const { definition, regions } = readWhole(documentOf(v));
    if (v.hash) assert.equal(toHex(definition.hash), v.hash);
    return regions.length === definition.regions.length;
  },
});

hold("cards/cards.json", {
  "card-text"(v) {
    const card = parseCardText(v.text);
    assert.equal(encodeCardText(card), v.text);
    return toHex(card.election) === v.election && card.region === v.region && toHex(card.secret) === v.secret;
  },
  "card-address"(v) {
    const card = parseCardAddress(v.text);
    return toHex(card.election) === v.election && card.region === v.region && toHex(card.secret) === v.secret;
  },
  "invitation-address"(v) {
    const { definition, registrar, region, salt, voter } = parseInvitationAddress(v.text);
    return (
      toHex(definition) === v.definition &&
      registrar === v.registrar &&
      region === v.region &&
      toHex(salt) === v.salt &&
      voter === v.voter
    );
  },
  "card-words"(v) {
    const secret = fromWords(v.words);
    assert.equal(toWords(secret), v.words);
    return toHex(secret) === v.secret;
  },
  "card-face"(v) {
    const { cells, shape, ...name } = face(unhex(v.key));
    assert.deepEqual(
      cells.map((row) => row.map((cell) => (cell ? "#" : ".")).join("")),
      v.rows,
    );
    return nameOf({ cells, shape, ...name }) === v.card_name && shape === v.shape;
  },
  "six-words": (v) => sixWords(unhex(v.hash)) === v.words,
});

test("no two cards that are drawn have one name", () => {
  let number = 0;
  const secret = () => createHash("sha256").update(String(number++)).digest().subarray(0, 16);
  const cards = drawCards(new Uint8Array(32), 0, 1_000, secret);
  assert.equal(new Set(cards.map((card) => nameOf(cardFace(card)))).size, 1_000);
  assert.ok(number > 1_000, "none had the name of another: draw more");
});

test("a card that is drawn has no name that is held", () => {
  const secrets = [1, 2].map((byte) => new Uint8Array(16).fill(byte));
  const [first, second] = secrets.map((secret) => nameOf(cardFace(makeCard(new Uint8Array(32), 0, secret))));
  const drawn = drawCards(new Uint8Array(32), 0, 1, () => secrets.shift()!, new Set([first!]));
  assert.deepEqual(drawn.map((card) => nameOf(cardFace(card))), [second]);
});

test("names, shapes and colours are those of the specification", () => {
  const page = readFileSync("../spec/cards.md", "utf8");
  const listed = (title: string) =>
    page.split(`\n${title}, from 0:\n\`\`\`\n`)[1]!.split("```")[0]!.trim().split(/\s+/);
  assert.deepEqual(listed("Adjectives"), ADJECTIVES);
  assert.deepEqual(listed("Animals"), ANIMALS);
  assert.deepEqual(
    [...page.matchAll(/^\| \d \| `(\w+)`/gm)].map(([, shape]) => shape),
    [...SHAPES],
  );
  const colours = page.match(/^\| colour \|(.*)$/m)![1]!;
  assert.deepEqual(
    [...colours.matchAll(/`(\w+)`/g)].map(([, colour]) => colour),
    [...COLOURS],
  );
});
