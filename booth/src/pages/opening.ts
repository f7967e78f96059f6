// What another device reads of an opening: a code for each part, or all of them as a file.
import { splitParts } from "../core.ts";
import { code } from "./code.ts";
import { button, h } from "./dom.ts";
import { saveFile } from "./keep.ts";
import type { Translate } from "./language.ts";

/** The codes, numbered, and a button for a file of that name. */
export function openingCodes(opening: Uint8Array, file: string, t: Translate): HTMLElement[] {
  const parts = splitParts(opening);
  const codes = parts.map((part, at) => {
    const number = `${at + 1} / ${parts.length}`;
    return h("figure", {}, code(part, `QR ${number}`), h("figcaption", {}, number));
  });
  return [...codes, button(t("saveFile"), () => saveFile(parts.join("\n"), file), "plain")];
}
