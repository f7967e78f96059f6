// What all pages share: the frame around a screen, its language, problems, and reading the record at the start.
import {
  EvidenceMissing,
  FormatError,
  openReferendum,
  PhaseError,
  type Referendum,
  Refused,
  type Region,
  Site,
  sixWords,
  VerificationError,
  type Voting,
} from "../core.ts";
import { givenLanguage, keepLanguage, onGiven, takeGiven } from "../fragment.ts";
import { button, h } from "./dom.ts";
import { fileName, saveFile } from "./keep.ts";
import {
  directionOf,
  LANGUAGES,
  pick,
  publicPages,
  said,
  type Tag,
  type Translate,
  translator,
} from "./language.ts";
import type { Key } from "./texts.ts";
import { votingText } from "./times.ts";

/** What a screen is drawn with. */
export interface Screen {
  readonly t: Translate;
  readonly tag: Tag;
  readonly referendum: Referendum;
  /** Run something that may fail: a problem is shown in words, above the screen that it happened on. */
  readonly attempt: (act: () => Promise<void> | void) => void;
}

/** A page: its title, its state of the moment, and how that is drawn; what it has to know before. */
export interface Page {
  readonly title: Key;
  readonly prepare?: (referendum: Referendum) => Promise<void>;
  readonly state: () => unknown;
  readonly draw: (screen: Screen) => readonly (Node | undefined | false)[];
  /** Take the address with which the page was opened, as if it had been pasted; it may throw. */
  readonly given?: (screen: Screen, address: string) => void;
}

const REFUSALS: Readonly<Record<string, Key>> = {
  form: "refusedForm",
  roll: "refusedRoll",
  issued: "refusedIssued",
  closed: "refusedClosed",
  spent: "refusedSpent",
  card: "refusedCard",
  proof: "refusedProof",
  token: "refusedToken",
  serial: "refusedSerial",
};

const PAGES: readonly (readonly [string, Key])[] = [
  ["enrol", "enrolTitle"],
  ["vote", "voteTitle"],
  ["check", "checkTitle"],
];

/** A region votes on no day now: when it does, or did. */
export class NotOpen extends Error {
  readonly voting: Voting;
  readonly region: Region;

  constructor(voting: Voting, region: Region) {
    super("the region does not vote now");
    this.voting = voting;
    this.region = region;
  }
}

/** What went wrong, for people. Errors of this program hold nothing secret. */
export function explain(t: Translate, tag: Tag, error: unknown): string {
  if (error instanceof Refused) return t(REFUSALS[error.reason] ?? "refusedOther", { reason: error.reason });
  if (error instanceof EvidenceMissing) return `${t("missing")} (${error.message})`;
  if (error instanceof NotOpen)
    return `${t("votingNotNow")}. ${votingText(error.voting, error.region, t, tag)}`;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof FormatError) return t("unreadable", { detail });
  if (error instanceof VerificationError) return t("failed", { detail });
  return error instanceof PhaseError ? t("notNow", { detail }) : detail;
}

export class Shell {
  readonly #root: HTMLElement;
  readonly #page: Page;
  #tag: Tag = pick([givenLanguage() ?? "", ...navigator.languages]);
  #referendum: Referendum | undefined;
  /** Whom to ask for help, where the server says it. */
  #contact = "";
  #problem: unknown;

  constructor(root: HTMLElement, page: Page) {
    this.#root = root;
    this.#page = page;
  }

  /** Read the record, then show the page. */
  async start(): Promise<void> {
    // A browser that kept the page in memory must not show it again with what it held.
    window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    onGiven(() => this.#take());
    await this.#read();
  }

  /** A card or an invitation in the address: a camera app or a link has opened the page with it. */
  #take(): void {
    const referendum = this.#referendum;
    const address = referendum && takeGiven();
    if (address !== undefined) void this.#attempt(() => this.#page.given?.(this.#screen(referendum!), address));
  }

  #screen(referendum: Referendum): Screen {
    const attempt = (act: () => Promise<void> | void): void => void this.#attempt(act);
    return { t: translator(this.#tag), tag: this.#tag, referendum, attempt };
  }

  async #read(): Promise<void> {
    this.redraw();
    const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, 1000 * seconds));
    const site = new Site(new URL("../", document.baseURI), (url, init) => fetch(url, init), pause);
    try {
      this.#contact ||= await site.contact().catch(() => ""); // never needed
      const referendum = await openReferendum(site);
      await this.#page.prepare?.(referendum);
      this.#referendum = referendum;
      this.#problem = undefined;
    } catch (error) {
      this.#problem = error;
    }
    this.redraw();
    this.#take();
  }

  /** Show the state anew, from its heading on: where keyboard and screen reader go on. */
  redraw(): void {
    const t = translator(this.#tag);
    document.documentElement.lang = this.#tag;
    document.documentElement.dir = directionOf(this.#tag);
    document.title = `${t(this.#page.title)} – Psephos`;
    const main = h("main", {}, this.#alert(t), this.#content(t));
    this.#root.replaceChildren(this.#header(t), main, this.#footer(t) ?? "");
    this.#focus();
  }

  #content(t: Translate): readonly (Node | undefined | false)[] {
    const referendum = this.#referendum;
    if (referendum) return this.#page.draw(this.#screen(referendum));
    if (this.#problem === undefined) return [h("p", { role: "status" }, t("loading"))];
    return [button(t("tryAgain"), () => void this.#read())];
  }

  async #attempt(act: () => Promise<void> | void): Promise<void> {
    this.#problem = undefined;
    const before = this.#page.state();
    try {
      await act();
    } catch (error) {
      this.#problem = error;
      if (this.#page.state() === before) return this.#complain();
    }
    this.redraw();
  }

  /** Say what went wrong above a screen that is as it was, with all that was typed there. */
  #complain(): void {
    const main = this.#root.querySelector("main")!;
    main.querySelector("[role=alert]")?.remove();
    main.prepend(this.#alert(translator(this.#tag)) ?? "");
    this.#focus();
  }

  #focus(): void {
    const heading = this.#root.querySelector<HTMLElement>("main [role=alert], main h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  #alert(t: Translate): HTMLElement | undefined {
    if (this.#problem === undefined) return undefined;
    const problem = this.#problem;
    const signed = problem instanceof Refused && problem.signed; // evidence, for whoever is refused wrongly
    return h(
      "div",
      { role: "alert" },
      h("h2", {}, t("problem")),
      h("p", {}, explain(t, this.#tag, problem)),
      this.#help(t),
      signed && button(t("saveRefusal"), () => saveFile(signed, fileName("refusal", "psephos")), "plain"),
    );
  }

  #header(t: Translate): HTMLElement {
    const names = LANGUAGES.map(([tag, name]) =>
      h("option", { value: tag, lang: tag, selected: tag === this.#tag }, name),
    );
    const select = h("select", { id: "language" }, names);
    select.addEventListener("change", () => {
      this.#tag = select.value;
      keepLanguage(this.#tag);
      this.redraw();
    });
    const title = this.#referendum && said(this.#referendum.definition.title, this.#tag);
    return h(
      "header",
      {},
      title && h("p", { class: "title", ...title.attributes }, title.text),
      h("label", { for: "language" }, t("language")),
      select,
    );
  }

  #help(t: Translate): HTMLElement | false {
    return this.#contact !== "" && h("p", { class: "help" }, t("help", { contact: this.#contact }));
  }

  #footer(t: Translate): HTMLElement | undefined {
    const { definition } = this.#referendum ?? {};
    if (!definition) return h("footer", {}, this.#help(t));
    const words = h("p", { lang: "en", translate: "no" }, sixWords(definition.hash));
    const weak = definition.cards === 1 && h("p", {}, t("notResistant"));
    const others = PAGES.filter(([, title]) => title !== this.#page.title);
    const links = others.map(([name, title]) =>
      h("li", {}, h("a", { href: `${name}.html#${this.#tag}` }, t(title))),
    );
    const pages = h("li", {}, h("a", { href: publicPages(this.#tag) }, t("publicPages")));
    return h(
      "footer",
      {},
      weak,
      this.#help(t),
      h("nav", { "aria-label": t("about") }, h("ul", {}, links, pages)),
      h("details", {}, h("summary", {}, t("about")), h("p", {}, `${t("pinned")}:`), words),
    );
  }
}
