// Asking a registrar for tokens, blind: one for the card that counts, and as many decoy tokens as everybody gets
// (spec/messages.md#tokens). Those beyond a voter's cards are for random inputs, and are thrown away.
import { compare, concat, equal, rows } from "../bytes.ts";
import { Randomness } from "../crypto/randomness.ts";
import { type Blinded, blind, cardInput, checkEvaluation } from "../crypto/token.ts";
import { VerificationError } from "../errors.ts";
import type { Seeds } from "./ballot.ts";
import type { Card } from "./card.ts";
import type { Definition } from "./definition.ts";
import { NOBODY } from "./entry.ts";
import { identity, padded, readAnswer, readMessage, refusedAs } from "./message.ts";
import { type Entitled, PADDED } from "./ready.ts";
import type { RegistrarKeys } from "./tokenkeys.ts";

/** What a device must hold until a registrar has answered. */
export interface Asked {
  readonly entitled: Entitled;
  readonly message: Uint8Array;
  /** The card that each element is for, first that which counts; undefined where its token is thrown away. */
  readonly slots: readonly (Card | undefined)[];
  readonly blinded: readonly Blinded[];
}

/** A response all of whose proofs hold. */
export interface Answered {
  readonly asked: Asked;
  readonly evaluated: readonly Uint8Array[];
  /** That this voter got tokens, signed: a token-receipt. */
  readonly receipt: Uint8Array;
}

/** A request to one registrar for the tokens of cards of which one counts. */
export function askTokens(
  definition: Definition,
  election: Uint8Array,
  entitled: Entitled,
  cards: readonly Card[],
  counts: Card,
  seeds: Seeds,
): Asked {
  const { region, salt, voter, hash } = entitled;
  const others: (Card | undefined)[] = cards.filter((card) => card !== counts);
  while (others.length < definition.decoys) others.push(undefined);
  const slots = [counts, ...shuffled(others, seeds)];
  const inputs = slots.map((card) => (card ? cardInput(election, region, card.pair.key) : seeds()));
  const random = new Randomness(seeds(), "token blinds", counts.pair.secret, election, hash, concat(...inputs));
  const blinded = inputs.map((input) => blind(input, random));
  const [first, ...rest] = blinded.map(({ element }) => element);
  const payload = { region, salt, voter, voter_blinded: first!, decoys: concat(...rest) };
  return { entitled, message: padded("token-request", payload, election, NOBODY, PADDED), slots, blinded };
}

/** The same in an order drawn uniformly. */
export function shuffled<T>(all: readonly T[], seeds: Seeds): T[] {
  return all
    .map((one) => ({ one, drawn: seeds() }))
    .sort((left, right) => compare(left.drawn, right.drawn))
    .map(({ one }) => one);
}

/**
 * What a registrar answered; Refused for its signed refusal.
 *
 * VerificationError where the response is not the registrar's, does not fit, or a proof does not hold. Nothing is
 * unblinded here: that waits for all registrars.
 */
export function readTokens(
  definition: Definition,
  election: Uint8Array,
  keys: RegistrarKeys,
  asked: Asked,
  response: Uint8Array,
): Answered {
  const { entitled, message, blinded } = asked;
  const { registrar, region, hash } = entitled;
  const request = identity(message);
  const answer = readAnswer(response, "token-response", election, keys.key, () => refusedAs(message));
  const decoys = rows(answer.decoys, 32, "decoys");
  const fits = answer.region === region && equal(answer.hash, hash) && equal(answer.request, request);
  if (!fits || decoys.length !== definition.decoys)
    throw new VerificationError("token", `registrar ${registrar}`, "the response is to another request");
  const { voterKey, decoyKey } = keys.regions[region]!;
  const place = (kind: number) => ({ region, registrar, kind });
  const voter = { blinded: blinded.slice(0, 1), evaluated: [answer.voter_evaluated], proof: answer.voter_proof };
  checkEvaluation(election, { place: place(1), public_: voterKey, ...voter });
  if (decoyKey) {
    const others = { blinded: blinded.slice(1), evaluated: decoys, proof: answer.decoy_proof };
    checkEvaluation(election, { place: place(0), public_: decoyKey, ...others });
  }
  checkTokenReceipt(election, keys, entitled, answer.receipt);
  return { asked, evaluated: [answer.voter_evaluated, ...decoys], receipt: answer.receipt };
}

function checkTokenReceipt(
  election: Uint8Array,
  keys: RegistrarKeys,
  { registrar, region, hash }: Entitled,
  receipt: Uint8Array,
): void {
  const { type, payload } = readMessage(receipt, election, keys.key);
  const said = payload as { region?: number; hash?: Uint8Array };
  if (type !== "token-receipt" || said.region !== region || !equal(said.hash!, hash))
    throw new VerificationError("token-receipt", `registrar ${registrar}`, "the receipt is of somebody else");
}
