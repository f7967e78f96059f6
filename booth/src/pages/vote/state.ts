// Voting as a state machine: what can follow what. Nothing here knows of screens, network or chance.
import {
  type BallotDraft,
  type Card,
  type Choice,
  type Day,
  PhaseError,
  type Promised,
  type Recorded,
} from "../../core.ts";

/** A ballot paper: whose, of which day that is open, and what is chosen so far in each contest. */
export interface Paper {
  readonly card: Card;
  readonly open: Day;
  /** The highest serial that this card is known to have used on this day. */
  readonly used: number;
  /** undefined: nothing chosen yet; null: blank. */
  readonly choices: readonly (Choice | undefined)[];
}

export type State =
  /** `region` is the one that was asked for, where voters are asked for theirs. */
  | { readonly at: "card"; readonly region?: number }
  | { readonly at: "confirm"; readonly card: Card; readonly region?: number; readonly paper?: Paper }
  | { readonly at: "choose"; readonly paper: Paper }
  | { readonly at: "review"; readonly paper: Paper }
  | { readonly at: "sealed"; readonly paper: Paper; readonly draft: BallotDraft; readonly anew: boolean }
  | { readonly at: "opened"; readonly paper: Paper; readonly opening: Uint8Array }
  | {
      readonly at: "sending";
      readonly paper: Paper;
      readonly draft: BallotDraft;
      readonly entry: Uint8Array;
      readonly silent: boolean;
    }
  | { readonly at: "cast"; readonly tracker: Uint8Array; readonly promised: Promised }
  | { readonly at: "recorded"; readonly tracker: Uint8Array; readonly recorded: Recorded };

export type Event =
  | { readonly type: "named"; readonly region: number }
  | { readonly type: "shown"; readonly card: Card }
  | { readonly type: "confirmed"; readonly open: Day; readonly contests: number }
  | { readonly type: "chosen"; readonly contest: number; readonly choice: Choice }
  | { readonly type: "reviewed" }
  | { readonly type: "back" }
  | { readonly type: "sealed"; readonly draft: BallotDraft }
  | { readonly type: "opened"; readonly opening: Uint8Array }
  | { readonly type: "signed"; readonly entry: Uint8Array }
  | { readonly type: "promised"; readonly promised: Promised }
  | { readonly type: "used"; readonly serial: number; readonly draft: BallotDraft }
  | { readonly type: "silent" }
  | { readonly type: "refused" }
  | { readonly type: "recorded"; readonly recorded: Recorded }
  | { readonly type: "over" };

export const START: State = { at: "card" };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  if (event.type === "over") return START;
  const next = TRANSITIONS[state.at](state as never, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

const DEPTHS = {
  ...{ card: 0, confirm: 1, choose: 2, review: 3, sealed: 4, opened: 5, sending: 4, cast: 0, recorded: 0 },
} as const;

/** How many steps a state is from the first; where voters are asked for their region that is one more. */
export const depthOf = (state: State, asked = false): number => {
  const depth = DEPTHS[state.at];
  const named = state.at === "card" && state.region !== undefined;
  return asked && (depth || named) ? depth + 1 : depth;
};

/** Whether a ballot is on its way, and leaving would lose the answer: then it is asked about. */
export const holds = ({ at }: State): boolean => at === "sending";

/** Whether there is a ballot that the page's links would lead away from. */
export const busy = ({ at }: State): boolean => ["choose", "review", "sealed", "opened", "sending"].includes(at);

type At<A extends State["at"]> = Extract<State, { at: A }>;

const TRANSITIONS: { readonly [A in State["at"]]: (state: At<A>, event: Event) => State | undefined } = {
  card(state, event) {
    if (event.type === "named") return { at: "card", region: event.region };
    if (event.type === "shown") return { ...state, at: "confirm", card: event.card };
    return event.type === "back" && state.region !== undefined ? START : undefined;
  },
  confirm(state, event) {
    if (event.type === "back") return state.region === undefined ? START : { at: "card", region: state.region };
    if (event.type !== "confirmed") return undefined;
    const { card, paper } = state;
    const { day } = event.open;
    const choices = paper?.choices ?? Array.from({ length: event.contests }, () => undefined);
    return { at: "choose", paper: { card, open: event.open, used: paper?.open.day === day ? paper.used : 0, choices } };
  },
  choose({ paper }, event) {
    if (event.type === "back") return { at: "confirm", card: paper.card, paper };
    if (event.type === "reviewed" && !paper.choices.includes(undefined)) return { at: "review", paper };
    if (event.type !== "chosen" || event.contest >= paper.choices.length) return undefined;
    return { at: "choose", paper: { ...paper, choices: replaced(paper.choices, event) } };
  },
  review({ paper }, event) {
    if (event.type === "back") return { at: "choose", paper };
    return event.type === "sealed" ? { at: "sealed", paper, draft: event.draft, anew: false } : undefined;
  },
  sealed({ paper, draft }, event) {
    if (event.type === "back") return { at: "review", paper };
    if (event.type === "opened") return { at: "opened", paper, opening: event.opening };
    return event.type === "signed" ? { at: "sending", paper, draft, entry: event.entry, silent: false } : undefined;
  },
  opened: ({ paper }, event) => (event.type === "back" ? { at: "choose", paper } : undefined),
  sending(state, event) {
    const { paper, draft } = state;
    if (event.type === "silent") return { ...state, silent: true };
    if (event.type === "promised")
      return { at: "cast", tracker: event.promised.promise.ballot, promised: event.promised };
    if (event.type === "refused") return { at: "sealed", paper, draft, anew: false };
    if (event.type !== "used") return undefined;
    return { at: "sealed", paper: { ...paper, used: event.serial }, draft: event.draft, anew: true };
  },
  cast: ({ tracker }, event) =>
    event.type === "recorded" ? { at: "recorded", tracker, recorded: event.recorded } : undefined,
  recorded: () => undefined,
};

function replaced(
  choices: Paper["choices"],
  { contest, choice }: { readonly contest: number; readonly choice: Choice },
): Paper["choices"] {
  return choices.map((old, at) => (at === contest ? choice : old));
}

/** The choices of a paper that was reviewed. */
export function complete(paper: Paper): Choice[] {
  return paper.choices.map((choice) => {
    if (choice === undefined) throw new PhaseError("not every contest has a choice");
    return choice;
  });
}
