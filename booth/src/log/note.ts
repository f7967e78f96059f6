// Signed notes and their verifier keys (C2SP signed-note; spec/log.md#notes).
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, decodeUtf8, equal, fromHex, toHex, utf8 } from "../bytes.ts";
import { ed25519Holds } from "../crypto/ed25519.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";

export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export const LONGEST_NOTE = 262_144;
const MOST_SIGNATURES = 100;
const KEY_ID = 4;

/** A named Ed25519 key with the kind of signature that it makes. */
export interface VerifierKey {
  readonly name: string;
  readonly id: Uint8Array;
  readonly algorithm: number;
  readonly key: Uint8Array;
}

export interface Signature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}

/** A text, which ends in a newline, and its signatures, none of them verified yet. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** The key that `name+hex key id+base64 material` says. */
export function parseVerifierKey(text: string): VerifierKey {
  const [name, id, ...rest] = text.split("+");
  const material = decodeBase64(rest.join("+"), "verifier key"); // base64 may itself contain a plus
  if (name === undefined || id === undefined || material.length !== 33) {
    throw new FormatError("verifier key: not of the form name+id+key");
  }
  checkName(name);
  const algorithm = material[0]!;
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE)
    throw new FormatError(`verifier key ${name}: algorithm`);
  const derived = sha256(concat(utf8(`${name}\n`), material)).slice(0, KEY_ID);
  if (!equal(derived, fromHex(id, KEY_ID, "verifier key: id"))) {
    throw new FormatError(`verifier key ${name}: its id is ${toHex(derived)}`);
  }
  return { name, id: derived, algorithm, key: material.slice(1) };
}

/** A note of at most 262,144 bytes. */
export function parseNote(data: Uint8Array): Note {
  if (data.length > LONGEST_NOTE) throw new FormatError(`note: more than ${LONGEST_NOTE} bytes`);
  const whole = decodeText(data, "note");
  const blank = whole.lastIndexOf("\n\n");
  if (blank < 0 || !whole.endsWith("\n")) throw new FormatError("note: no blank line, or no final newline");
  const lines = whole.slice(blank + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw new FormatError(`note: more than ${MOST_SIGNATURES} signatures`);
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): Signature {
  const [dash, name, encoded, ...more] = line.split(" ");
  if (dash !== "—" || name === undefined || encoded === undefined || more.length) {
    throw new FormatError("note: a signature line is not of the form '— name base64'");
  }
  checkName(name);
  const raw = decodeBase64(encoded, `note: signature by ${name}`);
  if (raw.length <= KEY_ID) throw new FormatError(`note: signature by ${name} has only ${raw.length} bytes`);
  return { name, id: raw.slice(0, KEY_ID), value: raw.slice(KEY_ID) };
}

/** The signature with the key's name and id, not verified; undefined when there is none. */
export function signatureBy(note: Note, key: VerifierKey): Uint8Array | undefined {
  const found = note.signatures.filter((line) => line.name === key.name && equal(line.id, key.id));
  if (found.length > 1)
    throw new VerificationError("log", key.name, `note: signed more than once by ${key.name}`);
  return found[0]?.value;
}

/** VerificationError unless the 64-byte signature of the message is right. */
export function checkSignature(key: VerifierKey, message: string, signature: Uint8Array): void {
  if (!ed25519Holds(key.key, utf8(message), signature)) {
    throw new VerificationError("log", key.name, `note: bad signature by ${key.name}`);
  }
}

/** FormatError unless a key name has neither white space, plus nor control characters. */
export function checkName(name: string): void {
  if (!name || /[\p{White_Space}+\p{Cc}\p{Surrogate}]/u.test(name)) {
    throw new FormatError("key name: empty, or with white space, plus or control characters");
  }
}

/** Strict UTF-8 without control characters other than newline. */
export function decodeText(data: Uint8Array, what: string): string {
  const text = decodeUtf8(data, what);
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) throw new FormatError(`${what}: holds a control character`);
  return text;
}

/** A decimal without leading zeroes, at most `limit`. */
export function decodeDecimal(text: string, what: string, limit: bigint): bigint {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text))
    throw new FormatError(`${what}: not a decimal without leading zeroes`);
  const value = BigInt(text);
  if (value > limit) throw new FormatError(`${what}: more than ${limit}`);
  return value;
}
