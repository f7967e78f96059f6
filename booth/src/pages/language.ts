// The language of a page: what the link to it asks for, else the browser's own, until another is chosen. Nothing is
// stored: it is behind the # of the address.
import { CATALOGUES, NAMES, RIGHT_TO_LEFT } from "catalogues";

import { visible } from "../visible.ts";
import type { Key } from "./texts.ts";

/** A language that there is a catalogue for. */
export type Tag = string;
export const LANGUAGES: readonly (readonly [Tag, string])[] = Object.entries(NAMES);
/** The language of texts that say nothing else, and of whoever asks for none that is here. */
const SOURCE = "en";

export type Translate = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

/** The first of the wished-for languages that there is a catalogue for. */
export function pick(wishes: readonly string[]): Tag {
  const found = wishes.map((wish) => wish.split("-")[0]!).find((wish) => Object.hasOwn(CATALOGUES, wish));
  return found ?? SOURCE;
}

/** Texts in a language; `{name}` in them stands for a value. */
export function translator(tag: Tag): Translate {
  return (key, values = {}) =>
    CATALOGUES[tag]![key]!.replace(/\{(\w+)\}/g, (_: string, name: string) =>
      String(values[name] ?? `{${name}}`),
    );
}

/** How a language is written: by its script, where its tag names one, else by what is usual. */
export function directionOf(tag: string): "rtl" | "ltr" {
  const [language, ...rest] = tag.toLowerCase().split("-");
  const script = rest.find((part) => /^[a-z]{4}$/.test(part));
  const { languages, scripts } = RIGHT_TO_LEFT;
  const turned = script
    ? scripts.some((one) => one.toLowerCase() === script)
    : languages.includes(language!);
  return turned ? "rtl" : "ltr";
}

/** Where a page of the booth is, for another device to open: as people type it. */
export function addressOf(page: string): string {
  const { host, pathname } = new URL(`${page}.html`, document.baseURI);
  return host + pathname;
}

/** Where the referendum's public pages are, seen from the booth. */
export const publicPages = (tag: Tag): string => `../${tag}/`;

/** A text of the definition, and what has to stand beside it: its language may not be the page's. */
export interface Said {
  readonly text: string;
  readonly attributes: { readonly lang: string; readonly dir: "rtl" | "ltr" };
}

/** The page's language, where the definition has that, else its first. */
export const languageOf = (texts: Readonly<Record<string, unknown>>, tag: Tag): string =>
  Object.keys(texts).find((one) => one.split("-")[0] === tag) ?? Object.keys(texts)[0]!;

/** A text of the definition: in the page's language, where it has that, else in its first; nothing in it hides. */
export function said(texts: Readonly<Record<string, string>>, tag: Tag): Said {
  const lang = languageOf(texts, tag);
  return { text: visible(texts[lang]!), attributes: { lang, dir: directionOf(lang) } };
}
