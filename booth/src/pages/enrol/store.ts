// What this device keeps of cards that are made until the log has them: nothing in it tells which of them counts. Where
// the browser keeps nothing, the page has to stay open.
import { decodePendings, encodePendings, type Pending, toHex } from "../../core.ts";

/** What it is called there: a site may have had another referendum before. */
const nameOf = (election: Uint8Array): string => `psephos-pending-${toHex(election)}`;

/** What is kept for an election; nothing where there is none, or it cannot be read. */
export function stored(election: Uint8Array): readonly Pending[] {
  try {
    return decodePendings(election, localStorage.getItem(nameOf(election)) ?? "");
  } catch {
    return [];
  }
}

/** Keep it; false where the browser does not. */
export function store(election: Uint8Array, pendings: readonly Pending[]): boolean {
  try {
    if (pendings.length) localStorage.setItem(nameOf(election), encodePendings(election, pendings));
    else localStorage.removeItem(nameOf(election));
    return true;
  } catch {
    return false;
  }
}
