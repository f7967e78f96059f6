// The cards of a voter, of which one counts: committed to, then audited or enrolled (spec/messages.md#commitment).
import { compare, concat } from "../bytes.ts";
import { makePlainRecord, makeRecord } from "../crypto/card.ts";
import { encodeScalar } from "../crypto/group.ts";
import { digest } from "../crypto/transcript.ts";
import { FormatError } from "../errors.ts";
import type { Seeds } from "./ballot.ts";
import type { Card } from "./card.ts";
import type { Definition } from "./definition.ts";
import { Fate } from "./draft.ts";
import { writeOpening } from "./opening.ts";

/** What a device shows before it knows what comes; `pairs` are K || C of each card ascending by K, or K alone. */
export function commitmentTo(nonce: Uint8Array, pairs: Uint8Array): Uint8Array {
  return digest("cards-commitment", ["nonce", nonce], ["cards", pairs]);
}

/** How many cards a voter may have, and the numbers of which one is proposed at random. */
export interface Numbers {
  readonly most: number;
  readonly proposed: readonly [least: number, most: number];
}

export const numbersOf = ({ decoys }: Definition): Numbers => ({
  most: 1 + decoys,
  proposed: decoys ? [3, decoys] : [1, 1],
});

/** A card while it is made: its record, and what opens that. */
export interface Member {
  readonly card: Card;
  readonly weight: number;
  readonly record: Uint8Array;
  readonly randomness: bigint;
}

/** Cards before they are audited, which throws them away, or enrolled. */
export class CardsDraft {
  readonly commitment: Uint8Array;
  readonly counts: Card;
  readonly #election: Uint8Array;
  readonly #nonce: Uint8Array;
  readonly #pairs: Uint8Array;
  readonly #fate = new Fate();
  #members: readonly Member[];

  private constructor(election: Uint8Array, counts: Card, nonce: Uint8Array, members: readonly Member[]) {
    const width = members[0]!.record.length > 96 ? 96 : 32;
    this.#election = election;
    this.counts = counts;
    this.#nonce = nonce;
    this.#members = members;
    this.#pairs = concat(...members.map(({ record }) => record.subarray(0, width)));
    this.commitment = commitmentTo(nonce, this.#pairs);
  }

  /** Encrypt the weights of cards; FormatError for a number of them that nobody may have. */
  static make(
    definition: Definition,
    jointKey: Uint8Array,
    cards: readonly Card[],
    counts: Card,
    seeds: Seeds,
  ): CardsDraft {
    if (!cards.includes(counts) || cards.length > numbersOf(definition).most)
      throw new FormatError(`${cards.length} cards, of which one is to count: nobody may have these`);
    const members = cards.map((card): Member => {
      const { election, region, pair } = card;
      const weight = card === counts ? 1 : 0;
      if (!definition.decoys)
        return { card, weight, record: makePlainRecord(election, region, pair, seeds()), randomness: 0n };
      return { card, weight, ...makeRecord(election, region, jointKey, pair, weight, seeds()) };
    });
    members.sort((one, other) => compare(one.card.pair.key, other.card.pair.key));
    return new CardsDraft(counts.election, counts, seeds(), members);
  }

  /** The list of K: what the second device keeps, and compares with the log. */
  get keys(): readonly Uint8Array[] {
    return this.#members.map(({ card }) => card.pair.key);
  }

  /** The cards, to be enrolled; PhaseError when they were opened, or nothing of them is known any more. */
  enrol(): readonly Member[] {
    this.#fate.settle("signed");
    if (!this.#members.length) throw new FormatError("these cards are made: nothing of them is left here");
    return this.#members;
  }

  /** Forget all that is secret: the admissions are made. */
  forget(): void {
    this.#members = [];
  }

  /** The cards-opening for a second device; the cards are never enrolled then. PhaseError when they were. */
  open(): Uint8Array {
    this.#fate.settle("opened");
    const payload = {
      region: this.counts.region,
      nonce: this.#nonce,
      pairs: this.#pairs,
      secrets: concat(...this.#members.map(({ card }) => card.secret)),
      weights: Uint8Array.from(this.#members, ({ weight }) => weight),
      randomness: concat(...this.#members.map(({ randomness }) => encodeScalar(randomness))),
    };
    return writeOpening("cards-opening", payload, this.#election);
  }
}
