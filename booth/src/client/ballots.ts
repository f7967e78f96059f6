// Ballots at the board: sent, answered, and found in the log again (spec/messages.md#ballots).
import { concat, equal } from "../bytes.ts";
import { VerificationError } from "../errors.ts";
import { encodeReceipt, parseReceipt, type Receipt, verifyReceipt } from "../log/proof.ts";
import { parseBundle, WIDTH } from "../log/tiles.ts";
import { bodyHash, type Payload } from "../protocol/entry.ts";
import { readPromise } from "../protocol/message.ts";
import { type Log, type Readable, readLog, type Referendum } from "./referendum.ts";

const TYPE = 2;
const BALLOT = 17;
/** An entry's signature and its head: what follows its body. */
const SIGNED = 66;

/** What the board promised, and the same as it signed it: evidence, if the promise is broken. */
export interface Promised {
  readonly promise: Payload<"promise">;
  readonly signed: Uint8Array;
}

/** The board's promise for a ballot; Refused for its signed refusal. `seal` is the day's, as planned. */
export async function cast(
  { site, election, definition }: Referendum,
  entry: Uint8Array,
  seal: number,
  signal?: AbortSignal,
): Promise<Promised> {
  const request = concat(Uint8Array.of(entry.length >> 8, entry.length & 255), entry);
  const signed = parseBundle(await site.ask("post/board", request, signal), 1, "the board's answer")[0]!;
  return { promise: readPromise(signed, election, definition.board.key, entry, seal), signed };
}

/** A ballot in the log: where, and the receipt that shows it, with the entry inside. */
export interface Recorded {
  readonly index: number;
  readonly entry: Uint8Array;
  readonly witnesses: number;
  readonly receipt: Uint8Array;
}

/** The ballot with a tracker, looked for from an entry on; undefined while the log does not have it. */
export async function find(
  referendum: Readable,
  tracker: Uint8Array,
  from = 0,
): Promise<{ found: Recorded | undefined; size: number }> {
  const log = await readLog(referendum);
  for (let bundle = Math.floor(from / WIDTH); bundle * WIDTH < log.tree.size; bundle++) {
    const found = await findIn(log, bundle, tracker);
    if (found) return { found, size: log.tree.size };
  }
  return { found: undefined, size: log.tree.size };
}

/** The same, but only where the server says that it is; what stands there is checked like all else. */
export async function findWhereSaid(
  referendum: Readable,
  tracker: Uint8Array,
): Promise<Recorded | undefined> {
  const index = await referendum.site.place(tracker);
  const log = await readLog(referendum);
  return index !== undefined && index < log.tree.size
    ? findIn(log, Math.floor(index / WIDTH), tracker)
    : undefined;
}

async function findIn(
  { tree, witnessed }: Log,
  bundle: number,
  tracker: Uint8Array,
): Promise<Recorded | undefined> {
  const entries = await tree.bundle(bundle);
  const at = entries.findIndex((entry) => entry[TYPE] === BALLOT && equal(trackerOf(entry), tracker));
  if (at < 0) return undefined;
  const index = bundle * WIDTH + at;
  const entry = entries[at]!;
  const hashes = await tree.inclusionProof(index);
  const receipt = { index: BigInt(index), hashes, checkpoint: witnessed.note, extra: entry };
  return { index, entry, witnesses: witnessed.times.size, receipt: encodeReceipt(receipt) };
}

/** A ballot's hash, from its entry without decoding all of it. */
export function trackerOf(entry: Uint8Array): Uint8Array {
  return bodyHash(concat(Uint8Array.of(entry[0]! - 1), entry.subarray(1, -SIGNED)));
}

/** What a receipt with the entry inside shows; VerificationError when it does not hold. No network is needed. */
export function checkReceipt({ pin }: Referendum, data: Uint8Array): Recorded {
  const receipt: Receipt = parseReceipt(data);
  if (!receipt.extra.length)
    throw new VerificationError("receipt", "device", "this receipt has no ballot in it");
  const { times } = verifyReceipt(receipt, receipt.extra, pin.policy);
  return { index: Number(receipt.index), entry: receipt.extra, witnesses: times.size, receipt: data };
}
