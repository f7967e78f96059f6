// "In one of these branches all ciphertexts encrypt zero" (spec/proofs.md#zero-disjunction), after Cramer,
// Damgard and Schoenmakers 1994. Branches are the same ciphertexts, less what each branch claims they hold.
import { concat, rows } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { Ciphertext } from "./elgamal.ts";
import {
  decodePoint,
  decodeScalar,
  encodeScalar,
  GENERATOR,
  IDENTITY,
  multiply,
  multiplyPublic,
  type Point,
  reduce,
} from "./group.ts";
import type { Randomness } from "./randomness.ts";
import type { Transcript } from "./transcript.ts";

/** What each branch claims each ciphertext to hold, as zeros and ones. */
export type Claims = readonly (readonly number[])[];

/** Bytes of a proof over so many branches. */
export const proofSize = (branches: number): number => 128 * branches - 32;

/**
 * Prove that the claims of branch `truth` hold of ciphertexts with this randomness.
 *
 * The prover knows what every branch's combination encrypts, M_i, under which randomness, R. So any branch
 * can be answered by z_i = t_i + e_i*R to commitments t_i*G and t_i*H - e_i*M_i*G, where M_i = 0 in the true
 * one alone: its e_i may then be what the challenge leaves over. All branches take the same work.
 */
export function proveDisjunction(
  transcript: Transcript,
  key: Point,
  claims: Claims,
  truth: number,
  secrets: readonly bigint[],
  random: Randomness,
): Uint8Array {
  const coefficients = transcript.coefficients("combination", secrets.length);
  const combine = (values: readonly (number | bigint)[]): bigint =>
    reduce(coefficients.reduce((sum, c, j) => sum + c * BigInt(values[j]!), 0n));
  const held = combine(claims[truth]!);
  const blinds = random.scalars(claims.length);
  const parts = random.scalars(claims.length);
  const commitments = claims.map((claim, i) => {
    const rest = multiply(GENERATOR, -parts[i]! * (held - combine(claim)));
    return concat(multiply(GENERATOR, blinds[i]!).toBytes(), multiply(key, blinds[i]!).add(rest).toBytes());
  });
  const challenge = transcript.append("commitments", concat(...commitments)).challenge("challenge");
  parts[truth] = reduce(challenge - parts.reduce((sum, part, i) => (i === truth ? sum : sum + part), 0n));
  const total = combine(secrets);
  const answers = blinds.map((blind, i) => encodeScalar(blind + parts[i]! * total));
  return concat(...commitments, ...parts.slice(0, -1).map(encodeScalar), ...answers);
}

/** Whether a proof holds; FormatError when it is not of its one form. */
export function disjunctionHolds(
  transcript: Transcript,
  key: Point,
  ciphertexts: readonly Ciphertext[],
  claims: Claims,
  proof: Uint8Array,
): boolean {
  const n = claims.length;
  if (proof.length !== proofSize(n))
    throw new FormatError(`proof: ${proof.length} bytes, not ${proofSize(n)}`);
  const commitments = rows(proof.subarray(0, 64 * n), 32).map((piece) => decodePoint(piece, "proof"));
  const scalars = rows(proof.subarray(64 * n), 32).map((piece) => decodeScalar(piece, "proof"));
  const coefficients = transcript.coefficients("combination", ciphertexts.length);
  const challenge = transcript.append("commitments", proof.subarray(0, 64 * n)).challenge("challenge");
  const known = scalars.slice(0, n - 1);
  const parts = [...known, reduce(challenge - known.reduce((sum, part) => sum + part, 0n))];
  const firsts = combinePoints(
    coefficients,
    ciphertexts.map(([first]) => first),
  );
  const seconds = combinePoints(
    coefficients,
    ciphertexts.map(([, second]) => second),
  );
  return claims.every((claim, i) => {
    const answer = scalars[n - 1 + i]!;
    const offset = coefficients.reduce((sum, c, j) => sum + c * BigInt(claim[j]!), 0n);
    const second = seconds.subtract(multiplyPublic(GENERATOR, offset));
    return (
      multiplyPublic(GENERATOR, answer).equals(commitments[2 * i]!.add(multiplyPublic(firsts, parts[i]!))) &&
      multiplyPublic(key, answer).equals(commitments[2 * i + 1]!.add(multiplyPublic(second, parts[i]!)))
    );
  });
}

function combinePoints(coefficients: readonly bigint[], points: readonly Point[]): Point {
  return points.reduce((sum, point, j) => sum.add(multiplyPublic(point, coefficients[j]!)), IDENTITY);
}
