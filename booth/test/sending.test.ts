// What is kept of cards that are made, and how it is sent: through one relay with dummies, or straight to registrars.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, toHex, utf8 } from "../src/bytes.ts";
import type { Enrolments } from "../src/client/enrolments.ts";
import { decodePendings, encodePendings, type Pending } from "../src/client/pending.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { opened, progressOf, sendPlainly, sendSealed } from "../src/client/sending.ts";
import { Site } from "../src/client/site.ts";
import { ENTRY } from "../src/crypto/labels.ts";
import { keyPair, sign } from "../src/crypto/schnorr.ts";
import { bodyHash, decodeMessage, encodeBody, seal } from "../src/protocol/entry.ts";

const ELECTION = new Uint8Array(32).fill(9);
const seeds = () => crypto.getRandomValues(new Uint8Array(32));
const SECRETS = [1, 2].map((number) => new Uint8Array(32).fill(number));
const KEYS = SECRETS.map((secret) => ed25519.getPublicKey(secret));
const PAIRS = [5n, 6n].map((secret) => keyPair(secret));
const RECORDS = PAIRS.map(({ key }) => concat(key, new Uint8Array(352)));
const RELAYS = [1, 2, 3].map((number) => ({ name: `${number}`, address: `https://relay-${number}.example/r` }));

const admission = (registrar: number, at: number): Uint8Array => {
  const payload = { region: 0, registrar, record: RECORDS[at]!, token: new Uint8Array(96), proof: new Uint8Array(288) };
  const body = encodeBody("admission", payload, ELECTION, PAIRS[at]!.key);
  return seal(body, sign("admission", PAIRS[at]!, bodyHash(body), seeds()));
};
const MESSAGES = [1, 2].flatMap((registrar) => RECORDS.map((_, at) => admission(registrar, at)));
const PENDING: Pending = {
  ...{ region: 0, receipts: [new Uint8Array(5)], until: 7, admissions: MESSAGES.map((message) => ({ message })) },
  sent: [{ registrar: 2, location: "https://r/1", encapsulated: KEYS[0]!, secret: KEYS[1]!, admission: 3 }],
};

function receiptOf(message: Uint8Array, batch = 1): Uint8Array {
  const { payload, author } = decodeMessage(message) as any;
  const said = { region: 0, card: author, record: sha256(payload.record), batch };
  const at = payload.registrar - 1;
  const body = encodeBody("card-receipt", said, ELECTION, KEYS[at]!);
  return seal(body, ed25519.sign(concat(utf8(ENTRY), body), SECRETS[at]!));
}

function refusalOf(message: Uint8Array, request = bodyHash(decodeMessage(message).body)): Uint8Array {
  const { payload } = decodeMessage(message) as any;
  const said = { request, reason: "refused", detail: "", evidence: new Uint8Array() };
  const at = payload.registrar - 1;
  const refusal = encodeBody("refusal", said, ELECTION, KEYS[at]!);
  return seal(refusal, ed25519.sign(concat(utf8(ENTRY), refusal), SECRETS[at]!));
}

type Http = (url: URL, init?: RequestInit) => Promise<Response>;

/** A referendum of two registrars and three relays whose HTTP is this. */
function referendumOf(http: Http): Referendum {
  const registrars = KEYS.map((key, at) => ({
    ...{ number: at + 1, name: `Register ${at + 1}`, key, address: `https://registrar-${at + 1}.example` },
    ...{ hpkeKey: x25519.getPublicKey(new Uint8Array(32).fill(7)), regions: [] },
  }));
  const definition = { registrars, relays: RELAYS, decoys: 4, hold: 60, hash: ELECTION, regions: [{ closes: 1000 }] };
  const site = new Site(new URL("https://vote.example/"), http, async () => {});
  return { site, definition, registrars, election: ELECTION } as unknown as Referendum;
}

test("what is kept is read again as it was, and nothing of another election", () => {
  const text = encodePendings(ELECTION, [PENDING]);
  assert.deepEqual(decodePendings(ELECTION, text), [PENDING]);
  assert.deepEqual(decodePendings(KEYS[0]!, text), []);
  assert.throws(() => decodePendings(ELECTION, text.slice(1)), { name: "FormatError" });
});

test("all requests go through one relay, as many to each registrar whatever the cards; another only if it fails", async () => {
  const asked: string[] = [];
  const away = new Set<string>();
  const http: Http = async (url, init) => {
    asked.push(url.href);
    assert.equal(new Headers(init!.headers).get("Prefer"), "respond-async");
    if (!away.size) away.add(url.host);
    if (away.has(url.host)) return new Response(null, { status: 503 });
    return new Response(null, { status: 202, headers: { Location: `../held/${asked.length}` } });
  };
  const kept: Pending[] = [];
  const sent = await sendSealed(referendumOf(http), PENDING, (next) => kept.push(next), 100, seeds);
  const hosts = asked.map((href) => new URL(href).host);
  assert.equal(new Set(hosts).size, 2);
  const taken = asked.filter((href) => !away.has(new URL(href).host));
  for (const registrar of [1, 2])
    assert.equal(taken.filter((href) => href.endsWith(`${toHex(ELECTION)}/${registrar}`)).length, 5);
  assert.equal(taken.length, 10);
  assert.deepEqual(
    sent.sent.flatMap(({ admission }) => admission ?? []).sort(),
    [0, 1, 2, 3],
  );
  assert.ok(sent.sent.every(({ location }) => /^https:\/\/relay-\d\.example\/r\/held\/\d+$/.test(location)));
  assert.equal(sent.until, 160); // the end of the period: 1000 - 14 * 60
  assert.deepEqual(kept.at(-1), sent);
});

test("what is sent again to a registrar are as many requests, in which nothing is that it has answered", async () => {
  const asked: string[] = [];
  const http: Http = async (url) => {
    asked.push(url.href);
    return new Response(null, { status: 202, headers: { Location: `../held/${asked.length}` } });
  };
  const admissions = MESSAGES.map((message, at) => (at === 3 ? { message } : { message, receipt: receiptOf(message) }));
  const sent = await sendSealed(referendumOf(http), { ...PENDING, admissions }, () => undefined, 100, seeds);
  assert.deepEqual(asked.map((href) => href.endsWith(`${toHex(ELECTION)}/2`)), Array(5).fill(true));
  assert.deepEqual(sent.sent.flatMap(({ admission }) => admission ?? []), [3]);
});

test("what a relay makes up is no answer, and holds nobody up", async () => {
  for (const made of [new Uint8Array(1072), new Uint8Array(7)]) {
    const http: Http = async () => new Response(made);
    assert.deepEqual(await opened(referendumOf(http), PENDING, () => assert.fail()), PENDING);
  }
});

test("only what has no answer is sent plainly, and each answer is kept at once, refusals too", async () => {
  const asked: string[] = [];
  const http: Http = async (url, init) => {
    const number = asked.push(url.host);
    const message = new Uint8Array(await (init!.body as Blob).arrayBuffer());
    if (number === 1) throw new Error("the first answer is lost");
    const answer = number === 2 ? refusalOf(message) : receiptOf(message);
    return new Response(answer as Uint8Array<ArrayBuffer>);
  };
  let kept = PENDING;
  const keep = (next: Pending) => (kept = next);
  await assert.rejects(sendPlainly(referendumOf(http), PENDING, keep), { name: "OfRegistrar" });
  assert.equal(kept.admissions.filter(({ receipt }) => receipt).length, 2);
  assert.equal(kept.admissions.filter(({ refusal }) => refusal).length, 1);
  await sendPlainly(referendumOf(http), kept, keep);
  assert.equal(asked.length, 5);
  assert.equal(kept.admissions.filter(({ receipt }) => receipt).length, 3);
});

test("an answer of another registrar, or about another card, is no receipt", async () => {
  for (const wrong of [1, 2]) {
    const http: Http = async () => new Response(receiptOf(MESSAGES[wrong]!) as Uint8Array<ArrayBuffer>);
    const one = { ...PENDING, admissions: [{ message: MESSAGES[0]! }] };
    await assert.rejects(sendPlainly(referendumOf(http), one, () => assert.fail()), ({ cause }: Error) => {
      return (cause as Error).name === "VerificationError";
    });
  }
});

test("a refusal names the bytes whose signature does not hold, and the body of others", async () => {
  const whole = MESSAGES[0]!;
  const spoilt = whole.map((byte, at) => (at === whole.length - 1 ? byte ^ 1 : byte));
  const said = async (message: Uint8Array, request: Uint8Array): Promise<boolean> => {
    const http: Http = async () => new Response(refusalOf(message, request) as Uint8Array<ArrayBuffer>);
    let refused = false;
    const keep = ({ admissions }: Pending) => (refused = admissions[0]!.refusal !== undefined);
    await sendPlainly(referendumOf(http), { ...PENDING, admissions: [{ message }] }, keep).catch(() => undefined);
    return refused;
  };
  const body = bodyHash(decodeMessage(whole).body);
  assert.ok(await said(whole, body));
  assert.ok(await said(spoilt, sha256(spoilt)));
  assert.ok(!(await said(whole, sha256(whole))));
  assert.ok(!(await said(spoilt, body)));
});

/** A log with so many batches, and what it has of a card. */
function logged(
  batches: { readonly count: number; readonly complete: boolean },
  record: (key: Uint8Array) => Uint8Array | undefined,
): Enrolments {
  const recordOf = (_: number, key: Uint8Array) => record(key);
  return { batches: () => batches, recordOf } as unknown as Enrolments;
}

test("a card that a batch should hold and does not, or holds otherwise, is left out", () => {
  const referendum = referendumOf(assert.fail as unknown as Http);
  const admissions = MESSAGES.map((message) => ({ message, receipt: receiptOf(message, 2) }));
  const pending = { ...PENDING, admissions };
  const told = (count: number, complete: boolean, record: (key: Uint8Array) => Uint8Array | undefined) =>
    progressOf(referendum, logged({ count, complete }, record), pending);
  const right = (key: Uint8Array) => sha256(RECORDS.find((record) => record[0] === key[0])!);
  assert.deepEqual(told(2, false, () => undefined), { cards: 2, admitted: 2, logged: 0 });
  assert.deepEqual(told(3, false, right), { cards: 2, admitted: 2, logged: 2 });
  assert.throws(() => told(3, false, () => undefined), { name: "LeftOut" });
  assert.throws(() => told(1, true, () => undefined), { name: "LeftOut" });
  assert.throws(() => told(3, false, () => KEYS[0]), { name: "LeftOut" });
  const waiting = { ...pending, admissions: MESSAGES.map((message) => ({ message })) };
  const some = logged({ count: 9, complete: false }, () => undefined);
  assert.deepEqual(progressOf(referendum, some, waiting), { cards: 2, admitted: 0, logged: 0 });
});
