// Hashes that everything else hangs on (spec/proofs.md#election-hash, spec/messages.md#roll).
import { concat, u16, u8, utf8 } from "../bytes.ts";
import { digest } from "./transcript.ts";

/**
 * The election hash: definition, the attempt that succeeded, its participants' X in ascending order, H, and the body
 * hashes of the registrars' token keys, in order.
 */
export function electionHash(
  definition: Uint8Array,
  attempt: number,
  participants: readonly (readonly [index: number, key: Uint8Array])[],
  key: Uint8Array,
  tokenKeys: readonly Uint8Array[],
): Uint8Array {
  const joined = concat(...participants.map(([index, public_]) => concat(u16(index), public_)));
  return digest(
    "election",
    ["definition", definition],
    ["attempt", u16(attempt)],
    ["participants", joined],
    ["key", key],
    ["token-keys", concat(...tokenKeys)],
  );
}

/** The salted hash of a voter on a registrar's roll of a region; registrars are counted from 1, `salt` is 16 bytes. */
export function rollHash(
  definition: Uint8Array,
  registrar: number,
  region: number,
  salt: Uint8Array,
  voter: string,
): Uint8Array {
  return digest(
    "roll",
    ["definition", definition],
    ["registrar", u8(registrar)],
    ["region", u16(region)],
    ["salt", salt],
    ["voter", utf8(voter)],
  );
}
