// Checking as a state machine: a tracker, a receipt, or what another device has made.
import {
  type AuditedCard,
  Gathering,
  type OpenedBallot,
  PhaseError,
  type Recorded,
  type Shown,
} from "../../core.ts";

/** What was recorded of another device before it knew whether it would be checked: for cards with the name of the one
 * that is said to count. */
export type Recording =
  | { readonly of: "cards"; readonly commitment: Uint8Array; readonly named: string }
  | { readonly of: "ballot"; readonly hash: Uint8Array };

export type State =
  | { readonly at: "start" }
  | { readonly at: "looking" }
  | { readonly at: "found"; readonly recorded: Recorded }
  | { readonly at: "absent" }
  | { readonly at: "gathering"; readonly recording: Recording; readonly parts: Gathering }
  | { readonly at: "naming"; readonly commitment: Uint8Array }
  | { readonly at: "cards"; readonly cards: readonly AuditedCard[] }
  | { readonly at: "receipts"; readonly receipts: readonly Shown[] }
  | { readonly at: "ballot"; readonly opened: OpenedBallot };

export type Event =
  | { readonly type: "looked" }
  | { readonly type: "found"; readonly recorded: Recorded }
  | { readonly type: "absent" }
  | { readonly type: "committed"; readonly commitment: Uint8Array }
  | { readonly type: "recorded"; readonly recording: Recording }
  | { readonly type: "receipts"; readonly receipts: readonly Shown[] }
  | { readonly type: "cards"; readonly cards: readonly AuditedCard[] }
  | { readonly type: "ballot"; readonly opened: OpenedBallot }
  | { readonly type: "back" }
  | { readonly type: "over" };

export const START: State = { at: "start" };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  if (event.type === "over") return START;
  const next = follow(state, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

const DEPTHS = { start: 0, looking: 1, found: 1, absent: 1, naming: 1, gathering: 2, cards: 3, ballot: 3, receipts: 1 } as const;

/** How many steps a state is from the first. */
export const depthOf = ({ at }: State): number => DEPTHS[at];

/** Whether something was recorded that the page's links would lead away from. */
export const busy = ({ at }: State): boolean => at === "naming" || at === "gathering";

function follow(state: State, event: Event): State | undefined {
  const { at } = state;
  if (event.type === "back") return before(state);
  if (at === "start" && event.type === "looked") return { at: "looking" };
  if ((at === "start" || at === "looking") && event.type === "found")
    return { at: "found", recorded: event.recorded };
  if (at === "looking" && event.type === "receipts") return { at: "receipts", receipts: event.receipts };
  if (at === "looking" && event.type === "absent") return { at: "absent" };
  if (at === "start" && event.type === "committed") return { at: "naming", commitment: event.commitment };
  if ((at === "start" || at === "naming") && event.type === "recorded") {
    return { at: "gathering", recording: event.recording, parts: new Gathering() };
  }
  if (at !== "gathering") return undefined;
  if (event.type === "ballot" && state.recording.of === "ballot")
    return { at: "ballot", opened: event.opened };
  if (event.type === "cards" && state.recording.of === "cards") return { at: "cards", cards: event.cards };
  return undefined;
}

/** One step back. What was opened was checked: before it there is nothing any more. */
function before(state: State): State | undefined {
  if (state.at === "start") return undefined;
  const { recording } = state.at === "gathering" ? state : {};
  return recording?.of === "cards" ? { at: "naming", commitment: recording.commitment } : START;
}

/** What follows from a code on another device's screen. */
export function heard(of: Recording["of"], hash: Uint8Array): Event {
  if (of === "cards") return { type: "committed", commitment: hash };
  return { type: "recorded", recording: { of, hash } };
}
