// The browser's history, so that a phone's Back goes one step back within a page. An entry of it holds the number of
// a step and nothing else; how many there are does not tell how many cards or ballots were made.

/** What a page tells of its state: how many steps it is from the first, and how it goes one step back. */
export interface Walk {
  readonly depth: () => number;
  /** Go one step back, where that can be: a page that asks first is then where it was, with its question. */
  readonly back: () => void;
}

/**
 * Keeps the history at the page's depth. New entries are made for steps forward alone, which follow what somebody
 * does: browsers pass over entries that a page makes by itself. Forward brings nothing back: what was left is gone.
 */
export class Steps {
  readonly #walk: Walk;
  /** The last entry of this page that there is to go to. */
  #top = 0;
  #moving = false;

  constructor(walk: Walk) {
    this.#walk = walk;
  }

  /** From now on listen to the browser. A page that was loaded again stands where it stood, and begins anew. */
  start(): void {
    if (typeof history.state !== "number") history.replaceState(0, "");
    this.#top = history.state as number;
    window.addEventListener("popstate", ({ state }) => this.#arrive(state));
    this.align();
  }

  /** Go, or make entries, to where the page is. */
  align(): void {
    if (this.#moving || typeof history.state !== "number") return;
    const at = history.state;
    const depth = this.#walk.depth();
    if (depth === at) return;
    if (depth <= this.#top) {
      this.#moving = true;
      history.go(depth - at);
      return;
    }
    for (let step = at + 1; step <= depth; step++) history.pushState(step, "");
    this.#top = depth;
  }

  #arrive(state: unknown): void {
    if (typeof state !== "number") {
      this.#top = this.#walk.depth(); // somebody wrote something else behind the #: that is a new entry
      history.replaceState(this.#top, "");
      return;
    }
    if (!this.#moving) retreat(this.#walk, state);
    this.#moving = false;
    this.align();
  }
}

/** Step back until the page is where the browser is, or does not go further. */
function retreat({ depth, back }: Walk, to: number): void {
  for (let at = depth(); at > to; at = depth()) {
    back();
    if (depth() >= at) return;
  }
}
