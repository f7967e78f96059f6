// What was asked for, out of what was given; anything else is said by its kind.
import type { PieceKind, Pasted } from "./pasted.ts";
import type { Slips } from "./spelling.ts";

/** Why there is no such piece: it is cut short, there are several, or it is something else. */
export type Why = "cut" | "several" | "other" | "slips";

/** Something else was given than was asked for. Its message holds nothing of it; `slips` does, for who typed them. */
export class Mistaken extends Error {
  override readonly name = "Mistaken";
  readonly why: Why;
  readonly wanted: PieceKind;
  readonly kind: PieceKind;
  readonly slips: Slips | undefined;

  constructor(why: Why, wanted: PieceKind, kind: PieceKind, slips?: Slips) {
    super(`${wanted}: ${why}`);
    this.why = why;
    this.wanted = wanted;
    this.kind = kind;
    this.slips = slips;
  }
}

/** A piece that is whole. */
export interface Taken {
  readonly kind: PieceKind;
  readonly block: string;
}

/** The one piece of a wanted kind, in its one form; Mistaken says what there is instead. */
export function take({ pieces, slips }: Pasted, ...wanted: readonly PieceKind[]): Taken {
  const fitting = pieces.filter(({ kind }) => wanted.includes(kind));
  const whole = fitting.flatMap(({ kind, block }) => (block === undefined ? [] : [{ kind, block }]));
  const first = wanted[0]!;
  if (whole.length === 1) return whole[0]!;
  if (whole.length) throw new Mistaken("several", first, first);
  if (fitting.length) throw new Mistaken("cut", first, first);
  if (slips && wanted.includes("words")) throw new Mistaken("slips", first, "words", slips);
  throw new Mistaken("other", first, pieces[0]?.kind ?? "unknown");
}
