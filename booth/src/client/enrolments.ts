// What the log tells of enrolment: who is on the rolls, which cards are enrolled, and whom a region waits for. The log is
// read from its beginning, the same whoever asks for what, so that the server learns nothing from it; and no more of it
// than a phone can bear: then nothing is known, and registrar and board say it later (README.md#what-the-log-tells).
import { equal } from "../bytes.ts";
import { VerificationError } from "../errors.ts";
import { WIDTH } from "../log/tiles.ts";
import { as, authorSigned, bodyHash, decodeEntry, type Entry } from "../protocol/entry.ts";
import type { Region } from "../protocol/excerpts.ts";
import { periodOf } from "../protocol/relays.ts";
import { Bundles } from "./bundles.ts";
import { readLog, type Referendum } from "./referendum.ts";
import { Register } from "./registers.ts";

/** Bytes of entries: about 40,000 cards. */
const MOST = 16 * 2 ** 20;
/** An entry's third byte is its type, for types below 24: part, checkpoint, roll, batch, issued, open; or 0x18. */
const TYPES = [2, 3, 4, 13, 14, 15, 0x18];

/** How many voters a registrar has counted as answered, and until when that was, UTC seconds. */
interface Given {
  readonly index: number;
  readonly count: number;
  time: number | undefined;
}

export class Enrolments {
  readonly #referendum: Referendum;
  readonly #most: number;
  readonly #regions: readonly Register[];
  readonly #bundles: readonly Bundles[];
  readonly #given: readonly Given[][];
  /** When regions begin to vote whose first day was moved. */
  readonly #moved = new Map<number, number>();
  #next = 0;
  #bytes = 0;
  #whole = false;
  #now = 0;
  #reading: Promise<void> | undefined;

  constructor(referendum: Referendum, most = MOST) {
    const { regions, registrars, decoys } = referendum.definition;
    this.#referendum = referendum;
    this.#most = most;
    this.#regions = regions.map(() => new Register(registrars.length, decoys > 0));
    this.#bundles = registrars.map(() => new Bundles());
    this.#given = registrars.map(() => []);
  }

  /** Read on to where the log is now. EvidenceMissing where the server does not answer. */
  update(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** Whether a card is in a batch in effect; undefined where so much of the log was not read. */
  hasCard(region: number, key: Uint8Array): boolean | undefined {
    const register = this.#regions[region]!;
    if (register.recordOf(key)) return true;
    return register.complete || this.#whole ? false : undefined;
  }

  /** The hash of the record with which the log has a card; undefined where it has none. */
  recordOf(region: number, key: Uint8Array): Uint8Array | undefined {
    return this.#regions[region]!.recordOf(key);
  }

  /** Whether a salted hash is on a registrar's roll of a region; undefined where that roll is not known. */
  hasVoter(registrar: number, region: number, hash: Uint8Array): boolean | undefined {
    return this.#regions[region]!.lists(registrar, hash);
  }

  /** Whether a registrar has listed a hash as having got tokens; undefined while it has issued none. */
  issuedTo(registrar: number, region: number, hash: Uint8Array): boolean | undefined {
    return this.#regions[region]!.issuedTo(registrar, hash);
  }

  /** How many batches of a region are in effect, and whether the last one is. */
  batches(region: number): { readonly count: number; readonly complete: boolean } {
    const { batches, complete } = this.#regions[region]!;
    return { count: batches, complete };
  }

  /** When voting begins in a region, UTC seconds. */
  opens({ index, days }: Region): number {
    return this.#moved.get(index) ?? days[0]![0];
  }

  /** When enrolment in a region closed, UTC seconds, by the witnesses' clocks; undefined while it is open. */
  over({ index, closes }: Region): number | undefined {
    return closes <= this.#now || this.#regions[index]!.complete ? closes : undefined;
  }

  /** Whether enrolment is over everywhere, by the witnesses' clocks. */
  get allOver(): boolean {
    return this.#referendum.definition.whole.closes.every((closes) => closes <= this.#now);
  }

  /**
   * The registrars that a region waits for that should have opened; none where it has, or where its time has not come,
   * or not all of the log was read.
   */
  waitsFor(region: Region): readonly number[] {
    const register = this.#regions[region.index]!;
    if (!this.#whole || register.opened || this.#now < this.opens(region)) return [];
    return register.waitedFor();
  }

  /** How many voters, at least, got tokens in the period of the relays that holds this moment; undefined without. */
  answeredInPeriod(now: number): number | undefined {
    const { relays, hold, whole } = this.#referendum.definition;
    const [begins] = (relays.length && periodOf(whole.closes, hold, now)) || [];
    if (begins === undefined || !this.#whole) return undefined;
    const counts = this.#given.map((all) => {
      const before = all.filter(({ time }) => time !== undefined && time < begins).at(-1);
      return (all.at(-1)?.count ?? 0) - (before?.count ?? 0);
    });
    return Math.min(...counts);
  }

  async #read(): Promise<void> {
    if (this.#regions.every(({ issued, opened }) => issued && opened)) return; // nothing can follow
    const { tree, witnessed } = await readLog(this.#referendum);
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
    const { registrars, board, organiser } = this.#referendum.definition;
    if (equal(entry.author, board.key)) this.#takeOfBoard(entry);
    if (equal(entry.author, organiser.key)) this.#amend(entry);
    const registrar = registrars.findIndex(({ key }) => equal(key, entry.author)) + 1;
    if (registrar && authorSigned(entry)) this.#takeOf(registrar, entry, index);
  }

  #takeOf(registrar: number, entry: Entry, index: number): void {
    const bundles = this.#bundles[registrar - 1]!;
    const part = as(entry, "part");
    if (part) bundles.add(part.payload);
    const given = as(entry, "given")?.payload;
    if (given) this.#given[registrar - 1]!.push({ index, count: given.count, time: undefined });
    const endorse = as(entry, "endorse")?.payload;
    if (endorse) this.#regions[endorse.region]?.endorse(registrar, endorse);
    const objection = as(entry, "objection")?.payload;
    if (objection) for (const region of this.#regions) region.object(registrar, objection.entry);
    const closing = as(entry, "roll") ?? as(entry, "batch") ?? as(entry, "issued");
    const region = closing && this.#regions[closing.payload.region];
    const content = closing && bundles.read(closing.payload.digest);
    if (!region || !content) return;
    if (as(entry, "roll")) region.roll(registrar, content);
    if (as(entry, "issued")) region.issue(registrar, content);
    const batch = as(entry, "batch");
    if (batch && registrar === 1) region.batch(bodyHash(entry.body), batch.payload, content);
  }

  #takeOfBoard(entry: Entry): void {
    const open = as(entry, "open")?.payload;
    const region = open && this.#regions[open.region];
    if (region && authorSigned(entry)) region.opened = true;
    const note = as(entry, "checkpoint")?.payload.note;
    if (note) this.#date(note);
  }

  /** A checkpoint that stands in the log dates what is before it. */
  #date(note: Uint8Array): void {
    const undated = this.#given.flat().filter(({ time }) => time === undefined);
    if (!undated.length) return;
    try {
      const { checkpoint, times } = this.#referendum.pin.policy.verify(note);
      for (const given of undated) {
        if (checkpoint.size > given.index) given.time = median([...times.values()]);
      }
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error; // void: it dates nothing
    }
  }

  #amend(entry: Entry): void {
    const amend = as(entry, "amend")?.payload;
    if (amend?.day === 1 && this.#regions[amend.region] && authorSigned(entry)) this.#moved.set(amend.region, amend.open);
  }
}

/** The lower median, as the time of a checkpoint. */
function median(times: readonly bigint[]): number {
  const sorted = times.map(Number).sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
