// How long the entries are in which the log has the definition: whoever knows the document's length reads the log from
// behind them (spec/entries.md#definition).
import { headLength } from "./cbor.ts";

/** Bytes of a document that still stands in its entry, and of each part but the last of a longer one. */
const LONGEST_INSIDE = 60_000;
const PART = 65_000;
/** The array's head, version and type, each in a byte; a string of 32 bytes; the signature. */
const BEGIN = 3;
const HASH = 34;
const SIGNATURE = 66;

/** Bytes of each entry, in order. */
export function definitionLengths(bytes: number): readonly number[] {
  const document = (inside: number): number => BEGIN + 2 * HASH + string(inside) + SIGNATURE;
  if (bytes <= LONGEST_INSIDE) return [document(bytes)];
  const count = Math.ceil(bytes / PART);
  const parts = Array.from({ length: count }, (_, index) => {
    const piece = Math.min(PART, bytes - PART * index);
    return BEGIN + 3 * HASH + headLength(index) + headLength(count) + string(piece) + SIGNATURE;
  });
  return [document(0), ...parts];
}

const string = (bytes: number): number => headLength(bytes) + bytes;
