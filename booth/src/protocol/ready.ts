// Asking a registrar whether an invitation would get its tokens (spec/messages.md#ready).
import { equal } from "../bytes.ts";
import { rollHash } from "../crypto/election.ts";
import { FormatError, OtherReferendum, VerificationError } from "../errors.ts";
import type { Definition } from "./definition.ts";
import { NOBODY } from "./entry.ts";
import type { Invitation } from "./invitation.ts";
import { identity, padded, readAnswer, refusedAs } from "./message.ts";

/** Bytes of a ready-request, and of a token-request. */
export const PADDED = 2048;

/** Seconds for tokens, or four rounds of the board where these are longer. */
const LONGEST_WAIT = 600;

/** An invitation as one on a registrar's roll. */
export interface Entitled {
  readonly registrar: number;
  /** Its region's position. */
  readonly region: number;
  readonly salt: Uint8Array;
  readonly voter: string;
  /** Its hash on the roll. */
  readonly hash: Uint8Array;
}

/** Where an invitation entitles; OtherReferendum where it is of another vote. */
export function entitle(definition: Definition, invitation: Invitation): Entitled {
  const { registrar, salt, voter } = invitation;
  const region = definition.regions.findIndex(({ id }) => id === invitation.region);
  const other = !equal(invitation.definition, definition.hash) || region < 0;
  if (other || registrar > definition.registrars.length)
    throw new OtherReferendum("invitation: of another referendum");
  const hash = rollHash(definition.hash, registrar, region, salt, voter);
  return { registrar, region, salt, voter, hash };
}

/** The question; always the same bytes for the same invitation. */
export function askReady(election: Uint8Array, { region, salt, voter }: Entitled): Uint8Array {
  return padded("ready-request", { region, salt, voter }, election, NOBODY, PADDED);
}

/** Within how many seconds a token request would be answered; Refused for a signed refusal. */
export function readReady(
  definition: Definition,
  election: Uint8Array,
  { registrar, region, hash }: Entitled,
  request: Uint8Array,
  answer: Uint8Array,
): number {
  const party = definition.registrars[registrar - 1];
  if (!party) throw new FormatError("invitation: of no registrar");
  const asked = identity(request);
  const ready = readAnswer(answer, "ready", election, party.key, () => refusedAs(request));
  if (!equal(ready.request, asked) || ready.region !== region || !equal(ready.hash, hash))
    throw new VerificationError("ready", `registrar ${registrar}`, "the answer is to another question");
  const longest = Math.max(LONGEST_WAIT, 4 * definition.round);
  if (ready.wait > longest)
    throw new VerificationError(
      "ready",
      `registrar ${registrar}`,
      `would take ${ready.wait} seconds for tokens, and ${longest} are the most`,
    );
  return ready.wait;
}
