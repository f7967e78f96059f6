// Admission of a card by one registrar: its token, encrypted, and a proof that it is of the kind that the record's
// weight asks for (spec/proofs.md#admission).
import { concat, u16, u8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { WeighedCard } from "./card.ts";
import { encodeCiphertext, encrypt } from "./elgamal.ts";
import {
  decodeJointKey,
  decodeKey,
  encodeScalar,
  GENERATOR,
  IDENTITY,
  multiply,
  type Point,
} from "./group.ts";
import { Randomness } from "./randomness.ts";
import { cardElement } from "./token.ts";
import { Transcript } from "./transcript.ts";

/** Where a card is admitted, by a registrar with the keys V and D; registrars are counted from 1. */
export interface Admitting {
  readonly election: Uint8Array;
  readonly region: number;
  readonly registrar: number;
  readonly voterKey: Uint8Array;
  readonly decoyKey: Uint8Array;
}

/** What a registrar is shown besides the record: `F || E`, 96 bytes, and a proof of 288. */
export interface Admission {
  readonly shown: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * Show a token of the kind that fits a card's weight; `token` is its point, `seed` 32 random bytes.
 *
 * z, rho and the nonces hang on the registrar, the card and all secrets, too: none comes twice.
 */
export function proveAdmission(
  where: Admitting,
  jointKey: Uint8Array,
  card: WeighedCard,
  weight: number,
  token: Point,
  seed: Uint8Array,
): Admission {
  if (weight !== 0 && weight !== 1) throw new FormatError("admission: a weight is 0 or 1");
  const { election, region, registrar, voterKey, decoyKey } = where;
  const key = decodeJointKey(jointKey);
  const difference = decodeKey(voterKey, "voter key").subtract(decodeKey(decoyKey, "decoy key"));
  const known = concat(election, u16(region), u8(registrar), jointKey, voterKey, decoyKey, card.record);
  const secrets = concat(u8(weight), token.toBytes());
  const [z, rho] = new Randomness(seed, "show token", card.randomness, known, secrets).scalars(2) as [bigint, bigint];

  const element = cardElement(election, region, card.record.subarray(0, 32));
  const f = (weight ? element : IDENTITY).add(multiply(GENERATOR, z));
  const mask = encrypt(key, 0, rho);
  const e = encodeCiphertext([mask[0], token.add(mask[1])]);
  const q = multiply(difference, z).subtract(mask[1]);
  const shown = concat(f.toBytes(), e);

  const hidden = concat(secrets, encodeScalar(z), encodeScalar(rho));
  const nonces = new Randomness(seed, "prove admission", card.randomness, known, shown, hidden).scalars(4);
  const [w_, z_, r_, rho_] = nonces as [bigint, bigint, bigint, bigint];
  const [second, third] = encrypt(key, 0, r_);
  const [fourth, masked] = encrypt(key, 0, rho_);
  const commitments = [
    multiply(element, w_).add(multiply(GENERATOR, z_)),
    second,
    third.add(multiply(GENERATOR, w_)),
    fourth,
    multiply(difference, z_).subtract(masked),
  ];
  const wire = concat(...commitments.map((point) => point.toBytes()));
  const points = [element, f, q].map((point) => point.toBytes());
  const challenge = admissionStatement(where, jointKey, card.record, shown, points)
    .append("commitments", wire)
    .challenge("challenge");
  const values = [BigInt(weight), z, card.randomness, rho];
  const answers = values.map((value, at) => encodeScalar(nonces[at]! + challenge * value));
  return { shown, proof: concat(wire, ...answers) };
}

/** The transcript up to the end of the statement; `points` are the encodings of T, F and Q. */
export function admissionStatement(
  { election, region, registrar, voterKey, decoyKey }: Admitting,
  jointKey: Uint8Array,
  record: Uint8Array,
  shown: Uint8Array,
  points: readonly Uint8Array[],
): Transcript {
  return new Transcript("admission")
    .append("election", election)
    .append("position", concat(u16(region), u8(registrar)))
    .append("card", record.subarray(0, 32))
    .append("key", jointKey)
    .append("public", concat(voterKey, decoyKey))
    .append("ciphertexts", concat(record.subarray(32, 96), shown.subarray(32)))
    .append("points", concat(...points));
}
