// A referendum as a device reads it from its log: pin, checkpoint, definition, and the ceremony's result. Only
// the beginning of the log is read, up to the key; every byte of it is checked against the witnessed checkpoint.
import { sha256 } from "@noble/hashes/sha2.js";

import { equal } from "../bytes.ts";
import { EvidenceMissing, NotBegun, VerificationError } from "../errors.ts";
import type { Witnessed } from "../log/policy.ts";
import { Tree } from "../log/tree.ts";
import { type Definition, parseDefinition } from "../protocol/definition.ts";
import { as, decodeEntry } from "../protocol/entry.ts";
import { parsePin, type Pin } from "../protocol/pin.ts";
import { type Keys, Signatures } from "./ceremony.ts";
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
  const definition = readDefinition(pin, (await tree.bundle(0))[0]!);
  const signatures = new Signatures(definition);
  for await (const [, entries] of tree.bundles()) {
    for (const entry of entries.filter((one) => one[TYPE] === CEREMONY_SIGN)) {
      const keys = signatures.take(decodeEntry(entry));
      if (keys) return { site, pin, definition, size: tree.size, ...keys };
    }
  }
  throw new NotBegun("the trustees have not made their key yet");
}

/** The definition in entry 0, if it is the pinned one (check 2.1). */
function readDefinition(pin: Pin, data: Uint8Array): Definition {
  const entry = as(decodeEntry(data), "definition");
  if (!entry || !equal(sha256(entry.payload.document), pin.definition)) {
    throw new VerificationError("2.1", "organiser", "entry 0 is not the pinned definition");
  }
  return parseDefinition(entry.payload.document);
}
