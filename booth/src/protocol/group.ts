// Groups: cards that are enrolled together and weigh one, or nothing (spec/messages.md#group).
import { compare, concat, equal, rows } from "../bytes.ts";
import { makePlainRecord, makeRecord } from "../crypto/card.ts";
import { encodeScalar } from "../crypto/group.ts";
import { sign } from "../crypto/schnorr.ts";
import { digest } from "../crypto/transcript.ts";
import { FormatError, VerificationError } from "../errors.ts";
import type { Seeds } from "./ballot.ts";
import type { Card } from "./card.ts";
import type { Definition } from "./definition.ts";
import { Fate } from "./draft.ts";
import { as, bodyHash, decodeMessage, encodeBody, LONGEST_MESSAGE, type Payload, seal } from "./entry.ts";
import { readAnswer } from "./message.ts";
import { writeOpening } from "./opening.ts";
import type { Kind, TokenKey } from "./token.ts";

/** What a device shows before it enrols; `pairs` are K || C of each card ascending by K, or K alone. */
export function commitmentTo(nonce: Uint8Array, token: Uint8Array, pairs: Uint8Array): Uint8Array {
  return digest("group-commitment", ["nonce", nonce], ["token", token], ["cards", pairs]);
}

/** How many cards a group may have: for a voter at least 2, for decoys at least 1, unless cards are not weighed. */
export function sizes(definition: Definition, kind: Kind): [least: number, most: number] {
  if (definition.cards === 1) return [1, kind === "voter" ? 1 : 0];
  return [kind === "voter" ? 2 : 1, definition.cards];
}

interface Member {
  readonly card: Card;
  readonly weight: number;
  readonly record: Uint8Array;
  readonly randomness: bigint;
}

/** A group before its token signs it. */
export class GroupDraft {
  readonly commitment: Uint8Array;
  readonly #election: Uint8Array;
  readonly #token: TokenKey;
  readonly #nonce: Uint8Array;
  readonly #members: readonly Member[];
  readonly #pairs: Uint8Array;
  readonly #fate = new Fate();
  #message: Uint8Array | undefined;

  private constructor(election: Uint8Array, token: TokenKey, nonce: Uint8Array, members: readonly Member[]) {
    const weighted = members[0]!.record.length > 96;
    this.#election = election;
    this.#token = token;
    this.#nonce = nonce;
    this.#members = members;
    this.#pairs = concat(...members.map(({ record }) => record.subarray(0, weighted ? 96 : 32)));
    this.commitment = commitmentTo(nonce, token.pair.key, this.#pairs);
  }

  /** Encrypt the weights of cards; `counts` is the one that counts, undefined for decoys. */
  static make(
    definition: Definition,
    joint: Uint8Array,
    token: TokenKey,
    cards: readonly Card[],
    counts: Card | undefined,
    seeds: Seeds,
  ): GroupDraft {
    const [least, most] = sizes(definition, token.kind);
    const chosen = cards.filter((card) => card === counts).length;
    const wrongSize = cards.length < least || cards.length > most;
    if (wrongSize || chosen !== (token.kind === "voter" ? 1 : 0) || (counts && !chosen)) {
      throw new FormatError(`${cards.length} cards are no group of this kind`);
    }
    const election = cards[0]!.election;
    const members = cards.map((card): Member => {
      const weight = card === counts ? 1 : 0;
      if (definition.cards === 1) {
        const record = makePlainRecord(election, token.region, card.pair, seeds());
        return { card, weight, record, randomness: 0n };
      }
      return { card, weight, ...makeRecord(election, token.region, joint, card.pair, weight, seeds()) };
    });
    members.sort((one, other) => compare(one.card.pair.key, other.card.pair.key));
    return new GroupDraft(election, token, seeds(), members);
  }

  /**
   * The message that enrols the group, with the registrar's output on its token key: the same each time, so that
   * it can be sent again. PhaseError when the group was opened. `seed` is 32 random bytes.
   */
  sign(output: Uint8Array, seed: Uint8Array): Uint8Array {
    this.#fate.settle("signed");
    if (this.#message) return this.#message;
    const { region, kind, pair } = this.#token;
    const randomness = encodeScalar(this.#members.reduce((sum, member) => sum + member.randomness, 0n));
    const cards = concat(...this.#members.map(({ record }) => record));
    const payload = { region, kind: kind === "voter" ? 1 : 0, output, cards, randomness, nonce: this.#nonce };
    const body = encodeBody("group", payload, this.#election, pair.key);
    this.#message = seal(body, sign("group", pair, bodyHash(body), seed), LONGEST_MESSAGE);
    return this.#message;
  }

  /** The group-opening for a second device; the group is never enrolled then. PhaseError when it was signed. */
  open(): Uint8Array {
    this.#fate.settle("opened");
    const payload = {
      region: this.#token.region,
      nonce: this.#nonce,
      token: this.#token.pair.key,
      pairs: this.#pairs,
      secrets: concat(...this.#members.map(({ card }) => card.secret)),
      weights: Uint8Array.from(this.#members, ({ weight }) => weight),
      randomness: concat(...this.#members.map(({ randomness }) => encodeScalar(randomness))),
    };
    return writeOpening("group-opening", payload, this.#election);
  }
}

/** The registrar's receipt for a group as it was sent; Refused for its signed refusal. */
export function readReceipt(
  definition: Definition,
  election: Uint8Array,
  group: Uint8Array,
  answer: Uint8Array,
): Payload<"group-receipt"> {
  const sent = as(decodeMessage(group), "group");
  if (!sent) throw new FormatError("no group was sent");
  const hash = bodyHash(sent.body);
  const receipt = readAnswer(answer, "group-receipt", election, definition.registrar.key, hash);
  const weighted = definition.cards > 1;
  const records = rows(sent.payload.cards, weighted ? 384 : 96, "cards");
  const pairs = concat(...records.map((record) => record.subarray(0, weighted ? 96 : 32)));
  const committed = commitmentTo(sent.payload.nonce, sent.author, pairs);
  const fits = receipt.region === sent.payload.region && equal(receipt.group, hash);
  if (!fits || !equal(receipt.commitment, committed)) {
    throw new VerificationError("receipt", "registrar", "the receipt is for another group");
  }
  return receipt;
}
