// The language of a page: what the link to it asks for, else the browser's own, until another is chosen. Nothing is
// stored: it is behind the # of the address.
import { cy } from "./texts/cy.ts";
import { type Catalogue, en, type Key } from "./texts/en.ts";
import { fr } from "./texts/fr.ts";
import { ru } from "./texts/ru.ts";
import { uk } from "./texts/uk.ts";

const CATALOGUES = { en, uk, ru, cy, fr } as const satisfies Record<string, Catalogue>;
export type Tag = keyof typeof CATALOGUES;
export const LANGUAGES: readonly (readonly [Tag, string])[] = [
  ["en", "English"],
  ["uk", "Українська"],
  ["ru", "Русский"],
  ["cy", "Cymraeg"],
  ["fr", "Français"],
];
/** Languages that are written from right to left, of those that a catalogue may be added for. */
const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

export type Translate = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

/** The first of the wished-for languages that there is a catalogue for. */
export function pick(wishes: readonly string[]): Tag {
  const found = wishes.map((wish) => wish.split("-")[0]!).find((wish) => Object.hasOwn(CATALOGUES, wish));
  return (found as Tag | undefined) ?? "en";
}

/** Texts in a language; `{name}` in them stands for a value. */
export function translator(tag: Tag): Translate {
  return (key, values = {}) =>
    CATALOGUES[tag][key].replace(/\{(\w+)\}/g, (_: string, name: string) =>
      String(values[name] ?? `{${name}}`),
    );
}

export const directionOf = (tag: string): "rtl" | "ltr" =>
  RIGHT_TO_LEFT.has(tag.split("-")[0]!) ? "rtl" : "ltr";

/** A text of the definition, and what has to stand beside it: its language may not be the page's. */
export interface Said {
  readonly text: string;
  readonly attributes: { readonly lang: string; readonly dir: "rtl" | "ltr" };
}

/** A text of the definition: in the page's language, where it has that, else in its first. */
export function said(texts: Readonly<Record<string, string>>, tag: Tag): Said {
  const lang = Object.keys(texts).find((one) => one.split("-")[0] === tag) ?? Object.keys(texts)[0]!;
  return { text: texts[lang]!, attributes: { lang, dir: directionOf(lang) } };
}
