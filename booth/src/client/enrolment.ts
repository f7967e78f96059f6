// Asking the registrars: whether they are ready, then all at once for tokens; and from these the admissions
// (spec/messages.md#enrolment-on-a-device).
import { EvidenceMissing, OfRegistrar } from "../errors.ts";
import { makeAdmissions } from "../protocol/admission.ts";
import type { Seeds } from "../protocol/ballot.ts";
import type { CardsDraft } from "../protocol/cards.ts";
import { askReady, type Entitled, readReady } from "../protocol/ready.ts";
import { type Answered, type Asked, askTokens, readTokens } from "../protocol/token.ts";
import type { RegistrarKeys } from "../protocol/tokenkeys.ts";
import type { Pending } from "./pending.ts";
import type { Referendum } from "./referendum.ts";

/** Seconds that a registrar has for an answer, where it has not said how many. */
const LEAST_WAIT = 20;

/** Where a registrar answers, as a site takes it: at its own address, or at the referendum's. */
export function postOf({ number, address }: RegistrarKeys): string {
  if (address !== "") return address;
  return number === 1 ? "post/registrar" : `post/registrar-${number}`;
}

/**
 * Ask a registrar whether an invitation would get its tokens: within how many seconds. OfRegistrar, with what it is
 * caused by, for a refusal and for an answer that is not that registrar's.
 */
export async function checkReady(
  { site, definition, election, registrars }: Referendum,
  entitled: Entitled,
  signal?: AbortSignal,
): Promise<number> {
  const keys = registrars[entitled.registrar - 1]!;
  const request = askReady(election, entitled);
  return of(keys, async () => {
    const answer = await site.ask(postOf(keys), request, signal);
    return readReady(definition, election, entitled, request, answer);
  });
}

/** What a registrar does, or fails to do: errors say which it is. */
export async function of<T>({ number, name }: RegistrarKeys, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new OfRegistrar(number, name, error);
  }
}

/** Whoever has not answered in time: numbers of registrars. */
export type Late = (registrars: readonly number[]) => void;

/** One voter's enrolment, from the first question to the admissions. It is in memory alone. */
export class Enrolling {
  readonly #referendum: Referendum;
  readonly #entitled: readonly Entitled[];
  readonly #draft: CardsDraft;
  readonly #seeds: Seeds;
  #asked: readonly Asked[] = [];
  /** Seconds, by registrar, within which it said that it would answer. */
  #waits: readonly number[] = [];

  /** `entitled` is by registrar, all of them, for one region. */
  constructor(referendum: Referendum, entitled: readonly Entitled[], draft: CardsDraft, seeds: Seeds) {
    this.#referendum = referendum;
    this.#entitled = entitled;
    this.#draft = draft;
    this.#seeds = seeds;
  }

  /** Whether tokens were asked for: from then on the invitations are used. */
  get begun(): boolean {
    return this.#asked.length > 0;
  }

  /**
   * Get the tokens, and make the admissions of them. Until all responses are there, and all their proofs hold, it can be
   * done again: what is asked for stays the same. Then everything secret is forgotten.
   */
  async make(late: Late, signal: AbortSignal): Promise<Pending> {
    if (!this.begun) this.#waits = await this.#allReady(late, signal);
    const { definition, election, jointKey, registrars } = this.#referendum;
    const { counts } = this.#draft;
    const members = this.#draft.enrol();
    const cards = members.map(({ card }) => card);
    if (!this.begun) {
      this.#asked = this.#entitled.map((one) => askTokens(definition, election, one, cards, counts, this.#seeds));
    }
    const answers = await inTime(this.#asked.length, this.#waits, late, (at) => this.#tokens(this.#asked[at]!, signal));
    const admissions = makeAdmissions(election, jointKey, members, registrars, answers, this.#seeds);
    const region = this.#entitled[0]!.region;
    const receipts = answers.map(({ receipt }) => receipt);
    this.#forget();
    return { region, admissions: admissions.map((message) => ({ message })), receipts, sent: [], until: 0, relay: "" };
  }

  /** All registrars, once more before anything is asked for: one that is silent would cost the others' tokens. */
  #allReady(late: Late, signal: AbortSignal): Promise<number[]> {
    const waits = this.#entitled.map(() => LEAST_WAIT);
    return inTime(waits.length, waits, late, (at) => checkReady(this.#referendum, this.#entitled[at]!, signal));
  }

  async #tokens(asked: Asked, signal: AbortSignal): Promise<Answered> {
    const { site, definition, election, registrars } = this.#referendum;
    const keys = registrars[asked.entitled.registrar - 1]!;
    return of(keys, async () =>
      readTokens(definition, election, keys, asked, await site.ask(postOf(keys), asked.message, signal)),
    );
  }

  #forget(): void {
    this.#asked = [];
    this.#draft.forget();
  }
}

/** All answers; once one has taken longer than its time (seconds) `late` is told whose are missing, until none is. */
async function inTime<T>(
  count: number,
  waits: readonly number[],
  late: Late,
  ask: (at: number) => Promise<T>,
): Promise<T[]> {
  const open = new Set(Array.from({ length: count }, (_, at) => at));
  let isLate = false;
  const tell = (): void => {
    isLate = true;
    late([...open].map((at) => at + 1));
  };
  const timers = waits.map((wait, at) => setTimeout(() => open.has(at) && tell(), 1000 * Math.max(wait, LEAST_WAIT)));
  const asked = [...open].map(async (at) => {
    const answer = await ask(at);
    open.delete(at);
    if (isLate && open.size > 0) tell();
    return answer;
  });
  try {
    const settled = await Promise.allSettled(asked);
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
    return settled.map((one) => (one as PromiseFulfilledResult<T>).value);
  } finally {
    timers.forEach(clearTimeout);
  }
}

/** Whether an error is only that somebody did not answer. */
export const isSilence = (error: unknown): boolean =>
  error instanceof EvidenceMissing || (error instanceof OfRegistrar && error.cause instanceof EvidenceMissing);
