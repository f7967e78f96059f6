// Voting cards: keys from secrets of 16 bytes, and the records by which they are enrolled (spec/proofs.md#card).
import { concat, u16 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { type Claims, disjunctionHolds, proofSize, proveDisjunction } from "./disjunction.ts";
import { CIPHERTEXT, type Ciphertext, decodeCiphertext, encodeCiphertext, encrypt } from "./elgamal.ts";
import { decodeJointKey, decodeKey, decodeScalar, GENERATOR, multiplyPublic, type Point } from "./group.ts";
import { Randomness } from "./randomness.ts";
import { type KeyPair, keyPair, SIGNATURE, sign, signatureHolds } from "./schnorr.ts";
import { digest, Transcript } from "./transcript.ts";

export const SECRET = 16;
/** Bytes of a record, and of one where cards are not weighed (`decoys` = 0). */
export const RECORD = 384;
export const PLAIN_RECORD = 96;

const WEIGHTS: Claims = [[0], [1]];
const PROOF = proofSize(2);
const NOTHING = new Uint8Array();

/** The key pair of a card; FormatError for a secret that gives none. */
export function deriveCard(election: Uint8Array, region: number, secret: Uint8Array): KeyPair {
  if (secret.length !== SECRET)
    throw new FormatError(`card: a secret of ${secret.length} bytes, not ${SECRET}`);
  const transcript = new Transcript("card").append("election", election).append("region", u16(region));
  const scalar = transcript.append("secret", secret).challenge("scalar");
  if (scalar === 0n) throw new FormatError("card: this secret gives no key");
  return keyPair(scalar);
}

/** A record that encrypts a weight, and the randomness that opens it. */
export interface WeighedCard {
  readonly record: Uint8Array;
  readonly randomness: bigint;
}

/** Enrol a card with a weight of 0 or 1 under the joint key H; `seed` is 32 random bytes. */
export function makeRecord(
  election: Uint8Array,
  region: number,
  jointKey: Uint8Array,
  card: KeyPair,
  weight: number,
  seed: Uint8Array,
): WeighedCard {
  const key = decodeJointKey(jointKey);
  const random = new Randomness(seed, "card", card.secret, election, u16(region), card.key, jointKey);
  const randomness = random.scalar();
  const ciphertext = encodeCiphertext(encrypt(key, weight, randomness));
  const transcript = weightStatement(election, region, jointKey, card.key, ciphertext);
  const proof = proveDisjunction(transcript, key, WEIGHTS, weight, [randomness], random);
  const message = entryMessage(election, region, card.key, ciphertext, proof);
  const signature = sign("card-entry", card, message, random.bytes(32));
  return { record: concat(card.key, ciphertext, proof, signature), randomness };
}

/** Enrol a card where cards are not weighed. */
export function makePlainRecord(
  election: Uint8Array,
  region: number,
  card: KeyPair,
  seed: Uint8Array,
): Uint8Array {
  const message = entryMessage(election, region, card.key, NOTHING, NOTHING);
  return concat(card.key, sign("card-entry", card, message, seed));
}

/** Whether a record's proof and signature hold (check 4.3); FormatError when it is not of its one form. */
export function recordHolds(
  election: Uint8Array,
  region: number,
  jointKey: Uint8Array,
  record: Uint8Array,
  weighted: boolean,
): boolean {
  const width = weighted ? RECORD : PLAIN_RECORD;
  if (record.length !== width) throw new FormatError(`card record: ${record.length} bytes, not ${width}`);
  const card = record.subarray(0, 32);
  decodeKey(card, "card record");
  const ciphertext = weighted ? record.subarray(32, 32 + CIPHERTEXT) : NOTHING;
  const proof = weighted ? record.subarray(32 + CIPHERTEXT, 32 + CIPHERTEXT + PROOF) : NOTHING;
  const message = entryMessage(election, region, card, ciphertext, proof);
  const signed = signatureHolds("card-entry", card, message, record.subarray(-SIGNATURE));
  if (!weighted) return signed;
  const transcript = weightStatement(election, region, jointKey, card, ciphertext);
  const encrypted = [decodeCiphertext(ciphertext, "card record")];
  return disjunctionHolds(transcript, decodeJointKey(jointKey), encrypted, WEIGHTS, proof) && signed;
}

/** Whether a ciphertext is the encryption of a bit with this randomness: of a weight, or of a choice. */
export function opens(
  jointKey: Uint8Array,
  ciphertext: Ciphertext,
  bit: number,
  randomness: Uint8Array,
): boolean {
  const r = decodeScalar(randomness, "randomness");
  const message: Point = multiplyPublic(GENERATOR, BigInt(bit));
  return (
    ciphertext[0].equals(multiplyPublic(GENERATOR, r)) &&
    ciphertext[1].equals(message.add(multiplyPublic(decodeJointKey(jointKey), r)))
  );
}

function weightStatement(
  election: Uint8Array,
  region: number,
  jointKey: Uint8Array,
  card: Uint8Array,
  ciphertext: Uint8Array,
): Transcript {
  const transcript = new Transcript("card-weight").append("election", election);
  transcript.append("position", u16(region)).append("card", card);
  return transcript.append("key", jointKey).append("ciphertext", ciphertext);
}

function entryMessage(
  election: Uint8Array,
  region: number,
  card: Uint8Array,
  ciphertext: Uint8Array,
  proof: Uint8Array,
): Uint8Array {
  return digest(
    "card-entry",
    ["election", election],
    ["region", u16(region)],
    ["card", card],
    ["ciphertext", ciphertext],
    ["proof", proof],
  );
}
