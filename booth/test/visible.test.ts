// The rule that src/psephos/visible.py has too: tests/booth/test_visible.py holds the two against each other.
import assert from "node:assert/strict";
import { test } from "node:test";

import { said } from "../src/pages/language.ts";
import { visible } from "../src/visible.ts";

test("characters that do not show, or turn writing around, are shown by their numbers", () => {
  assert.equal(visible("Yes\u202eoN\u202c"), "YesU+202EoNU+202C");
  assert.equal(visible("a\u200bb\u00adc\u3164\u{e0041}"), "aU+200BbU+00ADcU+3164U+E0041");
  assert.equal(visible("a\u200db"), "aU+200Db");
});

test("what shows, and joiners of scripts that need them, stay", () => {
  for (const text of ["Гавань?", "prix\u00a0: 5\u202f€", "می\u200cخواهم", "क्\u200dष", "one\ntwo", "👩\u200d⚖️"])
    assert.equal(visible(text), text);
});

test("texts of a definition are shown so", () => {
  assert.equal(said({ en: "No\u202e" }, "en").text, "NoU+202E");
});
