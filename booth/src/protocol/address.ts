// Cards and invitations as addresses, all that is secret behind # (spec/cards.md#addresses).
import { FormatError } from "../errors.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";

/** `c`: a card, `i`: an invitation. */
export type Secret = "c" | "i";

const PAGES: Readonly<Record<Secret, string>> = { c: "booth/vote.html", i: "booth/enrol.html" };
const ADDRESS = /^https?:\/\/[!"$-~]*#([!-~]*)$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const SECRET = /^([ci])=(.*)$/s;

/** What stands behind # in an address. */
export interface Fragment {
  readonly secret?: { readonly kind: Secret; readonly value: string };
  readonly language?: string;
}

/** The parts of what stands behind #; FormatError, which holds nothing of it, for any other. */
export function parseFragment(text: string): Fragment {
  let found: Fragment = {};
  for (const part of text === "" ? [] : text.split("&")) {
    const secret = SECRET.exec(part);
    if (secret && !found.secret) {
      found = { ...found, secret: { kind: secret[1] as Secret, value: secret[2]! } };
    } else if (LANGUAGE.test(part) && found.language === undefined) found = { ...found, language: part };
    else throw new FormatError("address: behind # is not one card or invitation");
  }
  return found;
}

/** Whether a text begins as an address does. */
export const isAddress = (text: string): boolean => /^https?:\/\//.test(text);

/** The address of bytes of a kind; `site` ends with `/`. */
export function writeAddress(site: string, kind: Secret, data: Uint8Array): string {
  return `${site}${PAGES[kind]}#${kind}=${encodeBase32(data)}`;
}

/** The bytes of a kind that an address holds; FormatError for any other text. */
export function readAddress(text: string, kind: Secret): Uint8Array {
  const found = ADDRESS.exec(text);
  if (!found) throw new FormatError("address: not an http(s) address with a # in it");
  const { secret } = parseFragment(found[1]!);
  if (secret?.kind !== kind) {
    throw new FormatError(`address: behind # is no ${kind === "c" ? "card" : "invitation"}`);
  }
  return decodeBase32(secret.value);
}
