// The head and the excerpts of whole definitions, for tests: a device reads these alone (spec/definition.md#head).
import { sha256 } from "@noble/hashes/sha2.js";

import { toHex } from "../src/bytes.ts";
import { FormatError } from "../src/errors.ts";
import { type Definition, parseHead } from "../src/protocol/definition.ts";
import { readNames, readRegion, readStyle, type Region } from "../src/protocol/excerpts.ts";
import * as json from "../src/protocol/json.ts";

/** A definition's head, and all excerpts by their SHA-256 in hex digits. */
export interface Divided {
  readonly head: Uint8Array;
  readonly excerpts: ReadonlyMap<string, Uint8Array>;
}

type Listed = { readonly id: string; readonly closes: number; readonly name: Record<string, string> };

/** FormatError for a document that has no head. */
export function divide(document: Uint8Array): Divided {
  const value = json.decode(document) as any;
  if (!hasHead(value)) throw new FormatError("a document without a head");
  const excerpts = new Map<string, Uint8Array>();
  const hashOf = (part: json.Json): string => {
    const data = json.encode(part);
    const hash = toHex(sha256(data));
    excerpts.set(hash, data);
    return hash;
  };
  const listed = (all: readonly Listed[]) => all.map((one) => ({ id: one.id, sha256: hashOf(one) }));
  const regions: readonly Listed[] = value.regions;
  const closes = [...new Set(regions.map((region) => region.closes))].sort((one, other) => one - other);
  const tags: readonly string[] = value.languages;
  const names = Object.fromEntries(tags.map((tag) => [tag, hashOf(regions.map(({ name }) => name[tag]!))]));
  const divisions = value.divisions ? { divisions: toHex(sha256(json.encode(value.divisions))) } : {};
  const whole = { bytes: document.length, closes, names };
  const head = json.encode({ ...value, regions: listed(regions), styles: listed(value.styles), ...divisions, whole });
  excerpts.set(toHex(sha256(head)), head);
  return { head, excerpts };
}

const isObject = (value: any): boolean => typeof value === "object" && !Array.isArray(value);

function hasHead(value: any): boolean {
  if (!isObject(value) || "whole" in value) return false;
  const { languages, regions, styles, divisions } = value;
  const texts = Array.isArray(languages) && languages.every((tag) => typeof tag === "string");
  const lists = [regions, styles].every((list) => Array.isArray(list) && list.every((one) => typeof one?.id === "string"));
  if (!texts || !lists || !(divisions === undefined || Array.isArray(divisions))) return false;
  const named = ({ closes, name }: Listed): boolean =>
    Number.isInteger(closes) && isObject(name ?? 0) && languages.every((tag) => typeof name[tag] === "string");
  return regions.every(named);
}

/** All that a device reads of a definition, had it loaded everything. */
export function readWhole(document: Uint8Array): { readonly definition: Definition; readonly regions: readonly Region[] } {
  const { head, excerpts } = divide(document);
  const definition = parseHead(head);
  const load = (hash: Uint8Array): Uint8Array => excerpts.get(toHex(hash))!;
  const styles = definition.styles.map(({ hash }, at) => readStyle(definition, at, load(hash)));
  const regions = definition.regions.map(({ hash }, at) => {
    const region = readRegion(definition, at, load(hash));
    return { ...region, style: styles[region.style]! };
  });
  for (const [tag, hash] of Object.entries(definition.whole.names)) readNames(definition, tag, load(hash));
  return { definition, regions };
}
