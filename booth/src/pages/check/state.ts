// Checking as a state machine: a tracker, a receipt, or what another device has made.
import {
  type AuditedCard,
  fromHex,
  Gathering,
  type OpenedBallot,
  PhaseError,
  type Recorded,
} from "../../core.ts";

/** What was recorded of another device before it knew whether it would be checked: for a group with the name of
 * the card that is said to count, undefined where none is. */
export type Recording =
  | { readonly of: "group"; readonly commitment: Uint8Array; readonly named: string | undefined }
  | { readonly of: "ballot"; readonly hash: Uint8Array };

export type State =
  | { readonly at: "start" }
  | { readonly at: "looking" }
  | { readonly at: "found"; readonly recorded: Recorded }
  | { readonly at: "absent" }
  | { readonly at: "gathering"; readonly recording: Recording; readonly parts: Gathering }
  | { readonly at: "naming"; readonly commitment: Uint8Array }
  | { readonly at: "group"; readonly cards: readonly AuditedCard[] }
  | { readonly at: "ballot"; readonly opened: OpenedBallot };

export type Event =
  | { readonly type: "looked" }
  | { readonly type: "found"; readonly recorded: Recorded }
  | { readonly type: "absent" }
  | { readonly type: "committed"; readonly commitment: Uint8Array }
  | { readonly type: "recorded"; readonly recording: Recording }
  | { readonly type: "group"; readonly cards: readonly AuditedCard[] }
  | { readonly type: "ballot"; readonly opened: OpenedBallot }
  | { readonly type: "over" };

export const START: State = { at: "start" };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  if (event.type === "over") return START;
  const next = follow(state, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

function follow(state: State, event: Event): State | undefined {
  const { at } = state;
  if (at === "start" && event.type === "looked") return { at: "looking" };
  if ((at === "start" || at === "looking") && event.type === "found")
    return { at: "found", recorded: event.recorded };
  if (at === "looking" && event.type === "absent") return { at: "absent" };
  if (at === "start" && event.type === "committed") return { at: "naming", commitment: event.commitment };
  if ((at === "start" || at === "naming") && event.type === "recorded") {
    return { at: "gathering", recording: event.recording, parts: new Gathering() };
  }
  if (at !== "gathering") return undefined;
  if (event.type === "ballot" && state.recording.of === "ballot")
    return { at: "ballot", opened: event.opened };
  if (event.type === "group" && state.recording.of === "group") return { at: "group", cards: event.cards };
  return undefined;
}

const CODE = /^PSEPHOS-([BC])-([0-9A-F]{64})$/;

/** What follows from a code on another device's screen; undefined for a code that is neither of the two. */
export function heard(text: string): Event | undefined {
  const [, kind, digits] = CODE.exec(text.trim()) ?? [];
  if (!kind || !digits) return undefined;
  const hash = fromHex(digits.toLowerCase(), 32, "code");
  return kind === "C"
    ? { type: "committed", commitment: hash }
    : { type: "recorded", recording: { of: "ballot", hash } };
}
