// A definition as a voter's device reads it (spec/definition.md). All of it is checked; what a device does not need
// is not kept. That it is the right one, the pin says by its hash.
import { sha256 } from "@noble/hashes/sha2.js";

import { decodeKey } from "../crypto/group.ts";
import type { Shape } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import { ABOUT, type About, readAbout } from "./about.ts";
import { checkBudgets } from "./budgets.ts";
import { distinct, Form, type Texts } from "./form.ts";
import * as json from "./json.ts";
import { type Party, readAppeals, readBoard, readParty, readTrustees, readWitnesses } from "./parties.ts";
import { checkPreferences, readRule, type Ruled } from "./rules.ts";
import {
  checkDivisions,
  checkFit,
  checkMerging,
  checkPartyKeys,
  checkTokenKeys,
  checkUse,
} from "./validity.ts";

const LONGEST = 2 ** 24;
const MILLION = 1_000_000;

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
  /** The region that its area joins when it is too small to be counted alone. */
  readonly mergeInto: number | undefined;
  /** The division that it lies below. */
  readonly parent: number | undefined;
}

/** What regions lie below: a province, a country. */
export interface Division {
  readonly id: string;
  readonly name: Texts;
  readonly parent: number | undefined;
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
  readonly about: About;
}

const MEMBERS = [
  ...["version", "title", "languages", "organiser", "registrar", "board", "witnesses", "trustees", "cards"],
  ...["min_batch", "min_region", "tolerance", "round", "regions", "contests", "styles"],
] as const;

/** The definition that a document is; FormatError names what is wrong (check 2.2). */
export function parseDefinition(document: Uint8Array): Definition {
  if (document.length < 1 || document.length > LONGEST)
    throw new FormatError(`definition: ${document.length} bytes`);
  const form = new Form(json.decode(document));
  const optional = ["cover", "budgets", "appeals", "divisions", ...ABOUT] as const;
  const members = form.members<string, (typeof optional)[number]>(MEMBERS, optional);
  members.version!.integer(1, 1);
  const cards = members.cards!.integer(1, 16);
  if (cards > 1 !== (members.cover !== undefined)) throw form.refuse("has a cover exactly when cards > 1");
  const languages = members.languages!.languages();
  const contests = distinctIds(members.contests!.items(1, 100)).map(readContest);
  const styles = distinctIds(members.styles!.items(1, 1_000)).map((form) =>
    readStyle(form, contests, languages),
  );
  const divisions = members.divisions ? readDivisions(members.divisions, languages) : [];
  const regions = readRegions(members.regions!, styles, divisions, languages, cards);
  const definition = {
    hash: sha256(document),
    title: members.title!.translations(languages),
    languages,
    organiser: readParty(members.organiser!),
    registrar: readParty(members.registrar!),
    board: readBoard(members.board!),
    ...readTrustees(members.trustees!, cards),
    cards,
    round: members.round!.integer(1, 3_600),
    regions,
    about: readAbout(members, languages),
  };
  const { organiser, registrar, board, trustees } = definition;
  const parties = [organiser, registrar, board, ...readWitnesses(members.witnesses!), ...trustees];
  if (members.appeals) parties.push(readAppeals(members.appeals));
  checkPartyKeys(parties.map(({ key }) => key));
  checkNumbers(members);
  checkUse(regions, styles, contests.length);
  styles.forEach(checkFit);
  const asked = styles.map(({ questions }) => questions.map(({ id }) => id));
  checkPreferences(contests, asked);
  return definition;
}

/** What only those who enrol and count need. */
function checkNumbers(members: Partial<Record<string, Form>>): void {
  members.min_batch!.integer(1, MILLION);
  members.min_region!.integer(1, MILLION);
  members.tolerance!.integer(0, 86_400);
  checkBudgets(members.budgets);
  if (!members.cover) return;
  const { epsilon, delta, decoys } = members.cover.members(["epsilon", "delta", "decoys"]);
  for (const number of [...epsilon.items(2, 2), delta, decoys]) number.integer(1, 1_000);
}

function distinctIds(forms: readonly Form[]): readonly Form[] {
  distinct(forms, (form) => (form.value as Record<string, unknown>).id);
  return forms;
}

interface Contest extends Shape, Ruled {}

function readContest(form: Form, contest: number): Contest {
  const members = form.members(["id", "options", "blank"], ["rule"]);
  const options = distinct(members.options.items(1, 100), (option) => option.identifier());
  const blank = members.blank.integer(0, 1);
  if (options.length + blank < 2) throw members.options.refuse("leave no choice");
  const rule = members.rule && readRule(members.rule, options);
  return { id: members.id.identifier(), contest, options: options.length, blank, optionIds: options, rule };
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

function readDivisions(form: Form, languages: readonly string[]): readonly Division[] {
  const forms = distinctIds(form.items(1, 1_000));
  const names = forms.map(({ value }) => (value as { id: string }).id);
  return forms.map((one) => {
    const { id, name, parent } = one.members(["id", "name"], ["parent"]);
    return { id: id.identifier(), name: name.translations(languages), parent: parent?.indexIn(names) };
  });
}

function readRegions(
  form: Form,
  styles: readonly Style[],
  divisions: readonly Division[],
  languages: readonly string[],
  cards: number,
): readonly Region[] {
  const forms = distinctIds(form.items(1, 1_000));
  const names = forms.map(({ value }) => (value as { id: string }).id);
  const regions = forms.map((one, index) => readRegion(one, index, names, styles, divisions, languages, cards));
  checkTokenKeys(regions);
  checkMerging(regions);
  checkDivisions(regions, divisions);
  return regions;
}

function readRegion(
  form: Form,
  index: number,
  names: readonly string[],
  styles: readonly Style[],
  divisions: readonly Division[],
  languages: readonly string[],
  cards: number,
): Region {
  const required = ["id", "name", "style", "timezone", "days", "voter_key"] as const;
  const members = form.members<string, "merge_into" | "parent">(
    [...required, ...(cards > 1 ? ["decoy_key"] : [])],
    ["merge_into", "parent"],
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
    mergeInto: members.merge_into?.indexIn(names),
    parent: members.parent?.indexIn(divisions.map(({ id }) => id)),
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
