// Published logs in memory, for tests of what reads them: their files by path, and a site that answers with these.
import { concat, utf8 } from "../src/bytes.ts";
import { Site } from "../src/client/site.ts";
import { leafHash, rootOf } from "../src/log/merkle.ts";
import type { Pin } from "../src/protocol/pin.ts";

const WIDTH = 256;

/** The files of a log of fewer than 65,536 entries, as spec/log.md#layout names them. */
export function filesOf(entries: readonly Uint8Array[]): Map<string, Uint8Array> {
  const leaves = entries.map(leafHash);
  const files = new Map([["checkpoint", utf8("a checkpoint")]]);
  const roots: Uint8Array[] = [];
  for (let first = 0; first < entries.length; first += WIDTH) {
    const row = leaves.slice(first, first + WIDTH);
    const name = path(first / WIDTH, row.length);
    files.set(`tile/0/${name}`, concat(...row));
    files.set(`tile/entries/${name}`, concat(...entries.slice(first, first + WIDTH).flatMap(counted)));
    if (row.length === WIDTH) roots.push(rootOf(row));
  }
  if (roots.length) files.set(`tile/1/${path(0, roots.length)}`, concat(...roots));
  return files;
}

const path = (index: number, width: number): string =>
  String(index).padStart(3, "0") + (width < WIDTH ? `.p/${width}` : "");

const counted = (entry: Uint8Array): Uint8Array[] => [
  Uint8Array.of(entry.length >> 8, entry.length & 255),
  entry,
];

/** What is asked of a site: the paths of bundles, without what they begin with. */
export interface Asked {
  readonly site: Site;
  readonly pin: Pin;
  readonly bundles: string[];
}

/** A site with these entries in its log, under a checkpoint that any pin believes, seen at a time; `other` answers the rest. */
export function siteOf(
  entries: readonly Uint8Array[],
  files: ReadonlyMap<string, Uint8Array>,
  other: (path: string) => Response | undefined = () => undefined,
  now = 0,
): Asked {
  const bundles: string[] = [];
  const http = async (url: URL): Promise<Response> => {
    const said = other(url.pathname.slice(1));
    if (said) return said;
    const name = url.pathname.replace("/log/", "");
    if (name.startsWith("tile/entries")) bundles.push(name.slice(13));
    const file = files.get(name) as Uint8Array<ArrayBuffer> | undefined;
    return new Response(file ?? null, { status: file ? 200 : 404 });
  };
  const root = rootOf(entries.map(leafHash));
  const verify = (note: Uint8Array) => ({
    checkpoint: { origin: "test", size: BigInt(entries.length), root },
    note,
    times: new Map(now ? [["witness", BigInt(now)]] : []),
  });
  const site = new Site(new URL("https://vote.example/"), http, async () => {});
  return { site, pin: { policy: { verify } } as unknown as Pin, bundles };
}
