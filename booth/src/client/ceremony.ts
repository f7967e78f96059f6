// The ceremony's result, as a device believes it: every participant of an attempt signed the same bytes, and they
// are no fewer than the threshold. Whether these follow from all that was dealt, verifiers check (check 3.3); as
// many trustees as could sign another key together could decrypt everything anyhow.
import { equal, rows, toHex } from "../bytes.ts";
import { electionHash } from "../crypto/election.ts";
import { as, authorSigned, type Entry } from "../protocol/entry.ts";
import type { Definition } from "../protocol/definition.ts";
import type { RegistrarKeys } from "../protocol/tokenkeys.ts";
import { RegistrarEntries } from "./registrars.ts";

/** The election hash, the joint key H, and the registrars' keys. */
export interface Keys {
  readonly election: Uint8Array;
  readonly jointKey: Uint8Array;
  readonly registrars: readonly RegistrarKeys[];
}

/** Reads token keys, and ceremony-sign entries until all participants have signed. */
export class Signatures {
  readonly #definition: Definition;
  readonly #registrars: RegistrarEntries;
  readonly #signers = new Map<string, Set<number>>();

  constructor(definition: Definition) {
    this.#definition = definition;
    this.#registrars = new RegistrarEntries(definition);
  }

  /** Take an entry note of; the keys, once it is the last signature that was missing. */
  take(entry: Entry): Keys | undefined {
    this.#registrars.take(entry);
    const signed = as(entry, "ceremony-sign");
    const trustee = this.#definition.trustees.findIndex(({ key }) => equal(key, entry.author)) + 1;
    if (!signed || !trustee || !equal(entry.referendum, this.#definition.hash)) return undefined;
    if (!authorSigned(entry)) return undefined;
    const { attempt, key, publics } = signed.payload;
    const said = `${attempt} ${toHex(key)} ${toHex(publics)}`;
    const signers = this.#signers.get(said) ?? new Set();
    this.#signers.set(said, signers.add(trustee));
    if (signers.size !== publics.length / 32 || signers.size < this.#definition.threshold) return undefined;
    const indices = [...signers].sort((one, other) => one - other);
    const participants = rows(publics, 32).map((public_, at) => [indices[at]!, public_] as const);
    const registrars = this.#registrars.keys;
    if (!registrars) return undefined;
    const hashes = this.#registrars.hashes;
    const election = electionHash(this.#definition.hash, attempt, participants, key, hashes);
    return { election, jointKey: key, registrars };
  }
}
