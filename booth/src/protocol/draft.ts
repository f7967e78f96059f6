// What a device has not signed yet is opened or signed, never both (Benaloh 2006: challenge or cast).
import { PhaseError } from "../errors.ts";

/** Remembers, for as long as it lives, which of the two a draft was. */
export class Fate {
  #settled: "opened" | "signed" | undefined;

  /** PhaseError when it was the other before. */
  settle(as: "opened" | "signed"): void {
    if (this.#settled && this.#settled !== as)
      throw new PhaseError(`was ${this.#settled} and cannot be ${as}`);
    this.#settled = as;
  }
}
