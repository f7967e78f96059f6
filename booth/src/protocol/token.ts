// Tokens: eligibility, proven once, and spent by nobody in particular (spec/messages.md#token).
import { concat, equal, rows, u16 } from "../bytes.ts";
import { rollHash } from "../crypto/election.ts";
import { Randomness } from "../crypto/randomness.ts";
import { type KeyPair, keyPair } from "../crypto/schnorr.ts";
import { type Blinded, blind, checkEvaluation, type TokenPlace, unblind } from "../crypto/token.ts";
import { FormatError, VerificationError } from "../errors.ts";
import type { Definition, Region } from "./definition.ts";
import { encodeBody, NOBODY, seal, UNSIGNED } from "./entry.ts";
import type { Invitation } from "./invitation.ts";
import { identity, readAnswer } from "./message.ts";

export const MOST_DECOYS = 8;
/** The number of the registrar: there is one. */
const REGISTRAR = 1;
export type Kind = "voter" | "decoy";

/** The key pair of a token: its public half is what the registrar evaluates without seeing it. */
export interface TokenKey {
  readonly region: number;
  readonly kind: Kind;
  readonly pair: KeyPair;
}

/** The right to enrol one group: a key, and the registrar's 64 bytes on its public half. */
export interface Token extends TokenKey {
  readonly output: Uint8Array;
}

/** Tokens that are asked for: one voter token, then decoy tokens. `message` goes to the registrar. */
export interface TokenRequest {
  readonly message: Uint8Array;
  readonly region: Region;
  readonly hash: Uint8Array;
  readonly keys: readonly TokenKey[];
  readonly blinded: readonly Blinded[];
}

/** Keys for a voter token and so many decoy tokens; `seed` is 32 random bytes. */
export function drawKeys(
  definition: Definition,
  region: number,
  decoys: number,
  seed: Uint8Array,
): TokenKey[] {
  if (decoys < 0 || decoys > (definition.cards > 1 ? MOST_DECOYS : 0))
    throw new FormatError("too many decoy tokens");
  const random = new Randomness(seed, "token keys", 0n, definition.hash, u16(region));
  return random
    .scalars(1 + decoys)
    .map((secret, at) => ({ region, kind: at ? "decoy" : "voter", pair: keyPair(secret) }));
}

/** A request with an invitation for tokens on these keys; `seed` is 32 random bytes. */
export function askTokens(
  definition: Definition,
  election: Uint8Array,
  { region: id, salt, voter }: Invitation,
  keys: readonly TokenKey[],
  seed: Uint8Array,
): TokenRequest {
  const region = definition.regions.find((one) => one.id === id);
  if (!region || keys.some((key) => key.region !== region.index)) {
    throw new FormatError("invitation: of another region, or of one that is not in this referendum");
  }
  const random = new Randomness(seed, "token blinds", keys[0]!.pair.secret, definition.hash);
  const blinded = keys.map(({ pair }) => blind(pair.key, random));
  const [first, ...others] = blinded.map(({ element }) => element);
  const payload = { region: region.index, voter, salt, voter_blinded: first!, decoys: concat(...others) };
  const message = seal(encodeBody("token-request", payload, election, NOBODY), UNSIGNED);
  return { message, region, hash: rollHash(definition.hash, region.index, salt, voter), keys, blinded };
}

/**
 * The tokens that the registrar's response makes, the voter's first; Refused for its signed refusal.
 *
 * VerificationError when the response is not the registrar's, does not fit, or its proof does not hold.
 */
export function finishTokens(
  definition: Definition,
  election: Uint8Array,
  request: TokenRequest,
  response: Uint8Array,
): Token[] {
  const { key } = definition.registrar;
  const answer = readAnswer(response, "token-response", election, key, identity(request.message));
  const decoys = rows(answer.decoys, 32, "decoys");
  const { region } = request;
  const fits = answer.region === region.index && equal(answer.hash, request.hash);
  if (!fits || decoys.length !== request.keys.length - 1) {
    throw new VerificationError("token", "registrar", "the response is to another request");
  }
  const place = (kind: number): TokenPlace => ({ region: region.index, registrar: REGISTRAR, kind });
  const [first, ...others] = request.blinded;
  const evaluated = [answer.voter_evaluated, ...decoys];
  checkEvaluation(election, {
    place: place(1),
    public_: region.voterKey,
    blinded: [first!],
    evaluated: [answer.voter_evaluated],
    proof: answer.voter_proof,
  });
  if (decoys.length) {
    const made = { blinded: others, evaluated: decoys, proof: answer.decoy_proof };
    checkEvaluation(election, { place: place(0), public_: region.decoyKey!, ...made });
  }
  return request.keys.map((key, at) => ({ ...key, output: unblind(request.blinded[at]!, evaluated[at]!) }));
}
