// The registrars' invitations: one list, in any order, each judged as soon as it is given.
import {
  checkReady,
  entitle,
  type Entitled,
  OfRegistrar,
  type Pasted,
  readInvitation,
  take,
} from "../../core.ts";
import { button, h } from "../dom.ts";
import { asksRegion } from "../regionfield.ts";
import { scanner } from "../scanner.ts";
import { EnrolmentOver, NotListed, OtherRegion, type Screen } from "../shell.ts";
import type { Translate } from "../language.ts";
import { timeIn } from "../times.ts";
import type { Screens, Session } from "./session.ts";

export const SCREENS: Screens<"invite"> = {
  invite(session, screen, { given }) {
    const { t, attempt } = screen;
    const { registrars } = session.referendum.definition;
    const several = registrars.length > 1;
    const missing = registrars.flatMap((_, at) => (given.has(at + 1) ? [] : [at + 1]));
    const whole = missing.length === 0;
    const next = button(t("next"), () => attempt(() => session.entitle()));
    return [
      h("h1", {}, t(several ? "invitesTitle" : "inviteTitle")),
      h("p", {}, t(several ? "invitesText" : "inviteText")),
      several && list(session, t),
      enrolmentEnd(session, [...given.values()][0]?.region, screen),
      several && given.size > 0 && !whole && h("p", { role: "status" }, t("inviteNext", { name: session.nameOf(missing[0]!) })),
      several && whole && next,
      !(several && whole) && field(session, screen),
      h("details", {}, h("summary", {}, t("inviteLost")), ...lost(session, t)),
      button(t("back"), () => session.shell.back(), "plain"),
    ];
  },
};

/** Until when enrolment in the region is open, where it was not said of all. */
export function enrolmentEnd(
  { referendum: { excerpts } }: Session,
  region: number | undefined,
  { t, tag }: Screen,
): HTMLElement | false {
  if (region === undefined || !asksRegion(excerpts)) return false;
  const { closes, timezone } = excerpts.region(region);
  return h("p", { class: "when" }, t("enrolUntil", { time: timeIn(timezone, closes, t, tag) }));
}

function field(session: Session, screen: Screen): HTMLElement {
  return scanner(screen, { label: screen.t("inviteFile"), name: "invitation" }, (pasted) => {
    screen.attempt(() => receive(session, pasted));
    return "done";
  });
}

/** A row for each registrar, and whether its invitation is there. */
function list(session: Session, t: Translate): HTMLElement {
  const rows = session.referendum.definition.registrars.map(({ name }, at) => {
    const there = session.given.has(at + 1);
    const mark = h("span", { class: "mark", "aria-hidden": "true" }, there ? "✓" : String(at + 1));
    return h("li", { class: there ? "there" : undefined }, mark, t(there ? "inviteThere" : "inviteAwaited", { name }));
  });
  return h("ul", { class: "registrars" }, rows);
}

function lost(session: Session, t: Translate): HTMLElement[] {
  const { registrars } = session.referendum.definition;
  const names = registrars.map(({ name }) => name).join(", ");
  const texts = [t("inviteLostText", { names }), t("inviteUsedText")];
  if (registrars.length > 1) texts.push(t("inviteOneText"));
  return texts.map((text) => h("p", {}, text));
}

async function receive(session: Session, pasted: Pasted): Promise<void> {
  await invite(session, take(pasted, "invitation").block);
}

/** Judge an invitation, or the address of one: by itself, by the log, and by its registrar, who is asked. */
export async function invite(session: Session, text: string): Promise<void> {
  const { referendum, enrolments } = session;
  const entitled = entitle(referendum.definition, readInvitation(text));
  checkRegion(session, entitled);
  const before = session.state;
  const [region] = await Promise.all([referendum.excerpts.load(entitled.region), session.look()]);
  const ended = enrolments.over(region);
  if (ended !== undefined) throw new EnrolmentOver(ended, region);
  if (enrolments.hasVoter(entitled.registrar, region.index, entitled.hash) === false)
    throw new OfRegistrar(entitled.registrar, session.nameOf(entitled.registrar), new NotListed());
  await checkReady(referendum, entitled);
  if (session.state !== before) return; // somebody went back while this was looked up
  session.given = new Map(session.given).set(entitled.registrar, entitled);
  if (session.state.at !== "invite") return;
  session.step({ type: "invited", given: session.given });
  if (referendum.definition.registrars.length === 1) session.entitle();
  else session.shell.drop("invitation"); // the field is for the next
}

/** All invitations are for one region: another takes their place where it is of the only registrar that has one. */
function checkRegion({ given }: Session, { registrar, region }: Entitled): void {
  const others = [...given.values()].filter((one) => one.registrar !== registrar);
  if (others.some((one) => one.region !== region)) throw new OtherRegion();
}
