// Asking for a region: a list to choose from while it is short; else a text field with suggestions, which takes a name
// whatever its case and accents.
import type { Excerpts } from "../core.ts";
import { button, h } from "./dom.ts";
import { languageOf, said, type Tag } from "./language.ts";
import { explain, type Screen } from "./shell.ts";

/** Names of a list that is looked through at a glance. */
const SHORT = 20;
/** Names that are said of those that begin with what was typed. */
const MOST_SAID = 5;

/** Whether voters are asked for their region before all else: others are not told of. */
export const asksRegion = ({ all }: Excerpts): boolean => !all || all.length > SHORT;

/** A field, and the position of the region in it; it throws what is to be shown where there is none. */
export interface RegionField {
  readonly field: HTMLElement;
  readonly read: () => number;
}

/** The field for all regions; where their names have to be loaded first, it says so. */
export function regionField(screen: Screen): RegionField {
  const { t, tag, referendum } = screen;
  const { excerpts, definition } = referendum;
  const lang = languageOf(definition.whole.names, tag);
  const field = h("div", {});
  let read = (): number => {
    throw new Error(t("regionFirst"));
  };
  const fill = (): void => {
    field.replaceChildren(h("p", { role: "status" }, t("loading")));
    excerpts.names(lang).then(
      (names) => {
        const labels = labelsOf(names, lang, tag, definition.regions);
        const shown = labels.length > SHORT ? typed(screen, labels, lang) : listed(screen, labels, lang);
        read = shown.read;
        field.replaceChildren(shown.field);
      },
      (error: unknown) => {
        const again = button(t("tryAgain"), fill, "plain");
        field.replaceChildren(h("p", { role: "status" }, explain(t, tag, error)), again);
      },
    );
  };
  fill();
  return { field, read: () => read() };
}

/** What regions are called; behind a name that several have stands the region's identifier. */
function labelsOf(
  names: readonly string[],
  lang: string,
  tag: Tag,
  regions: readonly { readonly id: string }[],
): readonly string[] {
  const shown = names.map((name) => said({ [lang]: name }, tag).text);
  const counts = new Map<string, number>();
  for (const name of shown.map(plain)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return shown.map((name, at) => (counts.get(plain(name))! > 1 ? `${name} (${regions[at]!.id})` : name));
}

/** None is chosen beforehand: with another region the same words would be another card. */
function listed({ t, field }: Screen, labels: readonly string[], lang: string): RegionField {
  const options = labels.map((label, at) => h("option", { value: at, lang }, label));
  const select = field("region", h("select", {}, h("option", { value: "" }, "–"), options));
  const read = (): number => {
    if (select.value === "") throw new Error(t("regionFirst"));
    return Number(select.value);
  };
  return { field: h("label", {}, t("region"), select), read };
}

function typed({ t, field }: Screen, labels: readonly string[], lang: string): RegionField {
  const attributes = { autocomplete: "off", spellcheck: "false", list: "regions" };
  const input = field("region", h("input", attributes));
  const options = labels.map((label) => h("option", { value: label }));
  const list = h("datalist", { id: "regions", lang }, options);
  const read = (): number => {
    const found = regionCalled(input.value, labels);
    if (found.length === 1) return found[0]!;
    const names = found.slice(0, MOST_SAID).map((at) => labels[at]!);
    if (found.length > MOST_SAID) names.push("…");
    throw new Error(names.length ? t("regionSeveral", { names: names.join(", ") }) : t("regionNone"));
  };
  return { field: h("div", {}, h("label", {}, t("region"), input), list), read };
}

/** Positions of the regions that a text may mean: the one with that name, else those whose name begins with it. */
export function regionCalled(text: string, names: readonly string[]): number[] {
  const sought = plain(text);
  if (sought === "") return [];
  const called = names.flatMap((name, at) => (plain(name) === sought ? [at] : []));
  return called.length ? called : names.flatMap((name, at) => (plain(name).startsWith(sought) ? [at] : []));
}

/** Letters that Unicode does not take apart into a plain letter and an accent. */
const PLAIN: Readonly<Record<string, string>> = { ł: "l", ø: "o", đ: "d", ħ: "h", ı: "i", ß: "ss", æ: "ae", œ: "oe" };

/** A name without case and accents; what stands between letters is a space. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[łøđħıßæœ]/g, (letter) => PLAIN[letter]!)
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
