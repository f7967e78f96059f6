// What is kept of cards that are made, and how it is sent: through one relay with dummies, or straight to registrars.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, toHex, utf8 } from "../src/bytes.ts";
import type { Enrolments } from "../src/client/enrolments.ts";
import { decodePendings, encodePendings, type Pending, type Underway } from "../src/client/pending.ts";
import type { Referendum } from "../src/client/referendum.ts";
import { type Keep, progressOf, sendPlainly, sendSealed } from "../src/client/sending.ts";
import { Site } from "../src/client/site.ts";
import { ENTRY } from "../src/crypto/labels.ts";
import { keyPair, sign } from "../src/crypto/schnorr.ts";
import { parseAdmission } from "../src/protocol/admission.ts";
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
  ...{ region: 0, receipts: [new Uint8Array(5)], until: 7, relay: RELAYS[1]!.address, admissions: MESSAGES.map((message) => ({ message })) },
  sent: [
    {
      ...{ registrar: 2, relay: RELAYS[0]!.address, taken: true, request: KEYS[0]! },
      ...{ encapsulated: KEYS[0]!, secret: KEYS[1]!, admission: 3 },
    },
  ],
};
const IDLE: Pending = { ...PENDING, sent: [], until: 0, relay: "" };

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
  const definition = { registrars, relays: RELAYS, decoys: 4, hold: 60, hash: ELECTION, whole: { closes: [1000] } };
  const excerpts = { region: () => ({ closes: 1000 }) };
  const site = new Site(new URL("https://vote.example/"), http, async () => {});
  return { site, definition, excerpts, registrars, election: ELECTION } as unknown as Referendum;
}

test("what is kept is read again as it was, and nothing of another election", () => {
  const text = encodePendings(ELECTION, [PENDING]);
  assert.deepEqual(decodePendings(ELECTION, text), [PENDING]);
  assert.deepEqual(decodePendings(KEYS[0]!, text), []);
  assert.throws(() => decodePendings(ELECTION, text.slice(1)), { name: "FormatError" });
});

/** A log with so many batches, and what it has of a card. */
function logged(
  batches: { readonly count: number; readonly complete: boolean },
  record: (key: Uint8Array) => Uint8Array | undefined,
): Enrolments {
  const recordOf = (_: number, key: Uint8Array) => record(key);
  return { batches: () => batches, recordOf } as unknown as Enrolments;
}
const NOTHING = logged({ count: 0, complete: false }, () => undefined);

const deliver = (
  referendum: Referendum,
  pending: Pending,
  now: number,
  keep: Keep = () => undefined,
  enrolments = NOTHING,
): Promise<Pending> => sendSealed({ referendum, enrolments, keep, now, seeds }, pending);

/** Relays that take what they are given, unless `answer` says otherwise of the so-manieth of it. */
class FakeRelays {
  readonly posts: { readonly host: string; readonly registrar: number; readonly name: string }[] = [];
  readonly gets: string[] = [];
  answer: (host: string, number: number) => number | Error = () => 202;
  fetched: (name: string) => Response | Error = () => new Response(null, { status: 404 });

  readonly http: Http = async (url, init) => {
    if (init?.method !== "POST") {
      this.gets.push(url.href);
      const known = this.answer(url.host, 0);
      const got = known instanceof Error ? known : this.fetched(url.pathname.split("/").at(-1)!);
      if (got instanceof Error) throw got;
      return got;
    }
    assert.equal(new Headers(init.headers).get("Prefer"), null);
    const name = toHex(sha256(new Uint8Array(await (init.body as Blob).arrayBuffer())));
    const number = this.posts.push({ host: url.host, registrar: Number(url.pathname.split("/").at(-1)), name });
    const status = this.answer(url.host, number);
    if (status instanceof Error) throw status;
    return new Response(null, { status });
  };

  /** How many different requests each registrar has got, in order. */
  get shape(): number[] {
    return [1, 2].map((one) => new Set(this.posts.filter(({ registrar }) => registrar === one).map(({ name }) => name)).size);
  }
}

const cardsOf = ({ sent }: Pending): number[] => sent.flatMap(({ admission }) => admission ?? []).sort();

test("all requests go through one relay, as many to each registrar whatever the cards; another only if it fails", async () => {
  const relays = new FakeRelays();
  let away = "";
  relays.answer = (host) => ((away ||= host) === host ? new Error("away") : 202);
  const kept: Pending[] = [];
  const sent = await deliver(referendumOf(relays.http), IDLE, 100, (next) => kept.push(next));
  assert.deepEqual(new Set(relays.posts.map(({ host }) => host)).size, 1);
  assert.ok(relays.posts.every(({ host }) => host !== away));
  assert.deepEqual(relays.shape, [5, 5]);
  assert.equal(relays.posts.length, 10);
  assert.deepEqual(cardsOf(sent), [0, 1, 2, 3]);
  assert.ok(sent.sent.every(({ taken }) => taken));
  assert.equal(sent.until, 220); // the period ends at 1000 - 14 * 60, its window as long after
  assert.deepEqual(kept.at(-1), sent);
});

test("what a relay has taken, or may have, is given to no other, though it fails midway", async () => {
  const relays = new FakeRelays();
  let first = "";
  relays.answer = (host, number) => {
    first ||= host;
    if (host !== first || number === 0) return 202;
    return number <= 3 ? 202 : number <= 6 ? new Error("broken") : 503;
  };
  let kept = IDLE;
  const referendum = referendumOf(relays.http);
  const sent = await deliver(referendum, IDLE, 100, (next) => (kept = next));
  const given = (host: string) => new Set(relays.posts.filter((one) => one.host === host).map(({ name }) => name));
  const [one, other] = [given(first), given(relays.posts.at(-1)!.host)];
  assert.equal(one.size, 10);
  assert.equal(other.size, 4, "only what the first has refused");
  assert.equal(sent.sent.filter(({ taken }) => !taken).length, 3);
  relays.answer = () => 202;
  const all = await deliver(referendum, decodePendings(ELECTION, encodePendings(ELECTION, [kept]))[0]!, 130, (next) => (kept = next));
  assert.ok(all.sent.every(({ taken }) => taken));
  assert.deepEqual(relays.shape, [5, 5], "the same bytes again, to the same relay");
  assert.equal(relays.posts.length, 17);
});

test("what is sent again to a registrar are as many requests, in which nothing is that it has answered", async () => {
  const relays = new FakeRelays();
  const admissions = MESSAGES.map((message, at) => (at === 3 ? { message } : { message, receipt: receiptOf(message) }));
  const sent = await deliver(referendumOf(relays.http), { ...IDLE, admissions }, 100);
  assert.deepEqual(relays.shape, [0, 5]);
  assert.deepEqual(cardsOf(sent), [3]);
});

test("after the window all responses are fetched, and what is missing is made up for, be it a dummy", async () => {
  const relays = new FakeRelays();
  const referendum = referendumOf(relays.http);
  const sent = await deliver(referendum, IDLE, 100);
  relays.gets.length = 0;
  relays.fetched = () => new Response(null, { status: 202 });
  assert.deepEqual(await deliver(referendum, sent, sent.until), sent, "it waits");
  assert.equal(relays.gets.length, 10);
  relays.fetched = () => new Error("away");
  assert.deepEqual(await deliver(referendum, sent, sent.until + 59), sent);
  relays.posts.length = 0;
  relays.fetched = () => new Response(null, { status: 404 });
  await deliver(referendum, sent, sent.until);
  assert.deepEqual(relays.shape, [5, 5]);
  relays.posts.length = 0;
  const lost = { ...sent, admissions: MESSAGES.map((message) => ({ message, receipt: receiptOf(message) })) };
  const again = await deliver(referendum, lost, sent.until);
  assert.deepEqual(relays.shape, [5, 5], "a relay that loses something learns not whether it was a card");
  assert.deepEqual(cardsOf(again), []);
});

/** A registrar's response of 204, sealed as to a dummy. */
async function sealedNothing({ encapsulated, secret }: Underway): Promise<ArrayBuffer> {
  const prk = extract(sha256, secret, concat(encapsulated, new Uint8Array(32)));
  const [key, nonce] = [expand(sha256, prk, utf8("key"), 32), expand(sha256, prk, utf8("nonce"), 12)];
  const response = new Uint8Array(1024);
  response.set([1, 0x40, 204]);
  const aead = new Chacha20Poly1305().createEncryptionContext(key.slice().buffer);
  const sealed = await aead.seal(nonce.slice().buffer, response.buffer, new ArrayBuffer(0));
  return concat(new Uint8Array(32), new Uint8Array(sealed)).slice().buffer;
}

/** Through which relays all comes that is sent so often, when nothing is brought; read anew each time. */
async function relaysOf(relays: FakeRelays, pending: Pending, rounds: number): Promise<Set<string>> {
  relays.posts.length = 0;
  relays.fetched = () => new Response(null, { status: 404 });
  let next = pending;
  for (let round = 0; round < rounds; round++) {
    const read = decodePendings(ELECTION, encodePendings(ELECTION, [next]))[0]!;
    next = await deliver(referendumOf(relays.http), read, 100);
    next = { ...next, until: 0 };
  }
  return new Set(relays.posts.map(({ host }) => host));
}

test("a relay that never brings an answer is left, and one that has brought any is not, whoever is silent then", async () => {
  const relays = new FakeRelays();
  const sent = await deliver(referendumOf(relays.http), IDLE, 100);
  assert.ok((await relaysOf(relays, { ...sent, until: 0 }, 24)).size > 1);
  const dummy = sent.sent.find(({ admission }) => admission === undefined)!;
  const [name, response] = [toHex(sha256(dummy.request)), await sealedNothing(dummy)];
  relays.fetched = (one) => (one === name ? new Response(response) : new Response(null, { status: 404 }));
  const again = await deliver(referendumOf(relays.http), sent, sent.until);
  assert.equal(again.relay, dummy.relay);
  assert.deepEqual(await relaysOf(relays, { ...again, until: 0 }, 12), new Set([new URL(dummy.relay).host]));
});

test("what the log has is not sent again: dummies stand in its place", async () => {
  const relays = new FakeRelays();
  const log = logged({ count: 1, complete: false }, (key) => (key[0] === RECORDS[0]![0] ? KEYS[0] : undefined));
  const sent = await deliver(referendumOf(relays.http), IDLE, 100, () => undefined, log);
  assert.deepEqual(relays.shape, [5, 5]);
  assert.deepEqual(cardsOf(sent), [1, 3]);
});

test("after the close of the region nothing is given to a relay", async () => {
  const relays = new FakeRelays();
  const referendum = referendumOf(relays.http);
  assert.deepEqual(await deliver(referendum, IDLE, 1000, () => assert.fail()), IDLE);
  const sent = await deliver(referendum, IDLE, 999);
  assert.equal(sent.until, 1060);
  relays.posts.length = 0;
  assert.deepEqual(await deliver(referendum, sent, 1060), IDLE);
  assert.equal(relays.posts.length, 0);
});

test("what a relay makes up is no answer, and holds nobody up", async () => {
  for (const made of [new Uint8Array(1072), new Uint8Array(7)]) {
    const relays = new FakeRelays();
    relays.fetched = () => new Response(made);
    const again = await deliver(referendumOf(relays.http), PENDING, 100);
    assert.deepEqual(again.admissions, PENDING.admissions);
    assert.deepEqual(cardsOf(again), [2, 3]);
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

test("a card that some registrar had not accepted when enrolment closed was left out by nobody", () => {
  const referendum = referendumOf(assert.fail as unknown as Http);
  const admissions = MESSAGES.map((message, at) => (at === 3 ? { message } : { message, receipt: receiptOf(message, 2) }));
  const pending = { ...IDLE, admissions }; // registrar 2 gave no receipt for the second card
  const closed = { count: 2, complete: true };
  const has = (key: Uint8Array) => sha256(RECORDS.find((record) => record[0] === key[0])!);
  const accepted = parseAdmission(MESSAGES[0]!).author;
  const firstAlone = (key: Uint8Array) => (key[0] === accepted[0] ? has(key) : undefined);
  assert.throws(() => progressOf(referendum, logged(closed, firstAlone), pending), { name: "TooLate" });
  assert.throws(() => progressOf(referendum, logged(closed, () => undefined), pending), { name: "LeftOut" });
  assert.deepEqual(progressOf(referendum, logged(closed, has), pending), { cards: 2, admitted: 1, logged: 2 });
  const relayed = { ...pending, sent: PENDING.sent }; // the relay may have the receipt
  assert.equal(progressOf(referendum, logged(closed, firstAlone), relayed).logged, 1);
});
