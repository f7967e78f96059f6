// The second device's look at a challenged ballot: it holds exactly the choices shown (spec/messages.md#opening).
import { equal, fromLittleEndian, rows } from "../bytes.ts";
import { type Choice, type Shape, voteOpens } from "../crypto/vote.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { BLANK, cutVotes } from "./ballot.ts";
import { as, bodyHash, decodeEntry, type Payload, seal, UNSIGNED } from "./entry.ts";
import { readOpening } from "./opening.ts";

/** What a challenged ballot held, and of which card, as a second device found it. */
export interface OpenedBallot {
  readonly card: Uint8Array;
  readonly ballot: Payload<"ballot">;
  readonly choices: readonly Choice[];
}

/**
 * Check an opening against the ballot's hash that was recorded.
 *
 * `shapesOf` gives the contests of a region's style, or undefined where there is no such region.
 * VerificationError `challenge` through the device unless the ballot holds exactly the choices shown.
 */
export async function checkBallotOpening(
  election: Uint8Array,
  jointKey: Uint8Array,
  message: Uint8Array,
  recorded: Uint8Array,
  shapesOf: (region: number) => Promise<readonly Shape[] | undefined>,
): Promise<OpenedBallot> {
  const { body, choices: packed, randomness } = readOpening(message, "ballot-opening", election);
  if (!equal(bodyHash(body), recorded))
    throw refuse("another ballot was opened than the one whose hash was shown");
  const entry = as(decodeEntry(seal(body, UNSIGNED)), "ballot");
  const shapes = entry && (await shapesOf(entry.payload.region));
  if (!shapes || !equal(entry.referendum, election)) throw refuse("no ballot of this referendum");
  const choices = rows(packed, 2, "choices").map((row): Choice => {
    const choice = Number(fromLittleEndian(row));
    return choice === BLANK ? null : choice;
  });
  if (!opens(jointKey, shapes, entry.payload.votes, choices, randomness)) {
    throw refuse("the ballot does not hold the choices shown");
  }
  return { card: entry.author, ballot: entry.payload, choices };
}

function opens(
  jointKey: Uint8Array,
  shapes: readonly Shape[],
  votes: Uint8Array,
  choices: readonly Choice[],
  randomness: Uint8Array,
): boolean {
  const ciphertexts = shapes.reduce((sum, { options }) => sum + options, 0);
  if (choices.length !== shapes.length || randomness.length !== 32 * ciphertexts) {
    throw new FormatError("ballot-opening: choices or randomness are not those of the style");
  }
  let at = 0;
  return cutVotes(shapes, votes).every((vote, number) => {
    const shape = shapes[number]!;
    const part = randomness.subarray(at, at + 32 * shape.options);
    at += part.length;
    return voteOpens(jointKey, shape, vote, choices[number]!, part);
  });
}

function refuse(message: string): VerificationError {
  return new VerificationError("challenge", "device", message);
}
