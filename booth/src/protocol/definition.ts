// The head of a definition, as a voter's device reads it (spec/definition.md#head): all of it is checked; what a device
// does not need is not kept. The pin says its hash. What only the whole document shows (that every contest and style is
// used, where regions merge to, divisions) is checked by verifiers, who have it.
import { sha256 } from "@noble/hashes/sha2.js";

import type { Shape } from "../crypto/vote.ts";
import { FormatError } from "../errors.ts";
import { ABOUT, type About, readAbout } from "./about.ts";
import { checkBudgets } from "./budgets.ts";
import { checkMap, type Explanation, readExplanations } from "./explanations.ts";
import { distinct, distinctIds, Form, type Texts } from "./form.ts";
import * as json from "./json.ts";
import { definitionLengths } from "./lengths.ts";
import { type Party, readAppeals, readBoard, readParty, readRegistrars, readTrustees, readWitnesses } from "./parties.ts";
import { readHold, readRelays, type Relay } from "./relays.ts";
import { checkPreferences, readRule, type Ruled } from "./rules.ts";
import { checkPartyKeys } from "./validity.ts";

/** Bytes of a definition that a device loads at most for one voter (spec/definition.md#validity, 11). */
export const MOST_LOADED = 262_144;
const LONGEST = 2 ** 24;
const MILLION = 1_000_000;
const MOST_LISTED = 1_000;

/** A region or a style, which is an excerpt with this SHA-256. */
export interface Reference {
  readonly id: string;
  readonly hash: Uint8Array;
}

/** What the head says of the whole document. */
export interface Whole {
  /** Its length. */
  readonly bytes: number;
  /** All different times at which enrolment in regions closes, UTC seconds, ascending. */
  readonly closes: readonly number[];
  /** SHA-256 of the list of all regions' names, by language. */
  readonly names: Readonly<Record<string, Uint8Array>>;
}

/** A contest: its shape on ballots, its options and its rule. */
export interface Contest extends Shape, Ruled {}

export interface Definition {
  readonly hash: Uint8Array;
  /** Bytes of the head. */
  readonly length: number;
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
  readonly contests: readonly Contest[];
  readonly regions: readonly Reference[];
  readonly styles: readonly Reference[];
  /** Whether it has divisions above regions. */
  readonly divided: boolean;
  readonly whole: Whole;
  /** Bytes of each of the log's first entries, which hold the definition. */
  readonly lengths: readonly number[];
  readonly about: About;
  readonly texts: readonly Explanation[];
}

const MEMBERS = [
  ...["version", "title", "languages", "organiser", "registrars", "board", "witnesses", "trustees", "decoys"],
  ...["relays", "hold", "min_batch", "min_region", "tolerance", "round", "regions", "contests", "styles", "whole"],
] as const;

/** The definition whose head this is; FormatError names what is wrong (check 2.2). */
export function parseHead(head: Uint8Array): Definition {
  if (head.length < 1 || head.length > MOST_LOADED) throw new FormatError(`definition: a head of ${head.length} bytes`);
  const form = new Form(json.decode(head));
  const optional = ["cover", "budgets", "appeals", "divisions", "texts", "map", ...ABOUT] as const;
  const members = form.members<string, (typeof optional)[number]>(MEMBERS, optional);
  members.version!.integer(1, 1);
  const decoys = readDecoys(members.decoys!);
  if (decoys > 0 !== (members.cover !== undefined)) throw form.refuse("has a cover exactly when decoys > 0");
  const languages = members.languages!.languages();
  const contests = distinctIds(members.contests!.items(1, 100)).map(readContest);
  const relays = readRelays(members.relays!);
  const regions = distinctIds(members.regions!.items(1, MOST_LISTED)).map(readReference);
  const whole = readWhole(members.whole!, languages, regions.length);
  const definition = {
    hash: sha256(head),
    length: head.length,
    title: members.title!.translations(languages),
    languages,
    organiser: readParty(members.organiser!),
    registrars: readRegistrars(members.registrars!),
    board: readBoard(members.board!),
    ...readTrustees(members.trustees!, decoys),
    decoys,
    relays,
    hold: readHold(members.hold!, relays),
    minBatch: members.min_batch!.integer(1, MILLION),
    tolerance: members.tolerance!.integer(0, 86_400),
    round: members.round!.integer(1, 3_600),
    contests,
    regions,
    styles: distinctIds(members.styles!.items(1, MOST_LISTED)).map(readReference),
    divided: members.divisions !== undefined,
    whole,
    lengths: definitionLengths(whole.bytes),
    about: readAbout(members, languages),
    texts: readExplanations(members.texts, contests, languages),
  };
  members.divisions?.key();
  const { organiser, registrars, board, trustees } = definition;
  const parties = [organiser, ...registrars, board, ...readWitnesses(members.witnesses!), ...trustees];
  if (members.appeals) parties.push(readAppeals(members.appeals));
  if (members.map) checkMap(members.map, regions.length);
  checkPartyKeys(parties.map(({ key }) => key));
  checkNumbers(members);
  checkPreferences(contests);
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

function readContest(form: Form, contest: number): Contest {
  const members = form.members(["id", "options", "blank"], ["rule"]);
  const options = distinct(members.options.items(1, 100), (option) => option.identifier());
  const blank = members.blank.integer(0, 1);
  if (options.length + blank < 2) throw members.options.refuse("leave no choice");
  const rule = members.rule && readRule(members.rule, options);
  return { id: members.id.identifier(), contest, options: options.length, blank, optionIds: options, rule };
}

function readReference(form: Form): Reference {
  const members = form.members(["id", "sha256"]);
  return { id: members.id.identifier(), hash: members.sha256.key() };
}

function readWhole(form: Form, languages: readonly string[], regions: number): Whole {
  const members = form.members(["bytes", "closes", "names"]);
  const closes = members.closes.items(1, regions).map((time) => time.integer(0));
  if (closes.some((time, at) => at > 0 && time <= closes[at - 1]!)) throw members.closes.refuse("not ascending");
  const named = members.names.members(languages);
  const names = Object.fromEntries(languages.map((language) => [language, named[language]!.key()]));
  return { bytes: members.bytes.integer(1, LONGEST), closes, names };
}
