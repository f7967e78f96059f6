// What the log has of one region's enrolment: rolls, batches in effect, issued hashes, and whom it waits for
// (spec/phases.md#batches).
import { sha256 } from "@noble/hashes/sha2.js";

import { compare, concat, equal } from "../bytes.ts";
import type { Payload } from "../protocol/entry.ts";

const KEY = 32;
const RECORD = 384;
const PLAIN_RECORD = 96;

/** A batch that stands until all registrars have endorsed it. */
interface Standing {
  readonly entry: Uint8Array;
  readonly last: boolean;
  readonly cards: Batch;
  readonly endorsed: Set<number>;
  readonly objected: Set<number>;
}

/** The keys of a batch's cards, ascending, and the hashes of their records. */
interface Batch {
  readonly keys: Uint8Array;
  readonly records: Uint8Array;
}

/** A region's enrolment. Registrars are numbered from 1; the first leads. */
export class Register {
  readonly #registrars: number;
  readonly #width: number;
  readonly #rolls = new Map<number, Uint8Array>();
  readonly #issued = new Map<number, Uint8Array>();
  readonly #batches: Batch[] = [];
  #standing: Standing | undefined;
  #complete = false;
  opened = false;

  constructor(registrars: number, weighted: boolean) {
    this.#registrars = registrars;
    this.#width = weighted ? RECORD : PLAIN_RECORD;
  }

  /** Whether the last batch is in effect. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Whether every registrar has issued. */
  get issued(): boolean {
    return this.#issued.size === this.#registrars;
  }

  /** How many batches are in effect. */
  get batches(): number {
    return this.#batches.length;
  }

  roll(registrar: number, content: Uint8Array): void {
    if (!this.#rolls.has(registrar) && !this.#complete) this.#rolls.set(registrar, content);
  }

  issue(registrar: number, content: Uint8Array): void {
    if (this.#complete && !this.opened) this.#issued.set(registrar, content);
  }

  /** A batch entry with this body hash; it stands until another of its number takes its place. */
  batch(entry: Uint8Array, { batch, cards, last }: Payload<"batch">, content: Uint8Array): void {
    if (this.#complete || batch !== this.batches + 1 || content.length !== this.#width * cards) return;
    const rows = Array.from({ length: cards }, (_, at) => content.subarray(this.#width * at, this.#width * (at + 1)));
    const keys = concat(...rows.map((row) => row.subarray(0, KEY)));
    const records = concat(...rows.map((row) => sha256(row)));
    this.#standing = { entry, last: last === 1, cards: { keys, records }, endorsed: new Set(), objected: new Set() };
    this.#takeEffect();
  }

  endorse(registrar: number, { batch, entry }: Payload<"endorse">): void {
    const standing = this.#standing;
    if (!standing || batch !== this.batches + 1 || !equal(entry, standing.entry) || registrar === 1) return;
    standing.endorsed.add(registrar);
    this.#takeEffect();
  }

  /** A registrar's objection to the entry of that body hash. */
  object(registrar: number, entry: Uint8Array): void {
    if (this.#standing && equal(entry, this.#standing.entry)) this.#standing.objected.add(registrar);
  }

  #takeEffect(): void {
    const standing = this.#standing;
    if (!standing || standing.endorsed.size < this.#registrars - 1) return;
    this.#batches.push(standing.cards);
    this.#complete = standing.last;
    this.#standing = undefined;
  }

  /** The hash of a card's record; undefined where no batch in effect has the card. */
  recordOf(key: Uint8Array): Uint8Array | undefined {
    for (const { keys, records } of this.#batches) {
      const at = find(keys, key);
      if (at >= 0) return records.slice(KEY * at, KEY * (at + 1));
    }
    return undefined;
  }

  /** Whether a hash is on a registrar's roll; undefined while there is none. */
  lists(registrar: number, hash: Uint8Array): boolean | undefined {
    const roll = this.#rolls.get(registrar);
    return roll && find(roll, hash) >= 0;
  }

  /** Whether a registrar has listed a hash as having got its tokens; undefined while it has issued none. */
  issuedTo(registrar: number, hash: Uint8Array): boolean | undefined {
    const issued = this.#issued.get(registrar);
    return issued && find(issued, hash) >= 0;
  }

  /**
   * The registrars that have not done their part, of what is next; beside one that objects to the batch that stands,
   * the lead, for the log does not show who is right.
   */
  waitedFor(): number[] {
    const all = Array.from({ length: this.#registrars }, (_, at) => at + 1);
    const done = (number: number): boolean => {
      if (this.#rolls.size < this.#registrars) return this.#rolls.has(number);
      if (this.#complete) return this.#issued.has(number);
      if (!this.#standing) return number !== 1;
      const { endorsed, objected } = this.#standing;
      return endorsed.has(number) || (number === 1 && [...objected].every((other) => endorsed.has(other)));
    };
    return all.filter((number) => !done(number));
  }
}

/** Where rows of 32 bytes, ascending, have one; -1 where they do not. */
function find(rows: Uint8Array, key: Uint8Array): number {
  let [least, most] = [0, rows.length / KEY];
  while (least < most) {
    const middle = (least + most) >> 1;
    const order = compare(rows.subarray(KEY * middle, KEY * (middle + 1)), key);
    if (order === 0) return middle;
    if (order < 0) least = middle + 1;
    else most = middle;
  }
  return -1;
}
