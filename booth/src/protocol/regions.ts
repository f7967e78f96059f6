// Regions, and divisions above them (spec/definition.md#members).
import type { Style } from "./definition.ts";
import { distinctIds, type Form, type Texts } from "./form.ts";
import { checkDivisions, checkMerging, checkOpenings } from "./validity.ts";

const YEAR = 31_536_000;

export interface Region {
  readonly index: number;
  readonly id: string;
  readonly name: Texts;
  readonly style: Style;
  readonly timezone: string;
  /** Planned [open, seal] of each day, UTC seconds. */
  readonly days: readonly (readonly [number, number])[];
  /** When enrolment closes, UTC seconds. */
  readonly closes: number;
  /** Seconds for which the hashes of those who got tokens are public before the region opens. */
  readonly review: number;
  /** The region that its area joins when it is too small to be counted alone. */
  readonly mergeInto: number | undefined;
  /** The division that it lies below. */
  readonly parent: number | undefined;
}

/** What regions lie below: a province, a country. */
export interface Division {
  readonly id: string;
  readonly name: Texts;
  readonly parent: number | undefined;
}

/** Divisions, by their position. */
export function readDivisions(form: Form, languages: readonly string[]): readonly Division[] {
  const forms = distinctIds(form.items(1, 1_000));
  const names = forms.map(({ value }) => (value as { id: string }).id);
  return forms.map((one) => {
    const { id, name, parent } = one.members(["id", "name"], ["parent"]);
    return { id: id.identifier(), name: name.translations(languages), parent: parent?.indexIn(names) };
  });
}

/** Regions that fit together, by their position; `late` is for how long cards are admitted after enrolment closes, seconds. */
export function readRegions(
  form: Form,
  styles: readonly Style[],
  divisions: readonly Division[],
  languages: readonly string[],
  late: number,
): readonly Region[] {
  const forms = distinctIds(form.items(1, 1_000));
  const names = forms.map(({ value }) => (value as { id: string }).id);
  const regions = forms.map((one, index) => readRegion(one, index, names, styles, divisions, languages));
  checkOpenings(regions, late);
  checkMerging(regions);
  checkDivisions(regions, divisions);
  return regions;
}

function readRegion(
  form: Form,
  index: number,
  names: readonly string[],
  styles: readonly Style[],
  divisions: readonly Division[],
  languages: readonly string[],
): Region {
  const members = form.members(
    ["id", "name", "style", "timezone", "days", "closes", "review"],
    ["merge_into", "parent"],
  );
  return {
    index,
    id: members.id.identifier(),
    name: members.name.translations(languages),
    style: styles[members.style.indexIn(styles.map(({ id }) => id))]!,
    timezone: members.timezone.text(),
    days: readDays(members.days),
    closes: members.closes.integer(0),
    review: members.review.integer(0, YEAR),
    mergeInto: members.merge_into?.indexIn(names),
    parent: members.parent?.indexIn(divisions.map(({ id }) => id)),
  };
}

function readDays(form: Form): [number, number][] {
  const days = form.items(1, 60).map((day): [number, number] => {
    const [opens, seals] = day.items(2, 2).map((time) => time.integer(0)) as [number, number];
    if (opens >= seals) throw day.refuse("sealed before it opens");
    return [opens, seals];
  });
  days.slice(1).forEach(([opens], at) => {
    if (opens < days[at]![1]) throw form.refuse(`day ${at + 2} opens before the day before it is sealed`);
  });
  return days;
}
