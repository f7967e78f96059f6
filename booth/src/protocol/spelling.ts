// Twelve words as people type them: found in other text, and what was probably meant by a slip. Nothing here takes a
// word for another: it proposes (spec/messages.md#what-devices-forgive).
import { ADJECTIVES, ANIMALS, COLOURS } from "./face.ts";
import { fromWords, isWord, WORDS } from "./words.ts";

const COUNT = 12;
const SIX = 6;
/** Words of the list among twelve, for a text to be taken for a card's words at all. */
const LEAST_KNOWN = 8;
const MOST_PROPOSED = 3;
const SHORT = 3;

/** A word that is not in the list: its place from 1, and the nearest words. */
export interface Slip {
  readonly place: number;
  readonly typed: string;
  readonly meant: readonly string[];
}

/** Why a text that looks like a card's words is none; with twelve words and no slip the checksum does not fit. */
export interface Slips {
  readonly count: number;
  readonly slips: readonly Slip[];
}

/** The runs of letters in a text, in lower case. */
export function tokens(text: string): string[] {
  return (text.normalize("NFKC").match(/\p{L}+/gu) ?? []).map((word) => word.toLowerCase());
}

/** Each run of twelve words that spells a secret, with single spaces. */
export function spelt(words: readonly string[]): string[] {
  const stretches: string[][] = [[]];
  for (const word of words) {
    if (isWord(word)) stretches.at(-1)!.push(word);
    else stretches.push([]);
  }
  return [...new Set(stretches.flatMap(runsOf))];
}

/** Of words of the list. One run of 16 fits by chance: where whole cards stand in a row, it is those. */
function runsOf(stretch: readonly string[]): string[] {
  const runs = stretch.slice(COUNT - 1).map((_, at) => stretch.slice(at, at + COUNT).join(" "));
  const row = stretch.length % COUNT ? [] : runs.filter((_, at) => at % COUNT === 0);
  return row.length && row.every(spells) ? row : runs.filter(spells);
}

function spells(words: string): boolean {
  try {
    return fromWords(words).length > 0;
  } catch {
    return false;
  }
}

/** What is wrong with words of which no run spells a secret; undefined where they are no card's words. */
export function slips(words: readonly string[]): Slips | undefined {
  const starts = Array.from({ length: Math.max(1, words.length - COUNT + 1) }, (_, at) => at);
  const known = starts.map((at) => words.slice(at, at + COUNT).filter(isWord).length);
  const most = Math.max(...known);
  if (most < LEAST_KNOWN) return undefined;
  const last = known.lastIndexOf(most); // what stands before is more often a heading
  const run = words.slice(last, last + COUNT);
  const wrong = run.flatMap((typed, at) =>
    isWord(typed) ? [] : [{ place: at + 1, typed, meant: nearest(typed) }],
  );
  return { count: run.length, slips: wrong };
}

/** Whether these may be the six words of a wording or a referendum. */
export const isSix = (words: readonly string[]): boolean => words.length === SIX && words.every(isWord);

/** The lists that the three words of a card's name are from. */
export const NAMES: readonly (readonly string[])[] = [ADJECTIVES, COLOURS, ANIMALS];

/** Whether a card may have this name. */
export const isCardName = (words: readonly string[]): boolean =>
  words.length === NAMES.length && words.every((word, at) => NAMES[at]!.includes(word));

/** At most three words that differ least; none where all differ by more than two letters. */
export function nearest(typed: string, known: readonly string[] = WORDS): string[] {
  const begun = known.filter((word) => typed.length > SHORT && word.startsWith(typed));
  if (begun.length === 1) return begun;
  const most = typed.length <= SHORT ? 1 : 2;
  const close = known.filter((word) => Math.abs(word.length - typed.length) <= most);
  const away = close.map((word) => distance(typed, word));
  const least = Math.min(most + 1, ...away);
  return least > most ? [] : close.filter((_, at) => away[at] === least).slice(0, MOST_PROPOSED);
}

/** Letters to add, drop, replace or swap with a neighbour (Damerau and Levenshtein, restricted). */
export function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 1; at <= one.length; at++) {
    const last = before;
    before = row;
    row = [at];
    for (let place = 1; place <= other.length; place++) {
      const changed = before[place - 1]! + (one[at - 1] === other[place - 1] ? 0 : 1);
      const cost = Math.min(row[place - 1]! + 1, before[place]! + 1, changed);
      const swapped = at > 1 && place > 1 && one[at - 1] === other[place - 2] && one[at - 2] === other[place - 1];
      row.push(swapped ? Math.min(cost, last[place - 2]! + 1) : cost);
    }
  }
  return row[other.length]!;
}
