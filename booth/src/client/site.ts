// What a referendum's server offers over HTTP: the published log, the pin, and posts (README.md#over-http).
import { toHex } from "../bytes.ts";
import { EvidenceMissing, NotThere } from "../errors.ts";
import type { Fetch } from "../log/tree.ts";
import { Form } from "../protocol/form.ts";
import * as json from "../protocol/json.ts";

const LONGEST_ANSWER = 16 * 2 ** 20;
const LONGEST_PIN = 65_536;
const LONGEST_PLACE = 64;
const LONGEST_CONTACT = 1024;
const LONGEST_SEALED = 4096;
/** Control characters, and those that turn the direction of what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Cf}]/u;
/** Seconds between two tries while a party has no answer yet, or is busy, unless it asks for more. */
const PAUSE = 2;
const LONGEST_PAUSE = 60;

export type Http = (url: URL, init?: RequestInit) => Promise<Response>;
export type Pause = (seconds: number) => Promise<void>;

export class Site {
  readonly #base: URL;
  readonly #http: Http;
  readonly #pause: Pause;

  /** `base` ends in a slash; the browser's `fetch` and timer are given, so that tests can give others. */
  constructor(base: URL, http: Http, pause: Pause) {
    this.#base = base;
    this.#http = http;
    this.#pause = pause;
  }

  /** A file of the log, from a byte on; EvidenceMissing where the server does not have it, or does not answer. */
  readonly log: Fetch = (path, most, from = 0) => this.#get(`log/${path}`, most, from);

  /** The excerpt of the definition with this SHA-256, at most so many bytes; who asks looks whether it is that. */
  excerpt(hash: Uint8Array, most: number): Promise<Uint8Array> {
    return this.#get(`definition/${toHex(hash)}`, most);
  }

  /** The pin that the server offers: whoever takes it from there trusts the server once. */
  pin(): Promise<Uint8Array> {
    return this.#get("pin.json", LONGEST_PIN);
  }

  /** Whom to ask for help, in a line of text; empty where the server says nothing of it. */
  async contact(): Promise<string> {
    const path = "contact";
    const response = await this.#send(path, { cache: "no-store" });
    if (response.status !== 200) return "";
    const text = new TextDecoder().decode(await read(response, path, LONGEST_CONTACT)).trim();
    return UNSEEN.test(text) ? "" : text;
  }

  /** Where the server says that the log has an entry, by its tracker; undefined where it does not know. */
  async place(tracker: Uint8Array): Promise<number | undefined> {
    const path = `trackers/${toHex(tracker)}`;
    const response = await this.#send(path, { cache: "no-store" });
    if (response.status !== 200) return undefined;
    const said = new Form(json.decode(await read(response, path, LONGEST_PLACE)));
    return said.members(["index"]).index.integer(0);
  }

  async #get(path: string, most: number, from = 0): Promise<Uint8Array> {
    // The checkpoint changes; all other files of a log never do.
    const fresh = path === "log/checkpoint" || path === "pin.json";
    const range = from ? { headers: { Range: `bytes=${from}-` } } : {};
    const response = await this.#send(path, { cache: fresh ? "no-store" : "default", ...range });
    const part = from > 0 && response.status === 206 && response.headers.get("Content-Range")?.startsWith(`bytes ${from}-`);
    if (response.status !== 200 && !part) {
      const missing = response.status >= 400 && response.status < 500 && ![408, 429].includes(response.status);
      throw new (missing ? NotThere : EvidenceMissing)(`${path}: answered with ${response.status}`);
    }
    const data = await read(response, path, most);
    return part ? data : data.subarray(from); // a server may answer with all of a file
  }

  /**
   * A post's answer to a request, however long it takes, until it is aborted: the same bytes are the same request. `path`
   * is of this site, or a whole address.
   */
  async ask(path: string, request: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const body = new Blob([request as Uint8Array<ArrayBuffer>]);
    for (;;) {
      const abort = signal ? { signal } : {};
      const response = await this.#send(path, { method: "POST", body, cache: "no-store", ...abort });
      if (response.status === 200) return read(response, path, LONGEST_ANSWER);
      if (![202, 429, 503].includes(response.status)) {
        throw new EvidenceMissing(`${path}: answered with ${response.status}`);
      }
      await this.#pause(pauseOf(response));
      if (signal?.aborted) throw new EvidenceMissing(`${path}: no answer yet`);
    }
  }

  /** Whether a relay answers at all, whatever it says of a message that it has or does not have. */
  async reaches(location: string): Promise<boolean> {
    return this.#send(location, { cache: "no-store" }).then(
      () => true,
      () => false,
    );
  }

  /**
   * Give a relay a sealed message, which it forwards in its window; the same bytes are one, however often they come.
   * Whether it has it; undefined where nothing tells that.
   */
  async relay(address: string, request: Uint8Array): Promise<boolean | undefined> {
    const headers = { "Content-Type": "message/ohttp-req" };
    const body = new Blob([request as Uint8Array<ArrayBuffer>]);
    try {
      const { status } = await this.#send(address, { method: "POST", body, headers, cache: "no-store" });
      if (status === 202) return true;
      return (status >= 400 && status < 500) || status === 503 ? false : undefined;
    } catch (error) {
      if (error instanceof EvidenceMissing) return undefined;
      throw error;
    }
  }

  /** The sealed response that a relay has; undefined while it has none, null where none will come. */
  async relayed(location: string): Promise<Uint8Array | undefined | null> {
    try {
      const response = await this.#send(location, { cache: "no-store" });
      if (response.status === 404) return null;
      return response.status === 200 ? await read(response, location, LONGEST_SEALED) : undefined;
    } catch (error) {
      if (error instanceof EvidenceMissing) return undefined;
      throw error;
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const sent = {
        ...init,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        redirect: "error",
      } as const;
      return await this.#http(new URL(path, this.#base), sent);
    } catch {
      throw new EvidenceMissing(`${path}: no answer`);
    }
  }
}

/** The seconds that a server asks to be left alone (`Retry-After`), within bounds. */
function pauseOf(response: Response): number {
  const asked = /^[0-9]{1,6}$/.exec(response.headers.get("Retry-After") ?? "");
  return Math.min(LONGEST_PAUSE, Math.max(PAUSE, asked ? Number(asked[0]) : 0));
}

async function read(response: Response, path: string, most: number): Promise<Uint8Array> {
  const data = await response.arrayBuffer().catch(() => {
    throw new EvidenceMissing(`${path}: stopped half-way`);
  });
  if (data.byteLength > most) throw new EvidenceMissing(`${path}: more than ${most} bytes`);
  return new Uint8Array(data);
}
