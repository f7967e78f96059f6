// Admissions: those of the vectors, judged as a registrar does, and those that the booth makes.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { rows, toHex } from "../src/bytes.ts";
import { type Admission, admissionStatement, type Admitting, proveAdmission } from "../src/crypto/admission.ts";
import { deriveCard, makeRecord, RECORD } from "../src/crypto/card.ts";
import {
  decodeKey,
  decodePoint,
  decodeScalar,
  GENERATOR,
  multiply,
  type Point,
} from "../src/crypto/group.ts";
import { cardElement } from "../src/crypto/token.ts";
import { hold, unhex } from "./vectors.ts";

/** A registrar of one region, with its secrets v and d. */
class Registrar {
  readonly where: Admitting;
  readonly #v: bigint;
  readonly #d: bigint;

  constructor(election: Uint8Array, region: number, registrar: number, [v, d]: [bigint, bigint]) {
    const [voterKey, decoyKey] = [v, d].map((secret) => multiply(GENERATOR, secret).toBytes());
    this.where = { election, region, registrar, voterKey: voterKey!, decoyKey: decoyKey! };
    [this.#v, this.#d] = [v, d];
  }

  token(card: Uint8Array, kind: number): Point {
    return multiply(cardElement(this.where.election, this.where.region, card), kind ? this.#v : this.#d);
  }

  admits(jointKey: Uint8Array, record: Uint8Array, { shown, proof }: Admission): boolean {
    assert.deepEqual([record.length, shown.length, proof.length], [RECORD, 96, 288]);
    const { election, region } = this.where;
    const [f, e0, e1] = rows(shown, 32).map((row) => decodePoint(row, "shown"));
    const [c0, c1] = rows(record.subarray(32, 96), 32).map((row) => decodePoint(row, "record"));
    const a = rows(proof.subarray(0, 160), 32).map((row) => decodePoint(row, "proof"));
    const [w, z, r, rho] = rows(proof.subarray(160), 32).map((row) => decodeScalar(row, "proof"));
    const key = decodeKey(jointKey, "key");
    const element = cardElement(election, region, record.subarray(0, 32));
    const difference = this.#v - this.#d;
    const q = multiply(element, this.#d).add(multiply(f!, difference)).subtract(e1!);
    const points = [element, f!, q].map((point) => point.toBytes());
    const transcript = admissionStatement(this.where, jointKey, record, shown, points);
    const e = transcript.append("commitments", proof.subarray(0, 160)).challenge("challenge");
    const equations: [Point, Point][] = [
      [multiply(element, w!).add(multiply(GENERATOR, z!)), f!],
      [multiply(GENERATOR, r!), c0!],
      [multiply(GENERATOR, w!).add(multiply(key, r!)), c1!],
      [multiply(GENERATOR, rho!), e0!],
      [multiply(GENERATOR, difference * z!).subtract(multiply(key, rho!)), q],
    ];
    return equations.every(([left, right], at) => left.equals(a[at]!.add(multiply(right, e))));
  }
}

hold("token.json", {
  admission(v) {
    const secrets = v.secrets.map((secret: string) => decodeScalar(unhex(secret), "secret"));
    const registrar = new Registrar(unhex(v.election), v.place[0], v.place[1], secrets);
    const admission = { shown: unhex(v.token), proof: unhex(v.proof) };
    return registrar.admits(unhex(v.key), unhex(v.record), admission);
  },
});

const ELECTION = new Uint8Array(32).fill(9);
const SEED = new Uint8Array(32).fill(5);
const JOINT = multiply(GENERATOR, 77n).toBytes();
const REGISTRARS = [1, 2].map((number) => new Registrar(ELECTION, 5, number, [1000n + BigInt(number), 23n]));

function card(weight: number) {
  const pair = deriveCard(ELECTION, 5, new Uint8Array(16).fill(weight + 1));
  return makeRecord(ELECTION, 5, JOINT, pair, weight, SEED);
}

test("the booth's admissions are admitted by the registrar they are for, and by no other", () => {
  for (const weight of [0, 1]) {
    const made = card(weight);
    const [first, second] = REGISTRARS as [Registrar, Registrar];
    const token = first.token(made.record.subarray(0, 32), weight);
    const admission = proveAdmission(first.where, JOINT, made, weight, token, SEED);
    assert.ok(first.admits(JOINT, made.record, admission));
    assert.ok(!second.admits(JOINT, made.record, admission));
    const wrong = first.token(made.record.subarray(0, 32), 1 - weight);
    assert.ok(!first.admits(JOINT, made.record, proveAdmission(first.where, JOINT, made, weight, wrong, SEED)));
  }
});

test("no point of a proof and no answer comes twice, though the seed does", () => {
  const pieces = REGISTRARS.flatMap((registrar) =>
    [0, 1].flatMap((weight) => {
      const made = card(weight);
      const token = registrar.token(made.record.subarray(0, 32), weight);
      const { shown, proof } = proveAdmission(registrar.where, JOINT, made, weight, token, SEED);
      return [...rows(shown, 32), ...rows(proof, 32)].map(toHex);
    }),
  );
  assert.equal(new Set(pieces).size, pieces.length);
});
