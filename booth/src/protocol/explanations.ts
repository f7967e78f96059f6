// What voters read before they decide: blobs that the definition names (spec/definition.md#texts-and-map).
import { sha256 } from "@noble/hashes/sha2.js";

import { equal, toHex } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { distinct, type Form, type Texts } from "./form.ts";

export const LONGEST_TEXT = 65_536;
const LARGEST_SIDE = 255;
const CONTROL = /[\0-\t\v-\x1f\x7f-\x9f]/;

/** Of the whole vote, of a contest, or an argument for one of its options; digests by language. */
export interface Explanation {
  readonly contest: number | undefined;
  readonly option: number | undefined;
  readonly by: Texts | undefined;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

interface Named {
  readonly id: string;
  readonly optionIds: readonly string[];
}

/** The member `texts` of a definition, where it is there. */
export function readExplanations(
  form: Form | undefined,
  contests: readonly Named[],
  languages: readonly string[],
): readonly Explanation[] {
  return (form?.items(1, 200) ?? []).map((item) => readExplanation(item, contests, languages));
}

function readExplanation(form: Form, contests: readonly Named[], languages: readonly string[]): Explanation {
  const members = form.members(["files"], ["contest", "option", "by"]);
  const contest = members.contest?.indexIn(contests.map(({ id }) => id));
  if (members.option && contest === undefined) throw form.refuse("an option without a contest");
  const option = members.option?.indexIn(contests[contest!]!.optionIds);
  const named = members.files.members(languages);
  const files = Object.fromEntries(languages.map((language) => [language, named[language]!.key()]));
  return { contest, option, by: members.by?.translations(languages), files };
}

/** FormatError unless a map has its form: a device draws none. */
export function checkMap(form: Form, regions: number): void {
  const { geojson, tiles } = form.members([], ["geojson", "tiles"]);
  if (!geojson && !tiles) throw form.refuse("neither geojson nor tiles");
  geojson?.key();
  const side = (one: Form): number => one.integer(0, LARGEST_SIDE);
  distinct(tiles?.items(regions, regions) ?? [], (tile) => tile.items(2, 2).map(side).join());
}

/** The text that a blob is; FormatError unless it is the one named, and plain text. */
export function readText(data: Uint8Array, digest: Uint8Array): string {
  if (!equal(sha256(data), digest)) throw new FormatError(`the file has another SHA-256 than ${toHex(digest)}`);
  if (!data.length || data.length > LONGEST_TEXT) throw new FormatError(`a text of ${data.length} bytes`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new FormatError("a text that is not UTF-8");
  }
  if (CONTROL.test(text)) throw new FormatError("a text with a control character");
  return text;
}
