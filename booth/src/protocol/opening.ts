// Openings as files, from the device that made something to the one that checks it. Nobody signs them: a
// commitment, or a ballot's hash, was recorded before (spec/messages.md#opening-files).
import { equal } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import {
  as,
  decodeMessage,
  encodeBody,
  LONGEST_MESSAGE,
  NOBODY,
  type Payload,
  seal,
  UNSIGNED,
} from "./entry.ts";

type Opening = "cards-opening" | "ballot-opening";

/** The file of something opened. */
export function writeOpening<T extends Opening>(
  type: T,
  payload: Payload<T>,
  election: Uint8Array,
): Uint8Array {
  return seal(encodeBody(type, payload, election, NOBODY), UNSIGNED, LONGEST_MESSAGE);
}

/** What a file opens; FormatError unless it is of this type and referendum, without author and signature. */
export function readOpening<T extends Opening>(data: Uint8Array, type: T, election: Uint8Array): Payload<T> {
  const entry = as(decodeMessage(data), type);
  if (!entry || !equal(entry.referendum, election)) throw new FormatError(`no ${type} of this referendum`);
  if (!equal(entry.author, NOBODY) || !equal(entry.signature, UNSIGNED)) {
    throw new FormatError(`${type}: has an author or a signature`);
  }
  return entry.payload;
}
