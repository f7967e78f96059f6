// When voting is, as people say it: by the clock of the region, with the name of its zone.
import type { Enrolments, Referendum, Region, Voting } from "../core.ts";
import { h } from "./dom.ts";
import { said, type Tag, type Translate } from "./language.ts";

/** Seconds: times are said to the minute, and a page may be drawn some time before it is read. */
const MINUTE = 60;

/** A time, UTC seconds, to the minute; by UTC where the browser does not know the region's zone. */
export function timeIn(zone: string, seconds: number, t: Translate, tag: Tag): string {
  const moment = new Date(1000 * seconds);
  const locale = tag === "en" ? "en-GB" : tag;
  const timeZone = known(zone);
  const parts = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormatPart[] =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options }).formatToParts(moment);
  const whole = (options: Intl.DateTimeFormatOptions): string =>
    parts(options)
      .map(({ value }) => value)
      .join("");
  const thisYear = moment.getUTCFullYear() === new Date().getUTCFullYear();
  const clock = parts({ hour: "2-digit", minute: "2-digit", timeZoneName: "longGeneric" });
  return t("time", {
    weekday: whole({ weekday: "long" }),
    date: whole({ day: "numeric", month: "long", ...(thisYear ? {} : { year: "numeric" }) }),
    time: whole({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    zone: clock.find(({ type }) => type === "timeZoneName")?.value ?? timeZone,
  });
}

function known(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** Whether a region votes, in a sentence. */
export function votingText(voting: Voting, { timezone }: Region, t: Translate, tag: Tag): string {
  const time = (seconds: number): string => timeIn(timezone, seconds, t, tag);
  if (voting.at === "open") return t("votingUntil", { time: time(voting.until) });
  if (voting.at === "before")
    return voting.begins < Date.now() / 1000 + MINUTE ? t("votingSoon") : t("votingBegins", { time: time(voting.begins) });
  return t("votingEnded", { time: time(voting.ended) });
}

/** The same of several regions. */
export function votingList(
  votings: readonly Voting[],
  regions: readonly Region[],
  t: Translate,
  tag: Tag,
): HTMLElement {
  return regionList(
    regions.map((region, at) => votingText(votings[at]!, region, t, tag)),
    regions,
    tag,
  );
}

/** Which registrars these regions wait for that should vote; nothing where there are none, or it is not known. */
export function waitingList(
  enrolments: Enrolments,
  regions: readonly Region[],
  { definition }: Referendum,
  t: Translate,
  tag: Tag,
): HTMLElement | false {
  const items = regions.flatMap((region) => {
    const names = enrolments.waitsFor(region).map((number) => definition.registrars[number - 1]!.name);
    if (!names.length) return [];
    const { text, attributes } = said(region.name, tag);
    return [h("li", {}, h("span", attributes, text), `: ${t("waitsFor", { names: names.join(", ") })}`)];
  });
  return items.length > 0 && h("ul", { class: "when" }, items);
}

/** What holds for each region: a sentence for each, or one where it is the same for all. */
export function regionList(sentences: readonly string[], regions: readonly Region[], tag: Tag): HTMLElement {
  if (new Set(sentences).size === 1) return h("p", { class: "when" }, sentences[0]);
  const items = regions.map(({ name }, at) => {
    const { text, attributes } = said(name, tag);
    return h("li", {}, h("span", attributes, text), `: ${sentences[at]}`);
  });
  return h("ul", { class: "when" }, items);
}

/** That one can vote again, and until when. */
export function votingAgain(
  votings: readonly Voting[],
  regions: readonly Region[],
  t: Translate,
  tag: Tag,
): string {
  const ends = votings.flatMap((voting, at) => {
    if (voting.at !== "open") return [];
    const time = timeIn(regions[at]!.timezone, voting.last, t, tag);
    return [voting.until === voting.last ? t("cardAgainThen") : t("cardAgain", { time })];
  });
  const [first, ...others] = new Set(ends.length === votings.length ? ends : [...ends, ""]);
  return others.length || !first ? t("cardAgainOther") : first;
}
