// What all pages share: the frame around a screen, its language, problems, and reading the record at the start.
import {
  EvidenceMissing,
  FormatError,
  Mistaken,
  NotBegun,
  OfRegistrar,
  openReferendum,
  OtherReferendum,
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
import { connectOnlyTo, elsewhere } from "./connections.ts";
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
import { mistake } from "./mistakes.ts";
import { Steps, type Walk } from "./steps.ts";
import type { Key } from "./texts.ts";
import { timeIn, votingText } from "./times.ts";

/** What a screen is drawn with. */
export interface Screen {
  readonly t: Translate;
  readonly tag: Tag;
  readonly referendum: Referendum;
  /** Run something that may fail: a problem is shown in words, above the screen that it happened on. */
  readonly attempt: (act: () => Promise<void> | void) => void;
  /** A field whose content stays, under a name, when the screen is drawn again or returned to. */
  readonly field: <F extends Field>(name: string, field: F) => F;
}

/** A page: its title, its state of the moment, and how that is drawn; what it has to know before. */
export interface Page extends Walk {
  readonly title: Key;
  readonly prepare?: (referendum: Referendum) => Promise<void>;
  readonly state: () => unknown;
  readonly draw: (screen: Screen) => readonly (Node | undefined | false)[];
  /** Take the address with which the page was opened, as if it had been pasted; it may throw. */
  readonly given?: (screen: Screen, address: string) => Promise<void> | void;
  /** Whether leaving the page would lose something: then the browser asks first. */
  readonly holds: () => boolean;
  /** Whether links to other pages would lead away from something begun: then they are not shown. */
  readonly busy: () => boolean;
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const REFUSALS: Readonly<Record<string, Key>> = {
  form: "refusedForm",
  roll: "refusedRoll",
  issued: "refusedIssued",
  closed: "refusedClosed",
  limit: "refusedLimit",
  refused: "refusedAdmission",
  known: "refusedKnown",
  card: "refusedCard",
  proof: "refusedProof",
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

/** What the log tells before anything is made: a card that no batch has, a voter whom no roll has. */
export class NotEnrolled extends Error {}
export class NotListed extends Error {}
/** Invitations of one voter are for one region. */
export class OtherRegion extends Error {}
/** A card has had all the ballots that it may cast in a day. */
export class TooOften extends Error {}

/** Enrolment in a region is over, since a time (UTC seconds). */
export class EnrolmentOver extends Error {
  readonly since: number;
  readonly region: Region;

  constructor(since: number, region: Region) {
    super("enrolment is over");
    this.since = since;
    this.region = region;
  }
}

/** What went wrong, for people. Errors of this program hold nothing secret. */
export function explain(t: Translate, tag: Tag, error: unknown): string {
  if (error instanceof Mistaken) return mistake(t, error);
  if (error instanceof OfRegistrar) return ofRegistrar(t, tag, error);
  if (error instanceof NotEnrolled) return t("notEnrolled");
  if (error instanceof NotListed) return t("notListed");
  if (error instanceof TooOften) return t("refusedSerial");
  if (error instanceof OtherReferendum) return t("otherReferendum");
  if (error instanceof OtherRegion) return t("otherRegion");
  if (error instanceof EnrolmentOver) return `${over(t, tag, error)}\n${t("overText")}`;
  if (error instanceof Refused) return t(REFUSALS[error.reason] ?? "refusedOther", { reason: error.reason });
  if (error instanceof EvidenceMissing) return t("missing");
  if (error instanceof NotOpen)
    return `${t("votingNotNow")}. ${votingText(error.voting, error.region, t, tag)}`;
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof FormatError) return t("unreadable", { detail });
  if (error instanceof VerificationError) return t("failed", { detail });
  return error instanceof PhaseError ? t("notNow", { detail }) : detail;
}

/** What went wrong with one registrar, and which it is. */
function ofRegistrar(t: Translate, tag: Tag, { registrar, cause }: OfRegistrar): string {
  const unshown = cause instanceof Refused && cause.reason === "issued" && !cause.evidence.length;
  const why = unshown ? t("refusedUnshown") : explain(t, tag, cause);
  return t("ofRegistrar", { name: registrar, why });
}

/** What stops a page from being closed without a question. */
const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
/** Milliseconds after which it is said that something takes its time. */
const SLOW = 500;

/** That enrolment is over, and since when. */
export function over(t: Translate, tag: Tag, { since, region }: EnrolmentOver): string {
  return t("overSince", { time: timeIn(region.timezone, since, t, tag) });
}

/** Whoever comes too early has done nothing wrong. */
const notBegun = (t: Translate): readonly Node[] => [
  h("h1", {}, t("notBegunTitle")),
  h("p", { class: "large" }, t("notBegun")),
];

export class Shell {
  readonly #root: HTMLElement;
  readonly #page: Page;
  readonly #steps: Steps;
  readonly #typed = new Map<string, string>();
  #tag: Tag = pick([givenLanguage() ?? "", ...navigator.languages]);
  #referendum: Referendum | undefined;
  /** Whom to ask for help, where the server says it. */
  #contact = "";
  #problem: unknown;

  constructor(root: HTMLElement, page: Page) {
    this.#root = root;
    this.#page = page;
    this.#steps = new Steps({ depth: page.depth, back: () => this.back() });
  }

  /** Read the record, then show the page. */
  async start(): Promise<void> {
    // A browser that kept the page in memory must not show it again with what it held.
    window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    onGiven(() => this.#take());
    this.#steps.start();
    await this.#read();
  }

  /** A card or an invitation in the address: a camera app or a link has opened the page with it. */
  #take(): void {
    const referendum = this.#referendum;
    const address = referendum && takeGiven();
    if (address !== undefined) void this.#attempt(() => this.#page.given?.(this.#screen(referendum!), address));
  }

  #screen(referendum: Referendum): Screen {
    return {
      t: translator(this.#tag),
      tag: this.#tag,
      referendum,
      attempt: (act) => void this.#attempt(act),
      field: (name, shown) => this.#field(name, shown),
    };
  }

  /** What was typed is needed no more. */
  forget(): void {
    this.#typed.clear();
  }

  /** What was typed into one field is needed no more. */
  drop(name: string): void {
    this.#typed.delete(name);
  }

  /** Go one step back, as the browser's Back does. */
  back(): void {
    this.#page.back();
    this.#problem = undefined;
    this.redraw();
  }

  async #read(): Promise<void> {
    this.redraw();
    const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, 1000 * seconds));
    const site = new Site(new URL("../", document.baseURI), (url, init) => fetch(url, init), pause);
    try {
      this.#contact ||= await site.contact().catch(() => ""); // never needed
      const referendum = await openReferendum(site);
      connectOnlyTo(elsewhere(referendum));
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
    if (this.#page.holds()) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask); // where it stands browsers keep no page in memory
    this.#steps.align();
  }

  #content(t: Translate): readonly (Node | undefined | false)[] {
    const referendum = this.#referendum;
    if (referendum) return this.#page.draw(this.#screen(referendum));
    if (this.#problem === undefined) return [h("p", { role: "status" }, t("loading"))];
    const again = button(t("tryAgain"), () => void this.#read());
    return this.#problem instanceof NotBegun ? [...notBegun(t), again] : [again];
  }

  async #attempt(act: () => Promise<void> | void): Promise<void> {
    this.#problem = undefined;
    const before = this.#page.state();
    const slow = setTimeout(() => this.#page.state() === before && this.#say("loading"), SLOW);
    try {
      await act();
    } catch (error) {
      this.#problem = error;
      if (this.#page.state() === before) return this.#complain();
    } finally {
      clearTimeout(slow);
    }
    this.redraw();
  }

  /** Say below a screen that something is under way. */
  #say(key: Key): void {
    this.#root.querySelector("main")!.append(h("p", { role: "status", class: "slow" }, translator(this.#tag)(key)));
  }

  #field<F extends Field>(name: string, field: F): F {
    const box = field instanceof HTMLInputElement && field.type === "checkbox" ? field : undefined;
    const known = this.#typed.get(name);
    if (known !== undefined && box) box.checked = known !== "";
    else if (known !== undefined) field.value = known;
    field.addEventListener("input", () =>
      this.#typed.set(name, box ? (box.checked ? "on" : "") : field.value),
    );
    return field;
  }

  /** Say what went wrong above a screen that is as it was, with all that was typed there. */
  #complain(): void {
    const main = this.#root.querySelector("main")!;
    for (const old of main.querySelectorAll("[role=alert], .slow")) old.remove();
    main.prepend(this.#alert(translator(this.#tag)) ?? "");
    this.#focus();
  }

  #focus(): void {
    const heading = this.#root.querySelector<HTMLElement>("main [role=alert], main h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  #alert(t: Translate): HTMLElement | undefined {
    if (this.#problem === undefined || this.#problem instanceof NotBegun) return undefined;
    const problem = this.#problem;
    const refusal = problem instanceof OfRegistrar ? problem.cause : problem;
    const signed = refusal instanceof Refused && refusal.signed; // evidence, for whoever is refused wrongly
    return h(
      "div",
      { role: "alert" },
      h("h2", {}, t("problem")),
      ...explain(t, this.#tag, problem)
        .split("\n")
        .map((line) => h("p", {}, line)),
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
      this.#referendum?.definition.about.rehearsal && h("p", { class: "warning" }, t("rehearsal")),
      h("label", { for: "language" }, t("language")),
      select,
    );
  }

  #help(t: Translate): HTMLElement | false {
    const own = this.#referendum?.definition.about.contact;
    const contact = own ? said(own, this.#tag).text : this.#contact;
    return contact !== "" && h("p", { class: "help" }, t("help", { contact }));
  }

  #footer(t: Translate): HTMLElement | undefined {
    const { definition } = this.#referendum ?? {};
    if (!definition) return h("footer", {}, this.#help(t));
    const words = h("p", { lang: "en", translate: "no" }, sixWords(definition.hash));
    const weak = definition.decoys === 0 && h("p", {}, t("notResistant"));
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
      !this.#page.busy() && h("nav", { "aria-label": t("about") }, h("ul", {}, links, pages)),
      h("details", {}, h("summary", {}, t("about")), h("p", {}, `${t("pinned")}:`), words),
    );
  }
}
