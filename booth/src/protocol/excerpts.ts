// Excerpts of a definition: a region, a style, the names of all regions (spec/definition.md#head). Each is the one that
// the head names by its SHA-256, and has its form. How regions and styles fit together, verifiers check.
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import type { Shape } from "../crypto/vote.ts";
import { FormatError, VerificationError } from "../errors.ts";
import type { Definition, Reference } from "./definition.ts";
import { Form, type Texts } from "./form.ts";
import * as json from "./json.ts";
import { checkPreferred } from "./rules.ts";
import { checkFit, checkOpening } from "./validity.ts";

const YEAR = 31_536_000;

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

/** A region as its excerpt has it: `style` is the style's position. */
export interface PlainRegion {
  readonly index: number;
  readonly id: string;
  readonly name: Texts;
  readonly style: number;
  readonly timezone: string;
  /** Planned [open, seal] of each day, UTC seconds. */
  readonly days: readonly (readonly [number, number])[];
  /** When enrolment closes, UTC seconds. */
  readonly closes: number;
  /** Seconds for which the hashes of those who got tokens are public before the region opens. */
  readonly review: number;
}

/** A region and how its ballots ask. */
export interface Region extends Omit<PlainRegion, "style"> {
  readonly style: Style;
}

/** The region at a position; VerificationError for other bytes than its own, FormatError where they are of no region. */
export function readRegion(definition: Definition, index: number, data: Uint8Array): PlainRegion {
  const form = open(definition.regions[index]!, data);
  const { languages, regions, styles, whole, hold, tolerance } = definition;
  const members = form.members(
    ["id", "name", "style", "timezone", "days", "closes", "review"],
    ["merge_into", "parent"],
  );
  const region = {
    index,
    id: readId(members.id, regions[index]!),
    name: members.name.translations(languages),
    style: members.style.indexIn(styles.map(({ id }) => id)),
    timezone: members.timezone.text(),
    days: readDays(members.days),
    closes: members.closes.integer(0),
    review: members.review.integer(0, YEAR),
  };
  if (!whole.closes.includes(region.closes)) throw members.closes.refuse("not a time that the head has");
  if (members.merge_into?.indexIn(regions.map(({ id }) => id)) === index) throw form.refuse("merges into itself");
  members.parent?.identifier();
  if (members.parent && !definition.divided) throw members.parent.refuse("names nothing");
  checkOpening(region, hold + tolerance);
  return region;
}

/** The style at a position; errors as for a region. */
export function readStyle(definition: Definition, index: number, data: Uint8Array): Style {
  const form = open(definition.styles[index]!, data);
  const { contests } = definition;
  const members = form.members(["id", "contests"], ["languages"]);
  const id = readId(members.id, definition.styles[index]!);
  const languages = members.languages?.languages() ?? definition.languages;
  const names = contests.map(({ id }) => id);
  const questions = members.contests.items(1).map((item) => {
    const worded = item.members(["contest", "question", "options"]);
    const contest = contests[worded.contest.indexIn(names)]!;
    const options = worded.options.items(contest.options, contest.options);
    const wordings = options.map((option) => option.translations(languages));
    return { ...contest, question: worded.question.translations(languages), wordings };
  });
  const asked = questions.map(({ id }) => id);
  if (new Set(asked).size < asked.length) throw members.contests.refuse("a contest stands here twice");
  checkPreferred(contests, asked);
  const style = { id, languages, questions, wordingHash: definition.styles[index]!.hash };
  checkFit(style);
  return style;
}

/** The names of all regions in a language, in order; errors as for a region. */
export function readNames({ regions, whole }: Definition, language: string, data: Uint8Array): readonly string[] {
  const form = open({ id: `names in ${language}`, hash: whole.names[language]! }, data);
  return form.items(regions.length, regions.length).map((name) => name.text());
}

/** What an excerpt says, if it is the one that is named. */
function open({ id, hash }: Reference, data: Uint8Array): Form {
  if (!equal(sha256(data), hash))
    throw new VerificationError("2.1", "board", `definition: ${id} has another SHA-256 than ${toHex(hash)}`);
  return new Form(json.decode(data), id);
}

function readId(form: Form, { id }: Reference): string {
  if (form.identifier() !== id) throw new FormatError(`definition: ${id} calls itself ${String(form.value)}`);
  return id;
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
