// Reading what an institution signed and sent outside the log (spec/messages.md).
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import { signatureHolds } from "../crypto/schnorr.ts";
import { leafHash } from "../log/merkle.ts";
import { FormatError, VerificationError } from "../errors.ts";
import {
  as,
  authorSigned,
  bodyHash,
  decodeEntry,
  decodeMessage,
  type Entry,
  encodeBody,
  LONGEST_MESSAGE,
  NOBODY,
  type Payload,
  seal,
  type TypeName,
  UNSIGNED,
} from "./entry.ts";

/** What answers call a request: its body hash, or the hash of bytes that are no message. */
export function identity(message: Uint8Array): Uint8Array {
  try {
    return bodyHash(decodeMessage(message).body);
  } catch {
    return sha256(message);
  }
}

/**
 * What a refusal calls a message, or an entry (spec/messages.md#refusals): its body hash only where its signature
 * holds. Else who refuses a wrong signature could be shown the same body with the right one.
 */
export function refusedAs(data: Uint8Array, decode: (data: Uint8Array) => Entry = decodeMessage): Uint8Array {
  try {
    const entry = decode(data);
    if (isSigned(entry)) return bodyHash(entry.body);
  } catch {
    // Bytes that are no message, or a signature that is none.
  }
  return sha256(data);
}

/** Whether the signature of what a device makes is its author's; nobody's is zeros. */
function isSigned({ type, author, signature, body }: Entry): boolean {
  if (equal(author, NOBODY)) return equal(signature, UNSIGNED);
  if (type !== "ballot" && type !== "admission") return false;
  return signatureHolds(type, author, bodyHash(body), signature);
}

/** A message of this referendum that `author` signed; VerificationError `signature` when it is not theirs. */
export function readMessage(data: Uint8Array, election: Uint8Array, author: Uint8Array): Entry {
  const entry = decodeMessage(data);
  if (!equal(entry.author, author) || !equal(entry.referendum, election) || !authorSigned(entry)) {
    throw new VerificationError("signature", toHex(author), `${entry.type}: not signed by whom it should be`);
  }
  return entry;
}

type Padded = "ready-request" | "token-request";

/** A message of nobody's, filled up with zeros to a size, so that its length tells nothing. */
export function padded<T extends Padded>(
  type: T,
  payload: Omit<Payload<T>, "padding">,
  referendum: Uint8Array,
  author: Uint8Array,
  size: number,
): Uint8Array {
  const make = (zeros: number): Uint8Array => {
    const whole = { ...payload, padding: new Uint8Array(zeros) } as unknown as Payload<T>;
    return seal(encodeBody(type, whole, referendum, author), UNSIGNED, LONGEST_MESSAGE);
  };
  const least = make(0).length;
  if (least > size) throw new FormatError(`${type}: ${least} bytes, more than ${size}`);
  const zeros = size - least;
  return [zeros, zeros - 1, zeros - 2].map(make).find(({ length }) => length === size) ?? make(zeros);
}

/** A signed no: `reason` is one of the words of spec/messages.md#refusals. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly reason: string;
  readonly evidence: Uint8Array;
  readonly signed: Uint8Array;

  constructor(refusal: Payload<"refusal">, signed: Uint8Array) {
    super(refusal.detail);
    this.reason = refusal.reason;
    this.evidence = refusal.evidence;
    this.signed = signed;
  }
}

/**
 * What `author` answered to a request: a message of the type that was hoped for, or Refused is thrown.
 *
 * `refused` is what a refusal of it is called (`refusedAs`), computed where there is a refusal.
 */
export function readAnswer<T extends TypeName>(
  data: Uint8Array,
  type: T,
  election: Uint8Array,
  author: Uint8Array,
  refused: () => Uint8Array,
): Payload<T> {
  const entry = readMessage(data, election, author);
  const refusal = as(entry, "refusal")?.payload;
  if (refusal && equal(refusal.request, refused())) throw new Refused(refusal, data);
  const answer = as(entry, type);
  if (!answer)
    throw new VerificationError(type, toHex(author), `answers with a ${entry.type} of something else`);
  return answer.payload;
}

/**
 * The board's promise to log a ballot's entry (spec/messages.md#ballots).
 *
 * `seal` is when the ballot's day is planned to be sealed, UTC seconds. VerificationError through the board for
 * an answer that is not its, is about another ballot, or promises too late a time.
 */
export function readPromise(
  data: Uint8Array,
  election: Uint8Array,
  board: Uint8Array,
  ballot: Uint8Array,
  seal: number,
): Payload<"promise"> {
  const entry = as(decodeEntry(ballot), "ballot");
  if (!entry) throw new FormatError("no ballot was sent");
  const hash = bodyHash(entry.body);
  const promise = readAnswer(data, "promise", election, board, () => refusedAs(ballot, decodeEntry));
  const { region, day } = entry.payload;
  const about = equal(promise.ballot, hash) && equal(promise.leaf, leafHash(ballot));
  if (!about || promise.region !== region || promise.day !== day) {
    throw new VerificationError("promise", "board", "the promise is about another ballot");
  }
  if (promise.deadline > seal)
    throw new VerificationError("promise", "board", "promises a time after the seal");
  return promise;
}
