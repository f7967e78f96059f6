// What a voter's device needs of a definition (spec/definition.md#members). That it is the right one, the pin
// says by its hash; that it is valid in all else, every verifier checks before it looks at anything (check 2.2).
import { sha256 } from "@noble/hashes/sha2.js";

import { decodeKey } from "../crypto/group.ts";
import type { Shape } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import { distinct, Form, type Texts } from "./form.ts";
import * as json from "./json.ts";

const LONGEST = 60_000;

export interface Party {
  readonly name: string;
  readonly key: Uint8Array;
}

/** A question as a style words it, and its shape on ballots. */
export interface Question extends Shape {
  readonly id: string;
  readonly question: Texts;
  readonly wordings: readonly Texts[];
}

export interface Style {
  readonly id: string;
  readonly languages: readonly string[];
  readonly questions: readonly Question[];
  /** SHA-256 of the style's JSON: what six words are of. */
  readonly wordingHash: Uint8Array;
}

export interface Region {
  readonly index: number;
  readonly id: string;
  readonly name: Texts;
  readonly style: Style;
  readonly timezone: string;
  /** Planned [open, seal] of each day, UTC seconds. */
  readonly days: readonly (readonly [number, number])[];
  readonly voterKey: Uint8Array;
  readonly decoyKey: Uint8Array | undefined;
}

export interface Definition {
  readonly hash: Uint8Array;
  readonly title: Texts;
  readonly languages: readonly string[];
  readonly organiser: Party;
  readonly registrar: Party;
  readonly board: Party;
  readonly trustees: readonly Party[];
  readonly threshold: number;
  /** The most cards of a group; 1: no decoys, no coercion resistance. */
  readonly cards: number;
  /** Seconds that an accepted ballot may wait to be logged. */
  readonly round: number;
  readonly regions: readonly Region[];
}

const MEMBERS = [
  ...["version", "title", "languages", "organiser", "registrar", "board", "witnesses", "trustees", "cards"],
  ...["min_batch", "min_region", "tolerance", "round", "regions", "contests", "styles"],
] as const;

/** The definition that a document is; FormatError names what a device could not work with. */
export function parseDefinition(document: Uint8Array): Definition {
  if (document.length < 1 || document.length > LONGEST)
    throw new FormatError(`definition: ${document.length} bytes`);
  const members = new Form(json.decode(document)).members<string, "cover">(MEMBERS, ["cover"]);
  members.version!.integer(1, 1);
  const languages = members.languages!.languages();
  const cards = members.cards!.integer(1, 16);
  const contests = distinctIds(members.contests!.items(1, 100)).map(readContest);
  const styles = distinctIds(members.styles!.items(1, 1_000)).map((form) =>
    readStyle(form, contests, languages),
  );
  const trustees = members.trustees!.members(["members", "threshold", "close"]);
  const named = trustees.members.items(1, 64).map((form) => readParty(form));
  const regions = distinctIds(members.regions!.items(1, 1_000));
  return {
    hash: sha256(document),
    title: members.title!.translations(languages),
    languages,
    organiser: readParty(members.organiser!),
    registrar: readParty(members.registrar!),
    board: readParty(members.board!, ["origin"]),
    trustees: named,
    threshold: trustees.threshold.integer(cards > 1 ? 2 : 1, named.length),
    cards,
    round: members.round!.integer(1, 3_600),
    regions: regions.map((form, index) => readRegion(form, index, styles, languages, cards)),
  };
}

function distinctIds(forms: readonly Form[]): readonly Form[] {
  distinct(forms, (form) => (form.value as Record<string, unknown>).id);
  return forms;
}

function readParty(form: Form, more: readonly string[] = []): Party {
  const members = form.members<string>(["name", "key", ...more]);
  return { name: members.name!.text(), key: members.key!.key() };
}

interface Contest extends Shape {
  readonly id: string;
}

function readContest(form: Form, contest: number): Contest {
  const members = form.members(["id", "options", "blank"], ["rule"]);
  const options = distinct(members.options.items(1, 100), (option) => option.identifier()).length;
  const blank = members.blank.integer(0, 1);
  if (options + blank < 2) throw members.options.refuse("leave no choice");
  return { id: members.id.identifier(), contest, options, blank };
}

function readStyle(form: Form, contests: readonly Contest[], all: readonly string[]): Style {
  const members = form.members(["id", "contests"], ["languages"]);
  const languages = members.languages?.languages() ?? all;
  const names = contests.map(({ id }) => id);
  const questions = members.contests.items(1).map((item) => {
    const worded = item.members(["contest", "question", "options"]);
    const contest = contests[worded.contest.indexIn(names)]!;
    const options = worded.options.items(contest.options, contest.options);
    const wordings = options.map((option) => option.translations(languages));
    return { ...contest, question: worded.question.translations(languages), wordings };
  });
  if (new Set(questions.map(({ id }) => id)).size < questions.length) {
    throw members.contests.refuse("a contest stands here twice");
  }
  return { id: members.id.identifier(), languages, questions, wordingHash: sha256(json.encode(form.value)) };
}

function readRegion(
  form: Form,
  index: number,
  styles: readonly Style[],
  languages: readonly string[],
  cards: number,
): Region {
  const required = ["id", "name", "style", "timezone", "days", "voter_key"] as const;
  const members = form.members<string, "merge_into">(
    [...required, ...(cards > 1 ? ["decoy_key"] : [])],
    ["merge_into"],
  );
  return {
    index,
    id: members.id!.identifier(),
    name: members.name!.translations(languages),
    style: styles[members.style!.indexIn(styles.map(({ id }) => id))]!,
    timezone: members.timezone!.text(),
    days: readDays(members.days!),
    voterKey: readTokenKey(members.voter_key!),
    decoyKey: members.decoy_key && readTokenKey(members.decoy_key),
  };
}

function readDays(form: Form): [number, number][] {
  const days = form.items(1, 60).map((day): [number, number] => {
    const [opens, seals] = day.items(2, 2).map((time) => time.integer(0)) as [number, number];
    if (opens >= seals) throw day.refuse("sealed before it opens");
    return [opens, seals];
  });
  days.slice(1).forEach(([opens], at) => {
    if (opens < days[at]![1]) throw form.refuse(`day ${at + 2} opens before the day before it is sealed`);
  });
  return days;
}

function readTokenKey(form: Form): Uint8Array {
  const key = form.key();
  decodeKey(key, form.path);
  return key;
}
