// The second device's look at opened cards: exactly the named card counts (spec/messages.md#opening-files).
import { equal, rows } from "../bytes.ts";
import { deriveCard, opens } from "../crypto/card.ts";
import { decodeCiphertext } from "../crypto/elgamal.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { commitmentTo } from "./cards.ts";
import type { Definition } from "./definition.ts";
import type { Payload } from "./entry.ts";
import { face, type Face, nameOf } from "./face.ts";
import { readOpening } from "./opening.ts";

/** A card as an audit shows it. */
export interface AuditedCard {
  readonly face: Face;
  readonly name: string;
  readonly counts: boolean;
}

/**
 * Check opened cards against the commitment that was recorded and the name of the one said to count;
 * VerificationError `audit` through the device unless exactly that card weighs one.
 */
export function checkCardsOpening(
  definition: Definition,
  election: Uint8Array,
  jointKey: Uint8Array,
  message: Uint8Array,
  recorded: Uint8Array,
  named: string,
): AuditedCard[] {
  const opening = readOpening(message, "cards-opening", election);
  const { nonce, pairs: joined, region } = opening;
  const pairs = rows(joined, definition.decoys ? 96 : 32, "pairs");
  const [secrets, weights, randomness] = readColumns(opening, pairs.length);
  if (!equal(commitmentTo(nonce, joined), recorded))
    throw refuse("the commitment is to other cards");
  const cards = pairs.map((pair, at): AuditedCard => {
    const key = pair.slice(0, 32);
    if (!equal(deriveCard(election, region, secrets[at]!).key, key)) throw refuse("a card has another key");
    const weight = weights[at]!;
    const ciphertext = pair.subarray(32);
    if (ciphertext.length && !opens(jointKey, decodeCiphertext(ciphertext, "pairs"), weight, randomness[at]!)) {
      throw refuse("a card does not weigh what the device says");
    }
    const shown = face(key);
    return { face: shown, name: nameOf(shown), counts: weight === 1 };
  });
  const counting = cards.filter(({ counts }) => counts).map(({ name }) => name);
  const called = cards.filter(({ name }) => name === named).length;
  if (counting.length !== 1 || counting[0] !== named || called !== 1)
    throw refuse("not exactly the named card counts");
  return cards;
}

/** Columns of at least one card, with weights that are bits. */
function readColumns(
  opening: Payload<"cards-opening">,
  count: number,
): [Uint8Array[], Uint8Array, Uint8Array[]] {
  const secrets = rows(opening.secrets, 16, "secrets");
  const randomness = rows(opening.randomness, 32, "randomness");
  const lengths = [secrets.length, opening.weights.length, randomness.length];
  if (!count || lengths.some((length) => length !== count) || opening.weights.some((weight) => weight > 1)) {
    throw new FormatError("cards-opening: no cards, columns that do not fit, or a weight that is no bit");
  }
  return [secrets, opening.weights, randomness];
}

function refuse(message: string): VerificationError {
  return new VerificationError("audit", "device", message);
}
