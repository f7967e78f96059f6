"""`python -m bench.browser`: milliseconds that the booth takes in Chromium to make, sign and check a ballot.

Of a question with two options and blank. The core runs as `make booth` builds it, in an empty page.
"""

from __future__ import annotations

import argparse
import os
import shutil
from statistics import median

from playwright.sync_api import sync_playwright

from bench.machine import ROOT, header

CORE = ROOT / "booth/dist/core.js"
SCRIPT = """
(runs) => {
  const { makeCard, BallotDraft, checkBallot } = psephosCore;
  const random = (size) => crypto.getRandomValues(new Uint8Array(size));
  const election = random(32);
  const joint = makeCard(election, 0, random(16)).pair.key;
  const card = makeCard(election, 0, random(16));
  const shapes = [{ contest: 0, options: 2, blank: 1 }];
  const times = { make: [], sign: [], check: [] };
  const timed = (what, act) => {
    const begin = performance.now();
    const made = act();
    times[what].push(performance.now() - begin);
    return made;
  };
  for (let run = 0; run < runs; run++) {
    const where = { election, joint, region: 0, day: 1, serial: 1 };
    const choices = [[0, 1, null][run % 3]];
    const seeds = () => random(32);
    const draft = timed("make", () => BallotDraft.encrypt(where, shapes, card.pair, choices, seeds));
    const entry = timed("sign", () => draft.sign(random(32)));
    timed("check", () => checkBallot(election, joint, entry, () => shapes));
  }
  return times;
}
"""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def measure(runs: int) -> tuple[str, dict[str, list[float]]]:
    """Chromium's version, and the milliseconds of each run in order: the first ones are not warm yet."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=CORE)
        times: dict[str, list[float]] = page.evaluate(SCRIPT, runs)
        version = browser.version
        browser.close()
    return version, times


def main() -> None:
    """Measure, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.browser", description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="how many ballots are made")
    runs = parser.parse_args().runs
    before = os.getloadavg()[0]
    version, times = measure(runs)
    print("\n".join(header((before, os.getloadavg()[0]), "JavaScript's big integers")))
    print(f"- Chromium {version}; {runs} ballots\n")
    print("| | first | median | slowest |\n|---|---|---|---|")
    for step, seconds in times.items():
        print(f"| {step} | {seconds[0]:.1f} | {median(seconds):.1f} | {max(seconds):.1f} |")


if __name__ == "__main__":
    main()
