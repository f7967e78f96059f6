// Relays, and when they forward what they are sent: periods and windows (spec/definition.md#enrolment).
import { distinct, type Form } from "./form.ts";

const MOST = 16;
const LONGEST_HOLD = 604_800;
const ADDRESS = /^https?:\/\/[!"$->@-~]*[!"$-.0->@-~]$/;

/** Who runs a relay, and where it takes sealed messages. */
export interface Relay {
  readonly name: string;
  readonly address: string;
}

/** Whether a text is the address of a relay, or of a post. */
export const isHttpAddress = (text: string): boolean => ADDRESS.test(text);

export function readRelays(form: Form): readonly Relay[] {
  const items = form.items(0, MOST).map((item) => item.members(["name", "address"]));
  distinct(
    items.map(({ address }) => address),
    (address) => address.match(ADDRESS, "an address of http(s)"),
  );
  return items.map(({ name, address }) => {
    address.text();
    return { name: name.text(), address: address.value as string };
  });
}

/** 0 exactly when there are no relays. */
export function readHold(form: Form, relays: readonly Relay[]): number {
  return relays.length ? form.integer(1, LONGEST_HOLD) : form.integer(0, 0);
}

/** Beginning and end of the period that holds a time, UTC seconds; undefined once the last enrolment is closed. */
export function periodOf(
  closes: readonly number[],
  hold: number,
  now: number,
): readonly [begins: number, ends: number] | undefined {
  const end = Math.min(...closes.filter((time) => time > now));
  if (end === Infinity) return undefined;
  const before = Math.max(...closes.filter((time) => time <= now));
  const number = Math.floor((end - now - 1) / hold); // whole periods between this one and its close
  const last = Math.max(Math.floor((end - before) / hold) - 1, 0); // the first has what is left over as well
  return number >= last ? [before, end - last * hold] : [end - (number + 1) * hold, end - number * hold];
}

/** Until when that is forwarded which a relay is given at a time; undefined once the last enrolment is closed. */
export function windowEnd(closes: readonly number[], hold: number, now: number): number | undefined {
  const period = periodOf(closes, hold, now);
  return period && period[1] + hold;
}
