// Explanations and arguments beside the questions that they are about: plain text, read when it is opened.
import { type Explanation, type Explanations, FormatError, type Region } from "../../core.ts";
import { visible } from "../../visible.ts";
import { h } from "../dom.ts";
import { directionOf, languageOf, said, type Tag, type Translate } from "../language.ts";

/** What there is to read of the whole vote, or of a contest of a region's ballot; undefined where there is nothing. */
export function explained(
  explanations: Explanations,
  region: Region,
  contest: number | undefined,
  t: Translate,
  tag: Tag,
): HTMLElement | undefined {
  const texts = explanations.of(contest);
  if (!texts.length) return undefined;
  const places = texts.map((one) => h("div", {}, h("h3", {}, heading(one, region, t, tag)), h("p", {}, t("loading"))));
  const contests = [undefined, ...region.style.questions.map((question) => question.contest)];
  const open = (event: Event): void => {
    if (!(event.currentTarget as HTMLDetailsElement).open) return;
    explanations.ask(contests, languageOf(texts[0]!.files, tag));
    texts.forEach((one, at) => void fill(places[at]!, one, explanations, t, tag));
  };
  return h("details", { ontoggle: open }, h("summary", {}, t("explanations")), places);
}

function heading({ contest, option, by }: Explanation, region: Region, t: Translate, tag: Tag): string {
  const question = region.style.questions.find((one) => one.contest === contest);
  const wording = option === undefined ? undefined : question?.wordings[option];
  const what = wording ? t("argument", { option: said(wording, tag).text }) : t("explanation");
  return by ? `${what}. ${t("explainedBy", { name: said(by, tag).text })}` : what;
}

async function fill(
  place: HTMLElement,
  { files }: Explanation,
  explanations: Explanations,
  t: Translate,
  tag: Tag,
): Promise<void> {
  const lang = languageOf(files, tag);
  const shown = await explanations.text(files[lang]!).then(
    (text) => h("p", { class: "words", lang, dir: directionOf(lang) }, visible(text)),
    (error: unknown) => h("p", { role: "status" }, wrong(error, t)),
  );
  place.lastElementChild!.replaceWith(shown);
}

const wrong = (error: unknown, t: Translate): string =>
  error instanceof FormatError ? t("explanationWrong", { detail: error.message }) : t("missing");
