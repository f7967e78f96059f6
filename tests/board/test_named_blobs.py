"""Texts and map that a definition names: the board takes it with all of them, and keeps nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from psephos.board.board import Board
from psephos.board.entry_service import EntryService
from psephos.board.places import places
from psephos.errors import FormatError
from psephos.organiser.organiser import Organiser
from psephos.protocol.enrolment.admission import Rejection
from psephos.protocol.entries import decode
from psephos.protocol.setup.document import parse
from psephos.protocol.setup.explanations import LONGEST_TEXT, read_text
from psephos.protocol.setup.head import hash_of
from psephos.simulation.definitions import HARBOUR, sample
from psephos.simulation.referendum import Referendum

FOR, LAND = b"It brings ships.\n\nAnd fish.", b'{"features":[],"type":"FeatureCollection"}'
BLOBS = {sha256(data).digest(): data for data in (FOR, LAND)}
LONG: dict[str, object] = {"called_by": {"en": "x" * 4_000}, "channels": [{"en": "y" * 4_000}] * 20}
"""Members of a definition that stands in parts."""


def named(**more: object) -> Referendum:
    """A referendum that names two blobs; nothing of it is logged."""
    texts = [{"contest": "harbour", "option": "yes", "files": {"en": sha256(FOR).hexdigest()}}]
    document, keys = sample(
        regions=("athens",),
        questions=(HARBOUR,),
        languages=("en",),
        texts=texts,
        map={"geojson": sha256(LAND).hexdigest()},
        **more,
    )
    return Referendum(document, keys)


def begin(
    directory: Path,
    referendum: Referendum,
    blobs: Mapping[bytes, bytes],
    entries: Sequence[bytes] | None = None,
) -> tuple[list[object], Board]:
    """What a board says to each entry of the definition, all of which come with these blobs."""
    definition, keys = referendum.definition, referendum.keys
    places(directory, None)
    board = Board(directory, definition.board.origin, keys.board, {}, lambda: 0)
    service = EntryService(board, keys.board, definition.hash)
    published = Organiser(definition, keys.organiser).publish() if entries is None else entries
    return [service.take(decode(one), blobs) for one in published], board


@pytest.mark.parametrize("more", [{}, LONG])
def test_a_definition_comes_with_what_it_names(tmp_path: Path, more: dict[str, object]) -> None:
    referendum = named(**more)
    other = {sha256(b"more").digest(): b"more"}
    said, board = begin(tmp_path, referendum, BLOBS | other)
    assert said == list(range(3 if more else 1))
    assert board.record.begun
    assert board.store.blobs() == sorted(digest.hex() for digest in BLOBS)
    board.close()


@pytest.mark.parametrize("more", [{}, LONG])
def test_a_definition_is_parsed_and_hashed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, object]
) -> None:
    parsed: list[str] = []

    def counted(name: str, function: Callable[[bytes], object]) -> Callable[[bytes], object]:
        def counting(document: bytes) -> object:
            parsed.append(name)
            return function(document)

        return counting

    referendum = named(**more)
    monkeypatch.setattr("psephos.protocol.record.parse", counted("parse", parse))
    monkeypatch.setattr("psephos.protocol.setup.arrival.hash_of", counted("hash", hash_of))
    monkeypatch.setattr("psephos.board.entry_service.hash_of", counted("hash", hash_of))
    entries = [*Organiser(referendum.definition, referendum.keys.organiser).publish()]
    parsed.clear()
    _, board = begin(tmp_path, referendum, BLOBS, entries)
    assert parsed == ["hash", "parse"]
    board.close()


def test_without_one_of_them_it_is_not_taken_and_nothing_is_kept(tmp_path: Path) -> None:
    lacking = sha256(LAND).digest()
    blobs = {digest: data for digest, data in BLOBS.items() if digest != lacking}
    [said], board = begin(tmp_path, named(), blobs)
    assert isinstance(said, Rejection)
    assert (said.reason, lacking.hex() in said.detail) == ("blob", True)
    assert (board.store.size, board.store.blobs(), board.record.begun) == (0, [], False)
    board.close()


def test_what_came_with_a_refused_definition_is_not_kept(tmp_path: Path) -> None:
    referendum = named()
    referendum.keys = sample(regions=("athens",), seed=b"\x01" * 32)[1]  # another organiser signs
    [said], board = begin(tmp_path, referendum, BLOBS)
    assert isinstance(said, Rejection)
    assert (said.reason, board.store.blobs()) == ("2.1", [])
    board.close()


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"a\tb", b"a\r\n", b"\xc2\x85", b"\x7f", b"x" * (LONGEST_TEXT + 1)]
)
def test_a_text_is_plain(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_text(data, sha256(data).digest())


def test_a_text_is_the_one_that_is_named() -> None:
    assert read_text(FOR, sha256(FOR).digest()) == FOR.decode()
    with pytest.raises(FormatError, match="another SHA-256"):
        read_text(FOR + b"!", sha256(FOR).digest())
