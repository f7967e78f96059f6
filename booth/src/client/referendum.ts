// A referendum as a device reads it: pin, checkpoint, the definition's head and excerpts, and the ceremony's result. Of
// the log only the beginning is read, behind the definition and up to the key; every byte of it is checked against the
// witnessed checkpoint. The definition is checked against the pin: that the log begins with it, verifiers check.
import { sha256 } from "@noble/hashes/sha2.js";

import { equal } from "../bytes.ts";
import { EvidenceMissing, NotBegun, VerificationError } from "../errors.ts";
import type { Witnessed } from "../log/policy.ts";
import { Tree } from "../log/tree.ts";
import { type Definition, MOST_LOADED, parseHead } from "../protocol/definition.ts";
import { decodeEntry } from "../protocol/entry.ts";
import { parsePin, type Pin } from "../protocol/pin.ts";
import { type Keys, Signatures } from "./ceremony.ts";
import { Excerpts } from "./excerpts.ts";
import { isOfKeys } from "./registrars.ts";
import type { Site } from "./site.ts";

const LONGEST_CHECKPOINT = 262_144;
/** The third byte of an entry is its type, for types below 24 (spec/encoding.md#cbor). */
const TYPE = 2;
const CEREMONY_SIGN = 12;

/** What a log is read with. */
export interface Readable {
  readonly site: Site;
  readonly pin: Pin;
  /** The head. */
  readonly definition: Definition;
}

export interface Referendum extends Keys, Readable {
  /** What was loaded of the definition besides its head. */
  readonly excerpts: Excerpts;
  /** The log's size when it was read. */
  readonly size: number;
}

/** A log and the checkpoint that it is read under. */
export interface Log {
  readonly tree: Tree;
  readonly witnessed: Witnessed;
}

/** The log as it stands now, under a checkpoint that the pin's witnesses have cosigned. */
export async function readLog({ site, pin, definition }: Readable): Promise<Log> {
  const witnessed = pin.policy.verify(await site.log("checkpoint", LONGEST_CHECKPOINT));
  return { tree: await Tree.open(witnessed.checkpoint, site.log, definition.lengths), witnessed };
}

/** NotBegun while the trustees have not made their key yet. */
export async function openReferendum(site: Site): Promise<Referendum> {
  const pin = parsePin(await site.pin());
  const definition = await readHead(site, pin);
  const { tree } = await readLog({ site, pin, definition });
  if (tree.size < definition.lengths.length)
    throw new EvidenceMissing("the log does not hold the whole definition yet");
  const excerpts = new Excerpts(definition, site);
  await excerpts.open();
  const signatures = new Signatures(definition);
  for await (const [, entries] of tree.bundles()) {
    for (const entry of entries.filter((one) => one[TYPE] === CEREMONY_SIGN || isOfKeys(one))) {
      const keys = signatures.take(decodeEntry(entry));
      if (keys) return { site, pin, definition, excerpts, size: tree.size, ...keys };
    }
  }
  throw new NotBegun("the trustees have not made their key yet");
}

/** The pinned definition's head (check 2.1). */
async function readHead(site: Site, pin: Pin): Promise<Definition> {
  const head = await site.excerpt(pin.definition, MOST_LOADED);
  if (!equal(sha256(head), pin.definition))
    throw new VerificationError("2.1", "board", "the server's definition is not the pinned one");
  return parseHead(head);
}
