// Waiting for an answer: after a while it is said that there is none yet, and whoever waits may stop.
import { EvidenceMissing } from "../core.ts";

/** Milliseconds of silence after which it is said. */
const LONG = 20_000;

export class Wait {
  readonly #silent: () => void;
  readonly #controller = new AbortController();

  /** `silent` is called once an answer is late. */
  constructor(silent: () => void) {
    this.#silent = silent;
  }

  /** What is asked for, however late; EvidenceMissing when somebody stops waiting. */
  async wait<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    const late = setTimeout(this.#silent, LONG);
    const stopped = new Promise<never>((_, fail) =>
      signal.addEventListener("abort", () => fail(new EvidenceMissing("no answer yet"))),
    );
    try {
      return await Promise.race([ask(signal), stopped]);
    } finally {
      clearTimeout(late);
    }
  }

  /** Wait no longer. What was sent can be sent again: it is the same. */
  abort(): void {
    this.#controller.abort();
  }
}
