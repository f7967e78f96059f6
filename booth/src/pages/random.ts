// Chance, from the browser's own source.

/** Fresh random bytes. */
export function randomBytes(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** 32 random bytes: a seed for one call. */
export const seed = (): Uint8Array => randomBytes(32);

/** A number from `least` to `most`, all as likely: draws that would favour the small ones are thrown away. */
export function randomBetween(least: number, most: number): number {
  const count = most - least + 1;
  const fair = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0]!;
    if (drawn < fair) return least + (drawn % count);
  }
}

/** Wait for so many seconds. */
export const pause = (seconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, 1000 * seconds));
