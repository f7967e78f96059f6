// Receipts of enrolment, held against the log: whether it has a card with exactly the record that a registrar admitted,
// and lists whoever got tokens (spec/messages.md#enrolment-on-a-device).
import { equal } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { as, authorSigned, type Entry } from "../protocol/entry.ts";
import type { Enrolments } from "./enrolments.ts";
import type { Referendum } from "./referendum.ts";

/** Whether the log has what a receipt is of: `waits`, nothing is due yet; `missing` and `other` are evidence. */
export type Standing = "there" | "waits" | "missing" | "other";

/** What a receipt shows; `card` is its K, and undefined where it is of tokens. */
export interface Shown {
  readonly registrar: number;
  readonly region: number;
  readonly card: Uint8Array | undefined;
  readonly standing: Standing;
}

/** What a receipt shows; VerificationError for one that no registrar of this referendum has signed. */
export function showReceipt({ definition, election }: Referendum, enrolments: Enrolments, entry: Entry): Shown {
  const registrar = definition.registrars.findIndex(({ key }) => equal(key, entry.author)) + 1;
  if (!registrar || !equal(entry.referendum, election) || !authorSigned(entry))
    throw new VerificationError("signature", "device", "no registrar of this referendum has signed this receipt");
  const token = as(entry, "token-receipt")?.payload;
  const { region, ...about } = token ?? as(entry, "card-receipt")!.payload;
  if (!definition.regions[region]) throw new FormatError("receipt: of no region");
  if (token) {
    const listed = enrolments.issuedTo(registrar, region, token.hash);
    return { registrar, region, card: undefined, standing: listed === undefined ? "waits" : listed ? "there" : "missing" };
  }
  const { card, record, batch } = about as { card: Uint8Array; record: Uint8Array; batch: number };
  const found = enrolments.recordOf(region, card);
  if (found) return { registrar, region, card, standing: equal(found, record) ? "there" : "other" };
  const { count, complete } = enrolments.batches(region);
  return { registrar, region, card, standing: complete || count > batch ? "missing" : "waits" };
}
