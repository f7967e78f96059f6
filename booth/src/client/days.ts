// Which day a region votes on, and until when (spec/phases.md#windows).
import { equal } from "../bytes.ts";
import { WIDTH } from "../log/tiles.ts";
import type { Tree } from "../log/tree.ts";
import type { Definition } from "../protocol/definition.ts";
import { as, authorSigned, decodeEntry } from "../protocol/entry.ts";
import type { Region } from "../protocol/excerpts.ts";
import { type Readable, readLog } from "./referendum.ts";

/** Entries of a log that is read as a whole only to tell when voting is. */
const MOST_READ = 2048;

/** A day, from 1, and when it is planned to be sealed, UTC seconds. */
export interface Day {
  readonly day: number;
  readonly seal: number;
}

/** A region's days as they are planned now, UTC seconds, and how far they are. */
export interface Schedule {
  readonly days: readonly (readonly [open: number, seal: number])[];
  /** The day that is open, from 1. */
  readonly open: number | undefined;
  /** How many days are sealed. */
  readonly sealed: number;
}

/** Whether a region votes: until when, and until when on its last day; or when that begins; or when it ended. */
export type Voting =
  | { readonly at: "open"; readonly until: number; readonly last: number }
  | { readonly at: "before"; readonly begins: number }
  | { readonly at: "over"; readonly ended: number };

/**
 * The day whose planned window holds a time; undefined when there is none, or it is nearly over: the organiser
 * may have moved windows, to later times alone, and then the log has to be read.
 */
export function plannedDay(region: Region, now: number, round: number): Day | undefined {
  const at = region.days.findIndex(([open, seal]) => open <= now && now + 2 * round < seal);
  return at < 0 ? undefined : { day: at + 1, seal: region.days[at]![1] };
}

/** What the log says of the days of each of these regions. It reads the whole log. */
export async function schedules(
  tree: Tree,
  { organiser }: Definition,
  regions: readonly Region[],
): Promise<Schedule[]> {
  const found = regions.map(({ index, days }) => ({
    index,
    days: days.map(([open, seal]): [number, number] => [open, seal]),
    open: undefined as number | undefined,
    sealed: 0,
  }));
  const of = (region: number | undefined) => found.filter(({ index }) => index === region);
  for await (const [, entries] of tree.bundles()) {
    for (const data of entries.filter(isWindow)) {
      const entry = decodeEntry(data);
      const amend = as(entry, "amend")?.payload;
      const opened = as(entry, "open")?.payload;
      const sealed = as(entry, "seal")?.payload;
      for (const one of of(opened?.region)) one.open = opened!.day;
      for (const one of of(sealed?.region)) Object.assign(one, { open: undefined, sealed: sealed!.day });
      if (!amend || !equal(entry.author, organiser.key) || !authorSigned(entry)) continue;
      for (const one of of(amend.region)) one.days[amend.day - 1] = [amend.open, amend.seal];
    }
  }
  return found;
}

/** The day that is open; undefined when there is none. */
export function openDay({ days, open }: Schedule): Day | undefined {
  return open === undefined ? undefined : { day: open, seal: days[open - 1]![1] };
}

/** What a schedule means at a time; a day that its window holds is taken for open until it is sealed. */
export function votingAt({ days, open, sealed }: Schedule, now: number): Voting {
  const last = days.at(-1)![1];
  const ahead = days.map(([opens, seals], at) => ({ opens, seals, number: at + 1 })).slice(sealed);
  const day = ahead.find(({ number, opens, seals }) => number === open || (opens <= now && now < seals));
  if (day) return { at: "open", until: day.seals, last };
  const next = ahead.find(({ opens }) => now < opens);
  return next ? { at: "before", begins: next.opens } : { at: "over", ended: last };
}

/**
 * When each of these regions votes: by plan while all vote, else by the log. Of a long log only the end is read: `sure` is
 * false where that leaves open whether days have been moved.
 */
export async function votingOf(
  referendum: Readable,
  asked: readonly Region[],
  now: number,
): Promise<{ readonly regions: readonly Voting[]; readonly sure: boolean }> {
  const { definition } = referendum;
  const planned = asked.map(({ days }) => ({ days, open: undefined, sealed: 0 }));
  const all = (from: readonly Schedule[]): Voting[] => from.map((one) => votingAt(one, now));
  if (asked.every((region) => plannedDay(region, now, definition.round)))
    return { regions: all(planned), sure: true };
  const { tree } = await readLog(referendum);
  if (tree.size <= MOST_READ) return { regions: all(await schedules(tree, definition, asked)), sure: true };
  const regions = all(planned);
  return { regions, sure: regions.every(({ at }) => at === "over") && (await isCounted(tree)) };
}

/** Whether the log ends with closes (19), shares (20) or a result (21), which come when all days are sealed. */
async function isCounted(tree: Tree): Promise<boolean> {
  const last = await tree.bundle(Math.floor((tree.size - 1) / WIDTH));
  return last.some((entry) => entry[2]! >= 19 && entry[2]! <= 21);
}

/** Whether an entry is an open (15), seal (16) or amend (24), which CBOR writes as 0x18 0x18. */
function isWindow(entry: Uint8Array): boolean {
  return entry[2] === 15 || entry[2] === 16 || (entry[2] === 0x18 && entry[3] === 24);
}
