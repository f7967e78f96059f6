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
  | { readonly at: "choose"; readonly right: Right; readonly cards: readonly Card[] }
  | { readonly at: "made"; readonly made: Made }
  | { readonly at: "opened"; readonly right: Right; readonly opening: Uint8Array }
  | { readonly at: "keep"; readonly made: Made; readonly card: number }
  | { readonly at: "send"; readonly made: Made }
  | { readonly at: "sending"; readonly made: Made }
  | {
      readonly at: "enrolled";
      readonly receipt: Payload<"group-receipt">;
      readonly signed: Uint8Array;
      readonly spare: string;
    };

export type Event =
  | { readonly type: "next" }
  | { readonly type: "explained" }
  | { readonly type: "back" }
  | { readonly type: "more" }
  | { readonly type: "entitled"; readonly right: Right; readonly proposed: number }
  | { readonly type: "drawn"; readonly cards: readonly Card[] }
  | { readonly type: "made"; readonly made: Made }
  | { readonly type: "opened"; readonly opening: Uint8Array }
  | { readonly type: "anew"; readonly proposed: number }
  | { readonly type: "sent" }
  | { readonly type: "failed" }
  | { readonly type: "spent"; readonly made: Made }
  | {
      readonly type: "enrolled";
      readonly receipt: Payload<"group-receipt">;
      readonly signed: Uint8Array;
      readonly spare: string;
    };

export const START: State = { at: "explain", screen: 0 };

/** The state after an event; PhaseError for an event that cannot come then. */
export function step(state: State, event: Event): State {
  const next = TRANSITIONS[state.at](state as never, event);
  if (!next) throw new PhaseError(`${event.type} does not follow ${state.at}`);
  return next;
}

type At<A extends State["at"]> = Extract<State, { at: A }>;

const TRANSITIONS: { readonly [A in State["at"]]: (state: At<A>, event: Event) => State | undefined } = {
  explain({ screen }, event) {
    if (event.type === "more") return { at: "spare" };
    if (event.type === "back") return { at: "explain", screen: Math.max(0, screen - 1) };
    if (event.type === "explained") return { at: "invite" };
    return event.type === "next" ? { at: "explain", screen: screen + 1 } : undefined;
  },
  invite: entitled,
  spare: entitled,
  number: ({ right }, event) =>
    event.type === "drawn"
      ? { at: "choose", right, cards: event.cards }
      : event.type === "back"
        ? START
        : undefined,
  choose: (_, event) =>
    event.type === "made" ? { at: "made", made: event.made } : event.type === "back" ? START : undefined,
  made({ made }, event) {
    if (event.type === "opened") return { at: "opened", right: made.right, opening: event.opening };
    return event.type === "next" ? { at: "keep", made, card: 0 } : undefined;
  },
  opened: ({ right }, event) =>
    event.type === "anew" ? { at: "number", right, proposed: event.proposed } : undefined,
  keep({ made, card }, event) {
    if (event.type === "back") return card ? { at: "keep", made, card: card - 1 } : { at: "made", made };
    if (event.type !== "next") return undefined;
    return card + 1 < made.cards.length ? { at: "keep", made, card: card + 1 } : { at: "send", made };
  },
  send({ made }, event) {
    if (event.type === "back") return { at: "keep", made, card: made.cards.length - 1 };
    return event.type === "sent" ? { at: "sending", made } : undefined;
  },
  sending({ made }, event) {
    if (event.type === "failed") return { at: "send", made };
    if (event.type === "spent") return { at: "made", made: event.made };
    if (event.type !== "enrolled") return undefined;
    // From here on nothing of the cards is left.
    return { at: "enrolled", receipt: event.receipt, signed: event.signed, spare: event.spare };
  },
  enrolled: () => undefined,
};

function entitled(_: unknown, event: Event): State | undefined {
  if (event.type === "back") return START;
  return event.type === "entitled"
    ? { at: "number", right: event.right, proposed: event.proposed }
    : undefined;
}
