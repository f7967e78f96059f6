// A definition as a voter's device reads it (spec/definition.md). All of it is checked; what a device does not need
// is not kept. That it is the right one, the pin says by its hash.
import { sha256 } from "@noble/hashes/sha2.js";

import type { Shape } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import { ABOUT, type About, readAbout } from "./about.ts";
import { checkBudgets } from "./budgets.ts";
import { checkMap, type Explanation, readExplanations } from "./explanations.ts";
import { distinct, distinctIds, Form, type Texts } from "./form.ts";
import * as json from "./json.ts";
import { type Party, readAppeals, readBoard, readParty, readRegistrars, readTrustees, readWitnesses } from "./parties.ts";
import { readDivisions, readRegions, type Region } from "./regions.ts";
import { readHold, readRelays, type Relay } from "./relays.ts";
import { checkPreferences, readRule, type Ruled } from "./rules.ts";
import { checkFit, checkPartyKeys, checkUse } from "./validity.ts";

export type { Division, Region } from "./regions.ts";

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

export interface Definition {
  readonly hash: Uint8Array;
  readonly title: Texts;
  readonly languages: readonly string[];
  readonly organiser: Party;
  /** Numbered from 1; the first leads. */
  readonly registrars: readonly Party[];
  readonly board: Party;
  readonly trustees: readonly Party[];
  readonly threshold: number;
  /** Decoy tokens that each voter gets from each registrar; 0: one card a voter, no coercion resistance. */
  readonly decoys: number;
  readonly relays: readonly Relay[];
  /** Seconds of a period in which relays hold what they are sent; 0 without relays. */
  readonly hold: number;
  /** Voters to whom tokens are given, for each batch. */
  readonly minBatch: number;
  /** Seconds between planned and witnessed times. */
  readonly tolerance: number;
  /** Seconds that an accepted ballot may wait to be logged. */
  readonly round: number;
  readonly regions: readonly Region[];
  readonly about: About;
  readonly texts: readonly Explanation[];
}

const MEMBERS = [
  ...["version", "title", "languages", "organiser", "registrars", "board", "witnesses", "trustees", "decoys"],
  ...["relays", "hold", "min_batch", "min_region", "tolerance", "round", "regions", "contests", "styles"],
] as const;

/** The definition that a document is; FormatError names what is wrong (check 2.2). */
export function parseDefinition(document: Uint8Array): Definition {
  if (document.length < 1 || document.length > LONGEST)
    throw new FormatError(`definition: ${document.length} bytes`);
  const form = new Form(json.decode(document));
  const optional = ["cover", "budgets", "appeals", "divisions", "texts", "map", ...ABOUT] as const;
  const members = form.members<string, (typeof optional)[number]>(MEMBERS, optional);
  members.version!.integer(1, 1);
  const decoys = readDecoys(members.decoys!);
  if (decoys > 0 !== (members.cover !== undefined)) throw form.refuse("has a cover exactly when decoys > 0");
  const languages = members.languages!.languages();
  const contests = distinctIds(members.contests!.items(1, 100)).map(readContest);
  const styles = distinctIds(members.styles!.items(1, 1_000)).map((form) =>
    readStyle(form, contests, languages),
  );
  const divisions = members.divisions ? readDivisions(members.divisions, languages) : [];
  const relays = readRelays(members.relays!);
  const hold = readHold(members.hold!, relays);
  const tolerance = members.tolerance!.integer(0, 86_400);
  const regions = readRegions(members.regions!, styles, divisions, languages, hold + tolerance);
  const definition = {
    hash: sha256(document),
    title: members.title!.translations(languages),
    languages,
    organiser: readParty(members.organiser!),
    registrars: readRegistrars(members.registrars!),
    board: readBoard(members.board!),
    ...readTrustees(members.trustees!, decoys),
    decoys,
    relays,
    hold,
    minBatch: members.min_batch!.integer(1, MILLION),
    tolerance,
    round: members.round!.integer(1, 3_600),
    regions,
    about: readAbout(members, languages),
    texts: readExplanations(members.texts, contests, languages),
  };
  const { organiser, registrars, board, trustees } = definition;
  const parties = [organiser, ...registrars, board, ...readWitnesses(members.witnesses!), ...trustees];
  if (members.appeals) parties.push(readAppeals(members.appeals));
  if (members.map) checkMap(members.map, regions.length);
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
  members.min_region!.integer(1, MILLION);
  checkBudgets(members.budgets);
  if (!members.cover) return;
  const { epsilon, delta, ballots } = members.cover.members(["epsilon", "delta", "ballots"]);
  for (const number of [...epsilon.items(2, 2), delta, ballots]) number.integer(1, 1_000);
}

/** 0, or 4 to 16. */
function readDecoys(form: Form): number {
  const decoys = form.integer(0, 16);
  if (decoys > 0 && decoys < 4) throw form.refuse("neither 0 nor 4 to 16");
  return decoys;
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
