// Files of receipts: one message, or several each behind its length in two bytes (README.md#receipts).
import { concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { parseBundle } from "../log/tiles.ts";
import { as, decodeMessage, type Entry } from "./entry.ts";

/** Most receipts of one voter: of 17 cards and a token receipt by each of 8 registrars. */
const MOST = 144;

/** The messages that a file of receipts holds, each behind its length in two bytes. */
export const joinMessages = (messages: readonly Uint8Array[]): Uint8Array =>
  concat(...messages.flatMap((one) => [Uint8Array.of(one.length >> 8, one.length & 255), one]));

/** The receipts in a file: one, or several each behind its length in two bytes. FormatError for anything else. */
export function readReceipts(data: Uint8Array): Entry[] {
  const entries = single(data) ?? several(data);
  if (!entries.every((entry) => as(entry, "card-receipt") ?? as(entry, "token-receipt")))
    throw new FormatError("no receipts of an enrolment");
  return entries;
}

function single(data: Uint8Array): Entry[] | undefined {
  try {
    return [decodeMessage(data)];
  } catch {
    return undefined;
  }
}

function several(data: Uint8Array): Entry[] {
  let count = 0;
  for (let at = 0; at < data.length && count <= MOST; count++) at += 2 + ((data[at]! << 8) | (data[at + 1] ?? 0));
  if (!count || count > MOST) throw new FormatError("no receipts of an enrolment");
  return parseBundle(data, count, "receipts").map(decodeMessage);
}

/** Whether a file is of receipts. */
export function isReceipts(data: Uint8Array): boolean {
  try {
    return readReceipts(data).length > 0;
  } catch {
    return false;
  }
}
