// Asking again: as long after as the server says, within bounds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Site } from "../src/client/site.ts";
import { leafHash, rootOf } from "../src/log/merkle.ts";
import { Tree } from "../src/log/tree.ts";

test("whoever is sent away comes back when the server says, and not later than in a minute", async () => {
  const said = [null, "1", "7", "100000", "soon", "-3"];
  const pauses: number[] = [];
  const http = () => {
    const seconds = said.shift();
    if (seconds === undefined) return Promise.resolve(new Response("answer"));
    const headers = seconds === null ? {} : { "Retry-After": seconds };
    return Promise.resolve(new Response("", { status: 503, headers }));
  };
  const pause = (seconds: number) => {
    pauses.push(seconds);
    return Promise.resolve();
  };
  const site = new Site(new URL("https://vote.example/"), http, pause);
  const answer = await site.ask("board", new Uint8Array([1]));
  assert.equal(new TextDecoder().decode(answer), "answer");
  assert.deepEqual(pauses, [2, 2, 7, 60, 2, 2]);
});

const LEAVES = [1, 2, 3].map((number) => leafHash(Uint8Array.of(number)));

/** The paths that a device asks for where the partial tile is answered like this. */
async function askedWhen(answer: () => Response | Error): Promise<string[]> {
  const asked: string[] = [];
  const http = (url: URL) => {
    asked.push(url.pathname);
    const said = url.pathname.includes(".p/") ? answer() : new Response(null, { status: 404 });
    return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
  };
  const site = new Site(new URL("https://vote.example/"), http, () => Promise.resolve());
  const checkpoint = { origin: "test", size: 3n, root: rootOf(LEAVES) };
  await assert.rejects(Tree.open(checkpoint, site.log), { name: "EvidenceMissing" });
  return asked;
}

test("the full tile is asked for where the server has no partial one, and not where it gave no answer", async () => {
  const partial = "/log/tile/0/000.p/3";
  const cut = () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error("cut")) }));
  for (const none of [() => new TypeError("no network"), () => new Response(null, { status: 503 }), cut])
    assert.deepEqual(await askedWhen(none), [partial]);
  assert.deepEqual(await askedWhen(() => new Response(null, { status: 404 })), [partial, "/log/tile/0/000"]);
});
