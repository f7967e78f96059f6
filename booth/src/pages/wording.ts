// What voters are asked, in the language of the page where the definition has it, and six words to compare.
import { type Choice, type Region, sixWords } from "../core.ts";
import { h } from "./dom.ts";
import { type Said, said, type Tag, type Translate } from "./language.ts";

type Question = Region["style"]["questions"][number];

/** The six words of a region's wording (spec/cards.md#six-words). */
export function wordingWords(region: Region, t: Translate): HTMLElement {
  const words = h("strong", { lang: "en", translate: "no" }, sixWords(region.style.wordingHash));
  return h("p", { class: "six" }, words, h("br"), t("wording"));
}

/** A question with its options; `choose` is told what was picked. */
export function ballotPaper(
  question: Question,
  at: number,
  chosen: Choice | undefined,
  t: Translate,
  tag: Tag,
  choose: (choice: Choice) => void,
): HTMLElement {
  const asked = said(question.question, tag);
  const options: [string, Said["attributes"] | undefined, Choice][] = question.wordings.map(
    (wording, option) => {
      const { text, attributes } = said(wording, tag);
      return [text, attributes, option];
    },
  );
  if (question.blank) options.push([t("blank"), undefined, null]);
  const boxes = options.map(([text, attributes, choice]) =>
    h(
      "label",
      { class: "option", ...attributes },
      h("input", {
        type: "radio",
        name: `contest-${at}`,
        checked: choice === chosen,
        onchange: () => choose(choice),
      }),
      text,
    ),
  );
  return h("fieldset", { class: "paper" }, h("legend", asked.attributes, asked.text), boxes);
}

/** What is chosen, to be read once more: of a single question in the heading. */
export function answersOf(region: Region, choices: readonly Choice[], t: Translate, tag: Tag): HTMLElement[] {
  const [question, ...others] = region.style.questions;
  if (!question || others.length) return [h("h1", {}, t("answers")), choicesList(region, choices, t, tag)];
  const asked = said(question.question, tag);
  const choice = choices[0]!;
  const chosen = choice === null ? undefined : said(question.wordings[choice]!, tag);
  return [
    h("h1", {}, `${t("answer")} `, h("strong", { ...chosen?.attributes }, chosen?.text ?? t("blank"))),
    h("p", { ...asked.attributes }, asked.text),
  ];
}

/** Questions with what is chosen in each. */
export function choicesList(region: Region, choices: readonly Choice[], t: Translate, tag: Tag): HTMLElement {
  const items = region.style.questions.flatMap((question, at) => {
    const asked = said(question.question, tag);
    const choice = choices[at]!;
    const chosen = choice === null ? undefined : said(question.wordings[choice]!, tag);
    return [
      h("dt", asked.attributes, asked.text),
      h("dd", chosen?.attributes, chosen?.text ?? t("blank")),
    ];
  });
  return h("dl", {}, items);
}
