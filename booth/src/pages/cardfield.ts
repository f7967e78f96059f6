// Asking for a card: its code scanned, its file, or its twelve words with a region.
import { type Card, recallCard, scanCard, take } from "../core.ts";
import { h } from "./dom.ts";
import { said } from "./language.ts";
import { scanner } from "./scanner.ts";
import type { Screen } from "./shell.ts";

/** The field; `listen` is told how to read the card, which throws what is to be shown. */
export function cardField(screen: Screen, listen: (read: () => Card) => void): HTMLElement {
  const { t, tag, field } = screen;
  const { definition, election } = screen.referendum;
  const regions = definition.regions.map(({ index, name }) => {
    const { text, attributes } = said(name, tag);
    return h("option", { value: index, ...attributes }, text);
  });
  const several = regions.length > 1;
  // None is chosen beforehand: with another region the same words would be another card.
  const region = field("region", h("select", {}, several && h("option", { value: "" }, "–"), regions));
  // A card's code names its region; its words do not.
  const asked = several && h("label", {}, t("region"), region);
  const sought = { label: t("cardTitle"), name: "card", typed: t("cardWords"), asked };
  return scanner(screen, sought, (pasted) => {
    listen(() => {
      const { kind, block } = take(pasted, "card", "words");
      if (kind === "card") return scanCard(election, block);
      if (region.value === "") throw new Error(t("regionFirst"));
      return recallCard(election, Number(region.value), block);
    });
    return "done";
  });
}
