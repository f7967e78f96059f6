// Explanations and arguments: plain text that is the one named, or said not to be.
import { sha256 } from "@noble/hashes/sha2.js";
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { toHex, utf8 } from "../src/bytes.ts";
import { Explanations } from "../src/client/explanations.ts";
import { Site } from "../src/client/site.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { readText } from "../src/protocol/explanations.ts";

const WHY = utf8("Where ships land.\n\nAnd fish.");

test("a text is plain, and the one that is named", () => {
  assert.equal(readText(WHY, sha256(WHY)), "Where ships land.\n\nAnd fish.");
  assert.throws(() => readText(utf8("Another."), sha256(WHY)), /another SHA-256/);
  const unfit = [[], [0xff], [9], [13, 10], [0xc2, 0x85], [0x7f], new Uint8Array(65_537).fill(120)];
  for (const data of unfit.map((one) => Uint8Array.from(one)))
    assert.throws(() => readText(data, sha256(data)), { name: "FormatError" });
});

/** A server with these blobs, and what it was asked for; the definition names three. */
function served(blobs: Map<string, Uint8Array>): { explanations: Explanations; asked: string[] } {
  const asked: string[] = [];
  const http = async (url: URL): Promise<Response> => {
    const name = url.pathname.split("/").at(-1)!;
    asked.push(name);
    const found = blobs.get(name) as Uint8Array<ArrayBuffer> | undefined;
    return new Response(found ?? null, { status: found ? 200 : 404 });
  };
  const site = new Site(new URL("http://vote.example/"), http, async () => undefined);
  const named = (contest: number | undefined, text: string) => ({ contest, files: { en: sha256(utf8(text)) } });
  const texts = [named(undefined, "a"), named(0, "b"), named(1, "c")];
  return { explanations: new Explanations({ site, definition: { texts } } as unknown as Referendum), asked };
}

test("all that a ballot may show is asked for at once, and once", async () => {
  const names = ["a", "b", "c"].map((text) => toHex(sha256(utf8(text))));
  const { explanations, asked } = served(new Map(names.map((name, at) => [name, utf8("abc"[at]!)])));
  explanations.ask([undefined, 0], "en");
  assert.equal(await explanations.text(sha256(utf8("b"))), "b");
  explanations.ask([undefined, 0], "en");
  assert.deepEqual(asked, names.slice(0, 2));
});

test("a text that is missing may be there later", async () => {
  const blobs = new Map<string, Uint8Array>();
  const { explanations } = served(blobs);
  const digest = sha256(utf8("a"));
  await assert.rejects(explanations.text(digest), { name: "EvidenceMissing" });
  blobs.set(toHex(digest), utf8("b"));
  await assert.rejects(explanations.text(digest), { name: "FormatError" });
  blobs.set(toHex(digest), utf8("a"));
  assert.equal(await explanations.text(digest), "a");
});
