// Name and picture of a card, to know it again by; no secret in them (spec/cards.md#name-and-picture).
import { fromLittleEndian } from "../bytes.ts";
import { digest } from "../crypto/transcript.ts";

const split = (text: string): readonly string[] => text.trim().split(/\s+/);

export const ADJECTIVES = split(`
agile alert balmy bold brave brisk calm candid cheery clever cosy crisp curious daring deft eager
earnest fleet fond gentle glad graceful hardy humble jolly keen kind lively lofty lucky mellow merry
mild modest musical neat nimble noble patient placid playful polite proud quick quiet rapid rustic serene
sharp shy silent sleek sleepy smooth snug sturdy sunny swift tender tidy vivid wise witty zesty
`);
export const ANIMALS = split(`
alpaca badger bat beaver bee beetle bison boar camel cat cobra crab crane cricket deer dolphin
duck falcon ferret finch fox frog gecko goat goose hamster hare hedgehog heron horse ibex jay
koala lark lemur lizard llama lynx magpie mole moose moth mouse newt otter owl panda penguin
pony puffin quail rabbit raven robin snail sparrow squid swan tapir toad trout turtle whale zebra
`);
export const COLOURS = ["azure", "black", "blue", "green", "orange", "pink", "red", "yellow"] as const;
export const SHAPES = ["disc", "square", "diamond", "triangle"] as const;

const ROWS = 5;

/** `cells` has five rows of five columns, mirrored: a true one shows the shape in the colour. */
export interface Face {
  readonly adjective: string;
  readonly colour: (typeof COLOURS)[number];
  readonly animal: string;
  readonly shape: (typeof SHAPES)[number];
  readonly cells: readonly (readonly boolean[])[];
}

/** The face of the card with this K. */
export function face(key: Uint8Array): Face {
  const n = Number(fromLittleEndian(digest("card-name", ["key", key]).subarray(0, 4)));
  const filled = (row: number, column: number): boolean => ((n >>> (17 + 3 * row + column)) & 1) === 1;
  return {
    adjective: ADJECTIVES[n & 63]!,
    colour: COLOURS[(n >>> 6) & 7]!,
    animal: ANIMALS[(n >>> 9) & 63]!,
    shape: SHAPES[(n >>> 15) & 3]!,
    cells: Array.from({ length: ROWS }, (_, row) => [0, 1, 2, 1, 0].map((column) => filled(row, column))),
  };
}

/** Whether some card might be called so. */
export function isName(text: string): boolean {
  const [adjective, colour, animal, ...more] = text.split(" ");
  const known = [ADJECTIVES.includes(adjective!), (COLOURS as readonly string[]).includes(colour!)];
  return known.every(Boolean) && ANIMALS.includes(animal!) && !more.length;
}

/** Adjective, colour and animal, joined by single spaces. */
export function nameOf({ adjective, colour, animal }: Face): string {
  return `${adjective} ${colour} ${animal}`;
}
