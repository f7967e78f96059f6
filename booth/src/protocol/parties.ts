// Who takes part: institutions, witnesses and trustees (spec/definition.md#members, 2 and 3 of #validity).
import { checkName } from "../log/note.ts";
import type { Form } from "./form.ts";
import { distinct } from "./form.ts";

const MOST_REGISTRARS = 8;
const MOST_WITNESSES = 60;
const MOST_TRUSTEES = 64;

export interface Party {
  readonly name: string;
  readonly key: Uint8Array;
}

export function readParty(form: Form): Party {
  const { name, key } = form.members(["name", "key"]);
  return { name: name.text(), key: key.key() };
}

/** Registrars by number, the first of which is 1. */
export function readRegistrars(form: Form): readonly Party[] {
  return form.items(1, MOST_REGISTRARS).map(readParty);
}

export function readBoard(form: Form): Party {
  const { name, key, origin } = form.members(["name", "key", "origin"]);
  readOrigin(origin);
  return { name: name.text(), key: key.key() };
}

/** Whom to appeal to, at which address, within how many days. */
export function readAppeals(form: Form): Party {
  const { name, address, days, key } = form.members(["name", "address", "days", "key"]);
  address.text();
  days.integer(1, 366);
  return { name: name.text(), key: key.key() };
}

/** The name of a log or witness. */
function readOrigin(form: Form): string {
  const name = form.match(/^[!-*,-~]+$/, "printable ASCII without spaces or +");
  form.text();
  checkName(name);
  return name;
}

/** The witnesses of a definition any two of whose quorums share an honest one. */
export function readWitnesses(form: Form): readonly Party[] {
  const { members, quorum, faulty } = form.members(["members", "quorum", "faulty"]);
  const items = members.items(1, MOST_WITNESSES).map((item) => item.members(["name", "key"]));
  distinct(
    items.map(({ name }) => name),
    readOrigin,
  );
  const size = quorum.integer(1, items.length);
  if (2 * size - items.length <= faulty.integer(0, Math.floor((size - 1) / 2))) {
    throw quorum.refuse("two quorums may share no honest witness");
  }
  return items.map(({ name, key }) => ({ name: name.text(), key: key.key() }));
}

/** The trustees, and how many of them open the result; at least 2 where votes are to be secret from any one. */
export function readTrustees(form: Form, decoys: number): { trustees: readonly Party[]; threshold: number } {
  const { members, threshold, close } = form.members(["members", "threshold", "close"]);
  const trustees = members.items(1, MOST_TRUSTEES).map(readParty);
  const least = threshold.integer(decoys ? 2 : 1, trustees.length);
  close.integer(least, trustees.length);
  return { trustees, threshold: least };
}
