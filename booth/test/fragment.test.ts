// What is taken out of a page's address, and what stays (spec/cards.md#addresses).
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { lookAtAddress } from "../src/fragment.ts";

const PAGE = "https://vote.example/booth/vote.html";

const CASES: readonly (readonly [string, string | undefined, boolean, string])[] = [
  ["", undefined, false, ""],
  ["#uk", "uk", false, "#uk"],
  ["#Nothing", undefined, false, "#Nothing"],
  ["#c=ABCD", undefined, true, ""],
  ["#c=ABCD&uk", "uk", true, "#uk"],
  ["#uk&i=ABCD", "uk", true, "#uk"],
  ["#i=ABCD&zh-Hant", "zh-Hant", true, "#zh-Hant"],
  ["#c=ABCD&c=EFGH", undefined, true, ""],
  ["#c=ABCD#uk", undefined, true, ""],
  ["#c%3DABCD", undefined, true, ""],
  ["#x=secret", undefined, true, ""],
];

for (const [fragment, language, secret, rest] of CASES) {
  test(`an address with ${fragment || "nothing behind it"}`, () => {
    const found = lookAtAddress(PAGE + fragment);
    assert.equal(found.language, language);
    assert.equal(found.secret, secret ? PAGE + fragment : undefined);
    assert.equal(found.rest, PAGE + rest);
  });
}
