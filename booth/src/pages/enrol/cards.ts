// From invitations to cards that are kept: how many, which counts, a look at the device, and each card by itself.
import { type Card, cardFace, nameOf, numbersOf, type Referendum, toHex } from "../../core.ts";
import { code, picture } from "../code.ts";
import { button, h } from "../dom.ts";
import { cardSheet, saveCard } from "../keep.ts";
import { addressOf, said, type Tag } from "../language.ts";
import { openingCodes } from "../opening.ts";
import { enrolmentEnd } from "./invitations.ts";
import type { Screens } from "./session.ts";

/** Cards that were printed or saved. */
const keptCards = new WeakSet<Card>();

export const SCREENS: Screens<"number" | "choose" | "made" | "opened" | "keep" | "leaving"> = {
  number(session, screen, { right, proposed }) {
    const { t } = screen;
    const { most } = numbersOf(session.referendum.definition);
    const options = Array.from({ length: most }, (_, at) =>
      h("option", { value: at + 1, selected: at + 1 === proposed }, String(at + 1)),
    );
    const select = h("select", {}, options);
    select.addEventListener("change", () => {
      session.step({ type: "proposed", proposed: Number(select.value) }); // the page shows it already
    });
    const draw = (): void => {
      session.go({ type: "drawn", cards: session.draw(right.region, Number(select.value)) });
    };
    return [
      h("h1", {}, t("numberTitle")),
      enrolmentEnd(session, right.region, screen),
      h("p", {}, t("numberText")),
      h("label", {}, t("numberLabel"), select),
      button(t("next"), draw),
      button(t("back"), () => session.shell.back(), "plain"),
    ];
  },
  choose(session, { t, attempt }, { right, cards, counts }) {
    const make = (): void => {
      const { state } = session;
      if (state.at === "choose" && state.counts) session.makeCards(right, cards, state.counts);
    };
    const next = button(t("next"), () => attempt(make));
    next.disabled = counts === undefined;
    const options = cards.map((card) => {
      const choose = (): void => {
        session.step({ type: "picked", card }); // the page shows it already
        next.disabled = false;
      };
      const box = h("input", { type: "radio", name: "counts", checked: card === counts, onchange: choose });
      const name = h("span", { class: "name", lang: "en" }, nameOf(cardFace(card)));
      return h("label", { class: "option" }, box, picture(cardFace(card)), name);
    });
    return [
      h("h1", {}, t("chooseTitle")),
      h("p", {}, t("chooseText")),
      h("fieldset", { class: "cards" }, h("legend", {}, t("chooseLabel")), options),
      next,
      button(t("back"), () => session.shell.back(), "plain"),
    ];
  },
  made: (session, { t }, { made: { draft } }) => [
    h("h1", {}, t("auditTitle")),
    h("p", {}, t("auditText", { address: addressOf("check"), button: t("auditStart") })),
    code(`PSEPHOS-C-${toHex(draft.commitment).toUpperCase()}`, toHex(draft.commitment)),
    button(t("keepStart"), () => session.go({ type: "next" })),
    button(t("auditStart"), () => session.go({ type: "opened", opening: draft.open() }), "plain"),
    button(t("back"), () => session.shell.back(), "plain"),
  ],
  opened: (session, { t, attempt }, { right, opening }) => [
    h("h1", {}, t("openedTitle")),
    h("p", {}, t("auditedText")),
    ...openingCodes(opening, t),
    button(t("newCards"), () => attempt(() => session.anew(right)), "plain"),
  ],
  keep(session, { t, tag, attempt }, { made, card }) {
    const shown = made.cards[card]!;
    const [title, region] = headings(session.referendum, made.right.region, tag);
    const next = button(t("keepNext"), () => session.go({ type: "next" }));
    const written = h("input", { type: "checkbox", onchange: () => (next.disabled = !written.checked) });
    const kept = (): void => {
      keptCards.add(shown);
      next.disabled = false;
    };
    const print = (): void => {
      window.print();
      kept();
    };
    next.disabled = !keptCards.has(shown); // until there is a reason to believe that it is kept
    return [
      h("h1", {}, t("keepTitle")),
      made.cards.length > 1 && h("p", {}, t("keepNumber", { number: card + 1, all: made.cards.length })),
      h("p", {}, t("keepText")),
      cardSheet(shown, title, region, t),
      button(t("keepPrint"), print, "plain"),
      button(t("keepSave"), () => attempt(() => saveCard(shown, title, region).then(kept)), "plain"),
      h("p", {}, t("keepDownloads")),
      h("label", {}, written, t("keepWritten")),
      next,
      button(t("back"), () => session.shell.back(), "plain"),
    ];
  },
  leaving: (session, { t }) => [
    h("h1", {}, t("leaveTitle")),
    h("p", {}, t("leaveText")),
    button(t("leaveStay"), () => session.go({ type: "next" })),
    button(t("leaveDiscard"), () => session.go({ type: "discarded" }), "plain"),
  ],
};

function headings({ definition, excerpts }: Referendum, region: number, tag: Tag): [title: string, region: string] {
  return [said(definition.title, tag).text, said(excerpts.region(region).name, tag).text];
}
