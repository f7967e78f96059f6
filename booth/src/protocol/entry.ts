// Entries and messages as arrays (spec/entries.md, spec/messages.md). Of the log's entries a device makes
// ballots and reads a few; all types are known by their columns, so that every entry is read strictly.
import { sha256 } from "@noble/hashes/sha2.js";

import { concat, utf8 } from "../bytes.ts";
import { ed25519Holds } from "../crypto/ed25519.ts";
import { ENTRY } from "../crypto/labels.ts";
import { FormatError } from "../errors.ts";
import * as cbor from "./cbor.ts";

export const LONGEST_ENTRY = 65_535;
export const LONGEST_MESSAGE = 131_070;
export const NOBODY = new Uint8Array(32);
export const UNSIGNED = new Uint8Array(64);

const VERSION = 1;
const FIRST_MESSAGE = 64;

// Each type's number and payload: integers are plain names, others have `:bytes`, `:text` or a size.
const TYPES = {
  definition: [1, "document:bytes"],
  part: [2, "digest:32 index count data:bytes"],
  checkpoint: [3, "note:bytes"],
  roll: [4, "region size digest:32"],
  "ceremony-commit": [5, "attempt hpke_key:32 commitment:32"],
  "ceremony-reveal": [6, "attempt points:bytes proof:64"],
  "ceremony-deal": [7, "attempt sealed:bytes"],
  "ceremony-confirm": [8, "attempt"],
  "ceremony-complain": [9, "attempt accused"],
  "ceremony-answer": [10, "attempt complainant share:32"],
  "ceremony-deadline": [11, "attempt round time"],
  "ceremony-sign": [12, "attempt key:32 publics:bytes size root:32"],
  batch: [13, "region batch cards last digest:32"],
  issued: [14, "region secrets:bytes size digest:32"],
  open: [15, "region day"],
  seal: [16, "region day"],
  ballot: [17, "region day serial votes:bytes"],
  weighing: [18, "region day chunk position previous:32 rows:bytes"],
  close: [19, "size root:32 counting:32"],
  shares: [20, "stage digest:32"],
  result: [21, "document:bytes"],
  statement: [22, "subject:text language:text text:text attachment:bytes"],
  grant: [23, "key:32 name:text role:text"],
  amend: [24, "region day open seal reason:text"],
  cancel: [25, "reason:text"],
  "booth-manifest": [26, "document:bytes"],
  declaration: [27, "provision:text language:text text:text attachment:bytes"],
  incident: [
    28,
    "kind:text place:text point:bytes region observed_from observed_to language:text text:text attachment:bytes",
  ],
  objection: [29, "entry:bytes subject:text language:text text:text attachment:bytes"],
  answer: [30, "entry:32 language:text text:text attachment:bytes"],
  annulment: [31, "contest area language:text text:text attachment:bytes"],
  request: [32, "name:text role:text language:text text:text sponsor:bytes countersignature:bytes work:8"],
  "token-keys": [40, "hpke_key:32 address:text digest:32"],
  given: [41, "count digest:32"],
  endorse: [42, "region batch entry:32"],
  "token-request": [64, "region salt:16 voter:text voter_blinded:32 decoys:bytes padding:bytes"],
  "token-response": [
    65,
    "region request:32 hash:32 voter_evaluated:32 voter_proof:96 decoys:bytes decoy_proof:bytes receipt:bytes",
  ],
  admission: [66, "region registrar record:bytes token:bytes proof:bytes"],
  "card-receipt": [67, "region card:32 record:32 batch"],
  refusal: [68, "request:32 reason:text detail:text evidence:bytes"],
  promise: [69, "ballot:32 leaf:32 region day deadline"],
  accepted: [70, "entry:32 index"],
  "cards-opening": [71, "region nonce:32 pairs:bytes secrets:bytes weights:bytes randomness:bytes"],
  "ballot-opening": [72, "body:bytes choices:bytes randomness:bytes"],
  "ready-request": [73, "region salt:16 voter:text padding:bytes"],
  ready: [74, "request:32 region hash:32 wait"],
  "token-receipt": [75, "region hash:32"],
  "decoy-request": [76, "region registrar decoys:bytes"],
  "batch-query": [77, "region batch last records:bytes"],
  "batch-answer": [78, "query:32 region batch records:bytes"],
} as const satisfies Record<string, readonly [number, string]>;

export type TypeName = keyof typeof TYPES;

type ColumnOf<Text extends string> = Text extends `${infer Name}:text`
  ? { readonly [K in Name]: string }
  : Text extends `${infer Name}:${string}`
    ? { readonly [K in Name]: Uint8Array }
    : { readonly [K in Text]: number };
type Columns<Text extends string> = Text extends `${infer First} ${infer Rest}`
  ? ColumnOf<First> & Columns<Rest>
  : ColumnOf<Text>;

/** The payload of a type: its columns by name. */
export type Payload<T extends TypeName> = Columns<(typeof TYPES)[T][1]>;

/** A decoded entry or message: who says what in which referendum. Its signature was not looked at. */
export interface Entry<T extends TypeName = TypeName> {
  readonly type: T;
  readonly payload: Payload<T>;
  readonly referendum: Uint8Array;
  readonly author: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

const BY_NUMBER = new Map<number, TypeName>(
  Object.entries(TYPES).map(([name, [number]]) => [number, name as TypeName]),
);

/** SHA-256 of a body: a ballot's hash, tracker and identity. */
export function bodyHash(body: Uint8Array): Uint8Array {
  return sha256(body);
}

/** The bytes that a signature is made over (after its prefix, for Ed25519). */
export function encodeBody<T extends TypeName>(
  type: T,
  payload: Payload<T>,
  referendum: Uint8Array,
  author: Uint8Array,
): Uint8Array {
  const values = payload as unknown as Record<string, cbor.Item>;
  const items = columns(type).map(({ name }) => values[name]!);
  return cbor.encode([VERSION, TYPES[type][0], referendum, author, ...items]);
}

/** The entry, or message, that a signature makes of a body; FormatError when it is too long. */
export function seal(body: Uint8Array, signature: Uint8Array, longest = LONGEST_ENTRY): Uint8Array {
  const whole = concat(body, Uint8Array.of(0x58, signature.length), signature);
  whole[0] = body[0]! + 1;
  if (whole.length > longest)
    throw new FormatError(`${whole.length} bytes are too long for an entry or message`);
  return whole;
}

/** The entry that `data` is; FormatError names what is wrong with it. */
export function decodeEntry(data: Uint8Array): Entry {
  return decode(data, false);
}

/** The message that `data` is. */
export function decodeMessage(data: Uint8Array): Entry {
  return decode(data, true);
}

function decode(data: Uint8Array, message: boolean): Entry {
  if (data.length > (message ? LONGEST_MESSAGE : LONGEST_ENTRY))
    throw new FormatError(`${data.length} bytes`);
  const items = cbor.decode(data);
  const [version, number, referendum, author] = items;
  if (items.length < 5 || version !== VERSION) throw new FormatError("not an entry of version 1");
  const type = typeof number === "number" ? BY_NUMBER.get(number) : undefined;
  if (!type || TYPES[type][0] >= FIRST_MESSAGE !== message) {
    throw new FormatError(`unknown ${message ? "message" : "entry"} type`);
  }
  const signature = items.at(-1);
  return {
    type,
    payload: readPayload(type, items.slice(4, -1)),
    referendum: sized(referendum, 32, `${type}: referendum`),
    author: sized(author, 32, `${type}: author`),
    signature: sized(signature, 64, `${type}: signature`),
    body: concat(Uint8Array.of(data[0]! - 1), data.subarray(1, -66)),
  };
}

interface Column {
  readonly name: string;
  readonly form: string;
}

function columns(type: TypeName): Column[] {
  return TYPES[type][1].split(" ").map((column) => {
    const [name, form = "integer"] = column.split(":");
    return { name: name!, form };
  });
}

function readPayload<T extends TypeName>(type: T, items: readonly cbor.Item[]): Payload<T> {
  const expected = columns(type);
  if (items.length !== expected.length) {
    throw new FormatError(`${type}: ${items.length} payload elements instead of ${expected.length}`);
  }
  const pairs = expected.map(({ name, form }, at) => [
    name,
    readColumn(items[at]!, form, `${type}: ${name}`),
  ]);
  return Object.fromEntries(pairs) as Payload<T>;
}

function readColumn(item: cbor.Item, form: string, what: string): cbor.Item {
  if (form === "integer" || form === "text") {
    if (typeof item !== (form === "text" ? "string" : "number"))
      throw new FormatError(`${what} is no ${form}`);
    return item;
  }
  return sized(item, form === "bytes" ? undefined : Number(form), what);
}

function sized(item: cbor.Item | undefined, size: number | undefined, what: string): Uint8Array {
  if (!(item instanceof Uint8Array) || (size !== undefined && item.length !== size)) {
    throw new FormatError(`${what} is not ${size ?? "a string of"} bytes`);
  }
  return item;
}

/** Whether an institution's Ed25519 signature of an entry or message holds. */
export function authorSigned(entry: Entry): boolean {
  return ed25519Holds(entry.author, concat(utf8(ENTRY), entry.body), entry.signature);
}

/** An entry as one of a type; undefined when it is of another. */
export function as<T extends TypeName>(entry: Entry, type: T): Entry<T> | undefined {
  return (entry.type as TypeName) === type ? (entry as unknown as Entry<T>) : undefined;
}
