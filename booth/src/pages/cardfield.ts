// Asking for a card: its code scanned, its file, or its twelve words with a region.
import { type Card, isAddress, PREFIX, recallCard, type Referendum, scanCard } from "../core.ts";
import { h } from "./dom.ts";
import { said, type Tag, type Translate } from "./language.ts";
import { scanner } from "./scanner.ts";

/** The field; `found` is told the card, or throws, which is shown by whoever made it do so. */
export function cardField(
  { definition, election }: Referendum,
  t: Translate,
  tag: Tag,
  found: (read: () => Card) => void,
): HTMLElement {
  const regions = definition.regions.map(({ index, name }) => {
    const { text, attributes } = said(name, tag);
    return h("option", { value: index, ...attributes }, text);
  });
  const several = regions.length > 1;
  // None is chosen beforehand: with another region the same words would be another card.
  const region = h("select", {}, several && h("option", { value: "" }, "–"), regions);
  const read = (text: string): "done" => {
    const [first] = text.trim().split("\n"); // a card's file has its code's text first, then its words
    const words = first!.trim().toLowerCase().split(/\s+/).join(" ");
    found(() => {
      if (first!.startsWith(PREFIX) || isAddress(first!)) return scanCard(election, first!);
      if (region.value === "") throw new Error(t("regionFirst"));
      return recallCard(election, Number(region.value), words);
    });
    return "done";
  };
  // A card's code names its region; its words do not.
  const asked = several && h("label", {}, t("region"), region);
  return scanner(t, t("cardTitle"), read, t("cardWords"), asked);
}
