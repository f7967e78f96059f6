// Enrolling at the registrar: tokens asked for, then a group sent with one (spec/messages.md#token).
import type { Payload } from "../protocol/entry.ts";
import { type GroupDraft, readReceipt } from "../protocol/group.ts";
import type { Invitation } from "../protocol/invitation.ts";
import { askTokens, finishTokens, type Token, type TokenKey, type TokenRequest } from "../protocol/token.ts";
import type { Referendum } from "./referendum.ts";

/** The keys of tokens that are not asked for yet, and once they are, the request: it is always the same. */
export class Purse {
  readonly keys: readonly TokenKey[];
  #request: TokenRequest | undefined;
  #tokens: Token[] | undefined;

  /** The first key is a voter token's, the others are decoy tokens'. */
  constructor(keys: readonly TokenKey[]) {
    this.keys = keys;
  }

  /** The tokens that an invitation buys; Refused for the registrar's signed refusal. `seed` is 32 random bytes. */
  async fetch(
    referendum: Referendum,
    invitation: Invitation,
    seed: Uint8Array,
    signal?: AbortSignal,
  ): Promise<readonly Token[]> {
    const { site, definition, election } = referendum;
    this.#request ??= askTokens(definition, election, invitation, this.keys, seed);
    this.#tokens ??= finishTokens(
      definition,
      election,
      this.#request,
      await site.ask("registrar", this.#request.message, signal),
    );
    return this.#tokens;
  }
}

/** A receipt, and the signed message that it is in. */
export interface Enrolled {
  readonly receipt: Payload<"group-receipt">;
  readonly signed: Uint8Array;
}

/** The registrar's receipt for a group; Refused for its signed refusal. */
export async function enrol(
  { site, definition, election }: Referendum,
  group: GroupDraft,
  output: Uint8Array,
  seed: Uint8Array,
  signal?: AbortSignal,
): Promise<Enrolled> {
  const message = group.sign(output, seed);
  const signed = await site.ask("registrar", message, signal);
  return { receipt: readReceipt(definition, election, message, signed), signed };
}
