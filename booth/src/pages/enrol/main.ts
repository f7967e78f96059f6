// The page on which voters get their cards.
import { type Referendum, votingOf } from "../../core.ts";
import { EnrolmentOver, over, type Page, type Screen, Shell } from "../shell.ts";
import { button, h } from "../dom.ts";
import type { Translate } from "../language.ts";
import type { Key } from "../texts.ts";
import { asksRegion } from "../regionfield.ts";
import { regionList, timeIn } from "../times.ts";
import { refresh, send, watch } from "./activate.ts";
import { SCREENS as CARDS } from "./cards.ts";
import { SCREENS as INVITATIONS, invite } from "./invitations.ts";
import { SCREENS as SENDING } from "./send.ts";
import { type Drawing, type Screens, Session } from "./session.ts";
import { busy, depthOf, holds, START, type State, step } from "./state.ts";
import { stored } from "./store.ts";

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
/** Voters among whom cards hide: fewer than these are said (spec/messages.md#relays), while coming back costs nothing. */
const FEW = 16;
/** Seconds before the first screen, for the end of enrolment to be said at once. */
const FIRST_LOOK = 3;

let session: Session | undefined;
/** Whether voting was over when the page was opened. */
let votingOver = false;

const SCREENS: Screens<State["at"]> = { explain, ...INVITATIONS, ...CARDS, ...SENDING };

const page: Page = {
  title: "enrolTitle",
  state: () => session?.state,
  draw: (screen) => tooLate(screen) ?? SCREENS[session!.state.at](session!, screen, session!.state as never),
  depth: () => depthOf(session?.state ?? START),
  back: () => session && (session.state = stepBack(session)),
  holds: () => session !== undefined && holds(session.state),
  busy: () => session !== undefined && busy(session.state),
  async prepare(referendum) {
    session = new Session(referendum, shell);
    void watch(session);
    await session.look(FIRST_LOOK);
    votingOver = await votingIsOver(referendum).catch(() => false); // then it is only not said
    const pendings = stored(referendum.election);
    if (!pendings.length) return;
    await Promise.all(pendings.map(({ region }) => referendum.excerpts.load(region)));
    session.keep(pendings);
    await refresh(session);
    void send(session).catch(() => undefined).then(() => shell.redraw());
  },
  given(_, address) {
    // Of somebody else, where cards are pending: it is used once they begin.
    if (!["explain", "invite", "pending"].includes(session!.state.at)) return undefined;
    session!.offered = session!.state.at !== "invite";
    return invite(session!, address);
  },
};

const shell = new Shell(document.body, page);

const screensOf = ({ referendum }: Session): typeof EXPLAINED =>
  referendum.definition.decoys ? EXPLAINED : EXPLAINED_ONE;

function explain(at: Session, { t, tag, attempt }: Screen, { screen }: { readonly screen: number }): Drawing {
  const screens = screensOf(at);
  const [heading, text, next = "next"] = screens[screen]!;
  const last = screen + 1 === screens.length;
  return [
    h("h1", {}, t(heading)),
    h("p", { class: "large" }, t(text)),
    screen === 0 && enrolmentEnd(at, t, tag),
    screen === 0 && few(at, t),
    h("p", {}, `${screen + 1} / ${screens.length}`),
    button(t(next), () => (last ? attempt(() => explained(at)) : at.go({ type: "next" }))),
    screen > 0 && button(t("back"), () => shell.back(), "plain"),
  ];
}

/** On to the invitations; one that came with the address of the page may be all that are needed. */
function explained(at: Session): void {
  at.step({ type: "explained", given: at.given });
  const whole = at.referendum.definition.registrars.length === 1 && at.given.size > 0;
  if (at.offered && whole) at.entitle();
  at.offered = false;
}

/** States from which there is no way back stay. */
function stepBack(at: Session): State {
  const { state } = at;
  if (["sending", "refused", "pending", "enrolled"].includes(state.at)) return state;
  if (state.at === "explain" && !state.screen) return state;
  if (state.at === "send" && state.made.enrolling.begun) return state;
  if (state.at !== "invite") return step(state, { type: "back" });
  return step(state, { type: "explain", screen: screensOf(at).length - 1 });
}

/**
 * That enrolment is over in every region, said at once, before anything is made: each has its own clock. Since when it is,
 * is not said of many.
 */
function tooLate({ t, tag, referendum }: Screen): Drawing | undefined {
  if (session!.state.at !== "explain") return undefined;
  const { enrolments } = session!;
  const { excerpts } = referendum;
  if (asksRegion(excerpts))
    return enrolments.allOver ? [h("h1", {}, t("overTitle")), h("p", {}, t("overText"))] : undefined;
  const regions = excerpts.all!;
  const sentences = regions.flatMap((region) => {
    const ended = enrolments.over(region);
    return ended === undefined ? [] : [over(t, tag, new EnrolmentOver(ended, region))];
  });
  if (sentences.length < regions.length) return undefined;
  const text = votingOver ? `${t("votingOverTitle")}. ${t("votingOver")}` : t("overText");
  return [h("h1", {}, t("overTitle")), regionList(sentences, regions, tag), h("p", {}, text)];
}

/** Whether voting is over in every region, which is looked for once enrolment is. */
async function votingIsOver(referendum: Referendum): Promise<boolean> {
  const { all } = referendum.excerpts;
  if (!all?.every((region) => session!.enrolments.over(region) !== undefined)) return false;
  const { regions, sure } = await votingOf(referendum, all, Date.now() / 1000);
  return sure && regions.every(({ at }) => at === "over");
}

/** Until when one can come back; of many regions that is said once an invitation tells which. */
function enrolmentEnd({ referendum: { excerpts } }: Session, t: Translate, tag: string): HTMLElement | false {
  if (asksRegion(excerpts)) return false;
  const regions = excerpts.all!;
  const sentences = regions.map(({ closes, timezone }) =>
    t("enrolUntil", { time: timeIn(timezone, closes, t, tag) }),
  );
  return regionList(sentences, regions, tag);
}

/** That few are answered in this period of the relays. */
function few({ enrolments }: Session, t: Translate): HTMLElement | false {
  const count = enrolments.answeredInPeriod(Date.now() / 1000);
  return count !== undefined && count < FEW && h("p", { class: "warning" }, t("sendFew", { count }));
}

void shell.start();
