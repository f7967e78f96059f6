// Enrolling as a state machine: what can follow what. Nothing here knows of screens, network or chance.
//
// Cards are kept before anything is sent: a page that is lost until then has cost nothing. Once the admissions are made
// nothing of a state holds what is secret.
import {
  type Card,
  type CardsDraft,
  type Enrolling,
  type Entitled,
  type Pending,
  PhaseError,
} from "../../core.ts";

/** Invitations that registrars have said yes to, by registrar. */
export type Given = ReadonlyMap<number, Entitled>;

/** The invitations of all registrars, in their order, for one region. */
export interface Right {
  readonly region: number;
  readonly entitled: readonly Entitled[];
}

/** Cards that were made, what commits to them, and what asks for their tokens. */
export interface Made {
  readonly right: Right;
  readonly cards: readonly Card[];
  readonly draft: CardsDraft;
  readonly enrolling: Enrolling;
}

export type State =
  | { readonly at: "explain"; readonly screen: number }
  | { readonly at: "invite"; readonly given: Given }
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
  /** `late` are the registrars that have not answered in time. */
  | { readonly at: "sending"; readonly made: Made; readonly late: readonly number[] }
  | { readonly at: "refused"; readonly made: Made }
  /** Made, sent perhaps, and not in the log yet; `stored` where this device has it when it is opened again. */
  | { readonly at: "pending"; readonly pendings: readonly Pending[]; readonly stored: boolean }
  | { readonly at: "enrolled"; readonly pendings: readonly Pending[] };

export type Event =
  | { readonly type: "next" }
  | { readonly type: "explained"; readonly given: Given }
  /** Back to the explanations, of which this is the last that there is. */
  | { readonly type: "explain"; readonly screen: number }
  | { readonly type: "back"; readonly given?: Given }
  | { readonly type: "invited"; readonly given: Given }
  | { readonly type: "entitled"; readonly right: Right; readonly proposed: number }
  | { readonly type: "proposed"; readonly proposed: number }
  | { readonly type: "drawn"; readonly cards: readonly Card[] }
  | { readonly type: "picked"; readonly card: Card }
  | { readonly type: "made"; readonly made: Made }
  | { readonly type: "opened"; readonly opening: Uint8Array }
  | { readonly type: "anew"; readonly proposed: number }
  | { readonly type: "discarded" }
  | { readonly type: "sent" }
  | { readonly type: "late"; readonly registrars: readonly number[] }
  | { readonly type: "failed" }
  | { readonly type: "refused" }
  | { readonly type: "pending"; readonly pendings: readonly Pending[]; readonly stored: boolean }
  | { readonly type: "enrolled"; readonly pendings: readonly Pending[] }
  /** Cards of somebody else, or none any more. */
  | { readonly type: "begin" };

export const START: State = { at: "explain", screen: 0 };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  const next = TRANSITIONS[state.at](state as never, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

const DEPTHS = {
  ...{ invite: 5, number: 6, choose: 7, made: 8, opened: 9, keep: 9, leaving: 9, send: 10 },
  ...{ sending: 10, refused: 10, pending: 0, enrolled: 0 },
} as const;

/** How many steps a state is from the first. All cards that are kept are one: their number is nobody's business. */
export const depthOf = (state: State): number => (state.at === "explain" ? state.screen : DEPTHS[state.at]);

/** Whether leaving would lose cards that were shown and are not sent, or what would send them: then it is asked about. */
export const holds = (state: State): boolean =>
  ["keep", "leaving", "send", "sending"].includes(state.at) || (state.at === "pending" && !state.stored);

/** Whether there is something on the page that its links would lead away from. */
export const busy = (state: State): boolean =>
  holds(state) || ["number", "choose", "made", "opened"].includes(state.at);

type At<A extends State["at"]> = Extract<State, { at: A }>;

const TRANSITIONS: { readonly [A in State["at"]]: (state: At<A>, event: Event) => State | undefined } = {
  explain({ screen }, event) {
    if (event.type === "pending") return pending(event);
    if (event.type === "back") return screen ? { at: "explain", screen: screen - 1 } : undefined;
    if (event.type === "explained") return { at: "invite", given: event.given };
    return event.type === "next" ? { at: "explain", screen: screen + 1 } : undefined;
  },
  invite(_, event) {
    if (event.type === "explain") return { at: "explain", screen: event.screen };
    if (event.type === "invited") return { at: "invite", given: event.given };
    return event.type === "entitled"
      ? { at: "number", right: event.right, proposed: event.proposed }
      : undefined;
  },
  number({ right }, event) {
    if (event.type === "drawn") return { at: "choose", right, cards: event.cards, counts: undefined };
    if (event.type === "proposed") return { at: "number", right, proposed: event.proposed };
    return event.type === "back" ? { at: "invite", given: givenOf(right) } : undefined;
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
    return event.type === "back" ? { at: "choose", right, cards, counts: undefined } : undefined;
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
    // Tokens that were asked for are of these cards: there are no others any more.
    if (event.type === "back" && !made.enrolling.begun) return { at: "keep", made, card: made.cards.length - 1 };
    return event.type === "sent" ? { at: "sending", made, late: [] } : undefined;
  },
  sending({ made }, event) {
    if (event.type === "late") return { at: "sending", made, late: event.registrars };
    if (event.type === "failed") return { at: "send", made };
    if (event.type === "refused") return { at: "refused", made };
    // From here on nothing of the cards is left.
    return event.type === "pending" ? pending(event) : undefined;
  },
  refused: () => undefined,
  pending(_, event) {
    if (event.type === "begin") return START;
    if (event.type === "pending") return pending(event);
    return event.type === "enrolled" ? { at: "enrolled", pendings: event.pendings } : undefined;
  },
  enrolled: (_, event) => (event.type === "begin" ? START : undefined),
};

const pending = ({ pendings, stored }: Extract<Event, { type: "pending" }>): State => ({
  at: "pending",
  pendings,
  stored,
});

const givenOf = ({ entitled }: Right): Given => new Map(entitled.map((one) => [one.registrar, one]));

/** The same number of cards is proposed, and others are made. */
const again = (right: Right, cards: readonly Card[]): State => ({
  at: "number",
  right,
  proposed: cards.length,
});
