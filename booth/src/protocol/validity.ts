// What must hold between the parts of a definition (spec/definition.md#validity; 2 and 3 are in parties.ts).
import { toHex } from "../bytes.ts";
import { isEd25519Key } from "../crypto/ed25519.ts";
import { voteSize } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import type { Division, Region, Style } from "./definition.ts";

const LONGEST_ENTRY = 65_535;
const REST_OF_ENTRY = 256;

/** Ed25519 keys are proper, and all of them distinct. */
export function checkPartyKeys(keys: readonly Uint8Array[]): void {
  for (const key of keys) {
    if (!isEd25519Key(key)) throw new FormatError(`definition: ${toHex(key)} is no proper Ed25519 key`);
  }
  checkDistinct(keys);
}

/** A region opens no earlier than its enrolment is closed, its last cards are admitted, and it is reviewed. */
export function checkOpenings(regions: readonly Region[], late: number): void {
  for (const { id, closes, review, days } of regions) {
    if (closes + late + review > days[0]![0]) throw new FormatError(`definition: ${id} opens before its review is over`);
  }
}

function checkDistinct(keys: readonly Uint8Array[]): void {
  const seen = new Set<string>();
  for (const key of keys.map(toHex)) {
    if (seen.has(key)) throw new FormatError(`definition: the key ${key} stands here twice`);
    seen.add(key);
  }
}

/** Merging leads to regions with the same contests, and never back. */
export function checkMerging(regions: readonly Region[]): void {
  const settled = new Set<Region>();
  for (const start of regions) {
    const trail = new Set<Region>();
    for (let at = start; !settled.has(at) && at.mergeInto !== undefined; ) {
      trail.add(at);
      const target = regions[at.mergeInto]!;
      if (trail.has(target)) throw new FormatError(`definition: ${at.id} merges in a circle`);
      if (contestsOf(target.style) !== contestsOf(at.style)) {
        throw new FormatError(`definition: ${at.id} merges into a region with other contests`);
      }
      at = target;
    }
    trail.forEach((one) => settled.add(one));
  }
}

/** Divisions lead up and never back, and each has a region below it; no region is called like one. */
export function checkDivisions(regions: readonly Region[], divisions: readonly Division[]): void {
  const upwards = (start: number | undefined): Set<number> => {
    const trail = new Set<number>();
    for (let at = start; at !== undefined; at = divisions[at]!.parent) {
      if (trail.has(at)) throw new FormatError(`definition: division ${divisions[at]!.id} lies below itself`);
      trail.add(at);
    }
    return trail;
  };
  const names = new Set(divisions.map(({ id }) => id));
  const twice = regions.find(({ id }) => names.has(id));
  if (twice) throw new FormatError(`definition: a region and a division are called ${twice.id}`);
  divisions.forEach((_, at) => upwards(at));
  const below = new Set(regions.flatMap(({ parent }) => [...upwards(parent)]));
  if (below.size < divisions.length) throw new FormatError("definition: no region lies below a division");
}

/** A style's contests, whatever their order. */
const contestsOf = ({ questions }: Style): string =>
  questions
    .map(({ contest }) => contest)
    .sort((one, other) => one - other)
    .join();

/** Every style is used by a region, every contest by a style. */
export function checkUse(regions: readonly Region[], styles: readonly Style[], contests: number): void {
  if (new Set(regions.map(({ style }) => style)).size < styles.length) {
    throw new FormatError("definition: a style is not used");
  }
  const asked = styles.flatMap(({ questions }) => questions.map(({ contest }) => contest));
  if (new Set(asked).size < contests) throw new FormatError("definition: a contest is not used");
}

/** A ballot and a weighed row fit an entry. */
export function checkFit({ id, questions }: Style): void {
  const votes = questions.reduce((sum, shape) => sum + voteSize(shape), 0);
  const row = 64 * questions.reduce((sum, { options }) => sum + options, 1) + 224;
  if (REST_OF_ENTRY + Math.max(votes, row) > LONGEST_ENTRY) {
    throw new FormatError(`definition: a ballot of style ${id} does not fit an entry`);
  }
}
