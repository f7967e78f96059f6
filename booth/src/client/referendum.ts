// A referendum as a device reads it from its log: pin, checkpoint, definition, and the ceremony's result. Only
// the beginning of the log is read, up to the key; every byte of it is checked against the witnessed checkpoint.
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, equal } from "../bytes.ts";
import { EvidenceMissing, NotBegun, VerificationError } from "../errors.ts";
import type { Witnessed } from "../log/policy.ts";
import { Tree } from "../log/tree.ts";
import { type Definition, parseDefinition } from "../protocol/definition.ts";
import { as, decodeEntry } from "../protocol/entry.ts";
import { parsePin, type Pin } from "../protocol/pin.ts";
import { type Keys, Signatures } from "./ceremony.ts";
import { isOfKeys } from "./registrars.ts";
import type { Site } from "./site.ts";

const LONGEST_CHECKPOINT = 262_144;
/** The third byte of an entry is its type, for types below 24 (spec/encoding.md#cbor). */
const TYPE = 2;
const CEREMONY_SIGN = 12;

export interface Referendum extends Keys {
  readonly site: Site;
  readonly pin: Pin;
  readonly definition: Definition;
  /** The log's size when it was read. */
  readonly size: number;
}

/** A log and the checkpoint that it is read under. */
export interface Log {
  readonly tree: Tree;
  readonly witnessed: Witnessed;
}

/** The log as it stands now, under a checkpoint that the pin's witnesses have cosigned. */
export async function readLog(site: Site, pin: Pin): Promise<Log> {
  const witnessed = pin.policy.verify(await site.log("checkpoint", LONGEST_CHECKPOINT));
  return { tree: await Tree.open(witnessed.checkpoint, site.log), witnessed };
}

/** NotBegun while the trustees have not made their key yet. */
export async function openReferendum(site: Site): Promise<Referendum> {
  const pin = parsePin(await site.pin());
  const { tree } = await readLog(site, pin);
  if (!tree.size) throw new EvidenceMissing("the log is empty");
  const definition = await readDefinition(pin, tree);
  const signatures = new Signatures(definition);
  for await (const [, entries] of tree.bundles()) {
    for (const entry of entries.filter((one) => one[TYPE] === CEREMONY_SIGN || isOfKeys(one))) {
      const keys = signatures.take(decodeEntry(entry));
      if (keys) return { site, pin, definition, size: tree.size, ...keys };
    }
  }
  throw new NotBegun("the trustees have not made their key yet");
}

/** The pinned definition (check 2.1): in entry 0, or in the parts behind it. The pin's hash is of the whole. */
async function readDefinition(pin: Pin, tree: Tree): Promise<Definition> {
  const pieces: Uint8Array[] = [];
  for await (const [start, entries] of tree.bundles()) {
    for (const [at, data] of entries.entries()) {
      const entry = decodeEntry(data);
      if (start + at === 0) {
        const document = as(entry, "definition")?.payload.document;
        if (!document || document.length) return parsePinned(pin, document ?? new Uint8Array());
        continue;
      }
      const part = as(entry, "part");
      if (!part || part.payload.index !== pieces.length || !equal(part.payload.digest, pin.definition)) {
        throw new VerificationError("2.1", "board", `entry ${start + at} is not the definition's next part`);
      }
      pieces.push(part.payload.data);
      if (pieces.length === part.payload.count) return parsePinned(pin, concat(...pieces));
    }
  }
  throw new EvidenceMissing("the log does not hold the whole definition yet");
}

function parsePinned(pin: Pin, document: Uint8Array): Definition {
  if (!equal(sha256(document), pin.definition)) {
    throw new VerificationError("2.1", "organiser", "the log does not begin with the pinned definition");
  }
  return parseDefinition(document);
}
