// Tiles and entry bundles: a log as a set of immutable files (C2SP tlog-tiles; spec/log.md#tiles).
import { FormatError } from "../errors.ts";

export const WIDTH = 256;
export const ENTRIES = "entries";
/** Bytes of an entry's length, which stands before it. */
export const LENGTH = 2;
export const LONGEST_TILE = 8_192;
export const LONGEST_BUNDLE = 16_777_472;

/** A tile's level (or entries), index in its level, and width: 256 unless it is partial. */
export interface Tile {
  readonly level: number | typeof ENTRIES;
  readonly index: number;
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, relative to the log's prefix. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(3 * Math.ceil(digits.length / 3), "0").match(/.{3}/g)!;
  const number = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${number}${width < WIDTH ? `.p/${width}` : ""}`;
}

/** The tile at this place in a tree of `size` leaves, partial if it is the last; width 0 if not there. */
export function tileAt(level: Tile["level"], index: number, size: number): Tile {
  const hashes = Math.floor(size / WIDTH ** (level === ENTRIES ? 0 : level));
  return { level, index, width: Math.max(0, Math.min(WIDTH, hashes - index * WIDTH)) };
}

/** Exactly `width` entries, each behind its length in two bytes; FormatError names `where`. */
export function parseBundle(data: Uint8Array, width: number, where: string): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  for (let number = 0; number < width; number++) {
    const length = (data[at] ?? 0) * 256 + (data[at + 1] ?? 0);
    const end = at + LENGTH + length;
    if (!length || end > data.length)
      throw new FormatError(`${where}: entry ${number} is cut short or empty`);
    entries.push(data.slice(at + LENGTH, end));
    at = end;
  }
  if (at !== data.length) throw new FormatError(`${where}: ${data.length - at} bytes after the last entry`);
  return entries;
}
