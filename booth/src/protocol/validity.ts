// What must hold between the parts of a definition that a device reads (spec/definition.md#validity; 2 and 3 are in
// parties.ts). 4, 5 and 9 are about all regions, styles and divisions together: verifiers check them.
import { toHex } from "../bytes.ts";
import { isEd25519Key } from "../crypto/ed25519.ts";
import { voteSize } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import type { PlainRegion, Style } from "./excerpts.ts";

const LONGEST_ENTRY = 65_535;
const REST_OF_ENTRY = 256;

/** Ed25519 keys are proper, and all of them distinct. */
export function checkPartyKeys(keys: readonly Uint8Array[]): void {
  for (const key of keys) {
    if (!isEd25519Key(key)) throw new FormatError(`definition: ${toHex(key)} is no proper Ed25519 key`);
  }
  checkDistinct(keys);
}

function checkDistinct(keys: readonly Uint8Array[]): void {
  const seen = new Set<string>();
  for (const key of keys.map(toHex)) {
    if (seen.has(key)) throw new FormatError(`definition: the key ${key} stands here twice`);
    seen.add(key);
  }
}

/**
 * A region opens no earlier than its enrolment is closed, its last cards are admitted, for which there are `late` seconds,
 * and it is reviewed.
 */
export function checkOpening({ id, closes, review, days }: PlainRegion, late: number): void {
  if (closes + late + review > days[0]![0]) throw new FormatError(`definition: ${id} opens before its review is over`);
}

/** A ballot and a weighed row fit an entry. */
export function checkFit({ id, questions }: Style): void {
  const votes = questions.reduce((sum, shape) => sum + voteSize(shape), 0);
  const row = 64 * questions.reduce((sum, { options }) => sum + options, 1) + 224;
  if (REST_OF_ENTRY + Math.max(votes, row) > LONGEST_ENTRY) {
    throw new FormatError(`definition: a ballot of style ${id} does not fit an entry`);
  }
}
