// What the log tells of enrolment: who is on the rolls, which cards are enrolled, and whether it is over. The log is read
// from its beginning, the same whoever asks for what, so that the server learns nothing from it; and no more of it than
// a phone can bear: then nothing is known, and registrar and board say it later (README.md#what-the-log-tells).
import { compare, concat, equal } from "../bytes.ts";
import { VerificationError } from "../errors.ts";
import { WIDTH } from "../log/tiles.ts";
import { as, authorSigned, decodeEntry, type Entry } from "../protocol/entry.ts";
import { Bundles } from "./bundles.ts";
import { readLog, type Referendum } from "./referendum.ts";

/** Bytes of entries: about 40,000 cards. */
const MOST = 16 * 2 ** 20;
const KEY = 32;
const RECORD = 384;
const PLAIN_RECORD = 96;
/** An entry's third byte is its type, for types below 24: part, checkpoint, roll, batch, issued, and amend. */
const TYPES = [2, 3, 4, 13, 14, 0x18];

interface Region {
  roll?: Uint8Array;
  /** The keys of a batch's cards, ascending. */
  readonly cards: Uint8Array[];
  /** Where the log has the last batch. */
  last?: number;
  /** The time of a checkpoint behind it. */
  since?: number;
  issued?: boolean;
  /** When the first day opens. */
  opens: number;
}

/** When enrolment ended, at the latest, in UTC seconds; undefined where the log does not tell. */
export interface Over {
  readonly since: number | undefined;
}

export class Enrolments {
  readonly #referendum: Referendum;
  readonly #most: number;
  readonly #regions: readonly Region[];
  readonly #bundles = new Bundles();
  #next = 0;
  #bytes = 0;
  #whole = false;
  #now = 0;
  #reading: Promise<void> | undefined;

  constructor(referendum: Referendum, most = MOST) {
    this.#referendum = referendum;
    this.#most = most;
    this.#regions = referendum.definition.regions.map(({ days }) => ({ cards: [], opens: days[0]![0] }));
  }

  /** Read on to where the log is now. EvidenceMissing where the server does not answer. */
  update(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Whether a card is in a batch; undefined where so much of the log was not read. */
  hasCard(region: number, key: Uint8Array): boolean | undefined {
    const { cards, issued } = this.#regions[region]!;
    if (cards.some((keys) => contains(keys, key))) return true;
    return issued || this.#whole ? false : undefined;
  }

  /** Whether a salted hash is on a region's roll; undefined where the roll is not known. */
  hasVoter(region: number, hash: Uint8Array): boolean | undefined {
    const { roll } = this.#regions[region]!;
    return roll && contains(roll, hash);
  }

  /** When voting begins in a region, and enrolment is over at the latest, in UTC seconds. */
  opens(region: number): number {
    return this.#regions[region]!.opens;
  }

  /** That enrolment in a region is over: by the log, or by its times where not all of that was read. */
  over(region: number): Over | undefined {
    const { last, since, opens } = this.#regions[region]!;
    const opened = opens <= this.#now ? opens : undefined;
    if (last === undefined) return this.#whole || opened === undefined ? undefined : { since: opened };
    const times = [since, opened].filter((time) => time !== undefined);
    return { since: times.length ? Math.min(...times) : undefined };
  }

  async #read(): Promise<void> {
    if (this.#regions.every(({ issued }) => issued)) return; // nothing can follow
    const { site, pin } = this.#referendum;
    const { tree, witnessed } = await readLog(site, pin);
    this.#now = median([...witnessed.times.values()]);
    while (this.#next < tree.size && this.#bytes <= this.#most) {
      const bundle = Math.floor(this.#next / WIDTH);
      for (const entry of (await tree.bundle(bundle)).slice(this.#next % WIDTH)) {
        this.#bytes += entry.length;
        if (TYPES.includes(entry[2]!)) this.#take(decodeEntry(entry), this.#next);
        this.#next += 1;
      }
    }
    this.#whole = this.#next >= tree.size;
  }

  #take(entry: Entry, index: number): void {
    const { registrar, board, organiser } = this.#referendum.definition;
    const note = equal(entry.author, board.key) && as(entry, "checkpoint")?.payload.note;
    if (note) this.#date(note);
    if (equal(entry.author, organiser.key)) this.#amend(entry);
    if (!equal(entry.author, registrar.key) || !authorSigned(entry)) return;
    const part = as(entry, "part");
    if (part) this.#bundles.add(part.payload);
    const closing = as(entry, "roll") ?? as(entry, "batch") ?? as(entry, "issued");
    const region = closing && this.#regions[closing.payload.region];
    if (!region) return;
    const content = this.#bundles.take(closing.payload.digest);
    if (as(entry, "roll") && content) region.roll ??= content;
    if (as(entry, "issued")) region.issued = true;
    const batch = as(entry, "batch");
    if (!batch) return;
    const record = this.#referendum.definition.cards > 1 ? RECORD : PLAIN_RECORD;
    if (content) region.cards.push(keysOf(content, record, batch.payload.cards));
    if (batch.payload.last) region.last ??= index;
  }

  /** A checkpoint that stands in the log dates what is before it. */
  #date(note: Uint8Array): void {
    const undated = this.#regions.filter(({ last, since }) => last !== undefined && since === undefined);
    if (!undated.length) return;
    try {
      const { checkpoint, times } = this.#referendum.pin.policy.verify(note);
      for (const region of undated) {
        if (checkpoint.size > region.last!) region.since = median([...times.values()]);
      }
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error; // void: it dates nothing
    }
  }

  #amend(entry: Entry): void {
    const amend = as(entry, "amend")?.payload;
    const region = amend && this.#regions[amend.region];
    if (region && amend.day === 1 && authorSigned(entry)) region.opens = amend.open;
  }
}

/** The lower median, as the time of a checkpoint is (spec/phases.md#windows). */
function median(times: readonly bigint[]): number {
  const sorted = times.map(Number).sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

const keysOf = (content: Uint8Array, record: number, count: number): Uint8Array =>
  concat(...Array.from({ length: count }, (_, at) => content.subarray(record * at, record * at + KEY)));

/** Whether rows of 32 bytes, ascending, have one. */
function contains(rows: Uint8Array, key: Uint8Array): boolean {
  let [least, most] = [0, rows.length / KEY];
  while (least < most) {
    const middle = (least + most) >> 1;
    const order = compare(rows.subarray(KEY * middle, KEY * (middle + 1)), key);
    if (order === 0) return true;
    if (order < 0) least = middle + 1;
    else most = middle;
  }
  return false;
}
