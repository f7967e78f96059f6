// What a device must know from elsewhere: the referendum, its log and witnesses (spec/schemas/pin.json).
import { Policy } from "../log/policy.ts";
import { Form } from "./form.ts";
import * as json from "./json.ts";

export interface Pin {
  /** The definition hash. */
  readonly definition: Uint8Array;
  /** The one log, its witnesses and their quorum. */
  readonly policy: Policy;
}

/** A pin from its one encoding; FormatError for a policy of no log, or of several. */
export function parsePin(document: Uint8Array): Pin {
  const members = new Form(json.decode(document)).members(["version", "definition", "policy"]);
  members.version.integer(1, 1);
  const policy = new Policy(members.policy.match(/^[^]+$/, "a policy"));
  if (policy.origins.length !== 1) throw members.policy.refuse("not of one log");
  return { definition: members.definition.key(), policy };
}
