// Heads and excerpts, and a referendum read from them: what a device loads, what it refuses, and what it leaves unread.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { sha256 } from "@noble/hashes/sha2.js";

import { concat, toHex, utf8 } from "../src/bytes.ts";
import { Excerpts } from "../src/client/excerpts.ts";
import { openReferendum, readLog } from "../src/client/referendum.ts";
import { Site } from "../src/client/site.ts";
import { leafHash, rootOf } from "../src/log/merkle.ts";
import { Tree } from "../src/log/tree.ts";
import { MOST_LOADED, parseHead } from "../src/protocol/definition.ts";
import { encodeBody, seal, UNSIGNED } from "../src/protocol/entry.ts";
import { readNames, readRegion } from "../src/protocol/excerpts.ts";
import * as json from "../src/protocol/json.ts";
import { definitionLengths } from "../src/protocol/lengths.ts";
import { regionCalled } from "../src/pages/regionfield.ts";
import { divide, type Divided } from "./definitions.ts";
import { filesOf, siteOf } from "./logs.ts";
import { load, type Vector } from "./vectors.ts";

const SMALL = JSON.parse(load("definitions/definitions.json")[0]!.document);

/** A definition with so many regions of so many days, whose style's question is so many characters long. */
function document(regions: number, question = 100, days = 1): Uint8Array {
  const name = (at: number) => ({ en: `Département no. ${at}` });
  const [model] = SMALL.regions;
  const [open] = model.days[0];
  const windows = Array.from({ length: days }, (_, at) => [open + 100 * at, open + 100 * at + 50]);
  const list = Array.from({ length: regions }, (_, at) => ({ ...model, days: windows, id: `region-${at}`, name: name(at) }));
  for (const region of list) delete region.merge_into;
  const styles = SMALL.styles.map((style: any) => ({
    ...style,
    contests: style.contests.map((one: any) => ({ ...one, question: { en: "?".repeat(question) } })),
  }));
  const used = list.map((region, at) => ({ ...region, style: styles[at % styles.length].id }));
  return json.encode({ ...SMALL, regions: used, styles });
}

/** A site that has these files, by path, and what was asked of it. */
function serving(files: ReadonlyMap<string, Uint8Array>) {
  const asked: string[] = [];
  let bytes = 0;
  const http = async (url: URL): Promise<Response> => {
    const name = url.pathname.slice(1);
    const file = files.get(name) as Uint8Array<ArrayBuffer> | undefined;
    asked.push(name);
    bytes += file?.length ?? 0;
    return new Response(file ?? null, { status: file ? 200 : 404 });
  };
  const site = new Site(new URL("https://vote.example/"), http, async () => {});
  return { site, asked, bytes: () => bytes };
}

const filesIn = ({ excerpts }: Divided): Map<string, Uint8Array> =>
  new Map([...excerpts].map(([hash, data]) => [`definition/${hash}`, data]));

/** A definition's excerpts, opened. */
async function opened(whole: Uint8Array) {
  const divided = divide(whole);
  const served = serving(filesIn(divided));
  const head = await served.site.excerpt(sha256(divided.head), MOST_LOADED);
  const definition = parseHead(head);
  const excerpts = new Excerpts(definition, served.site);
  await excerpts.open();
  return { ...served, definition, excerpts, divided };
}

test("of a definition of 1,000 regions one voter loads at most 262,144 bytes, and no other region", async () => {
  const whole = document(1_000, 4_000, 20);
  const { excerpts, definition, asked, bytes } = await opened(whole);
  assert.ok(whole.length > MOST_LOADED);
  assert.equal(excerpts.all, undefined);
  assert.equal((await excerpts.names("en"))[999], "Département no. 999");
  const region = await excerpts.load(999);
  assert.equal(region.name.en, "Département no. 999");
  assert.equal(region.style.questions[0]!.question.en!.length, 4_000);
  assert.deepEqual(excerpts.region(999), region);
  assert.ok(bytes() <= MOST_LOADED, `${bytes()} bytes`);
  await excerpts.load(999);
  assert.deepEqual(asked.length, 4); // head, names, region, style: each once
  assert.throws(() => excerpts.region(0), { name: "FormatError" });
  await assert.rejects(excerpts.load(1_000), { name: "FormatError" });
  assert.equal(definition.regions.length, 1_000);
});

test("of a short definition everything is loaded, whoever reads; it is at most 262,144 bytes too", async () => {
  for (const [regions, question] of [[2, 100], [400, 100], [100, 4_000]] as const) {
    const whole = document(regions, question);
    assert.ok(whole.length <= 131_072);
    const { excerpts, bytes, asked } = await opened(whole);
    assert.equal(excerpts.all?.length, regions);
    assert.ok(bytes() <= MOST_LOADED);
    const before = asked.length;
    await excerpts.load(1);
    assert.equal((await excerpts.names("en")).length, regions);
    assert.equal(asked.length, before);
  }
});

test("an only region is loaded however long the definition is", async () => {
  const channels = Array.from({ length: 20 }, () => ({ en: "ψ".repeat(4_000) }));
  const short = JSON.parse(new TextDecoder().decode(document(1)));
  const styles = short.styles.slice(0, 1);
  const { excerpts, definition, bytes } = await opened(json.encode({ ...short, styles, channels }));
  assert.ok(definition.length > 131_072);
  assert.equal(excerpts.all?.length, 1);
  assert.ok(bytes() <= MOST_LOADED);
});

test("an excerpt that is another, cut, or away is told from the right one, and may be right the next time", async () => {
  const { excerpts, site, definition, divided } = await opened(document(1_000));
  const files = filesIn(divided);
  const path = (hash: Uint8Array) => `definition/${toHex(hash)}`;
  const served = serving(files);
  const one = new Excerpts(definition, served.site);
  const [first, second] = [path(definition.regions[0]!.hash), path(definition.regions[1]!.hash)];
  const right = files.get(first)!;
  for (const wrong of [files.get(second)!, right.slice(1), concat(right, utf8(" ")), divided.head]) {
    files.set(first, wrong);
    await assert.rejects(one.load(0), { name: "VerificationError", check: "2.1" });
  }
  files.delete(first);
  await assert.rejects(one.load(0), { name: "EvidenceMissing" });
  files.set(first, right);
  assert.equal((await one.load(0)).id, "region-0");
  files.set(path(definition.whole.names.en!), json.encode(["a"]));
  await assert.rejects(one.names("en"), { name: "VerificationError" });
  files.set(path(definition.styles[0]!.hash), right);
  assert.equal((await excerpts.load(2)).id, "region-2"); // another device's server is another
  await assert.rejects(new Excerpts(definition, served.site).load(2), { name: "VerificationError" });
  assert.ok(site);
});

/** The small definition's head with members put in, and its excerpts with them. */
const headWith = (change: (head: any) => void): Uint8Array => {
  const head = JSON.parse(new TextDecoder().decode(divide(json.encode(SMALL)).head));
  change(head);
  return json.encode(head);
};

test("a head has its form", () => {
  const hash = "0".repeat(64);
  const wrong: ((head: any) => void)[] = [
    (head) => delete head.whole,
    (head) => (head.whole.bytes = 0),
    (head) => (head.whole.bytes = 2 ** 24 + 1),
    (head) => (head.whole.more = 1),
    (head) => (head.whole.closes = []),
    (head) => (head.whole.closes = [2, 1]),
    (head) => (head.whole.closes = [1, 1]),
    (head) => (head.whole.closes = [1, 2, 3]), // more than there are regions
    (head) => (head.whole.names = {}),
    (head) => (head.whole.names.fr = hash),
    (head) => (head.whole.names.en = "0"),
    (head) => (head.regions[0].sha256 = "0"),
    (head) => (head.regions[0].more = 1),
    (head) => (head.regions[0] = "athens"),
    (head) => (head.regions[1].id = head.regions[0].id),
    (head) => (head.regions = []),
    (head) => (head.styles[0].sha256 = hash.slice(1)),
    (head) => (head.styles = hash),
    (head) => (head.divisions = []),
    (head) => (head.divisions = "0"),
    (head) => (head.more = 1),
  ];
  assert.equal(parseHead(headWith((head) => (head.divisions = hash))).divided, true);
  for (const change of wrong) assert.throws(() => parseHead(headWith(change)), { name: "FormatError" }, String(change));
});

test("a region is the one that the head says, and closes when the head says", () => {
  const excerpt = (change: (region: any) => void, put: (head: any, hash: string) => void = () => undefined) => {
    const region = structuredClone(SMALL.regions[0]);
    change(region);
    const data = json.encode(region);
    const head = headWith((value) => {
      value.regions[0].sha256 = toHex(sha256(data));
      put(value, toHex(sha256(data)));
    });
    return () => readRegion(parseHead(head), 0, data);
  };
  assert.equal(excerpt(() => undefined)().index, 0);
  const wrong: ((region: any) => void)[] = [
    (region) => (region.id = "elsewhere"),
    (region) => (region.closes -= 1),
    (region) => (region.style = "no-style"),
    (region) => (region.merge_into = region.id),
    (region) => (region.merge_into = "nowhere"),
    (region) => (region.parent = "nowhere"), // no divisions
    (region) => (region.days[0][0] = 0),
    (region) => (region.name = { fr: "Athènes" }),
  ];
  for (const change of wrong) assert.throws(excerpt(change), { name: "FormatError" }, String(change));
});

test("names are as many as regions", () => {
  const names = json.encode(["one"]);
  const head = headWith((value) => (value.whole.names.en = toHex(sha256(names))));
  assert.throws(() => readNames(parseHead(head), "en", names), { name: "FormatError" });
});

/** The entries in which a log has a document. */
function entriesOf(data: Uint8Array): Uint8Array[] {
  const zero = new Uint8Array(32);
  const entry = (inside: Uint8Array) => seal(encodeBody("definition", { document: inside }, zero, zero), UNSIGNED);
  if (data.length <= 60_000) return [entry(data)];
  const count = Math.ceil(data.length / 65_000);
  const parts = Array.from({ length: count }, (_, index) => {
    const piece = data.slice(65_000 * index, 65_000 * (index + 1));
    return seal(encodeBody("part", { digest: zero, index, count, data: piece }, zero, zero), UNSIGNED);
  });
  return [entry(new Uint8Array()), ...parts];
}

test("the lengths of the definition's entries follow from its own", () => {
  const sizes = [1, 23, 24, 255, 256, 59_999, 60_000, 60_001, 65_000, 65_001, 65_023, 65_024, 130_000];
  for (const size of [...sizes, 24 * 65_000, 25 * 65_000 + 7, 2 ** 24]) {
    const entries = entriesOf(new Uint8Array(size));
    assert.deepEqual(definitionLengths(size), entries.map(({ length }) => length), `${size}`);
  }
});

const later = (number: number): Uint8Array => Uint8Array.of(0x86, 1, 17, number >> 8, number & 255);

for (const [count, behind] of [[1, 5], [3, 5], [3, 300], [256, 5], [260, 40]] as const) {
  test(`a log is read behind ${count} entries of a definition, with ranges and without`, async () => {
    const definition = Array.from({ length: count }, (_, at) => new Uint8Array(1 + at).fill(1));
    const entries = [...definition, ...Array.from({ length: behind }, (_, at) => later(at))];
    const files = filesOf(entries);
    const lengths = definition.map(({ length }) => length);
    const checkpoint = { origin: "test", size: BigInt(entries.length), root: rootOf(entries.map(leafHash)) };
    for (const ranges of [true, false]) {
      let read = 0;
      const http = async (url: URL, init?: RequestInit): Promise<Response> => {
        const file = files.get(url.pathname.replace("/log/", ""));
        const asked = new Headers(init?.headers).get("Range");
        const from = ranges && asked ? Number(/^bytes=(\d+)-$/.exec(asked)![1]) : 0;
        if (url.pathname.includes("entries")) read += file!.length - from;
        const headers = { "Content-Range": `bytes ${from}-${(file?.length ?? 0) - 1}/${file?.length}` };
        return new Response(file?.slice(from) as BodyInit, { status: !file ? 404 : from ? 206 : 200, headers });
      };
      const site = new Site(new URL("https://vote.example/"), http, async () => {});
      const tree = await Tree.open(checkpoint, site.log, lengths);
      const seen: Uint8Array[] = [];
      for await (const [start, bundle] of tree.bundles()) {
        assert.equal(start, seen.length);
        seen.push(...bundle);
      }
      assert.ok(seen.slice(0, lengths.length).every(({ length }) => length === 0));
      assert.deepEqual(seen.slice(lengths.length), entries.slice(lengths.length));
      if (ranges) assert.equal(read, 7 * behind);
      files.set("tile/entries/000", files.get("tile/entries/000") ?? new Uint8Array()); // and from whole tiles alike
    }
  });
}

test("what stands behind the definition is checked like all else, and lengths that are another's too", async () => {
  const definition = entriesOf(new Uint8Array(70_000));
  const entries = [...definition, later(1), later(2)];
  const other = [...definition, later(1), later(3)];
  const checkpoint = { origin: "test", size: BigInt(entries.length), root: rootOf(entries.map(leafHash)) };
  const lengths = definition.map(({ length }) => length);
  const files = filesOf(entries);
  const lying = new Map([...files].map(([path, file]) => [path, path.includes("entries") ? filesOf(other).get(path)! : file]));
  for (const [served, unread] of [[lying, lengths], [files, [...lengths.slice(0, -1), 5]]] as const) {
    const { site } = siteOf(entries, served);
    const tree = await Tree.open(checkpoint, site.log, unread);
    await assert.rejects(tree.bundle(0), /does not hash|cut short|bytes after/);
  }
});

test("a referendum is opened only with the head that its pin names, and a log that holds the definition", async () => {
  const whole = json.encode(SMALL);
  const divided = divide(whole);
  const named = toHex(sha256(divided.head));
  const pin = (load("definitions/pins.json") as Vector[]).find(({ valid }) => valid)!.pin;
  const pinned = JSON.stringify({ ...JSON.parse(pin), definition: named });
  const old = divide(document(3)).head;
  for (const [head, name] of [[old, "VerificationError"], [undefined, "EvidenceMissing"]] as const) {
    const files = new Map([...filesIn(divided), ["pin.json", utf8(pinned)]]);
    if (head) files.set(`definition/${named}`, head);
    else files.delete(`definition/${named}`);
    await assert.rejects(openReferendum(serving(files).site), { name });
  }
  assert.ok(readLog);
});

test("a region is found by its name, whatever the case, the accents and what stands between words", () => {
  const names = ["Athènes", "Athènes-Nord", "Île-de-France", "Київ", "Saint-Étienne", "Straße", "Łódź"];
  const found = (text: string) => regionCalled(text, names).map((at) => names[at]);
  assert.deepEqual(found("athenes"), ["Athènes"]);
  assert.deepEqual(found("  ATHENES nord "), ["Athènes-Nord"]);
  assert.deepEqual(found("ath"), ["Athènes", "Athènes-Nord"]);
  assert.deepEqual(found("ile de france"), ["Île-de-France"]);
  assert.deepEqual(found("saint etienne"), ["Saint-Étienne"]);
  assert.deepEqual(found("київ"), ["Київ"]);
  assert.deepEqual(found("Lodz"), ["Łódź"]);
  assert.deepEqual(found("strasse"), ["Straße"]);
  for (const nothing of ["", " ", "-", "xyz"]) assert.deepEqual(found(nothing), []);
});

/** Excerpts under a head that was changed, of which other files are served too. */
function under(whole: Uint8Array, change: (head: any) => readonly Uint8Array[]): Excerpts {
  const divided = divide(whole);
  const head = json.decode(divided.head) as any;
  const files = new Map(filesIn(divided));
  for (const data of change(head)) files.set(`definition/${toHex(sha256(data))}`, data);
  return new Excerpts(parseHead(json.encode(head)), serving(files).site);
}

test("a head that tells another length, or other names than the regions', is no definition's", async () => {
  const short = under(document(3), (head) => ((head.whole.bytes = 500), []));
  await assert.rejects(short.open(), { name: "FormatError", message: /longer than its head says/ });
  const swap = (head: any): readonly Uint8Array[] => {
    const names = json.encode(["Département no. 1", "Département no. 0"].concat(Array.from({ length: 998 }, (_, at) => `Département no. ${at + 2}`)));
    head.whole.names.en = toHex(sha256(names));
    return [names];
  };
  const first = under(document(1_000, 4_000, 20), swap);
  await first.names("en");
  await assert.rejects(first.load(0), { name: "FormatError", message: /another name/ });
  assert.equal((await first.load(7)).name.en, "Département no. 7");
  const second = under(document(1_000, 4_000, 20), swap);
  await second.load(1);
  await assert.rejects(second.names("en"), { name: "FormatError", message: /another name/ });
});
