// The page on which voters vote: screens for the states, and what is done between them.
import {
  BallotDraft,
  type Card,
  cardFace,
  cast,
  type Day,
  Enrolments,
  EvidenceMissing,
  Explanations,
  find,
  MAX_SERIAL,
  nameOf,
  openDay,
  PhaseError,
  plannedDay,
  type Promised,
  readLog,
  Refused,
  scanCard,
  type Region,
  type Referendum,
  type Schedule,
  schedules,
  toHex,
  type Voting,
  votingAt,
  votingOf,
} from "../../core.ts";
import { cardField } from "../cardfield.ts";
import { code, picture } from "../code.ts";
import { button, h } from "../dom.ts";
import { fileName, saveFile } from "../keep.ts";
import { addressOf, publicPages, said, type Tag } from "../language.ts";
import { openingCodes } from "../opening.ts";
import { Wait } from "../wait.ts";
import { pause, randomBetween, seed } from "../random.ts";
import { asksRegion, regionField } from "../regionfield.ts";
import { NotEnrolled, NotOpen, type Screen, Shell, TooOften } from "../shell.ts";
import { timeIn, votingAgain, votingList, waitingList } from "../times.ts";
import { answersOf, ballotPaper, choicesList, wordingWords } from "../wording.ts";
import { explained } from "./explanations.ts";
import { busy, complete, depthOf, type Event, holds, type Paper, START, type State, step } from "./state.ts";

/** Seconds of the longest random time before a ballot is sent. */
const LONGEST_DELAY = 600;
/** And between the end of that time and the end of the day. */
const TIME_TO_SEND = 60;
/** Seconds that a voter waits for the card to be looked up. */
const LONGEST_LOOK = 15;
/** And before the first screen, for the registrars to be named whom a region waits for. */
const FIRST_LOOK = 3;
/** Seconds between two looks into the log for a ballot that was cast. */
const LOOK_AGAIN = 5;

/** Regions, and when they vote. */
interface Times {
  readonly regions: readonly Region[];
  readonly votings: readonly Voting[];
  readonly sure: boolean;
}

type Drawing = readonly (Node | undefined | false)[];

let state: State = START;
/** When these regions vote: all, as it was when the page was opened; or the one that was asked for. */
let times: Times;
/** Whether voters are asked for their region first. */
let asked = false;
let waiting: Wait | undefined;

const shell = new Shell(document.body, {
  title: "voteTitle",
  state: () => state,
  prepare: async (referendum) => {
    enrolments = new Enrolments(referendum);
    explanations = new Explanations(referendum);
    const listed = enrolments.update().catch(() => undefined); // asked for again when a card is shown
    asked = asksRegion(referendum.excerpts);
    if (!asked) times = await timesOf(referendum, referendum.excerpts.all!, listed);
  },
  draw: (screen) => SCREENS[state.at](screen, state as never),
  depth: () => depthOf(state, asked),
  back: () => (state = stepBack(state)),
  holds: () => holds(state),
  busy: () => busy(state),
  given({ referendum }, address) {
    return state.at === "card" ? showCard(referendum, scanCard(referendum.election, address)) : undefined;
  },
});

/** When these regions vote; while none does, the log is waited for, which tells whom they wait for. */
async function timesOf(
  referendum: Referendum,
  regions: readonly Region[],
  listed: Promise<void> | undefined,
): Promise<Times> {
  const { regions: votings, sure } = await votingOf(referendum, regions, Date.now() / 1000);
  if (votings.every(({ at }) => at !== "open")) await Promise.race([listed, pause(FIRST_LOOK)]);
  return { regions, votings, sure };
}

/** Load the region of a card, and show the card. */
async function showCard({ definition, excerpts }: Referendum, card: Card): Promise<void> {
  const before = state;
  if (card.region >= definition.regions.length) throw new PhaseError("this card is of a region that is not there");
  await excerpts.load(card.region);
  if (state === before) state = step(state, { type: "shown", card }); // else somebody went back
}

/** Load the region that was asked for, and when it votes. */
async function nameRegion(referendum: Referendum, index: number): Promise<void> {
  const before = state;
  const region = await referendum.excerpts.load(index);
  const listed = enrolments.update().catch(() => undefined);
  const found = await timesOf(referendum, [region], listed);
  if (state !== before) return;
  times = found;
  state = step(state, { type: "named", region: index });
}

/** What the log tells of cards: read from the start, so that nobody sees for which card. */
let enrolments: Enrolments;

/** What voters may read before they decide. */
let explanations: Explanations;

const stepBack = (from: State): State =>
  from.at === "card" && from.region === undefined ? from : step(from, { type: "back" });

function go(event: Event): void {
  state = step(state, event);
  shell.redraw();
}

/** A region that was loaded when its card was shown. */
const regionOf = ({ excerpts }: Referendum, index: number): Region => excerpts.region(index);

const SCREENS: {
  readonly [A in State["at"]]: (screen: Screen, state: Extract<State, { at: A }>) => Drawing;
} = {
  card(screen, { region }) {
    const { t, tag, referendum, attempt } = screen;
    if (asked && region === undefined) return askRegion(screen);
    const { regions, votings, sure } = times;
    if (sure && votings.every(({ at }) => at !== "open")) return noCard(screen);
    const only = referendum.definition.regions.length === 1 ? 0 : region;
    return [
      h("h1", {}, t("cardTitle")),
      h("p", { class: "large" }, t(referendum.definition.decoys ? "cardText" : "cardTextOne")),
      asked && regionName(regions[0]!, tag),
      votingList(votings, regions, t, tag),
      waitingList(enrolments, regions, referendum, t, tag),
      h("p", {}, votingAgain(votings, regions, t, tag)),
      cardField(screen, only, (read) => attempt(() => showCard(referendum, read()))),
      asked && button(t("back"), () => shell.back(), "plain"),
    ];
  },
  confirm: ({ t, tag, referendum, attempt }, { card }) => [
    h("h1", {}, t("cardThis")),
    h(
      "div",
      { class: "card" },
      picture(cardFace(card)),
      h("p", { class: "name", lang: "en" }, nameOf(cardFace(card))),
      regionName(regionOf(referendum, card.region), tag),
    ),
    button(t("cardYes"), () => attempt(() => confirm(referendum))),
    button(t("back"), () => shell.back(), "plain"),
  ],
  choose({ t, tag, referendum }, { paper }) {
    const region = regionOf(referendum, paper.card.region);
    const sections = region.style.questions.map((question, contest) => [
      explained(explanations, region, question.contest, t, tag),
      ballotPaper(question, contest, paper.choices[contest], t, tag, (choice) => {
        state = step(state, { type: "chosen", contest, choice }); // the page shows it already
        next.disabled = state.at === "choose" && state.paper.choices.includes(undefined);
      }),
    ]);
    const next = button(t("review"), () => go({ type: "reviewed" }));
    next.disabled = paper.choices.includes(undefined);
    return [
      h("h1", {}, t("voteTitle")),
      cardLine(paper.card),
      regionName(region, tag),
      region.days.length > 1 && h("p", {}, t("dayOf", { day: paper.open.day })),
      explained(explanations, region, undefined, t, tag),
      ...sections.flat(),
      wordingWords(region, t),
      next,
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  review: ({ t, tag, referendum, attempt }, { paper }) => [
    ...answersOf(regionOf(referendum, paper.card.region), complete(paper), t, tag),
    button(t("seal"), () => attempt(() => sealBallot(referendum, paper))),
    button(t("back"), () => shell.back(), "plain"),
  ],
  sealed({ t, tag, referendum, attempt }, { paper, draft, anew }) {
    const delay = h("input", { type: "checkbox" });
    return [
      h("h1", {}, t(anew ? "usedTitle" : "sealedTitle")),
      h("p", {}, anew ? t("usedText") : t("sealedText")),
      trackerOf(draft.hash),
      choicesList(regionOf(referendum, paper.card.region), complete(paper), t, tag),
      button(t(anew ? "usedSend" : "castThis"), () => attempt(() => send(referendum, draft, delay.checked))),
      h("label", {}, delay, t("castDelay")),
      h("details", {}, h("summary", {}, t("checkThis")), checking(t, draft, referendum)),
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  opened: ({ t }, { opening }) => [
    h("h1", {}, t("openedTitle")),
    h("p", {}, t("openedText")),
    ...openingCodes(opening, t),
    button(t("newBallot"), () => shell.back(), "plain"),
  ],
  sending: ({ t }, { silent }) => [
    h("h1", {}, t("sending")),
    h("progress"),
    silent && h("p", { role: "status" }, t("silentBoard")),
    silent && button(t("stop"), () => waiting?.abort(), "plain"),
  ],
  cast: ({ t, tag, referendum }, { tracker, promised: { promise, signed } }) => [
    h("h1", { class: "done" }, t("castTitle")),
    h("p", {}, t("castText", { time: deadline(referendum, promise, t, tag) })),
    h("h2", {}, t("tracker")),
    trackerOf(tracker),
    h("p", { role: "status" }, t("waiting")),
    button(t("savePromise"), () => saveFile(signed, fileName("promise", "psephos")), "plain"),
  ],
  recorded: ({ t }, { tracker, recorded }) => [
    h("h1", { class: "done" }, t("recordedTitle")),
    h("p", {}, t("recordedText", { index: recorded.index, witnesses: recorded.witnesses })),
    h("h2", {}, t("tracker")),
    trackerOf(tracker),
    h("p", {}, t("receiptWhy")),
    button(t("saveReceipt"), () => saveFile(recorded.receipt, fileName("receipt", "psephos")), "plain"),
    button(t("voteAgain"), () => go({ type: "over" }), "plain"),
  ],
};

/** Where there are many regions, which one: only of that times are told, and asked for a card. */
function askRegion(screen: Screen): Drawing {
  const { t, referendum, attempt } = screen;
  const { field, read } = regionField(screen);
  return [
    h("h1", {}, t("regionTitle")),
    h("p", {}, t("regionText")),
    field,
    button(t("next"), () => attempt(() => nameRegion(referendum, read()))),
  ];
}

/** While nobody votes: when that is, and no card is asked for. */
function noCard({ t, tag, referendum }: Screen): Drawing {
  const { regions, votings } = times;
  const over = votings.every(({ at }) => at === "over");
  return [
    h("h1", {}, t(over ? "votingOverTitle" : "votingNotNow")),
    asked && regionName(regions[0]!, tag),
    votingList(votings, regions, t, tag),
    waitingList(enrolments, regions, referendum, t, tag),
    h("p", {}, t(over ? "votingOver" : "votingKeep")),
    over
      ? h("p", {}, h("a", { href: publicPages(tag) }, t("publicPages")))
      : button(t("tryAgain"), () => location.reload(), "plain"),
    asked && button(t("back"), () => shell.back(), "plain"),
  ];
}

/** Until when the server has promised to log a ballot, rounded up to a minute. */
function deadline(
  referendum: Referendum,
  { region, deadline: seconds }: Promised["promise"],
  t: Screen["t"],
  tag: Tag,
): string {
  return timeIn(regionOf(referendum, region).timezone, 60 * Math.ceil(seconds / 60), t, tag);
}

/** Which card a ballot is made with. */
const cardLine = (card: Card): HTMLElement =>
  h("p", { class: "cardline" }, picture(cardFace(card)), h("span", { lang: "en" }, nameOf(cardFace(card))));

function regionName({ name }: Region, tag: Tag): HTMLElement {
  const { text, attributes } = said(name, tag);
  return h("p", attributes, text);
}

function trackerOf(hash: Uint8Array): HTMLElement {
  const groups = toHex(hash)
    .match(/.{8}/g)!
    .flatMap((group) => [group, h("wbr")]);
  return h("p", { class: "tracker", translate: "no" }, groups);
}

function checking(t: Screen["t"], draft: BallotDraft, { election }: Referendum): (Node | string)[] {
  const open = (): void => go({ type: "opened", opening: draft.open(election) });
  const shown = code(`PSEPHOS-B-${toHex(draft.hash).toUpperCase()}`, t("tracker"));
  const text = t("checkText", { address: addressOf("check"), button: t("checkThis") });
  return [h("p", {}, text), shown, button(t("checkThis"), open, "plain")];
}

async function confirm(referendum: Referendum): Promise<void> {
  if (state.at !== "confirm") return;
  const before = state;
  const region = regionOf(referendum, state.card.region);
  const { round } = referendum.definition;
  const now = Date.now() / 1000;
  const open = plannedDay(region, now, round) ?? (await loggedDay(referendum, region, now));
  await checkEnrolled(region.index, before.card);
  if (state !== before) return; // somebody went back while this was looked up
  state = step(state, { type: "confirmed", open, contests: region.style.questions.length });
}

/** NotEnrolled for a card that no batch has. What could not be read stops nobody: the board says it then. */
async function checkEnrolled(region: number, { pair }: Card): Promise<void> {
  const read = enrolments.update().catch((error) => {
    if (!(error instanceof EvidenceMissing)) throw error;
  });
  await Promise.race([read, pause(LONGEST_LOOK)]);
  if (enrolments.hasCard(region, pair.key) === false) throw new NotEnrolled();
}

async function loggedDay(referendum: Referendum, region: Region, now: number): Promise<Day> {
  const { tree } = await readLog(referendum);
  const [schedule] = (await schedules(tree, referendum.definition, [region])) as [Schedule];
  const open = openDay(schedule);
  if (!open) throw new NotOpen(votingAt(schedule, now), region);
  return open;
}

function encrypt({ excerpts, election, jointKey }: Referendum, paper: Paper): BallotDraft {
  const { card, open, used } = paper;
  if (used >= MAX_SERIAL) throw new TooOften();
  const shapes = excerpts.region(card.region).style.questions;
  const where = { election, jointKey, region: card.region, day: open.day, serial: used + 1 };
  return BallotDraft.encrypt(where, shapes, card.pair, complete(paper), seed);
}

function sealBallot(referendum: Referendum, paper: Paper): void {
  state = step(state, { type: "sealed", draft: encrypt(referendum, paper) });
}

async function send(referendum: Referendum, draft: BallotDraft, delayed: boolean): Promise<void> {
  go({ type: "signed", entry: draft.sign(seed()) });
  if (state.at !== "sending") return;
  const { paper, entry } = state;
  if (delayed) await pause(randomBetween(0, longestDelay(paper.open)));
  if (state.at !== "sending") return; // somebody went back while it waited
  waiting = new Wait(() => go({ type: "silent" }));
  try {
    const promised = await waiting.wait((signal) => cast(referendum, entry, paper.open.seal, signal));
    shell.forget();
    go({ type: "promised", promised });
    void watch(referendum, promised.promise.ballot);
  } catch (error) {
    if (!(error instanceof Refused) || error.reason !== "serial" || !/^\d{1,2}$/.test(error.message)) {
      state = step(state, { type: "refused" });
      throw error;
    }
    const used = { ...paper, used: Number(error.message) };
    state = step(state, { type: "used", serial: used.used, draft: encrypt(referendum, used) });
  }
}

/** How long a ballot can wait and still be sent before its day ends. */
function longestDelay({ seal }: Day): number {
  const left = Math.floor(seal - Date.now() / 1000) - TIME_TO_SEND;
  return Math.max(0, Math.min(LONGEST_DELAY, left));
}

/** Look until the log has the ballot; whatever is missing now may be there next time. */
async function watch(referendum: Referendum, tracker: Uint8Array): Promise<void> {
  for (let from = referendum.size; state.at === "cast"; await pause(LOOK_AGAIN)) {
    try {
      const { found, size } = await find(referendum, tracker, from);
      if (found && state.at === "cast") go({ type: "recorded", recorded: found });
      from = size;
    } catch (error) {
      console.warn((error as Error).message);
    }
  }
}

void shell.start();
