// Receipts: offline proofs that an entry is in the log (C2SP tlog-proof; spec/log.md#receipts).
import { concat, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { checkInclusion, HASH, LARGEST, leafHash } from "./merkle.ts";
import { decodeDecimal, decodeText, LONGEST_NOTE } from "./note.ts";
import type { Policy, Witnessed } from "./policy.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_HASHES = 63;
const LONGEST_EXTRA = 65_536;

/** An entry's index, the hashes from the leaf upwards, and a signed checkpoint. `extra` proves nothing. */
export interface Receipt {
  readonly index: bigint;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
  readonly extra: Uint8Array;
}

/** Parse the textual form; the checkpoint within is parsed when it is verified. */
export function parseReceipt(data: Uint8Array): Receipt {
  if (data.length > LONGEST_NOTE + 2 * LONGEST_EXTRA) throw new FormatError("receipt: too many bytes");
  const text = decodeText(data, "receipt");
  const blank = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(blank, 0)).split("\n");
  if (header !== HEADER)
    throw new FormatError(`receipt: does not begin with ${HEADER}, or has no blank line`);
  const extra = lines[0]?.startsWith("extra ") ? readExtra(lines.shift()!.slice(6)) : new Uint8Array();
  const index = lines.shift();
  if (!index?.startsWith("index ")) throw new FormatError("receipt: no index line");
  return {
    index: decodeDecimal(index.slice(6), "receipt: index", LARGEST),
    hashes: readHashes(lines),
    checkpoint: utf8(text.slice(blank + 2)),
    extra,
  };
}

function readExtra(text: string): Uint8Array {
  const extra = decodeBase64(text, "receipt: extra data");
  if (!extra.length || extra.length > LONGEST_EXTRA)
    throw new FormatError("receipt: too much extra data, or none");
  return extra;
}

function readHashes(lines: readonly string[]): Uint8Array[] {
  if (lines.length > MOST_HASHES) throw new FormatError(`receipt: more than ${MOST_HASHES} hashes`);
  return lines.map((line) => {
    const hash = decodeBase64(line, "receipt: hash");
    if (hash.length !== HASH) throw new FormatError("receipt: a hash is not 32 bytes");
    return hash;
  });
}

/** The one encoding. */
export function encodeReceipt({ index, hashes, checkpoint, extra }: Receipt): Uint8Array {
  const lines = [HEADER, ...(extra.length ? [`extra ${encodeBase64(extra)}`] : []), `index ${index}`];
  return concat(utf8(`${[...lines, ...hashes.map(encodeBase64)].join("\n")}\n\n`), checkpoint);
}

/** The checkpoint, if it satisfies the policy and `entry` is under its root; VerificationError otherwise. */
export function verifyReceipt(receipt: Receipt, entry: Uint8Array, policy: Policy): Witnessed {
  const witnessed = policy.verify(receipt.checkpoint);
  const { size, root } = witnessed.checkpoint;
  checkInclusion(leafHash(entry), receipt.index, size, receipt.hashes, root);
  return witnessed;
}
