// Spare decoy tokens, kept by the voter as a text file (README.md#spare-tokens). It is the same before and after
// they are spent, so it tells nothing: a spent one is refused, and the next is tried.
import { decodeUtf8, equal, fromHex, toHex } from "../bytes.ts";
import { decodeScalar, encodeScalar } from "../crypto/group.ts";
import { keyPair } from "../crypto/schnorr.ts";
import { FormatError, OtherReferendum } from "../errors.ts";
import type { Token } from "../protocol/token.ts";

const HEADER = "psephos-spare/1";

/** Each token on a line: its region, its secret and the registrar's output. */
export function writeSpare(election: Uint8Array, tokens: readonly Token[]): string {
  const lines = tokens.map(
    ({ region, pair, output }) => `${region} ${toHex(encodeScalar(pair.secret))} ${toHex(output)}`,
  );
  return `${[HEADER, toHex(election), ...lines].join("\n")}\n`;
}

/** FormatError for another file, OtherReferendum for that of another election; it holds nothing of the file. */
export function readSpare(data: Uint8Array, election: Uint8Array): Token[] {
  const [header, named, ...lines] = decodeUtf8(data, "spare tokens").split("\n");
  if (header !== HEADER || named === undefined || lines.pop() !== "" || !lines.length) {
    throw new FormatError("spare tokens: not such a file");
  }
  if (!equal(fromHex(named, 32, "spare tokens"), election))
    throw new OtherReferendum("spare tokens: of another election");
  return lines.map((line) => {
    const [region, secret, output, ...more] = line.split(" ");
    if (!/^\d{1,5}$/.test(region ?? "") || output === undefined || more.length) {
      throw new FormatError("spare tokens: a line is not one");
    }
    const pair = keyPair(decodeScalar(fromHex(secret!, 32, "spare tokens"), "spare tokens"));
    return { region: Number(region), kind: "decoy", pair, output: fromHex(output, 64, "spare tokens") };
  });
}
