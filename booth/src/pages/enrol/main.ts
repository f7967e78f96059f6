// The page on which voters get their cards: screens for the states, and what is done between them.
import {
  type Card,
  cardFace,
  drawCards,
  drawKeys,
  enrol,
  Enrolments,
  equal,
  GroupDraft,
  type Invitation,
  nameOf,
  OtherReferendum,
  type Pasted,
  Purse,
  readInvitation,
  readSpare,
  Refused,
  type Referendum,
  rollHash,
  sizes,
  take,
  toHex,
  utf8,
  votingAt,
  writeSpare,
} from "../../core.ts";
import { code, picture } from "../code.ts";
import { button, h } from "../dom.ts";
import { cardSheet, fileName, saveCard, saveFile } from "../keep.ts";
import { addressOf, said, type Tag, type Translate } from "../language.ts";
import { openingCodes } from "../opening.ts";
import { Patience } from "../patience.ts";
import { pause, randomBetween, randomBytes, seed } from "../random.ts";
import { scanner } from "../scanner.ts";
import { EnrolmentOver, NotListed, over, type Screen, Shell } from "../shell.ts";
import type { Key } from "../texts.ts";
import { regionList, timeIn, votingList } from "../times.ts";
import { busy, depthOf, type Event, holds, type Made, type Right, START, type State, step } from "./state.ts";

/** Decoy tokens that everybody asks for, so that having them tells nothing. */
const SPARE = 4;
/** Most cards that are proposed. */
const PROPOSED = 5;
const LONGEST_DELAY = 600;
/** What is explained first: a heading, a text, and what the button says if not only that it goes on. */
const EXPLAINED: readonly (readonly [Key, Key, Key?])[] = [
  ["alone", "aloneText", "aloneNext"],
  ["explain1", "explain1Text"],
  ["explain2", "explain2Text"],
  ["explain3", "explain3Text"],
  ["explain4", "explain4Text"],
];
/** The same where everybody has a single card. */
const EXPLAINED_ONE: typeof EXPLAINED = [["explainOne", "explainOneText"]];
/** Seconds that a voter waits for the log to be looked into. */
const LONGEST_LOOK = 15;
/** And before the first screen, for the end of enrolment to be said at once. */
const FIRST_LOOK = 3;

type Drawing = readonly (Node | undefined | false)[];

let state: State = START;
let patience: Patience | undefined;
/** The tokens' keys by invitation: however often a voter begins again, what is asked for stays the same. */
const purses = new Map<string, Purse>();

/** Cards that were printed or saved. */
const keptCards = new WeakSet<Card>();

const shell = new Shell(document.body, {
  title: "enrolTitle",
  state: () => state,
  draw: (screen) => (tooLate(screen) ?? SCREENS[state.at](screen, state as never)),
  depth: () => depthOf(state),
  back: () => (state = stepBack(state)),
  holds: () => holds(state),
  busy: () => busy(state),
  async prepare(referendum) {
    screens = referendum.definition.cards > 1 ? EXPLAINED : EXPLAINED_ONE;
    enrolments = new Enrolments(referendum);
    await look(FIRST_LOOK);
  },
  given({ referendum }, address) {
    if (state.at !== "explain" && state.at !== "invite") return undefined;
    const right = rightOf(referendum, readInvitation(address));
    if (state.at === "invite") return entitle(referendum, right);
    offered = right;
    return undefined;
  },
});

/** From the address with which the page was opened: it is used once everything is explained. */
let offered: Right | undefined;

let screens = EXPLAINED;
/** What the log tells of rolls and of the end of enrolment. */
let enrolments: Enrolments;

/** Read what the log says, or as much of it as so many seconds suffice for. */
const look = (seconds: number): Promise<void> =>
  Promise.race([enrolments.update().catch(() => undefined), pause(seconds)]);

/** States from which there is no way back stay. */
function stepBack(from: State): State {
  if (["sending", "enrolled"].includes(from.at) || (from.at === "explain" && !from.screen)) return from;
  if (from.at === "spare") return step(from, { type: "explain", screen: 0 });
  if (from.at !== "invite") return step(from, { type: "back" });
  return step(from, { type: "explain", screen: screens.length - 1 });
}

/** That enrolment is over in every region, said at once, before anything is made: each has its own clock. */
function tooLate({ t, tag, referendum }: Screen): Drawing | undefined {
  if (state.at !== "explain") return undefined;
  const { regions } = referendum.definition;
  const sentences = regions.flatMap((region) => {
    const ended = enrolments.over(region.index);
    return ended ? [over(t, tag, ended.since, region)] : [];
  });
  if (sentences.length < regions.length) return undefined;
  return [h("h1", {}, t("overTitle")), regionList(sentences, regions, tag), h("p", {}, t("overText"))];
}

function go(event: Event): void {
  state = step(state, event);
  shell.redraw();
}

const SCREENS: {
  readonly [A in State["at"]]: (screen: Screen, state: Extract<State, { at: A }>) => Drawing;
} = {
  explain({ t, tag, referendum, attempt }, { screen }) {
    const [heading, text, next = "next"] = screens[screen]!;
    const last = screen + 1 === screens.length;
    return [
      h("h1", {}, t(heading)),
      h("p", { class: "large" }, t(text)),
      screen === 0 && enrolmentEnd(referendum, t, tag),
      h("p", {}, `${screen + 1} / ${screens.length}`),
      button(t(next), () => (last ? attempt(() => explained(referendum)) : go({ type: "next" }))),
      screen > 0 && button(t("back"), () => shell.back(), "plain"),
      referendum.definition.cards > 1 && screen === 0 && haveCards(t),
    ];
  },
  invite: (screen) => [
    h("h1", {}, screen.t("inviteTitle")),
    h("p", {}, screen.t("inviteText")),
    scanner(screen, { label: screen.t("inviteFile"), name: "invitation" }, (pasted) => {
      screen.attempt(() => entitle(screen.referendum, invited(screen.referendum, pasted)));
      return "done";
    }),
    button(screen.t("back"), () => shell.back(), "plain"),
  ],
  spare: (screen) => [
    h("h1", {}, screen.t("spareFile")),
    h("p", {}, screen.t("spareText")),
    scanner(screen, { label: screen.t("spareFile"), name: "spare" }, (pasted) => {
      const { referendum } = screen;
      screen.attempt(() => {
        const tokens = readSpare(utf8(take(pasted, "spare").block), referendum.election);
        return entitle(referendum, { kind: "decoy", tokens, region: tokens[0]!.region });
      });
      return "done";
    }),
    button(screen.t("back"), () => shell.back(), "plain"),
  ],
  number({ t, referendum, attempt }, { right, proposed }) {
    const [least, most] = sizes(referendum.definition, right.kind);
    const numbers = Array.from({ length: most - least + 1 }, (_, at) => least + at);
    const options = numbers.map((number) =>
      h("option", { value: number, selected: number === proposed }, String(number)),
    );
    const select = h("select", {}, options);
    select.addEventListener("change", () => {
      state = step(state, { type: "proposed", proposed: Number(select.value) }); // the page shows it already
    });
    const draw = (): void => {
      const cards = newCards(referendum, right.region, Number(select.value));
      if (right.kind === "decoy") attempt(() => makeGroup(referendum, right, cards, undefined, "decoys"));
      else go({ type: "drawn", cards });
    };
    return [
      h("h1", {}, t("numberTitle")),
      h("p", {}, t("numberText")),
      h("label", {}, t("numberLabel"), select),
      button(t("next"), draw),
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  choose({ t, referendum, attempt }, { right, cards, counts }) {
    const make = (): void => {
      if (state.at === "choose") makeGroup(referendum, right, cards, state.counts, "drawn");
    };
    const next = button(t("next"), () => attempt(make));
    next.disabled = counts === undefined;
    const options = cards.map((card) => {
      const choose = (): void => {
        state = step(state, { type: "picked", card }); // the page shows it already
        next.disabled = false;
      };
      const box = h("input", { type: "radio", name: "counts", checked: card === counts, onchange: choose });
      const name = h("span", { class: "name", lang: "en" }, nameOf(cardFace(card)));
      return h("label", { class: "option" }, box, picture(cardFace(card)), name);
    });
    return [
      h("h1", {}, t("chooseTitle")),
      h("p", {}, t("chooseText")),
      h("fieldset", { class: "cards" }, h("legend", {}, t("chooseLabel")), options),
      next,
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  made: ({ t }, { made }) => [
    h("h1", {}, t("auditTitle")),
    h("p", {}, t("auditText", { address: addressOf("check"), button: t("auditStart") })),
    code(`PSEPHOS-C-${toHex(made.group.commitment).toUpperCase()}`, toHex(made.group.commitment)),
    button(t("keepStart"), () => go({ type: "next" })),
    button(t("auditStart"), () => go({ type: "opened", opening: made.group.open() }), "plain"),
    button(t("back"), () => shell.back(), "plain"),
  ],
  opened: ({ t, referendum, attempt }, { right, opening }) => [
    h("h1", {}, t("openedTitle")),
    h("p", {}, t("auditedText")),
    ...openingCodes(opening, t),
    button(t("newCards"), () => attempt(() => anew(referendum, right)), "plain"),
  ],
  keep({ t, tag, referendum, attempt }, { made, card }) {
    const shown = made.cards[card]!;
    const [title, region] = headings(referendum, made.right.region, t, tag);
    const next = button(t("keepNext"), () => go({ type: "next" }));
    const written = h("input", { type: "checkbox", onchange: () => (next.disabled = !written.checked) });
    const kept = (): void => {
      keptCards.add(shown);
      next.disabled = false;
    };
    const print = (): void => {
      window.print();
      kept();
    };
    next.disabled = !keptCards.has(shown); // until there is a reason to believe that it is kept
    return [
      h("h1", {}, t("keepTitle")),
      made.cards.length > 1 && h("p", {}, t("keepNumber", { number: card + 1, all: made.cards.length })),
      h("p", {}, t("keepText")),
      cardSheet(shown, title, region, t),
      button(t("keepPrint"), print, "plain"),
      button(t("keepSave"), () => attempt(() => saveCard(shown, title, region).then(kept)), "plain"),
      h("p", {}, t("keepDownloads")),
      h("label", {}, written, t("keepWritten")),
      next,
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  leaving: ({ t }) => [
    h("h1", {}, t("leaveTitle")),
    h("p", {}, t("leaveText")),
    button(t("leaveStay"), () => go({ type: "next" })),
    button(t("leaveDiscard"), () => go({ type: "discarded" }), "plain"),
  ],
  send({ t, referendum, attempt, field }, { made }) {
    const delay = field("delay", h("input", { type: "checkbox" }));
    return [
      h("h1", {}, t("sendTitle")),
      h("p", {}, t("sendText")),
      made.right.kind === "voter" && h("label", {}, delay, t("sendDelay")),
      button(t("send"), () => attempt(() => send(referendum, made, delay.checked))),
      button(t("back"), () => shell.back(), "plain"),
    ];
  },
  sending: ({ t }, { silent }) => [
    h("h1", {}, t("sending")),
    h("progress"),
    silent && h("p", { role: "status" }, t("silentRegistrar")),
    silent && button(t("stop"), () => patience?.abort(), "plain"),
  ],
  refused: ({ t }) => [
    h("h1", {}, t("uselessTitle")),
    h("p", {}, t("uselessText")),
    button(t("back"), () => shell.back(), "plain"),
  ],
  enrolled: ({ t, tag, referendum }, { receipt, signed, spare }) => [
    h("h1", { class: "done" }, t("enrolledTitle")),
    h("p", { class: "large" }, t("enrolledText")),
    plannedTimes(referendum, receipt.region, t, tag),
    h("p", { class: "large" }, t("forget")),
    h("p", {}, t("enrolledReceipt")),
    button(t("saveReceipt"), () => saveFile(signed, fileName("receipt", "psephos")), "plain"),
    spare !== "" && h("p", {}, t("spareWhy")),
    spare !== "" && button(t("saveSpare"), () => saveFile(spare, fileName("spare", "txt")), "plain"),
  ],
};

function explained(referendum: Referendum): Promise<void> | undefined {
  state = step(state, { type: "explained" });
  return offered && entitle(referendum, offered);
}

/** Not for newcomers: the way to more cards. */
function haveCards(t: Translate): HTMLElement {
  const more = button(t("spareStart"), () => go({ type: "more" }), "plain");
  return h("details", {}, h("summary", {}, t("haveCards")), more);
}

/** Until when one can come back: enrolment ends before voting begins, when the registrar closes it. */
function enrolmentEnd({ definition: { regions } }: Referendum, t: Translate, tag: Tag): HTMLElement {
  const sentences = regions.map(({ index, timezone }) =>
    t("enrolUntil", { time: timeIn(timezone, enrolments.opens(index), t, tag) }),
  );
  return regionList(sentences, regions, tag);
}

/** When voting is planned in a region. */
function plannedTimes({ definition }: Referendum, index: number, t: Translate, tag: Tag): HTMLElement {
  const region = definition.regions[index]!;
  const voting = votingAt({ days: region.days, open: undefined, sealed: 0 }, Date.now() / 1000);
  return votingList([voting], [region], t, tag);
}

const invited = (referendum: Referendum, pasted: Pasted): Right =>
  rightOf(referendum, readInvitation(take(pasted, "invitation").block));

function rightOf({ definition }: Referendum, invitation: Invitation): Right {
  const region = definition.regions.find(({ id }) => id === invitation.region);
  if (!region || !equal(invitation.definition, definition.hash)) {
    throw new OtherReferendum("invitation: of another referendum");
  }
  return { kind: "voter", invitation, region: region.index };
}

function propose({ definition }: Referendum, kind: Right["kind"]): number {
  const [least, most] = sizes(definition, kind);
  return randomBetween(least, Math.min(most, Math.max(least, PROPOSED)));
}

/** Judge a right by the log as far as it tells, before anything is made. */
async function entitle(referendum: Referendum, right: Right): Promise<void> {
  const before = state;
  await look(LONGEST_LOOK);
  if (state !== before) return; // somebody went back while this was looked up
  const ended = enrolments.over(right.region);
  if (ended) throw new EnrolmentOver(ended.since, referendum.definition.regions[right.region]!);
  if (right.kind === "voter") {
    const { salt, voter } = right.invitation;
    const hash = rollHash(referendum.definition.hash, right.region, salt, voter);
    if (enrolments.hasVoter(right.region, hash) === false) throw new NotListed();
  }
  if (right.kind === "voter" && !purses.has(nameOfPurse(right))) {
    const spare = referendum.definition.cards > 1 ? SPARE : 0;
    const keys = drawKeys(referendum.definition, right.region, spare, seed());
    purses.set(nameOfPurse(right), new Purse(keys));
  }
  state = step(state, { type: "entitled", right, proposed: propose(referendum, right.kind) });
  if (referendum.definition.cards === 1) single(referendum, right);
}

function anew(referendum: Referendum, right: Right): void {
  state = step(state, { type: "anew", proposed: propose(referendum, right.kind) });
  if (referendum.definition.cards === 1) single(referendum, right);
}

/** Where everybody has a single card there is no number and no card to choose. */
function single(referendum: Referendum, right: Right): void {
  const cards = newCards(referendum, right.region, 1);
  state = step(state, { type: "drawn", cards });
  makeGroup(referendum, right, cards, cards[0], "drawn");
}

type Invited = Extract<Right, { kind: "voter" }>;

const nameOfPurse = ({ invitation }: Invited): string => `${toHex(invitation.salt)} ${invitation.voter}`;

const purseOf = (right: Invited): Purse => purses.get(nameOfPurse(right))!;

/** New cards in random order: their order tells nothing. */
const newCards = ({ election }: Referendum, region: number, count: number): Card[] =>
  drawCards(election, region, count, () => randomBytes(16));

function makeGroup(
  { definition, joint }: Referendum,
  right: Right,
  cards: readonly Card[],
  counts: Card | undefined,
  after: "drawn" | "decoys",
): void {
  const key = right.kind === "voter" ? purseOf(right).keys[0]! : right.tokens[0]!;
  const group = GroupDraft.make(definition, joint, key, cards, counts, seed);
  if (after === "decoys") state = step(state, { type: "drawn", cards });
  state = step(state, { type: "made", made: { right, cards, group } });
}

function headings(
  { definition }: Referendum,
  region: number,
  t: Translate,
  tag: Tag,
): [title: string, region: string] {
  const title = said(definition.title, tag).text;
  return [definition.about.rehearsal ? t("rehearsalTitle", { title }) : title, said(definition.regions[region]!.name, tag).text];
}

async function send(referendum: Referendum, made: Made, delayed: boolean): Promise<void> {
  patience = new Patience(() => state.at === "sending" && go({ type: "silent" }));
  go({ type: "sent" });
  try {
    const { right } = made;
    if (right.kind === "voter") await sendVoters(referendum, made, right, delayed);
    else await sendDecoys(referendum, made, right);
    purses.clear();
    shell.forget();
  } catch (error) {
    const final = error instanceof Refused && FINAL.includes(error.reason);
    if (state.at === "sending") state = step(state, { type: final ? "refused" : "failed" });
    throw error;
  }
}

/** Refusals after which the same cards cannot be enrolled by asking again. */
const FINAL = ["roll", "issued", "closed", "spent"];

async function sendVoters(
  referendum: Referendum,
  { group }: Made,
  right: Invited,
  delayed: boolean,
): Promise<void> {
  const [token, ...others] = await patience!.wait((signal) =>
    purseOf(right).fetch(referendum, right.invitation, seed(), signal),
  );
  if (delayed) await pause(randomBetween(0, LONGEST_DELAY));
  const enrolled = await patience!.wait((signal) => enrol(referendum, group, token!.output, seed(), signal));
  const spare = others.length ? writeSpare(referendum.election, others) : "";
  state = step(state, { type: "enrolled", ...enrolled, spare });
}

/** A spare token may be spent already: then the same cards are shown again in a group for the next. */
async function sendDecoys(
  referendum: Referendum,
  { group, cards }: Made,
  right: Extract<Right, { kind: "decoy" }>,
): Promise<void> {
  const [token, ...others] = right.tokens;
  try {
    const enrolled = await patience!.wait((signal) => enrol(referendum, group, token!.output, seed(), signal));
    state = step(state, { type: "enrolled", ...enrolled, spare: "" });
  } catch (error) {
    const spent = error instanceof Refused && error.reason === "spent";
    if (!spent || !others.length) throw error;
    const { definition, joint } = referendum;
    const next = GroupDraft.make(definition, joint, others[0]!, cards, undefined, seed);
    state = step(state, { type: "spent", made: { right: { ...right, tokens: others }, cards, group: next } });
    throw error;
  }
}

void shell.start();
