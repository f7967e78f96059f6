// Sealed messages against the vectors: those of the device are exactly these, and it opens no other responses.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";

import { x25519 } from "@noble/curves/ed25519.js";

import { toHex } from "../src/bytes.ts";
import { openResponse, sealMessage } from "../src/protocol/sealed.ts";
import { load, unhex, type Vector } from "./vectors.ts";

const VECTORS = load("sealed/sealed.json");
const of = (kind: string): Vector[] => VECTORS.filter((vector) => vector.kind === kind);
const cut = (opener: string) => ({ encapsulated: unhex(opener).slice(0, 32), secret: unhex(opener).slice(32) });

async function ephemeralOf(hex: string): Promise<CryptoKeyPair> {
  const kem = new DhkemX25519HkdfSha256();
  const raw = (data: Uint8Array) => data.slice().buffer as ArrayBuffer;
  const privateKey = await kem.importKey("raw", raw(unhex(hex)), false);
  return { privateKey, publicKey: await kem.importKey("raw", raw(x25519.getPublicKey(unhex(hex))), true) };
}

for (const v of of("sealed-request").filter(({ valid }) => valid)) {
  test(v.name, async () => {
    const to = { number: v.registrar, hpkeKey: unhex(v.public), address: v.address };
    const { request, opener } = await sealMessage(to, unhex(v.content), await ephemeralOf(v.ephemeral));
    assert.equal(toHex(request), v.sealed);
    assert.equal(toHex(opener.encapsulated) + toHex(opener.secret), v.opener);
  });
}

for (const v of of("sealed-response")) {
  test(v.name, async () => {
    const opening = openResponse(cut(v.opener), unhex(v.sealed));
    if (v.valid) assert.equal(toHex(await opening), v.content);
    else await assert.rejects(opening, ({ name }: Error) => ["FormatError", "VerificationError"].includes(name));
  });
}

test("requests of one length, whatever they hold, and no two alike", async () => {
  const [first] = of("sealed-request").filter(({ valid }) => valid);
  const to = { number: 1, hpkeKey: unhex(first!.public), address: "https://registrar.example" };
  const made = await Promise.all([0, 900, 900].map((size) => sealMessage(to, new Uint8Array(size))));
  assert.deepEqual(new Set(made.map(({ request }) => request.length)), new Set([7 + 32 + 1536 + 16]));
  assert.equal(new Set(made.map(({ request }) => toHex(request))).size, 3);
});
