// The form of decision rules (spec/definition.md#rules). What they decide, verifiers compute.
import type { Form } from "./form.ts";

const LARGEST = 1_000;
const KINDS: Readonly<Record<string, readonly Member[]>> = {
  plurality: [],
  "simple-majority": [],
  "absolute-majority": ["of"],
  "region-majority": ["more_than"],
  "turnout-quorum": ["at_least", "of"],
  "approval-quorum": ["at_least", "of"],
};
type Member = "of" | "more_than" | "at_least";

/** FormatError unless a contest's rule is about one of its options and has conditions of known kinds. */
export function checkRule(form: Form, options: readonly string[]): void {
  const { option, conditions } = form.members(["option", "conditions"]);
  option.indexIn(options);
  conditions.items(1).forEach(checkCondition);
}

function checkCondition(form: Form): void {
  const { kind } = form.members(["kind"], ["of", "more_than", "at_least"]);
  const name = Object.keys(KINDS)[kind.indexIn(Object.keys(KINDS))]!;
  const members = form.members<Member | "kind">(["kind", ...KINDS[name]!]);
  members.of?.indexIn(["roll", "enrolled", ...(name === "turnout-quorum" ? [] : ["voted"])]);
  for (const share of [members.more_than, members.at_least]) if (share) checkShare(share);
}

/** `[a, b]`, the fraction a/b, at most 1. */
function checkShare(form: Form): void {
  const [numerator, denominator] = form.items(2, 2);
  numerator!.integer(0, denominator!.integer(1, LARGEST));
}
