"""Refusals of words and of requests: what accuses the board does so to both verifiers, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import refusals
import verify as reference
from batch import Batch

from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.log.client import Client
from psephos.protocol import entries
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from psephos.verifier.refusals import UnjustRefusal
from psephos.verifier.run import Verification
from tests.attacks.test_requests import BUDGETS, OPEN, refused, request, span

OBSERVER = SigningKey(bytes([9]) * 32)
SAID = entries.Objection(b"", "The question", "en", "It misleads.", b"")
WORDS = 70_000


@pytest.fixture
def referendum() -> Referendum:
    """A day of requests is full, a trustee has little left to say, an observer is accredited."""
    budgets = BUDGETS | {"words": WORDS, "observers": 1}
    document, keys = sample(regions=("piraeus",), questions=(HARBOUR,), budgets=budgets)
    told = Referendum(document, keys)
    told.publish()
    told.log(*(request(told, number) for number in range(1, OPEN + 1)))
    told.log(told.write(entries.Grant(OBSERVER.public.raw, "W", "observer"), keys.organiser))
    told.log(told.write(entries.Statement("s", "en", "x" * 60_000, b""), keys.trustees[0]))
    told.checkpoint()
    return told


class Both:
    """Both verifiers, with a record that neither reads twice."""

    def __init__(self, referendum: Referendum, place: Path) -> None:
        self.referendum, self.place = referendum, place
        self.ours = Verification(referendum.export(place))
        self.ours.follow(Client(str(place / "record")))

    def find(self, data: bytes, evidence: bytes, reason: str) -> bool:
        """Whether a refusal is evidence, as both find."""
        message = refused(self.referendum, data, evidence, reason)
        try:
            ours = bool(UnjustRefusal(data, message, self.referendum.note()).proves(self.ours))
        except PsephosError:
            ours = False
        policy = reference.note.parse_policy(self.ours.pin.policy.encode())
        runner = reference.Runner(reference.Pin(self.ours.pin.definition, policy), Batch())
        runner.run(lambda path: (self.place / "record" / path).read_bytes())
        logged = self.referendum.logged
        assert refusals.falsely_refused(runner.state, logged, data, reason, evidence) == ours
        return ours


def test_both_find_the_same(referendum: Referendum, tmp_path: Path) -> None:
    both, keys = Both(referendum, tmp_path), referendum.keys
    root = referendum.root(len(referendum.logged)).hex()
    asked, sponsored = request(referendum, 90), request(referendum, 91, keys.trustees[0])
    late = entries.Objection(b"", "s", "en", f"At {len(referendum.logged)} {root}: no.", b"")
    early = entries.Objection(b"", "s", "en", f"At 1 {referendum.root(1).hex()}: no.", b"")
    long = entries.Statement("s", "en", "y" * 20_000, b"")
    grant = entries.Grant(SigningKey(bytes([8]) * 32).public.raw, "N", "observer")
    full, day = span(1, 1 + OPEN), span(1, len(referendum.logged))
    wrong = entries.Objection(b"", "", "en", "No subject.", b"")
    for data, evidence, reason, false in (
        (asked, full, "budget", False),
        (asked, span(2, 1 + OPEN), "budget", True),
        (asked, b"", "budget", True),
        (asked, span(1, 10_000), "budget", False),
        (asked, b"", "1.9", True),
        (sponsored, full, "budget", True),
        (referendum.write(SAID, keys.trustees[1]), b"", "1.9", True),
        (referendum.write(SAID, keys.trustees[1]), b"", "order", False),
        (referendum.write(wrong, keys.trustees[1]), b"", "1.9", False),
        (referendum.write(long, keys.trustees[0]), day, "budget", False),
        (referendum.write(SAID, keys.trustees[0]), day, "budget", True),
        (referendum.write(grant, keys.organiser), b"", "budget", False),
        (referendum.write(grant, keys.trustees[0]), b"", "budget", True),
        (referendum.write(SAID, OBSERVER), b"", "1.5", False),
        (referendum.write(early, OBSERVER), b"", "1.5", False),
        (referendum.write(late, OBSERVER), b"", "1.5", True),
        (referendum.write(SAID, SigningKey(bytes([7]) * 32)), b"", "1.5", False),
        (referendum.logged[-1], b"", "1.5", False),
    ):
        assert both.find(data, evidence, reason) == false, (entries.decode(data), reason)


def test_a_board_makes_no_budget_full_by_logging_again(referendum: Referendum, tmp_path: Path) -> None:
    """What somebody has said once counts once, however often the board logs it."""
    keys = referendum.keys
    said = referendum.write(entries.Statement("s", "en", "z" * 30_000, b""), keys.trustees[1])
    first = len(referendum.logged)
    asked = request(referendum, 70, keys.witnesses[0])
    referendum.log(said, said, said, asked, asked, asked)
    referendum.checkpoint()
    named, both = span(first, first + 6), Both(referendum, tmp_path)
    assert [one.check for one in referendum.record.void] == ["1.6"] * 4
    assert {one.culprit for one in referendum.record.void} == {"board"}
    more = referendum.write(entries.Statement("s", "en", "w" * 30_000, b""), keys.trustees[1])
    assert both.find(more, named, "budget")
    another = request(referendum, 71, keys.witnesses[0])
    assert both.find(another, named, "budget")
