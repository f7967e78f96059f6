// Explanations and arguments, from beside the log. All that a voter may read on a ballot are asked for together, so
// that a server does not see which of them she opens.
import { toHex } from "../bytes.ts";
import { type Explanation, LONGEST_TEXT, readText } from "../protocol/explanations.ts";
import type { Referendum } from "./referendum.ts";

/** Reads texts once; what could not be read is asked for again. */
export class Explanations {
  readonly #referendum: Referendum;
  readonly #read = new Map<string, Promise<string>>();

  constructor(referendum: Referendum) {
    this.#referendum = referendum;
  }

  /** Those of the whole vote (`undefined`) or of a contest. */
  of(contest: number | undefined): readonly Explanation[] {
    return this.#referendum.definition.texts.filter((one) => one.contest === contest);
  }

  /** Ask for all of these in a language of the definition. */
  ask(contests: readonly (number | undefined)[], language: string): void {
    for (const one of contests.flatMap((contest) => this.of(contest)))
      void this.text(one.files[language]!).catch(() => undefined); // said where it is shown
  }

  /** A text; EvidenceMissing where the server has none, FormatError where it has another. */
  text(digest: Uint8Array): Promise<string> {
    const name = toHex(digest);
    const known = this.#read.get(name);
    if (known) return known;
    const read = this.#referendum.site.log(`blob/${name}`, LONGEST_TEXT).then((data) => readText(data, digest));
    read.catch(() => this.#read.delete(name));
    this.#read.set(name, read);
    return read;
  }
}
