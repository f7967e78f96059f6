"""Who is kept out, and how it shows: requests for accreditation, grants, words that come late."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from psephos.crypto.signature import SigningKey
from psephos.errors import PsephosError
from psephos.log.client import Client
from psephos.protocol import entries
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import Request
from psephos.protocol.request import ask, countersign, worked
from psephos.protocol.words import DAY
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from psephos.verifier.refusals import UnjustRefusal
from psephos.verifier.run import Verification
from tests.attacks.scenes import counted
from tests.attacks.test_log_budgets import Flooded

REQUEST = Request("The league", "observer", "en", "We watch.", b"", b"", bytes(8))
OPEN, SHARE, BITS = 5, 2, 6
BUDGETS = {"requests": OPEN + 7 * SHARE, "reserved": 7 * SHARE, "work": BITS}
"""Of three trustees, three witnesses and the registrar each has a share of its own."""


def stranger(number: int) -> SigningKey:
    return SigningKey(number.to_bytes(32, "big"))


def request(
    referendum: Referendum, number: int, sponsor: SigningKey | None = None, bits: int = BITS
) -> bytes:
    """A stranger's request, countersigned where there is a sponsor."""
    asked, key = REQUEST, stranger(number)
    if sponsor is not None:
        asked = replace(asked, sponsor=sponsor.public.raw)
        asked = countersign(asked, referendum.definition.hash, key.public.raw, sponsor.sign)
    return ask(referendum.definition.hash, key.public.raw, asked, bits, key.sign)


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[Flooded]:
    document, keys = sample(regions=("piraeus",), questions=(HARBOUR,), budgets=BUDGETS)
    referendum = Referendum(document, keys)
    referendum.publish()
    board = Flooded(tmp_path, referendum)
    yield board
    board.board.close()


def logged(taken: list[int | Rejection]) -> int:
    """How many the board has logged; it refused the others for the budget."""
    assert {one.reason for one in taken if isinstance(one, Rejection)} <= {"budget"}
    return sum(isinstance(one, int) for one in taken)


def test_no_single_party_keeps_an_observer_out(flooded: Flooded) -> None:
    referendum = flooded.referendum
    keys = referendum.keys
    for number, grantor in enumerate((keys.registrars[0], keys.trustees[2], keys.witnesses[1]), 1):
        assert logged(flooded.take(request(referendum, number)))
        grant = entries.Grant(stranger(number).public.raw, "The league", "observer")
        objection = entries.Objection(b"", "The question", "en", "It misleads.", b"")
        taken = flooded.take(referendum.write(grant, grantor), referendum.write(objection, stranger(number)))
        assert logged(taken) == 2


def test_a_request_that_nobody_grants_stays_in_the_log(flooded: Flooded) -> None:
    asked = request(flooded.referendum, 1)
    (index,) = flooded.take(asked)
    assert flooded.board.store.entries(flooded.board.store.size - 1, flooded.board.store.size) == [asked]
    assert flooded.take(asked) == [index], "asked again it is where it was"


def test_a_flood_of_requests_hides_none_that_is_countersigned(flooded: Flooded) -> None:
    referendum = flooded.referendum
    assert logged(flooded.take(*(request(referendum, number) for number in range(1, 50)))) == OPEN
    late = request(referendum, 99, referendum.keys.witnesses[0])
    assert logged(flooded.take(late)) == 1
    flooded.restart()
    assert logged(flooded.take(request(referendum, 100))) == 0, "a restart forgets nothing"
    flooded.now += DAY
    assert logged(flooded.take(request(referendum, 100))) == 1


def test_one_sponsor_takes_nothing_from_another(flooded: Flooded) -> None:
    referendum, keys = flooded.referendum, flooded.referendum.keys
    sybils = [request(referendum, number, keys.trustees[0]) for number in range(1, 30)]
    assert logged(flooded.take(*sybils)) == SHARE
    assert logged(flooded.take(request(referendum, 50, keys.trustees[1]))) == 1
    assert logged(flooded.take(request(referendum, 51))) == 1


def test_a_request_without_work_is_refused(flooded: Flooded) -> None:
    taken = flooded.take(*(request(flooded.referendum, number, bits=0) for number in range(1, 40)))
    reasons = {one.reason for one in taken if isinstance(one, Rejection)}
    assert "1.9" in reasons


def test_the_work_of_a_request_takes_about_a_second() -> None:
    document, _ = sample(regions=("piraeus",), questions=(HARBOUR,))
    bits = Referendum(document, sample()[1]).definition.budgets.work
    begun = time.process_time()
    worked(REQUEST, bytes(32), bytes(32), 16)
    once = (time.process_time() - begun) / 2**16
    assert bits == 20
    assert once * 2**bits < 30, "also where the processor is shared"


def test_strangers_send_no_long_bodies(flooded: Flooded) -> None:
    """A server takes 16 MiB where a party has signed the first entry: a request is nobody's."""
    assert not flooded.board.knows(request(flooded.referendum, 1))
    statement = flooded.referendum.write(
        entries.Statement("s", "en", "t", b""), flooded.referendum.keys.organiser
    )
    assert flooded.board.knows(statement)


def refused(referendum: Referendum, data: bytes, evidence: bytes, reason: str = "budget") -> bytes:
    payload = entries.Refusal(entries.decode(data).body_hash, reason, "no", evidence)
    return referendum.write(payload, referendum.keys.board, referendum.definition.hash)


def span(start: int, stop: int) -> bytes:
    return b"".join(index.to_bytes(8, "little") for index in (start, stop))


def proves(referendum: Referendum, directory: Path, data: bytes, message: bytes) -> bool:
    """Whether a refusal is evidence against the board, with the log as it is."""
    pin = referendum.export(directory)
    known = Verification(pin)
    known.follow(Client(str(directory / "record")))
    try:
        return bool(UnjustRefusal(data, message, referendum.note()).proves(known))
    except PsephosError:
        return False


def test_a_false_refusal_of_a_request_is_evidence(tmp_path: Path) -> None:
    document, keys = sample(regions=("piraeus",), questions=(HARBOUR,), budgets=BUDGETS)
    referendum = Referendum(document, keys)
    referendum.publish()
    referendum.log(*(request(referendum, number) for number in range(1, OPEN + 1)))
    referendum.checkpoint()
    full, asked = span(1, 1 + OPEN), request(referendum, 99)
    assert not proves(referendum, tmp_path, asked, refused(referendum, asked, full)), "the day was full"
    assert proves(referendum, tmp_path, asked, refused(referendum, asked, span(2, 1 + OPEN)))
    assert proves(referendum, tmp_path, asked, refused(referendum, asked, b""))
    assert proves(referendum, tmp_path, asked, refused(referendum, asked, b"", "1.9"))
    sponsored = request(referendum, 99, keys.trustees[0])
    assert proves(referendum, tmp_path, sponsored, refused(referendum, sponsored, full)), "its part was not"
    idle = request(referendum, 99, bits=0)
    if entries.decode(idle).body_hash[0] >= 1 << 8 - BITS:
        assert not proves(referendum, tmp_path, idle, refused(referendum, idle, b"", "1.9"))


def test_words_after_the_result_change_nothing() -> None:
    referendum = counted()
    totals = referendum.record.result_document()
    keys = referendum.keys
    said = [
        entries.Objection(b"", "The count", "en", "We do not accept it.", b""),
        entries.Incident("count", "Everywhere", b"", 0, 1, 2, "en", "It was loud.", b""),
        entries.Declaration("venice-2022/V37", "en", "All could watch.", b""),
        entries.Answer(bytes(32), "en", "So it was.", b""),
        entries.Grant(stranger(7).public.raw, "The league", "observer"),
    ]
    referendum.log(*(referendum.write(one, keys.trustees[0]) for one in said))
    referendum.log(request(referendum, 8, bits=20))
    assert not referendum.record.void
    assert referendum.record.result_document() == totals
    annulment = entries.Annulment(0, 0, "en", "Void.", b"")
    referendum.log(referendum.write(annulment, keys.organiser))
    assert [(one.check, one.culprit) for one in referendum.record.void] == [("1.5", "board")]
