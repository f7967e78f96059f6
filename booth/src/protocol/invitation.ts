// What a voter is sent: the opening of a hash on the roll (spec/messages.md#roll).
import { decodeUtf8, fromHex, toHex, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { isAddress, readAddress } from "./address.ts";

const LINES =
  /^psephos-invitation\/1\ndefinition ([0-9a-f]{64})\nregistrar ([1-8])\nregion ([a-z0-9][a-z0-9-]{0,31})\nsalt ([0-9a-f]{32})\nvoter ([^\n]*)\n\n/;
const IDENTIFIER = /^[a-z0-9][a-z0-9-]{0,31}$/;
const LONGEST_NAME = 200;
const MOST_REGISTRARS = 8;
/** Bytes of the definition's hash, the registrar's number and the salt. */
const FIXED = 49;

/** Whoever holds those of all registrars gets the voter's tokens; `region` is an identifier, registrars count from 1. */
export interface Invitation {
  readonly definition: Uint8Array;
  readonly registrar: number;
  readonly region: string;
  readonly salt: Uint8Array;
  readonly voter: string;
}

/** The invitation that a file or an address is; FormatError, which holds nothing of it, for any other. */
export function readInvitation(text: string): Invitation {
  const line = text.replace(/\n$/, "");
  return isAddress(line) ? parseInvitationAddress(line) : parseInvitation(utf8(text));
}

/** FormatError for an address that no invitation has. */
export function parseInvitationAddress(text: string): Invitation {
  const data = readAddress(text, "i");
  const end = FIXED + 1 + (data[FIXED] ?? 0);
  const region = decodeUtf8(data.subarray(FIXED + 1, end), "invitation");
  if (data.length < end || !IDENTIFIER.test(region)) throw new FormatError("invitation: no region");
  const registrar = data[32]!;
  if (registrar < 1 || registrar > MOST_REGISTRARS) throw new FormatError("invitation: of no registrar");
  return {
    definition: data.slice(0, 32),
    registrar,
    region,
    salt: data.slice(33, FIXED),
    voter: voterName(decodeUtf8(data.subarray(end), "invitation")),
  };
}

/** The invitation that a file is, whatever advice follows; FormatError holds nothing of it. */
export function parseInvitation(data: Uint8Array): Invitation {
  const found = LINES.exec(decodeUtf8(data, "invitation"));
  if (!found) throw new FormatError("invitation: does not begin with its six lines and an empty one");
  const [, definition, registrar, region, salt, voter] = found as unknown as [string, string, string, string, string, string];
  return {
    definition: fromHex(definition, 32, "invitation"),
    registrar: Number(registrar),
    region,
    salt: fromHex(salt, 16, "invitation"),
    voter: voterName(voter),
  };
}

/** The file, without advice. */
export function writeInvitation({ definition, registrar, region, salt, voter }: Invitation): string {
  const lines = [`definition ${toHex(definition)}`, `registrar ${registrar}`, `region ${region}`, `salt ${toHex(salt)}`];
  return ["psephos-invitation/1", ...lines, `voter ${voter}`, "", ""].join("\n");
}

function voterName(voter: string): string {
  const plain = !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(voter) && voter === voter.trim();
  if (!plain || voter === "" || [...voter].length > LONGEST_NAME)
    throw new FormatError("invitation: no voter's name");
  return voter;
}
