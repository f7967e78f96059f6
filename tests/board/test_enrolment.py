"""What the board does while people enrol: whose parts it logs, what is replaced how often, what opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psephos.board.budgets import REPLACEMENTS
from psephos.board.schedule import awaited, due, steps
from psephos.crypto.signature import SigningKey
from psephos.protocol import entries, multipart
from psephos.protocol.enrolment.admission import Rejection
from psephos.simulation.definitions import sample
from psephos.simulation.referendum import Referendum
from tests.board.station import DAYS, OPENS, SEALS, Station

REVIEW = 600
NO_BLOBS: dict[bytes, bytes] = {}


class Enrolment(Station):
    """A board of two registrars and one region, as far as a test lets it come."""

    def __init__(self, directory: Path) -> None:
        document, keys = sample(windows=DAYS, regions=("piraeus",), registrars=2, witnesses=1, quorum=1)
        referendum = Referendum(document, keys)
        referendum.publish()
        super().__init__(directory, referendum)
        self.service = self.entry_service()
        self.loop = self.board_loop(directory / "public")
        self.now = referendum.now

    @property
    def record(self):
        return self.board.record

    @property
    def closes(self) -> int:
        return self.referendum.definition.regions[0].closes

    def take(self, *data: bytes) -> list[int | Rejection]:
        """Through the gate; what is logged the other referendum, which makes entries, has too."""
        taken = [self.service.take(entries.decode(one), NO_BLOBS) for one in data]
        self.follow()
        return taken

    def follow(self) -> None:
        """Let the referendum in memory have all that the board has logged."""
        self.referendum.log(*self.logged(len(self.referendum.logged)))
        self.referendum.now = self.now

    def pour(self) -> None:
        """Let the board log what was made beside it, one by one: checkpoints are of what is on disk."""
        for one in self.referendum.logged[self.board.store.size :]:
            self.board.submit([one])

    def taken(self, *data: bytes) -> None:
        assert [one for one in self.take(*data) if isinstance(one, Rejection)] == []

    def refused(self, *data: bytes) -> str:
        """Why the last is refused; all others are not."""
        *first, last = self.take(*data)
        assert [one for one in first if isinstance(one, Rejection)] == []
        assert isinstance(last, Rejection)
        return last.reason

    def reach(self, time: int) -> None:
        """Let a time come, and the board do what is due."""
        self.now = time
        self.loop.publish()
        self.loop.open_and_seal(time)
        self.loop.publish()
        self.follow()

    def registrar(self, number: int) -> SigningKey:
        return self.referendum.keys.registrars[number - 1]

    def part(self, number: int, content: bytes = b"one") -> bytes:
        """A part of no bundle in particular."""
        (part,) = multipart.cut(content)
        return self.referendum.write(part, self.registrar(number))

    # -- how far enrolment comes

    def ceremony(self) -> None:
        """The trustees' key, and all token keys, made beside the board."""
        self.referendum.ceremony()
        self.pour()

    def roll(self, number: int, voters: int = 5) -> list[bytes]:
        content = self.referendum.roll_hashes(0, voters, number)
        closing = entries.Roll(0, voters, multipart.digest(content))
        return self.referendum.bundle(content, closing, self.registrar(number))

    def enrolled(self) -> None:
        """Everything up to the last batch, which is in effect."""
        self.ceremony()
        self.taken(*self.roll(1), *self.roll(2))
        self.referendum.give(5)
        self.pour()
        self.reach(self.closes + self.referendum.definition.tolerance)
        batch = self.referendum.batch(0, [[1, 0]] * 5)
        self.taken(*batch)
        self.taken(*self.referendum.endorse(0, batch[-1]))

    def issued(self, number: int, voters: int = 5) -> list[bytes]:
        return self.referendum.issue(0, self.referendum.roll_hashes(0, 5, number)[: 32 * voters], number)


@pytest.fixture
def enrolment(tmp_path: Path) -> Iterator[Enrolment]:
    one = Enrolment(tmp_path)
    yield one
    one.close()


def test_parts_are_taken_of_what_a_registrar_may_close_next(enrolment: Enrolment) -> None:
    assert not isinstance(enrolment.take(enrolment.part(2))[0], Rejection), "of token keys"
    enrolment.ceremony()
    assert enrolment.refused(enrolment.part(2, b"two")) == "budget", "the lead's roll comes first"
    enrolment.taken(enrolment.part(1, b"two"))
    enrolment.taken(*enrolment.roll(1), *enrolment.roll(2))
    assert enrolment.refused(enrolment.part(2, b"three")) == "budget", "only the lead cuts batches"
    enrolment.taken(enrolment.part(1, b"three"))


def test_sixteen_batches_take_the_place_of_another(enrolment: Enrolment) -> None:
    enrolment.ceremony()
    enrolment.taken(*enrolment.roll(1), *enrolment.roll(2))
    batches = [enrolment.referendum.batch(0, [[1]], last=False) for _ in range(2 + REPLACEMENTS)]
    for batch in batches[: 1 + REPLACEMENTS]:
        enrolment.taken(*batch)
    assert enrolment.refused(*batches[-1]) == "budget"
    assert not isinstance(enrolment.take(batches[0][-1])[0], Rejection), "what is there is accepted"
    standing = batches[REPLACEMENTS][-1]
    enrolment.taken(*enrolment.referendum.endorse(0, standing))
    enrolment.taken(*enrolment.referendum.batch(0, [[1]], last=False))  # of the next number
    enrolment.restart()
    restarted = enrolment.entry_service()
    assert len(enrolment.record.rosters[0].batches) == 1
    assert isinstance(restarted.take(entries.decode(batches[-1][-1]), NO_BLOBS), Rejection)


def test_sixteen_issued_take_the_place_of_another(enrolment: Enrolment) -> None:
    enrolment.enrolled()
    for voters in (3, 4, 5):
        enrolment.taken(*enrolment.issued(2, voters))
    budgets = enrolment.board._budgets
    one = entries.decode(enrolment.issued(2)[-1])
    assert budgets.fault(one, 0, enrolment.now) is None
    for place in budgets._replaced:
        budgets._replaced[place] = 1 + REPLACEMENTS
    fault = budgets.fault(one, 0, enrolment.now)
    assert fault is not None
    assert (fault.reason, fault.evidence) == ("budget", b"")
    assert budgets.fault(entries.decode(enrolment.issued(1)[-1]), 0, enrolment.now) is None


def test_a_region_opens_when_all_have_issued_and_the_review_is_over(enrolment: Enrolment) -> None:
    enrolment.enrolled()
    enrolment.taken(*enrolment.issued(1))
    enrolment.reach(OPENS - 2 * REVIEW)
    assert enrolment.record.rosters[0].waited_for() == [2]
    enrolment.reach(OPENS)
    assert list(steps(enrolment.record, OPENS)) == [], "registrar 2 has not issued"
    enrolment.taken(*enrolment.issued(2))
    enrolment.reach(OPENS + 10)
    assert list(due(enrolment.record, OPENS + 10)) == [], "nobody could look yet"
    assert OPENS + 10 + REVIEW in list(awaited(enrolment.record))
    size = enrolment.board.store.size
    enrolment.reach(OPENS + 9 + REVIEW)
    assert enrolment.board.store.size == size
    enrolment.reach(OPENS + 10 + REVIEW)
    assert enrolment.record.windows[0].open_day == 1
    assert OPENS + 10 + REVIEW not in list(awaited(enrolment.record))
    logged = [type(entries.decode(one).payload) for one in enrolment.logged(size)]
    assert logged[:2] == [entries.CheckpointEntry, entries.Open]


def test_the_close_of_an_enrolment_is_shown_by_a_checkpoint(enrolment: Enrolment) -> None:
    enrolment.ceremony()
    enrolment.taken(*enrolment.roll(1), *enrolment.roll(2))
    shown = enrolment.closes + enrolment.referendum.definition.tolerance
    enrolment.reach(shown - 1)
    assert enrolment.record.time == shown - 1
    last = enrolment.referendum.batch(0, [[1]])
    assert enrolment.refused(*last) == "1.6", "nobody has seen the close"
    enrolment.reach(shown + 60)
    assert enrolment.record.time == shown + 60
    enrolment.taken(last[-1])
    size = enrolment.board.store.size
    enrolment.reach(shown + 120)
    assert enrolment.board.store.size == size + 1, "the batch is covered; nothing else is waited for"


def test_a_close_that_comes_while_witnesses_are_asked_is_shown_at_once(enrolment: Enrolment) -> None:
    enrolment.ceremony()
    enrolment.taken(*enrolment.roll(1), *enrolment.roll(2))
    shown = enrolment.closes + enrolment.referendum.definition.tolerance
    enrolment.now = shown - 100
    enrolment.board.witness()
    enrolment.now = shown  # before what they said is logged
    enrolment.board.log_witnessed()
    enrolment.loop.publish()
    assert enrolment.record.time == shown


def test_a_region_that_never_opened_is_out_and_its_notice_names_who_was_missing(
    enrolment: Enrolment,
) -> None:
    enrolment.enrolled()
    enrolment.taken(*enrolment.issued(1))
    enrolment.reach(OPENS)
    enrolment.reach(SEALS + 60)
    assert enrolment.record.rosters[0].out
    (notice,) = enrolment.record.notices
    assert notice.check == "4.7"
    assert "registrar 2" in notice.message
    assert "registrar 1" not in notice.message
    assert list(awaited(enrolment.record)) == []
    assert list(steps(enrolment.record, SEALS + 60)) == []
