// Blind tokens: mode VOPRF of RFC 9497, suite ristretto255-SHA512, with a proof of our own (spec/proofs.md#tokens).
import { ristretto255, ristretto255_hasher, ristretto255_oprf } from "@noble/curves/ed25519.js";

import { concat, rows, u16, u8 } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import {
  decodeKey,
  decodePoint,
  decodeScalar,
  encodeScalar,
  GENERATOR,
  IDENTITY,
  multiply,
  multiplyPublic,
  type Point,
} from "./group.ts";
import type { Randomness } from "./randomness.ts";
import { digest, Transcript } from "./transcript.ts";

const { oprf, voprf } = ristretto255_oprf;
const PROOF = 96;
const HASH_TO_GROUP = "HashToGroup-OPRFV1-\x01-ristretto255-SHA512";

/** An input that was blinded: the element goes to the registrar, the blind stays. */
export interface Blinded {
  readonly input: Uint8Array;
  readonly blind: bigint;
  readonly element: Uint8Array;
}

/** Blind an input of 32 bytes. */
export function blind(input: Uint8Array, random: Randomness): Blinded {
  const made = voprf.blind(input, (size = 32) => random.bytes(size));
  return { input, blind: decodeScalar(made.blind, "blind"), element: made.blinded };
}

/** One kind of tokens of one registrar (from 1) in one region. */
export interface TokenPlace {
  readonly region: number;
  readonly registrar: number;
  readonly kind: number;
}

/** Elements that were evaluated together under a public key, and the one proof for all. */
export interface Evaluation {
  readonly place: TokenPlace;
  readonly public_: Uint8Array;
  readonly blinded: readonly Blinded[];
  readonly evaluated: readonly Uint8Array[];
  readonly proof: Uint8Array;
}

/**
 * FormatError for points or scalars of another form; VerificationError `token` when the proof does not hold. Nothing of
 * an evaluation is used before it is checked.
 */
export function checkEvaluation(election: Uint8Array, made: Evaluation): void {
  const { place, proof } = made;
  if (!made.blinded.length || made.blinded.length !== made.evaluated.length) {
    throw new FormatError("token: not an evaluation for each input");
  }
  if (proof.length !== PROOF) throw new FormatError(`token proof: ${proof.length} bytes, not ${PROOF}`);
  const elements = made.blinded.map(({ element }) => element);
  const key = decodeKey(made.public_, "token key");
  const inputs = elements.map((element) => decodeKey(element, "blinded element"));
  const shares = made.evaluated.map((element) => decodeKey(element, "token evaluation"));
  const [p, q] = rows(proof.subarray(0, 64), 32, "token proof").map((row) => decodePoint(row, "token proof"));
  const z = decodeScalar(proof.subarray(64), "token proof");
  const transcript = new Transcript("token").append("election", election);
  transcript.append("position", concat(u16(place.region), u8(place.registrar), u8(place.kind)));
  transcript.append("public", made.public_).append("inputs", concat(...elements));
  const coefficients = transcript.append("shares", concat(...made.evaluated)).coefficients("combination", inputs.length);
  const e = transcript.append("commitments", proof.subarray(0, 64)).challenge("challenge");
  const combine = (points: Point[]): Point =>
    points.reduce((sum, point, row) => sum.add(multiplyPublic(point, coefficients[row]!)), IDENTITY);
  const holds =
    multiplyPublic(GENERATOR, z).equals(p!.add(multiplyPublic(key, e))) &&
    multiplyPublic(combine(inputs), z).equals(q!.add(multiplyPublic(combine(shares), e)));
  if (!holds) {
    throw new VerificationError("token", "registrar", "the proof of the token's evaluation does not hold");
  }
}

/** The input of a card's tokens, the same for all registrars. */
export function cardInput(election: Uint8Array, region: number, card: Uint8Array): Uint8Array {
  return digest("token", ["election", election], ["region", u16(region)], ["card", card]);
}

/** The point T of which a card's tokens are multiples: HashToGroup of RFC 9497. */
export function cardElement(election: Uint8Array, region: number, card: Uint8Array): Point {
  return ristretto255_hasher.hashToCurve(cardInput(election, region, card), { DST: HASH_TO_GROUP });
}

/** The token, a point, of an input whose evaluation was checked. */
export function unblindPoint(blinded: Blinded, evaluated: Uint8Array): Point {
  return multiply(decodeKey(evaluated, "token evaluation"), ristretto255.Point.Fn.inv(blinded.blind));
}

/** The output, 64 bytes, of an input whose evaluation was checked. */
export function unblind(blinded: Blinded, evaluated: Uint8Array): Uint8Array {
  // What RFC 9497 makes of the element is the same in both modes; only the other one leaves its proof to us.
  return oprf.finalize(blinded.input, encodeScalar(blinded.blind), evaluated);
}
