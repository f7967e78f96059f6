// A log's signed statement of its size and root, and witnesses' timestamped words for it
// (C2SP tlog-checkpoint, tlog-cosignature; spec/log.md#checkpoints).
import { equal } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import { EMPTY_ROOT, HASH, LARGEST } from "./merkle.ts";
import {
  checkName,
  checkSignature,
  decodeDecimal,
  type Note,
  parseNote,
  signatureBy,
  type VerifierKey,
} from "./note.ts";

const TIME = 8;

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** A checkpoint as it stands in a note; nothing is verified yet. */
export function readCheckpoint(data: Uint8Array): { checkpoint: Checkpoint; note: Note } {
  const note = parseNote(data);
  const [origin, size, root, end, ...more] = note.text.split("\n");
  if (origin === undefined || size === undefined || root === undefined || end !== "" || more.length) {
    throw new FormatError("checkpoint: not exactly three lines");
  }
  checkName(origin);
  const hash = decodeBase64(root, "checkpoint root");
  if (hash.length !== HASH) throw new FormatError("checkpoint: the root is not 32 bytes");
  return { checkpoint: { origin, size: decodeDecimal(size, "checkpoint size", LARGEST), root: hash }, note };
}

/** VerificationError unless the log that the origin names has signed, and an empty tree has the empty root. */
export function checkLogSignature(checkpoint: Checkpoint, note: Note, key: VerifierKey): void {
  const signature = signatureBy(note, key);
  if (!signature) throw new VerificationError("1.1", "board", `checkpoint: not signed by ${key.name}`);
  checkSignature(key, note.text, signature);
  if (checkpoint.size === 0n && !equal(checkpoint.root, EMPTY_ROOT)) {
    throw new VerificationError(
      "1.1",
      "board",
      "checkpoint: size 0 with a root that is not the empty tree's",
    );
  }
}

/** When a witness cosigned, in POSIX seconds; undefined if it did not, VerificationError if its line is wrong. */
export function cosignedAt(note: Note, key: VerifierKey): bigint | undefined {
  const line = signatureBy(note, key);
  if (!line) return undefined;
  if (line.length !== TIME + 64) throw refuse(key, `${line.length} bytes`);
  const time = new DataView(line.buffer, line.byteOffset).getBigUint64(0);
  if (time < 1n || time > LARGEST) throw refuse(key, "time is out of range");
  checkSignature(key, `cosignature/v1\ntime ${time}\n${note.text}`, line.subarray(TIME));
  return time;
}

function refuse(key: VerifierKey, what: string): VerificationError {
  return new VerificationError("1.2", "witnesses", `cosignature by ${key.name}: ${what}`);
}
