// The form of decision rules (spec/definition.md#rules). What they decide, verifiers compute.
import { FormatError } from "../errors.ts";
import type { Form } from "./form.ts";

const LARGEST = 1_000;
type Kind =
  | "plurality"
  | "simple-majority"
  | "absolute-majority"
  | "region-majority"
  | "turnout-quorum"
  | "approval-quorum"
  | "preference";
type Member = "of" | "more_than" | "at_least" | "over" | "by" | "choose";
const KINDS: Readonly<Record<Kind, readonly Member[]>> = {
  plurality: [],
  "simple-majority": [],
  "absolute-majority": ["of"],
  "region-majority": ["more_than"],
  "turnout-quorum": ["at_least", "of"],
  "approval-quorum": ["at_least", "of"],
  preference: ["over", "by", "choose"],
};

/** If the option of contest `over` is accepted too, contest `by` must prefer its option `choose`. */
export interface Preference {
  readonly over: string;
  readonly by: string;
  readonly choose: string;
}

/** What must fit between rules of several contests. */
export interface Rule {
  readonly conditions: number;
  readonly preferences: readonly Preference[];
}

/** A contest's rule; FormatError unless it is about one of its options and has conditions of known kinds. */
export function readRule(form: Form, options: readonly string[]): Rule {
  const { option, conditions } = form.members(["option", "conditions"]);
  option.indexIn(options);
  const read = conditions.items(1).map(readCondition);
  return { conditions: read.length, preferences: read.filter((one) => one !== undefined) };
}

function readCondition(form: Form): Preference | undefined {
  const every: Member[] = ["of", "more_than", "at_least", "over", "by", "choose"];
  const kind = readKind(form.members(["kind"], every).kind);
  const members = form.members<Member | "kind">(["kind", ...KINDS[kind]]);
  members.of?.indexIn(["roll", "enrolled", ...(kind === "turnout-quorum" ? [] : ["voted"])]);
  for (const share of [members.more_than, members.at_least]) if (share) checkShare(share);
  if (kind !== "preference") return undefined;
  const [over, by, choose] = [members.over, members.by, members.choose].map((one) => one!.identifier());
  return { over: over!, by: by!, choose: choose! };
}

function readKind(form: Form): Kind {
  const kinds = Object.keys(KINDS) as Kind[];
  return kinds[form.indexIn(kinds)]!;
}

/** `[a, b]`, the fraction a/b, at most 1. */
function checkShare(form: Form): void {
  const [numerator, denominator] = form.items(2, 2);
  numerator!.integer(0, denominator!.integer(1, LARGEST));
}

/** A contest as preferences ask of it. */
export interface Ruled {
  readonly id: string;
  readonly optionIds: readonly string[];
  readonly rule: Rule | undefined;
}

/** Preferences come in pairs, over each other, by a third contest. */
export function checkPreferences(contests: readonly Ruled[]): void {
  const byId = new Map(contests.map((contest) => [contest.id, contest]));
  for (const { id, rule } of contests) {
    for (const { over, by, choose } of rule?.preferences ?? []) {
      const [back] = byId.get(over)?.rule?.preferences ?? [];
      const fits =
        rule!.preferences.length === 1 &&
        rule!.conditions > 1 &&
        new Set([id, over, by]).size === 3 &&
        byId.get(by)?.optionIds.includes(choose) &&
        back !== undefined &&
        back.over === id &&
        back.by === by &&
        back.choose !== choose;
      if (!fits) throw new FormatError(`definition: the preference of contest ${id} does not fit`);
    }
  }
}

/** A style that asks one of the three contests of a preference asks all. */
export function checkPreferred(contests: readonly Ruled[], asked: readonly string[]): void {
  for (const { id, rule } of contests) {
    for (const { over, by } of rule?.preferences ?? []) {
      const held = [id, over, by].filter((contest) => asked.includes(contest)).length;
      if (held % 3) throw new FormatError(`definition: a style has not all contests of the preference of ${id}`);
    }
  }
}
