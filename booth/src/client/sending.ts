// Sending admissions: to the registrars themselves, or sealed through one relay; and looking whether the log has their
// cards. What is sent again is the same, but for its seal (spec/messages.md#sealed-messages).
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import { EvidenceMissing, FormatError, LeftOut, VerificationError } from "../errors.ts";
import { checkReceipt, parseAdmission } from "../protocol/admission.ts";
import type { Seeds } from "../protocol/ballot.ts";
import type { Definition } from "../protocol/definition.ts";
import { as, decodeMessage } from "../protocol/entry.ts";
import { Refused } from "../protocol/message.ts";
import { periodOf } from "../protocol/relays.ts";
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

/** The registrars that have not answered for every card. */
function dueOf({ definition }: Referendum, pending: Pending): readonly number[] {
  const numbers = definition.registrars.map((_, at) => at + 1);
  const lacks = (number: number): boolean =>
    pending.admissions.some((kept) => isOpen(kept) && registrarOf(kept) === number);
  return numbers.filter(lacks);
}

/**
 * Send to every registrar that has answered too little `1 + decoys` sealed requests, dummies among them, through one
 * relay that is drawn; through another only where that one fails. `now` is UTC seconds.
 */
export async function sendSealed(
  referendum: Referendum,
  pending: Pending,
  keep: Keep,
  now: number,
  seeds: Seeds,
): Promise<Pending> {
  const { definition } = referendum;
  const period = periodOf(
    definition.regions.map(({ closes }) => closes),
    definition.hold,
    now,
  );
  const requests = await Promise.all(dueOf(referendum, pending).map((due) => requestsTo(referendum, pending, due, seeds)));
  const all = requests.flat();
  for (const address of relaysFor(definition, pending, seeds)) {
    try {
      if (!period) return await forwarded(referendum, pending, keep, address, all);
      const next = { ...pending, sent: await relayed(referendum, address, all), until: period[1] };
      keep(next);
      return next;
    } catch (error) {
      if (!(error instanceof EvidenceMissing)) throw error;
    }
  }
  throw new EvidenceMissing("no relay takes these messages");
}

/** Relays in the order in which they are tried: first the one that has brought answers before, the others as drawn. */
function relaysFor({ relays }: Definition, { sent, admissions }: Pending, seeds: Seeds): string[] {
  const drawn = shuffled(relays, seeds).map(({ address }) => address);
  const works = admissions.some((kept) => !isOpen(kept));
  const known = works ? drawn.filter((one) => sent.some(({ location }) => location.startsWith(`${one}/`))) : [];
  return [...new Set([...known, ...drawn])];
}

interface Request {
  readonly registrar: number;
  readonly admission: number | undefined;
  readonly request: Uint8Array;
  readonly encapsulated: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * The sealed requests to one registrar in random order: as many as everybody sends. Dummies stand for what it has
 * answered: it could leave one card open, and see which others come again with it.
 */
async function requestsTo(
  { definition, registrars }: Referendum,
  pending: Pending,
  registrar: number,
  seeds: Seeds,
): Promise<Request[]> {
  const slots: (number | undefined)[] = pending.admissions.flatMap((kept, at) =>
    registrarOf(kept) === registrar && isOpen(kept) ? [at] : [],
  );
  while (slots.length < 1 + definition.decoys) slots.push(undefined);
  return Promise.all(
    shuffled(slots, seeds).map(async (admission) => {
      const content = admission === undefined ? OPEN : pending.admissions[admission]!.message;
      const { request, opener } = await sealMessage(registrars[registrar - 1]!, content);
      return { registrar, admission, request, ...opener };
    }),
  );
}

const pathOf = ({ definition }: Referendum, address: string, { registrar }: Request): string =>
  `${address}/${toHex(definition.hash)}/${registrar}`;

/** All requests to a relay at once, which holds them until their period ends. */
async function relayed(referendum: Referendum, address: string, requests: readonly Request[]): Promise<Underway[]> {
  return Promise.all(
    requests.map(async (one) => {
      const location = await referendum.site.relay(pathOf(referendum, address, one), one.request);
      const { registrar, encapsulated, secret, admission } = one;
      return { registrar, location, encapsulated, secret, ...(admission === undefined ? {} : { admission }) };
    }),
  );
}

/** All requests through a relay that holds nothing, for no period is left; with their answers. */
async function forwarded(
  referendum: Referendum,
  pending: Pending,
  keep: Keep,
  address: string,
  requests: readonly Request[],
): Promise<Pending> {
  let now = pending;
  await Promise.all(
    requests.map(async (one) => {
      const response = await referendum.site.relayNow(pathOf(referendum, address, one), one.request);
      const answer = await openResponse(one, response);
      const at = one.admission;
      if (at !== undefined) keep((now = withKept(now, at, answered(referendum, now.admissions[at]!, answer))));
    }),
  );
  return now;
}

/** Fetch the answers that the relay has; what it does not have, or nobody can open, stays open. */
export async function opened(referendum: Referendum, pending: Pending, keep: Keep): Promise<Pending> {
  let now = pending;
  for (const { location, encapsulated, secret, admission } of pending.sent) {
    if (admission === undefined || !isOpen(now.admissions[admission]!)) continue;
    const response = await referendum.site.relayed(location).catch(missing);
    if (!response) continue;
    try {
      const answer = await openResponse({ encapsulated, secret }, response);
      keep((now = withKept(now, admission, answered(referendum, now.admissions[admission]!, answer))));
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof VerificationError)) throw error;
    }
  }
  return now;
}

function missing(error: unknown): undefined {
  if (!(error instanceof EvidenceMissing)) throw error;
}

/** How far cards are: how many, how many registrars have admitted all of them, and how many the log has. */
export interface Progress {
  readonly cards: number;
  readonly admitted: number;
  readonly logged: number;
}

/** How far cards are. LeftOut where a batch lacks one that it should hold, or the log has one with another record. */
export function progressOf(referendum: Referendum, enrolments: Enrolments, pending: Pending): Progress {
  const cards = new Map<string, Kept[]>();
  for (const kept of pending.admissions) {
    const name = toHex(parseAdmission(kept.message).author);
    cards.set(name, [...(cards.get(name) ?? []), kept]);
  }
  const judged = [...cards.values()].map((kept) => judge(referendum, enrolments, pending.region, kept));
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
  if (!found && (complete || (admitted && count > Math.max(...receipts))))
    throw new LeftOut("a card is in no batch that should hold it");
  return { admitted, logged: found !== undefined };
}

function batchOf(receipt: Uint8Array): number {
  const found = as(decodeMessage(receipt), "card-receipt");
  if (!found) throw new FormatError("no receipt of a card");
  return found.payload.batch;
}
