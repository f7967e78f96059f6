// The page on which voters get their cards: screens for the states, and what is done between them.
import {
  type Card,
  cardFace,
  drawKeys,
  enrol,
  equal,
  FormatError,
  GroupDraft,
  type Invitation,
  makeCard,
  nameOf,
  Purse,
  readInvitation,
  readSpare,
  Refused,
  type Referendum,
  sizes,
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
import { pause, randomBetween, randomBytes, seed } from "../random.ts";
import { scanner } from "../scanner.ts";
import { type Screen, Shell } from "../shell.ts";
import type { Key } from "../texts.ts";
import { votingList } from "../times.ts";
import { type Event, type Made, type Right, START, type State, step } from "./state.ts";

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

type Drawing = readonly (Node | undefined | false)[];

let state: State = START;
/** The tokens' keys by invitation: however often a voter begins again, what is asked for stays the same. */
const purses = new Map<string, Purse>();

/** Cards that were printed or saved. */
const keptCards = new WeakSet<Card>();

const shell = new Shell(document.body, {
  title: "enrolTitle",
  state: () => state,
  draw: (screen) => SCREENS[state.at](screen, state as never),
  given({ t, referendum }, address) {
    if (state.at !== "explain" && state.at !== "invite") return;
    const right = invited(referendum, address, t);
    if (state.at === "invite") entitle(referendum, right);
    else offered = right;
  },
});

/** From the address with which the page was opened: it is used once everything is explained. */
let offered: Right | undefined;

function go(event: Event): void {
  state = step(state, event);
  shell.redraw();
}

const SCREENS: {
  readonly [A in State["at"]]: (screen: Screen, state: Extract<State, { at: A }>) => Drawing;
} = {
  explain({ t, referendum, attempt }, { screen }) {
    const several = referendum.definition.cards > 1;
    const screens = several ? EXPLAINED : EXPLAINED_ONE;
    const [heading, text, next = "next"] = screens[screen]!;
    const last = screen + 1 === screens.length;
    return [
      h("h1", {}, t(heading)),
      h("p", { class: "large" }, t(text)),
      h("p", {}, `${screen + 1} / ${screens.length}`),
      button(t(next), () => (last ? attempt(() => explained(referendum)) : go({ type: "next" }))),
      screen > 0 && button(t("back"), () => go({ type: "back" }), "plain"),
      several && screen === 0 && haveCards(t),
    ];
  },
  invite: ({ t, referendum, attempt }) => [
    h("h1", {}, t("inviteTitle")),
    h("p", {}, t("inviteText")),
    scanner(t, t("inviteFile"), (text) => {
      attempt(() => entitle(referendum, invited(referendum, text, t)));
      return "done";
    }),
    button(t("back"), () => go({ type: "back" }), "plain"),
  ],
  spare: ({ t, referendum, attempt }) => [
    h("h1", {}, t("spareFile")),
    h("p", {}, t("spareText")),
    scanner(t, t("spareFile"), (text) => {
      attempt(() => {
        const tokens = readSpare(utf8(text), referendum.election);
        entitle(referendum, { kind: "decoy", tokens, region: tokens[0]!.region });
      });
      return "done";
    }),
    button(t("back"), () => go({ type: "back" }), "plain"),
  ],
  number({ t, referendum, attempt }, { right, proposed }) {
    const [least, most] = sizes(referendum.definition, right.kind);
    const numbers = Array.from({ length: most - least + 1 }, (_, at) => least + at);
    const options = numbers.map((number) =>
      h("option", { value: number, selected: number === proposed }, String(number)),
    );
    const select = h("select", {}, options);
    const draw = (): void => {
      const cards = drawCards(referendum, right.region, Number(select.value));
      if (right.kind === "decoy") attempt(() => makeGroup(referendum, right, cards, undefined, "decoys"));
      else go({ type: "drawn", cards });
    };
    return [
      h("h1", {}, t("numberTitle")),
      h("p", {}, t("numberText")),
      h("label", {}, t("numberLabel"), select),
      button(t("next"), draw),
      button(t("back"), () => go({ type: "back" }), "plain"),
    ];
  },
  choose({ t, referendum, attempt }, { right, cards }) {
    let chosen: Card | undefined;
    const next = button(t("next"), () => attempt(() => makeGroup(referendum, right, cards, chosen, "drawn")));
    next.disabled = true;
    const options = cards.map((card) => {
      const choose = (): void => {
        chosen = card;
        next.disabled = false;
      };
      const box = h("input", { type: "radio", name: "counts", onchange: choose });
      const name = h("span", { class: "name", lang: "en" }, nameOf(cardFace(card)));
      return h("label", { class: "option" }, box, picture(cardFace(card)), name);
    });
    return [
      h("h1", {}, t("chooseTitle")),
      h("p", {}, t("chooseText")),
      h("fieldset", { class: "cards" }, h("legend", {}, t("chooseLabel")), options),
      next,
      button(t("back"), () => go({ type: "back" }), "plain"),
    ];
  },
  made: ({ t }, { made }) => [
    h("h1", {}, t("auditTitle")),
    h("p", {}, t("auditText", { address: addressOf("check"), button: t("auditStart") })),
    code(`PSEPHOS-C-${toHex(made.group.commitment).toUpperCase()}`, toHex(made.group.commitment)),
    button(t("keepStart"), () => go({ type: "next" })),
    button(t("auditStart"), () => go({ type: "opened", opening: made.group.open() }), "plain"),
  ],
  opened: ({ t, referendum, attempt }, { right, opening }) => [
    h("h1", {}, t("openedTitle")),
    h("p", {}, t("auditedText")),
    ...openingCodes(opening, t),
    button(t("newCards"), () => attempt(() => anew(referendum, right)), "plain"),
  ],
  keep({ t, tag, referendum, attempt }, { made, card }) {
    const shown = made.cards[card]!;
    const [title, region] = headings(referendum, made.right.region, tag);
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
      button(t("back"), () => go({ type: "back" }), "plain"),
    ];
  },
  send({ t, referendum, attempt }, { made }) {
    const delay = h("input", { type: "checkbox" });
    return [
      h("h1", {}, t("sendTitle")),
      h("p", {}, t("sendText")),
      made.right.kind === "voter" && h("label", {}, delay, t("sendDelay")),
      button(t("send"), () => attempt(() => send(referendum, made, delay.checked))),
      button(t("back"), () => go({ type: "back" }), "plain"),
    ];
  },
  sending: ({ t }) => [h("h1", {}, t("sending")), h("progress")],
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

function explained(referendum: Referendum): void {
  state = step(state, { type: "explained" });
  if (offered) entitle(referendum, offered);
}

function read(text: string, t: Translate): Invitation {
  try {
    return readInvitation(text);
  } catch {
    throw new Error(t("notInvitation"));
  }
}

/** Not for newcomers: the way to more cards. */
function haveCards(t: Translate): HTMLElement {
  const more = button(t("spareStart"), () => go({ type: "more" }), "plain");
  return h("details", {}, h("summary", {}, t("haveCards")), more);
}

/** When voting is planned in a region. */
function plannedTimes({ definition }: Referendum, index: number, t: Translate, tag: Tag): HTMLElement {
  const region = definition.regions[index]!;
  const voting = votingAt({ days: region.days, open: undefined, sealed: 0 }, Date.now() / 1000);
  return votingList([voting], [region], t, tag);
}

function invited({ definition }: Referendum, text: string, t: Translate): Right {
  const invitation = read(text, t);
  const region = definition.regions.find(({ id }) => id === invitation.region);
  if (!region || !equal(invitation.definition, definition.hash)) {
    throw new FormatError("invitation: of another referendum");
  }
  return { kind: "voter", invitation, region: region.index };
}

function propose({ definition }: Referendum, kind: Right["kind"]): number {
  const [least, most] = sizes(definition, kind);
  return randomBetween(least, Math.min(most, Math.max(least, PROPOSED)));
}

function entitle(referendum: Referendum, right: Right): void {
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
  const cards = drawCards(referendum, right.region, 1);
  state = step(state, { type: "drawn", cards });
  makeGroup(referendum, right, cards, cards[0], "drawn");
}

type Invited = Extract<Right, { kind: "voter" }>;

const nameOfPurse = ({ invitation }: Invited): string => `${toHex(invitation.salt)} ${invitation.voter}`;

const purseOf = (right: Invited): Purse => purses.get(nameOfPurse(right))!;

/** New cards in random order: their order tells nothing. */
function drawCards({ election }: Referendum, region: number, count: number): Card[] {
  return Array.from({ length: count }, () => makeCard(election, region, randomBytes(16)));
}

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

function headings({ definition }: Referendum, region: number, tag: Tag): [title: string, region: string] {
  return [said(definition.title, tag).text, said(definition.regions[region]!.name, tag).text];
}

async function send(referendum: Referendum, made: Made, delayed: boolean): Promise<void> {
  go({ type: "sent" });
  window.addEventListener("beforeunload", warn);
  try {
    const { right } = made;
    if (right.kind === "voter") await sendVoters(referendum, made, right, delayed);
    else await sendDecoys(referendum, made, right);
    purses.clear();
  } catch (error) {
    if (state.at === "sending") state = step(state, { type: "failed" });
    throw error;
  } finally {
    window.removeEventListener("beforeunload", warn);
  }
}

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

async function sendVoters(
  referendum: Referendum,
  { group }: Made,
  right: Invited,
  delayed: boolean,
): Promise<void> {
  const [token, ...others] = await purseOf(right).fetch(referendum, right.invitation, seed());
  if (delayed) await pause(randomBetween(0, LONGEST_DELAY));
  const enrolled = await enrol(referendum, group, token!.output, seed());
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
    const enrolled = await enrol(referendum, group, token!.output, seed());
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
