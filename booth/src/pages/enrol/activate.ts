// What is done once the cards are kept: tokens and admissions, which are sent and kept until the log has their cards.
import {
  type Kept,
  LeftOut,
  OfRegistrar,
  type Pending,
  type Progress,
  progressOf,
  Refused,
  sendPlainly,
  sendSealed,
  TooLate,
} from "../../core.ts";
import { Wait } from "../wait.ts";
import { pause, seed } from "../random.ts";
import type { Session } from "./session.ts";
import type { Made } from "./state.ts";

/** Refusals after which the same cards cannot be enrolled by asking again. */
const FINAL = ["form", "author", "roll", "issued", "closed"];
/** Seconds between two looks into the log. */
const LOOK_AGAIN = 20;

const now = (): number => Math.floor(Date.now() / 1000);

/** Ask for the tokens, make the admissions, and send them. From the second of these on nothing secret is here. */
export async function activate(session: Session, made: Made): Promise<void> {
  const waiting = new Wait(() => undefined);
  session.waiting = waiting;
  session.go({ type: "sent" });
  const late = (registrars: readonly number[]): void => {
    if (session.state.at === "sending") session.go({ type: "late", registrars });
  };
  try {
    const pending = await waiting.wait((signal) => made.enrolling.make(late, signal));
    session.given = new Map();
    session.keep([...session.others, pending]);
    session.shell.forget();
  } catch (error) {
    const cause = error instanceof OfRegistrar ? error.cause : error;
    const final = cause instanceof Refused && FINAL.includes(cause.reason);
    if (session.state.at === "sending") session.step({ type: final ? "refused" : "failed" });
    throw error;
  }
  session.shell.redraw();
  await send(session);
}

/** Send what has no answer yet, and look where the log is. */
export async function send(session: Session): Promise<void> {
  try {
    await each(session, deliver);
  } finally {
    await refresh(session);
  }
}

type Act = (session: Session, pending: Pending, keep: (next: Pending) => void) => Promise<unknown>;

/** Do something with all that is pending, and keep what comes of it at once. */
async function each(session: Session, act: Act): Promise<void> {
  if (session.state.at !== "pending") return;
  for (const at of session.state.pendings.keys()) {
    const { pendings } = session.state;
    await act(session, pendings[at]!, (next) => {
      if (session.state.at === "pending")
        session.keep(session.state.pendings.map((one, place) => (place === at ? next : one)));
    });
  }
}

/** Through a relay where there are some: what is missing after its window goes out anew. */
const deliver: Act = ({ referendum, enrolments }, pending, keep) =>
  referendum.definition.relays.length
    ? sendSealed({ referendum, enrolments, keep, now: now(), seeds: seed }, pending)
    : sendPlainly(referendum, pending, keep);

export const isOpen = ({ receipt, refusal }: Kept): boolean => !receipt && !refusal;

/** Why a card of these stays out of the record, if one does. */
export type Lost = "left out" | "too late";

/** Whether a card of these stays out of the record; how far they are otherwise. */
export function progress(session: Session, pending: Pending): Progress | Lost {
  try {
    return progressOf(session.referendum, session.enrolments, pending);
  } catch (error) {
    if (error instanceof LeftOut) return "left out";
    if (error instanceof TooLate) return "too late";
    throw error;
  }
}

/** Read the log; once it has all cards, what was kept for them is dropped. */
export async function refresh(session: Session): Promise<void> {
  await session.look();
  if (session.state.at !== "pending") return;
  const { pendings } = session.state;
  const done = pendings.every((pending) => {
    const found = progress(session, pending);
    return typeof found !== "string" && found.logged === found.cards;
  });
  if (!done) return;
  session.keep([]);
  session.step({ type: "enrolled", pendings });
}

/** Look again and again while cards are pending; a screen that would be the same is not drawn anew. */
export async function watch(session: Session): Promise<void> {
  for (;;) {
    await pause(LOOK_AGAIN);
    if (session.state.at !== "pending") continue;
    const before = JSON.stringify([session.state, session.state.pendings.map((one) => progress(session, one))]);
    const due = session.state.pendings.some(
      ({ until, sent }) => until && (now() >= until || sent.some(({ taken }) => !taken)),
    );
    await (due ? send(session) : refresh(session)).catch(() => undefined); // what fails is tried again
    const after = session.state.at === "pending" && session.state.pendings.map((one) => progress(session, one));
    if (before !== JSON.stringify([session.state, after])) session.shell.redraw();
  }
}
