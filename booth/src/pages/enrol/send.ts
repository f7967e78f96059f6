// From cards that are kept to cards in the record: the private minutes, and what can be seen until the record has them.
import { joinMessages, type Pending, type Progress, type Region, registrarOf, votingAt } from "../../core.ts";
import { button, h } from "../dom.ts";
import { fileName, saveFile } from "../keep.ts";
import type { Translate } from "../language.ts";
import type { Screen } from "../shell.ts";
import type { Key } from "../texts.ts";
import { timeIn, votingList, waitingList } from "../times.ts";
import { activate, isOpen, type Lost, progress, send } from "./activate.ts";
import type { Screens, Session } from "./session.ts";

export const SCREENS: Screens<"send" | "sending" | "refused" | "pending" | "enrolled"> = {
  send(session, { t, attempt }, { made }) {
    const { relays } = session.referendum.definition;
    const one = session.several ? "" : "One";
    const names = relays.map(({ name }) => name).join(", ");
    return [
      h("h1", {}, t(`sendTitle${one}`)),
      h("p", { class: "large" }, t(`sendText${one}`)),
      session.several && h("p", {}, t("sendPrivate")),
      h("p", {}, relays.length ? t("sendRelays", { names }) : sendDirect(session, t)),
      button(t(`send${one}`), () => attempt(() => activate(session, made))),
      !made.enrolling.begun && button(t("back"), () => session.shell.back(), "plain"),
    ];
  },
  sending: (session, { t }, { late }) => [
    h("h1", {}, t("sending")),
    h("progress"),
    late.length > 0 && h("p", { role: "status" }, t("silentRegistrars", { names: session.namesOf(late) })),
    late.length > 0 && button(t("stop"), () => session.waiting?.abort(), "plain"),
  ],
  refused: (_, { t }) => [h("h1", {}, t("uselessTitle")), h("p", {}, t("uselessText"))],
  pending(session, screen, { pendings, stored }) {
    const { t, attempt } = screen;
    const found = pendings.map((one) => progress(session, one));
    const one = session.several ? "" : "One";
    const late = found.includes("too late");
    const open = pendings.some((pending, at) => found[at] !== "too late" && canSend(pending));
    const [title, text] = waitingText(found, one);
    return [
      h("h1", {}, t(title)),
      h("p", { class: "large" }, t(text)),
      h("ul", { class: "registrars" }, ...answers(session, pendings, late, t)),
      ...times(session, screen, pendings, found),
      plannedTimes(session, pendings, t, screen.tag),
      waitingList(session.enrolments, regionsOf(session, pendings), session.referendum, t, screen.tag),
      !late && h("p", {}, t(stored ? `pendingKept${one}` : "pendingNotKept")),
      open && button(t("sendAgain"), () => attempt(() => send(session)), "plain"),
      receipts(pendings, t),
      evidence(pendings, t),
      h(
        "details",
        {},
        h("summary", {}, t("pendingOthers")),
        h("p", {}, t("pendingOthersText")),
        button(t("pendingBegin"), () => session.begin(), "plain"),
      ),
    ];
  },
  enrolled(session, { t, tag }, { pendings }) {
    const one = session.several ? "" : "One";
    return [
      h("h1", { class: "done" }, t(`enrolledTitle${one}`)),
      h("p", { class: "large" }, t(`enrolledText${one}`)),
      session.several && h("p", { class: "large" }, t("enrolledHand")),
      plannedTimes(session, pendings, t, tag),
      h("p", { class: "large" }, t("forget")),
      h("p", {}, t(`enrolledReceipt${one}`)),
      receipts(pendings, t),
    ];
  },
};

/** Title and text for what became of the cards. */
function waitingText(found: readonly (Progress | Lost)[], one: "" | "One"): readonly [Key, Key] {
  if (found.includes("left out")) return ["leftOutTitle", "leftOutText"];
  if (found.includes("too late")) return [`tooLateTitle${one}`, `tooLateText${one}`];
  return [`pendingTitle${one}`, `pendingText${one}`];
}

/** What registrars see where nothing stands between them and the voter: with a single card nothing that matters. */
const sendDirect = ({ several }: Session, t: Translate): string =>
  t(several ? "sendDirect" : "sendDirectOne");

/** Whether sending again does anything: what a relay has taken waits there until its time comes. */
const canSend = ({ admissions, until, sent }: Pending): boolean =>
  admissions.some(isOpen) && (until <= Date.now() / 1000 || sent.some(({ taken }) => !taken));

/** A line for each registrar: whether it has taken all cards, or refuses one, or gave no answer in time. */
function answers(session: Session, pendings: readonly Pending[], late: boolean, t: Translate): HTMLElement[] {
  return session.referendum.definition.registrars.map(({ name }, at) => {
    const own = pendings.flatMap(({ admissions }) => admissions.filter((one) => registrarOf(one) === at + 1));
    const refused = own.some(({ refusal }) => refusal);
    const taken = !refused && !own.some(isOpen);
    const mark = h("span", { class: "mark", "aria-hidden": "true" }, taken ? "✓" : refused || late ? "!" : "…");
    const silent = late ? "silentTooLong" : "notAdmitted";
    const key = refused ? "refusedBy" : taken ? "admittedBy" : silent;
    return h("li", { class: taken ? "there" : undefined }, mark, t(key, { name }));
  });
}

/** When something is to be expected: the end of a relay's period, rounded up to a minute, and of enrolment. */
function times(
  session: Session,
  { t, tag }: Screen,
  pendings: readonly Pending[],
  found: readonly (Progress | Lost)[],
): HTMLElement[] {
  return pendings.flatMap(({ region, until, admissions }, at) => {
    if (typeof found[at] === "string") return [];
    const { timezone, closes } = session.referendum.excerpts.region(region);
    const now = Date.now() / 1000;
    const open = admissions.some(isOpen);
    const relays = session.referendum.definition.relays.length > 0;
    const when = session.several ? "pendingWhen" : "pendingWhenOne";
    const said = open && until > now ? "pendingRelay" : open && relays && closes <= now ? "pendingClosed" : when;
    const seconds = said === "pendingRelay" ? 60 * Math.ceil(until / 60) : closes;
    return [h("p", { class: "when" }, t(said, { time: timeIn(timezone, seconds, t, tag) }))];
  });
}

/** When voting is planned in the regions of the cards. */
function plannedTimes(session: Session, pendings: readonly Pending[], t: Translate, tag: string): HTMLElement {
  const regions = regionsOf(session, pendings);
  const votings = regions.map(({ days }) => votingAt({ days, open: undefined, sealed: 0 }, Date.now() / 1000));
  return votingList(votings, regions, t, tag);
}

/** The regions of the cards. */
const regionsOf = ({ referendum }: Session, pendings: readonly Pending[]): Region[] =>
  [...new Set(pendings.map(({ region }) => region))].map((index) => referendum.excerpts.region(index));

/** All that registrars signed, in a file. */
function receipts(pendings: readonly Pending[], t: Translate): HTMLElement | false {
  const all = pendings.flatMap(({ admissions, receipts: tokens }) => [
    ...tokens,
    ...admissions.flatMap(({ receipt }) => (receipt ? [receipt] : [])),
  ]);
  const save = (): void => saveFile(joinMessages(all), fileName("receipts", "psephos"));
  return all.length > 0 && button(t("saveReceipts"), save, "plain");
}

/** The first signed refusal: evidence, for whoever is refused wrongly. */
function evidence(pendings: readonly Pending[], t: Translate): HTMLElement | false {
  const [first] = pendings.flatMap(({ admissions }) => admissions.flatMap(({ refusal }) => (refusal ? [refusal] : [])));
  return first !== undefined && button(t("saveRefusal"), () => saveFile(first, fileName("refusal", "psephos")), "plain");
}
