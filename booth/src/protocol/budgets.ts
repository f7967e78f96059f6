// How much of each author an honest board logs (spec/definition.md#budgets): a device only holds a definition to it.
import type { Form } from "./form.ts";

type Name = "words" | "files" | "parts" | "observers" | "requests" | "reserved" | "work";

const MOST = 2 ** 40;
const LEAST = 65_536;
// Each member's bounds, and the default of the two that are compared.
const BOUNDS: Readonly<Record<Name, readonly [number, number]>> = {
  words: [LEAST, MOST],
  files: [0, MOST],
  parts: [LEAST, MOST],
  observers: [0, 100_000],
  requests: [0, 100_000],
  reserved: [0, 100_000],
  work: [0, 32],
};
const REQUESTS = 1_000;
const RESERVED = 200;

/** FormatError unless a definition's budgets, if it has any, are within their bounds. */
export function checkBudgets(form: Form | undefined): void {
  if (!form) return;
  const members = form.members<never, Name>([], Object.keys(BOUNDS) as Name[]);
  const number = (name: Name, fallback: number) => members[name]?.integer(...BOUNDS[name]) ?? fallback;
  for (const name of Object.keys(members) as Name[]) number(name, 0);
  if (number("reserved", RESERVED) > number("requests", REQUESTS))
    throw form.refuse("reserves more requests than there are");
}
