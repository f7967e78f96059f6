// Enrolling as a state machine: what can follow what. Nothing here knows of screens, network or chance.
//
// Cards are kept before anything is sent: a page that is lost until then has cost nothing.
import {
  type Card,
  type GroupDraft,
  type Invitation,
  type Payload,
  PhaseError,
  type Token,
} from "../../core.ts";

/** By what right a group is made: an invitation, or spare decoy tokens. */
export type Right =
  | { readonly kind: "voter"; readonly invitation: Invitation; readonly region: number }
  | { readonly kind: "decoy"; readonly tokens: readonly Token[]; readonly region: number };

/** A group that was made: its cards, and what commits to them. */
export interface Made {
  readonly right: Right;
  readonly cards: readonly Card[];
  readonly group: GroupDraft;
}

export type State =
  | { readonly at: "explain"; readonly screen: number }
  | { readonly at: "invite" }
  | { readonly at: "spare" }
  | { readonly at: "number"; readonly right: Right; readonly proposed: number }
  | {
      readonly at: "choose";
      readonly right: Right;
      readonly cards: readonly Card[];
      readonly counts: Card | undefined;
    }
  | { readonly at: "made"; readonly made: Made }
  | { readonly at: "opened"; readonly right: Right; readonly proposed: number; readonly opening: Uint8Array }
  | { readonly at: "keep"; readonly made: Made; readonly card: number }
  | { readonly at: "leaving"; readonly made: Made }
  | { readonly at: "send"; readonly made: Made }
  | { readonly at: "sending"; readonly made: Made; readonly silent: boolean }
  | { readonly at: "refused"; readonly made: Made }
  | Enrolled;

interface Enrolled {
  readonly at: "enrolled";
  readonly receipt: Payload<"group-receipt">;
  readonly signed: Uint8Array;
  readonly spare: string;
}

export type Event =
  | { readonly type: "next" }
  | { readonly type: "explained" }
  /** Back to the explanations, of which this is the last that there is. */
  | { readonly type: "explain"; readonly screen: number }
  | { readonly type: "back" }
  | { readonly type: "more" }
  | { readonly type: "entitled"; readonly right: Right; readonly proposed: number }
  | { readonly type: "proposed"; readonly proposed: number }
  | { readonly type: "drawn"; readonly cards: readonly Card[] }
  | { readonly type: "picked"; readonly card: Card }
  | { readonly type: "made"; readonly made: Made }
  | { readonly type: "opened"; readonly opening: Uint8Array }
  | { readonly type: "anew"; readonly proposed: number }
  | { readonly type: "discarded" }
  | { readonly type: "sent" }
  | { readonly type: "silent" }
  | { readonly type: "failed" }
  | { readonly type: "refused" }
  | { readonly type: "spent"; readonly made: Made }
  | (Omit<Enrolled, "at"> & { readonly type: "enrolled" });

export const START: State = { at: "explain", screen: 0 };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  const next = TRANSITIONS[state.at](state as never, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

const DEPTHS = {
  ...{ invite: 5, spare: 5, number: 6, choose: 7, made: 8, opened: 9, keep: 9, leaving: 9, send: 10 },
  ...{ sending: 10, refused: 10, enrolled: 0 },
} as const;

/** How many steps a state is from the first. All cards that are kept are one: their number is nobody's business. */
export const depthOf = (state: State): number => (state.at === "explain" ? state.screen : DEPTHS[state.at]);

/** Whether leaving would lose cards that were shown and are not enrolled: then it is asked about. */
export const holds = ({ at }: State): boolean => ["keep", "leaving", "send", "sending"].includes(at);

/** Whether there is something on the page that its links would lead away from. */
export const busy = (state: State): boolean =>
  holds(state) || ["number", "choose", "made", "opened"].includes(state.at);

type At<A extends State["at"]> = Extract<State, { at: A }>;

const TRANSITIONS: { readonly [A in State["at"]]: (state: At<A>, event: Event) => State | undefined } = {
  explain({ screen }, event) {
    if (event.type === "more") return { at: "spare" };
    if (event.type === "back") return screen ? { at: "explain", screen: screen - 1 } : undefined;
    if (event.type === "explained") return { at: "invite" };
    return event.type === "next" ? { at: "explain", screen: screen + 1 } : undefined;
  },
  invite: entitled,
  spare: entitled,
  number({ right }, event) {
    if (event.type === "drawn") return { at: "choose", right, cards: event.cards, counts: undefined };
    if (event.type === "proposed") return { at: "number", right, proposed: event.proposed };
    if (event.type !== "back") return undefined;
    return right.kind === "voter" ? { at: "invite" } : { at: "spare" };
  },
  choose(state, event) {
    if (event.type === "made") return { at: "made", made: event.made };
    if (event.type === "picked") return { ...state, counts: event.card };
    return event.type === "back" ? again(state.right, state.cards) : undefined;
  },
  made({ made: { right, cards }, made }, event) {
    if (event.type === "opened")
      return { at: "opened", right, proposed: cards.length, opening: event.opening };
    if (event.type === "next") return { at: "keep", made, card: 0 };
    if (event.type !== "back") return undefined;
    return right.kind === "voter" ? { at: "choose", right, cards, counts: undefined } : again(right, cards);
  },
  opened({ right, proposed }, event) {
    if (event.type === "back") return { at: "number", right, proposed };
    return event.type === "anew" ? { at: "number", right, proposed: event.proposed } : undefined;
  },
  keep({ made, card }, event) {
    // Cards that were shown may be on paper already: before the first of them there is a question.
    if (event.type === "back") return card ? { at: "keep", made, card: card - 1 } : { at: "leaving", made };
    if (event.type !== "next") return undefined;
    return card + 1 < made.cards.length ? { at: "keep", made, card: card + 1 } : { at: "send", made };
  },
  leaving({ made }, event) {
    if (event.type === "next" || event.type === "back") return { at: "keep", made, card: 0 };
    return event.type === "discarded" ? again(made.right, made.cards) : undefined;
  },
  send({ made }, event) {
    if (event.type === "back") return { at: "keep", made, card: made.cards.length - 1 };
    return event.type === "sent" ? { at: "sending", made, silent: false } : undefined;
  },
  sending({ made }, event) {
    if (event.type === "silent") return { at: "sending", made, silent: true };
    if (event.type === "failed") return { at: "send", made };
    if (event.type === "refused") return { at: "refused", made };
    if (event.type === "spent") return { at: "made", made: event.made };
    if (event.type !== "enrolled") return undefined;
    // From here on nothing of the cards is left.
    return { at: "enrolled", receipt: event.receipt, signed: event.signed, spare: event.spare };
  },
  refused: ({ made }, event) => (event.type === "back" ? { at: "send", made } : undefined),
  enrolled: () => undefined,
};

function entitled(_: State, event: Event): State | undefined {
  if (event.type === "explain") return { at: "explain", screen: event.screen };
  return event.type === "entitled"
    ? { at: "number", right: event.right, proposed: event.proposed }
    : undefined;
}

/** The same number of cards is proposed, and others are made. */
const again = (right: Right, cards: readonly Card[]): State => ({
  at: "number",
  right,
  proposed: cards.length,
});
