// Sending admissions: to the registrars themselves, or sealed through one relay; and looking whether the log has their
// cards. What is sent again is the same, but for its seal (spec/messages.md#sealed-messages).
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import { EvidenceMissing, FormatError, LeftOut, TooLate, VerificationError } from "../errors.ts";
import { checkReceipt, parseAdmission } from "../protocol/admission.ts";
import type { Seeds } from "../protocol/ballot.ts";
import { as, decodeMessage } from "../protocol/entry.ts";
import { Refused } from "../protocol/message.ts";
import { windowEnd } from "../protocol/relays.ts";
import { openResponse, sealMessage } from "../protocol/sealed.ts";
import { shuffled } from "../protocol/token.ts";
import { of, postOf } from "./enrolment.ts";
import type { Enrolments } from "./enrolments.ts";
import { type Kept, type Pending, registrarOf, type Underway, withKept } from "./pending.ts";
import type { Referendum } from "./referendum.ts";

/** Called whenever something is known that must not be lost. */
export type Keep = (pending: Pending) => void;

const OPEN = new Uint8Array();

/** Whether a registrar has not answered this one. */
const isOpen = ({ receipt, refusal }: Kept): boolean => !receipt && !refusal;

/** Send every admission that has no answer yet, each to its registrar. */
export async function sendPlainly(
  referendum: Referendum,
  pending: Pending,
  keep: Keep,
  signal?: AbortSignal,
): Promise<Pending> {
  let now = pending;
  const errors: unknown[] = [];
  const sendings = pending.admissions.map(async (kept, at) => {
    if (!isOpen(kept)) return;
    const keys = referendum.registrars[registrarOf(kept) - 1]!;
    try {
      await of(keys, async () => {
        const answer = await referendum.site.ask(postOf(keys), kept.message, signal);
        keep((now = withKept(now, at, answered(referendum, kept, answer))));
      });
    } catch (error) {
      errors.push(error);
    }
  });
  await Promise.all(sendings);
  if (errors.length) throw errors[0];
  return now;
}

/** An admission with its receipt or its refusal; VerificationError for another answer. */
function answered({ election, registrars }: Referendum, kept: Kept, answer: Uint8Array): Kept {
  try {
    checkReceipt(election, registrars[registrarOf(kept) - 1]!.key, kept.message, answer);
    return { message: kept.message, receipt: answer };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { message: kept.message, refusal: answer };
  }
}

/** Whether the log has its card, as far as it was read. */
const isLogged = (enrolments: Enrolments, region: number, { message }: Kept): boolean =>
  enrolments.recordOf(region, parseAdmission(message).author) !== undefined;

/** The registrars that have not answered for every card. */
function dueOf({ definition }: Referendum, pending: Pending): readonly number[] {
  const numbers = definition.registrars.map((_, at) => at + 1);
  const lacks = (number: number): boolean =>
    pending.admissions.some((kept) => isOpen(kept) && registrarOf(kept) === number);
  return numbers.filter(lacks);
}

/** Whether relays may be given nothing more of these cards. */
export const isClosed = ({ excerpts }: Referendum, { region }: Pending, now: number): boolean =>
  now >= excerpts.region(region).closes;

/** What sending through relays takes: the referendum as it is known, the time (UTC seconds), and randomness. */
export interface Delivery {
  readonly referendum: Referendum;
  readonly enrolments: Enrolments;
  readonly keep: Keep;
  readonly now: number;
  readonly seeds: Seeds;
}

/**
 * Go on with cards that go through relays: `1 + decoys` sealed requests to every registrar, dummies among them, through
 * one relay that is drawn. After their window all responses are fetched. Where one is missing, be it of a dummy, that
 * registrar gets as many again, sealed anew: no relay learns what was a dummy. Nothing is sent again that the log has,
 * and nothing at all after the close.
 */
export async function sendSealed(delivery: Delivery, pending: Pending): Promise<Pending> {
  const { referendum, keep, now } = delivery;
  if (!pending.sent.length) return sealed(delivery, pending, dueOf(referendum, pending));
  if (now < pending.until) return left(delivery, pending);
  const { next, missing, waits } = await opened(referendum, pending, keep);
  if (waits && now < pending.until + referendum.definition.hold) return next;
  return sealed(delivery, next, missing);
}

/** Requests to these registrars, kept before any leaves. */
async function sealed(delivery: Delivery, pending: Pending, registrars: readonly number[]): Promise<Pending> {
  const { referendum, keep, now } = delivery;
  if (!registrars.length || isClosed(referendum, pending, now)) {
    const idle = { ...pending, sent: [], until: 0 };
    if (pending.sent.length) keep(idle);
    return idle;
  }
  const requests = await Promise.all(registrars.map((one) => requestsTo(delivery, pending, one)));
  const next = { ...pending, sent: requests.flat(), until: windowOf(referendum, now) };
  keep(next);
  return left(delivery, next);
}

const windowOf = ({ definition: { whole, hold } }: Referendum, now: number): number =>
  windowEnd(whole.closes, hold, now) ?? now;

/**
 * The relay that is tried first: it has some of these requests, or else has brought an answer before. That stays the
 * device's, for which one it is each time would tell devices apart; a relay that never brought any is left.
 */
const firstRelay = ({ sent, relay }: Pending): string =>
  sent.map((one) => one.relay).filter(Boolean).at(-1) ?? relay;

/**
 * The sealed requests to one registrar in random order: as many as everybody sends. Dummies stand for what it has
 * answered, or the log has: it could leave one card open, and see which others come again with it.
 */
async function requestsTo(
  { referendum: { definition, registrars }, enrolments, seeds }: Delivery,
  pending: Pending,
  registrar: number,
): Promise<Underway[]> {
  const slots: (number | undefined)[] = pending.admissions.flatMap((kept, at) =>
    registrarOf(kept) === registrar && isOpen(kept) && !isLogged(enrolments, pending.region, kept) ? [at] : [],
  );
  while (slots.length < 1 + definition.decoys) slots.push(undefined);
  return Promise.all(
    shuffled(slots, seeds).map(async (admission): Promise<Underway> => {
      const content = admission === undefined ? OPEN : pending.admissions[admission]!.message;
      const { request, opener } = await sealMessage(registrars[registrar - 1]!, content);
      const whose = admission === undefined ? {} : { admission };
      return { registrar, relay: "", taken: false, request, ...opener, ...whose };
    }),
  );
}

/**
 * Every request at a relay. What one has taken, or may have, is given to no other: a card that came twice would show with
 * which others it belongs. To the same relay it is given again: there the same bytes are one request.
 */
async function left({ referendum, keep, now, seeds }: Delivery, pending: Pending): Promise<Pending> {
  if (isClosed(referendum, pending, now) || pending.sent.every(({ taken }) => taken)) return pending;
  const first = firstRelay(pending);
  let next = { ...pending, until: Math.max(pending.until, windowOf(referendum, now)) };
  const put = (at: number, one: Underway): void =>
    keep((next = { ...next, sent: next.sent.map((other, place) => (place === at ? one : other)) }));
  const places = (which: (one: Underway) => boolean): number[] =>
    next.sent.flatMap((one, at) => (which(one) ? [at] : []));
  const give = async (at: number): Promise<void> => {
    const one = next.sent[at]!;
    const taken = await referendum.site.relay(pathOf(referendum, one), one.request);
    if (taken) put(at, { ...one, taken });
  };
  await Promise.all(places(({ relay, taken }) => relay !== "" && !taken).map(give));
  const drawn = shuffled(referendum.definition.relays, seeds).map(({ address }) => address);
  for (const relay of [...drawn.filter((one) => one === first), ...drawn.filter((one) => one !== first)]) {
    const open = places((one) => one.relay === "");
    if (!open.length) return next;
    if (!(await referendum.site.reaches(locationOf({ ...next.sent[open[0]!]!, relay })))) continue;
    keep((next = { ...next, sent: next.sent.map((one) => (one.relay ? one : { ...one, relay })) }));
    await Promise.all(
      open.map(async (at) => {
        const one = next.sent[at]!;
        const taken = await referendum.site.relay(pathOf(referendum, one), one.request);
        if (taken !== undefined) put(at, taken ? { ...one, taken } : { ...one, relay: "" });
      }),
    );
  }
  if (places((one) => one.relay === "").length) throw new EvidenceMissing("no relay takes these messages");
  return next;
}

const pathOf = ({ definition }: Referendum, { relay, registrar }: Underway): string =>
  `${relay}/${toHex(definition.hash)}/${registrar}`;

const locationOf = ({ relay, request }: Underway): string => `${relay}/held/${toHex(sha256(request))}`;

interface Fetched {
  readonly next: Pending;
  /** The registrars of which a response is missing. */
  readonly missing: readonly number[];
  /** Whether one may still come. */
  readonly waits: boolean;
}

/** Fetch all responses, those to dummies too: otherwise the relay would count the cards. */
async function opened(referendum: Referendum, pending: Pending, keep: Keep): Promise<Fetched> {
  let next = pending;
  let waits = false;
  const missing = new Set<number>();
  for (const one of pending.sent) {
    const response = one.relay ? await referendum.site.relayed(locationOf(one)) : null;
    waits ||= response === undefined;
    const answered = response && (await answerIn(referendum, next, one, response));
    if (answered) {
      if (answered !== next || next.relay !== one.relay) keep((next = { ...answered, relay: one.relay }));
    } else missing.add(one.registrar);
  }
  return { next, missing: [...missing].sort((one, other) => one - other), waits };
}

/** The same with the answer that a response holds; nothing where it does not open, or is of another card. */
async function answerIn(
  referendum: Referendum,
  pending: Pending,
  { admission, encapsulated, secret }: Underway,
  response: Uint8Array,
): Promise<Pending | undefined> {
  try {
    const answer = await openResponse({ encapsulated, secret }, response);
    if (admission === undefined) return pending;
    return withKept(pending, admission, answered(referendum, pending.admissions[admission]!, answer));
  } catch (error) {
    if (error instanceof FormatError || error instanceof VerificationError) return undefined;
    throw error;
  }
}

/** How far cards are: how many, how many registrars have admitted all of them, and how many the log has. */
export interface Progress {
  readonly cards: number;
  readonly admitted: number;
  readonly logged: number;
}

/**
 * How far cards are. LeftOut where a batch lacks one that all registrars have accepted, or the log has one with another
 * record; else TooLate where the last batch lacks one, and no relay can have an answer.
 */
export function progressOf(referendum: Referendum, enrolments: Enrolments, pending: Pending): Progress {
  const cards = new Map<string, Kept[]>();
  for (const kept of pending.admissions) {
    const name = toHex(parseAdmission(kept.message).author);
    cards.set(name, [...(cards.get(name) ?? []), kept]);
  }
  const judged = [...cards.values()].map((kept) => judge(referendum, enrolments, pending.region, kept));
  const { complete } = enrolments.batches(pending.region);
  const underway = pending.sent.length > 0; // a relay may have answers yet
  if (complete && !underway && judged.some(({ logged }) => !logged)) throw new TooLate("enrolment closed before a card was accepted");
  const count = (what: "admitted" | "logged"): number => judged.filter((one) => one[what]).length;
  return { cards: cards.size, admitted: count("admitted"), logged: count("logged") };
}

function judge(
  { definition }: Referendum,
  enrolments: Enrolments,
  region: number,
  kept: readonly Kept[],
): { readonly admitted: boolean; readonly logged: boolean } {
  const { author, payload } = parseAdmission(kept[0]!.message);
  const found = enrolments.recordOf(region, author);
  if (found && !equal(found, sha256(payload.record))) throw new LeftOut("the log has a card with another record");
  const receipts = kept.flatMap(({ receipt }) => (receipt ? [batchOf(receipt)] : []));
  const admitted = receipts.length === definition.registrars.length;
  const { count, complete } = enrolments.batches(region);
  if (!found && admitted && (complete || count > Math.max(...receipts)))
    throw new LeftOut("a card is in no batch that should hold it");
  return { admitted, logged: found !== undefined };
}

function batchOf(receipt: Uint8Array): number {
  const found = as(decodeMessage(receipt), "card-receipt");
  if (!found) throw new FormatError("no receipt of a card");
  return found.payload.batch;
}
