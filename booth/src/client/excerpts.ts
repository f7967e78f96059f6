// What a device has loaded of a definition besides its head: of a short one everything, so that nobody learns what is
// looked at; of a longer one the region that it is asked for, its style, and names (spec/definition.md#head).
import { FormatError } from "../errors.ts";
import { type Definition, MOST_LOADED } from "../protocol/definition.ts";
import { type PlainRegion, readNames, readRegion, readStyle, type Region, type Style } from "../protocol/excerpts.ts";
import type { Site } from "./site.ts";

/** Bytes of a document, and of its head, all of whose excerpts are loaded: together they are no more than twice that. */
const SHORT = MOST_LOADED / 2;

export class Excerpts {
  readonly #definition: Definition;
  readonly #site: Site;
  readonly #regions = new Map<number, Promise<Region>>();
  readonly #styles = new Map<number, Promise<Style>>();
  readonly #names = new Map<string, Promise<readonly string[]>>();
  readonly #loaded: (Region | undefined)[] = [];
  readonly #listed = new Map<string, readonly string[]>();

  constructor(definition: Definition, site: Site) {
    this.#definition = definition;
    this.#site = site;
  }

  /** Load what is loaded whoever reads. */
  async open(): Promise<void> {
    const { length, regions, styles, whole } = this.#definition;
    if (regions.length > 1 && Math.max(length, whole.bytes) > SHORT) return;
    const most = Math.min(whole.bytes, MOST_LOADED - length);
    let bytes = 0; // of regions and styles, which are parts of the document
    const count = (excerpt: Uint8Array): void => {
      if ((bytes += excerpt.length) > whole.bytes) throw new FormatError("the definition is longer than its head says");
    };
    await Promise.all(styles.map((_, index) => this.#style(index, most, count)));
    await Promise.all(regions.map((_, index) => this.load(index, most, count)));
  }

  /** All regions in order, where all are loaded; else nothing. */
  get all(): readonly Region[] | undefined {
    const { regions } = this.#definition;
    const loaded = regions.map((_, index) => this.#loaded[index]);
    return loaded.includes(undefined) ? undefined : (loaded as Region[]);
  }

  /** A region that was loaded. */
  region(index: number): Region {
    const region = this.#loaded[index];
    if (!region) throw new FormatError(`region ${index} was not loaded`);
    return region;
  }

  /**
   * Load a region and its style. FormatError where there is none or it has not its form, EvidenceMissing where the server
   * has it not, VerificationError where that has another.
   */
  load(index: number, most = MOST_LOADED - this.#definition.length, count: Count = () => undefined): Promise<Region> {
    return kept(this.#regions, index, async () => {
      const reference = this.#definition.regions[index];
      if (!reference) throw new FormatError(`there is no region ${index}`);
      const data = await this.#site.excerpt(reference.hash, most);
      count(data);
      const region: PlainRegion = readRegion(this.#definition, index, data);
      for (const [language, names] of this.#listed) checkName(region, language, names);
      const style = await this.#style(region.style, most - data.length);
      return (this.#loaded[index] = { ...region, style });
    });
  }

  #style(index: number, most: number, count: Count = () => undefined): Promise<Style> {
    return kept(this.#styles, index, async () => {
      const data = await this.#site.excerpt(this.#definition.styles[index]!.hash, most);
      count(data);
      return readStyle(this.#definition, index, data);
    });
  }

  /** The names of all regions in a language of the definition, in order; errors as for a region. */
  names(language: string): Promise<readonly string[]> {
    return kept(this.#names, language, async () => {
      const { all } = this;
      if (all) return all.map(({ name }) => name[language]!);
      const left = MOST_LOADED - this.#definition.length;
      const data = await this.#site.excerpt(this.#definition.whole.names[language]!, left);
      const names = readNames(this.#definition, language, data);
      for (const region of this.#loaded) if (region) checkName(region, language, names);
      this.#listed.set(language, names);
      return names;
    });
  }
}

/** Called with the bytes of each excerpt that was loaded; throws where there are too many. */
type Count = (excerpt: Uint8Array) => void;

/** No definition has a list of names that are not its regions': a voter would choose one, and be shown another. */
function checkName({ index, id, name }: Pick<Region, "index" | "id" | "name">, language: string, names: readonly string[]): void {
  if (name[language] !== names[index]) throw new FormatError(`region ${id} has another name in the list of all regions`);
}

/** What is known under a name, or else what comes of asking; what failed is asked for again. */
function kept<K, V>(known: Map<K, Promise<V>>, name: K, ask: () => Promise<V>): Promise<V> {
  const before = known.get(name);
  if (before) return before;
  const asked = ask();
  asked.catch(() => known.delete(name));
  known.set(name, asked);
  return asked;
}
