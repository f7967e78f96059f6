// Casting: a ballot encrypted, its hash shown, then challenged or signed (spec/messages.md#opening).
import { concat, equal, toHex, u16 } from "../bytes.ts";
import { type KeyPair, sign, signatureHolds } from "../crypto/schnorr.ts";
import { type Choice, encryptVote, type Place, type Shape, voteHolds, voteSize } from "../crypto/vote.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { Fate } from "./draft.ts";
import { as, bodyHash, decodeEntry, encodeBody, type Payload, seal } from "./entry.ts";
import { writeOpening } from "./opening.ts";

export const MAX_SERIAL = 20;
export const BLANK = 0xffff;

/** 32 fresh random bytes at each call: `crypto.getRandomValues` on a device. */
export type Seeds = () => Uint8Array;

/** A ballot before its card signs it. */
export class BallotDraft {
  readonly body: Uint8Array;
  readonly #pair: KeyPair;
  readonly #choices: readonly Choice[];
  readonly #randomness: Uint8Array;
  readonly #fate = new Fate();
  #entry: Uint8Array | undefined;

  private constructor(body: Uint8Array, pair: KeyPair, choices: readonly Choice[], randomness: Uint8Array) {
    this.body = body;
    this.#pair = pair;
    this.#choices = choices;
    this.#randomness = randomness;
  }

  /** Encrypt a choice in each contest of a style; FormatError for a choice that its contest does not have. */
  static encrypt(
    where: Omit<Place, "card">,
    shapes: readonly Shape[],
    pair: KeyPair,
    choices: readonly Choice[],
    seeds: Seeds,
  ): BallotDraft {
    if (choices.length !== shapes.length) throw new FormatError("choices: expected one per contest");
    const place = { ...where, card: pair.key };
    const votes = shapes.map((shape, at) => encryptVote(place, shape, choices[at]!, pair.secret, seeds()));
    const { region, day, serial } = where;
    const payload = { region, day, serial, votes: concat(...votes.map(({ vote }) => vote)) };
    const body = encodeBody("ballot", payload, where.election, pair.key);
    return new BallotDraft(body, pair, choices, concat(...votes.map(({ randomness }) => randomness)));
  }

  /** The ballot's hash, which is shown before the device is told: challenge or cast. */
  get hash(): Uint8Array {
    return bodyHash(this.body);
  }

  /**
   * The entry for the board, the same each time, so that it can be sent again; PhaseError when the ballot was
   * opened. `seed` is 32 random bytes.
   */
  sign(seed: Uint8Array): Uint8Array {
    this.#fate.settle("signed");
    this.#entry ??= seal(this.body, sign("ballot", this.#pair, this.hash, seed));
    return this.#entry;
  }

  /** The ballot-opening for a second device; the ballot is never cast then. PhaseError when it was signed. */
  open(election: Uint8Array): Uint8Array {
    this.#fate.settle("opened");
    const choices = concat(...this.#choices.map((choice) => u16(choice ?? BLANK)));
    return writeOpening(
      "ballot-opening",
      { body: this.body, choices, randomness: this.#randomness },
      election,
    );
  }
}

/**
 * Check a logged ballot by itself (check 6.4): its proofs and its signature.
 *
 * FormatError when it is not of its one form, VerificationError 6.4 through the card when something fails.
 */
export async function checkBallot(
  election: Uint8Array,
  jointKey: Uint8Array,
  data: Uint8Array,
  shapesOf: (region: number) => Promise<readonly Shape[] | undefined>,
): Promise<Payload<"ballot">> {
  const entry = as(decodeEntry(data), "ballot");
  const shapes = entry && (await shapesOf(entry.payload.region));
  if (!shapes || !equal(entry.referendum, election)) throw new FormatError("no ballot of this referendum");
  const { region, day, serial, votes } = entry.payload;
  if (serial < 1 || serial > MAX_SERIAL || day < 1) throw new FormatError("ballot: no such day or serial");
  const place = { election, jointKey, region, day, serial, card: entry.author };
  const proven = cutVotes(shapes, votes).every((vote, at) => voteHolds(place, shapes[at]!, vote));
  if (!proven || !signatureHolds("ballot", entry.author, bodyHash(entry.body), entry.signature)) {
    throw new VerificationError(
      "6.4",
      `card ${toHex(entry.author)}`,
      "a proof or the signature does not hold",
    );
  }
  return entry.payload;
}

/** Votes cut into those of a style's contests; FormatError when they are of another length. */
export function cutVotes(shapes: readonly Shape[], votes: Uint8Array): Uint8Array[] {
  let at = 0;
  const found = shapes.map((shape) => votes.slice(at, (at += voteSize(shape))));
  if (at !== votes.length) throw new FormatError(`votes: ${votes.length} bytes instead of ${at}`);
  return found;
}
