// What a voter is sent: the opening of a hash on the roll (spec/messages.md#roll).
import { decodeUtf8, fromHex, toHex, utf8 } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { isAddress, readAddress } from "./address.ts";

const LINES =
  /^psephos-invitation\/1\ndefinition ([0-9a-f]{64})\nregion ([a-z0-9][a-z0-9-]{0,31})\nsalt ([0-9a-f]{32})\nvoter ([^\n]*)\n\n/;
const IDENTIFIER = /^[a-z0-9][a-z0-9-]{0,31}$/;
const LONGEST_NAME = 200;
/** Of the definition's hash and the salt. */
const HASHES = 48;

/** Whoever holds it gets the voter's token; `region` is an identifier. */
export interface Invitation {
  readonly definition: Uint8Array;
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
  const end = HASHES + 1 + (data[HASHES] ?? 0);
  const region = decodeUtf8(data.subarray(HASHES + 1, end), "invitation");
  if (data.length < end || !IDENTIFIER.test(region)) throw new FormatError("invitation: no region");
  return {
    definition: data.slice(0, 32),
    region,
    salt: data.slice(32, HASHES),
    voter: voterName(decodeUtf8(data.subarray(end), "invitation")),
  };
}

/** The invitation that a file is, whatever advice follows; FormatError holds nothing of it. */
export function parseInvitation(data: Uint8Array): Invitation {
  const found = LINES.exec(decodeUtf8(data, "invitation"));
  if (!found) throw new FormatError("invitation: does not begin with its five lines and an empty one");
  const [, definition, region, salt, voter] = found as unknown as [string, string, string, string, string];
  return {
    definition: fromHex(definition, 32, "invitation"),
    region,
    salt: fromHex(salt, 16, "invitation"),
    voter: voterName(voter),
  };
}

/** The file, without advice. */
export function writeInvitation({ definition, region, salt, voter }: Invitation): string {
  const lines = [`definition ${toHex(definition)}`, `region ${region}`, `salt ${toHex(salt)}`];
  return ["psephos-invitation/1", ...lines, `voter ${voter}`, "", ""].join("\n");
}

function voterName(voter: string): string {
  const plain = !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(voter) && voter === voter.trim();
  if (!plain || voter === "" || [...voter].length > LONGEST_NAME)
    throw new FormatError("invitation: no voter's name");
  return voter;
}
