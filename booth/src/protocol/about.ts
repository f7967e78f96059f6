// What a definition says of its vote besides how it is held (spec/definition.md#about).
import { type Form, type Texts } from "./form.ts";

export const ABOUT = [
  ...["rehearsal", "contact", "called_by", "legal_basis", "effect", "channels"],
] as const;

/** What a device tells its voter of it. */
export interface About {
  /** Nothing is decided by this vote. */
  readonly rehearsal: boolean;
  /** Whom to ask. */
  readonly contact: Texts | undefined;
}

/** From those members of a definition that are there. */
export function readAbout(members: Partial<Record<string, Form>>, languages: readonly string[]): About {
  members.called_by?.translations(languages);
  members.legal_basis?.translations(languages);
  if (members.effect) {
    const { kind, text } = members.effect.members(["kind", "text"]);
    kind.indexIn(["binding", "consultative", "mandate"]);
    text.translations(languages);
  }
  for (const channel of members.channels?.items(1, 20) ?? []) channel.translations(languages);
  return {
    rehearsal: members.rehearsal?.integer(0, 1) === 1,
    contact: members.contact?.translations(languages),
  };
}
