// Reading a decoded document member by member, so that each refusal names the path of what is wrong.
import { fromHex } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import type { Json } from "./json.ts";

export type Texts = Readonly<Record<string, string>>;

export const IDENTIFIER = /^[a-z0-9][a-z0-9-]{0,31}$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const LONGEST_TEXT = 4_000;

/** A value where it stands in a document (spec/definition.md#members). */
export class Form {
  readonly value: Json;
  readonly path: string;

  constructor(value: Json, path = "$") {
    this.value = value;
    this.path = path;
  }

  refuse(what: string): FormatError {
    return new FormatError(`${this.path}: ${what}`);
  }

  /** The members of an object that must have the required ones and may have the optional ones. */
  members<R extends string, O extends string = never>(
    required: readonly R[],
    optional: readonly O[] = [],
  ): Record<R, Form> & Partial<Record<O, Form>> {
    const value = this.#object();
    for (const name of required) if (!(name in value)) throw this.refuse(`member ${name} is missing`);
    const known = new Set<string>([...required, ...optional]);
    for (const name of Object.keys(value))
      if (!known.has(name)) throw this.refuse(`a member is not known: ${name}`);
    const forms = Object.entries(value).map(([name, member]) => [
      name,
      new Form(member, `${this.path}.${name}`),
    ]);
    return Object.fromEntries(forms);
  }

  #object(): Record<string, Json> {
    const { value } = this;
    if (typeof value !== "object" || Array.isArray(value)) throw this.refuse("not an object");
    return Object.assign(Object.create(null), value) as Record<string, Json>;
  }

  /** The items of an array with as many as allowed. */
  items(least: number, most = Number.MAX_SAFE_INTEGER): Form[] {
    if (!Array.isArray(this.value)) throw this.refuse("not an array");
    const items = this.value as readonly Json[];
    if (items.length < least || items.length > most) throw this.refuse(`${items.length} items`);
    return items.map((item, at) => new Form(item, `${this.path}[${at}]`));
  }

  /** An integer within bounds, both included. */
  integer(least: number, most = Number.MAX_SAFE_INTEGER): number {
    if (typeof this.value !== "number" || this.value < least || this.value > most) {
      throw this.refuse(`not an integer from ${least} to ${most}`);
    }
    return this.value;
  }

  /** 1 to 4,000 characters. */
  text(): string {
    if (typeof this.value !== "string" || this.value === "" || [...this.value].length > LONGEST_TEXT) {
      throw this.refuse(`not a text of 1 to ${LONGEST_TEXT} characters`);
    }
    return this.value;
  }

  /** A text of a pattern. */
  match(pattern: RegExp, what: string): string {
    if (typeof this.value !== "string" || !pattern.test(this.value)) throw this.refuse(`not ${what}`);
    return this.value;
  }

  identifier(): string {
    return this.match(IDENTIFIER, "an identifier");
  }

  /** 32 bytes as lower-case hexadecimal. */
  key(): Uint8Array {
    return fromHex(this.match(/^[0-9a-f]{64}$/, "a key of 64 hex digits"), 32, this.path);
  }

  /** The position of what is named here. */
  indexIn(names: readonly string[]): number {
    const found = names.indexOf(this.value as string);
    if (found < 0) throw this.refuse("names nothing");
    return found;
  }

  /** A text in each of the languages. */
  translations(languages: readonly string[]): Texts {
    const members = this.members(languages);
    return Object.fromEntries(languages.map((language) => [language, members[language]!.text()]));
  }

  /** Distinct language tags, at least one: the first is the default. */
  languages(): string[] {
    return distinct(this.items(1), (tag) => tag.match(LANGUAGE, "a language tag"));
  }
}

/** What is read from each form, no value twice. */
export function distinct<T>(forms: readonly Form[], read: (form: Form) => T): T[] {
  const values = forms.map(read);
  forms.forEach((form, at) => {
    if (values.indexOf(values[at]!) !== at) throw form.refuse("stands here for the second time");
  });
  return values;
}

/** The same forms, whose members `id` are distinct. */
export function distinctIds(forms: readonly Form[]): readonly Form[] {
  distinct(forms, ({ value }) => (value as Record<string, unknown>).id);
  return forms;
}
