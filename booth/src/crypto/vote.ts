// One contest's vote: a ciphertext for each option, and the proof that they hold an allowed pattern
// (spec/proofs.md#ballot).
import { concat, rows, u8, u16 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { opens } from "./card.ts";
import { type Claims, disjunctionHolds, proofSize, proveDisjunction } from "./disjunction.ts";
import { CIPHERTEXT, decodeCiphertext, encodeCiphertext, encrypt } from "./elgamal.ts";
import { decodeJointKey, encodeScalar } from "./group.ts";
import { Randomness } from "./randomness.ts";
import { Transcript } from "./transcript.ts";

/** A contest as ballots know it: its position in the definition, number of options, blank allowed (0 or 1). */
export interface Shape {
  readonly contest: number;
  readonly options: number;
  readonly blank: number;
}

/** Where a vote stands: nothing of it can be used elsewhere. */
export interface Place {
  readonly election: Uint8Array;
  readonly jointKey: Uint8Array;
  readonly region: number;
  readonly day: number;
  readonly serial: number;
  readonly card: Uint8Array;
}

/** The position of an option, or null for a blank vote. */
export type Choice = number | null;

export const voteSize = ({ options, blank }: Shape): number =>
  CIPHERTEXT * options + proofSize(options + blank);

/** A vote's bytes, and 32 bytes of randomness for each of its ciphertexts. */
export interface Vote {
  readonly vote: Uint8Array;
  readonly randomness: Uint8Array;
}

/** Encrypt a choice. `secret` is the card's scalar, `seed` 32 random bytes. */
export function encryptVote(
  place: Place,
  shape: Shape,
  choice: Choice,
  secret: bigint,
  seed: Uint8Array,
): Vote {
  const claims = patterns(shape);
  const truth = choice ?? shape.options;
  const pattern = claims[truth];
  if (!pattern) throw new FormatError(`contest ${shape.contest} has no such choice`);
  const key = decodeJointKey(place.jointKey);
  const where = concat(u16(place.region), u16(place.day), u8(place.serial), u16(shape.contest));
  const random = new Randomness(
    seed,
    "vote",
    secret,
    place.election,
    place.jointKey,
    place.card,
    where,
    u16(truth),
  );
  const secrets = random.scalars(shape.options);
  const ciphertexts = concat(...secrets.map((r, j) => encodeCiphertext(encrypt(key, pattern[j]!, r))));
  const proof = proveDisjunction(statement(place, shape, ciphertexts), key, claims, truth, secrets, random);
  return { vote: concat(ciphertexts, proof), randomness: concat(...secrets.map(encodeScalar)) };
}

/** Whether a vote's proof holds; FormatError when it is not of its one form. */
export function voteHolds(place: Place, shape: Shape, vote: Uint8Array): boolean {
  if (vote.length !== voteSize(shape))
    throw new FormatError(`vote: ${vote.length} bytes, not ${voteSize(shape)}`);
  const [encrypted, proof] = parts(shape, vote);
  const ciphertexts = rows(encrypted, CIPHERTEXT).map((row) => decodeCiphertext(row, "vote"));
  const key = decodeJointKey(place.jointKey);
  return disjunctionHolds(statement(place, shape, encrypted), key, ciphertexts, patterns(shape), proof);
}

/** Whether a vote's ciphertexts hold exactly this choice with this randomness (spec/messages.md#opening). */
export function voteOpens(
  jointKey: Uint8Array,
  shape: Shape,
  vote: Uint8Array,
  choice: Choice,
  randomness: Uint8Array,
): boolean {
  const pattern = patterns(shape)[choice ?? shape.options];
  if (!pattern) throw new FormatError(`contest ${shape.contest} has no such choice`);
  const secrets = rows(randomness, 32, "randomness");
  return rows(parts(shape, vote)[0], CIPHERTEXT).every((row, j) =>
    opens(jointKey, decodeCiphertext(row, "vote"), pattern[j]!, secrets[j]!),
  );
}

/** For each option the pattern that has it alone; last, where blank is allowed, that of none. */
function patterns({ options, blank }: Shape): Claims {
  return Array.from({ length: options + blank }, (_, a) =>
    Array.from({ length: options }, (_, j) => (j === a ? 1 : 0)),
  );
}

function parts({ options }: Shape, vote: Uint8Array): [Uint8Array, Uint8Array] {
  return [vote.subarray(0, CIPHERTEXT * options), vote.subarray(CIPHERTEXT * options)];
}

function statement(place: Place, shape: Shape, ciphertexts: Uint8Array): Transcript {
  const where = concat(u16(place.region), u16(place.day), u8(place.serial), u16(shape.contest));
  const transcript = new Transcript("ballot-contest")
    .append("election", place.election)
    .append("position", where);
  transcript.append("card", place.card).append("key", place.jointKey);
  transcript.append("patterns", concat(u16(shape.options), u8(shape.blank)));
  return transcript.append("ciphertexts", ciphertexts);
}
