// Asking again: as long after as the server says, within bounds.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Site } from "../src/client/site.ts";

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
