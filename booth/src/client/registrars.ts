// The registrars' token keys as the log has them: the election hash hangs on their entries.
import { equal } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { Definition } from "../protocol/definition.ts";
import { as, authorSigned, bodyHash, type Entry } from "../protocol/entry.ts";
import { readTokenKeys, type RegistrarKeys } from "../protocol/tokenkeys.ts";
import { Bundles } from "./bundles.ts";

/** The third and fourth byte of a token-keys entry, whose type CBOR writes in two. */
const TOKEN_KEYS = [0x18, 40] as const;
const PART = 2;

/** Whether an entry may say something of token keys. */
export const isOfKeys = (entry: Uint8Array): boolean =>
  entry[2] === PART || (entry[2] === TOKEN_KEYS[0] && entry[3] === TOKEN_KEYS[1]);

/** Reads the registrars' parts and token-keys entries; the first valid entry of each counts. */
export class RegistrarEntries {
  readonly #definition: Definition;
  readonly #bundles: readonly Bundles[];
  readonly #found: (readonly [keys: RegistrarKeys, entry: Uint8Array] | undefined)[];

  constructor(definition: Definition) {
    this.#definition = definition;
    this.#bundles = definition.registrars.map(() => new Bundles());
    this.#found = definition.registrars.map(() => undefined);
  }

  /** The registrars' keys in order, once all are there. */
  get keys(): readonly RegistrarKeys[] | undefined {
    const keys = this.#found.flatMap((one) => (one ? [one[0]] : []));
    return keys.length === this.#found.length ? keys : undefined;
  }

  /** Body hashes of their entries, in order. */
  get hashes(): readonly Uint8Array[] {
    return this.#found.flatMap((one) => (one ? [one[1]] : []));
  }

  take(entry: Entry): void {
    const at = this.#definition.registrars.findIndex(({ key }) => equal(key, entry.author));
    const part = as(entry, "part");
    const keys = as(entry, "token-keys");
    if (at < 0 || this.#found[at] || !(part || keys) || !authorSigned(entry)) return;
    if (!equal(entry.referendum, this.#definition.hash)) return;
    if (part) this.#bundles[at]!.add(part.payload);
    const content = keys && this.#bundles[at]!.read(keys.payload.digest);
    if (!content) return;
    try {
      const read = readTokenKeys(this.#definition, at + 1, keys.payload, content);
      this.#found[at] = [read, bodyHash(entry.body)];
    } catch (error) {
      if (!(error instanceof FormatError)) throw error; // void: its author may log another
    }
  }
}
