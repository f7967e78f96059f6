// Whereto the page may connect. Before the definition is read nobody knows its relays; from then on a policy of its own,
// which the browser adds to the page's, allows these, the registrars' posts and the referendum's site, and nothing else.
import type { Referendum } from "../core.ts";
import { h } from "./dom.ts";

/** The origins of relays and of the posts that registrars have elsewhere. */
export function elsewhere({ definition, registrars }: Pick<Referendum, "definition" | "registrars">): string[] {
  const addresses = [...definition.relays, ...registrars].map(({ address }) => address);
  return [...new Set(addresses.filter((address) => address !== "").map((address) => new URL(address).origin))];
}

/** From now on nothing else can be asked, or told anything. */
export function connectOnlyTo(origins: readonly string[]): void {
  const content = ["connect-src 'self'", ...origins].join(" ");
  document.head.append(h("meta", { "http-equiv": "Content-Security-Policy", content }));
}
