// When voting is: by plan and by log, and as people say it.
import { strict as assert } from "node:assert";
import { test } from "node:test";

import { openDay, type Schedule, votingAt, votingOf } from "../src/client/days.ts";
import type { Referendum, Region } from "../src/core.ts";
import { LANGUAGES, translator } from "../src/pages/language.ts";
import { timeIn, votingAgain, votingText } from "../src/pages/times.ts";
import { filesOf, siteOf } from "./logs.ts";

const DAYS = [
  [1000, 2000],
  [3000, 4000],
] as const;
const schedule = (open: number | undefined, sealed: number): Schedule => ({ days: DAYS, open, sealed });

test("a region votes while a day is open, or its window holds and it is not sealed", () => {
  const first = { at: "open", until: 2000, last: 4000 };
  assert.deepEqual(votingAt(schedule(1, 0), 10), first); // the log says so, whatever the clock
  assert.deepEqual(votingAt(schedule(1, 0), 9000), first);
  assert.deepEqual(votingAt(schedule(undefined, 0), 1500), first);
  assert.deepEqual(votingAt(schedule(2, 1), 3500), { at: "open", until: 4000, last: 4000 });
});

test("before a day it is told when it begins, after the last when it ended", () => {
  assert.deepEqual(votingAt(schedule(undefined, 0), 10), { at: "before", begins: 1000 });
  assert.deepEqual(votingAt(schedule(undefined, 1), 1500), { at: "before", begins: 3000 });
  assert.deepEqual(votingAt(schedule(undefined, 2), 3500), { at: "over", ended: 4000 });
  assert.deepEqual(votingAt(schedule(undefined, 0), 4000), { at: "over", ended: 4000 });
});

test("a ballot is of the day that the log has open", () => {
  assert.deepEqual(openDay(schedule(2, 1)), { day: 2, seal: 4000 });
  assert.equal(openDay(schedule(undefined, 1)), undefined);
});

/** A long log's last entry is of this type; by plan voting has ended at 4000. */
async function toldOf(type: number, now: number): Promise<[Awaited<ReturnType<typeof votingOf>>, string[]]> {
  const entries = Array.from({ length: 2100 }, (_, at) => Uint8Array.of(0x86, 1, at === 2099 ? type : 17, at));
  const { site, pin, bundles } = siteOf(entries, filesOf(entries));
  const definition = { round: 10, lengths: [] };
  const asked = [{ index: 0, days: DAYS }] as unknown as Region[];
  const told = await votingOf({ site, pin, definition } as unknown as Referendum, asked, now);
  return [told, bundles];
}

test("of a long log the end is read alone, and tells that voting is over once there are closes", async () => {
  const over = [{ at: "over", ended: 4000 }];
  assert.deepEqual(await toldOf(21, 5000), [{ regions: over, sure: true }, ["008.p/52"]]);
  assert.deepEqual(await toldOf(18, 5000), [{ regions: over, sure: false }, ["008.p/52"]]);
  const before = [{ at: "before", begins: 3000 }];
  assert.deepEqual(await toldOf(21, 2500), [{ regions: before, sure: false }, []]);
  assert.deepEqual(await toldOf(21, 1500), [{ regions: [{ at: "open", until: 2000, last: 4000 }], sure: true }, []]);
});

const region = (timezone: string): Region => ({ timezone, name: { en: timezone } }) as unknown as Region;
const MOMENT = Date.UTC(2030, 11, 6, 16, 0) / 1000;

test("times are those of the region, with the name of its zone", () => {
  const said = timeIn("Europe/Kyiv", MOMENT, translator("en"), "en");
  assert.equal(said, "Friday 6 December 2030 at 18:00 (Eastern European Time)");
  const open = { at: "open", until: MOMENT, last: MOMENT } as const;
  const uk = votingText(open, region("Europe/Kyiv"), translator("uk"), "uk");
  assert.match(uk, /^Голосування триває до 6 грудня 2030\s.+ о 18:00, за східноєвропейським часом\.$/);
  assert.match(timeIn("Nowhere/Land", MOMENT, translator("en"), "en"), /16:00/);
  for (const [tag] of LANGUAGES)
    assert.match(timeIn("America/New_York", MOMENT, translator(tag), tag), /11:00/);
});

test("until when one can vote again is told once where all regions agree, and else in general", () => {
  const t = translator("en");
  const open = { at: "open", until: MOMENT, last: MOMENT } as const;
  const again = (...votings: Parameters<typeof votingAgain>[0]): string =>
    votingAgain(votings, [region("Europe/Kyiv"), region("UTC")], t, "en");
  assert.equal(again(open, open), t("cardAgainThen"));
  assert.match(again({ ...open, last: MOMENT + 86_400 }), /until Saturday 7 December/);
  assert.equal(again(open, { at: "before", begins: MOMENT }), t("cardAgainOther"));
  assert.equal(again(open, { ...open, last: MOMENT + 1 }), t("cardAgainOther"));
});

test("a time that is here, or has just been, is not said to come", () => {
  for (const begins of [-30, 0, 59].map((seconds) => Date.now() / 1000 + seconds)) {
    const said = votingText({ at: "before", begins }, region("Europe/Kyiv"), translator("en"), "en");
    assert.equal(said, "Voting is about to begin. Look again in a minute.");
  }
});
