// Whom to believe: logs, witnesses and a quorum (C2SP tlog-policy; spec/log.md#policy).
import { equal, utf8 } from "../bytes.ts";
import { FormatError, VerificationError } from "../errors.ts";
import { type Checkpoint, checkLogSignature, cosignedAt, readCheckpoint } from "./checkpoint.ts";
import { COSIGNATURE, decodeDecimal, ED25519, parseVerifierKey, type VerifierKey } from "./note.ts";

const LONGEST = 65_536;
const MOST = 64;
const NONE = "none";

interface Group {
  readonly threshold: number;
  readonly members: readonly string[];
}

/** A checkpoint that a policy is satisfied with, and who cosigned it when (POSIX seconds). */
export interface Witnessed {
  readonly checkpoint: Checkpoint;
  /** The note as it was given. */
  readonly note: Uint8Array;
  readonly times: ReadonlyMap<string, bigint>;
}

export class Policy {
  readonly #logs = new Map<string, VerifierKey>();
  readonly #witnesses = new Map<string, VerifierKey>();
  readonly #groups = new Map<string, Group>();
  #quorum: string | undefined;

  /** Parse a policy's text. Names of witnesses and groups are compared as bytes, as they stand. */
  constructor(text: string) {
    // Bytes above 0x7E but not DEL are allowed: in text, anything from U+0080 on.
    if (utf8(text).length > LONGEST || /[^\t\n\x20-\x7e\x80-\u{10ffff}]/u.test(text)) {
      throw new FormatError(`policy: more than ${LONGEST} bytes, or with a control character`);
    }
    if (!text.endsWith("\n")) throw new FormatError("policy: no final newline");
    text.split("\n").forEach((line, at) => {
      const items = line.match(/[^ \t]+/g) ?? [];
      if (items[0] && !items[0].startsWith("#")) this.#add(items, `policy line ${at + 1}`);
    });
    if (Math.max(this.#logs.size, this.#witnesses.size, this.#groups.size) > MOST) {
      throw new FormatError(`policy: more than ${MOST} logs, witnesses or groups`);
    }
    if (this.#quorum === undefined) throw new FormatError("policy: no quorum line");
  }

  /** The names of its logs. */
  get origins(): string[] {
    return [...this.#logs.keys()];
  }

  #add([kind, ...rest]: string[], where: string): void {
    const [first, second, ...more] = rest;
    if (kind === "log" && first && rest.length <= 2) {
      const key = this.#key(first, ED25519, this.#logs, where);
      if (this.#logs.has(key.name)) throw new FormatError(`${where}: this origin is already taken`);
      this.#logs.set(key.name, key);
    } else if (kind === "witness" && first && second && more.length <= 1) {
      this.#checkNew(first, where);
      this.#witnesses.set(first, this.#key(second, COSIGNATURE, this.#witnesses, where));
    } else if (kind === "group" && first && second && more.length) {
      this.#checkNew(first, where);
      this.#groups.set(first, this.#group(second, more, where));
    } else if (kind === "quorum" && first && rest.length === 1 && this.#quorum === undefined) {
      if (first !== NONE && !this.#defined(first)) throw new FormatError(`${where}: not defined above`);
      this.#quorum = first;
    } else {
      throw new FormatError(`${where}: not a log, witness, group or (only) quorum line`);
    }
  }

  #key(text: string, algorithm: number, known: ReadonlyMap<string, VerifierKey>, where: string): VerifierKey {
    const key = parseVerifierKey(text);
    if (key.algorithm !== algorithm) throw new FormatError(`${where}: key ${key.name} is of another type`);
    if ([...known.values()].some((other) => equal(key.key, other.key))) {
      throw new FormatError(`${where}: key ${key.name} is already in use`);
    }
    return key;
  }

  #defined(name: string): boolean {
    return this.#witnesses.has(name) || this.#groups.has(name);
  }

  #checkNew(name: string, where: string): void {
    if (name === NONE || this.#defined(name)) throw new FormatError(`${where}: this name is already taken`);
  }

  #group(threshold: string, members: readonly string[], where: string): Group {
    const used = new Set([...this.#groups.values()].flatMap((group) => group.members));
    for (const member of members) {
      if (!this.#defined(member) || used.has(member)) {
        throw new FormatError(`${where}: a member is not defined above, or already one`);
      }
      used.add(member);
    }
    const all = members.length;
    const count =
      threshold === "any"
        ? 1
        : threshold === "all"
          ? all
          : Number(decodeDecimal(threshold, where, BigInt(all)));
    if (count === 0) throw new FormatError(`${where}: threshold 0`);
    return { threshold: count, members };
  }

  #witnessed(name: string, cosigned: ReadonlyMap<string, bigint>): boolean {
    const group = this.#groups.get(name);
    if (!group) return cosigned.has(name);
    return group.members.filter((member) => this.#witnessed(member, cosigned)).length >= group.threshold;
  }

  /** The checkpoint of a note that one of the logs signed and a quorum cosigned; VerificationError otherwise. */
  verify(data: Uint8Array): Witnessed {
    const { checkpoint, note } = readCheckpoint(data);
    const log = this.#logs.get(checkpoint.origin);
    if (!log)
      throw new VerificationError("1.1", "board", `checkpoint: of an unknown log, ${checkpoint.origin}`);
    checkLogSignature(checkpoint, note, log);
    const times = new Map<string, bigint>();
    for (const [name, key] of this.#witnesses) {
      const time = cosignedAt(note, key);
      if (time !== undefined) times.set(name, time);
    }
    if (this.#quorum !== NONE && !this.#witnessed(this.#quorum!, times)) {
      throw new VerificationError(
        "1.2",
        "witnesses",
        `size ${checkpoint.size}: no quorum, ${times.size} cosigned`,
      );
    }
    return { checkpoint, note: data, times };
  }
}
