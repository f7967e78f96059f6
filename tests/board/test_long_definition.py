"""A definition that does not fit entry 0: organiser, board and everybody who reads on."""

from __future__ import annotations

from pathlib import Path

import pytest
from vector_generator.definitions import changed

from psephos.board.entry_service import EntryService
from psephos.organiser.organiser import Organiser
from psephos.post.answers import read_answers
from psephos.post.envelope import Envelope
from psephos.protocol import entries
from psephos.protocol.entries import Refusal
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum
from tests.board.station import Station
from tests.board.test_entry_service import Waiting


@pytest.fixture(scope="module")
def nothing() -> Referendum:
    """Nothing is logged yet of a definition of some 170,000 bytes."""
    short, keys = sample(regions=("athens",), questions=(HARBOUR,), languages=("en",))
    languages = [f"a{letter}" for letter in "abcdefghijklm"]
    texts = {language: language * 2_000 for language in languages}
    wording = {"styles.0.contests.0.question": texts, "styles.0.contests.0.options": [texts, texts]}
    return Referendum(changed(short, {"styles.0.languages": languages} | wording), keys)


def published(referendum: Referendum) -> list[bytes]:
    return Organiser(referendum.definition, referendum.keys.organiser).publish()


def test_it_is_known_once_its_last_part_is_logged(nothing: Referendum) -> None:
    *first, last = published(nothing)
    assert len(first) == 3
    referendum = Referendum(nothing.document, nothing.keys)
    referendum.log(*first)
    assert (referendum.record.begun, referendum.record.phase) == (False, "log")
    referendum.log(last)
    assert (referendum.record.begun, referendum.record.beginning) == (True, 4)
    assert referendum.record.definition.hash == referendum.definition.hash
    referendum.ceremony()
    assert referendum.record.phase == "enrolment"


def test_the_board_takes_its_parts_in_order_over_a_restart_and_nothing_else(
    nothing: Referendum, tmp_path: Path
) -> None:
    station = Station(tmp_path, Referendum(nothing.document, nothing.keys))
    first, *parts = published(nothing)
    statement = nothing.write(entries.Statement("a", "en", "b", b""), nothing.keys.organiser)

    def sent(*data: bytes) -> list[str]:
        post = Waiting(Envelope(data).encode())
        service = EntryService(station.board, nothing.keys.board, nothing.definition.hash)
        assert service.serve(post) == 1
        answers = read_answers(post.answers["0"], data, nothing.keys.board.public.raw)
        return [one.reason if isinstance(one, Refusal) else "" for one in answers]

    assert sent(statement) == ["definition"]
    assert sent(first, parts[1]) == ["", "2.1"]
    assert sent(parts[0], statement) == ["", "definition"]
    station.restart()
    assert sent(*parts, statement) == ["", "", "", ""]
    assert station.board.record.definition.hash == nothing.definition.hash
    station.close()
