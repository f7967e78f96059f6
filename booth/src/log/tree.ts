// A log as its checkpoint fixes it: every tile and entry read is checked before it is handed out, so nothing
// that a server sends is believed because it was sent (spec/log.md#reading).
import { equal, rows } from "../bytes.ts";
import { FormatError, NotThere, VerificationError } from "../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { EMPTY_ROOT, HASH, inclusionProof, leafHash, rootOf } from "./merkle.ts";
import {
  ENTRIES,
  LENGTH,
  LONGEST_BUNDLE,
  LONGEST_TILE,
  parseBundle,
  type Tile,
  tileAt,
  tilePath,
  WIDTH,
} from "./tiles.ts";

/** The bytes at a path, at most so many, from one on; EvidenceMissing where there are none. */
export type Fetch = (path: string, most: number, from?: number) => Promise<Uint8Array>;

export class Tree {
  readonly size: number;
  readonly #root: Uint8Array;
  readonly #fetch: Fetch;
  /** Bytes of each of the first entries, which are not read. */
  readonly #unread: readonly number[];
  readonly #edge: Uint8Array[][] = [];
  readonly #tiles = new Map<string, Promise<Uint8Array[]>>();

  private constructor(checkpoint: Checkpoint, fetch: Fetch, unread: readonly number[]) {
    if (checkpoint.size > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError("a log too large to read");
    this.size = Number(checkpoint.size);
    this.#root = checkpoint.root;
    this.#fetch = fetch;
    this.#unread = unread;
  }

  /**
   * The tree under a checkpoint that the caller has verified; its last tiles are read and make the root. The log's first
   * entries, which have these lengths, are not read.
   */
  static async open(checkpoint: Checkpoint, fetch: Fetch, unread: readonly number[] = []): Promise<Tree> {
    const tree = new Tree(checkpoint, fetch, unread);
    for (let level = 0; tree.size >= WIDTH ** level; level++) {
      const tile = tileAt(level, Math.floor(tree.size / WIDTH ** (level + 1)), tree.size);
      tree.#edge.push(tile.width ? await tree.#hashes(tile) : []);
    }
    if (!equal(tree.#edgeRoot(tree.#edge.length) ?? EMPTY_ROOT, tree.#root)) {
      throw new VerificationError("1.3", "board", `the last tiles of size ${tree.size} do not make its root`);
    }
    return tree;
  }

  /** The root that the last tiles of the levels below one make; undefined when they are all empty. */
  #edgeRoot(level: number): Uint8Array | undefined {
    let root: Uint8Array | undefined;
    for (const tile of this.#edge.slice(0, level)) {
      const row = root ? [...tile, root] : tile;
      root = row.length ? rootOf(row) : root;
    }
    return root;
  }

  async #hashes(tile: Tile): Promise<Uint8Array[]> {
    const [found, data] = await this.#fetchTile(tile, LONGEST_TILE);
    if (data.length !== found.width * HASH) throw new FormatError(`${tilePath(found)}: ${data.length} bytes`);
    return rows(data, HASH).slice(0, tile.width);
  }

  async #fetchTile(tile: Tile, most: number, from = 0): Promise<[Tile, Uint8Array]> {
    try {
      return [tile, await this.#fetch(tilePath(tile), most, from)];
    } catch (missing) {
      if (!(missing instanceof NotThere) || tile.width === WIDTH) throw missing; // no answer says nothing
      const full = { ...tile, width: WIDTH }; // a partial tile may go once the full one is there
      return [full, await this.#fetch(tilePath(full), most, from)];
    }
  }

  #tile(level: number, index: number): Promise<Uint8Array[]> {
    const name = `${level}/${index}`;
    const known = this.#tiles.get(name);
    if (known) return known;
    const read = this.#readTile(level, index);
    read.catch(() => this.#tiles.delete(name)); // what was missing may be asked for again
    this.#tiles.set(name, read);
    return read;
  }

  async #readTile(level: number, index: number): Promise<Uint8Array[]> {
    const tile = tileAt(level, index, this.size);
    if (!tile.width) throw new FormatError(`${tilePath(tile)}: not in a tree of size ${this.size}`);
    if (tile.width < WIDTH) return this.#edge[level]!;
    const hashes = await this.#hashes(tile);
    const above = await this.#tile(level + 1, Math.floor(index / WIDTH));
    if (!equal(rootOf(hashes), above[index % WIDTH]!)) {
      throw new VerificationError("1.3", "board", `${tilePath(tile)}: not the tile under the checkpoint`);
    }
    return hashes;
  }

  /** The entries of one bundle, 256 unless it is the last; in the places of those that are not read nothing stands. */
  async bundle(index: number): Promise<Uint8Array[]> {
    const tile = tileAt(ENTRIES, index, this.size);
    const unread = this.#unread.slice(index * WIDTH, index * WIDTH + tile.width);
    const empty = unread.map(() => new Uint8Array());
    if (unread.length === tile.width) return empty;
    const hashes = (await this.#tile(0, index)).slice(unread.length);
    const from = unread.reduce((sum, length) => sum + LENGTH + length, 0);
    const [found, data] = await this.#fetchTile(tile, LONGEST_BUNDLE, from);
    const entries = parseBundle(data, found.width - unread.length, tilePath(found)).slice(0, hashes.length);
    if (!entries.every((entry, at) => equal(leafHash(entry), hashes[at]!))) {
      throw new VerificationError("1.3", "board", `${tilePath(tile)}: does not hash to its tile`);
    }
    return [...empty, ...entries];
  }

  /** All entries from a bundle on, with the index of each bundle's first. */
  async *bundles(first = 0): AsyncGenerator<[number, Uint8Array[]]> {
    for (let index = first; index * WIDTH < this.size; index++)
      yield [index * WIDTH, await this.bundle(index)];
  }

  /** The hashes that lead from an entry to the checkpoint's root. */
  async inclusionProof(index: number): Promise<Uint8Array[]> {
    const proof: Uint8Array[] = [];
    for (let level = 0, at = index; level < this.#edge.length; level++, at = Math.floor(at / WIDTH)) {
      const row = await this.#row(level, Math.floor(at / WIDTH));
      proof.push(...inclusionProof(at % WIDTH, row));
    }
    return proof;
  }

  /** The hashes of a tile; behind a level's last ones stands what the levels below have over. */
  async #row(level: number, index: number): Promise<Uint8Array[]> {
    if (tileAt(level, index, this.size).width === WIDTH) return this.#tile(level, index);
    const below = this.#edgeRoot(level);
    return below ? [...this.#edge[level]!, below] : this.#edge[level]!;
  }
}
