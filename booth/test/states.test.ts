// The pages' state machines, without pages: what follows what, what never does, and what is forgotten.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import type { BallotDraft, Card, CardsDraft, Enrolling, Pending, Recorded } from "../src/core.ts";
import * as check from "../src/pages/check/state.ts";
import * as enrol from "../src/pages/enrol/state.ts";
import { directionOf, LANGUAGES, pick, said, translator } from "../src/pages/language.ts";
import { type Key, TEXTS } from "../src/pages/texts.ts";
import * as vote from "../src/pages/vote/state.ts";

// States only carry these about: what they hold does not matter here.
const card = { region: 0 } as Card;
const draft = { body: new Uint8Array(1) } as BallotDraft;
const other = { body: new Uint8Array(2) } as BallotDraft;
const pendings = [{ region: 0 } as Pending];
const hash = new Uint8Array(32).fill(7);
const promised = { promise: { ballot: hash, leaf: hash, region: 0, day: 1, deadline: 9 }, signed: hash };
const recorded: Recorded = { index: 3, entry: hash, witnesses: 2, receipt: hash };
const right: enrol.Right = { region: 0, entitled: [] };

const PAPER: vote.Event[] = [
  { type: "shown", card },
  { type: "confirmed", open: { day: 1, seal: 10 }, contests: 2 },
  { type: "chosen", contest: 0, choice: 1 },
  { type: "chosen", contest: 1, choice: null },
  { type: "reviewed" },
  { type: "sealed", draft },
];

const votes = (...events: vote.Event[]): vote.State => events.reduce(vote.step, vote.START);

test("a vote goes from a card to the record", () => {
  const end = votes(...PAPER, { type: "signed", entry: hash }, { type: "promised", promised });
  assert.deepEqual(end, { at: "cast", tracker: hash, promised });
  assert.deepEqual(vote.step(end, { type: "recorded", recorded }), {
    at: "recorded",
    tracker: hash,
    recorded,
  });
  assert.deepEqual(vote.step(end, { type: "over" }), vote.START);
});

test("what is in tells neither card nor choice", () => {
  const end = votes(...PAPER, { type: "signed", entry: hash }, { type: "promised", promised });
  assert.deepEqual(Object.keys(end).sort(), ["at", "promised", "tracker"]);
});

test("a paper is reviewed when every contest has a choice, blank included", () => {
  assert.throws(() => votes(...PAPER.slice(0, 3), { type: "reviewed" }), { name: "PhaseError" });
  const review = votes(...PAPER.slice(0, 5));
  assert.ok(review.at === "review");
  assert.deepEqual(vote.complete(review.paper), [1, null]);
  assert.throws(() => vote.complete({ ...review.paper, choices: [undefined, 1] }), { name: "PhaseError" });
});

test("a challenged ballot leads to a new paper with the same choices, and to nothing else", () => {
  const opened = votes(...PAPER, { type: "opened", opening: hash });
  assert.throws(() => vote.step(opened, { type: "signed", entry: hash }), { name: "PhaseError" });
  const again = vote.step(opened, { type: "back" });
  assert.ok(again.at === "choose");
  assert.deepEqual(again.paper.choices, [1, null]);
});

test("a used serial brings a new ballot before the voter, who casts it or not", () => {
  const sending = votes(...PAPER, { type: "signed", entry: hash });
  const anew = vote.step(sending, { type: "used", serial: 4, draft: other });
  assert.ok(anew.at === "sealed" && anew.anew && anew.draft === other);
  assert.equal(anew.paper.used, 4);
});

test("what could not be sent is sent again, the same", () => {
  const back = votes(...PAPER, { type: "signed", entry: hash }, { type: "refused" });
  assert.ok(back.at === "sealed" && back.draft === draft);
});

test("an event that cannot come is refused in every state", () => {
  assert.throws(() => vote.step(vote.START, { type: "promised", promised }), { name: "PhaseError" });
  assert.throws(() => votes(...PAPER, { type: "chosen", contest: 0, choice: 0 }), { name: "PhaseError" });
  assert.throws(() => enrol.step(enrol.START, { type: "sent" }), { name: "PhaseError" });
  assert.throws(() => check.step(check.START, { type: "absent" }), { name: "PhaseError" });
});

const enrolling = { begun: false };
const made: enrol.Made = {
  right,
  cards: [card, { ...card }, { ...card }],
  draft: {} as CardsDraft,
  enrolling: enrolling as Enrolling,
};
const pending = (stored = true): enrol.Event => ({ type: "pending", pendings, stored });
const enrols = (...events: enrol.Event[]): enrol.State => events.reduce(enrol.step, enrol.START);
const next: enrol.Event = { type: "next" };
const MADE: enrol.Event[] = [
  ...[next, next, next, { type: "explained", given: new Map() } as const],
  { type: "entitled", right, proposed: 3 },
  { type: "drawn", cards: made.cards },
  { type: "made", made },
];

test("cards are kept one by one before anything is sent", () => {
  const kept = [0, 1, 2].map((count) => enrols(...MADE, ...Array(count + 1).fill(next)));
  assert.deepEqual(
    kept.map((state) => state.at === "keep" && state.card),
    [0, 1, 2],
  );
  assert.throws(() => enrol.step(kept[2]!, { type: "sent" }), { name: "PhaseError" });
  assert.equal(enrol.step(kept[2]!, next).at, "send");
});

test("once the admissions are made nothing of the cards is left, and they are kept until the log has them", () => {
  const sending = enrols(...MADE, next, next, next, next, { type: "sent" });
  const made = enrol.step(sending, pending());
  assert.deepEqual(made, { at: "pending", pendings, stored: true });
  assert.deepEqual(enrol.step(made, { type: "enrolled", pendings }), { at: "enrolled", pendings });
  assert.throws(() => enrol.step(made, { type: "back" }), { name: "PhaseError" });
});

test("a page that is opened again goes on with what is pending, or begins", () => {
  const resumed = enrol.step(enrol.START, pending());
  assert.equal(resumed.at, "pending");
  assert.deepEqual(enrol.step(resumed, { type: "begin" }), enrol.START);
});

test("once tokens are asked for there is no way back to other cards", () => {
  const send = enrols(...MADE, next, next, next, next);
  assert.equal(enrol.step(send, { type: "back" }).at, "keep");
  enrolling.begun = true;
  assert.throws(() => enrol.step(send, { type: "back" }), { name: "PhaseError" });
  enrolling.begun = false;
});

test("whoever is late is named, and nothing else changes", () => {
  const sending = enrols(...MADE, next, next, next, next, { type: "sent" });
  const late = enrol.step(sending, { type: "late", registrars: [2] });
  assert.deepEqual(late, { at: "sending", made, late: [2] });
});

test("audited cards are followed by new cards alone", () => {
  const opened = enrols(...MADE, { type: "opened", opening: hash });
  assert.throws(() => enrol.step(opened, next), { name: "PhaseError" });
  assert.deepEqual(enrol.step(opened, { type: "anew", proposed: 4 }), { at: "number", right, proposed: 4 });
});

test("a failed sending can be tried again", () => {
  const sending = enrols(...MADE, next, next, next, next, { type: "sent" });
  assert.deepEqual(enrol.step(sending, { type: "failed" }), { at: "send", made });
});

test("back leads one step back, and never behind cards that were shown without a question", () => {
  const back: enrol.Event = { type: "back" };
  const shown = enrols(...MADE, next);
  assert.equal(enrol.step(shown, back).at, "leaving");
  assert.deepEqual(enrols(...MADE, next, back, next), shown);
  assert.deepEqual(enrols(...MADE, next, back, back), shown);
  assert.deepEqual(enrols(...MADE, next, back, { type: "discarded" }), { at: "number", right, proposed: 3 });
  assert.deepEqual(enrols(...MADE, next, next, back), shown);
  assert.deepEqual(enrols(...MADE, back), { at: "choose", right, cards: made.cards, counts: undefined });
  assert.deepEqual(enrols(...MADE, back, back, back), { at: "invite", given: new Map() });
});

test("leaving is asked about from the first card that is shown until the cards are active", () => {
  const kept = [next, next, next, next] as const;
  assert.ok(!enrol.holds(enrols(...MADE)));
  for (const count of [1, 2, 3, 4]) assert.ok(enrol.holds(enrols(...MADE, ...kept.slice(0, count))));
  const sending = enrols(...MADE, ...kept, { type: "sent" });
  assert.ok(enrol.holds(sending) && enrol.holds(enrol.step(sending, { type: "late", registrars: [1] })));
  const refused = enrol.step(sending, { type: "refused" });
  assert.ok(!enrol.holds(refused));
  assert.throws(() => enrol.step(refused, { type: "sent" }), { name: "PhaseError" });
  assert.ok(!enrol.holds(enrol.step(sending, pending())));
  assert.ok(enrol.holds(enrol.step(sending, pending(false)))); // this browser keeps nothing
});

test("a step forward is one step deeper, whatever number of cards is kept", () => {
  const events: enrol.Event[] = [...MADE, ...Array(4).fill(next), { type: "sent" }];
  const depths = events.map((_, at) => enrol.depthOf(enrols(...events.slice(0, at + 1))));
  for (const [before, after] of depths.slice(1).map((depth, at) => [depths[at]!, depth])) {
    assert.ok(after! >= before!);
  }
  assert.equal(new Set([1, 2, 3].map((count) => enrol.depthOf(enrols(...MADE, ...Array(count).fill(next))))).size, 1);
  assert.equal(vote.depthOf(votes(...PAPER, { type: "signed", entry: hash }, { type: "promised", promised })), 0);
});

test("where voters are asked for their region that is a step of its own, and a card shown before it needs none", () => {
  const named = votes({ type: "named", region: 4 });
  assert.deepEqual(named, { at: "card", region: 4 });
  const shown = vote.step(named, { type: "shown", card });
  const events = [named, shown, vote.step(shown, PAPER[1]!)];
  assert.deepEqual(events.map((state) => vote.depthOf(state, true)), [1, 2, 3]);
  assert.equal(vote.depthOf(vote.START, true), 0);
  assert.equal(vote.depthOf(named), 0);
  assert.deepEqual(vote.step(shown, { type: "back" }), named);
  assert.deepEqual(vote.step(named, { type: "back" }), vote.START);
  assert.deepEqual(votes(PAPER[0]!, { type: "back" }), vote.START);
  assert.throws(() => vote.step(vote.START, { type: "back" }), { name: "PhaseError" });
  const end = votes(...PAPER, { type: "signed", entry: hash }, { type: "promised", promised });
  assert.equal(vote.depthOf(end, true), 0);
});

test("choices stay when the card is looked at again, the serial of another day does not", () => {
  const again = votes(...PAPER.slice(0, 4), { type: "back" }, PAPER[1]!);
  assert.ok(again.at === "choose");
  assert.deepEqual(again.paper.choices, [1, null]);
  const paper = votes(...PAPER, { type: "back" });
  assert.equal(paper.at, "review");
});

test("the card that counts is named before cards are looked into; an opening is held against what was recorded", () => {
  const naming = check.step(check.START, check.heard("cards", hash));
  assert.equal(naming.at, "naming");
  assert.throws(() => check.step(naming, { type: "cards", cards: [] }), { name: "PhaseError" });
  const ballot = check.step(check.START, check.heard("ballot", hash));
  assert.throws(() => check.step(ballot, { type: "cards", cards: [] }), { name: "PhaseError" });
});

test("every catalogue has the same values to fill in, and none is empty", () => {
  const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [tag] of LANGUAGES) {
    for (const key of Object.keys(TEXTS) as Key[]) {
      const text = translator(tag)(key);
      assert.deepEqual(values(text), values(TEXTS[key].english), `${tag} ${key}`);
      assert.ok(text.trim(), `${tag} ${key}`);
    }
  }
});

test("texts of the definition stand in their own direction, whatever the page's", () => {
  const texts = { "ar-EG": "نعم", uk: "Так" };
  assert.deepEqual(said(texts, "en"), { text: "نعم", attributes: { lang: "ar-EG", dir: "rtl" } });
  assert.deepEqual(said(texts, "uk"), { text: "Так", attributes: { lang: "uk", dir: "ltr" } });
  for (const tag of ["he", "pa-Arab-PK", "fa-IR"]) assert.equal(directionOf(tag), "rtl", tag);
  for (const tag of ["pa", "ar-Latn", "cy-GB", "und"]) assert.equal(directionOf(tag), "ltr", tag);
});

test("the browser's first known language is taken", () => {
  assert.equal(pick(["de-AT", "cy-GB", "en"]), "cy");
  assert.equal(pick([]), "en");
  assert.equal(pick(["constructor"]), "en");
});
