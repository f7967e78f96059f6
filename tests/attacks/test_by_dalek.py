"""Whoever cheats in points is caught by curve25519-dalek too, where other tests are run by lanes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.lanes import both_ways, by_dalek

TESTS = Path(__file__).parents[1]
IN_POINTS = [
    "attacks/test_admission.py",
    "attacks/test_ballots.py",
    "attacks/test_batching.py",
    "attacks/test_counting.py",
    "attacks/test_enrolment.py",
    "attacks/test_signs.py",
    "attacks/test_tokens.py",
    "attacks/test_weighing.py",
    "agreement/test_ballot_refusals.py",
    "agreement/test_mutations.py",
]
"""What reaches lanes: proofs of cards, ballots, weighings, shares and admissions, sums, opened signs."""
CHOSEN = "not lazy and not used_again"
"""Without those that draw many signs, and check each as the others do."""


@both_ways
def test_attacks_are_caught_and_mutations_judged_by_the_second_arithmetic_too() -> None:
    files = [str(TESTS / name) for name in IN_POINTS]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--quiet",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-k",
        CHOSEN,
    ]
    done = subprocess.run(
        [*command, *files], cwd=TESTS.parent, env=by_dalek(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout.splitlines()[-1]
