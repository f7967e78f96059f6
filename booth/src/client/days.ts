// Which day a region votes on, and until when (spec/phases.md#windows).
import { equal } from "../bytes.ts";
import type { Tree } from "../log/tree.ts";
import type { Definition, Region } from "../protocol/definition.ts";
import { as, authorSigned, decodeEntry } from "../protocol/entry.ts";

/** A day, from 1, and when it is planned to be sealed, UTC seconds. */
export interface Day {
  readonly day: number;
  readonly seal: number;
}

/**
 * The day whose planned window holds a time; undefined when there is none, or it is nearly over: the organiser
 * may have moved windows, to later times alone, and then the log has to be read.
 */
export function plannedDay(region: Region, now: number, round: number): Day | undefined {
  const at = region.days.findIndex(([open, seal]) => open <= now && now + 2 * round < seal);
  return at < 0 ? undefined : { day: at + 1, seal: region.days[at]![1] };
}

/** The day that the log has as open; undefined when there is none. It reads the whole log. */
export async function openDay(tree: Tree, definition: Definition, region: Region): Promise<Day | undefined> {
  const seals = region.days.map(([, seal]) => seal);
  let open: number | undefined;
  for await (const [, entries] of tree.bundles()) {
    for (const data of entries.filter(isWindow)) {
      const entry = decodeEntry(data);
      const amend = as(entry, "amend");
      const turn = as(entry, "open") ?? as(entry, "seal");
      if (turn?.payload.region === region.index) open = entry.type === "open" ? turn.payload.day : undefined;
      if (amend?.payload.region !== region.index || !equal(entry.author, definition.organiser.key)) continue;
      if (authorSigned(entry)) seals[amend.payload.day - 1] = amend.payload.seal;
    }
  }
  return open === undefined ? undefined : { day: open, seal: seals[open - 1]! };
}

/** Whether an entry is an open (15), seal (16) or amend (24), which CBOR writes as 0x18 0x18. */
function isWindow(entry: Uint8Array): boolean {
  return entry[2] === 15 || entry[2] === 16 || (entry[2] === 0x18 && entry[3] === 24);
}
