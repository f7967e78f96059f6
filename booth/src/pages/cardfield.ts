// Asking for a card: its code scanned, its file, or its twelve words with a region.
import { type Card, recallCard, scanCard, take } from "../core.ts";
import { regionField } from "./regionfield.ts";
import { scanner } from "./scanner.ts";
import type { Screen } from "./shell.ts";

/**
 * The field; `region` is where it was asked for before, or the only one. `listen` is told how to read the card, which
 * throws what is to be shown.
 */
export function cardField(screen: Screen, region: number | undefined, listen: (read: () => Card) => void): HTMLElement {
  const { t, referendum } = screen;
  // A card's code names its region; its words do not.
  const asked = region === undefined ? regionField(screen) : undefined;
  const sought = { label: t("cardTitle"), name: "card", typed: t("cardWords"), asked: asked !== undefined && asked.field };
  return scanner(screen, sought, (pasted) => {
    listen(() => {
      const { kind, block } = take(pasted, "card", "words");
      if (kind === "card") return scanCard(referendum.election, block);
      return recallCard(referendum.election, region ?? asked!.read(), block);
    });
    return "done";
  });
}
