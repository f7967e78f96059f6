// Admissions: one message for each card and registrar, made all at once; and the answers to them
// (spec/messages.md#admission).
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import { proveAdmission } from "../crypto/admission.ts";
import { sign } from "../crypto/schnorr.ts";
import { unblind, unblindPoint } from "../crypto/token.ts";
import { FormatError, VerificationError } from "../errors.ts";
import type { Seeds } from "./ballot.ts";
import type { Card } from "./card.ts";
import type { Member } from "./cards.ts";
import { as, bodyHash, decodeMessage, encodeBody, type Entry, LONGEST_MESSAGE, seal } from "./entry.ts";
import { readAnswer, refusedAs } from "./message.ts";
import type { Answered } from "./token.ts";
import type { RegistrarKeys } from "./tokenkeys.ts";

/** All admissions of cards to all registrars that answered. No secret is in them, nor which card counts. */
export function makeAdmissions(
  election: Uint8Array,
  jointKey: Uint8Array,
  members: readonly Member[],
  registrars: readonly RegistrarKeys[],
  answers: readonly Answered[],
  seeds: Seeds,
): Uint8Array[] {
  if (answers.length !== registrars.length) throw new FormatError("not the answers of all registrars");
  return answers.flatMap((answer) => {
    const keys = registrars[answer.asked.entitled.registrar - 1]!;
    return members.map((member) => admission(election, jointKey, member, keys, answer, seeds));
  });
}

function admission(
  election: Uint8Array,
  jointKey: Uint8Array,
  member: Member,
  keys: RegistrarKeys,
  { asked, evaluated }: Answered,
  seeds: Seeds,
): Uint8Array {
  const { card, weight, record } = member;
  const slot = slotOf(asked.slots, card);
  const [blinded, given] = [asked.blinded[slot]!, evaluated[slot]!];
  const { voterKey, decoyKey } = keys.regions[card.region]!;
  let [token, proof] = [new Uint8Array(), new Uint8Array()];
  if (decoyKey) {
    const where = { election, region: card.region, registrar: keys.number, voterKey, decoyKey };
    const shown = proveAdmission(where, jointKey, member, weight, unblindPoint(blinded, given), seeds());
    [token, proof] = [shown.shown as typeof token, shown.proof as typeof proof];
  } else token = unblind(blinded, given) as typeof token;
  const payload = { region: card.region, registrar: keys.number, record, token, proof };
  const body = encodeBody("admission", payload, election, card.pair.key);
  return seal(body, sign("admission", card.pair, bodyHash(body), seeds()), LONGEST_MESSAGE);
}

function slotOf(slots: readonly (Card | undefined)[], card: Card): number {
  const found = slots.indexOf(card);
  if (found < 0) throw new FormatError("a card for which no token was asked");
  return found;
}

/** An admission as it was made. */
export function parseAdmission(message: Uint8Array): Entry<"admission"> {
  const found = as(decodeMessage(message), "admission");
  if (!found) throw new FormatError("no admission");
  return found;
}

/**
 * A registrar's receipt for an admission; Refused for its signed refusal.
 *
 * VerificationError for an answer that is not the registrar's, or is about another card.
 */
export function checkReceipt(
  election: Uint8Array,
  registrar: Uint8Array,
  message: Uint8Array,
  answer: Uint8Array,
): void {
  const { author, payload } = parseAdmission(message);
  const receipt = readAnswer(answer, "card-receipt", election, registrar, () => refusedAs(message));
  const about = equal(receipt.card, author) && equal(receipt.record, sha256(payload.record));
  if (!about || receipt.region !== payload.region)
    throw new VerificationError("card-receipt", toHex(registrar), "the receipt is for another card");
}
