// The page on which anybody checks a tracker, a receipt, or what another device has made.
import {
  checkBallot,
  checkBallotOpening,
  checkCardsOpening,
  checkReceipt,
  Enrolments,
  face,
  find,
  findWhereSaid,
  fromHex,
  type Gathering,
  isCardName,
  lookAt,
  Mistaken,
  NAMES,
  nameOf,
  nearest,
  type Pasted,
  readReceipts,
  type Referendum,
  type Shape,
  showReceipt,
  type Shown,
  take,
  toHex,
  tokens,
  trackerOf,
  utf8,
} from "../../core.ts";
import { picture } from "../code.ts";
import { button, h } from "../dom.ts";
import { fileName, saveFile } from "../keep.ts";
import { mistake } from "../mistakes.ts";
import { scanner } from "../scanner.ts";
import { type Screen, Shell } from "../shell.ts";
import { choicesList } from "../wording.ts";
import { busy, depthOf, type Event, heard, START, type State, step } from "./state.ts";

type Drawing = readonly (Node | undefined | false)[];

let state: State = START;

const shell = new Shell(document.body, {
  title: "checkTitle",
  state: () => state,
  draw: (screen) => SCREENS[state.at](screen, state as never),
  depth: () => depthOf(state),
  back: () => (state = state.at === "start" ? state : step(state, { type: "back" })),
  holds: () => false,
  busy: () => busy(state),
});

function go(event: Event): void {
  state = step(state, event);
  shell.redraw();
}

const over = ({ t }: Screen): HTMLElement => {
  const begin = (): void => {
    shell.forget();
    go({ type: "over" });
  };
  return button(t("again"), begin, "plain");
};

const SCREENS: {
  readonly [A in State["at"]]: (screen: Screen, state: Extract<State, { at: A }>) => Drawing;
} = {
  start(screen) {
    const { t, referendum, attempt, field } = screen;
    const attributes = { autocomplete: "off", spellcheck: "false", autocapitalize: "none" };
    const tracker = field("tracker", h("input", attributes));
    const ask = field("ask", h("input", { type: "checkbox" }));
    const look = (): void => attempt(() => lookFor(referendum, lookAt(tracker.value), ask.checked));
    return [
      h("h1", {}, t("checkWhat")),
      h("h2", {}, t("checkTracker")),
      h("p", {}, t("checkTrackerText")),
      h("label", {}, t("tracker"), tracker),
      h("label", {}, ask, t("checkAsk")),
      button(t("checkTitle"), look),
      h("h2", {}, t("checkOther")),
      h("p", {}, t("checkOtherText")),
      scanner(screen, { label: t("checkOther"), name: "other" }, (pasted) => {
        attempt(() => receive(referendum, pasted, ask.checked));
        return "done";
      }),
    ];
  },
  looking: ({ t }) => [h("h1", {}, t("loading")), h("progress")],
  found: (screen, { recorded }) => [
    h("h1", { class: "done" }, screen.t("receiptGood")),
    h("p", {}, screen.t("recordedText", { index: recorded.index, witnesses: recorded.witnesses })),
    h("p", { class: "tracker" }, toHex(trackerOf(recorded.entry))),
    button(
      screen.t("saveReceipt"),
      () => saveFile(recorded.receipt, fileName("receipt", "psephos")),
      "plain",
    ),
    over(screen),
  ],
  absent: (screen) => [h("h1", {}, screen.t("notFound")), over(screen)],
  gathering(screen, { parts, recording }) {
    const { t, referendum, attempt } = screen;
    const progress = h("p", { role: "status" });
    const asked = recording.of === "cards" ? "auditStart" : "checkThis";
    const field = scanner(screen, { label: t("checkOther"), name: "parts" }, (pasted) => {
      const whole = gather(parts, pasted, progress, t);
      if (whole) attempt(() => judge(referendum, whole));
      return whole ? "done" : "more";
    });
    return [h("h1", {}, t("recorded")), h("p", {}, t("recordedNext", { button: t(asked) })), progress, field, over(screen)];
  },
  naming({ t, attempt, field }, { commitment }) {
    const name = field(
      "name",
      h("input", { autocomplete: "off", spellcheck: "false", autocapitalize: "none" }),
    );
    const record = (): void =>
      attempt(() => {
        const words = tokens(name.value);
        if (!isCardName(words)) throw new Error(unlike(t, words));
        const recording = { of: "cards", commitment, named: words.join(" ") } as const;
        state = step(state, { type: "recorded", recording });
      });
    return [
      h("h1", {}, t("countsName")),
      h("p", {}, t("countsAsk")),
      h("label", {}, t("countsWords"), name),
      button(t("next"), record),
    ];
  },
  cards: (screen, { cards }) => [
    h("h1", { class: "done" }, screen.t("auditGood")),
    h("p", { class: "large" }, screen.t("auditGroup", { button: screen.t("newCards") })),
    h(
      "ul",
      { class: "audited" },
      cards.map(({ face, name, counts }) => {
        const called = h("span", { lang: "en" }, name);
        const said = h("span", {}, called, `: ${screen.t(counts ? "counts" : "countsNot")}`);
        return h("li", {}, picture(face), said);
      }),
    ),
    over(screen),
  ],
  receipts: (screen, { receipts }) => [
    h("h1", {}, screen.t("receiptsTitle")),
    h("p", {}, screen.t("receiptsText")),
    h("ul", { class: "audited" }, receipts.map((one) => receiptRow(screen, one))),
    over(screen),
  ],
  ballot(screen, { opened }) {
    const { t, tag, referendum } = screen;
    const region = referendum.excerpts.region(opened.ballot.region);
    return [
      h("h1", { class: "done" }, t("auditGood")),
      h("p", { class: "large" }, t("auditBallot", { button: t("newBallot") })),
      choicesList(region, opened.choices, t, tag),
      over(screen),
    ];
  },
};

/** The nearest name to three words that no card is called by. */
function unlike(t: Screen["t"], words: readonly string[]): string {
  const meant = NAMES.map((known, at) => nearest(words[at] ?? "", known)[0]);
  if (words.length !== NAMES.length || meant.includes(undefined)) return t("countsUnknown");
  return t("countsNearest", { name: meant.join(" ") });
}

/** Look where the server says, if it is to be asked; then in the whole log. */
async function lookFor(referendum: Referendum, pasted: Pasted, ask: boolean): Promise<void> {
  const tracker = fromHex(take(pasted, "tracker", "ballot").block, 32, "tracker");
  go({ type: "looked" });
  const looking = state;
  try {
    const said = ask ? await findWhereSaid(referendum, tracker) : undefined;
    const found = said ?? (await find(referendum, tracker)).found;
    if (found) await check(referendum, found.entry);
    if (state !== looking) return; // somebody went back
    state = step(state, found ? { type: "found", recorded: found } : { type: "absent" });
  } catch (error) {
    if (state !== looking) return;
    state = START;
    throw error;
  }
}

const OF_CARD = { there: "receiptThere", waits: "receiptWaits", missing: "receiptMissing", other: "receiptOther" } as const;
const OF_TOKENS = { there: "tokenThere", waits: "tokenWaits", missing: "tokenMissing", other: "tokenMissing" } as const;

/** What one receipt of an enrolment shows, with the face of its card. */
function receiptRow({ t, referendum }: Screen, { registrar, card, standing }: Shown): HTMLElement {
  const { name } = referendum.definition.registrars[registrar - 1]!;
  if (!card) return h("li", {}, h("span", {}, t(OF_TOKENS[standing], { name })));
  const shown = face(card);
  const said = h("span", {}, h("span", { lang: "en" }, nameOf(shown)), ": ", t(OF_CARD[standing], { name }));
  return h("li", {}, picture(shown), said);
}

/** Receipts of an enrolment are held against the whole log. */
async function showReceipts(referendum: Referendum, data: Uint8Array): Promise<void> {
  const entries = readReceipts(data);
  go({ type: "looked" });
  const looking = state;
  try {
    const enrolments = new Enrolments(referendum);
    await enrolments.update();
    const receipts = entries.map((entry) => showReceipt(referendum, enrolments, entry));
    if (state === looking) state = step(state, { type: "receipts", receipts });
  } catch (error) {
    if (state !== looking) return;
    state = START;
    throw error;
  }
}

/** A receipt is shown at once; a code of another device is recorded, before that knows that it is checked. */
async function receive(referendum: Referendum, pasted: Pasted, ask: boolean): Promise<void> {
  if (pasted.data && pasted.pieces[0]?.kind === "enrolment") return showReceipts(referendum, pasted.data);
  const { kind, block } = take(pasted, "receipt", "commitment", "ballot", "tracker");
  if (kind === "tracker") return lookFor(referendum, pasted, ask);
  if (kind !== "receipt") {
    state = step(state, heard(kind === "commitment" ? "cards" : "ballot", fromHex(block, 32, "code")));
    return;
  }
  const found = checkReceipt(referendum, utf8(block));
  const before = state;
  await check(referendum, found.entry);
  if (state === before) state = step(state, { type: "found", recorded: found });
}

/** A logged ballot counts only if its proofs and its signature hold. */
async function check(referendum: Referendum, entry: Uint8Array): Promise<void> {
  await checkBallot(referendum.election, referendum.jointKey, entry, shapesOf(referendum));
}

/** The contests that a region's ballots have; it is loaded for that. */
const shapesOf =
  ({ definition, excerpts }: Referendum) =>
  async (region: number): Promise<readonly Shape[] | undefined> =>
    region < definition.regions.length ? (await excerpts.load(region)).style.questions : undefined;

/** Take note of a code's part, or of all parts in a file; the message once it is whole. */
function gather(
  parts: Gathering,
  pasted: Pasted,
  progress: HTMLElement,
  t: Screen["t"],
): Uint8Array | undefined {
  try {
    const found = take(pasted, "parts")
      .block.split("\n")
      .map((part) => parts.add(part));
    const [done, all] = parts.progress;
    progress.textContent = t("progress", { done, all });
    return found.at(-1);
  } catch (error) {
    // Another code came before the camera: it goes on.
    progress.textContent = error instanceof Mistaken ? mistake(t, error) : (error as Error).message;
    return undefined;
  }
}

async function judge(referendum: Referendum, opening: Uint8Array): Promise<void> {
  if (state.at !== "gathering") return;
  const { election, jointKey, definition } = referendum;
  const before = state;
  const { recording } = state;
  if (recording.of === "cards") {
    const { commitment, named } = recording;
    const cards = checkCardsOpening(definition, election, jointKey, opening, commitment, named);
    state = step(state, { type: "cards", cards });
    return;
  }
  const opened = await checkBallotOpening(election, jointKey, opening, recording.hash, shapesOf(referendum));
  if (state === before) state = step(state, { type: "ballot", opened });
}

void shell.start();
