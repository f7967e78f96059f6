// Codes are read back as they were drawn, also long ones, and parts in any order make the whole again.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { Gathering, splitParts } from "../src/protocol/parts.ts";
import { drawCode, readCode } from "../src/qr.ts";

const SCALE = 4;

/** A code as a camera might see it: black and white pixels. */
function photograph(text: string): ImageData {
  const modules = drawCode(text);
  const side = SCALE * modules.length;
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = modules[Math.floor(y / SCALE)]![Math.floor(x / SCALE)];
      if (dark) data.fill(0, 4 * (side * y + x), 4 * (side * y + x) + 3);
    }
  }
  return { data, width: side, height: side, colorSpace: "srgb" };
}

const message = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (7 * at) % 256);

test("a card's code is read back", () => {
  const text = `PSEPHOS-1-${"ABCDEFGH".repeat(10)}`;
  assert.equal(readCode(photograph(text)), text);
});

test("a picture without a code has none", () => {
  const blank = new Uint8ClampedArray(4 * 100 * 100).fill(255);
  assert.equal(readCode({ data: blank, width: 100, height: 100, colorSpace: "srgb" }), undefined);
});

for (const size of [1, 195, 196, 197, 1000, 4000]) {
  test(`a message of ${size} bytes comes back in parts, in any order and repeated`, () => {
    const parts = splitParts(message(size));
    const gathering = new Gathering();
    const texts = [...parts.slice(1).reverse(), ...parts.slice(1), parts[0]!];
    const found = texts.map((text) => gathering.add(readCode(photograph(text))!));
    assert.deepEqual(found.at(-1), message(size));
    assert.ok(found.slice(0, -1).every((one) => one === undefined));
    assert.deepEqual(gathering.progress, [parts.length, parts.length]);
  });
}

test("parts of something else are refused", () => {
  const [first, second] = splitParts(message(300));
  const [other] = splitParts(message(301).reverse());
  const [single] = splitParts(message(10));
  for (const wrong of [other!, single!, second!.replace("2/2", "3/2"), first!.toLowerCase(), ""]) {
    const gathering = new Gathering();
    gathering.add(first!);
    assert.throws(() => gathering.add(wrong), { name: "FormatError" }, wrong);
  }
});
