// What another device reads of an opening: a code for each part, one at a time, or all of them as a file.
import { splitParts } from "../core.ts";
import { code } from "./code.ts";
import { button, h } from "./dom.ts";
import { fileName, saveFile } from "./keep.ts";
import type { Translate } from "./language.ts";

/** One code, numbered, a button for the next, and one for a file of all. */
export function openingCodes(opening: Uint8Array, t: Translate): HTMLElement[] {
  const parts = splitParts(opening);
  const figure = h("figure");
  let shown = 0;
  const show = (): void => {
    const number = `${shown + 1} / ${parts.length}`;
    figure.replaceChildren(code(parts[shown]!, `QR ${number}`), h("figcaption", {}, number));
  };
  const turn = (): void => {
    shown = (shown + 1) % parts.length;
    show();
  };
  show();
  const next = parts.length > 1 ? [button(t("nextCode"), turn)] : [];
  const save = (): void => saveFile(parts.join("\n"), fileName("codes", "txt"));
  return [figure, ...next, button(t("saveFile"), save, "plain")];
}
