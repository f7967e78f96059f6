// Characters that do not show, or turn writing around, are shown by their numbers, as U+202E: the text of a ballot
// could seem to say what it does not. src/psephos/visible.py has the same rule.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/u;
/** White space, and signs before numbers. */
const SHOWN = /[\n\t\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
/** Letters and marks of scripts that need joiners between them, and emoji. */
const JOINED =
  /^(?:[\ufe0f\p{So}\p{Sk}]|(?=[\p{L}\p{M}])[\u0600-\u109f\u1700-\u1cff\ua800-\uabff\u{10a00}-\u{11fff}])$/u;
const JOINERS = "\u200c\u200d";

/** The text, with every such character by its number. */
export function visible(text: string): string {
  const characters = [...text];
  return characters.map((one, at) => (hides(characters, at) ? number(one) : one)).join("");
}

function hides(characters: readonly string[], at: number): boolean {
  const one = characters[at]!;
  if (JOINERS.includes(one))
    return ![characters[at - 1], characters[at + 1]].every((neighbour) => JOINED.test(neighbour ?? ""));
  return HIDDEN.test(one) && !SHOWN.test(one);
}

const number = (one: string): string => `U+${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
