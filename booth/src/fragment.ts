// What stands behind # in this page's address: a card or an invitation, and the language (spec/cards.md#addresses). A
// bundle of its own that is loaded before all others, so that a secret is out of the address, and out of the reach of
// Back, before anything else is done or drawn. What a browser has written into its history by then stays there.
import { type Fragment, parseFragment } from "./protocol/address.ts";

/** What an address holds, and what it is without that. */
export interface Found {
  readonly language: string | undefined;
  /** The whole address, as if somebody had pasted it; undefined where nothing in it is secret. */
  readonly secret: string | undefined;
  readonly rest: string;
}

/** Look at an address: whatever may be meant as a secret, also a damaged one, is taken out. */
export function lookAtAddress(address: string): Found {
  const [before, ...behind] = address.split("#");
  const fragment = behind.join("#");
  const { language } = readable(fragment);
  const rest = language === undefined ? before! : `${before}#${language}`;
  return /=|%3d/i.test(fragment)
    ? { language, secret: address, rest }
    : { language, secret: undefined, rest: address };
}

function readable(fragment: string): Fragment {
  try {
    return parseFragment(fragment);
  } catch {
    return {};
  }
}

let given: string | undefined;
let language: string | undefined;

/** The address with a card or an invitation with which the page was opened, once. */
export function takeGiven(): string | undefined {
  const taken = given;
  given = undefined;
  return taken;
}

/** The language that the address asks for. */
export const givenLanguage = (): string | undefined => language;

/** Leave only the language in the address, so that it stays when the page is loaded again. */
export const keepLanguage = (tag: string): void => history.replaceState(history.state, "", `#${tag}`);

/** Call when the address has got another card or invitation while the page is open. */
export function onGiven(act: () => void): void {
  window.addEventListener("hashchange", () => {
    take();
    if (given !== undefined) act();
  });
}

function take(): void {
  const found = lookAtAddress(location.href);
  if (found.secret !== undefined) history.replaceState(history.state, "", found.rest);
  given = found.secret ?? given;
  language = found.language ?? language;
}

if (typeof location !== "undefined") take();
