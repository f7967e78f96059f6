// The registrars' token keys, which the log has before the trustees' key (spec/entries.md#token-keys).
import { rows, toHex } from "../bytes.ts";
import { decodeKey } from "../crypto/group.ts";
import { FormatError } from "../errors.ts";
import type { Definition } from "./definition.ts";
import type { Payload } from "./entry.ts";
import { isHttpAddress } from "./relays.ts";

/** Characters of an address that leave room for an admission in a sealed request. */
const LONGEST_ADDRESS = 400;

/** One registrar's public keys; registrars are numbered from 1. */
export interface RegistrarKeys {
  readonly number: number;
  readonly name: string;
  /** With which it signs. */
  readonly key: Uint8Array;
  /** To which sealed messages are sealed. */
  readonly hpkeKey: Uint8Array;
  /** Where it answers; empty where it does so at the referendum's own site. */
  readonly address: string;
  /** Under which it evaluates tokens, by region. */
  readonly regions: readonly { readonly voterKey: Uint8Array; readonly decoyKey: Uint8Array | undefined }[];
}

/** A registrar's keys out of its bundle (check 4.4); FormatError unless all points are proper, and distinct. */
export function readTokenKeys(
  definition: Definition,
  number: number,
  entry: Payload<"token-keys">,
  content: Uint8Array,
): RegistrarKeys {
  const width = definition.decoys ? 64 : 32;
  if (entry.address !== "" && !isHttpAddress(entry.address)) throw new FormatError("token keys: no address");
  if (definition.relays.length && (entry.address === "" || entry.address.length > LONGEST_ADDRESS))
    throw new FormatError("token keys: no address to which relays could forward");
  if (content.length !== width * definition.regions.length)
    throw new FormatError(`token keys: ${content.length} bytes`);
  const points = rows(content, 32, "token keys");
  for (const point of points) decodeKey(point, "token key");
  if (new Set(points.map(toHex)).size < points.length) throw new FormatError("token keys: one stands there twice");
  const regions = rows(content, width, "token keys").map((row) => ({
    voterKey: row.slice(0, 32),
    decoyKey: width > 32 ? row.slice(32) : undefined,
  }));
  const { name, key } = definition.registrars[number - 1]!;
  return { number, name, key, hpkeKey: entry.hpke_key, address: entry.address, regions };
}
