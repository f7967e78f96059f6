// What people paste, or choose as a file, made what parsers take (spec/messages.md#what-devices-forgive). A voter copies
// an invitation out of a letter, quoted, wrapped, with a signature below; or takes a card where an invitation is wanted.
// Here the piece that a parser takes is found in whatever surrounds it and written in its one form; parsers stay strict.
// vectors/pasted/pasted.json holds this module and psephos/voter/pasted.py to the same.
import { equal, utf8 } from "../bytes.ts";
import { encodeCardText, parseCardAddress, parseCardText } from "./cardtext.ts";
import { decodeMessage, type TypeName } from "./entry.ts";
import { parseInvitation, parseInvitationAddress, writeInvitation } from "./invitation.ts";
import { isReceipts } from "./receipts.ts";
import { isCardName, isSix, type Slips, slips, spelt, tokens } from "./spelling.ts";
import { fromWords } from "./words.ts";

export type PieceKind =
  | "invitation"
  | "receipt"
  | "card"
  | "commitment"
  | "ballot"
  | "parts"
  | "tracker"
  | "words"
  | "name"
  | "six"
  | "enrolment"
  | "promise"
  | "refusal"
  | "opening"
  | "address"
  | "picture"
  | "document"
  | "large"
  | "nothing"
  | "unknown";

/** Something known in a text; `block` is it in its one form, undefined where it is known and not whole. */
export interface Piece {
  readonly kind: PieceKind;
  readonly block: string | undefined;
}

/** All that a text or file has; `slips` where it is nothing but words that nearly are a card's. */
export interface Pasted {
  readonly pieces: readonly Piece[];
  readonly slips?: Slips;
  /** A file of messages as it is. */
  readonly data?: Uint8Array;
}

const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const BREAK = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
const SPACE = /[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const DASH = /[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
/** How mail programs quote, and what they indent. */
const MARGIN = /(^|\n)(?: *[>|])* */g;
const TRAILING = / +(?=\n|$)/g;

const S = "[ \\n]+"; // white space between two words
const INVITATION = new RegExp(
  `psephos-invitation/1${S}definition${S}([0-9a-f]{64})${S}registrar${S}([1-8])${S}region${S}([a-z0-9][a-z0-9-]{0,31})` +
    `${S}salt${S}([0-9a-f]{32})${S}voter(?: +|\\n)([^\\n]+)`,
  "gi",
);
const RECEIPT =
  /c2sp\.org\/tlog-proof@v1\n(?:extra [A-Za-z0-9+/=]+\n)?index [0-9]+\n(?:[A-Za-z0-9+/]{43}=\n)*\n[^\n]+\n[0-9]+\n[A-Za-z0-9+/]{43}=\n\n(?:- [^\n]+(?:\n|$))+/g;
const CARD = /psephos-1-((?:[ \n]?[a-z2-7]){80})(?![a-z0-9])/gi;
const CODE = /psephos-([bc])-((?:[ \n]?[0-9a-f]){64})(?![a-z0-9])/gi;
const PART = /psephos-p-[1-9][0-9]{0,2}\/[1-9][0-9]{0,2}-[a-z2-7]+(?![a-z0-9])/gi;
const TRACKER = /(?:^|[^a-z0-9])([0-9a-f](?:[ \n-]?[0-9a-f]){63})(?![a-z0-9])/gi;
const SECRET = /https?:\/\/[^ \n#]*#(?:[a-z-]+&)?([ci])=([a-z2-7]+)(?:&[a-z-]+)?/gi;
const ADDRESS = /https?:\/\/[^ \n]+/i;
const BEGUN: readonly (readonly [PieceKind, RegExp])[] = [
  ["invitation", /psephos-invitation\/|https?:\/\/[^ \n#]*#[^ \n]*i=/i],
  ["receipt", /c2sp\.org\/tlog-proof/i],
  ["card", /psephos-1-|https?:\/\/[^ \n#]*#[^ \n]*c=/i],
  ["commitment", /psephos-c-/i],
  ["ballot", /psephos-b-/i],
  ["parts", /psephos-p-/i],
];
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\u201c": "\u201d",
  "\u201e": "\u201c",
  "\u00ab": "\u00bb",
  "\u2018": "\u2019",
};
const FILES: readonly (readonly [PieceKind, RegExp])[] = [
  ["picture", /^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF[^]{4}WEBP|[^]{4}ftyp(?:hei|mif|avif))/],
  ["document", /^(?:%PDF|PK\x03\x04|\{\\rtf|\xd0\xcf\x11\xe0)/],
];
const MESSAGES: Partial<Record<TypeName, PieceKind>> = {
  "card-receipt": "enrolment",
  "token-receipt": "enrolment",
  promise: "promise",
  refusal: "refusal",
  "cards-opening": "opening",
  "ballot-opening": "opening",
};
/** What stands for bytes that are no UTF-8. */
const DAMAGED = "\ufffd";
/** Bytes of a file that is looked into. */
const LONGEST = 2 ** 20;
const HEAD = 16;

/** What a file holds, in whatever encoding it was saved. */
export function readPasted(data: Uint8Array): Pasted {
  const head = String.fromCharCode(...data.subarray(0, HEAD));
  const known = FILES.find(([, form]) => form.test(head));
  if (known) return only(known[0]);
  if (data.length > LONGEST) return only("large");
  const kind = kindOf(data);
  return kind ? { ...only(kind), data } : lookAt(textOf(data));
}

/** What messages are in a file; undefined where it is no file of messages. */
function kindOf(data: Uint8Array): PieceKind | undefined {
  try {
    return MESSAGES[decodeMessage(data).type] ?? "unknown";
  } catch {
    return isReceipts(data) ? "enrolment" : undefined;
  }
}

const only = (kind: PieceKind, block?: string): Pasted => ({ pieces: [{ kind, block }] });

function textOf(data: Uint8Array): string {
  const [first, second] = data;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(data);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(data);
  return new TextDecoder().decode(data);
}

/** What a text holds, each thing once, in the order of the kinds. */
export function lookAt(text: string): Pasted {
  const whole = wholeInvitation(text);
  if (whole !== undefined) return only("invitation", whole);
  const lines = text.replace(INVISIBLE, "").replace(BREAK, "\n").replace(SPACE, " ");
  const tidy = lines.replace(MARGIN, "$1").replace(TRAILING, "");
  if (!/[^ \n]/.test(tidy)) return only("nothing");
  const pieces: Piece[] = [];
  let rest = tidy;
  for (const find of FINDERS) {
    const [found, left] = find(rest);
    pieces.push(...found);
    rest = left;
  }
  if (pieces.length) return { pieces: [...distinct(pieces), ...otherWords(pieces, rest)] };
  const begun = BEGUN.filter(([, form]) => form.test(plain(rest)));
  if (!begun.length) return unmarked(rest);
  return { pieces: begun.map(([kind]) => ({ kind, block: undefined })) };
}

/** An invitation that needs no forgiving: not a character of the name is another. */
function wholeInvitation(text: string): string | undefined {
  if ((text.match(/psephos-invitation\//gi) ?? []).length !== 1) return undefined;
  try {
    parseInvitation(utf8(text));
  } catch {
    return undefined;
  }
  const block = text.slice(0, text.indexOf("\n\n") + 2);
  return block.includes(DAMAGED) ? undefined : block;
}

/** Twelve words beside other things, unless they are those of a card whose code is there too. */
function otherWords(pieces: readonly Piece[], rest: string): Piece[] {
  const cards = pieces.flatMap(({ kind, block }) => (kind === "card" && block ? [parseCardText(block)] : []));
  return spelt(tokens(rest))
    .filter((words) => !cards.some(({ secret }) => equal(secret, fromWords(words))))
    .map((block) => ({ kind: "words", block }));
}

/** A tracker or words: what nothing marks. */
function unmarked(text: string): Pasted {
  const trackers = [...plain(text).matchAll(TRACKER)].map(([, found]) => piece("tracker", joined(found!)));
  const typed = tokens(text);
  const cards = spelt(typed).map((words) => piece("words", words));
  if (trackers.length || cards.length) return { pieces: distinct([...trackers, ...cards]) };
  if (isCardName(typed)) return only("name", typed.join(" "));
  if (isSix(typed)) return only("six", typed.join(" "));
  const wrong = slips(typed);
  if (wrong) return { pieces: [], slips: wrong };
  return only(ADDRESS.test(text) ? "address" : "unknown");
}

const piece = (kind: PieceKind, block: string): Piece => ({ kind, block });

/** The same with each dash a hyphen: every character stays where it is. */
const plain = (text: string): string => text.replace(DASH, "-");

const joined = (text: string): string => text.replace(/[ \n-]/g, "").toLowerCase();

function distinct(pieces: readonly Piece[]): Piece[] {
  return [...new Map(pieces.map((one) => [`${one.kind} ${one.block}`, one])).values()];
}

type Finder = (text: string) => readonly [found: readonly Piece[], rest: string];

/** All pieces of a form, and the text without them; `make` sees the text as it is, too. */
function finder(form: RegExp, make: (match: RegExpExecArray, text: string) => Piece | undefined): Finder {
  return (text) => {
    const found: Piece[] = [];
    let rest = text;
    for (const match of [...plain(text).matchAll(form)].reverse()) {
      const made = make(match, text);
      if (!made) continue;
      found.unshift(made);
      rest = `${rest.slice(0, match.index)}\n${rest.slice(match.index + match[0].length)}`;
    }
    return [distinct(found), rest];
  };
}

function invitation(match: RegExpExecArray, text: string): Piece | undefined {
  const end = match.index + match[0].length;
  let name = text.slice(end - match[5]!.length, end).replace(/^ +| +$/g, "");
  const closing = QUOTES[text.slice(Math.max(0, match.index - 1), match.index)];
  if (closing && name.endsWith(closing)) name = name.slice(0, -closing.length);
  const [definition, registrar, region, salt] = match.slice(1, 5).map((value) => value.toLowerCase());
  const lines = [`definition ${definition}`, `registrar ${registrar}`, `region ${region}`, `salt ${salt}`, `voter ${name}`];
  const whole = wholeInvitation(["psephos-invitation/1", ...lines, "", ""].join("\n"));
  return whole === undefined ? undefined : piece("invitation", whole);
}

/** A card or an invitation in an address, as its text, which is the same thing. */
function secret([, of, value]: RegExpExecArray): Piece | undefined {
  const address = `https://site/#${of!.toLowerCase()}=${value!.toUpperCase()}`;
  try {
    if (/c/i.test(of!)) return piece("card", encodeCardText(parseCardAddress(address)));
    return piece("invitation", writeInvitation(parseInvitationAddress(address)));
  } catch {
    return undefined;
  }
}

function receipt({ index, 0: { length } }: RegExpExecArray, text: string): Piece {
  const lines = text.slice(index, index + length).replace(/\n+$/, "");
  const signed = lines.replace(new RegExp(`\n${DASH.source} `, "g"), "\n\u2014 ");
  return piece("receipt", `${signed}\n`);
}

/** All parts are one piece: together they are an opening. */
function parts(text: string): readonly [Piece[], string] {
  const found = [...new Set(Array.from(plain(text).matchAll(PART), ([part]) => part.toUpperCase()))];
  return found.length ? [[piece("parts", found.join("\n"))], plain(text).replace(PART, "\n")] : [[], text];
}

const FINDERS: readonly Finder[] = [
  finder(SECRET, secret),
  finder(INVITATION, invitation),
  finder(RECEIPT, receipt),
  finder(CARD, ([, code]) => piece("card", `PSEPHOS-1-${code!.replace(/[ \n]/g, "").toUpperCase()}`)),
  finder(CODE, ([, of, hash]) => piece(/c/i.test(of!) ? "commitment" : "ballot", joined(hash!))),
  parts,
];
