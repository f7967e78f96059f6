// What to say of something that was pasted, scanned or chosen and is not what was asked for.
import { type PieceKind, type Mistaken, type Slips } from "../core.ts";
import type { Translate } from "./language.ts";
import type { Key } from "./texts.ts";

/** What a thing is, and on which page it is of use. */
const IS: Readonly<Record<PieceKind, readonly [Key, Key?]>> = {
  invitation: ["isInvitation", "enrolTitle"],
  receipt: ["isReceipt", "checkTitle"],
  card: ["isCard", "voteTitle"],
  words: ["isCard", "voteTitle"],
  commitment: ["isCode", "checkTitle"],
  ballot: ["isCode", "checkTitle"],
  parts: ["isCode", "checkTitle"],
  opening: ["isCode", "checkTitle"],
  tracker: ["isTracker", "checkTitle"],
  name: ["isName"],
  six: ["isSix"],
  enrolment: ["isEnrolment", "checkTitle"],
  promise: ["isPromise"],
  refusal: ["isRefusal"],
  address: ["isAddress"],
  picture: ["noCode"],
  document: ["isDocument"],
  large: ["isLarge"],
  nothing: ["isNothing"],
  unknown: ["isUnknown"],
};

/** A line for each thing that is wrong. */
export function mistake(t: Translate, { why, wanted, kind, slips }: Mistaken): string {
  if (why === "several") return t("pastedSeveral");
  if (why === "cut") return t("pastedCut");
  if (slips) return misspelt(t, slips);
  if (wanted === "invitation" && kind === "unknown") return t("notInvitation");
  const [said, page] = IS[kind];
  return page ? `${t(said)} ${t("isFor", { page: t(page) })}` : t(said);
}

function misspelt(t: Translate, { count, slips }: Slips): string {
  const lines = slips.map(({ place, typed, meant }) =>
    meant.length
      ? t("slip", { place, typed, meant: meant.map((word) => t("quoted", { word })).join(", ") })
      : t("slipUnknown", { place, typed }),
  );
  if (count !== 12) lines.push(t("slipCount", { count }));
  return lines.length ? lines.join("\n") : t("slipOrder");
}
