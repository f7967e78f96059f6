// Blind tokens: mode VOPRF of RFC 9497, suite ristretto255-SHA512 (spec/proofs.md#tokens).
import { ristretto255_oprf } from "@noble/curves/ed25519.js";

import { rows } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { decodeKey, decodeScalar, encodeScalar } from "./group.ts";
import type { Randomness } from "./randomness.ts";

const { voprf } = ristretto255_oprf;

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

/**
 * The outputs, 64 bytes each, of inputs evaluated together under a public key with one proof.
 *
 * FormatError for points or scalars of another form; VerificationError `token` when the proof does not hold.
 */
export function finalize(
  public_: Uint8Array,
  blinded: readonly Blinded[],
  evaluated: readonly Uint8Array[],
  proof: Uint8Array,
): Uint8Array[] {
  if (blinded.length !== evaluated.length) throw new FormatError("token: not an evaluation for each input");
  decodeKey(public_, "token key");
  for (const element of evaluated) decodeKey(element, "token evaluation");
  for (const piece of rows(proof, 32, "token proof")) decodeScalar(piece, "token proof");
  if (proof.length !== 64) throw new FormatError(`token proof: ${proof.length} bytes, not 64`);
  const items = blinded.map((one, at) => ({
    input: one.input,
    blind: encodeScalar(one.blind),
    evaluated: evaluated[at]!,
    blinded: one.element,
  }));
  try {
    return voprf.finalizeBatch(items, public_, proof);
  } catch {
    throw new VerificationError("token", "registrar", "the proof of the token's evaluation does not hold");
  }
}
